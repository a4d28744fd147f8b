//! Endpoints of triage.

use std::collections::HashMap;

use actix_web::{CustomizeResponder, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::wire::{ClaimTips, ClaimedTips, DecideTip, DecisionTaken, Flood, QueueItem, ReopenTip};
use super::{claims, decisions, reopening};
use crate::http::page::Listing;
use crate::http::{Answer, Api, Body, Caller, IdempotencyKey, ItemPage, Json, Meta, Path, scope};
use crate::idempotency::{self, Claim};
use crate::journal::Actor;
use crate::state::AppState;
use crate::tips::list::{self, After, Sort, TipFilters, Wanted};
use crate::tips::wire::TipView;
use crate::tips::{TipState, Visibility, record_list, searching, seen, view};

pub fn api() -> Api {
    crate::handlers![
        list_queue,
        claim_tips,
        renew_claim,
        release_claim,
        decide_tip,
        undo_decision,
        reopen_tip
    ]
}

/// Filters and order of the queue.
#[derive(Debug, Deserialize, IntoParams)]
struct QueueQuery {
    /// Code of the desk.
    #[param(example = "cyber")]
    desk: Option<String>,
    /// Status; without it, tips that wait for a decision.
    #[param(value_type = Option<crate::http::TipStatusCode>, inline, example = "received")]
    status: Option<String>,
    /// Level: `critical`, `high`, `normal`, `low`.
    #[param(value_type = Option<crate::http::LevelCode>, inline, example = "critical")]
    priority: Option<String>,
    /// Code of the method.
    method: Option<String>,
    /// Code of the commune or ward.
    #[param(example = "03127")]
    unit: Option<String>,
    /// A number, link or account in any written form.
    #[param(example = "0369 123 456")]
    indicator: Option<String>,
    /// Received at or after (RFC 3339).
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    received_from: Option<DateTime<Utc>>,
    /// Received before (RFC 3339).
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    received_to: Option<DateTime<Utc>>,
    /// Only tips whose deadline of classification is over.
    overdue: Option<bool>,
    /// Only tips whose reporter sent a message, a file or an addition that no officer has seen.
    unread: Option<bool>,
    /// Words of the text, with or without accents; "in quotes" for a phrase, `chuy*` for the beginning of a
    /// word, `-not` for what must not be there. At most 10 s behind.
    #[param(example = "chuyen khoan")]
    q: Option<String>,
    /// Order: `priority` (default), `received`, `due`.
    #[param(inline)]
    sort: Option<Sort>,
    /// Only the copies of one message: `flood.id` of an item of the collapsed queue.
    flood: Option<Uuid>,
    /// Show tips with nearly the same text as one line, the most urgent, with how many there are.
    collapse: Option<bool>,
}

/// List the queue, most urgent first.
///
/// With `collapse=true` a flood of copies becomes one line: its most urgent tip, with `flood.tips` saying how many
/// the list holds, and `flood.id` to list or claim them.
#[utoipa::path(get, path = "/v1/triage/queue", tag = "triage",
    responses((status = 200, description = "One page", body = ItemPage<QueueItem>,
        headers(("X-Search-Behind" = i64, description = "With `q`: by how many seconds the search may be behind"))),
              (status = 503, description = "The search took too long (`search_too_slow`): narrow it",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn list_queue(
    caller: Caller<scope::TipsRead>,
    app: web::Data<AppState>,
    meta: Meta,
    listing: Listing<QueueQuery>,
) -> Answer<CustomizeResponder<ItemPage<QueueItem>>> {
    let query = listing.filters;
    let sort = query.sort.unwrap_or_default();
    let filters = TipFilters {
        desk: query.desk,
        status: query.status,
        priority: query.priority,
        method: query.method,
        unit: query.unit,
        indicator: query.indicator,
        received_from: query.received_from,
        received_to: query.received_to,
        overdue: query.overdue,
        unread: query.unread,
        q: query.q,
        flood: query.flood,
        case_id: None,
        notice_owed: false,
        no_channel: false,
    };
    let now = app.now();
    let reference = app.reference.get();
    let wanted = Wanted {
        filters: &filters,
        open_only: true,
        sort,
        after: listing.page.after::<After>()?,
        limit: listing.page.limit,
        now,
    };
    let mut conn = list::connection(&app, &filters).await?;
    let visible = Visibility::of(&caller.who);
    let collapse = query.collapse == Some(true);
    let states = searching::bounded(&mut conn, &filters, async |conn| {
        if collapse {
            list::collapsed_page(conn, &visible, &reference, &wanted).await
        } else {
            list::page(conn, &visible, &reference, &wanted).await
        }
    })
    .await?;
    let page = listing.page.page(states, |state| After::of(state, sort));
    let context = view::Context {
        reference: &reference,
        now,
        lang: meta.lang,
    };
    let items = view::of(&mut conn, &page.items, &context).await?;
    let floods = if collapse {
        list::flood_counts(&mut conn, &visible, &reference, &wanted, &page.items).await?
    } else {
        HashMap::new()
    };
    let behind = searching::behind(&mut conn, filters.words().is_some(), now).await?;
    drop(conn);
    record_list(&mut *app.db.get().await?, &caller.who, &meta, now, &items).await?;
    let flood = |tip: &TipView| {
        let (id, tips) = floods.get(&tip.id).copied()?;
        Some(Flood { id, tips })
    };
    let items = items.into_iter().map(|tip| QueueItem {
        flood: flood(&tip),
        tip,
    });
    let list = ItemPage {
        items: items.collect(),
        next_cursor: page.next_cursor,
    };
    Ok(searching::answer(list, behind))
}

/// Claim the most urgent tips.
///
/// They are leased to the caller for 15 minutes; two callers never get the same tip.
#[utoipa::path(post, path = "/v1/triage/claims", tag = "triage", request_body = ClaimTips,
    responses((status = 200, description = "The tips leased, most urgent first; none where none waits", body = ClaimedTips)))]
async fn claim_tips(
    caller: Caller<scope::TipsTriage>,
    app: web::Data<AppState>,
    meta: Meta,
    key: IdempotencyKey,
    body: Body<ClaimTips>,
) -> Answer<HttpResponse> {
    let claim = Claim::of(&caller.who, &key, &meta, &body.raw);
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    idempotency::respond(&app, claim, async |conn| {
        let states = claims::claim(conn, &app, &caller.who, &actor, &body.value).await?;
        let items = views(conn, &app, &meta, &states).await?;
        idempotency::Answer::json(200, &ClaimedTips { items })
    })
    .await
}

async fn views(
    conn: &mut crate::db::Conn,
    app: &AppState,
    meta: &Meta,
    states: &[TipState],
) -> crate::error::Result<Vec<TipView>> {
    let reference = app.reference.get();
    let context = view::Context {
        reference: &reference,
        now: app.now(),
        lang: meta.lang,
    };
    view::of(conn, states, &context).await
}

/// Claim one tip, or renew the claim.
///
/// This is the only way to take up a tip that its reporter withdrew.
#[utoipa::path(put, path = "/v1/tips/{id}/claim", tag = "triage",
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 200, description = "Leased for 15 minutes from now", body = TipView),
              (status = 409, description = "Held by another officer (`claimed_by_other`) or decided (`already_decided`)",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn renew_claim(
    caller: Caller<scope::TipsTriage>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<Json<TipView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let mut conn = app.db.get().await?;
    let view = crate::db::transaction(&mut conn, async |conn| {
        let state = claims::claim_one(conn, &app, &caller.who, &actor, id.0).await?;
        seen(conn, &app, &caller.who, &meta, &state, "tip.read").await
    })
    .await?;
    let version = view.version;
    Ok(Json::versioned(view, version))
}

/// Release a claim.
#[utoipa::path(delete, path = "/v1/tips/{id}/claim", tag = "triage",
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 204, description = "Released"),
              (status = 409, description = "Not claimed by the caller, decided already, or the tip named in `duplicate_of` is a duplicate of this one (`wrong_state`)",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn release_claim(
    caller: Caller<scope::TipsTriage>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<HttpResponse> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let mut conn = app.db.get().await?;
    crate::db::transaction(&mut conn, async |conn| {
        claims::release(conn, &app, &caller.who, &actor, id.0).await
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Decide on a tip.
///
/// Only the holder of the claim may decide; the same officer may undo it within 10 minutes.
#[utoipa::path(post, path = "/v1/tips/{id}/decisions", tag = "triage", request_body = DecideTip,
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 200, description = "Decided", body = DecisionTaken)))]
async fn decide_tip(
    caller: Caller<scope::TipsTriage>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    key: IdempotencyKey,
    body: Body<DecideTip>,
) -> Answer<HttpResponse> {
    let claim = Claim::of(&caller.who, &key, &meta, &body.raw);
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    idempotency::respond(&app, claim, async |conn| {
        let (taken, version) =
            decisions::decide(conn, &app, &caller.who, &actor, id.0, &body.value).await?;
        Ok(idempotency::Answer::json(200, &taken)?.versioned(version))
    })
    .await
}

/// Undo one's own decision within 10 minutes.
#[utoipa::path(delete, path = "/v1/tips/{id}/decisions/{decision_id}", tag = "triage",
    params(("id" = Uuid, Path, description = "Tip id"),
           ("decision_id" = Uuid, Path, description = "Decision id")),
    responses((status = 204, description = "Undone; the caller holds the claim again"),
              (status = 409, description = "Too late, not the caller's own, not the last, or its case was decided upon meanwhile (`not_undoable`)",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn undo_decision(
    caller: Caller<scope::TipsTriage>,
    app: web::Data<AppState>,
    meta: Meta,
    path: Path<(Uuid, Uuid)>,
) -> Answer<HttpResponse> {
    let (tip, decision) = path.0;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let mut conn = app.db.get().await?;
    crate::db::transaction(&mut conn, async |conn| {
        decisions::undo(conn, &app, &caller.who, &actor, tip, decision).await
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Reopen a decided tip.
///
/// A tip that was dismissed, marked as a duplicate or transferred waits in the queue again. Whatever the reporter
/// adds to such a tip reopens it too, and so does a transfer that the other body declines.
#[utoipa::path(post, path = "/v1/tips/{id}/reopen", tag = "triage", request_body = ReopenTip,
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 200, description = "The tip, waiting again", body = TipView),
              (status = 409, description = "It waits, belongs to a case or was withdrawn (`wrong_state`), or its use is restricted (`restricted`)",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn reopen_tip(
    caller: Caller<scope::TipsTriage>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: Body<ReopenTip>,
) -> Answer<Json<TipView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let mut conn = app.db.get().await?;
    let view = crate::db::transaction(&mut conn, async |conn| {
        let state = reopening::reopen(conn, &app, &caller.who, &actor, id.0, &body.value).await?;
        seen(conn, &app, &caller.who, &meta, &state, "tip.read").await
    })
    .await?;
    let version = view.version;
    Ok(Json::versioned(view, version))
}
