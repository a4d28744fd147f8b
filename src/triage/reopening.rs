//! An officer takes up again what was decided: new facts, a complaint that is right, a mistake.

use serde_json::json;
use uuid::Uuid;

use super::wire::ReopenTip;
use crate::auth::Principal;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::journal::{self, Actor};
use crate::state::AppState;
use crate::tips::{self, TipState, Visibility};

/// Puts a decided tip back into the queue.
pub async fn reopen(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    tip: Uuid,
    wish: &ReopenTip,
) -> Result<TipState> {
    let now = app.now();
    let mut state = tips::lock_state(conn, tip, &Visibility::of(who)).await?;
    state.not_restricted()?;
    if !tips::reopen::reopen(&mut state, now) {
        return Err(Error::conflict(
            "wrong_state",
            "Only a tip that was dismissed, taken for a duplicate or transferred can be reopened.",
        ));
    }
    state.version += 1;
    tips::update_state(conn, &state, now).await?;
    let entry = state
        .event("tip.updated", actor, now)
        .with(json!({"change": "reopened", "why": wish.reason, "desk": state.desk}));
    journal::record(conn, &[entry]).await?;
    Ok(state)
}
