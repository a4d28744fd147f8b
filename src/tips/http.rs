//! Endpoints of tips.

use actix_web::{CustomizeResponder, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use uuid::Uuid;

use super::changes;
use super::intake::{self, Sender};
use super::list::{self, After, Sort, TipFilters, Wanted};
use super::searching;
use super::store;
use super::submit::Intake;
use super::unread;
use super::view;
use super::visibility::Visibility;
use super::wire::{SubmissionView, SubmitTip, TimelineItem, TipReceived, TipView};
use crate::http::body::RawJson;
use crate::http::idempotency::request_hash;
use crate::http::page::{Listing, NoFilters};
use crate::http::{Answer, Api, Caller, IdempotencyKey, ItemPage, Json, Meta, Path, Query, scope};
use crate::idempotency::Claim;
use crate::journal::{self, Actor, Entry, Head};
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![
        submit_tip,
        list_tips,
        show_tip,
        show_submission,
        list_submissions,
        list_timeline,
        list_indicator_tips
    ]
}

/// Submit a tip.
///
/// Reception is never refused for content: what is not understood is kept and answered with
/// `warnings`. The answer is sent once the tip is durable; its `receipt` is shown only here.
#[utoipa::path(post, path = "/v1/tips", tag = "intake", request_body = SubmitTip,
    responses((status = 201, description = "Received and durable", body = TipReceived,
        headers(("Location" = String, description = "Where officers see the tip"),
                ("Idempotency-Replayed" = bool, description = "`true` where the answer is given again")))))]
async fn submit_tip(
    caller: Caller<scope::TipsSubmit>,
    app: web::Data<AppState>,
    intake: web::Data<Intake>,
    meta: Meta,
    key: IdempotencyKey,
    body: RawJson,
) -> Answer<HttpResponse> {
    let submission = intake::read(body.0)?;
    let sender = Sender {
        who: &caller.who,
        request_id: &meta.request_id,
        lang: meta.lang,
        content_type: "application/json",
    };
    let claim = key.0.as_deref().map(|key| {
        let hash = request_hash("POST", "/v1/tips", &submission.raw);
        Claim::new(&caller.who, key, hash)
    });
    let outcome = intake.submit(&app, &sender, &submission, claim).await?;
    Ok(outcome.into())
}

/// The header that says up to which position of the journal a page of changes tells.
const POSITION: &str = "Changes-Position";

/// Filters of `GET /v1/tips`.
#[derive(Debug, Deserialize, IntoParams)]
struct TipsQuery {
    /// Code of the desk.
    #[param(example = "cyber")]
    desk: Option<String>,
    /// Status of the tip.
    #[param(value_type = Option<crate::http::TipStatusCode>, inline, example = "accepted")]
    status: Option<String>,
    /// Level: `critical`, `high`, `normal`, `low`.
    #[param(value_type = Option<crate::http::LevelCode>, inline)]
    priority: Option<String>,
    /// Code of the method.
    #[param(example = "impersonate_police_court")]
    method: Option<String>,
    /// Code of the commune or ward.
    #[param(example = "03127")]
    unit: Option<String>,
    /// A number, link or account in any written form.
    #[param(example = "0169 123 4567")]
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
    /// Words of the text, with or without accents.
    q: Option<String>,
    /// Only tips of this case.
    case_id: Option<Uuid>,
    /// `true`: only tips whose reporter gave an identity and has not been told yet of the reception, of the tip's own
    /// result, of that of its case (TTLT 01/2017 art. 14), or that it was suspended or resumed (BLTTHS art. 148, 149).
    notice_owed: Option<bool>,
    /// `true`: only those of them whose reporter gave neither phone nor e-mail nor address, and by whose receipt nobody
    /// has ever come or can come any more: no notice reaches them (`no_channel` in `desk_hints`).
    no_channel: Option<bool>,
    /// Only tips that something happened to after this position of the journal, in that order.
    #[param(minimum = 0)]
    updated_since: Option<i64>,
}

/// List tips, newest first.
///
/// With `updated_since` the list holds the tips that changed after that position of the journal and fit the
/// filters, each once a page, in the order of their changes; a page may hold fewer than `limit` and still not be
/// the last. `Changes-Position` of the last page is the `updated_since` of the next time.
#[utoipa::path(get, path = "/v1/tips", tag = "tips",
    responses((status = 200, description = "One page", body = ItemPage<TipView>,
        headers(("X-Search-Behind" = i64, description = "With `q`: by how many seconds the search may be behind"),
                ("Changes-Position" = i64, description = "With `updated_since`: the position up to which this page tells"))),
              (status = 503, description = "The search took too long (`search_too_slow`): narrow it",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn list_tips(
    caller: Caller<scope::TipsRead>,
    app: web::Data<AppState>,
    meta: Meta,
    listing: Listing<TipsQuery>,
) -> Answer<CustomizeResponder<ItemPage<TipView>>> {
    let query = listing.filters;
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
        flood: None,
        case_id: query.case_id,
        notice_owed: query.notice_owed == Some(true),
        no_channel: query.no_channel == Some(true),
    };
    let mut conn = list::connection(&app, &filters).await?;
    let visible = Visibility::of(&caller.who);
    let reference = app.reference.get();
    let now = app.now();
    let mut position = None;
    let page = match query.updated_since {
        Some(since) => {
            let since = crate::http::params::position("updated_since", Some(since))?;
            // A replica for reads may be behind what was told.
            journal::not_ahead(&mut *app.db.get().await?, "updated_since", since).await?;
            let after = (
                listing.page.after::<i64>()?.unwrap_or(since),
                listing.page.limit,
            );
            let changed = searching::bounded(&mut conn, &filters, async |conn| {
                changes::since(conn, &visible, &reference, &filters, after, now).await
            })
            .await?;
            position = Some(changed.position);
            let next = changed.more.then_some(changed.position);
            listing.page.ending(changed.states, next)
        }
        None => {
            let wanted = Wanted {
                filters: &filters,
                open_only: false,
                sort: Sort::Received,
                after: listing.page.after::<After>()?,
                limit: listing.page.limit,
                now,
            };
            let states = searching::bounded(&mut conn, &filters, async |conn| {
                list::page(conn, &visible, &reference, &wanted).await
            })
            .await?;
            listing
                .page
                .page(states, |state| After::of(state, Sort::Received))
        }
    };
    let context = view::Context {
        reference: &reference,
        now,
        lang: meta.lang,
    };
    let items = view::of(&mut conn, &page.items, &context).await?;
    let behind = searching::behind(&mut conn, filters.words().is_some(), now).await?;
    drop(conn);
    record_list(&mut *app.db.get().await?, &caller.who, &meta, now, &items).await?;
    let list = ItemPage {
        items,
        next_cursor: page.next_cursor,
    };
    let answer = searching::answer(list, behind);
    Ok(match position {
        Some(position) => answer.insert_header((POSITION, position.to_string())),
        None => answer,
    })
}

/// Writes the one audit entry of a list that a person read.
pub async fn record_list(
    conn: &mut crate::db::Conn,
    who: &crate::auth::Principal,
    meta: &Meta,
    now: DateTime<Utc>,
    items: &[TipView],
) -> crate::error::Result<()> {
    let ids: Vec<Uuid> = items.iter().map(|item| item.id).collect();
    let actor = Actor::bearer(who, &meta.request_id);
    let entry =
        Entry::audit("tip.listed", &actor, now).with(json!({"path": meta.path, "ids": ids}));
    journal::record(conn, &[entry]).await
}

/// Show a tip.
///
/// What its reporter has added counts as seen from then on (`unread_additions`).
#[utoipa::path(get, path = "/v1/tips/{id}", tag = "tips",
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 200, description = "The tip", body = TipView,
        headers(("ETag" = String, description = "Version of the tip")))))]
async fn show_tip(
    caller: Caller<scope::TipsRead>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    _: Query<NoFilters>,
) -> Answer<Json<TipView>> {
    let mut conn = app.db.get().await?;
    let state = store::find_state(&mut conn, id.0, &Visibility::of(&caller.who)).await?;
    let added = unread::additions(&mut conn, state.tip_id).await?;
    let view = seen(&mut conn, &app, &caller.who, &meta, &state, "tip.read").await?;
    if meta.method != "HEAD" {
        unread::seen(&mut conn, &added).await?;
    }
    let version = view.version;
    Ok(Json::versioned(view, version))
}

/// The view of one tip, with the audit entry that it was read.
pub async fn seen(
    conn: &mut crate::db::Conn,
    app: &AppState,
    who: &crate::auth::Principal,
    meta: &Meta,
    state: &store::TipState,
    act: &'static str,
) -> crate::error::Result<TipView> {
    let reference = app.reference.get();
    let now = app.now();
    let context = view::Context {
        reference: &reference,
        now,
        lang: meta.lang,
    };
    let views = view::of(conn, std::slice::from_ref(state), &context).await?;
    let actor = Actor::bearer(who, &meta.request_id);
    journal::record(
        conn,
        &[Entry::audit(act, &actor, now).on("tip", state.tip_id)],
    )
    .await?;
    views
        .into_iter()
        .next()
        .ok_or(crate::error::Error::not_found("tip"))
}

/// Show the submission with what must stay sealed withheld.
///
/// The bytes themselves are sealed; a reveal of them needs a stated purpose.
#[utoipa::path(get, path = "/v1/tips/{id}/submission", tag = "tips",
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 200, description = "The submission", body = SubmissionView)))]
async fn show_submission(
    caller: Caller<scope::TipsRead>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<Json<SubmissionView>> {
    let mut conn = app.db.get().await?;
    let state = store::find_state(&mut conn, id.0, &Visibility::of(&caller.who)).await?;
    let submission = store::first_submission(&mut conn, &state).await?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("submission.read", &actor, app.now()).on("tip", state.tip_id);
    journal::record(&mut conn, &[entry]).await?;
    Ok(Json::new(submission.into()))
}

/// List all submissions of a tip, the first and what was added by receipt, newest first.
///
/// What is listed counts as seen (`unread_additions`).
#[utoipa::path(get, path = "/v1/tips/{id}/submissions", tag = "tips",
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 200, description = "One page", body = ItemPage<SubmissionView>)))]
async fn list_submissions(
    caller: Caller<scope::TipsRead>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    listing: Listing<NoFilters>,
) -> Answer<ItemPage<SubmissionView>> {
    let mut conn = app.db.get().await?;
    let state = store::find_state(&mut conn, id.0, &Visibility::of(&caller.who)).await?;
    let before = listing.page.after::<Uuid>()?;
    let rows = store::submissions(&mut conn, &state, before, listing.page.limit).await?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("submission.read", &actor, app.now()).on("tip", state.tip_id);
    let page = listing.page.page(rows, |row| row.id);
    // What the next page holds is not seen yet.
    let shown: Vec<Uuid> = page.items.iter().map(|row| row.id).collect();
    crate::db::transaction(&mut conn, async |conn| {
        if meta.method != "HEAD" {
            unread::seen(conn, &shown).await?;
        }
        journal::record(conn, &[entry]).await
    })
    .await?;
    Ok(page.map(SubmissionView::from))
}

/// List what happened to a tip, newest first.
#[utoipa::path(get, path = "/v1/tips/{id}/timeline", tag = "tips",
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 200, description = "One page", body = ItemPage<TimelineItem>)))]
async fn list_timeline(
    caller: Caller<scope::TipsRead>,
    app: web::Data<AppState>,
    head: web::Data<Head>,
    meta: Meta,
    id: Path<Uuid>,
    listing: Listing<NoFilters>,
) -> Answer<ItemPage<TimelineItem>> {
    let before = listing.page.after::<i64>()?;
    if before.is_none() {
        journal::settled(&app.db, &head, async |conn, made| {
            journal::is_pending(conn, Some(id.0), made).await
        })
        .await?;
    }
    let mut conn = app.db.get().await?;
    let state = store::find_state(&mut conn, id.0, &Visibility::of(&caller.who)).await?;
    let rows = journal::of_subject(&mut conn, state.tip_id, before, listing.page.limit + 1).await?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("timeline.read", &actor, app.now()).on("tip", state.tip_id);
    journal::record(&mut conn, &[entry]).await?;
    Ok(listing
        .page
        .page(rows, |row| row.position)
        .map(TimelineItem::from))
}

/// List the tips that name an indicator, newest first.
#[utoipa::path(get, path = "/v1/indicators/{id}/tips", tag = "indicators",
    params(("id" = Uuid, Path, description = "Indicator id")),
    responses((status = 200, description = "One page", body = ItemPage<TipView>)))]
async fn list_indicator_tips(
    caller: Caller<scope::TipsRead>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    listing: Listing<NoFilters>,
) -> Answer<ItemPage<TipView>> {
    let mut conn = app.db.get().await?;
    let (kind, value) = crate::indicators::find_value(&mut conn, id.0, &caller.who).await?;
    let filters = TipFilters {
        indicator: Some(format!("{kind}:{value}")),
        ..TipFilters::default()
    };
    let (reference, now) = (app.reference.get(), app.now());
    let wanted = Wanted {
        filters: &filters,
        open_only: false,
        sort: Sort::Received,
        after: listing.page.after::<After>()?,
        limit: listing.page.limit,
        now,
    };
    let visible = Visibility::of(&caller.who);
    let states = list::page(&mut conn, &visible, &reference, &wanted).await?;
    let page = listing
        .page
        .page(states, |state| After::of(state, Sort::Received));
    let context = view::Context {
        reference: &reference,
        now,
        lang: meta.lang,
    };
    let items = view::of(&mut conn, &page.items, &context).await?;
    record_list(&mut conn, &caller.who, &meta, now, &items).await?;
    Ok(ItemPage {
        items,
        next_cursor: page.next_cursor,
    })
}
