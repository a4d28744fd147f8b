//! An object on its way into a bucket, in parts.
//!
//! S3 lists no upload that has not ended to who may only read and write objects, and keeps its parts for ever. So the
//! upload is noted in an object beside the evidence before its first part is sent: what a killed server leaves is found
//! by its note, and ended. Notes lie under a prefix of their own, so that to list them is not to list the evidence.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path;
use object_store::{MultipartId, ObjectMeta, ObjectStore, ObjectStoreExt, PutPayload};
use uuid::Uuid;

use super::{away, path};
use crate::error::Result;

/// Bytes of a part: the least that S3 takes.
const PART: usize = 5 * 1024 * 1024;
/// Where the notes lie: the object's id, and an ending by which no note is taken for evidence.
const NOTES: &str = "unfinished";
const NOTE: &str = ".upload";
/// The ending of notes that earlier versions wrote, among the evidence.
const FORMER_NOTE: &str = ".unfinished";

/// A bucket, with what its crate has for parts.
#[derive(Clone)]
pub(super) struct Bucket {
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) parts: Arc<dyn MultipartStore>,
    /// Whether no note of an earlier version is left: to look for them takes a list of everything.
    former: Arc<AtomicBool>,
}

/// An object that is being written into a bucket. One that fits into a part is sent whole.
pub(super) struct Parts {
    bucket: Bucket,
    object: Uuid,
    rest: Vec<u8>,
    upload: Option<(MultipartId, Vec<PartId>)>,
}

impl Parts {
    pub(super) fn new(bucket: Bucket, object: Uuid) -> Self {
        Self {
            bucket,
            object,
            rest: Vec::new(),
            upload: None,
        }
    }

    pub(super) async fn add(&mut self, bytes: &[u8]) -> Result<()> {
        self.rest.extend_from_slice(bytes);
        while self.rest.len() > PART {
            let after = self.rest.split_off(PART);
            let part = std::mem::replace(&mut self.rest, after);
            self.send(part).await?;
        }
        Ok(())
    }

    async fn send(&mut self, part: Vec<u8>) -> Result<()> {
        let (upload, sent) = match &mut self.upload {
            Some(begun) => begun,
            none => none.insert((self.bucket.begin(self.object).await?, Vec::new())),
        };
        let name = path(self.object);
        let part = self
            .bucket
            .parts
            .put_part(&name, upload, sent.len(), PutPayload::from(part));
        sent.push(part.await.map_err(|e| away("writing an object", e))?);
        Ok(())
    }

    pub(super) async fn finish(mut self) -> Result<()> {
        let rest = std::mem::take(&mut self.rest);
        if self.upload.is_none() {
            let name = path(self.object);
            let whole = self.bucket.store.put(&name, PutPayload::from(rest)).await;
            return whole.map(|_| ()).map_err(|e| away("writing an object", e));
        }
        self.send(rest).await?;
        if let Some((upload, sent)) = self.upload {
            self.bucket
                .parts
                .complete_multipart(&path(self.object), &upload, sent)
                .await
                .map_err(|e| away("finishing an object", e))?;
            // The object is there, whatever becomes of the note: the sweep ends it.
            if let Err(error) = self.bucket.forget(self.object).await {
                let fault = error.with_causes();
                tracing::warn!(fault, "the note of a finished upload stays for the sweep");
            }
        }
        Ok(())
    }

    pub(super) async fn abort(self) -> Result<()> {
        match self.upload {
            Some((upload, _)) => self.bucket.end(self.object, &upload).await,
            None => Ok(()),
        }
    }
}

impl Bucket {
    pub(super) fn new(store: Arc<dyn ObjectStore>, parts: Arc<dyn MultipartStore>) -> Self {
        Self {
            store,
            parts,
            former: Arc::default(),
        }
    }

    /// Begins an upload, and notes it.
    async fn begin(&self, object: Uuid) -> Result<MultipartId> {
        let upload = self
            .parts
            .create_multipart(&path(object))
            .await
            .map_err(|e| away("starting an object", e))?;
        self.store
            .put(&note(object), PutPayload::from(upload.clone()))
            .await
            .map_err(|e| away("noting an upload", e))?;
        Ok(upload)
    }

    /// Ends an upload with all its parts; one that ended before is no error.
    async fn end(&self, object: Uuid, upload: &MultipartId) -> Result<()> {
        match self.parts.abort_multipart(&path(object), upload).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => self.forget(object).await,
            Err(e) => Err(away("abandoning an object", e)),
        }
    }

    async fn forget(&self, object: Uuid) -> Result<()> {
        self.delete(&note(object)).await
    }

    async fn delete(&self, note: &Path) -> Result<()> {
        match self.store.delete(note).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(e) => Err(away("forgetting an upload", e)),
        }
    }

    /// Ends the uploads that were begun so long ago; returns how many. One that cannot be ended keeps none of the others.
    pub(super) async fn end_unfinished(&self, older_than: Duration) -> Result<usize> {
        let mut ended = 0;
        for (object, written) in self.notes().await? {
            if super::age(written.last_modified.into()).unwrap_or_default() < older_than {
                continue;
            }
            match self.end_noted(object, &written.location).await {
                Ok(was_there) => ended += usize::from(was_there),
                Err(error) => {
                    let fault = error.with_causes();
                    tracing::warn!(%object, fault, "an unfinished upload stays");
                }
            }
        }
        Ok(ended)
    }

    /// Ends the upload of a note; false where it was finished meanwhile.
    async fn end_noted(&self, object: Uuid, note: &Path) -> Result<bool> {
        let read = match self.store.get(note).await {
            Ok(read) => read.bytes().await,
            Err(e) => Err(e),
        };
        let upload: Bytes = match read {
            Ok(upload) => upload,
            Err(object_store::Error::NotFound { .. }) => return Ok(false),
            Err(e) => return Err(away("reading the note of an upload", e)),
        };
        let upload = String::from_utf8_lossy(&upload).into_owned();
        self.end(object, &upload).await?;
        self.delete(note).await?;
        Ok(true)
    }

    async fn notes(&self) -> Result<Vec<(Uuid, ObjectMeta)>> {
        let mut notes = self.list(Some(&Path::from(NOTES)), NOTE).await?;
        if !self.former.load(Ordering::Relaxed) {
            let former = self.list(None, FORMER_NOTE).await?;
            self.former.store(former.is_empty(), Ordering::Relaxed);
            notes.extend(former);
        }
        Ok(notes)
    }

    async fn list(&self, under: Option<&Path>, ending: &str) -> Result<Vec<(Uuid, ObjectMeta)>> {
        let noted = |object: ObjectMeta| {
            let id = object.location.filename()?.strip_suffix(ending)?;
            Some((Uuid::parse_str(id).ok()?, object))
        };
        self.store
            .list(under)
            .try_filter_map(async |object| Ok(noted(object)))
            .try_collect()
            .await
            .map_err(|e| away("listing uploads", e))
    }
}

fn note(object: Uuid) -> Path {
    Path::from(format!("{NOTES}/{object}{NOTE}"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use object_store::local::LocalFileSystem;
    use object_store::memory::InMemory;

    use super::*;

    const NOW: Duration = Duration::ZERO;

    /// Notes in a folder, parts in memory: a note that is a folder cannot be deleted.
    fn bucket(folder: &std::path::Path) -> (Bucket, Arc<InMemory>) {
        let parts = Arc::new(InMemory::new());
        let store = LocalFileSystem::new_with_prefix(folder).unwrap();
        (Bucket::new(Arc::new(store), parts.clone()), parts)
    }

    async fn begun(bucket: &Bucket, object: Uuid) -> Parts {
        let mut parts = Parts::new(bucket.clone(), object);
        parts.add(&vec![7; PART + 1]).await.unwrap();
        parts
    }

    #[tokio::test]
    async fn an_object_is_finished_though_its_note_stays() {
        let dir = tempfile::tempdir().unwrap();
        let (bucket, objects) = bucket(dir.path());
        let object = Uuid::from_u128(7);
        let parts = begun(&bucket, object).await;
        let file = dir.path().join(note(object).as_ref());
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        parts.finish().await.unwrap();
        let whole = objects.get(&path(object)).await.unwrap();
        assert_eq!(whole.bytes().await.unwrap().len(), PART + 1);
    }

    #[tokio::test]
    async fn one_upload_that_cannot_be_ended_keeps_none_of_the_others() {
        let dir = tempfile::tempdir().unwrap();
        let (bucket, _) = bucket(dir.path());
        for n in 1..=3 {
            drop(begun(&bucket, Uuid::from_u128(n)).await);
        }
        // An id that the store does not know, as of a bucket that was moved.
        let stubborn = dir.path().join(note(Uuid::from_u128(1)).as_ref());
        fs::write(&stubborn, "none such").unwrap();
        // As a version before wrote it.
        let former = format!("{}{FORMER_NOTE}", Uuid::from_u128(3));
        let former = dir.path().join(former);
        fs::rename(dir.path().join(note(Uuid::from_u128(3)).as_ref()), &former).unwrap();
        assert_eq!(
            bucket
                .end_unfinished(Duration::from_secs(3_600))
                .await
                .unwrap(),
            0
        );
        assert_eq!(bucket.end_unfinished(NOW).await.unwrap(), 2);
        assert!(stubborn.exists() && !former.exists());
        assert_eq!(bucket.end_unfinished(NOW).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_note_is_under_its_prefix_and_no_evidence() {
        let name = note(Uuid::from_u128(7));
        assert!(name.prefix_matches(&Path::from(NOTES)));
        assert!(Uuid::parse_str(name.filename().unwrap()).is_err());
    }
}
