//! Checkpoints of the journal, noted outside the database: whoever cuts off the journal's end together with its
//! checkpoints does not reach these.
//!
//! A note is an object under `checkpoints/`, named by the position and the chain hash that it vouches for. So none ever
//! takes the place of another, in whatever order replicas write, and of a journal that went on in two ways both stay. It
//! names nobody.

use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStoreExt, PutPayload};

use super::{Storage, away};
use crate::error::Result;

/// Where the notes lie, and an ending by which none is taken for evidence.
const NOTES: &str = "checkpoints";
const NOTE: &str = ".jws";
/// Where those lie that were put aside because the journal was said to go on without what they vouch for.
const ASIDE: &str = "checkpoints-aside";
/// Notes that are read: there are one or two, unless somebody else writes there.
const AT_MOST: usize = 100;
/// No note is longer; of what is, the signature cannot be right.
const LONGEST: u64 = 4_096;

/// A note of a checkpoint, as it lies there.
#[derive(Clone, Debug)]
pub struct CheckpointNote {
    /// Its name.
    pub name: String,
    /// The position that its name says, 0 where it says none.
    pub position: i64,
    /// A signed statement, if nobody wrote something else.
    pub jws: String,
}

/// The name of the note of a checkpoint.
pub fn checkpoint_name(position: i64, chain: &str) -> String {
    format!("{position:020}-{chain}{NOTE}")
}

impl Storage {
    /// Notes a checkpoint.
    pub async fn note_checkpoint(&self, name: &str, jws: &str) -> Result<()> {
        let note = PutPayload::from(jws.to_owned());
        let put = self.store.put(&place(NOTES, name), note).await;
        put.map(|_| ()).map_err(|e| away("noting a checkpoint", e))
    }

    /// The notes, newest first.
    pub async fn checkpoint_notes(&self) -> Result<Vec<CheckpointNote>> {
        let listed = self.store.list(Some(&Path::from(NOTES)));
        let mut objects: Vec<ObjectMeta> = listed
            .try_collect()
            .await
            .map_err(|e| away("listing noted checkpoints", e))?;
        objects.sort_by(|a, b| b.location.cmp(&a.location));
        let mut notes = Vec::new();
        for object in objects.into_iter().take(AT_MOST) {
            let name = object.location.filename().unwrap_or_default().to_owned();
            let position = name.split('-').next().and_then(|text| text.parse().ok());
            let bytes = if object.size > LONGEST {
                Some(Bytes::new())
            } else {
                self.found(&object.location).await?
            };
            // None has been replaced by another replica meanwhile.
            if let Some(bytes) = bytes {
                notes.push(CheckpointNote {
                    name,
                    position: position.unwrap_or(0),
                    jws: String::from_utf8_lossy(&bytes).trim().to_owned(),
                });
            }
        }
        Ok(notes)
    }

    async fn found(&self, name: &Path) -> Result<Option<Bytes>> {
        let read = match self.store.get(name).await {
            Ok(read) => read.bytes().await,
            Err(e) => Err(e),
        };
        match read {
            Ok(bytes) => Ok(Some(bytes)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(e) => Err(away("reading a noted checkpoint", e)),
        }
    }

    /// Deletes a note that a newer one has replaced; that there is none is no error.
    pub async fn forget_checkpoint(&self, name: &str) -> Result<()> {
        match self.store.delete(&place(NOTES, name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(e) => Err(away("deleting a noted checkpoint", e)),
        }
    }

    /// Puts a note aside: it is kept, and compared with no more.
    pub async fn put_checkpoint_aside(&self, note: &CheckpointNote) -> Result<()> {
        let kept = PutPayload::from(note.jws.clone());
        let put = self.store.put(&place(ASIDE, &note.name), kept).await;
        put.map_err(|e| away("putting a noted checkpoint aside", e))?;
        self.forget_checkpoint(&note.name).await
    }
}

fn place(folder: &str, name: &str) -> Path {
    Path::from_iter([folder, name])
}
