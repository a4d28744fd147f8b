//! SQL of claims and decisions.

mod claim;
mod flood;
mod repeats;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::tip_decisions;
use crate::error::{Error, Result};

pub use claim::{Claim, claim};
pub use flood::{Dismissable, FloodOf, dismissable};
pub use repeats::{lock_repeats, repeats_through};

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = st::Uuid)]
    id: Uuid,
}

/// Frees tips whose lease has run out.
pub async fn free_expired(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::sql_query(
        "update tip_states set status = 'received', claimed_by = null, lease_expires_at = null,
                unclaimed_since = lease_expires_at
         where tip_id in (select tip_id from tip_states
                          where status = 'claimed' and lease_expires_at <= $1
                          limit 500 for update skip locked)",
    )
    .bind::<st::Timestamptz, _>(now)
    .execute(conn)
    .await?)
}

/// Desks that a client is confined to.
pub async fn desks_of_clients(conn: &mut Conn) -> Result<Vec<String>> {
    use crate::db::schema::clients as c;
    let desks: Vec<Option<String>> = c::table
        .filter(c::disabled_at.is_null().and(c::desk.is_not_null()))
        .select(c::desk)
        .distinct()
        .load(conn)
        .await?;
    Ok(desks.into_iter().flatten().collect())
}

/// A critical tip that waits without an officer.
#[derive(QueryableByName)]
pub struct Waiting {
    #[diesel(sql_type = st::Uuid)]
    pub tip_id: Uuid,
    #[diesel(sql_type = st::Text)]
    pub desk: String,
    #[diesel(sql_type = st::SmallInt)]
    pub score: i16,
    #[diesel(sql_type = st::Timestamptz)]
    pub since: DateTime<Utc>,
}

/// Critical tips unclaimed since `before`, and not called for since then; each is noted as called for.
pub async fn take_unclaimed(
    conn: &mut Conn,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Waiting>> {
    Ok(diesel::sql_query(
        "with waiting as (
            select tip_id, case status when 'claimed' then lease_expires_at
                           else coalesce(unclaimed_since, received_at) end as since
            from tip_states
            where level = 'critical' and status in ('received', 'claimed') and not test
              and greatest(case status when 'claimed' then lease_expires_at
                           else coalesce(unclaimed_since, received_at) end, unclaimed_told_at) <= $1
            order by greatest(case status when 'claimed' then lease_expires_at
                              else coalesce(unclaimed_since, received_at) end, unclaimed_told_at)
            limit $3 for update skip locked)
         update tip_states s set unclaimed_told_at = $2 from waiting w where s.tip_id = w.tip_id
         returning s.tip_id, s.desk, s.score, w.since",
    )
    .bind::<st::Timestamptz, _>(before)
    .bind::<st::Timestamptz, _>(now)
    .bind::<st::BigInt, _>(limit)
    .load(conn)
    .await?)
}

/// A decision on its way into the database.
#[derive(Insertable)]
#[diesel(table_name = tip_decisions)]
pub struct NewDecision<'a> {
    pub id: Uuid,
    pub tip_id: Uuid,
    pub decision: &'a str,
    pub reason: Option<String>,
    pub note: Option<String>,
    pub case_id: Option<Uuid>,
    pub duplicate_of: Option<Uuid>,
    pub agency: Option<&'a str>,
    pub decided_by: &'a str,
    pub decided_at: DateTime<Utc>,
    pub state_before: Value,
}

/// Keeps a decision.
pub async fn insert_decision(conn: &mut Conn, decision: &NewDecision<'_>) -> Result<()> {
    diesel::insert_into(tip_decisions::table)
        .values(decision)
        .execute(conn)
        .await?;
    Ok(())
}

/// A decision that was taken.
#[derive(HasQuery)]
#[diesel(table_name = tip_decisions, check_for_backend(diesel::pg::Pg))]
pub struct DecisionRow {
    pub id: Uuid,
    pub decided_by: String,
    pub decided_at: DateTime<Utc>,
    pub state_before: Value,
    pub undone_at: Option<DateTime<Utc>>,
}

/// One decision of a tip.
pub async fn find_decision(conn: &mut Conn, tip: Uuid, id: Uuid) -> Result<DecisionRow> {
    DecisionRow::query()
        .filter(tip_decisions::id.eq(id).and(tip_decisions::tip_id.eq(tip)))
        .first(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("decision"))
}

/// Whether it is the latest decision of the tip that stands.
pub async fn is_latest(conn: &mut Conn, tip: Uuid, id: Uuid) -> Result<bool> {
    let latest: Option<Uuid> = tip_decisions::table
        .select(tip_decisions::id)
        .filter(
            tip_decisions::tip_id
                .eq(tip)
                .and(tip_decisions::undone_at.is_null()),
        )
        .order(tip_decisions::decided_at.desc())
        .first(conn)
        .await
        .optional()?;
    Ok(latest == Some(id))
}

/// Notes that a decision was undone: it stands no more, and stays in the history.
pub async fn mark_undone(conn: &mut Conn, id: Uuid, at: DateTime<Utc>) -> Result<()> {
    diesel::update(tip_decisions::table.filter(tip_decisions::id.eq(id)))
        .set(tip_decisions::undone_at.eq(at))
        .execute(conn)
        .await?;
    Ok(())
}

/// The notes of the decisions on a tip.
pub async fn decision_notes(conn: &mut Conn, tip: Uuid) -> Result<Vec<(Uuid, String)>> {
    use tip_decisions as d;
    Ok(d::table
        .filter(d::tip_id.eq(tip).and(d::note.is_not_null()))
        .select((d::id, d::note.assume_not_null()))
        .order(d::id)
        .load(conn)
        .await?)
}

/// Puts another text in the place of a decision's note.
pub async fn rewrite_decision_note(conn: &mut Conn, id: Uuid, text: &str) -> Result<()> {
    diesel::update(tip_decisions::table.find(id))
        .set(tip_decisions::note.eq(text))
        .execute(conn)
        .await?;
    Ok(())
}
