//! The reader of the journal that keeps the traces.

use uuid::Uuid;

use super::store;
use crate::db::{self, Conn};
use crate::error::Result;
use crate::journal;
use crate::state::AppState;

const PASS: i64 = 1_000;

/// Takes over one pass of the journal; returns how many entries were read.
pub async fn collect(conn: &mut Conn, app: &AppState) -> Result<usize> {
    let reference = app.reference.get();
    let methods = &reference.referrals.border_alert.methods;
    db::transaction(conn, async |conn| {
        let Some(position) = journal::lock_consumer(conn, "border").await? else {
            return Ok(0);
        };
        let records = journal::records_after(conn, position, PASS).await?;
        let Some(last) = records.last().map(|r| r.position) else {
            return Ok(0);
        };
        // A decision may set the officer's methods, or find that it was no crime.
        let telling = ["tip.received", "tip.updated", "tip.decided"];
        let mut tips: Vec<Uuid> = records
            .iter()
            .filter(|record| telling.contains(&record.type_.as_str()))
            .filter_map(|record| record.subject_id)
            .collect();
        tips.sort_unstable();
        tips.dedup();
        if !tips.is_empty() {
            store::replace_traces(conn, &tips, methods).await?;
        }
        journal::advance_consumer(conn, "border", last).await?;
        Ok(records.len())
    })
    .await
}
