//! Passing a tip on: to another desk by who works on it, out of a colleague's hands by a supervisor.

use actix_web::web;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::claims::{self, already_decided, claimed_by_other};
use crate::auth::Principal;
use crate::db::Conn;
use crate::domain::redaction::{Identity, redact};
use crate::error::{Error, Result};
use crate::http::{Answer, Api, Body, Caller, IdempotencyKey, Json, Meta, Path, scope};
use crate::idempotency::{self, Claim};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;
use crate::tips::messages::{self, NoteRow};
use crate::tips::wire::TipView;
use crate::tips::{self, TipState, Visibility, seen};

pub fn api() -> Api {
    crate::handlers![hand_over_tip, override_claim]
}

/// Where a tip goes, and why.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"desk": "economic", "note": "Sàn đầu tư giả, chuyển đội kinh tế theo dõi tiếp."}))]
struct HandOver {
    /// Code of the desk that takes it on.
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    desk: String,
    /// For the colleagues there; kept among the notes of the tip.
    #[validate(length(min = 1, max = 5000))]
    #[schema(min_length = 1, max_length = 5000)]
    note: Option<String>,
}

/// A tip that another desk has now.
#[derive(Debug, Serialize, ToSchema)]
struct HandedOver {
    /// The tip.
    id: Uuid,
    /// The desk that had it.
    #[schema(example = "cyber")]
    from_desk: String,
    /// The desk that has it.
    #[schema(example = "economic")]
    desk: String,
    /// Where it stands: it waits there unclaimed.
    #[schema(example = "received")]
    status: String,
    /// When it was handed over.
    handed_over_at: DateTime<Utc>,
    /// Its version now.
    version: i32,
}

/// Hand a tip over to another desk.
///
/// For the holder of its claim, or for anyone while nobody holds it. It waits there unclaimed, with its priority and
/// deadlines unchanged; an officer who is confined to the first desk no longer sees it.
#[utoipa::path(post, path = "/v1/tips/{id}/handover", tag = "triage", request_body = HandOver,
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 200, description = "The other desk has it", body = HandedOver,
        headers(("ETag" = String, description = "Version of the tip"))),
              (status = 409, description = "Held by another officer (`claimed_by_other`) or decided (`already_decided`)",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn hand_over_tip(
    caller: Caller<scope::TipsTriage>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    key: IdempotencyKey,
    body: Body<HandOver>,
) -> Answer<actix_web::HttpResponse> {
    let claim = Claim::of(&caller.who, &key, &meta, &body.raw);
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    idempotency::respond(&app, claim, async |conn| {
        let done = hand_over(conn, &app, &caller.who, &actor, id.0, &body.value).await?;
        Ok(idempotency::Answer::json(200, &done)?.versioned(done.version))
    })
    .await
}

async fn hand_over(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    tip: Uuid,
    wish: &HandOver,
) -> Result<HandedOver> {
    let now = app.now();
    let reference = app.reference.get();
    let mut state = tips::lock_state(conn, tip, &Visibility::of(who)).await?;
    if !state.is_open() {
        return Err(already_decided());
    }
    if state.holder(now).is_some_and(|holder| holder != who.sub) {
        return Err(claimed_by_other());
    }
    if !reference.knows_desk(&wish.desk) {
        let detail = "There is no such desk; GET /v1/desks lists them.";
        return Err(Error::invalid("/desk", "unknown_value", detail));
    }
    if state.desk == wish.desk {
        let detail = "The tip lies with this desk already.";
        return Err(Error::invalid("/desk", "itself", detail));
    }
    let from = std::mem::replace(&mut state.desk, wish.desk.clone());
    let to_commune = reference
        .routing
        .find_desk(&state.desk)
        .is_some_and(|(_, unit)| unit.is_some());
    if state.commune.is_some() && !to_commune {
        state.passed_on_at = state.passed_on_at.or(Some(now));
    }
    free(&mut state);
    state.version += 1;
    tips::update_state(conn, &state, now).await?;
    if let Some(note) = &wish.note {
        let note = NoteRow::of_officer(tip, &who.sub, note.clone(), now);
        messages::insert_note(conn, &note).await?;
    }
    let entry = state
        .event("tip.updated", actor, now)
        .with(json!({"change": "handed_over", "from_desk": from, "desk": state.desk}));
    journal::record(conn, &[entry]).await?;
    Ok(HandedOver {
        id: tip,
        from_desk: from,
        status: state.status,
        desk: state.desk,
        handed_over_at: now,
        version: state.version,
    })
}

/// Ends the claim; a question to the reporter stays open.
fn free(state: &mut TipState) {
    if state.status == "claimed" {
        "received".clone_into(&mut state.status);
    }
    state.claimed_by = None;
    state.lease_expires_at = None;
}

/// Why a claim is taken from its holder.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"reason": "Cán bộ nhận tin đã hết ca trực, tiền đang bị chuyển tiếp."}))]
struct OverrideClaim {
    /// For the audit; 3 to 500 code points.
    #[validate(
        length(min = 3, max = 500),
        custom(function = "crate::http::validation::says_something")
    )]
    #[schema(min_length = 3, max_length = 500)]
    reason: String,
}

/// Take a claim from its holder.
///
/// The claim passes to the caller for 15 minutes, so that nobody can step in between; to return the tip to the queue,
/// release it or let the lease run out. The audit says from whom it was taken, by whom and why.
#[utoipa::path(post, path = "/v1/tips/{id}/claim/override", tag = "triage", request_body = OverrideClaim,
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 200, description = "Leased to the caller for 15 minutes", body = TipView,
        headers(("ETag" = String, description = "Version of the tip"))),
              (status = 409, description = "Nobody holds it (`not_claimed`), the caller does (`wrong_state`), or it is decided (`already_decided`)",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn override_claim(
    caller: Caller<scope::CasesDecide>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: Body<OverrideClaim>,
) -> Answer<Json<TipView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let now = app.now();
    let mut conn = app.db.get().await?;
    let view = crate::db::transaction(&mut conn, async |conn| {
        let mut state = tips::lock_state(conn, id.0, &Visibility::of(&caller.who)).await?;
        if !state.is_open() {
            return Err(already_decided());
        }
        let Some(holder) = state.holder(now).map(str::to_owned) else {
            let detail = "Nobody holds the claim; there is nothing to take.";
            return Err(Error::conflict("not_claimed", detail));
        };
        if holder == caller.who.sub {
            return Err(Error::conflict(
                "wrong_state",
                "You hold the claim already.",
            ));
        }
        claims::lease_to(&mut state, &caller.who, now);
        tips::update_state(conn, &state, now).await?;
        let taken = Entry::audit("claim.overridden", &actor, now)
            .on("tip", id.0)
            .with(json!({"from": holder, "reason": redact(&body.value.reason, &Identity::default(), &[])}));
        journal::record(conn, &[taken, claims::claimed(&state, &caller.who, &actor, now)]).await?;
        seen(conn, &app, &caller.who, &meta, &state, "tip.read").await
    })
    .await?;
    let version = view.version;
    Ok(Json::versioned(view, version))
}
