//! An object on its way into a bucket, in parts.
//!
//! S3 lists no upload that has not ended to who may only read and write objects, and keeps its parts for ever. So the
//! upload is noted in an object beside the evidence before its first part is sent: what a killed server leaves is found
//! by its note, and ended.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path;
use object_store::{MultipartId, ObjectStore, ObjectStoreExt, PutPayload};
use uuid::Uuid;

use super::{away, path};
use crate::error::Result;

/// Bytes of a part: the least that S3 takes.
const PART: usize = 5 * 1024 * 1024;
/// Notes are the objects with this ending, and the object's id before it.
const NOTE: &str = ".unfinished";

/// A bucket, with what its crate has for parts.
#[derive(Clone)]
pub(super) struct Bucket {
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) parts: Arc<dyn MultipartStore>,
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
            self.bucket.forget(self.object).await?;
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
        match self.store.delete(&note(object)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(e) => Err(away("forgetting an upload", e)),
        }
    }

    /// Ends the uploads that were begun so long ago; returns how many.
    pub(super) async fn end_unfinished(&self, older_than: Duration) -> Result<usize> {
        let failed = |e| away("listing uploads", e);
        let notes: Vec<_> = self
            .store
            .list(None)
            .try_filter_map(async |object| Ok(noted(&object.location).map(|id| (id, object))))
            .try_collect()
            .await
            .map_err(failed)?;
        let mut ended = 0;
        let mut notes = futures_util::stream::iter(notes);
        while let Some((object, written)) = notes.next().await {
            if super::age(written.last_modified.into()).unwrap_or_default() < older_than {
                continue;
            }
            let read = self.store.get(&written.location).await;
            let upload: Bytes = match read {
                Ok(read) => read.bytes().await.map_err(failed)?,
                // Finished meanwhile.
                Err(object_store::Error::NotFound { .. }) => continue,
                Err(e) => return Err(failed(e)),
            };
            let upload = String::from_utf8_lossy(&upload).into_owned();
            self.end(object, &upload).await?;
            ended += 1;
        }
        Ok(ended)
    }
}

fn note(object: Uuid) -> Path {
    Path::from(format!("{object}{NOTE}"))
}

fn noted(name: &Path) -> Option<Uuid> {
    let id = name.filename()?.strip_suffix(NOTE)?;
    Uuid::parse_str(id).ok()
}
