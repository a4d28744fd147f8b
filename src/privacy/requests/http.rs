//! Endpoints of the requests of data subjects.

use actix_web::{HttpResponse, web};
use serde_json::json;
use uuid::Uuid;

use super::disclosure::{self, PersonalData};
use super::service;
use super::store::{self, RequestRow, Wanted};
use super::wire::{
    DecideRequest, ExtendRequest, LiftRestriction, OwnRequests, PrivacyRequestView, RequestsQuery,
    SubmitPrivacyRequest, ToldRequest,
};
use crate::domain::privacy_clock::RequestKind;
use crate::error::Error;
use crate::http::By;
use crate::http::idempotency::request_hash;
use crate::http::middleware::Gate;
use crate::http::page::{Listing, NoFilters};
use crate::http::problem::ProblemBody;
use crate::http::{
    Answer, Api, Body, Caller, CallerOrReporter, CitizenBody, IdempotencyKey, ItemPage, Json, Meta,
    Path, Police, Reporter, scope,
};
use crate::idempotency::{self, Claim};
use crate::journal::{self, Actor, Entry};
use crate::receipts;
use crate::reveals::{self, RevealIdentity, RevealView};
use crate::state::AppState;
use crate::tips::{self, Visibility};

pub fn api() -> Api {
    crate::handlers![
        submit_privacy_request,
        list_own_requests,
        list_privacy_requests,
        show_privacy_request,
        acknowledge_privacy_request,
        extend_privacy_request,
        decide_privacy_request,
        disclose_personal_data,
        lift_restriction
    ]
}

/// Make a request about one's own data.
///
/// A reporter asks by receipt, in place of a token; for everybody else an administrator writes the
/// request down. It is acknowledged within 2 working days and answered within 10 days (access,
/// correction), 15 (restriction, withdrawal of consent) or 20 (erasure), each extendable once
/// (NĐ 356/2025 art. 5). One request of a kind may be open for a tip.
#[utoipa::path(post, path = "/v1/privacy/requests", tag = "privacy", request_body = SubmitPrivacyRequest,
    responses((status = 201, description = "Received; its clocks run", body = ToldRequest,
        headers(("Location" = String, description = "The request; for a reporter the list of the receipt's requests"))),
        (status = 409, description = "One of this kind is open for the tip (`duplicate`)",
         body = ProblemBody, content_type = "application/problem+json")))]
async fn submit_privacy_request(
    asker: CallerOrReporter<Police<scope::Admin>>,
    app: web::Data<AppState>,
    gate: web::Data<Gate>,
    meta: Meta,
    key: IdempotencyKey,
    body: CitizenBody<SubmitPrivacyRequest>,
) -> Answer<HttpResponse> {
    let wish = &body.value;
    let hash = request_hash(&meta.method, &meta.path, &body.raw);
    let key = key.0.as_deref();
    let mut conn = app.db.get().await?;
    let (actor, recorded_by, tip, claim) = match &asker.by {
        By::Receipt(reporter) => {
            let opened = receipts::open(&mut conn, &app, &gate, reporter, &meta).await?;
            if wish.tip_id.is_some_and(|tip| tip != opened.tip_id) {
                let detail = "With a receipt the request is about the receipt's own tip.";
                return Err(Error::invalid("/tip_id", "not_allowed", detail).into());
            }
            let tip = opened.tip_id.to_string();
            let claim = key.map(|key| Claim::scoped("receipt", &tip, key, hash));
            let actor = Actor::reporter(&meta.request_id);
            (actor, None, Some(opened.tip_id), claim)
        }
        By::Bearer(who) => {
            if let Some(tip) = wish.tip_id {
                tips::find_state(&mut conn, tip, &Visibility::of(who))
                    .await
                    .map_err(|error| match error {
                        Error::NotFound { .. } => {
                            Error::invalid("/tip_id", "not_found", "There is no such tip.")
                        }
                        other => other,
                    })?;
            }
            let claim = key.map(|key| Claim::new(who, key, hash));
            let actor = Actor::bearer(who, &meta.request_id);
            (actor, Some(who.sub.clone()), wish.tip_id, claim)
        }
    };
    let now = app.now();
    let outcome = idempotency::once(&mut conn, &app.keys.answers, claim, now, async |conn| {
        let by = recorded_by.as_deref();
        let row = service::receive(conn, &app, &actor, by, tip, wish).await?;
        let location = match by {
            None => "/v1/receipt/privacy".to_owned(),
            Some(_) => format!("/v1/privacy/requests/{}", row.id),
        };
        Ok(idempotency::Answer::json(201, &ToldRequest::of(&row, meta.lang))?.at(location))
    })
    .await?;
    Ok(outcome.into())
}

/// List the requests about the data of a tip, by its receipt, newest first.
///
/// A receipt opens nothing any more once the tip was withdrawn, or erased as a whole; for 90 days this list, then empty,
/// still says in `ended` that it was done and when.
#[utoipa::path(get, path = "/v1/receipt/privacy", tag = "receipt",
    responses((status = 200, description = "One page", body = OwnRequests)))]
async fn list_own_requests(
    reporter: Reporter,
    app: web::Data<AppState>,
    gate: web::Data<Gate>,
    meta: Meta,
    listing: Listing<NoFilters>,
) -> Answer<OwnRequests> {
    let mut conn = app.db.get().await?;
    let opened = match receipts::open_or_ended(&mut conn, &app, &gate, &reporter, &meta).await? {
        Ok(opened) => opened,
        Err(ended) => return Ok(OwnRequests::ended(ended)),
    };
    let after = listing.page.after::<Uuid>()?;
    let rows = store::of_tip(&mut conn, opened.tip_id, after, listing.page.limit).await?;
    let now = app.now();
    if let Some(look) = gate.limits.look("privacy", opened.tip_id.as_bytes(), now) {
        let actor = Actor::reporter(&meta.request_id);
        let entry = Entry::audit("privacy.listed", &actor, now).on("tip", opened.tip_id);
        journal::record(&mut conn, &[entry]).await?;
        look.noted();
    }
    let page = listing.page.page(rows, |row| row.id);
    Ok(OwnRequests::of(
        page.map(|row| ToldRequest::of(&row, meta.lang)),
    ))
}

/// List requests of data subjects, newest first.
#[utoipa::path(get, path = "/v1/privacy/requests", tag = "privacy",
    responses((status = 200, description = "One page", body = ItemPage<PrivacyRequestView>)))]
async fn list_privacy_requests(
    caller: Caller<Police<scope::Admin>>,
    app: web::Data<AppState>,
    meta: Meta,
    listing: Listing<RequestsQuery>,
) -> Answer<ItemPage<PrivacyRequestView>> {
    let q = &listing.filters;
    let states = ["received", "acknowledged", "granted", "refused"];
    let known_state = q.state.as_deref().is_none_or(|code| states.contains(&code));
    let known_kind = q
        .kind
        .as_deref()
        .is_none_or(|code| RequestKind::parse(code).is_some());
    for (name, known) in [("state", known_state), ("kind", known_kind)] {
        if !known {
            let detail = format!("There is no such {name}.");
            return Err(Error::invalid_parameter(name, "unknown_value", detail).into());
        }
    }
    let mut conn = app.db.get().await?;
    let wanted = Wanted {
        state: q.state.as_deref(),
        kind: q.kind.as_deref(),
        overdue: q.overdue,
        now: app.now(),
        after: listing.page.after::<Uuid>()?,
        limit: listing.page.limit,
    };
    let rows = store::page(&mut conn, &Visibility::of(&caller.who), &wanted).await?;
    let page = listing.page.page(rows, |row| row.id);
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let ids: Vec<Uuid> = page.items.iter().map(|row| row.id).collect();
    let tips: Vec<Uuid> = page.items.iter().filter_map(|row| row.tip_id).collect();
    let entry = Entry::audit("privacy.listed", &actor, app.now())
        .with(json!({"ids": ids, "tip_ids": tips}));
    journal::record(&mut conn, &[entry]).await?;
    Ok(ItemPage {
        items: page
            .items
            .iter()
            .map(|row| service::view(&app, row))
            .collect(),
        next_cursor: page.next_cursor,
    })
}

/// Show a request of a data subject.
#[utoipa::path(get, path = "/v1/privacy/requests/{id}", tag = "privacy",
    params(("id" = Uuid, Path, description = "Id of the request")),
    responses((status = 200, description = "The request", body = PrivacyRequestView)))]
async fn show_privacy_request(
    caller: Caller<Police<scope::Admin>>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<Json<PrivacyRequestView>> {
    let mut conn = app.db.get().await?;
    let row = store::find(&mut conn, id.0, &Visibility::of(&caller.who)).await?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("privacy.read", &actor, app.now())
        .on("privacy_request", row.id)
        .with(json!({"tip_id": row.tip_id}));
    journal::record(&mut conn, &[entry]).await?;
    answer(&app, &row)
}

fn answer(app: &AppState, row: &RequestRow) -> Answer<Json<PrivacyRequestView>> {
    Ok(Json::new(service::view(app, row)))
}

/// Acknowledge a request of a data subject.
#[utoipa::path(post, path = "/v1/privacy/requests/{id}/acknowledge", tag = "privacy",
    params(("id" = Uuid, Path, description = "Id of the request")),
    responses((status = 200, description = "The request", body = PrivacyRequestView),
              (status = 409, description = "Acknowledged or decided already (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn acknowledge_privacy_request(
    caller: Caller<Police<scope::Admin>>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<Json<PrivacyRequestView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let row = service::acknowledge(&app, &caller.who, &actor, id.0).await?;
    answer(&app, &row)
}

/// Extend the term of a data subject's request once, by the same length.
#[utoipa::path(post, path = "/v1/privacy/requests/{id}/extend", tag = "privacy", request_body = ExtendRequest,
    params(("id" = Uuid, Path, description = "Id of the request")),
    responses((status = 200, description = "The request with its new term", body = PrivacyRequestView),
              (status = 409, description = "Extended or decided already, or the term is over (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn extend_privacy_request(
    caller: Caller<Police<scope::Admin>>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: Body<ExtendRequest>,
) -> Answer<Json<PrivacyRequestView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let row = service::extend(&app, &caller.who, &actor, id.0, body.value.reason).await?;
    answer(&app, &row)
}

/// Decide a request of a data subject.
///
/// What is granted about a tip takes effect with the decision. An erasure destroys the identity, its index and the
/// sealed bytes, with `extent: tip` the whole tip and its files. A correction takes the right facts from `correction`
/// and keeps them beside what was sent. A restriction keeps the data of a decided tip, which is then neither
/// exported, compared, referred nor decided again until the restriction is lifted. After access is granted, `POST
/// …/disclosure` gives all that is held. A request that is about no tip is carried out by the officer who decides.
#[utoipa::path(post, path = "/v1/privacy/requests/{id}/decide", tag = "privacy", request_body = DecideRequest,
    params(("id" = Uuid, Path, description = "Id of the request")),
    responses((status = 200, description = "The request as decided", body = PrivacyRequestView),
              (status = 409, description = "Decided already (`wrong_state`); or the law needs the tip (`retained_by_law`, `detail` names the ground)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn decide_privacy_request(
    caller: Caller<Police<scope::Admin>>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: Body<DecideRequest>,
) -> Answer<Json<PrivacyRequestView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let row = service::decide(&app, &caller.who, &actor, id.0, body.value).await?;
    answer(&app, &row)
}

/// Show all that is held of a reporter, to be handed over.
///
/// Answers a granted request for access, with a stated purpose and never without an audit entry. Where the reporter
/// asked for secrecy the answer is 202 until another officer has approved; then send the same request again within
/// the hour. It holds the data of this tip only: other tips under the same number may be somebody else's.
#[utoipa::path(post, path = "/v1/privacy/requests/{id}/disclosure", tag = "privacy", request_body = RevealIdentity,
    params(("id" = Uuid, Path, description = "Id of the request")),
    responses((status = 200, description = "What is held", body = PersonalData),
              (status = 202, description = "Another officer has to approve", body = RevealView),
              (status = 409, description = "No granted request for access to the data of a tip (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn disclose_personal_data(
    caller: Caller<Police<scope::ReportersReveal>>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: Body<RevealIdentity>,
) -> Answer<HttpResponse> {
    let purpose = &body.value.purpose;
    let outcome = reveals::ask(&app, &caller.who, &meta, purpose, async |conn, asker| {
        disclosure::disclose(conn, &app, asker, id.0).await
    })
    .await?;
    Ok(outcome.respond())
}

/// Lift the restriction that a request led to.
#[utoipa::path(post, path = "/v1/privacy/requests/{id}/lift", tag = "privacy", request_body = LiftRestriction,
    params(("id" = Uuid, Path, description = "Id of the request")),
    responses((status = 200, description = "The request; the tip may be used again", body = PrivacyRequestView),
              (status = 409, description = "It restricts no tip, or no longer does (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn lift_restriction(
    caller: Caller<Police<scope::Admin>>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: Body<LiftRestriction>,
) -> Answer<Json<PrivacyRequestView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let row = service::lift(&app, &caller.who, &actor, id.0, body.value.reason).await?;
    answer(&app, &row)
}
