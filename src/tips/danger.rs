//! Whether somebody is in danger now, as an officer finds it. Who reports may say so at once; that it is over is not for
//! the phone to say, which somebody else may hold by then.

use serde_json::json;

use super::{TipState, background, store};
use crate::db::Conn;
use crate::domain::redaction::{Identity, redact};
use crate::error::Result;
use crate::journal::{self, Actor};
use crate::state::AppState;

/// Sets it on a tip that the caller has locked; its priority follows at once.
pub async fn find(
    conn: &mut Conn,
    app: &AppState,
    actor: &Actor,
    state: &mut TipState,
    (in_danger, reason): (bool, &str),
) -> Result<()> {
    let now = app.now();
    store::set_danger(conn, state.tip_id, in_danger).await?;
    state.version += 1;
    store::update_state(conn, state, now).await?;
    background::recompute(conn, app, &[state.tip_id], now).await?;
    let reason = redact(reason, &Identity::default(), &[]);
    let entry = state
        .event("tip.updated", actor, now)
        .with(json!({"change": "danger_found", "in_danger_now": in_danger, "reason": reason}));
    journal::record(conn, &[entry]).await
}
