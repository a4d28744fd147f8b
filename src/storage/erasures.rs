//! What was erased on request, noted outside the database: a restored backup has it again, and does not know.
//!
//! A note is an object beside the evidence, `erased-` and the tip's id. It names nobody.

use bytes::Bytes;
use chrono::{DateTime, SubsecRound, Utc};
use futures_util::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectStoreExt, PutPayload};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Storage, away};
use crate::error::Result;

const PREFIX: &str = "erased-";

/// That somebody's data were erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// The tip that he sent.
    pub tip: Uuid,
    /// When, to the microsecond, as the database keeps times.
    pub at: DateTime<Utc>,
    /// Whether the whole tip was deleted, and not only who sent it.
    pub whole: bool,
}

impl Storage {
    /// Notes an erasure, on disk before it is committed: of one that then fails the note does no harm, since its
    /// reporter asked for it.
    pub async fn note_erasure(&self, tip: Uuid, whole: bool, now: DateTime<Utc>) -> Result<()> {
        let at = now.trunc_subsecs(6);
        let note = serde_json::to_vec(&Erasure { tip, at, whole });
        let note = note.map_err(|e| away("noting an erasure", e))?;
        let name = Path::from(format!("{PREFIX}{tip}"));
        self.store
            .put(&name, PutPayload::from(note))
            .await
            .map_err(|e| away("noting an erasure", e))?;
        Ok(())
    }

    /// All erasures that were noted.
    pub async fn erasures(&self) -> Result<Vec<Erasure>> {
        let names: Vec<Path> = self
            .store
            .list(None)
            .map_ok(|object| object.location)
            .try_filter(|name| {
                let noted = name.filename().is_some_and(|name| name.starts_with(PREFIX));
                std::future::ready(noted)
            })
            .try_collect()
            .await
            .map_err(|e| away("listing erasures", e))?;
        let mut found = Vec::new();
        let mut notes = std::pin::pin!(futures_util::stream::iter(names).then(async |name| {
            let read = self.store.get(&name).await;
            let bytes: Bytes = match read {
                Ok(read) => read.bytes().await,
                Err(e) => Err(e),
            }
            .map_err(|e| away("reading an erasure", e))?;
            Ok::<_, crate::error::Error>((name, bytes))
        }));
        while let Some((name, bytes)) = notes.try_next().await? {
            match serde_json::from_slice(&bytes) {
                Ok(erasure) => found.push(erasure),
                Err(error) => {
                    tracing::warn!(%name, %error, "the note of an erasure cannot be read")
                }
            }
        }
        Ok(found)
    }
}
