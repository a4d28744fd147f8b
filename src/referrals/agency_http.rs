//! Endpoints for the agency that a referral is addressed to: take note, ask, answer.

use actix_web::{HttpResponse, http::header, web};
use uuid::Uuid;

use super::answers::{self, Answering};
use super::http::{act, record_read};
use super::reach::Reach;
use super::results_csv;
use super::store::{self, MessageRow};
use super::wire::{
    CompleteReferral, OptionalReason, ReferralMessage, ReferralView, WriteReferralMessage,
};
use crate::domain::spreadsheet;
use crate::error::Error;
use crate::http::body::CsvBody;
use crate::http::page::{Listing, NoFilters};
use crate::http::problem::ProblemBody;
use crate::http::{
    Answer, Api, Body, BodyIfAny, Caller, IdempotencyKey, ItemPage, Json, Meta, Path, scope,
};
use crate::idempotency::{self, Claim};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![
        acknowledge_referral,
        complete_referral,
        decline_referral,
        list_referral_results,
        update_referral_results,
        list_referral_messages,
        create_referral_message
    ]
}

/// Acknowledge a referral: the agency has it.
#[utoipa::path(post, path = "/v1/referrals/{id}/acknowledge", tag = "referrals",
    params(("id" = Uuid, Path, description = "Referral id")),
    responses((status = 200, description = "The referral, acknowledged", body = ReferralView),
              (status = 409, description = "It is acknowledged or answered already (`wrong_state`, `already_completed`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn acknowledge_referral(
    caller: Caller<scope::ReferralsWork>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<Json<ReferralView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let reach = Reach::addressee(&caller.who);
    act(&app, &meta, &reach, async |conn| {
        answers::acknowledge(
            conn,
            &app,
            &Answering::agency(&caller.who, &actor, app.now()),
            id.0,
        )
        .await
    })
    .await
}

/// Answer a referral.
///
/// A referral that is not acknowledged yet is acknowledged with it. `results` answers for each indicator; with
/// `moved_on` or `partly_frozen` it may name the accounts that the money went on to, and a freeze there is proposed
/// at once.
#[utoipa::path(post, path = "/v1/referrals/{id}/complete", tag = "referrals", request_body = CompleteReferral,
    params(("id" = Uuid, Path, description = "Referral id")),
    responses((status = 200, description = "The referral, answered", body = ReferralView),
              (status = 409, description = "It is answered already (`already_completed`), or declined, recalled or run out (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn complete_referral(
    caller: Caller<scope::ReferralsWork>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    key: IdempotencyKey,
    body: Body<CompleteReferral>,
) -> Answer<HttpResponse> {
    let claim = Claim::of(&caller.who, &key, &meta, &body.raw);
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let now = app.now();
    idempotency::respond(&app, claim, async |conn| {
        let row = answers::complete(
            conn,
            &app,
            &Answering::agency(&caller.who, &actor, now),
            id.0,
            &body.value,
        )
        .await?;
        let version = row.version;
        let reach = Reach::addressee(&caller.who);
        let view = super::share::view(conn, &app, row, &reach, meta.lang).await?;
        Ok(idempotency::Answer::json(200, &view)?.versioned(version))
    })
    .await
}

/// Decline a referral.
#[utoipa::path(post, path = "/v1/referrals/{id}/decline", tag = "referrals", request_body = Option<OptionalReason>,
    params(("id" = Uuid, Path, description = "Referral id")),
    responses((status = 200, description = "The referral, declined", body = ReferralView),
              (status = 409, description = "It is answered already (`already_completed`, `wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn decline_referral(
    caller: Caller<scope::ReferralsWork>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: BodyIfAny<OptionalReason>,
) -> Answer<Json<ReferralView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let reason = body.0.reason.as_deref();
    let reach = Reach::addressee(&caller.who);
    act(&app, &meta, &reach, async |conn| {
        answers::decline(
            conn,
            &app,
            &Answering::agency(&caller.who, &actor, app.now()),
            id.0,
            reason,
        )
        .await
    })
    .await
}

/// Columns of the results as CSV.
const COLUMNS: [&str; 5] = ["indicator_id", "kind", "value", "outcome", "amount_vnd"];

/// Get the indicators of a referral as CSV, with the answers so far.
///
/// Fill in `outcome` (and `amount_vnd` of a freeze) and send it back.
#[utoipa::path(get, path = "/v1/referrals/{id}/results", tag = "referrals",
    params(("id" = Uuid, Path, description = "Referral id")),
    responses((status = 200, description = "UTF-8 with a byte order mark; columns `indicator_id,kind,value,outcome,amount_vnd`",
        body = String, content_type = "text/csv")))]
async fn list_referral_results(
    caller: Caller<scope::ReferralsReadOrWork>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<HttpResponse> {
    let mut conn = app.db.get().await?;
    let row = store::find(&mut conn, id.0, &Reach::of(&caller.who)).await?;
    let about = store::about(&mut conn, &[row.id]).await?;
    record_read(&mut conn, &app, &caller.who, &meta, id.0).await?;
    let write = || -> std::result::Result<Vec<u8>, csv::Error> {
        let mut csv = spreadsheet::writer(spreadsheet::BOM.to_vec());
        csv.write_record(COLUMNS)?;
        for one in &about {
            let amount = one.amount_vnd.map(|amount| amount.to_string());
            csv.write_record([
                one.id.to_string().as_str(),
                &one.kind,
                &spreadsheet::cell(&one.value),
                one.outcome.as_deref().unwrap_or_default(),
                amount.as_deref().unwrap_or_default(),
            ])?;
        }
        csv.into_inner().map_err(|e| e.into_error().into())
    };
    let bytes = write().map_err(|e| Error::internal("writing results as CSV", e))?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"referral-{}.csv\"", id.0),
        ))
        .body(bytes))
}

/// Send the answers for many indicators as CSV, before the referral itself is answered.
///
/// Rows are found by `indicator_id`; those without an `outcome` are passed over. Then `complete` with the
/// outcome of the whole: it holds for those that have no answer of their own.
#[utoipa::path(put, path = "/v1/referrals/{id}/results", tag = "referrals",
    params(("id" = Uuid, Path, description = "Referral id")),
    request_body(content = String, content_type = "text/csv",
        description = "Columns `indicator_id`, `outcome` and, for a freeze, `amount_vnd`, parted by commas or semicolons; others are ignored"),
    responses((status = 200, description = "The referral with the answers so far", body = ReferralView),
              (status = 409, description = "It is answered already (`already_completed`, `wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn update_referral_results(
    caller: Caller<scope::ReferralsWork>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: CsvBody,
) -> Answer<Json<ReferralView>> {
    let results = results_csv::read(&body.0)?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let reach = Reach::addressee(&caller.who);
    act(&app, &meta, &reach, async |conn| {
        answers::note_results(conn, &app, &caller.who, &actor, id.0, results).await
    })
    .await
}

/// List questions about a referral and their answers, newest first.
#[utoipa::path(get, path = "/v1/referrals/{id}/messages", tag = "referrals",
    params(("id" = Uuid, Path, description = "Referral id")),
    responses((status = 200, description = "One page", body = ItemPage<ReferralMessage>)))]
async fn list_referral_messages(
    caller: Caller<scope::ReferralsReadOrWork>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    listing: Listing<NoFilters>,
) -> Answer<ItemPage<ReferralMessage>> {
    let mut conn = app.db.get().await?;
    let row = store::find(&mut conn, id.0, &Reach::of(&caller.who)).await?;
    let before = listing.page.after::<Uuid>()?;
    let rows = store::messages(&mut conn, row.id, before, listing.page.limit).await?;
    record_read(&mut conn, &app, &caller.who, &meta, id.0).await?;
    Ok(listing
        .page
        .page(rows, |row| row.id)
        .map(ReferralMessage::from))
}

/// Ask about a referral, or answer a question.
#[utoipa::path(post, path = "/v1/referrals/{id}/messages", tag = "referrals", request_body = WriteReferralMessage,
    params(("id" = Uuid, Path, description = "Referral id")),
    responses((status = 201, description = "The message", body = ReferralMessage)))]
async fn create_referral_message(
    caller: Caller<scope::ReferralsWriteOrWork>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    key: IdempotencyKey,
    body: Body<WriteReferralMessage>,
) -> Answer<HttpResponse> {
    let claim = Claim::of(&caller.who, &key, &meta, &body.raw);
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let now = app.now();
    idempotency::respond(&app, claim, async |conn| {
        let reach = Reach::of(&caller.who);
        let row = store::lock(conn, id.0, &reach).await?;
        let text = &body.value.text;
        let text = match reach.is_addressee() {
            true => text.clone(),
            // What officers write leaves the house.
            false => {
                let of = (row.tip_id, row.case_id);
                super::unnamed::note(conn, &app.keys.identity, of, text).await?
            }
        };
        let message = MessageRow {
            id: app.new_id(),
            referral_id: row.id,
            from_agency: reach.is_addressee(),
            author: caller.who.sub.clone(),
            text,
            created_at: now,
        };
        store::insert_message(conn, &message).await?;
        let entry = Entry::audit("referral.message", &actor, now).on("referral", row.id);
        journal::record(conn, &[entry]).await?;
        idempotency::Answer::json(201, &ReferralMessage::from(message))
    })
    .await
}

impl From<MessageRow> for ReferralMessage {
    fn from(row: MessageRow) -> Self {
        Self {
            id: row.id,
            from_agency: row.from_agency,
            text: row.text,
            created_at: row.created_at,
        }
    }
}
