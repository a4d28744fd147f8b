//! The object store for evidence: a folder, or a bucket of an S3-compatible service.
//!
//! Objects are sealed before they come here. An object is there whole or not at all: it gets its
//! name only once every byte is written.

mod checkpoints;
mod erasures;
mod parts;

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::{Stream, StreamExt};
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt, RetryConfig, WriteMultipart};
use uuid::Uuid;

use crate::error::{Error, Result};

pub use checkpoints::{CheckpointNote, checkpoint_name};
pub use erasures::Erasure;
use parts::{Bucket, Parts};

/// Bytes written at once into a folder.
const PART: usize = 5 * 1024 * 1024;
/// How long a bucket that is away is tried again: somebody waits for the answer.
const RETRY: Duration = Duration::from_secs(10);
/// Parts under way at once.
const PARTS: usize = 2;

/// Where evidence lies.
#[derive(Clone)]
pub struct Storage {
    store: Arc<dyn ObjectStore>,
    place: Place,
}

#[derive(Clone)]
enum Place {
    Folder(PathBuf),
    Bucket(Bucket),
}

impl Storage {
    /// Opens what `TINBAO_STORAGE` names; by default the folder `evidence` of the data folder.
    pub fn open(setting: Option<&str>, data_dir: &FilePath) -> Result<Self, String> {
        match setting {
            None => Self::folder("TINBAO_DATA_DIR", &data_dir.join("evidence")),
            Some(text) => match text.split_once("://") {
                Some(("file", folder)) if folder.starts_with('/') => {
                    Self::folder("TINBAO_STORAGE", FilePath::new(folder))
                }
                Some(("s3", rest)) if !rest.is_empty() => Self::bucket(rest),
                _ => Err("TINBAO_STORAGE: write file:///folder or s3://bucket/prefix".to_owned()),
            },
        }
    }

    /// `setting` is the variable that says where it is.
    fn folder(setting: &str, folder: &FilePath) -> Result<Self, String> {
        let failed = |e: &dyn std::fmt::Display| format!("{setting}: {}: {e}", folder.display());
        std::fs::create_dir_all(folder).map_err(|e| failed(&e))?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|e| failed(&e))?;
        Ok(Self {
            store: Arc::new(store.with_fsync(true)),
            place: Place::Folder(folder.to_owned()),
        })
    }

    /// Credentials, region and endpoint come from the usual `AWS_…` variables.
    fn bucket(name: &str) -> Result<Self, String> {
        let (bucket, prefix) = name.split_once('/').unwrap_or((name, ""));
        let retry = RetryConfig {
            max_retries: 3,
            retry_timeout: RETRY,
            ..RetryConfig::default()
        };
        let store = AmazonS3Builder::from_env()
            .with_bucket_name(bucket)
            .with_retry(retry)
            .build()
            .map_err(|e| format!("TINBAO_STORAGE: {e}"))?;
        let store = Arc::new(PrefixStore::new(store, Path::from(prefix)));
        Ok(Self {
            store: store.clone(),
            place: Place::Bucket(Bucket::new(store.clone(), store)),
        })
    }

    /// Starts an object; it is there once [`Writing::finish`] has returned.
    pub async fn write(&self, id: Uuid) -> Result<Writing> {
        if let Place::Bucket(bucket) = &self.place {
            return Ok(Writing(Way::Bucket(Parts::new(bucket.clone(), id))));
        }
        let upload = self
            .store
            .put_multipart(&path(id))
            .await
            .map_err(|e| away("starting an object", e))?;
        let upload = WriteMultipart::new_with_chunk_size(upload, PART);
        Ok(Writing(Way::Folder(upload)))
    }

    /// The whole object, if it is there.
    pub async fn find(&self, id: Uuid) -> Result<Option<bytes::Bytes>> {
        let found = match self.store.get(&path(id)).await {
            Ok(found) => found.bytes().await,
            Err(e) => Err(e),
        };
        match found {
            Ok(bytes) => Ok(Some(bytes)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(e) => Err(away("reading an object", e)),
        }
    }

    /// Whether an object is there.
    pub async fn holds(&self, id: Uuid) -> Result<bool> {
        match self.store.head(&path(id)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(e) => Err(away("looking for an object", e)),
        }
    }

    /// The whole object, which has to be there.
    pub async fn read(&self, id: Uuid) -> Result<bytes::Bytes> {
        let missing = || Error::internal("reading an object", "it has to be there");
        self.find(id).await?.ok_or_else(missing)
    }

    /// Deletes an object; that there is none is no error.
    pub async fn delete(&self, id: Uuid) -> Result<()> {
        match self.store.delete(&path(id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(e) => Err(away("deleting an object", e)),
        }
    }

    /// Ids of all objects, as the store lists them.
    pub fn ids(&self) -> impl Stream<Item = Result<Uuid>> + '_ {
        let objects = self.store.list(None);
        objects.filter_map(async |object| match object {
            Ok(object) => Uuid::parse_str(object.location.filename()?).ok().map(Ok),
            Err(e) => Some(Err(away("listing objects", e))),
        })
    }

    /// Removes what a killed process left half-written so long ago; returns how many objects that were.
    pub async fn remove_unfinished(&self, older_than: Duration) -> Result<usize> {
        match &self.place {
            Place::Bucket(bucket) => bucket.end_unfinished(older_than).await,
            Place::Folder(folder) => {
                let folder = folder.clone();
                tokio::task::spawn_blocking(move || remove_halves(&folder, older_than))
                    .await
                    .map_err(|e| Error::internal("sweeping the evidence folder", e))?
            }
        }
    }
}

fn remove_halves(folder: &FilePath, older_than: Duration) -> Result<usize> {
    let mut removed = 0;
    let failed = |e| away("sweeping the evidence folder", e);
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        // The store writes to 'name#1' and then renames.
        if !entry.file_name().to_string_lossy().contains('#') {
            continue;
        }
        let modified = entry.metadata().and_then(|meta| meta.modified());
        let age = modified.ok().and_then(age).unwrap_or_default();
        if age >= older_than && std::fs::remove_file(entry.path()).is_ok() {
            removed += 1;
        }
    }
    Ok(removed)
}

/// File times are the system's, not the service's clock's.
fn age(modified: SystemTime) -> Option<Duration> {
    SystemTime::now().duration_since(modified).ok()
}

/// An object that is being written.
pub struct Writing(Way);

enum Way {
    Folder(WriteMultipart),
    Bucket(Parts),
}

impl Writing {
    /// Adds bytes; waits while too much is under way.
    pub async fn add(&mut self, bytes: &[u8]) -> Result<()> {
        match &mut self.0 {
            Way::Bucket(parts) => parts.add(bytes).await,
            Way::Folder(upload) => {
                let waited = upload.wait_for_capacity(PARTS).await;
                waited.map_err(|e| away("writing an object", e))?;
                upload.write(bytes);
                Ok(())
            }
        }
    }

    /// Makes the object appear.
    pub async fn finish(self) -> Result<()> {
        match self.0 {
            Way::Bucket(parts) => parts.finish().await,
            Way::Folder(upload) => {
                let done = upload.finish().await;
                done.map(|_| ()).map_err(|e| away("finishing an object", e))
            }
        }
    }

    /// Leaves nothing of it.
    pub async fn abort(self) -> Result<()> {
        match self.0 {
            Way::Bucket(parts) => parts.abort().await,
            Way::Folder(upload) => {
                let done = upload.abort().await;
                done.map_err(|e| away("abandoning an object", e))
            }
        }
    }
}

fn path(id: Uuid) -> Path {
    Path::from(id.to_string())
}

fn away(context: &'static str, error: impl Into<crate::error::BoxError>) -> Error {
    Error::unavailable(context, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_cannot_be_made_is_blamed_on_the_setting_that_names_it() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let inside = file.path().join("evidence");
        let refused = |setting: Option<&str>, data_dir: &FilePath| {
            Storage::open(setting, data_dir).err().unwrap_or_default()
        };
        let by_default = refused(None, file.path());
        assert!(by_default.starts_with("TINBAO_DATA_DIR: "), "{by_default}");
        let named = format!("file://{}", inside.display());
        let set = refused(Some(&named), FilePath::new("var"));
        assert!(set.starts_with("TINBAO_STORAGE: "), "{set}");
    }
}
