//! What a reporter may do with a receipt besides looking and adding.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::store;
use crate::cases;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::journal::{self, Actor, Entry};
use crate::tips::{self, TipState, Visibility};

/// Notes that the reporter has fetched the notices due by law: the view of a receipt holds the
/// notice of reception, and that of the result once there is one.
pub async fn told(conn: &mut Conn, state: &mut TipState, now: DateTime<Utc>) -> Result<()> {
    let reception = state.reception_told_at.or(Some(now));
    let result = match (state.result_at(), state.result_told_at) {
        (Some(result), told) if told.is_none_or(|told| told < result) => Some(now),
        (_, told) => told,
    };
    if (reception, result) != (state.reception_told_at, state.result_told_at) {
        tips::set_told(conn, state.tip_id, reception, result).await?;
        cases::look_again_at(conn, state.tip_id, now).await?;
        (state.reception_told_at, state.result_told_at) = (reception, result);
    }
    Ok(())
}

/// Withdraws a tip that is not decided.
pub async fn withdraw(conn: &mut Conn, actor: &Actor, tip: Uuid, now: DateTime<Utc>) -> Result<()> {
    let mut state = tips::lock_state(conn, tip, &Visibility::all()).await?;
    cases::not_retained(conn, tip).await?;
    if !state.is_open() {
        return Err(Error::conflict(
            "already_decided",
            "The tip is decided already; there is nothing to withdraw.",
        ));
    }
    "withdrawn".clone_into(&mut state.status);
    state.claimed_by = None;
    state.lease_expires_at = None;
    state.decided_at = Some(now);
    state.version += 1;
    tips::update_state(conn, &state, now).await?;
    store::withdraw(conn, tip, now).await?;
    changed(conn, actor, &state, "withdrawn", now).await
}

/// Destroys who reported.
pub async fn erase(conn: &mut Conn, actor: &Actor, tip: Uuid, now: DateTime<Utc>) -> Result<()> {
    let state = tips::lock_state(conn, tip, &Visibility::all()).await?;
    cases::not_retained(conn, tip).await?;
    tips::anonymise(conn, &[tip], now).await?;
    changed(conn, actor, &state, "reporter_erased", now).await
}

async fn changed(
    conn: &mut Conn,
    actor: &Actor,
    state: &TipState,
    change: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut entry = Entry::event("tip.updated", actor, now)
        .on("tip", state.tip_id)
        .with(json!({"change": change}));
    entry.is_event = !state.test;
    journal::record(conn, &[entry]).await
}
