//! Endpoints for reporters who hold a receipt.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::news::{self, OutcomeView, ReleaseNews};
use super::notices::{self, Notice, NoticeCode, RecordNotice};
use super::standing::{self, ReceiptView};
use super::{open, results, service};
use crate::cases;
use crate::http::body::RawJson;
use crate::http::idempotency::request_hash;
use crate::http::middleware::Gate;
use crate::http::problem::ProblemBody;
use crate::http::{Answer, Api, Body, Caller, IdempotencyKey, Json, Meta, Path, Reporter, scope};
use crate::idempotency::{self, Claim};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;
use crate::tips::amend::{Addition, AdditionReceived};
use crate::tips::wire::SubmitTip;
use crate::tips::{self, Visibility, intake};

pub fn api() -> Api {
    crate::handlers![
        show_receipt,
        amend_receipt,
        withdraw_receipt,
        erase_reporter,
        list_notices,
        record_notice,
        release_news
    ]
}

/// Show what became of a tip.
///
/// Send the receipt in `Tip-Receipt`. An unknown, malformed or withdrawn receipt is 404; after 20
/// failed attempts a minute from one address further failing attempts are 429.
#[utoipa::path(get, path = "/v1/receipt", tag = "receipt",
    responses((status = 200, description = "Where the tip stands", body = ReceiptView)))]
async fn show_receipt(
    reporter: Reporter,
    app: web::Data<AppState>,
    gate: web::Data<Gate>,
    meta: Meta,
) -> Answer<Json<ReceiptView>> {
    let mut conn = app.db.get().await?;
    let opened = open(&mut conn, &app, &gate, &reporter, &meta).await?;
    let now = app.now();
    let mut state = tips::find_state(&mut conn, opened.tip_id, &Visibility::all()).await?;
    let result = results::readable(&mut conn, &state).await?;
    let actor = Actor::reporter(&meta.request_id);
    let look = gate.limits.look("tip", opened.tip_id.as_bytes(), now);
    crate::db::transaction(&mut conn, async |conn| {
        // HEAD shows nothing (RFC 9110 §9.2.1).
        let told = meta.method != "HEAD" && service::told(conn, &mut state, result, now).await?;
        if !told && look.is_none() {
            return Ok(());
        }
        let entry = Entry::audit("receipt.read", &actor, now).on("tip", opened.tip_id);
        journal::record(conn, &[entry]).await
    })
    .await?;
    if let Some(look) = look {
        look.noted();
    }
    let view = standing::view(&mut conn, &app, &state, result, meta.lang).await?;
    Ok(Json::new(view))
}

/// Add to a tip, or correct it.
///
/// Takes the fields of a tip, all optional. What is sent is kept as a submission beside the first and merged into
/// what officers work with: texts and losses are added, other fields replaced. A loss corrects a known one where the
/// `reference` is the same, or where account and `transferred_at` are. As at intake nothing is refused for content.
/// Sending the same again changes nothing and returns the same attestation.
#[utoipa::path(patch, path = "/v1/receipt", tag = "receipt", request_body = SubmitTip,
    responses((status = 200, description = "Received and durable", body = AdditionReceived)))]
async fn amend_receipt(
    reporter: Reporter,
    app: web::Data<AppState>,
    gate: web::Data<Gate>,
    meta: Meta,
    key: IdempotencyKey,
    body: RawJson,
) -> Answer<HttpResponse> {
    let mut conn = app.db.get().await?;
    let opened = open(&mut conn, &app, &gate, &reporter, &meta).await?;
    let claim = key.0.as_deref().map(|key| {
        let hash = request_hash(&meta.method, &meta.path, &body.0);
        Claim::scoped("receipt", &opened.tip_id.to_string(), key, hash)
    });
    let submission = intake::read_addition(body.0)?;
    let actor = Actor::reporter(&meta.request_id);
    let addition = (opened.tip_id, Addition::ByReceipt);
    let (secret, now) = (&app.keys.answers, app.now());
    let outcome = idempotency::once(&mut conn, secret, claim, now, async |conn| {
        let received =
            tips::amend::amend(conn, &app, &actor, meta.lang, addition, &submission).await?;
        idempotency::Answer::json(200, &received)
    })
    .await?;
    // Who gives an identity is owed the notices. Not within: a case is locked before its tips.
    cases::look_again_at(&mut conn, opened.tip_id, app.now()).await?;
    Ok(outcome.into())
}

/// Withdraw a tip that is not decided yet.
///
/// Its receipt opens nothing afterwards.
#[utoipa::path(post, path = "/v1/receipt/withdraw", tag = "receipt",
    responses((status = 204, description = "Withdrawn"),
              (status = 409, description = "Decided already (`already_decided`), or part of a case (`retained_by_law`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn withdraw_receipt(
    reporter: Reporter,
    app: web::Data<AppState>,
    gate: web::Data<Gate>,
    meta: Meta,
) -> Answer<HttpResponse> {
    let mut conn = app.db.get().await?;
    let opened = open(&mut conn, &app, &gate, &reporter, &meta).await?;
    let actor = Actor::reporter(&meta.request_id);
    crate::db::transaction(&mut conn, async |conn| {
        service::withdraw(conn, &actor, opened.tip_id, app.now()).await
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Erase who reported.
///
/// Destroys the identity, its index and the keys of the sealed submissions for good; the tip itself
/// stays, with the copy in which they are withheld. In the reporter's own messages the name, the numbers and the
/// addresses that were given are hidden, and of pictures, recordings and documents only the copy without
/// metadata is shown from then on.
#[utoipa::path(delete, path = "/v1/receipt/reporter", tag = "receipt",
    responses((status = 204, description = "Nothing of the identity is left"),
              (status = 409, description = "The tip belongs to a case or is held (`retained_by_law`); `detail` names the ground",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn erase_reporter(
    reporter: Reporter,
    app: web::Data<AppState>,
    gate: web::Data<Gate>,
    meta: Meta,
) -> Answer<HttpResponse> {
    let mut conn = app.db.get().await?;
    let tip = open(&mut conn, &app, &gate, &reporter, &meta).await?.tip_id;
    cases::not_retained(&mut conn, tip).await?;
    let (actor, now) = (Actor::reporter(&meta.request_id), app.now());
    // For the day that an older backup is restored. A bucket may take its time: no connection is held.
    drop(conn);
    app.storage.note_erasure(tip, false, now).await?;
    let mut conn = app.db.get().await?;
    crate::db::transaction(&mut conn, async |conn| {
        service::erase(conn, Some(&app.keys.identity), &actor, tip, now).await
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The notices owed to a reporter.
#[derive(Debug, Serialize, ToSchema)]
struct Notices {
    /// Those owed so far.
    items: Vec<Notice>,
}

/// List the notices owed to the reporter of a tip.
///
/// They are prepared automatically, and count as met once the reporter has fetched the receipt.
#[utoipa::path(get, path = "/v1/tips/{id}/notices", tag = "tips",
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 200, description = "The notices owed so far", body = Notices)))]
async fn list_notices(
    caller: Caller<scope::TipsRead>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<Json<Notices>> {
    let mut conn = app.db.get().await?;
    let state = tips::find_state(&mut conn, id.0, &Visibility::of(&caller.who)).await?;
    let items = notices::owed(&mut conn, &app, &state, meta.lang).await?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("notices.read", &actor, app.now()).on("tip", state.tip_id);
    journal::record(&mut conn, &[entry]).await?;
    Ok(Json::new(Notices { items }))
}

/// Record how a notice was sent other than by receipt.
#[utoipa::path(put, path = "/v1/tips/{id}/notices/{code}", tag = "tips", request_body = RecordNotice,
    params(("id" = Uuid, Path, description = "Tip id"),
           ("code" = inline(NoticeCode), Path, description = "Which notice")),
    responses((status = 200, description = "Recorded", body = Notices),
              (status = 409, description = "There is no result, suspension or resumption to tell yet (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn record_notice(
    caller: Caller<scope::TipsTriage>,
    app: web::Data<AppState>,
    meta: Meta,
    path: Path<(Uuid, NoticeCode)>,
    body: Body<RecordNotice>,
) -> Answer<Json<Notices>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let mut conn = app.db.get().await?;
    let items = crate::db::transaction(&mut conn, async |conn| {
        let now = app.now();
        let state = notices::record(conn, &caller.who, &actor, path.0, &body.value, now).await?;
        notices::owed(conn, &app, &state, meta.lang).await
    })
    .await?;
    Ok(Json::new(Notices { items }))
}

/// Tell a reporter what became of the tip in a case.
///
/// `joined_case`: it is examined together with others. `case_result`: the case is decided, and the notice
/// of the result is on the receipt. Neither shows which case it is.
#[utoipa::path(post, path = "/v1/tips/{id}/news", tag = "tips", request_body = ReleaseNews,
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 201, description = "What the reporter reads from now on", body = OutcomeView),
              (status = 409, description = "It is not so, or told already (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn release_news(
    caller: Caller<scope::TipsTriage>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    key: IdempotencyKey,
    body: Body<ReleaseNews>,
) -> Answer<HttpResponse> {
    let claim = Claim::of(&caller.who, &key, &meta, &body.raw);
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let now = app.now();
    idempotency::respond(&app, claim, async |conn| {
        let state = tips::find_state(conn, id.0, &Visibility::of(&caller.who)).await?;
        let told = news::release(conn, &state, &body.value, &actor, now, meta.lang).await?;
        idempotency::Answer::json(201, &told)
    })
    .await
}
