//! Verdicts: given by one officer; a confirmed scam reaches the public only after a second.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::store::{self, IndicatorRow, VerdictRow};
use super::wire::{GiveVerdict, Verdict, VerdictView};
use crate::auth::Principal;
use crate::db::Conn;
use crate::domain::indicator::lookalike;
use crate::error::{Error, Result};
use crate::journal::{self, Actor, Entry};
use crate::reference::Reference;
use crate::state::AppState;

/// Gives a verdict in place of the one before.
pub async fn give(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    id: Uuid,
    wish: &GiveVerdict,
) -> Result<VerdictRow> {
    let now = app.now();
    if wish.expires_at.is_some_and(|at| at <= now) {
        return Err(Error::invalid(
            "/expires_at",
            "in_past",
            "The end must lie in the future.",
        ));
    }
    let row = store::find(conn, id, who).await?;
    store::lock(conn, &row.key).await?;
    let current = store::current_verdict(conn, &row.key).await?;
    let accuses = matches!(wish.verdict, Verdict::Suspected | Verdict::ConfirmedScam);
    if accuses && is_official(&row, current.as_ref(), &app.reference.get(), now) {
        return Err(Error::conflict(
            "official_entry",
            "It belongs to an agency, bank or company itself; end that entry first.",
        ));
    }
    if let Some(current) = current
        .filter(|v| v.verdict == wish.verdict.as_str() && v.approved_at.is_some())
        .filter(|v| state(v, now) == "in_force")
    {
        // A second confirmation would take the first from the public until it is approved too.
        if current.reason == wish.reason
            && current.note == wish.note
            && current.expires_at == wish.expires_at
        {
            return Ok(current);
        }
        return Err(Error::conflict(
            "wrong_state",
            "It is confirmed already; to change the grounds, end that verdict first.",
        ));
    }
    store::end_verdict(conn, &row.key, now).await?;
    let verdict = VerdictRow {
        id: Uuid::now_v7(),
        key: row.key,
        verdict: wish.verdict.as_str().to_owned(),
        reason: wish.reason.clone(),
        note: wish.note.clone(),
        source: wish.source.clone(),
        checked_at: wish.checked_at,
        given_by: who.sub.clone(),
        given_at: now,
        expires_at: wish.expires_at,
        approved_by: None,
        approved_at: None,
        ended_at: None,
    };
    store::insert_verdict(conn, &verdict).await?;
    let entry = Entry::event("indicator.verdict", actor, now)
        .on("indicator", id)
        .with(json!({"verdict": verdict.verdict, "reason": verdict.reason, "state": state(&verdict, now)}));
    journal::record(conn, &[entry]).await?;
    Ok(verdict)
}

/// Approves a confirmed scam as the second officer.
pub async fn approve(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    id: Uuid,
) -> Result<VerdictRow> {
    let now = app.now();
    let row = store::find(conn, id, who).await?;
    store::lock(conn, &row.key).await?;
    let verdict = store::current_verdict(conn, &row.key)
        .await?
        .filter(|v| state(v, now) == "pending_approval")
        .ok_or_else(|| Error::conflict("wrong_state", "No verdict waits for approval."))?;
    if verdict.given_by == who.sub {
        return Err(Error::conflict(
            "same_person",
            "The officer who gave the verdict cannot approve it.",
        ));
    }
    store::approve_verdict(conn, verdict.id, &who.sub, now).await?;
    let entry = Entry::event("indicator.verdict", actor, now)
        .on("indicator", id)
        .with(json!({"verdict": verdict.verdict, "reason": verdict.reason, "state": "in_force"}));
    journal::record(conn, &[entry]).await?;
    Ok(VerdictRow {
        approved_by: Some(who.sub.clone()),
        approved_at: Some(now),
        ..verdict
    })
}

/// Official numbers, domains and accounts never get a scam verdict.
pub fn is_official(
    row: &IndicatorRow,
    current: Option<&VerdictRow>,
    reference: &Reference,
    now: DateTime<Utc>,
) -> bool {
    let entered =
        current.is_some_and(|v| v.verdict == "official" && v.expires_at.is_none_or(|at| at > now));
    let host = row
        .attributes
        .get("host")
        .and_then(serde_json::Value::as_str);
    entered
        || host.is_some_and(|host| lookalike::official(&reference.brands, host))
        || reference.official_phones.contains(&row.value)
}

/// Where a verdict stands.
pub fn state(verdict: &VerdictRow, now: DateTime<Utc>) -> &'static str {
    if verdict.ended_at.is_some() {
        "ended"
    } else if verdict.expires_at.is_some_and(|at| at <= now) {
        "expired"
    } else if verdict.verdict == "confirmed_scam" && verdict.approved_at.is_none() {
        "pending_approval"
    } else {
        "in_force"
    }
}

/// As officers see it.
pub fn view(verdict: VerdictRow, now: DateTime<Utc>) -> VerdictView {
    VerdictView {
        state: state(&verdict, now),
        id: verdict.id,
        verdict: verdict.verdict,
        reason: verdict.reason,
        note: verdict.note,
        given_by: verdict.given_by,
        given_at: verdict.given_at,
        expires_at: verdict.expires_at,
        approved_by: verdict.approved_by,
        source: verdict.source,
    }
}
