//! SQL of what follows from the clocks of cases: what is due, what is to be announced.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
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

/// Writes when the next deadline ends and what is announced next.
pub async fn set_due(
    conn: &mut Conn,
    id: Uuid,
    next_due_at: Option<DateTime<Utc>>,
    announce_at: Option<DateTime<Utc>>,
    announced_until: DateTime<Utc>,
) -> Result<()> {
    diesel::update(c::table.filter(c::id.eq(id)))
        .set((
            c::next_due_at.eq(next_due_at),
            c::announce_at.eq(announce_at),
            c::announced_until.eq(announced_until),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Until when everything is announced.
pub async fn announced_until(conn: &mut Conn, id: Uuid) -> Result<Option<DateTime<Utc>>> {
    Ok(c::table
        .select(c::announced_until)
        .filter(c::id.eq(id))
        .first(conn)
        .await?)
}

/// Cases with something to announce, locked, and since when nothing was announced.
pub async fn to_announce(
    conn: &mut Conn,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(CaseRow, DateTime<Utc>)>> {
    let rows: Vec<(CaseRow, Option<DateTime<Utc>>)> = c::table
        .filter(c::announce_at.le(now))
        .filter(c::merged_into.is_null())
        .order(c::announce_at)
        .limit(limit)
        .select((CaseRow::as_select(), c::announced_until))
        .for_update()
        .skip_locked()
        .load(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(case, since)| (case, since.unwrap_or(now)))
        .collect())
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
