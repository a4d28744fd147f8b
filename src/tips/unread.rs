//! What a reporter sends after an officer has opened the tip, until an officer has seen it.
//!
//! A tip that nobody has opened is new as a whole: what was announced with it and comes before anybody looks is no news.
//! Messages have their own mark.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::store::{self, TipState};
use crate::db::Conn;
use crate::error::Result;

/// What was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// A file; seen by whoever lists or fetches the files.
    File,
    /// A submission beside the first; seen by whoever opens the tip or lists its submissions.
    Addition,
}

impl Sent {
    const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Addition => "addition",
        }
    }
}

/// Marks what the reporter of a tip has just sent, in the caller's transaction.
pub async fn note(
    conn: &mut Conn,
    state: &TipState,
    (sent, id): (Sent, Uuid),
    now: DateTime<Utc>,
) -> Result<()> {
    let taken_up = state.first_claimed_at.is_some() || state.status != "received";
    if taken_up || store::was_opened(conn, state.tip_id).await? {
        store::insert_unread(conn, (state.tip_id, id), sent.as_str(), now).await?;
    }
    Ok(())
}

/// The additions to a tip that nobody has seen. Asked before the tip is read for an officer: what comes meanwhile is not
/// shown, and stays unread.
pub async fn additions(conn: &mut Conn, tip: Uuid) -> Result<Vec<Uuid>> {
    store::unread_ids(conn, tip, Sent::Addition.as_str()).await
}

/// An officer has seen these files or submissions.
pub async fn seen(conn: &mut Conn, ids: &[Uuid]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    store::delete_unread(conn, ids).await
}
