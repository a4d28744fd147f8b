//! How tips end: their identity first, then all but their rows in the register.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::amend::erase_reporters;
use crate::db::Conn;
use crate::db::schema::{tip_states, tips};
use crate::error::Result;
use crate::indicators;

/// Destroys the identities of tips and their sealed bytes.
pub async fn anonymise(conn: &mut Conn, ids: &[Uuid], at: DateTime<Utc>) -> Result<()> {
    // The hashes of indicators before the index that they are made of.
    indicators::forget_reporters(conn, ids).await?;
    erase_reporters(conn, ids).await?;
    diesel::update(tip_states::table.filter(tip_states::tip_id.eq_any(ids)))
        .set(tip_states::anonymised_at.eq(at))
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether the identity of a tip was destroyed, and nothing of it was given since.
pub async fn is_anonymised(conn: &mut Conn, tip: Uuid) -> Result<bool> {
    let at: Option<Option<DateTime<Utc>>> = tip_states::table
        .select(tip_states::anonymised_at)
        .find(tip)
        .first(conn)
        .await
        .optional()?;
    Ok(at.flatten().is_some())
}

/// Deletes tips with everything that hangs on them; the register keeps its rows, and who may see them.
pub async fn purge(conn: &mut Conn, ids: &[Uuid], at: DateTime<Utc>) -> Result<()> {
    indicators::forget_reporters(conn, ids).await?;
    indicators::forget_devices(conn, ids).await?;
    diesel::sql_query(
        "update register r set purged_at = $1, desk = s.desk, unit_code = s.unit_code
         from tip_states s where s.tip_id = r.tip_id and r.tip_id = any($2)",
    )
    .bind::<st::Timestamptz, _>(at)
    .bind::<st::Array<st::Uuid>, _>(ids)
    .execute(conn)
    .await?;
    diesel::delete(tips::table.filter(tips::id.eq_any(ids)))
        .execute(conn)
        .await?;
    Ok(())
}
