//! SQL of what follows from the clocks of cases: what is due, what is to be announced.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::CaseRow;
use crate::db::Conn;
use crate::db::schema::cases as c;
use crate::error::Result;

/// Writes how urgent the most urgent of its tips is.
pub async fn set_score(conn: &mut Conn, id: Uuid) -> Result<()> {
    diesel::sql_query(
        "update cases set score = coalesce((
            select max(s.score) from case_members m join tip_states s on s.tip_id = m.tip_id
            where m.case_id = $1 and m.removed_at is null), 0)
         where id = $1",
    )
    .bind::<st::Uuid, _>(id)
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes when the next deadline ends and when something is announced next.
pub async fn set_due(
    conn: &mut Conn,
    id: Uuid,
    next_due_at: Option<DateTime<Utc>>,
    announce_at: Option<DateTime<Utc>>,
) -> Result<()> {
    diesel::update(c::table.filter(c::id.eq(id)))
        .set((
            c::next_due_at.eq(next_due_at),
            c::announce_at.eq(announce_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// What was announced: each deadline, and everything before a time where an earlier version kept no more.
pub type Told = (Value, Option<DateTime<Utc>>);

/// What was announced of the deadlines of a case.
pub async fn announced(conn: &mut Conn, id: Uuid) -> Result<Told> {
    Ok(c::table
        .select((c::announced, c::announced_until))
        .filter(c::id.eq(id))
        .first(conn)
        .await?)
}

/// Notes what was announced.
pub async fn set_announced(conn: &mut Conn, id: Uuid, announced: &Value) -> Result<()> {
    diesel::update(c::table.filter(c::id.eq(id)))
        .set((
            c::announced.eq(announced),
            c::announced_until.eq(None::<DateTime<Utc>>),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Cases with something to announce, locked, and what was announced.
pub async fn to_announce(
    conn: &mut Conn,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(CaseRow, Told)>> {
    Ok(c::table
        .filter(c::announce_at.le(now))
        .filter(c::merged_into.is_null())
        .order(c::announce_at)
        .limit(limit)
        .select((CaseRow::as_select(), (c::announced, c::announced_until)))
        .for_update()
        .skip_locked()
        .load(conn)
        .await?)
}

/// Has the announcer look at the clock of a tip's case anew: what its reporter was told, or who it is, has changed.
pub async fn look_again_at(conn: &mut Conn, tip: Uuid, at: DateTime<Utc>) -> Result<()> {
    diesel::sql_query(
        "update cases set announce_at = least(announce_at, $2)
         where id = (select case_id from tip_states where tip_id = $1)",
    )
    .bind::<st::Uuid, _>(tip)
    .bind::<st::Timestamptz, _>(at)
    .execute(conn)
    .await?;
    Ok(())
}

/// Has the announcer look at the clocks of a case anew, at a time.
pub async fn look_again_at_case(conn: &mut Conn, case: Uuid, at: DateTime<Utc>) -> Result<()> {
    diesel::sql_query("update cases set announce_at = least(announce_at, $2) where id = $1")
        .bind::<st::Uuid, _>(case)
        .bind::<st::Timestamptz, _>(at)
        .execute(conn)
        .await?;
    Ok(())
}

/// Has the announcer look at every running clock anew, at a time.
pub async fn look_again(conn: &mut Conn, at: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::sql_query(
        "update cases set announce_at = least(announce_at, $1)
         where next_due_at is not null and merged_into is null",
    )
    .bind::<st::Timestamptz, _>(at)
    .execute(conn)
    .await?)
}
