//! SQL of verdicts: one is in force, and one may wait to take its place.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::indicator_verdicts as v;
use crate::error::Result;

/// A verdict.
#[derive(Clone, HasQuery, Insertable)]
#[diesel(table_name = v, check_for_backend(diesel::pg::Pg))]
pub struct VerdictRow {
    pub id: Uuid,
    pub key: Vec<u8>,
    pub verdict: String,
    pub reason: String,
    pub note: Option<String>,
    pub source: Option<String>,
    pub checked_at: Option<NaiveDate>,
    pub given_by: String,
    pub given_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub approved_by: Option<String>,
    pub approved_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub waits: bool,
    pub independent: Option<i32>,
}

/// The verdict in force, or the first one while it waits for approval.
pub async fn current_verdict(conn: &mut Conn, key: &[u8]) -> Result<Option<VerdictRow>> {
    one_verdict(conn, key, false).await
}

/// What was proposed beside the verdict in force, to take its place once it is approved.
pub async fn proposed_verdict(conn: &mut Conn, key: &[u8]) -> Result<Option<VerdictRow>> {
    one_verdict(conn, key, true).await
}

async fn one_verdict(conn: &mut Conn, key: &[u8], waits: bool) -> Result<Option<VerdictRow>> {
    let open = v::ended_at.is_null().and(v::waits.eq(waits));
    Ok(VerdictRow::query()
        .filter(v::key.eq(key).and(open))
        .first(conn)
        .await
        .optional()?)
}

/// Current verdicts of some indicators.
pub async fn current_verdicts(conn: &mut Conn, keys: &[Vec<u8>]) -> Result<Vec<VerdictRow>> {
    Ok(VerdictRow::query()
        .filter(v::key.eq_any(keys).and(v::ended_at.is_null()))
        .filter(v::waits.eq(false))
        .load(conn)
        .await?)
}

/// All verdicts of one, newest first.
pub async fn verdict_history(conn: &mut Conn, key: &[u8]) -> Result<Vec<VerdictRow>> {
    Ok(VerdictRow::query()
        .filter(v::key.eq(key))
        .order((v::given_at.desc(), v::id.desc()))
        .limit(100)
        .load(conn)
        .await?)
}

/// How often the verdicts of one have changed: given, approved, ended.
pub async fn verdict_version(conn: &mut Conn, key: &[u8]) -> Result<i32> {
    use diesel::dsl::{count, count_star};
    let (given, approved, ended): (i64, i64, i64) = v::table
        .filter(v::key.eq(key))
        .select((count_star(), count(v::approved_at), count(v::ended_at)))
        .get_result(conn)
        .await?;
    Ok(i32::try_from(given + approved + ended).unwrap_or(i32::MAX))
}

/// Ends the current verdict and whatever waits to take its place.
pub async fn end_verdict(conn: &mut Conn, key: &[u8], at: DateTime<Utc>) -> Result<usize> {
    Ok(
        diesel::update(v::table.filter(v::key.eq(key).and(v::ended_at.is_null())))
            .set(v::ended_at.eq(at))
            .execute(conn)
            .await?,
    )
}

/// Takes back what waits to take the place of an official entry.
pub async fn end_proposed(conn: &mut Conn, key: &[u8], at: DateTime<Utc>) -> Result<usize> {
    let open = v::ended_at.is_null().and(v::waits.eq(true));
    Ok(diesel::update(v::table.filter(v::key.eq(key).and(open)))
        .set(v::ended_at.eq(at))
        .execute(conn)
        .await?)
}

/// Independent reports of an indicator so far.
pub async fn independent_reports(conn: &mut Conn, key: &[u8]) -> Result<i32> {
    let figures = super::figures(conn, &[key.to_vec()]).await?;
    Ok(figures
        .into_iter()
        .next()
        .map_or(0, |figure| figure.independent))
}

/// Adds a verdict.
pub async fn insert_verdict(conn: &mut Conn, row: &VerdictRow) -> Result<()> {
    diesel::insert_into(v::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// Approves a verdict, which waits no longer.
pub async fn approve_verdict(
    conn: &mut Conn,
    verdict: &VerdictRow,
    by: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    if verdict.waits {
        let in_force = v::key
            .eq(&verdict.key)
            .and(v::ended_at.is_null())
            .and(v::waits.eq(false));
        diesel::update(v::table.filter(in_force))
            .set(v::ended_at.eq(at))
            .execute(conn)
            .await?;
    }
    diesel::update(v::table.filter(v::id.eq(verdict.id)))
        .set((
            v::approved_by.eq(by),
            v::approved_at.eq(at),
            v::waits.eq(false),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends verdicts whose time is over; returns them as they were.
pub async fn end_expired(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<VerdictRow>> {
    Ok(
        diesel::update(v::table.filter(v::ended_at.is_null().and(v::expires_at.le(now))))
            .set(v::ended_at.eq(now))
            .returning(VerdictRow::as_returning())
            .get_results(conn)
            .await?,
    )
}
