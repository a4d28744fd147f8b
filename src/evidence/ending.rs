//! The end of files: rows and keys first, then the objects that nothing can open any more.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::store;
use crate::db::Conn;
use crate::error::Result;
use crate::journal::{self, Actor, Entry};
use crate::storage::Storage;

/// The objects of some tips.
pub async fn objects_of(conn: &mut Conn, tips: &[Uuid]) -> Result<Vec<Uuid>> {
    store::of_tips(conn, tips).await
}

/// Deletes files and their logs of custody; returns the objects to delete once this is committed.
pub async fn delete_rows(
    conn: &mut Conn,
    actor: &Actor,
    ids: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>> {
    let gone = store::delete(conn, ids).await?;
    let entries: Vec<Entry> = gone
        .iter()
        .map(|(id, tip)| {
            Entry::audit("attachment.purged", actor, now)
                .on("tip", *tip)
                .with(json!({"attachment_id": id}))
        })
        .collect();
    journal::record(conn, &entries).await?;
    Ok(gone.into_iter().map(|(id, _)| id).collect())
}

/// Deletes objects whose rows are gone; what cannot be deleted now the sweep finds later.
pub async fn delete_objects(storage: &Storage, ids: &[Uuid]) {
    for id in ids {
        if let Err(error) = storage.delete(*id).await {
            tracing::warn!(%error, "an object stays for the sweep");
        }
    }
}
