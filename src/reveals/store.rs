//! SQL of reveals.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{cases, reporter_blind_indexes, reveals, submissions, tip_states, tips};
use crate::error::{Error, Result};
use crate::tips::{TipState, Visibility};

/// A request for a reveal.
#[derive(HasQuery, Insertable)]
#[diesel(table_name = reveals, check_for_backend(diesel::pg::Pg))]
pub struct RevealRow {
    pub id: Uuid,
    pub tip_id: Uuid,
    pub subject: String,
    pub purpose: String,
    pub requested_by: String,
    pub requested_at: DateTime<Utc>,
    pub needs_approval: bool,
    pub approved_by: Option<String>,
    pub approved_at: Option<DateTime<Utc>>,
    pub expires_at: DateTime<Utc>,
}

pub async fn insert(conn: &mut Conn, row: &RevealRow) -> Result<()> {
    diesel::insert_into(reveals::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// The officer's latest request that needs approval and has not run out.
pub async fn find_open(
    conn: &mut Conn,
    tip: Uuid,
    subject: &str,
    by: &str,
    now: DateTime<Utc>,
) -> Result<Option<RevealRow>> {
    use reveals as r;
    Ok(RevealRow::query()
        .filter(r::tip_id.eq(tip).and(r::subject.eq(subject)))
        .filter(r::requested_by.eq(by).and(r::needs_approval))
        .filter(r::expires_at.gt(now))
        .order(r::id.desc())
        .first(conn)
        .await
        .optional()?)
}

/// Locks a request.
pub async fn lock(conn: &mut Conn, id: Uuid) -> Result<RevealRow> {
    reveals::table
        .select(RevealRow::as_select())
        .filter(reveals::id.eq(id).and(reveals::needs_approval))
        .for_update()
        .first(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("reveal"))
}

pub async fn approve(conn: &mut Conn, row: &RevealRow) -> Result<()> {
    use reveals as r;
    diesel::update(r::table.filter(r::id.eq(row.id)))
        .set((
            r::approved_by.eq(&row.approved_by),
            r::approved_at.eq(row.approved_at),
            r::expires_at.eq(row.expires_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Requests about tips that the bearer may see, newest first, before an id; one more than `limit`.
pub async fn list(
    conn: &mut Conn,
    visible: &Visibility,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<RevealRow>> {
    let tips = visible
        .confine(tip_states::table.into_boxed())
        .select(tip_states::tip_id);
    Ok(RevealRow::query()
        .filter(reveals::id.lt(before.unwrap_or(Uuid::max())))
        .filter(reveals::tip_id.eq_any(tips))
        .order(reveals::id.desc())
        .limit(limit + 1)
        .load(conn)
        .await?)
}

/// Who opened a case and who works on it.
pub async fn workers(conn: &mut Conn, case: Uuid) -> Result<Option<(String, Option<String>)>> {
    Ok(cases::table
        .select((cases::opened_by, cases::assignee))
        .filter(cases::id.eq(case))
        .first(conn)
        .await
        .optional()?)
}

/// What a tip says besides its columns: the reporter's wishes among it.
pub async fn details(conn: &mut Conn, tip: Uuid) -> Result<Value> {
    Ok(tips::table
        .select(tips::details)
        .filter(tips::id.eq(tip))
        .first(conn)
        .await?)
}

/// A submission with its sealed bytes.
#[derive(HasQuery)]
#[diesel(table_name = submissions, check_for_backend(diesel::pg::Pg))]
pub struct SealedRow {
    pub id: Uuid,
    pub content_type: String,
    pub digest: Vec<u8>,
    pub key_id: String,
    pub wrapped_key: Option<Vec<u8>>,
    pub sealed: Option<Vec<u8>>,
}

/// One submission of a tip, or its first.
pub async fn sealed(conn: &mut Conn, tip: Uuid, id: Option<Uuid>) -> Result<SealedRow> {
    SealedRow::query()
        .filter(submissions::tip_id.eq(tip))
        .filter(submissions::id.ge(id.unwrap_or(Uuid::nil())))
        .filter(submissions::id.le(id.unwrap_or(Uuid::max())))
        .order(submissions::id)
        .first(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("submission"))
}

/// Other tips whose reporter has a phone, e-mail or ID number in common, newest first, before an id;
/// one more than `limit`.
pub async fn same_reporter(
    conn: &mut Conn,
    visible: &Visibility,
    tip: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<TipState>> {
    use reporter_blind_indexes as b;
    let (mine, other) = diesel::alias!(
        reporter_blind_indexes as mine,
        reporter_blind_indexes as other
    );
    let hashes = mine
        .select(mine.field(b::hash))
        .filter(mine.field(b::tip_id).eq(tip));
    let found = other
        .select(other.field(b::tip_id))
        .filter(other.field(b::hash).eq_any(hashes));
    Ok(visible
        .confine(tip_states::table.into_boxed())
        .filter(tip_states::tip_id.eq_any(found))
        .filter(tip_states::tip_id.ne(tip))
        .filter(tip_states::tip_id.lt(before.unwrap_or(Uuid::max())))
        .order(tip_states::tip_id.desc())
        .limit(limit + 1)
        .select(TipState::as_select())
        .load(conn)
        .await?)
}
