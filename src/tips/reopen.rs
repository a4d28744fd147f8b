//! A tip on which the work had ended comes back into the queue.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::store::CLASSIFY_WITHIN;
use super::{TipState, Visibility, lock_state, update_state};
use crate::db::Conn;
use crate::domain::said::{Said, said};
use crate::error::Result;
use crate::journal::{self, Actor};

/// Ends the end: whoever decided did not know what has come since. Returns whether there was one; a tip that was
/// accepted goes on in its case, and one that was withdrawn is taken up by a claim. What comes back is to be
/// classified again, within as long as the first time; when that was first done is kept for the figures.
pub fn reopen(state: &mut TipState, now: DateTime<Utc>) -> bool {
    let ended = matches!(
        state.status.as_str(),
        "dismissed" | "duplicate" | "transferred"
    );
    if ended {
        "received".clone_into(&mut state.status);
        state.decided_at = None;
        if state.commune.is_some() {
            state.passed_on_at = state.passed_on_at.or(state.classified_at);
        }
        state.classified_at = None;
        state.due_at = Some(now + CLASSIFY_WITHIN);
    }
    ended
}

/// What a reporter adds brings a tip back that waited for it, or that was decided without it (reception may not be
/// refused: BLTTHS art. 145(1)). Returns whether it came back.
pub fn answered(state: &mut TipState, now: DateTime<Utc>) -> bool {
    if state.status == "info_requested" {
        "received".clone_into(&mut state.status);
        return true;
    }
    reopen(state, now)
}

/// A message brings a tip back like any addition, unless it says nothing about the matter: who only thanks for a
/// decision does not undo it.
pub fn written(state: &mut TipState, text: &str, now: DateTime<Utc>) -> bool {
    let waits = state.status == "info_requested";
    (waits || said(text) == Said::More) && answered(state, now)
}

/// The other body did not take a tip that was transferred to it by a referral of this time.
pub async fn returned(
    conn: &mut Conn,
    actor: &Actor,
    (tip, referred_at): (Uuid, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<()> {
    let mut state = lock_state(conn, tip, &Visibility::all()).await?;
    // The referral of an earlier decision says nothing of this one.
    let of_this_decision = state.decided_at.is_some_and(|at| referred_at >= at);
    if state.status != "transferred" || !of_this_decision || !reopen(&mut state, now) {
        return Ok(());
    }
    state.version += 1;
    update_state(conn, &state, now).await?;
    let entry = state
        .event("tip.updated", actor, now)
        .with(json!({"change": "reopened", "why": "not_taken", "desk": state.desk}));
    journal::record(conn, &[entry]).await
}
