//! Who has just done something finds it in the list: entries that are committed get their position within a
//! moment, and a list waits for them, but never long.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use tokio::time::Instant;
use uuid::Uuid;

use super::Head;
use crate::db::schema::journal_pending as p;
use crate::db::{Conn, Pool};
use crate::error::Result;

/// How long a list waits: several passes of the sequencer.
const PATIENCE: Duration = Duration::from_secs(1);

/// Waits while `pending` finds entries that were made before an id (a UUIDv7 of now) and have no position. No
/// connection is held meanwhile.
#[expect(
    clippy::disallowed_methods,
    reason = "compared with the ids of entries, which the system's clock makes"
)]
pub async fn settled(
    db: &Pool,
    head: &Head,
    pending: impl AsyncFn(&mut Conn, Uuid) -> Result<bool>,
) -> Result<()> {
    let (made_before, end) = (Uuid::now_v7(), Instant::now() + PATIENCE);
    loop {
        let known = head.position();
        if !pending(&mut *db.get().await?, made_before).await? {
            return Ok(());
        }
        let left = end.saturating_duration_since(Instant::now());
        if !head.wait_beyond(known, left).await {
            return Ok(());
        }
    }
}

/// Whether entries about something, or about anything, have no position yet.
pub async fn is_pending(conn: &mut Conn, subject: Option<Uuid>, made_before: Uuid) -> Result<bool> {
    let mut entries = p::table
        .select(p::id)
        .filter(p::id.le(made_before))
        .limit(1)
        .into_boxed();
    if let Some(subject) = subject {
        entries = entries.filter(p::subject_id.eq(subject));
    }
    let first: Option<Uuid> = entries.first(conn).await.optional()?;
    Ok(first.is_some())
}
