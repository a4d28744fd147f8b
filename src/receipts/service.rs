//! What a reporter may do with a receipt besides looking and adding.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::ends::{self, How};
use super::results::TipResult;
use super::{kept, process, store};
use crate::cases;
use crate::db::Conn;
use crate::domain::redaction::{Identity, hide_own};
use crate::error::{Error, Result};
use crate::journal::{self, Actor};
use crate::keys::IdentityKeys;
use crate::tips::{self, TipState, Visibility, messages};
use crate::triage;

/// Notes that the reporter has fetched the notices due by law: the view of a receipt holds the
/// notice of reception, and that of the result, a suspension or a resumption once there is one. Whether there was
/// anything new.
pub async fn told(
    conn: &mut Conn,
    state: &mut TipState,
    result: Option<TipResult>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let unread = process::unread(conn, state).await?;
    if news_of(state, result, now).is_none() && unread.is_empty() {
        return Ok(false);
    }
    // The case before the tip, as everywhere: so nobody waits for whom he blocks.
    cases::look_again_at(conn, state.tip_id, now).await?;
    *state = tips::lock_state(conn, state.tip_id, &Visibility::all()).await?;
    if let Some((reception, result_at)) = news_of(state, result, now) {
        tips::set_told(conn, state.tip_id, reception, result_at).await?;
        if let (Some(result), true) = (result, result_at != state.result_told_at) {
            kept::note(conn, state.tip_id, result, now).await?;
        }
        (state.reception_told_at, state.result_told_at) = (reception, result_at);
    }
    process::told(conn, state.tip_id, &unread, now).await?;
    Ok(true)
}

/// When a reporter was told of the reception, and of the result.
type Told = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// When reception and result are told by what is read now, where that is new.
fn news_of(state: &TipState, result: Option<TipResult>, now: DateTime<Utc>) -> Option<Told> {
    let reception = state.reception_told_at.or(Some(now));
    let result = match (result, state.result_told_at) {
        (Some(result), told) if told.is_none_or(|told| told < result.at) => Some(now),
        (_, told) => told,
    };
    let told = (reception, result);
    (told != (state.reception_told_at, state.result_told_at)).then_some(told)
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
    // Whoever is in danger may be made to withdraw: such a tip waits on, and shows that it was withdrawn.
    if !tips::in_danger(conn, tip).await? {
        "withdrawn".clone_into(&mut state.status);
        state.claimed_by = None;
        state.lease_expires_at = None;
        state.decided_at = Some(now);
    }
    state.version += 1;
    tips::update_state(conn, &state, now).await?;
    ends::note(conn, tip, How::Withdrawn, now).await?;
    store::withdraw(conn, tip, now).await?;
    changed(conn, actor, &state, "withdrawn", now).await
}

/// Destroys who reported. Without the keys it is not known what to look for in what the reporter wrote.
pub async fn erase(
    conn: &mut Conn,
    keys: Option<&IdentityKeys>,
    actor: &Actor,
    tip: Uuid,
    now: DateTime<Utc>,
) -> Result<()> {
    let state = tips::lock_state(conn, tip, &Visibility::all()).await?;
    cases::not_retained(conn, tip).await?;
    // While it is still known what to look for.
    if let Some(keys) = keys
        && let tips::identity::Known::Open(own) = tips::identity::known(conn, keys, tip).await?
    {
        hide_in_texts(conn, tip, &own.for_redaction()).await?;
    }
    // Who is looked for is no data of the reporter's.
    if let Some(keys) = keys {
        tips::victims::keep(conn, keys, tip).await?;
    }
    tips::anonymise(conn, &[tip], now).await?;
    changed(conn, actor, &state, "reporter_erased", now).await
}

/// Hides who reported in what was written about the tip since: messages, officers' notes, notes of decisions.
async fn hide_in_texts(conn: &mut Conn, tip: Uuid, own: &Identity<'_>) -> Result<()> {
    for (id, text) in messages::written(conn, tip).await? {
        if let Some(hidden) = hide_own(&text, own) {
            messages::rewrite(conn, id, &hidden).await?;
        }
    }
    for (id, text) in messages::noted(conn, tip).await? {
        if let Some(hidden) = hide_own(&text, own) {
            messages::rewrite_note(conn, id, &hidden).await?;
        }
    }
    for (id, text) in triage::decision_notes(conn, tip).await? {
        if let Some(hidden) = hide_own(&text, own) {
            triage::rewrite_decision_note(conn, id, &hidden).await?;
        }
    }
    Ok(())
}

async fn changed(
    conn: &mut Conn,
    actor: &Actor,
    state: &TipState,
    change: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let entry = state
        .event("tip.updated", actor, now)
        .with(json!({"change": change}));
    journal::record(conn, &[entry]).await
}
