//! SQL of persons who may be lured and whom a ground keeps.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{potential_victim_grounds as g, submissions as s};
use crate::error::Result;
use crate::keys::{SealedAlone, Wrapped};

/// Whether a ground is recorded for a tip.
pub async fn have_ground(conn: &mut Conn, tip: Uuid) -> Result<bool> {
    Ok(diesel::select(diesel::dsl::exists(g::table.find(tip)))
        .get_result(conn)
        .await?)
}

/// The submissions of a tip that name potential victims and whose bytes are still there, oldest first.
pub async fn sealed_naming_victims(conn: &mut Conn, tip: Uuid) -> Result<Vec<(Uuid, SealedAlone)>> {
    type Row = (Uuid, String, Vec<u8>, Vec<u8>);
    let rows: Vec<Row> = s::table
        .filter(s::tip_id.eq(tip))
        .filter(diesel::dsl::sql::<diesel::sql_types::Bool>(
            "withheld @> '[\"/potential_victims\"]'",
        ))
        .filter(s::wrapped_key.is_not_null().and(s::sealed.is_not_null()))
        .order(s::id)
        .select((
            s::id,
            s::key_id,
            s::wrapped_key.assume_not_null(),
            s::sealed.assume_not_null(),
        ))
        .load(conn)
        .await?;
    let sealed = |(id, key_id, wrapped, bytes)| {
        let key = Wrapped {
            key_id,
            bytes: wrapped,
        };
        (id, SealedAlone { key, bytes })
    };
    Ok(rows.into_iter().map(sealed).collect())
}

/// The persons whom the ground of a tip keeps.
pub async fn kept_victims(conn: &mut Conn, tip: Uuid) -> Result<Option<SealedAlone>> {
    type Row = (Option<String>, Option<Vec<u8>>, Option<Vec<u8>>);
    let row: Option<Row> = g::table
        .find(tip)
        .select((g::key_id, g::wrapped_key, g::sealed))
        .first(conn)
        .await
        .optional()?;
    Ok(row.and_then(|(key_id, wrapped, sealed)| {
        SealedAlone::stored(key_id.as_deref(), wrapped.as_deref(), &sealed?)
    }))
}

/// Keeps persons beside the ground of a tip.
pub async fn set_kept_victims(conn: &mut Conn, tip: Uuid, sealed: &SealedAlone) -> Result<()> {
    diesel::update(g::table.find(tip))
        .set((
            g::key_id.eq(&sealed.key.key_id),
            g::wrapped_key.eq(&sealed.key.bytes),
            g::sealed.eq(&sealed.bytes),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
