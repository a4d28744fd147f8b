//! What a second officer says to a request for a reveal, and that who asked may take it back.

use chrono::Duration;
use serde_json::json;
use uuid::Uuid;

use super::service::view;
use super::store::{self, RevealRow};
use super::wire::RevealView;
use crate::auth::Principal;
use crate::db::Conn;
use crate::domain::redaction::redact;
use crate::error::{Error, Result};
use crate::journal::{self, Actor, Entry};
use crate::persons;
use crate::state::AppState;
use crate::tips::{self, Visibility, identity};

/// How long an approved reveal may be used.
const USE_HOURS: i64 = 1;

/// Locks a request about a tip that the officer may see.
async fn asked(conn: &mut Conn, who: &Principal, id: Uuid) -> Result<RevealRow> {
    let row = store::lock(conn, id).await?;
    tips::find_state(conn, row.tip_id, &Visibility::of(who))
        .await
        .map_err(|error| match error {
            Error::NotFound { .. } => Error::not_found("reveal"),
            other => other,
        })?;
    Ok(row)
}

/// Approves another officer's request.
pub async fn approve(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    id: Uuid,
) -> Result<RevealView> {
    let now = app.now();
    let mut row = asked(conn, who, id).await?;
    let detail = "Another officer than the one who asked has to approve.";
    persons::refuse_same(conn, who, &[&row.requested_by], detail).await?;
    if row.declined_at.is_some() {
        return Err(Error::conflict("wrong_state", "The request was declined."));
    }
    if row.expires_at <= now {
        return Err(Error::conflict("wrong_state", "The request has run out."));
    }
    if row.approved_at.is_none() {
        row.approved_by = Some(who.sub.clone());
        row.approved_at = Some(now);
        row.expires_at = now + Duration::hours(USE_HOURS);
        store::approve(conn, &row).await?;
        let data = json!({"reveal_id": row.id, "requested_by": row.requested_by});
        let entry = Entry::audit("reveal.approved", actor, now);
        journal::record(conn, &[entry.on("tip", row.tip_id).with(data)]).await?;
    }
    Ok(view(row, now))
}

/// Declines another officer's request, or takes one's own back. Said twice it is said once.
pub async fn decline(
    conn: &mut Conn,
    app: &AppState,
    (who, actor): (&Principal, &Actor),
    id: Uuid,
    reason: Option<&str>,
) -> Result<RevealView> {
    let now = app.now();
    let mut row = asked(conn, who, id).await?;
    if row.declined_at.is_some() {
        return Ok(view(row, now));
    }
    if row.approved_at.is_some() {
        return Err(Error::conflict("wrong_state", "The request was approved."));
    }
    if row.expires_at <= now {
        return Err(Error::conflict("wrong_state", "The request has run out."));
    }
    if let Some(reason) = reason {
        // The journal is never rewritten: nothing that identifies the reporter may get into it.
        let identity = identity::open(conn, app, row.tip_id)
            .await?
            .unwrap_or_default();
        row.decline_reason = Some(redact(reason, &identity.for_redaction(), &[]));
    }
    row.declined_by = Some(who.sub.clone());
    row.declined_at = Some(now);
    row.expires_at = now;
    store::decline(conn, &row).await?;
    let data = json!({"reveal_id": row.id, "requested_by": row.requested_by, "reason": row.decline_reason});
    let entry = Entry::audit("reveal.declined", actor, now);
    journal::record(conn, &[entry.on("tip", row.tip_id).with(data)]).await?;
    Ok(view(row, now))
}
