//! SQL of what was announced of the limits of tips.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::tip_announcements as a;
use crate::error::Result;

/// What was announced of these tips, locked; of one that is looked at the first time, nothing. Trials have no limits.
pub async fn lock_announced(conn: &mut Conn, tips: &[Uuid]) -> Result<Vec<(Uuid, Value)>> {
    diesel::sql_query(
        "insert into tip_announcements (tip_id)
         select tip_id from tip_states where tip_id = any($1) and not test order by tip_id
         on conflict do nothing",
    )
    .bind::<st::Array<st::Uuid>, _>(tips)
    .execute(conn)
    .await?;
    Ok(a::table
        .select((a::tip_id, a::announced))
        .filter(a::tip_id.eq_any(tips))
        .order(a::tip_id)
        .for_update()
        .load(conn)
        .await?)
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
        "update tip_announcements a set announced = n.announced, announce_at = n.next
         from unnest($1, $2, $3) as n (tip_id, announced, next) where a.tip_id = n.tip_id",
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
