//! Endpoints of reveals.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::decisions;
use super::service::{self, Outcome};
use super::store::{self, Standing};
use super::wire::{
    DeclineReveal, RevealIdentity, RevealSubmission, RevealView, RevealedIdentity, RevealsQuery,
    SameReporter,
};
use crate::error::Error;
use crate::http::page::{Listing, NoFilters};
use crate::http::problem::ProblemBody;
use crate::http::{Answer, Api, Body, BodyIfAny, Caller, ItemPage, Json, Meta, Path, scope};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;
use crate::tips::Visibility;

pub fn api() -> Api {
    crate::handlers![
        reveal_reporter,
        list_same_reporter,
        reveal_submission,
        list_reveals,
        approve_reveal,
        decline_reveal
    ]
}

impl<T: Serialize> Outcome<T> {
    /// The answer in JSON: what is shown, or that another officer has to approve.
    pub fn respond(self) -> HttpResponse {
        match self {
            Self::Shown(shown) => HttpResponse::Ok().json(shown),
            Self::Waits(view) => HttpResponse::Accepted().json(view),
        }
    }
}

/// Show who reported a tip.
///
/// Only to the officer who holds the claim or works on the case, with a stated purpose, and never
/// without an audit entry. Where the reporter asked for secrecy the answer is 202 until another
/// officer has approved; then send the same request again within the hour.
#[utoipa::path(post, path = "/v1/tips/{id}/reporter/reveal", tag = "tips", request_body = RevealIdentity,
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 200, description = "Who reported", body = RevealedIdentity),
              (status = 202, description = "Another officer has to approve", body = RevealView),
              (status = 409, description = "Neither claimed by the caller (`not_claimed`, `claimed_by_other`) nor in a case the caller works on",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn reveal_reporter(
    caller: Caller<scope::ReportersReveal>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: Body<RevealIdentity>,
) -> Answer<HttpResponse> {
    let purpose = &body.value.purpose;
    let outcome = service::ask(&app, &caller.who, &meta, purpose, async |conn, asker| {
        service::identity(conn, &app, asker, id.0).await
    })
    .await?;
    Ok(outcome.respond())
}

/// List other tips of the same reporter, newest first.
///
/// Found by keyed hashes of phone, e-mail and ID number; nothing is decrypted. Tips whose reporter asked for secrecy
/// are left out, and not counted, unless another officer approved `POST /v1/tips/{id}/reporter/reveal` of them for
/// the caller within the hour; of such a tip itself others are only looked for then. Where every reveal takes a
/// second officer (`TINBAO_REVEAL_APPROVAL=always`) so do all of these.
#[utoipa::path(get, path = "/v1/tips/{id}/reporter/tips", tag = "tips",
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 200, description = "One page", body = ItemPage<SameReporter>),
              (status = 409, description = "Neither claimed by the caller nor in a case the caller works on; or its reporter asked for secrecy and no reveal is approved (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn list_same_reporter(
    caller: Caller<scope::ReportersReveal>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    listing: Listing<NoFilters>,
) -> Answer<ItemPage<SameReporter>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let wanted = (listing.page.after::<Uuid>()?, listing.page.limit);
    let mut conn = app.db.get().await?;
    let found = crate::db::transaction(&mut conn, async |conn| {
        service::same_reporter(conn, &app, &caller.who, &actor, id.0, wanted).await
    })
    .await?;
    Ok(listing.page.page(found, |tip| tip.tip_id))
}

/// Show a submission byte for byte.
///
/// The body of the answer is what was sent; `Submission-Salt` (base64) and `Submission-Digest`
/// (hexadecimal SHA-256 over salt and bytes) prove it. The rules are those of the identity, which
/// it may hold.
#[utoipa::path(post, path = "/v1/tips/{id}/submission/reveal", tag = "tips", request_body = RevealSubmission,
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 200, description = "The bytes as they were sent", body = Object, content_type = "application/json",
               headers(("Submission-Id" = String, description = "Which submission"),
                       ("Submission-Salt" = String, description = "The salt, in base64"),
                       ("Submission-Digest" = String, description = "SHA-256 over salt and bytes, in hexadecimal"),
                       ("Reveal-Id" = String, description = "The reveal, as the audit log names it"))),
              (status = 202, description = "Another officer has to approve", body = RevealView),
              (status = 409, description = "Neither claimed by the caller nor in a case the caller works on, or the key was destroyed (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn reveal_submission(
    caller: Caller<scope::ReportersReveal>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: Body<RevealSubmission>,
) -> Answer<HttpResponse> {
    let purpose = &body.value.purpose;
    let outcome = service::ask(&app, &caller.who, &meta, purpose, async |conn, asker| {
        service::submission(conn, &app, asker, id.0, body.value.submission_id).await
    })
    .await?;
    Ok(match outcome {
        Outcome::Waits(view) => HttpResponse::Accepted().json(view),
        Outcome::Shown(shown) => HttpResponse::Ok()
            .insert_header((header::CONTENT_DISPOSITION, "attachment"))
            .insert_header((
                header::CONTENT_SECURITY_POLICY,
                "default-src 'none'; sandbox",
            ))
            .insert_header(("Submission-Id", shown.id.to_string()))
            .insert_header(("Submission-Salt", STANDARD.encode(&shown.salt)))
            .insert_header(("Submission-Digest", hex::encode(&shown.digest)))
            .insert_header(("Reveal-Id", shown.reveal_id.to_string()))
            .content_type(shown.content_type)
            .body(shown.bytes),
    })
}

/// What a status in the filter asks for.
fn standing(code: &str) -> Option<Standing> {
    Some(match code {
        "pending" => Standing::Pending,
        "approved" => Standing::Approved,
        "shown" => Standing::Shown,
        "declined" => Standing::Declined,
        "expired" => Standing::Expired,
        _ => return None,
    })
}

/// List requests for reveals, newest first: those that wait for an approval and those of the past.
///
/// Whoever approves asks for `status=pending`.
#[utoipa::path(get, path = "/v1/reveals", tag = "tips",
    responses((status = 200, description = "One page", body = ItemPage<RevealView>)))]
async fn list_reveals(
    caller: Caller<scope::ReportersReveal>,
    app: web::Data<AppState>,
    meta: Meta,
    listing: Listing<RevealsQuery>,
) -> Answer<ItemPage<RevealView>> {
    let standing = match &listing.filters.status {
        None => None,
        Some(code) => Some(standing(code).ok_or_else(|| {
            Error::invalid_parameter("status", "unknown_value", "There is no such status.")
        })?),
    };
    let mut conn = app.db.get().await?;
    let now = app.now();
    let before = listing.page.after::<Uuid>()?;
    let visible = Visibility::of(&caller.who);
    let wanted = (before, listing.page.limit);
    let rows = store::list(&mut conn, &visible, (standing, now), wanted).await?;
    let page = listing.page.page(rows, |row| row.id);
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let ids: Vec<Uuid> = page.items.iter().map(|row| row.id).collect();
    let entry = Entry::audit("reveals.listed", &actor, now).with(json!({"ids": ids}));
    journal::record(&mut conn, &[entry]).await?;
    Ok(page.map(|row| service::view(row, now)))
}

/// Approve another officer's request for a reveal.
///
/// The officer who asked may then use it for an hour.
#[utoipa::path(post, path = "/v1/reveals/{id}/approve", tag = "tips",
    params(("id" = Uuid, Path, description = "Reveal id")),
    responses((status = 200, description = "Approved", body = RevealView),
              (status = 409, description = "The caller asked for it (`same_person`), or it has run out (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn approve_reveal(
    caller: Caller<scope::ReportersReveal>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<Json<RevealView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let mut conn = app.db.get().await?;
    let view = crate::db::transaction(&mut conn, async |conn| {
        decisions::approve(conn, &app, &caller.who, &actor, id.0).await
    })
    .await?;
    Ok(Json::new(view))
}

/// Decline a request for a reveal, or take one's own back.
///
/// It cannot be approved any more; the officer may ask again. What was approved already is not declined.
#[utoipa::path(post, path = "/v1/reveals/{id}/decline", tag = "tips", request_body = Option<DeclineReveal>,
    params(("id" = Uuid, Path, description = "Reveal id")),
    responses((status = 200, description = "Declined", body = RevealView),
              (status = 409, description = "It was approved, or has run out (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn decline_reveal(
    caller: Caller<scope::ReportersReveal>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: BodyIfAny<DeclineReveal>,
) -> Answer<Json<RevealView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let reason = body.0.reason.as_deref();
    let mut conn = app.db.get().await?;
    let view = crate::db::transaction(&mut conn, async |conn| {
        decisions::decline(conn, &app, (&caller.who, &actor), id.0, reason).await
    })
    .await?;
    Ok(Json::new(view))
}
