//! Who has just done something finds it in the list: entries that are committed get their position within a
//! moment, and a list waits for them, but never long.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::journal_pending as p;
use crate::error::Result;

/// How long a list waits: several passes of the sequencer.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often it looks.
const LOOKS: Duration = Duration::from_millis(25);

/// Waits for the position of what is committed by now about these subjects, or about anything.
pub async fn numbered(conn: &mut Conn, subjects: Option<&[Uuid]>) -> Result<()> {
    let mut pending = p::table.select(p::id).into_boxed();
    if let Some(subjects) = subjects {
        pending = pending.filter(p::subject_id.eq_any(subjects));
    }
    let mut waiting: Vec<Uuid> = pending.load(conn).await?;
    let end = tokio::time::Instant::now() + PATIENCE;
    while !waiting.is_empty() && tokio::time::Instant::now() < end {
        tokio::time::sleep(LOOKS).await;
        waiting = p::table
            .select(p::id)
            .filter(p::id.eq_any(&waiting))
            .load(conn)
            .await?;
    }
    Ok(())
}
