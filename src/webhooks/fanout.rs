//! The journal's reader that turns each event into one delivery for every webhook that wants it.

use super::store::{self, WebhookRow, deliveries::NewDelivery};
use crate::db::Conn;
use crate::error::Result;
use crate::events::agency_may_know;
use crate::journal::{self, Reads, Record, Tape, cloud_event};
use crate::state::AppState;

/// Name of the reader in the journal.
const READER: &str = "webhooks";

/// Reads one pass of events; returns how many were read.
pub async fn fan_out(conn: &mut Conn, app: &AppState, tape: &mut Tape) -> Result<usize> {
    let now = app.now();
    journal::follow(conn, tape, READER, Reads::Events, async |conn, events| {
        let webhooks = store::enabled(conn).await?;
        let rows: Vec<NewDelivery> = events
            .iter()
            .flat_map(|event| webhooks.iter().map(move |webhook| (event, webhook)))
            .filter(|(event, webhook)| wants(webhook, event))
            .map(|(event, webhook)| NewDelivery {
                // Counts up within a millisecond, so that the log keeps the order of the journal.
                id: crate::state::id_at(now),
                webhook_id: webhook.id,
                event_id: event.id,
                event: event.type_.clone(),
                subject: subject(event),
                position: event.position,
                body: cloud_event(event, &app.settings.issuer).to_string(),
                created_at: now,
            })
            .collect();
        if !rows.is_empty() {
            store::deliveries::insert(conn, &rows, now).await?;
        }
        Ok(())
    })
    .await
}

/// Whether a webhook subscribed to the event before it happened and may know of it.
fn wants(webhook: &WebhookRow, event: &Record) -> bool {
    event.at >= webhook.created_at
        && webhook
            .events
            .iter()
            .flatten()
            .any(|name| *name == event.type_)
        && webhook
            .agency
            .as_deref()
            .is_none_or(|agency| agency_may_know(agency, event))
}

/// What the order of events holds within; an event about nothing in particular stands alone.
fn subject(event: &Record) -> String {
    let id = event.subject_id.unwrap_or(event.id);
    format!("{}/{id}", event.subject_kind)
}
