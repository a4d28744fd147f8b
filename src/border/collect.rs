//! The reader of the journal that keeps the traces.

use uuid::Uuid;

use super::store::{self, cleared};
use crate::db::Conn;
use crate::error::Result;
use crate::journal::{self, Reads, Tape};
use crate::state::AppState;

/// Takes over one pass of the journal; returns how many entries were read.
pub async fn collect(conn: &mut Conn, app: &AppState, tape: &mut Tape) -> Result<usize> {
    let reference = app.reference.get();
    let methods = &reference.referrals.border_alert.methods;
    journal::follow(
        conn,
        tape,
        "border",
        Reads::Everything,
        async |conn, records| {
            // A decision may set the officer's methods, or find that it was no crime.
            let telling = ["tip.received", "tip.updated", "tip.decided"];
            let mut tips: Vec<Uuid> = records
                .iter()
                .filter(|record| telling.contains(&record.type_.as_str()))
                .filter_map(|record| record.subject_id)
                .collect();
            // That nothing happened is found in a case.
            let cases: Vec<Uuid> = records
                .iter()
                .filter(|record| record.type_ == "case.decided")
                .filter_map(|record| record.subject_id)
                .collect();
            if !cases.is_empty() {
                tips.extend(cleared::tips_of(conn, &cases).await?);
            }
            tips.sort_unstable();
            tips.dedup();
            if !tips.is_empty() {
                store::forget(conn, &tips).await?;
                let staying = cleared::staying(conn, &tips, methods).await?;
                // Most tips are about something else.
                if !staying.is_empty() {
                    store::add_traces(conn, &staying, methods).await?;
                    store::add_words(conn, &staying, methods, &reference.ways).await?;
                }
            }
            Ok(())
        },
    )
    .await
}
