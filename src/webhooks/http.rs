//! Endpoints of webhooks.

use actix_web::{HttpResponse, web};
use uuid::Uuid;

use super::manages::Manages;
use super::service::{self, By};
use super::store;
use super::wire::{CreateWebhook, DeliveryFilters, DeliveryView, UpdateWebhook, WebhookView};
use super::{Targets, store::deliveries};
use crate::auth::Principal;
use crate::db::{self, Conn};
use crate::error::Result;
use crate::http::page::{Listing, NoFilters};
use crate::http::{
    Answer, Api, Body, Caller, IdempotencyKey, IfMatch, ItemPage, Json, Meta, Path, scope,
};
use crate::idempotency::{self, Claim};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![
        create_webhook,
        list_webhooks,
        show_webhook,
        update_webhook,
        delete_webhook,
        rotate_webhook_secret,
        test_webhook,
        list_webhook_deliveries,
        replay_webhook_delivery
    ]
}

/// Does the work once for a key, on the webhooks that the caller manages.
async fn once(
    app: &AppState,
    who: &Principal,
    meta: &Meta,
    claim: Option<Claim>,
    work: impl AsyncFnOnce(&mut Conn, &By<'_>) -> Result<idempotency::Answer>,
) -> Answer<HttpResponse> {
    let (actor, manages) = (Actor::bearer(who, &meta.request_id), Manages::of(who)?);
    let by = By {
        actor: &actor,
        manages: &manages,
    };
    idempotency::respond(app, claim, async |conn| work(conn, &by).await).await
}

/// Does the work in a transaction, on the webhooks that the caller manages.
async fn managed<T>(
    app: &AppState,
    who: &Principal,
    meta: &Meta,
    work: impl AsyncFnOnce(&mut Conn, &By<'_>) -> Result<T>,
) -> Result<T> {
    let (actor, manages) = (Actor::bearer(who, &meta.request_id), Manages::of(who)?);
    let by = By {
        actor: &actor,
        manages: &manages,
    };
    let mut conn = app.db.get().await?;
    db::transaction(&mut conn, async |conn| work(conn, &by).await).await
}

/// Register a webhook.
///
/// The secret is shown only here. Deliveries are signed according to Standard Webhooks; the section `webhooks`
/// of this document describes the events.
#[utoipa::path(post, path = "/v1/webhooks", tag = "events", request_body = CreateWebhook,
    responses((status = 201, description = "The webhook with its secret", body = WebhookView,
        headers(("Location" = String, description = "The webhook")))))]
async fn create_webhook(
    caller: Caller<scope::WebhooksManage>,
    app: web::Data<AppState>,
    targets: web::Data<Targets>,
    meta: Meta,
    key: IdempotencyKey,
    body: Body<CreateWebhook>,
) -> Answer<HttpResponse> {
    let claim = Claim::of(&caller.who, &key, &meta, &body.raw);
    once(&app, &caller.who, &meta, claim, async |conn, by| {
        let view = service::create(conn, &app, &targets, by, &body.value).await?;
        Ok(idempotency::Answer::json(201, &view)?
            .at(format!("/v1/webhooks/{}", view.id))
            .versioned(view.version))
    })
    .await
}

/// List the webhooks of one's agency (police: all), newest first.
#[utoipa::path(get, path = "/v1/webhooks", tag = "events",
    responses((status = 200, description = "One page", body = ItemPage<WebhookView>)))]
async fn list_webhooks(
    caller: Caller<scope::WebhooksManage>,
    app: web::Data<AppState>,
    meta: Meta,
    listing: Listing<NoFilters>,
) -> Answer<ItemPage<WebhookView>> {
    let after = listing.page.after::<Uuid>()?;
    let now = app.now();
    let rows = managed(&app, &caller.who, &meta, async |conn, by| {
        let entry = Entry::audit("webhook.listed", by.actor, now);
        journal::record(conn, &[entry]).await?;
        store::page(conn, by.manages, after, listing.page.limit).await
    })
    .await?;
    let page = listing.page.page(rows, |row| row.id);
    Ok(page.map(|row| WebhookView::at(row, now)))
}

/// Show a webhook, without its secret.
#[utoipa::path(get, path = "/v1/webhooks/{id}", tag = "events",
    params(("id" = Uuid, Path, description = "Webhook's id")),
    responses((status = 200, description = "The webhook", body = WebhookView)))]
async fn show_webhook(
    caller: Caller<scope::WebhooksManage>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<Json<WebhookView>> {
    let now = app.now();
    let row = managed(&app, &caller.who, &meta, async |conn, by| {
        let row = store::find(conn, id.0, by.manages).await?;
        let entry = Entry::audit("webhook.read", by.actor, now).on("webhook", row.id);
        journal::record(conn, &[entry]).await?;
        Ok(row)
    })
    .await?;
    let version = row.version;
    Ok(Json::versioned(WebhookView::at(row, now), version))
}

/// Change, enable or disable a webhook.
///
/// A new URL, or enabling the webhook, sends at once what waits for a retry.
#[utoipa::path(patch, path = "/v1/webhooks/{id}", tag = "events", request_body = UpdateWebhook,
    params(("id" = Uuid, Path, description = "Webhook's id")),
    responses((status = 200, description = "The webhook", body = WebhookView)))]
async fn update_webhook(
    caller: Caller<scope::WebhooksManage>,
    app: web::Data<AppState>,
    targets: web::Data<Targets>,
    meta: Meta,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Body<UpdateWebhook>,
) -> Answer<Json<WebhookView>> {
    let view = managed(&app, &caller.who, &meta, async |conn, by| {
        service::update(conn, &app, &targets, by, id.0, &if_match, body.value).await
    })
    .await?;
    let version = view.version;
    Ok(Json::versioned(view, version))
}

/// Delete a webhook with its deliveries; pending ones are not sent.
#[utoipa::path(delete, path = "/v1/webhooks/{id}", tag = "events",
    params(("id" = Uuid, Path, description = "Webhook's id")),
    responses((status = 204, description = "Deleted")))]
async fn delete_webhook(
    caller: Caller<scope::WebhooksManage>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<HttpResponse> {
    managed(&app, &caller.who, &meta, async |conn, by| {
        service::delete(conn, &app, by, id.0).await
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Give a webhook a new secret, which is shown only here.
///
/// For 24 hours deliveries carry two signatures, one by the new secret and one by the previous one.
#[utoipa::path(post, path = "/v1/webhooks/{id}/secret", tag = "events",
    params(("id" = Uuid, Path, description = "Webhook's id")),
    responses((status = 200, description = "The webhook with its new secret", body = WebhookView)))]
async fn rotate_webhook_secret(
    caller: Caller<scope::WebhooksManage>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    key: IdempotencyKey,
) -> Answer<HttpResponse> {
    let claim = Claim::of(&caller.who, &key, &meta, b"");
    once(&app, &caller.who, &meta, claim, async |conn, by| {
        let view = service::rotate(conn, &app, by, id.0).await?;
        Ok(idempotency::Answer::json(200, &view)?.versioned(view.version))
    })
    .await
}

/// Send a test event, `webhook.ping`.
///
/// It is sent within a second; the log of deliveries shows what the receiver answered.
#[utoipa::path(post, path = "/v1/webhooks/{id}/test", tag = "events",
    params(("id" = Uuid, Path, description = "Webhook's id")),
    responses((status = 202, description = "On its way", body = DeliveryView),
              (status = 409, description = "The webhook is disabled (`wrong_state`), or the first request with this key is running",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn test_webhook(
    caller: Caller<scope::WebhooksManage>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    key: IdempotencyKey,
) -> Answer<HttpResponse> {
    let claim = Claim::of(&caller.who, &key, &meta, b"");
    once(&app, &caller.who, &meta, claim, async |conn, by| {
        let view = service::test(conn, &app, by, id.0).await?;
        idempotency::Answer::json(202, &view)
    })
    .await
}

/// List the deliveries of a webhook, newest first.
///
/// The log is kept 30 days.
#[utoipa::path(get, path = "/v1/webhooks/{id}/deliveries", tag = "events",
    params(("id" = Uuid, Path, description = "Webhook's id")),
    responses((status = 200, description = "One page", body = ItemPage<DeliveryView>)))]
async fn list_webhook_deliveries(
    caller: Caller<scope::WebhooksManage>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    listing: Listing<DeliveryFilters>,
) -> Answer<ItemPage<DeliveryView>> {
    let after = listing.page.after::<Uuid>()?;
    let state = listing.filters.state.map(|state| state.as_str());
    let rows = managed(&app, &caller.who, &meta, async |conn, by| {
        let webhook = store::find(conn, id.0, by.manages).await?;
        let entry =
            Entry::audit("webhook.deliveries_read", by.actor, app.now()).on("webhook", webhook.id);
        journal::record(conn, &[entry]).await?;
        deliveries::page(conn, webhook.id, state, after, listing.page.limit).await
    })
    .await?;
    Ok(listing
        .page
        .page(rows, |row| row.id)
        .map(DeliveryView::from))
}

/// Resend a delivery that was delivered or given up.
///
/// It carries the same `webhook-id`, keeps its place among the pending deliveries of its subject and starts the whole
/// retry schedule again.
#[utoipa::path(post, path = "/v1/webhooks/{id}/deliveries/{delivery_id}/replay", tag = "events",
    params(("id" = Uuid, Path, description = "Webhook's id"),
           ("delivery_id" = Uuid, Path, description = "Delivery's id")),
    responses((status = 202, description = "On its way", body = DeliveryView),
              (status = 409, description = "It is pending, or the webhook is disabled (`wrong_state`)",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn replay_webhook_delivery(
    caller: Caller<scope::WebhooksManage>,
    app: web::Data<AppState>,
    meta: Meta,
    ids: Path<(Uuid, Uuid)>,
) -> Answer<HttpResponse> {
    let (id, delivery) = ids.0;
    let view = managed(&app, &caller.who, &meta, async |conn, by| {
        service::replay(conn, &app, by, id, delivery).await
    })
    .await?;
    Ok(HttpResponse::Accepted().json(view))
}
