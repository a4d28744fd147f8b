//! The sweep: objects that belong to no tip end, if this database has ever known them.

use std::pin::pin;

use chrono::{DateTime, Duration, Utc};
use futures_util::{StreamExt, TryStreamExt};
use uuid::Uuid;

use super::store;
use crate::db::Conn;
use crate::error::Result;
use crate::state::AppState;
use crate::storage::Storage;

/// An object without a row is swept after this: no upload takes so long.
const ORPHAN_HOURS: i64 = 24;
/// Objects looked up at a time.
const LISTED: usize = 1_000;

/// Objects that are older than a day and belong to nothing.
struct Orphans {
    /// Begun under this database: of uploads that a crash cut off, of tips that are gone.
    own: Vec<Uuid>,
    /// This database has never heard of them: it was restored from a backup that is older than they are, or the
    /// store is another installation's.
    unknown: Vec<Uuid>,
}

/// Objects whose id is younger than a day are left alone: their row may be on its way.
async fn orphans(conn: &mut Conn, storage: &Storage, now: DateTime<Utc>) -> Result<Orphans> {
    let before = (now - Duration::hours(ORPHAN_HOURS)).timestamp();
    let is_old = |id: &Uuid| {
        let made = id.get_timestamp().map(|at| at.to_unix().0);
        made.and_then(|at| i64::try_from(at).ok())
            .is_some_and(|at| at < before)
    };
    let mut orphans = Orphans {
        own: Vec::new(),
        unknown: Vec::new(),
    };
    let mut listed = pin!(storage.ids().try_chunks(LISTED));
    while let Some(some) = listed.next().await {
        let mut some = some.map_err(|e| e.1)?;
        some.retain(is_old);
        let known = store::known(conn, &some).await?;
        some.retain(|id| !known.contains(id));
        let announced = store::announced(conn, &some).await?;
        for id in some {
            if announced.contains(&id) {
                orphans.own.push(id);
            } else {
                orphans.unknown.push(id);
            }
        }
    }
    Ok(orphans)
}

/// Deletes objects; returns which stay.
async fn delete(storage: &Storage, ids: &[Uuid]) -> Vec<Uuid> {
    let mut stay = Vec::new();
    for id in ids {
        if let Err(error) = storage.delete(*id).await {
            tracing::warn!(fault = error.with_causes(), "an object stays");
            stay.push(*id);
        }
    }
    stay
}

/// Deletes objects that belong to no tip, and ends uploads in pieces whose time is over. What this database has
/// never known it leaves alone, and says so. What a killed server left half-written ends after a day.
pub async fn sweep(conn: &mut Conn, app: &AppState, now: DateTime<Utc>) -> Result<usize> {
    super::resumable::expire(conn, app, now).await?;
    let orphans = orphans(conn, &app.storage, now).await?;
    let stay = delete(&app.storage, &orphans.own).await;
    let mut swept = orphans.own.len() - stay.len();
    store::forget_objects(conn, now - Duration::hours(ORPHAN_HOURS), &stay).await?;
    let unknown = orphans.unknown.len();
    metrics::gauge!("evidence_unknown_objects").set(u32::try_from(unknown).unwrap_or(u32::MAX));
    if unknown > 0 {
        tracing::warn!(
            unknown,
            "objects that this database has never known are left alone; docs/evidence.md, \"After a restore\", says \
             what to do"
        );
    }
    let day = std::time::Duration::from_secs(24 * 3_600);
    swept += app.storage.remove_unfinished(day).await?;
    if swept > 0 {
        tracing::info!(swept, "objects that belonged to no tip were deleted");
    }
    Ok(swept)
}

/// How many objects this database has never known.
pub async fn unknown(conn: &mut Conn, storage: &Storage, now: DateTime<Utc>) -> Result<usize> {
    Ok(orphans(conn, storage, now).await?.unknown.len())
}

/// Deletes the objects that this database has never known, for an operator who says so; returns how many.
pub async fn delete_unknown(
    conn: &mut Conn,
    storage: &Storage,
    now: DateTime<Utc>,
) -> Result<usize> {
    let unknown = orphans(conn, storage, now).await?.unknown;
    let stay = delete(storage, &unknown).await;
    Ok(unknown.len() - stay.len())
}
