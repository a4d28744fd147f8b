//! By what a key is known again: a value that only the key gives is kept in the database that it is used with.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::Conn;
use super::schema::key_checks as k;
use crate::error::Result;

/// The value kept under a name.
pub async fn kept(conn: &mut Conn, name: &str) -> Result<Option<Vec<u8>>> {
    Ok(k::table
        .find(name)
        .select(k::value)
        .first(conn)
        .await
        .optional()?)
}

/// Keeps a value where none is kept yet; returns the one that is kept now.
pub async fn keep(
    conn: &mut Conn,
    name: &str,
    value: &[u8],
    now: DateTime<Utc>,
) -> Result<Vec<u8>> {
    diesel::insert_into(k::table)
        .values((k::name.eq(name), k::value.eq(value), k::noted_at.eq(now)))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(kept(conn, name).await?.unwrap_or_else(|| value.to_vec()))
}

/// Puts another value in the place of the one kept.
pub async fn replace(conn: &mut Conn, name: &str, value: &[u8], now: DateTime<Utc>) -> Result<()> {
    diesel::update(k::table.find(name))
        .set((k::value.eq(value), k::noted_at.eq(now)))
        .execute(conn)
        .await?;
    Ok(())
}
