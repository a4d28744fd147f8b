//! Registering, changing, testing and replaying.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::manages::Manages;
use super::store::deliveries::{self, NewDelivery};
use super::store::{self, WebhookRow};
use super::wire::{CreateWebhook, DeliveryView, UpdateWebhook, WebhookView};
use super::{Targets, catalog, signing};
use crate::db::Conn;
use crate::error::{Error, FieldProblem, Result, valid};
use crate::http::IfMatch;
use crate::journal::{self, Actor, Entry};
use crate::keys::Secret;
use crate::state::AppState;

/// More webhooks of one agency are a mistake.
const MOST: i64 = 50;

/// Who acts, and on whose webhooks.
pub struct By<'a> {
    /// As the journal names them.
    pub actor: &'a Actor,
    /// What they manage.
    pub manages: &'a Manages,
}

/// Known names of events, each once.
fn checked(events: Vec<String>) -> Result<Vec<Option<String>>> {
    let problems: Vec<FieldProblem> = events
        .iter()
        .enumerate()
        .filter(|(_, name)| !catalog::is_known(name))
        .map(|(i, _)| {
            let detail = "There is no such event; the document's section webhooks lists them.";
            FieldProblem::at(format!("/events/{i}"), "unknown_value", detail)
        })
        .collect();
    valid(problems)?;
    let mut kept: Vec<Option<String>> = Vec::with_capacity(events.len());
    for name in events.into_iter().map(Some) {
        if !kept.contains(&name) {
            kept.push(name);
        }
    }
    Ok(kept)
}

/// Both, or what is wrong with either.
fn both<A, B>(a: Result<A>, b: Result<B>) -> Result<(A, B)> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (Err(Error::Invalid(mut problems)), Err(Error::Invalid(more))) => {
            problems.extend(more);
            Err(Error::Invalid(problems))
        }
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

fn audit(kind: &'static str, by: &By<'_>, row: &WebhookRow, now: DateTime<Utc>) -> Entry {
    Entry::audit(kind, by.actor, now)
        .on("webhook", row.id)
        .with(json!({
            "agency": row.agency, "host": host(&row.url), "events": row.events, "enabled": row.enabled,
        }))
}

/// The rest of a URL may hold a receiver's secret.
fn host(url: &str) -> Option<String> {
    url::Url::parse(url).ok()?.host_str().map(str::to_owned)
}

/// Registers a webhook; the answer alone shows its secret.
pub async fn create(
    conn: &mut Conn,
    app: &AppState,
    targets: &Targets,
    by: &By<'_>,
    wish: &CreateWebhook,
) -> Result<WebhookView> {
    let (url, events) = both(targets.parse(&wish.url), checked(wish.events.clone()))?;
    if store::count(conn, by.manages.agency()).await? >= MOST {
        let detail = format!("There are {MOST} webhooks already; delete those no longer in use.");
        return Err(Error::conflict("wrong_state", detail));
    }
    let (id, now, secret) = (app.new_id(), app.now(), Secret::random());
    let row = WebhookRow {
        id,
        agency: by.manages.agency().map(str::to_owned),
        url: url.into(),
        events,
        enabled: true,
        disabled_reason: None,
        secret: signing::seal(&secret, &app.keys.webhooks, id)?,
        previous_secret: None,
        previous_secret_until: None,
        created_by: by.actor.name.clone(),
        client_id: Some(by.actor.client_id.clone()),
        created_at: now,
        updated_at: now,
        version: 1,
    };
    store::insert(conn, &row).await?;
    journal::record(conn, &[audit("webhook.created", by, &row, now)]).await?;
    Ok(WebhookView::at(row, now).revealing(signing::written(&secret)))
}

/// Changes a webhook; a new address or a new start makes what waits due at once.
pub async fn update(
    conn: &mut Conn,
    app: &AppState,
    targets: &Targets,
    by: &By<'_>,
    id: Uuid,
    if_match: &IfMatch,
    wish: UpdateWebhook,
) -> Result<WebhookView> {
    let mut row = store::lock(conn, id, by.manages).await?;
    if_match.check(row.version)?;
    let now = app.now();
    let wakes = wish.url.is_some() || wish.enabled == Some(true);
    if let Some(url) = wish.url {
        row.url = targets.parse(&url)?.into();
    }
    if let Some(events) = wish.events {
        row.events = checked(events)?;
    }
    if let Some(enabled) = wish.enabled {
        if enabled && !row.enabled {
            // Whoever starts it again answers for it.
            row.client_id = Some(by.actor.client_id.clone());
        }
        row.enabled = enabled;
        row.disabled_reason = None;
    }
    row.version += 1;
    row.updated_at = now;
    store::save(conn, &row).await?;
    if wakes {
        store::lanes::wake(conn, id, None, now).await?;
    }
    journal::record(conn, &[audit("webhook.updated", by, &row, now)]).await?;
    Ok(WebhookView::at(row, now))
}

/// Removes a webhook with its deliveries.
pub async fn delete(conn: &mut Conn, app: &AppState, by: &By<'_>, id: Uuid) -> Result<()> {
    let row = store::lock(conn, id, by.manages).await?;
    store::delete(conn, id).await?;
    journal::record(conn, &[audit("webhook.deleted", by, &row, app.now())]).await
}

/// Gives a webhook a new secret; the one before signs beside it for a day.
pub async fn rotate(conn: &mut Conn, app: &AppState, by: &By<'_>, id: Uuid) -> Result<WebhookView> {
    let mut row = store::lock(conn, id, by.manages).await?;
    let (now, secret) = (app.now(), Secret::random());
    let sealed = signing::seal(&secret, &app.keys.webhooks, id)?;
    row.previous_secret = Some(std::mem::replace(&mut row.secret, sealed));
    row.previous_secret_until = Some(now + signing::OVERLAP);
    row.version += 1;
    row.updated_at = now;
    store::save(conn, &row).await?;
    journal::record(conn, &[audit("webhook.secret_rotated", by, &row, now)]).await?;
    Ok(WebhookView::at(row, now).revealing(signing::written(&secret)))
}

fn must_be_enabled(row: &WebhookRow) -> Result<()> {
    if row.enabled {
        Ok(())
    } else {
        Err(Error::conflict(
            "wrong_state",
            "The webhook is disabled; enable it first.",
        ))
    }
}

/// Queues a ping, which stands in no other delivery's way.
pub async fn test(conn: &mut Conn, app: &AppState, by: &By<'_>, id: Uuid) -> Result<DeliveryView> {
    let row = store::lock(conn, id, by.manages).await?;
    must_be_enabled(&row)?;
    let (now, event_id, ping) = (app.now(), app.new_id(), &catalog::PING);
    let body = json!({
        "specversion": "1.0", "id": event_id, "source": app.settings.issuer, "type": ping.name,
        "subject": format!("{}/{id}", ping.subject), "time": now,
        "datacontenttype": "application/json", "data": ping.example_data(),
    });
    let delivery = NewDelivery {
        id: app.new_id(),
        webhook_id: id,
        event_id,
        event: ping.name.to_owned(),
        subject: format!("ping/{event_id}"),
        position: 0,
        body: body.to_string(),
        created_at: now,
    };
    deliveries::insert(conn, std::slice::from_ref(&delivery), now).await?;
    journal::record(conn, &[audit("webhook.tested", by, &row, now)]).await?;
    Ok(deliveries::find(conn, id, delivery.id).await?.into())
}

/// Sends a delivery that is over once more, in its place among those of its subject that wait.
pub async fn replay(
    conn: &mut Conn,
    app: &AppState,
    by: &By<'_>,
    id: Uuid,
    delivery: Uuid,
) -> Result<DeliveryView> {
    let row = store::lock(conn, id, by.manages).await?;
    deliveries::find(conn, id, delivery).await?;
    must_be_enabled(&row)?;
    let now = app.now();
    if !deliveries::revive(conn, id, delivery, now).await? {
        return Err(Error::conflict(
            "wrong_state",
            "The delivery is pending: it is sent by itself.",
        ));
    }
    let entry = Entry::audit("webhook.replayed", by.actor, now)
        .on("webhook", id)
        .with(json!({"delivery_id": delivery}));
    journal::record(conn, &[entry]).await?;
    Ok(deliveries::find(conn, id, delivery).await?.into())
}
