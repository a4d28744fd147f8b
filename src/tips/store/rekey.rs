//! SQL of key rotation: what of it is about tips alone.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{reporter_identities as r, submissions as s};
use crate::error::Result;
use crate::keys::Wrapped;

/// The newest data keys of submissions: owner and wrapped key.
pub async fn newest_wrapped(conn: &mut Conn, limit: i64) -> Result<Vec<(Uuid, Wrapped)>> {
    let rows: Vec<(Uuid, String, Vec<u8>)> = s::table
        .filter(s::wrapped_key.is_not_null())
        .select((s::id, s::key_id, s::wrapped_key.assume_not_null()))
        .order(s::id.desc())
        .limit(limit)
        .load(conn)
        .await?;
    let wrapped = |(id, key_id, bytes)| (id, Wrapped { key_id, bytes });
    Ok(rows.into_iter().map(wrapped).collect())
}

/// How many identities another key than `current` wraps, or an earlier form sealed, those included that somebody works
/// on.
pub async fn count_identities_otherwise(
    conn: &mut Conn,
    current: &str,
    sealed_as: i16,
) -> Result<i64> {
    Ok(r::table
        .filter(r::key_id.ne(current).or(r::sealed_as.lt(sealed_as)))
        .count()
        .get_result(conn)
        .await?)
}

/// How many submissions that came since a time are wrapped by another key than `current`.
pub async fn count_otherwise_since(
    conn: &mut Conn,
    current: &str,
    since: DateTime<Utc>,
) -> Result<i64> {
    Ok(s::table
        .filter(s::key_id.ne(current).and(s::wrapped_key.is_not_null()))
        .filter(s::received_at.ge(since))
        .count()
        .get_result(conn)
        .await?)
}
