//! Calls for critical tips that no officer has taken (contract §5).

use chrono::TimeDelta;
use serde_json::json;

use super::store;
use crate::db::{self, Conn};
use crate::error::Result;
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;

/// How long a critical tip may wait, and how often it is called for afterwards.
const PATIENCE: TimeDelta = TimeDelta::minutes(5);
/// Tips of one pass.
const PASS: i64 = 200;

/// Announces critical tips that have waited; returns how many.
pub async fn call_for_unclaimed(conn: &mut Conn, app: &AppState) -> Result<usize> {
    let now = app.now();
    db::transaction(conn, async |conn| {
        let waiting = store::take_unclaimed(conn, now - PATIENCE, now, PASS).await?;
        let entries: Vec<Entry> = waiting
            .iter()
            .map(|tip| {
                Entry::event("tip.unclaimed", &Actor::system(), now)
                    .on("tip", tip.tip_id)
                    .with(json!({
                        "minutes_waiting": (now - tip.since).num_minutes(),
                        "desk": tip.desk, "score": tip.score,
                    }))
            })
            .collect();
        if !entries.is_empty() {
            journal::record(conn, &entries).await?;
        }
        Ok(entries.len())
    })
    .await
}
