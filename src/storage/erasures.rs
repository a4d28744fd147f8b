//! What was erased on request, noted outside the database: a restored backup has it again, and does not know.
//!
//! A note is an object under `erased/`, named by the tip's id, so that to list them is not to list the evidence. It
//! names nobody.

use bytes::Bytes;
use chrono::{DateTime, SubsecRound, Utc};
use futures_util::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{ObjectStoreExt, PutPayload};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Storage, away};
use crate::error::Result;

/// Where the notes lie, and an ending by which none is taken for evidence.
const NOTES: &str = "erased";
const NOTE: &str = ".json";
/// How the names of notes began that earlier versions wrote, beside the evidence: they stand behind all of it, whose
/// names are hexadecimal numbers of this age, so that a list may begin there.
const FORMER: &str = "erased-";

/// That somebody's data were erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// The tip that was sent.
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
        let name = Path::from(format!("{NOTES}/{tip}{NOTE}"));
        self.store
            .put(&name, PutPayload::from(note))
            .await
            .map_err(|e| away("noting an erasure", e))?;
        Ok(())
    }

    /// All erasures that were noted.
    pub async fn erasures(&self) -> Result<Vec<Erasure>> {
        let listed = |e| away("listing erasures", e);
        let notes = self.store.list(Some(&Path::from(NOTES)));
        let mut names: Vec<Path> = notes
            .map_ok(|object| object.location)
            .try_collect()
            .await
            .map_err(listed)?;
        let former = self.store.list_with_offset(None, &Path::from(FORMER));
        let former: Vec<Path> = former
            .map_ok(|object| object.location)
            .try_filter(|name| {
                let noted = name.filename().is_some_and(|name| name.starts_with(FORMER));
                std::future::ready(noted)
            })
            .try_collect()
            .await
            .map_err(listed)?;
        names.extend(former);
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
