//! How far a claim reaches: whoever holds it may be confined to communes.

use chrono::{DateTime, Utc};

use super::TipState;
use crate::db::Conn;
use crate::error::Result;
use crate::journal;

/// Under what name the entry of a claim says to which communes the officer is confined.
pub const CLAIM_UNITS: &str = "units";

/// Whether somebody holds the claim who may not see the tip in the commune where it lies now.
pub async fn is_out_of_reach(
    conn: &mut Conn,
    state: &TipState,
    now: DateTime<Utc>,
) -> Result<bool> {
    let Some(holder) = state.holder(now) else {
        return Ok(false);
    };
    let claims = journal::told(conn, state.tip_id, &["tip.claimed"]).await?;
    let last = claims.iter().rev().find(|claim| claim.actor == holder);
    let units = last.and_then(|claim| claim.data.get(CLAIM_UNITS)?.as_array());
    let unit = state.unit_code.as_deref();
    Ok(units.is_some_and(|units| !units.iter().any(|known| known.as_str() == unit)))
}
