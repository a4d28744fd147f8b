//! What every search needs: an end that it meets in time, and how far it is behind.

use actix_web::CustomizeResponder;
use actix_web::Responder;
use chrono::{DateTime, Utc};
use diesel_async::SimpleAsyncConnection;

use super::list::TipFilters;
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::journal;

/// The header that says by how many seconds a search may be behind.
const BEHIND: &str = "X-Search-Behind";
/// A search that takes longer helps nobody and holds others up.
const LIMIT: &str = "set local statement_timeout = '3s'";

/// Does the work of a list; with words to search for, within three seconds.
pub async fn bounded<T>(
    conn: &mut Conn,
    filters: &TipFilters,
    work: impl AsyncFnOnce(&mut Conn) -> Result<T>,
) -> Result<T> {
    if filters.words().is_none() {
        return work(conn).await;
    }
    let found = db::transaction(conn, async |conn| {
        conn.batch_execute(LIMIT).await?;
        work(conn).await
    })
    .await;
    found.map_err(|error| match error {
        Error::Unavailable { context, .. } if context == db::OUT_OF_TIME => Error::conflict(
            "search_too_slow",
            "The search took more than 3 seconds and was ended. Narrow it: more or longer words, a desk, or received_from.",
        ),
        other => other,
    })
}

/// The answer of a list; to a search it says by how many seconds the search may be behind.
pub async fn answer<R: Responder>(
    conn: &mut Conn,
    searched: bool,
    now: DateTime<Utc>,
    list: R,
) -> Result<CustomizeResponder<R>> {
    let list = list.customize();
    if !searched {
        return Ok(list);
    }
    let since = journal::unread_since(conn, "search").await?;
    let behind = since.map_or(0, |at| (now - at).num_seconds().max(0));
    Ok(list.insert_header((BEHIND, behind.to_string())))
}
