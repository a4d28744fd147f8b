//! SQL of what the clocks of tips read besides where they stand.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{TipRow, TipState};
use crate::db::Conn;
use crate::db::schema::{referrals as r, tip_states, tips};
use crate::error::Result;

/// Of tips that were transferred, when the referrals that carry them to the other body left; `None` while one
/// waits to be sent. A tip for a body that takes no referrals has none.
pub async fn sent_on(
    conn: &mut Conn,
    states: &[TipState],
) -> Result<HashMap<Uuid, Vec<Option<DateTime<Utc>>>>> {
    let mut sent: HashMap<Uuid, Vec<Option<DateTime<Utc>>>> = HashMap::new();
    let transferred: Vec<Uuid> = states
        .iter()
        .filter(|state| state.status == "transferred")
        .map(|state| state.tip_id)
        .collect();
    if transferred.is_empty() {
        return Ok(sent);
    }
    let rows: Vec<(Option<Uuid>, Option<DateTime<Utc>>)> = r::table
        .inner_join(tip_states::table.on(tip_states::tip_id.nullable().eq(r::tip_id)))
        .filter(r::tip_id.eq_any(transferred))
        .filter(r::kind.eq("transfer_jurisdiction"))
        .filter(r::state.ne("discarded"))
        // Those of an earlier decision that was undone carry nothing.
        .filter(r::created_at.nullable().ge(tip_states::decided_at))
        .select((r::tip_id, r::sent_at))
        .load(conn)
        .await?;
    for (tip, at) in rows {
        sent.entry(tip.unwrap_or_default()).or_default().push(at);
    }
    Ok(sent)
}

/// States of tips with what they say, for the service's own work.
pub async fn states_and_tips(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<(TipState, TipRow)>> {
    Ok(tip_states::table
        .inner_join(tips::table)
        .filter(tip_states::tip_id.eq_any(ids))
        .select((TipState::as_select(), TipRow::as_select()))
        .load(conn)
        .await?)
}
