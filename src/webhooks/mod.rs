//! Webhooks: events of the journal, signed and posted to those who registered for them.
//!
//! `fanout` turns each event into one delivery for every webhook that may know of it; `dispatcher`
//! sends them, in the order of their subject, from any number of replicas at once.

mod catalog;
mod dispatcher;
mod fanout;
mod http;
mod manages;
pub mod openapi;
mod sender;
mod service;
mod signing;
mod store;
mod target;
mod wire;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::db::Conn;
use crate::error::Result;
use crate::http::Api;
use crate::journal::{self, Actor, Entry};

pub use dispatcher::Dispatcher;
pub use fanout::fan_out;
pub use target::Targets;

/// How long the log of deliveries is kept.
const KEPT: TimeDelta = TimeDelta::days(30);

/// The endpoints of this feature.
pub fn api() -> Api {
    http::api()
}

/// Stops the webhooks of a client that was disabled; what waits for them is not sent.
pub async fn disable_of_client(
    conn: &mut Conn,
    client_id: &str,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<()> {
    let ids = store::disable_of_client(conn, client_id, now).await?;
    note_disabled(conn, &ids, "client_disabled", actor, now).await
}

/// Stops the webhooks that somebody made whose tokens were all ended; which.
pub async fn disable_made_by(
    conn: &mut Conn,
    sub: &str,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>> {
    let ids = store::disable_made_by(conn, sub, now).await?;
    note_disabled(conn, &ids, "tokens_ended", actor, now).await?;
    Ok(ids)
}

async fn note_disabled(
    conn: &mut Conn,
    ids: &[Uuid],
    reason: &'static str,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<()> {
    let entries: Vec<Entry> = ids
        .iter()
        .map(|id| {
            Entry::audit("webhook.disabled", actor, now)
                .on("webhook", *id)
                .with(serde_json::json!({"reason": reason}))
        })
        .collect();
    match entries.is_empty() {
        true => Ok(()),
        false => journal::record(conn, &entries).await,
    }
}

/// Forgets old deliveries; returns how many.
pub async fn delete_old(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    store::deliveries::delete_before(conn, now - KEPT).await
}
