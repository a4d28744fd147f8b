//! SQL of erasures that a restored backup does not know.

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{submissions as s, tips as t};
use crate::error::Result;

/// Whether a tip is there although it was deleted, or something that its reporter had sent before a time is still
/// sealed under its key. What came later was not erased.
pub async fn is_unseen(
    conn: &mut Conn,
    tip: Uuid,
    erased_at: DateTime<Utc>,
    whole: bool,
) -> Result<bool> {
    if whole {
        let there = t::table.filter(t::id.eq(tip));
        return Ok(diesel::select(exists(there)).get_result(conn).await?);
    }
    let sealed = s::table
        .filter(s::tip_id.eq(tip).and(s::received_at.le(erased_at)))
        .filter(s::sealed.is_not_null());
    Ok(diesel::select(exists(sealed)).get_result(conn).await?)
}
