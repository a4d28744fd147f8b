//! Endpoints of referrals for the police, and the list and view that agencies share.

use actix_web::{HttpResponse, web};
use chrono::Duration;
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use uuid::Uuid;

use super::reach::Reach;
use super::store::{self, ReferralRow, Wanted};
use super::wire::{CreateReferral, OptionalReason, ReferralReason, ReferralView, UpdateReferral};
use super::{draft, share};
use crate::auth::Principal;
use crate::db::{self, Conn};
use crate::domain::referral::{HOLD_ENDS_WITHIN, ReferralKind, ReferralState};
use crate::error::{Error, Result};
use crate::http::page::Listing;
use crate::http::problem::ProblemBody;
use crate::http::{
    Answer, Api, Body, BodyIfAny, Caller, IdempotencyKey, IfMatch, ItemPage, Json, Meta, Path,
    scope,
};
use crate::idempotency::{self, Claim};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![
        create_referral,
        list_referrals,
        show_referral,
        update_referral,
        send_referral,
        discard_referral,
        recall_referral,
        release_referral
    ]
}

/// Send a referral.
///
/// The agency sees what `disclose` names and nothing else; a freeze never asks for more than was reported lost. With
/// `renews` it prolongs a freeze that a bank has answered: it is about the same money.
#[utoipa::path(post, path = "/v1/referrals", tag = "referrals", request_body = CreateReferral,
    responses((status = 201, description = "The referral, sent", body = ReferralView,
        headers(("Location" = String, description = "The referral"), ("ETag" = String, description = "Its version"))),
              (status = 409, description = "The freeze to prolong holds nothing (`wrong_state`) or is prolonged already (`already_renewed`), or the tip has ended (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn create_referral(
    caller: Caller<scope::ReferralsWrite>,
    app: web::Data<AppState>,
    meta: Meta,
    key: IdempotencyKey,
    body: Body<CreateReferral>,
) -> Answer<HttpResponse> {
    let claim = Claim::of(&caller.who, &key, &meta, &body.raw);
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    idempotency::respond(&app, claim, async |conn| {
        let row = draft::create(conn, &app, &caller.who, &actor, &body.value).await?;
        let (id, version) = (row.id, row.version);
        let view = share::view(conn, &app, row, &Reach::issuer(&caller.who), meta.lang).await?;
        Ok(idempotency::Answer::json(201, &view)?
            .at(format!("/v1/referrals/{id}"))
            .versioned(version))
    })
    .await
}

#[derive(Debug, Deserialize, IntoParams)]
struct ReferralsQuery {
    /// What is asked.
    #[param(example = "freeze_funds")]
    kind: Option<String>,
    /// Where it stands.
    #[param(example = "sent")]
    state: Option<String>,
    /// Code of the agency asked.
    #[param(example = "bank_970436")]
    agency: Option<String>,
    /// Only those that come from this tip.
    tip: Option<Uuid>,
    /// Only those that come from this case, or came from one of its tips before it joined.
    case: Option<Uuid>,
    /// Only those whose answer is overdue.
    overdue: Option<bool>,
    /// Only freezes whose hold ends within a day, or ended within the last week, and that nobody has asked to prolong.
    ending: Option<bool>,
}

/// List referrals, newest first.
///
/// Police officers see all of them, other bearers those addressed to their own agency.
#[utoipa::path(get, path = "/v1/referrals", tag = "referrals",
    responses((status = 200, description = "One page", body = ItemPage<ReferralView>)))]
async fn list_referrals(
    caller: Caller<scope::ReferralsReadOrWork>,
    app: web::Data<AppState>,
    meta: Meta,
    listing: Listing<ReferralsQuery>,
) -> Answer<ItemPage<ReferralView>> {
    let q = &listing.filters;
    let unknown = |name: &str| {
        Error::invalid_parameter(name, "unknown_value", format!("There is no such {name}."))
    };
    if q.kind
        .as_ref()
        .is_some_and(|k| ReferralKind::parse(k).is_none())
    {
        return Err(unknown("kind").into());
    }
    if q.state
        .as_ref()
        .is_some_and(|s| ReferralState::parse(s).is_none())
    {
        return Err(unknown("state").into());
    }
    let reach = Reach::of(&caller.who);
    // An agency may not find out by a filter what it is not shown.
    let hidden = reach.is_addressee();
    let mut conn = app.db.get().await?;
    let wanted = Wanted {
        kind: q.kind.as_deref(),
        state: q.state.as_deref(),
        agency: q.agency.as_deref(),
        tip: q.tip.filter(|_| !hidden),
        case: q.case.filter(|_| !hidden),
        due_before: (q.overdue == Some(true)).then(|| app.now()),
        ending: (q.ending == Some(true)).then(|| {
            let now = app.now();
            (now - Duration::days(7), now + HOLD_ENDS_WITHIN)
        }),
        after: listing.page.after::<Uuid>()?,
        limit: listing.page.limit,
    };
    let rows = store::page(&mut conn, &reach, &wanted).await?;
    let page = listing.page.page(rows, |row| row.id);
    let items = share::views(&mut conn, &app, page.items, &reach, meta.lang).await?;
    let ids: Vec<Uuid> = items.iter().map(|item| item.id).collect();
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("referral.listed", &actor, app.now()).with(json!({"ids": ids}));
    journal::record(&mut conn, &[entry]).await?;
    Ok(ItemPage {
        items,
        next_cursor: page.next_cursor,
    })
}

/// Show a referral.
#[utoipa::path(get, path = "/v1/referrals/{id}", tag = "referrals",
    params(("id" = Uuid, Path, description = "Referral id")),
    responses((status = 200, description = "The referral", body = ReferralView,
        headers(("ETag" = String, description = "Its version")))))]
async fn show_referral(
    caller: Caller<scope::ReferralsReadOrWork>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<Json<ReferralView>> {
    let mut conn = app.db.get().await?;
    let reach = Reach::of(&caller.who);
    let row = store::find(&mut conn, id.0, &reach).await?;
    record_read(&mut conn, &app, &caller.who, &meta, id.0).await?;
    answer(&mut conn, &app, row, &reach, &meta).await
}

/// Writes the audit entry of a referral that a person read.
pub async fn record_read(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    meta: &Meta,
    id: Uuid,
) -> Result<()> {
    let actor = Actor::bearer(who, &meta.request_id);
    let entry = Entry::audit("referral.read", &actor, app.now()).on("referral", id);
    journal::record(conn, &[entry.with(json!({"path": meta.path}))]).await
}

/// The view of a referral with its version.
pub async fn answer(
    conn: &mut Conn,
    app: &AppState,
    row: ReferralRow,
    reach: &Reach,
    meta: &Meta,
) -> Answer<Json<ReferralView>> {
    let version = row.version;
    let view = share::view(conn, app, row, reach, meta.lang).await?;
    Ok(Json::versioned(view, version))
}

/// Does something to a referral in a transaction, and shows it within the bearer's reach.
pub async fn act(
    app: &AppState,
    meta: &Meta,
    reach: &Reach,
    work: impl AsyncFnOnce(&mut Conn) -> Result<ReferralRow>,
) -> Answer<Json<ReferralView>> {
    let mut conn = app.db.get().await?;
    let row = db::transaction(&mut conn, work).await?;
    answer(&mut conn, app, row, reach, meta).await
}

/// Change a referral that is not answered.
#[utoipa::path(patch, path = "/v1/referrals/{id}", tag = "referrals", request_body = UpdateReferral,
    params(("id" = Uuid, Path, description = "Referral id")),
    responses((status = 200, description = "The referral", body = ReferralView,
               headers(("ETag" = String, description = "Its version"))),
              (status = 409, description = "It is answered or taken back (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn update_referral(
    caller: Caller<scope::ReferralsWrite>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Body<UpdateReferral>,
) -> Answer<Json<ReferralView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let reach = Reach::issuer(&caller.who);
    act(&app, &meta, &reach, async |conn| {
        let mut row = store::lock(conn, id.0, &Reach::issuer(&caller.who)).await?;
        if_match.check(row.version)?;
        draft::update(conn, &app, &actor, &mut row, body.value).await?;
        Ok(row)
    })
    .await
}

/// Send a proposal.
#[utoipa::path(post, path = "/v1/referrals/{id}/send", tag = "referrals",
    params(("id" = Uuid, Path, description = "Referral id")),
    responses((status = 200, description = "The referral, sent", body = ReferralView),
              (status = 409, description = "It is no longer a proposal (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn send_referral(
    caller: Caller<scope::ReferralsWrite>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<Json<ReferralView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let reach = Reach::issuer(&caller.who);
    act(&app, &meta, &reach, async |conn| {
        draft::send(conn, &app, &caller.who, &actor, id.0).await
    })
    .await
}

/// Discard a proposal.
#[utoipa::path(post, path = "/v1/referrals/{id}/discard", tag = "referrals", request_body = ReferralReason,
    params(("id" = Uuid, Path, description = "Referral id")),
    responses((status = 200, description = "The referral, discarded", body = ReferralView),
              (status = 409, description = "It is no longer a proposal (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn discard_referral(
    caller: Caller<scope::ReferralsWrite>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: Body<ReferralReason>,
) -> Answer<Json<ReferralView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let reason = &body.value.reason;
    let reach = Reach::issuer(&caller.who);
    act(&app, &meta, &reach, async |conn| {
        draft::discard(conn, &app, &caller.who, &actor, id.0, reason).await
    })
    .await
}

/// Recall a referral.
#[utoipa::path(post, path = "/v1/referrals/{id}/recall", tag = "referrals", request_body = Option<OptionalReason>,
    params(("id" = Uuid, Path, description = "Referral id")),
    responses((status = 200, description = "The referral, recalled", body = ReferralView),
              (status = 409, description = "It is answered already (`already_completed`, `wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn recall_referral(
    caller: Caller<scope::ReferralsWrite>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: BodyIfAny<OptionalReason>,
) -> Answer<Json<ReferralView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let reason = body.0.reason.as_deref();
    let reach = Reach::issuer(&caller.who);
    act(&app, &meta, &reach, async |conn| {
        draft::recall(conn, &app, &caller.who, &actor, id.0, reason).await
    })
    .await
}

/// Let the outcome reach the reporter.
///
/// This is the only way in which news of a blocked number or removed content reaches a receipt: that of the tip which
/// the referral is for, or those of a case's tips that name what was blocked. The outcome of a freeze goes by itself
/// to the tip that carries the loss.
#[utoipa::path(post, path = "/v1/referrals/{id}/release", tag = "referrals",
    params(("id" = Uuid, Path, description = "Referral id")),
    responses((status = 200, description = "The referral", body = ReferralView),
              (status = 409, description = "There is nothing in it to tell a reporter (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn release_referral(
    caller: Caller<scope::ReferralsWrite>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<Json<ReferralView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let reach = Reach::issuer(&caller.who);
    act(&app, &meta, &reach, async |conn| {
        draft::release(conn, &app, &caller.who, &actor, id.0).await
    })
    .await
}
