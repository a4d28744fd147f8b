//! What every search needs: an end that it meets in time, and how far it is behind.

use actix_web::CustomizeResponder;
use actix_web::Responder;
use chrono::{DateTime, Utc};

use super::filters::TipFilters;
use super::store;
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::journal;

/// The header that says by how many seconds a search may be behind.
const BEHIND: &str = "X-Search-Behind";

/// Does the work of a list; within three seconds where it may have to look at every tip: for words, and for notices
/// that are owed.
pub async fn bounded<T>(
    conn: &mut Conn,
    filters: &TipFilters,
    work: impl AsyncFnOnce(&mut Conn) -> Result<T>,
) -> Result<T> {
    if filters.words().is_none() && !filters.notice_owed && !filters.no_channel {
        return work(conn).await;
    }
    let found = db::transaction(conn, async |conn| {
        store::end_in_time(conn).await?;
        work(conn).await
    })
    .await;
    found.map_err(|error| match error {
        error if error.is_too_slow() => Error::SearchTooSlow,
        other => other,
    })
}

/// By how many seconds a search may be behind; nothing for a list that is no search.
pub async fn behind(conn: &mut Conn, searched: bool, now: DateTime<Utc>) -> Result<Option<i64>> {
    if !searched {
        return Ok(None);
    }
    let since = journal::unread_since(conn, super::background::SEARCH).await?;
    Ok(Some(since.map_or(0, |at| (now - at).num_seconds().max(0))))
}

/// The answer of a list, which says by how much it is behind.
pub fn answer<R: Responder>(list: R, behind: Option<i64>) -> CustomizeResponder<R> {
    let list = list.customize();
    match behind {
        None => list,
        Some(seconds) => list.insert_header((BEHIND, seconds.to_string())),
    }
}
