//! Endpoints of the audit.

use actix_web::web;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::notes;
use crate::error::{Error, Result};
use crate::http::guard::whole_province;
use crate::http::page::Listing;
use crate::http::{Answer, Api, Caller, ItemPage, Json, Meta, Query, scope};
use crate::journal::{
    self, Actor, AuditRecord, AuditWanted, Entry, Head, Kept, Verification, Wanted,
};
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![list_audit, show_checkpoint, show_verification]
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
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    from: Option<DateTime<Utc>>,
    /// Before (RFC 3339).
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    to: Option<DateTime<Utc>>,
}

/// An entry of the audit.
///
/// A field is null, and named in `unreadable`, where what stands in the database was never sealed, such as a
/// time without end. The rest of the entry is shown as it stands, and `GET /v1/audit/verify` names its position.
#[derive(Debug, Serialize, ToSchema)]
struct AuditEntry {
    /// Gapless position.
    position: i64,
    /// Id.
    #[schema(required)]
    id: Option<Uuid>,
    /// When.
    #[schema(required)]
    at: Option<DateTime<Utc>>,
    /// What.
    #[schema(required, example = "tip.read")]
    r#type: Option<String>,
    /// Who: `sub` of the token, or `reporter`, `public`, `system`.
    #[schema(required)]
    actor: Option<String>,
    /// With which client.
    #[schema(required)]
    client_id: Option<String>,
    /// For which agency; null is the provincial police.
    #[schema(required)]
    agency: Option<String>,
    /// About what kind of thing.
    #[schema(required, example = "tip")]
    subject_kind: Option<String>,
    /// About which one.
    #[schema(required)]
    subject_id: Option<Uuid>,
    /// In which request: its `X-Request-Id`, which the log lines name as well; empty for the service's own work.
    #[schema(required)]
    request_id: Option<String>,
    /// What else is recorded.
    #[schema(required, value_type = Option<Object>)]
    data: Option<Value>,
    /// Fields that were tampered with so that they cannot be shown; absent where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    unreadable: Vec<&'static str>,
}

impl From<AuditRecord> for AuditEntry {
    fn from(record: AuditRecord) -> Self {
        let absent = [
            ("id", record.id.is_none()),
            ("at", record.at.is_none()),
            ("type", record.type_.is_none()),
            ("actor", record.actor.is_none()),
            ("client_id", record.client_id.is_none()),
            ("subject_kind", record.subject_kind.is_none()),
            ("request_id", record.request_id.is_none()),
            ("data", record.data.is_none()),
        ];
        let unreadable = absent.iter().filter(|(_, absent)| *absent);
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
            request_id: record.request_id,
            data: record.data,
            unreadable: unreadable.map(|(name, _)| *name).collect(),
        }
    }
}

/// List the audit, newest first.
///
/// A bearer with `agency` sees only what was done for that agency. Officers who are confined to a desk or communes
/// see none of it, as it is about the whole province.
#[utoipa::path(get, path = "/v1/audit", tag = "privacy",
    responses((status = 200, description = "One page", body = ItemPage<AuditEntry>)))]
async fn list_audit(
    caller: Caller<scope::AuditRead>,
    app: web::Data<AppState>,
    head: web::Data<Head>,
    meta: Meta,
    listing: Listing<AuditQuery>,
) -> Answer<ItemPage<AuditEntry>> {
    if caller.who.is_police() {
        whole_province(&caller.who)?;
    }
    let q = &listing.filters;
    let before = listing.page.after::<i64>()?;
    if before.is_none() {
        journal::settled(&app.db, &head, async |conn, made| {
            journal::is_pending(conn, q.subject, made).await
        })
        .await?;
    }
    let mut conn = app.db.get().await?;
    let rows = journal::audit_page(
        &mut conn,
        &AuditWanted {
            actor: q.actor.as_deref(),
            client_id: q.client_id.as_deref(),
            agency: caller
                .who
                .agency
                .as_deref()
                .filter(|_| !caller.who.is_police()),
            kind: q.r#type.as_deref(),
            subject: q.subject,
            from: q.from,
            to: q.to,
            before,
            limit: listing.page.limit,
        },
    )
    .await?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("audit.read", &actor, app.now()).with(
        json!({"actor": q.actor, "client_id": q.client_id, "type": q.r#type,
            "subject": q.subject, "from": q.from, "to": q.to}),
    );
    journal::record(&mut conn, &[entry]).await?;
    Ok(listing
        .page
        .page(rows, |row| row.position)
        .map(AuditEntry::from))
}

/// A signed statement of how far the audit had come.
#[derive(Debug, Serialize, ToSchema)]
struct CheckpointView {
    /// The last entry it vouches for.
    position: i64,
    /// When it was made.
    at: DateTime<Utc>,
    /// A compact JWS, `typ` `journal-checkpoint+jwt`, signed by a key of `/.well-known/jwks.json`.
    #[schema(example = "eyJ0eXAiOiJqb3VybmFsLWNoZWNrcG9pbnQrand0IiwiYWxnIjoiRWREU0EiLCJraWQiOiJ…")]
    checkpoint: String,
}

/// Get the newest checkpoint.
///
/// Keep it apart from the database: `GET /v1/audit/verify?checkpoint=…` then proves that nothing up to its position
/// was cut off or rewritten, even by someone who controls the database.
#[utoipa::path(get, path = "/v1/audit/checkpoint", tag = "privacy",
    responses((status = 200, description = "The newest checkpoint", body = CheckpointView)))]
async fn show_checkpoint(
    caller: Caller<scope::AuditRead>,
    app: web::Data<AppState>,
    meta: Meta,
) -> Answer<Json<CheckpointView>> {
    let mut conn = app.db.get().await?;
    // One that was tampered with proves nothing to whoever keeps it.
    let (kept, signature) = notes::newest(&mut conn, &app.signer)
        .await?
        .ok_or_else(|| Error::not_found("checkpoint"))?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("audit.checkpoint_read", &actor, app.now())
        .with(json!({"position": kept.position()}));
    journal::record(&mut conn, &[entry]).await?;
    Ok(Json::new(CheckpointView {
        position: kept.position(),
        at: kept.at(),
        checkpoint: signature,
    }))
}

/// What is to be verified.
#[derive(Debug, Deserialize, IntoParams)]
struct VerifyQuery {
    /// First position; by default the first there is. The verification begins with the entries that
    /// were sealed together with it.
    #[param(minimum = 1, example = 1)]
    from_position: Option<i64>,
    /// Last position; by default the last there is.
    #[param(minimum = 1, example = 5000)]
    to_position: Option<i64>,
    /// A checkpoint that you kept, as `GET /v1/audit/checkpoint` gave it.
    #[param(example = "eyJ0eXAiOiJqb3VybmFsLWNoZWNrcG9pbnQrand0IiwiYWxnIjoiRWREU0EiLCJraWQiOiJ…")]
    checkpoint: Option<String>,
}

impl VerifyQuery {
    fn wanted(&self, app: &AppState) -> Result<Wanted> {
        for (name, position) in [
            ("from_position", self.from_position),
            ("to_position", self.to_position),
        ] {
            if position.is_some_and(|position| position < 1) {
                let detail = "Positions begin at 1.";
                return Err(Error::invalid_parameter(name, "out_of_range", detail));
            }
        }
        if let (Some(from), Some(to)) = (self.from_position, self.to_position)
            && from > to
        {
            let detail = "to_position must not lie before from_position.";
            return Err(Error::invalid_parameter(
                "to_position",
                "out_of_range",
                detail,
            ));
        }
        let kept = match &self.checkpoint {
            Some(jws) => Some(Kept::read(jws, &app.signer).ok_or_else(|| {
                let detail = "This is no checkpoint that one of this service's keys signed.";
                Error::invalid_parameter("checkpoint", "invalid_value", detail)
            })?),
            None => None,
        };
        Ok(Wanted {
            from: self.from_position,
            to: self.to_position,
            kept,
            noted: None,
        })
    }
}

/// Verify the audit.
///
/// Recomputes the hash chain over the entries and checks the signed checkpoints; finds what was altered, removed,
/// inserted or reordered, and counts the tail that is not sealed yet. A tail that was cut off together with its
/// checkpoints it finds by the checkpoint that the service notes in the evidence store every two seconds (`noted`), and
/// by one that you kept. At most 500,000 entries at once; `tinbao audit verify`
/// reads a journal of any length.
#[utoipa::path(get, path = "/v1/audit/verify", tag = "privacy",
    responses((status = 200, description = "What was found", body = Verification)))]
async fn show_verification(
    caller: Caller<scope::AuditRead>,
    app: web::Data<AppState>,
    meta: Meta,
    query: Query<VerifyQuery>,
) -> Answer<Json<Verification>> {
    let mut wanted = query.0.wanted(&app)?;
    let mut conn = app.db.get().await?;
    let extent = journal::extent(&mut conn, &wanted).await?;
    if extent > journal::AT_ONCE {
        let detail = format!(
            "These are {extent} entries, and one request verifies {}: choose from_position and to_position, or \
             run 'tinbao audit verify'.",
            journal::AT_ONCE
        );
        return Err(Error::invalid_parameter("to_position", "too_many", detail).into());
    }
    drop(conn);
    // Before the journal is read; no connection waits for the store.
    wanted.noted = notes::at_hand(&app.storage, &app.signer).await;
    let mut conn = app.db.get().await?;
    let found = journal::verify(&mut conn, &app.signer, &wanted).await?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("audit.verified", &actor, app.now()).with(json!({
        "intact": found.intact,
        "first_position": found.first_position,
        "last_position": found.last_position,
        "noted": found.noted.status,
    }));
    journal::record(&mut conn, &[entry]).await?;
    Ok(Json::new(found))
}
