//! Endpoints for authors and publishers.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use uuid::Uuid;

use super::content::Content;
use super::service::{self, By};
use super::store::{self, Wanted};
use super::wire::{AdvisoryView, DraftAdvisory, EditAdvisory, RetractAdvisory};
use crate::db;
use crate::error::Error;
use crate::http::page::Listing;
use crate::http::problem::ProblemBody;
use crate::http::{
    Answer, Api, Body, Caller, IdempotencyKey, IfMatch, ItemPage, Json, Meta, Path, scope,
};
use crate::idempotency::{self, Claim};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![
        draft_advisory,
        list_advisories,
        show_advisory,
        update_advisory,
        publish_advisory,
        retract_advisory
    ]
}

/// Draft a warning to the public.
///
/// Other agencies may draft too; they and the police see those drafts, and the police publish them. Every number,
/// link or account in the texts must be a confirmed scam or official (`not_confirmed`), and the texts may hold no
/// personal data (`personal_data`).
#[utoipa::path(post, path = "/v1/advisories", tag = "advisories", request_body = DraftAdvisory,
    responses((status = 201, description = "The draft", body = AdvisoryView)))]
async fn draft_advisory(
    caller: Caller<scope::AdvisoriesWrite>,
    app: web::Data<AppState>,
    meta: Meta,
    key: IdempotencyKey,
    body: Body<DraftAdvisory>,
) -> Answer<HttpResponse> {
    let claim = Claim::of(&caller.who, &key, &meta, &body.raw);
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let by = By {
        who: &caller.who,
        actor: &actor,
    };
    let content = Content::from(body.value);
    idempotency::respond(&app, claim, async |conn| {
        let view = service::draft(conn, &app, &by, &content).await?;
        Ok(idempotency::Answer::json(201, &view)?
            .at(format!("/v1/advisories/{}", view.id))
            .versioned(view.version))
    })
    .await
}

/// Filters of the list.
#[derive(Debug, Deserialize, IntoParams)]
struct AdvisoryQuery {
    /// `draft`, `published` or `retracted`.
    #[param(example = "draft")]
    state: Option<String>,
    /// Whether a text waits for publication.
    #[param(example = true)]
    pending: Option<bool>,
}

/// List draft and published warnings, newest first.
#[utoipa::path(get, path = "/v1/advisories", tag = "advisories",
    responses((status = 200, description = "One page", body = ItemPage<AdvisoryView>)))]
async fn list_advisories(
    caller: Caller<scope::AdvisoriesWriteOrPublish>,
    app: web::Data<AppState>,
    meta: Meta,
    listing: Listing<AdvisoryQuery>,
) -> Answer<ItemPage<AdvisoryView>> {
    const STATES: [&str; 3] = ["draft", "published", "retracted"];
    let state = listing.filters.state.as_deref();
    if state.is_some_and(|state| !STATES.contains(&state)) {
        let detail = format!("state must be one of {}.", STATES.join(", "));
        return Err(Error::invalid_parameter("state", "unknown_value", detail).into());
    }
    let mut conn = app.db.get().await?;
    let wanted = Wanted {
        state,
        pending: listing.filters.pending,
        who: &caller.who,
        after: listing.page.after::<Uuid>()?,
        limit: listing.page.limit,
    };
    let rows = store::page(&mut conn, &wanted).await?;
    let page = listing.page.page(rows, |row| row.id);
    let ids: Vec<Uuid> = page.items.iter().map(|row| row.id).collect();
    let items = service::views(&mut conn, &app, page.items).await?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("advisory.listed", &actor, app.now()).with(json!({"ids": ids}));
    journal::record(&mut conn, &[entry]).await?;
    Ok(ItemPage {
        items,
        next_cursor: page.next_cursor,
    })
}

/// Show a warning, draft or published.
#[utoipa::path(get, path = "/v1/advisories/{id}", tag = "advisories",
    params(("id" = Uuid, Path, description = "Warning's id")),
    responses((status = 200, description = "The warning", body = AdvisoryView)))]
async fn show_advisory(
    caller: Caller<scope::AdvisoriesWriteOrPublish>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<Json<AdvisoryView>> {
    let mut conn = app.db.get().await?;
    let row = store::find(&mut conn, id.0, &caller.who).await?;
    let view = service::view(&mut conn, &app, row).await?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("advisory.read", &actor, app.now()).on("advisory", id.0);
    journal::record(&mut conn, &[entry]).await?;
    Ok(versioned(view))
}

fn versioned(view: AdvisoryView) -> Json<AdvisoryView> {
    let version = view.version;
    Json::versioned(view, version)
}

/// Change a warning; the published text stands until the change is published too.
#[utoipa::path(patch, path = "/v1/advisories/{id}", tag = "advisories", request_body = EditAdvisory,
    params(("id" = Uuid, Path, description = "Warning's id")),
    responses((status = 200, description = "The warning", body = AdvisoryView),
              (status = 409, description = "It was retracted (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn update_advisory(
    caller: Caller<scope::AdvisoriesWrite>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Body<EditAdvisory>,
) -> Answer<Json<AdvisoryView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let by = By {
        who: &caller.who,
        actor: &actor,
    };
    let mut conn = app.db.get().await?;
    let view = db::transaction(&mut conn, async |conn| {
        service::edit(conn, &app, &by, (id.0, &if_match), body.value).await
    })
    .await?;
    Ok(versioned(view))
}

/// Publish a warning, or a change to one, as the second person.
///
/// The last author cannot. `If-Match` may name the version that was read, so that nothing is published
/// unread. Only the provincial police publish.
#[utoipa::path(post, path = "/v1/advisories/{id}/publish", tag = "advisories",
    params(("id" = Uuid, Path, description = "Warning's id")),
    responses((status = 200, description = "The warning, published", body = AdvisoryView),
              (status = 409, description = "Nothing waits or it was retracted (`wrong_state`), or one's own text (`same_person`)",
               body = ProblemBody, content_type = "application/problem+json"),
              (status = 422, description = "What it names is no longer confirmed (`not_confirmed`), or its time is over",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn publish_advisory(
    caller: Caller<scope::AdvisoriesPublish>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    if_match: Option<IfMatch>,
) -> Answer<Json<AdvisoryView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let by = By {
        who: &caller.who,
        actor: &actor,
    };
    let mut conn = app.db.get().await?;
    let view = db::transaction(&mut conn, async |conn| {
        service::publish(conn, &app, &by, (id.0, if_match.as_ref())).await
    })
    .await?;
    Ok(versioned(view))
}

/// Retract a published warning, for good.
#[utoipa::path(post, path = "/v1/advisories/{id}/retract", tag = "advisories", request_body = RetractAdvisory,
    params(("id" = Uuid, Path, description = "Warning's id")),
    responses((status = 200, description = "The warning, retracted", body = AdvisoryView),
              (status = 409, description = "It was never published, or is retracted already (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn retract_advisory(
    caller: Caller<scope::AdvisoriesPublish>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: Body<RetractAdvisory>,
) -> Answer<Json<AdvisoryView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let by = By {
        who: &caller.who,
        actor: &actor,
    };
    let mut conn = app.db.get().await?;
    let view = db::transaction(&mut conn, async |conn| {
        service::retract(conn, &app, &by, id.0, &body.value.reason).await
    })
    .await?;
    Ok(versioned(view))
}
