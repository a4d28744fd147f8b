//! SQL of how receipts ended.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::receipt_ends as e;
use crate::error::Result;

/// Notes how the receipts of a tip ended; the last end counts.
pub async fn insert_ends(conn: &mut Conn, tip: Uuid, how: &str, at: DateTime<Utc>) -> Result<()> {
    diesel::sql_query(
        "insert into receipt_ends (hash, how, at) select hash, $2, $3 from receipts where tip_id = $1
         on conflict (hash) do update set how = excluded.how, at = excluded.at",
    )
    .bind::<st::Uuid, _>(tip)
    .bind::<st::Text, _>(how)
    .bind::<st::Timestamptz, _>(at)
    .execute(conn)
    .await?;
    Ok(())
}

/// How a receipt ended since a time.
pub async fn find_end(
    conn: &mut Conn,
    hash: &[u8],
    since: DateTime<Utc>,
) -> Result<Option<(String, DateTime<Utc>)>> {
    Ok(e::table
        .filter(e::hash.eq(hash).and(e::at.gt(since)))
        .select((e::how, e::at))
        .first(conn)
        .await
        .optional()?)
}

/// Forgets what ended before a time.
pub async fn delete_ends(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::delete(e::table.filter(e::at.le(before)))
        .execute(conn)
        .await?)
}
