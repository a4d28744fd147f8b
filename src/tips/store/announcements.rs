//! SQL of what was announced of the limits of tips.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{tip_announcements as a, tip_states as s};
use crate::error::Result;

/// Has those of these tips that came within the last hour and were never looked at looked at later; returns them.
pub async fn look_later(
    conn: &mut Conn,
    tips: &[Uuid],
    now: DateTime<Utc>,
    later: TimeDelta,
) -> Result<HashSet<Uuid>> {
    let rows: Vec<TipId> = diesel::sql_query(
        "insert into tip_announcements (tip_id, announce_at)
         select tip_id, $2 from tip_states
         where tip_id = any($1) and not test and status = 'received'
           and coalesce(reached_at, received_at) > $2 - $3 - interval '1 hour'
         order by tip_id
         on conflict do nothing returning tip_id",
    )
    .bind::<st::Array<st::Uuid>, _>(tips)
    .bind::<st::Timestamptz, _>(now + later)
    .bind::<st::Interval, _>(later)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.tip_id).collect())
}

#[derive(QueryableByName)]
struct TipId {
    #[diesel(sql_type = st::Uuid)]
    tip_id: Uuid,
}

/// What was announced of these tips, locked; of one that is looked at the first time, nothing. Trials have no limits.
pub async fn lock_announced(conn: &mut Conn, tips: &[Uuid]) -> Result<Vec<(Uuid, Value)>> {
    let known = a::table
        .select((a::tip_id, a::announced))
        .filter(a::tip_id.eq_any(tips))
        .order(a::tip_id)
        .for_update()
        .load(conn)
        .await?;
    let mut known: HashMap<Uuid, Value> = known.into_iter().collect();
    let all: Vec<Uuid> = s::table
        .select(s::tip_id)
        .filter(s::tip_id.eq_any(tips).and(s::test.eq(false)))
        .load(conn)
        .await?;
    let of = |tip| (tip, known.remove(&tip).unwrap_or_default());
    Ok(all.into_iter().map(of).collect())
}

/// Tips to look at now, locked.
pub async fn due_for_announcement(
    conn: &mut Conn,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(Uuid, Value)>> {
    Ok(a::table
        .select((a::tip_id, a::announced))
        .filter(a::announce_at.le(now))
        .order(a::announce_at)
        .limit(limit)
        .for_update()
        .skip_locked()
        .load(conn)
        .await?)
}

/// What is written of a tip after a look.
pub struct Looked {
    pub tip: Uuid,
    pub announced: Value,
    pub next: Option<DateTime<Utc>>,
}

/// Notes what was announced, and when to look again.
pub async fn set_announced(conn: &mut Conn, looked: &[Looked]) -> Result<()> {
    let tips: Vec<Uuid> = looked.iter().map(|one| one.tip).collect();
    let announced: Vec<&Value> = looked.iter().map(|one| &one.announced).collect();
    let next: Vec<Option<DateTime<Utc>>> = looked.iter().map(|one| one.next).collect();
    diesel::sql_query(
        "insert into tip_announcements (tip_id, announced, announce_at)
         select n.tip_id, n.announced, n.next from unnest($1, $2, $3) as n (tip_id, announced, next)
         order by n.tip_id
         on conflict (tip_id) do update set announced = excluded.announced, announce_at = excluded.announce_at",
    )
    .bind::<st::Array<st::Uuid>, _>(tips)
    .bind::<st::Array<st::Jsonb>, _>(announced)
    .bind::<st::Array<st::Nullable<st::Timestamptz>>, _>(next)
    .execute(conn)
    .await?;
    Ok(())
}

/// Has every limit that runs looked at anew, at a time.
pub async fn look_at_limits_again(conn: &mut Conn, at: DateTime<Utc>) -> Result<()> {
    diesel::sql_query(
        "update tip_announcements set announce_at = least(announce_at, $1) where announce_at is not null",
    )
    .bind::<st::Timestamptz, _>(at)
    .execute(conn)
    .await?;
    Ok(())
}
