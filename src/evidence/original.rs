//! The original of a file: opened, compared with what came, and noted where it is lost or altered.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::service::custody;
use super::store::{self, AttachmentRow};
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::journal::{self, Actor, Entry};
use crate::keys::{DataKey, IdentityKeys, Wrapped};
use crate::state::AppState;
use crate::storage::Storage;
use serde_json::json;

/// Files that the doctor looks at again.
const LOOKED_AT: i64 = 100;

/// What the store holds of a file.
pub enum Original {
    /// It has the hash that it came with.
    Intact(bytes::Bytes),
    /// It opens, and has this hash instead.
    Other(Vec<u8>),
    /// It does not open under its key.
    Closed,
    /// There is none.
    Missing,
}

impl Original {
    /// The act under which it is noted in the log of custody; none where all is well.
    pub const fn damage(&self) -> Option<&'static str> {
        match self {
            Self::Intact(_) => None,
            Self::Other(_) | Self::Closed => Some("found_altered"),
            Self::Missing => Some("found_missing"),
        }
    }
}

/// The key of a file. That it does not open says nothing of the file.
pub fn key(keys: &IdentityKeys, row: &AttachmentRow) -> Result<DataKey> {
    unwrap(keys, row.id, row.key_id.clone(), row.wrapped_key.clone())
}

/// The key of an object of evidence, from what its row holds of it.
pub fn unwrap(keys: &IdentityKeys, id: Uuid, key_id: String, wrapped: Vec<u8>) -> Result<DataKey> {
    let wrapped = Wrapped {
        key_id,
        bytes: wrapped,
    };
    DataKey::unwrap(keys, id.as_bytes(), &wrapped).map_err(|error| {
        metrics::counter!("evidence_unreadable_total").increment(1);
        tracing::error!(object_id = %id, %error, "the key of a file does not open");
        Error::conflict(
            "sealed_unreadable",
            "The key of this file does not open: it was altered in the database, or an identity key is missing. \
             Tell the operator; the file itself is left as it is.",
        )
    })
}

/// What the store holds of a file.
pub async fn find(storage: &Storage, row: &AttachmentRow, key: DataKey) -> Result<Original> {
    let owner = *row.id.as_bytes();
    let Some(sealed) = storage.find(row.id).await? else {
        return Ok(Original::Missing);
    };
    let sha256 = row.sha256.clone();
    // 20 MiB are opened and hashed: too long for a thread that serves others.
    tokio::task::spawn_blocking(move || match key.open_stream(&owner, &sealed) {
        Ok(original) => match Sha256::digest(&original).to_vec() {
            hash if hash == sha256 => Original::Intact(original.into()),
            hash => Original::Other(hash),
        },
        Err(_) => Original::Closed,
    })
    .await
    .map_err(|e| Error::internal("opening a file", e))
}

/// The original, once its hash is the one it came with. That it is not is noted, and told the officer.
pub async fn intact(app: &AppState, row: &AttachmentRow, actor: &Actor) -> Result<bytes::Bytes> {
    let key = key(&app.keys.identity, row)?;
    let found = find(&app.storage, row, key).await?;
    note(&mut *app.db.get().await?, app, row, &found, actor).await?;
    match found {
        Original::Intact(bytes) => Ok(bytes),
        Original::Missing => Err(Error::conflict(
            "evidence_missing",
            "The store of evidence no longer holds this file. That was noted in its log of custody and in the \
             journal; the operator may find it in a backup.",
        )),
        Original::Other(_) | Original::Closed => Err(Error::conflict(
            "evidence_altered",
            "This file is no longer what was received, and is not shown. That was noted in its log of custody \
             and in the journal; the certificate says more, and the operator may find the original in a backup.",
        )),
    }
}

/// Notes that a file is lost or altered, each once of a file.
pub async fn note(
    conn: &mut Conn,
    app: &AppState,
    row: &AttachmentRow,
    found: &Original,
    actor: &Actor,
) -> Result<()> {
    let Some(act) = found.damage() else {
        return Ok(());
    };
    let now = app.now();
    let first = db::transaction(conn, async |conn| {
        let first = store::insert_custody_once(conn, &custody(row, act, actor, now)).await?;
        if first {
            let entry = Entry::audit("attachment.damaged", actor, now)
                .on("tip", row.tip_id)
                .with(json!({"attachment_id": row.id, "act": act}));
            journal::record(conn, &[entry]).await?;
        }
        Ok::<_, Error>(first)
    })
    .await?;
    if first {
        metrics::counter!("evidence_damaged_total", "act" => act).increment(1);
        tracing::error!(attachment_id = %row.id, tip_id = %row.tip_id, act, "evidence is damaged");
    }
    Ok(())
}

/// The tips of files that were found lost or altered and still are, of the newest [`LOOKED_AT`] that were.
pub async fn damaged(conn: &mut Conn, storage: &Storage, keys: &IdentityKeys) -> Result<Vec<Uuid>> {
    let mut still = Vec::new();
    for row in store::found_damaged(conn, LOOKED_AT).await? {
        let Ok(key) = key(keys, &row) else {
            continue;
        };
        if find(storage, &row, key).await?.damage().is_some() {
            still.push(row.tip_id);
        }
    }
    Ok(still)
}

/// Files that the doctor looks for.
const NEWEST: i64 = 50;

/// How many of the newest files the store does not hold, and how many were looked for.
pub async fn missing(conn: &mut Conn, storage: &Storage) -> Result<(usize, usize)> {
    let newest = store::newest(conn, NEWEST).await?;
    let mut missing = 0;
    for id in &newest {
        if !storage.holds(*id).await? {
            missing += 1;
        }
    }
    Ok((missing, newest.len()))
}
