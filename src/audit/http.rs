//! Endpoints of the audit.

use actix_web::web;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::http::page::Listing;
use crate::http::{Answer, Api, Caller, ItemPage, Json, Meta, scope};
use crate::journal::{self, Actor, AuditWanted, Entry, Record, Verification};
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![list_audit, show_verification]
}

/// Filters of the audit.
#[derive(Debug, Deserialize, IntoParams)]
struct AuditQuery {
    /// `sub` of whoever did it.
    #[param(example = "analyst-7")]
    actor: Option<String>,
    /// Client it was done with.
    client_id: Option<String>,
    /// Type of the entry.
    #[param(example = "tip.read")]
    r#type: Option<String>,
    /// Id of the tip, case, indicator … it is about.
    subject: Option<Uuid>,
    /// At or after (RFC 3339).
    from: Option<DateTime<Utc>>,
    /// Before (RFC 3339).
    to: Option<DateTime<Utc>>,
}

/// An entry of the audit.
#[derive(Debug, Serialize, ToSchema)]
struct AuditEntry {
    /// Gapless position.
    position: i64,
    /// Id.
    id: Uuid,
    /// When.
    at: DateTime<Utc>,
    /// What.
    #[schema(example = "tip.read")]
    r#type: String,
    /// Who: `sub` of the token, or `reporter`, `public`, `system`.
    actor: String,
    /// With which client.
    client_id: String,
    /// For which agency; null is the provincial police.
    #[schema(required)]
    agency: Option<String>,
    /// About what kind of thing.
    #[schema(example = "tip")]
    subject_kind: String,
    /// About which one.
    #[schema(required)]
    subject_id: Option<Uuid>,
    /// What else is recorded.
    #[schema(value_type = Object)]
    data: Value,
}

impl From<Record> for AuditEntry {
    fn from(record: Record) -> Self {
        Self {
            position: record.position,
            id: record.id,
            at: record.at,
            r#type: record.type_,
            actor: record.actor,
            client_id: record.client_id,
            agency: record.agency,
            subject_kind: record.subject_kind,
            subject_id: record.subject_id,
            data: record.data,
        }
    }
}

/// List the audit, newest first.
#[utoipa::path(get, path = "/v1/audit", tag = "privacy",
    responses((status = 200, description = "One page", body = ItemPage<AuditEntry>)))]
async fn list_audit(
    caller: Caller<scope::AuditRead>,
    app: web::Data<AppState>,
    meta: Meta,
    listing: Listing<AuditQuery>,
) -> Answer<ItemPage<AuditEntry>> {
    let q = &listing.filters;
    let mut conn = app.db.get().await?;
    let rows = journal::audit_page(
        &mut conn,
        &AuditWanted {
            actor: q.actor.as_deref(),
            client_id: q.client_id.as_deref(),
            kind: q.r#type.as_deref(),
            subject: q.subject,
            from: q.from,
            to: q.to,
            before: listing.page.after::<i64>()?,
            limit: listing.page.limit,
        },
    )
    .await?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("audit.read", &actor, app.now())
        .with(json!({"actor": q.actor, "type": q.r#type, "subject": q.subject}));
    journal::record(&mut conn, &[entry]).await?;
    Ok(listing
        .page
        .page(rows, |row| row.position)
        .map(AuditEntry::from))
}

/// Verify the audit.
///
/// Recomputes the hash chain over every entry and checks the signed checkpoints; finds what was altered,
/// removed or reordered, and names the tail that is not sealed yet.
#[utoipa::path(get, path = "/v1/audit/verify", tag = "privacy",
    responses((status = 200, description = "What was found", body = Verification)))]
async fn show_verification(
    caller: Caller<scope::AuditRead>,
    app: web::Data<AppState>,
    meta: Meta,
) -> Answer<Json<Verification>> {
    let mut conn = app.db.get().await?;
    let found = journal::verify(&mut conn, &app.signer).await?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("audit.verified", &actor, app.now())
        .with(json!({"intact": found.intact, "last_position": found.last_position}));
    journal::record(&mut conn, &[entry]).await?;
    Ok(Json::new(found))
}
