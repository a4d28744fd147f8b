//! Tokens printed by `tinbao token`, which has no database: their notes go into the audit at the next
//! start, each once, whichever replica reads them.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::store;
use crate::auth::{IssuedNote, read_notes};
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::journal::{self, Actor, Entry};

/// Notes of one transaction.
const BATCH: usize = 500;

/// Takes new notes into the audit; returns how many.
pub async fn audit_notes(conn: &mut Conn, data_dir: &Path, now: DateTime<Utc>) -> Result<usize> {
    let (notes, unreadable) =
        read_notes(data_dir).map_err(|e| Error::internal("reading the notes of tokens", e))?;
    if unreadable > 0 {
        tracing::warn!(unreadable, "notes of issued tokens that cannot be read");
    }
    let mut taken = 0;
    for some in notes.chunks(BATCH) {
        taken += db::transaction(conn, async |conn| {
            let ids: Vec<&str> = some.iter().map(|note| note.jti.as_str()).collect();
            let mut new = store::note_audited(conn, &ids, now).await?;
            let entries: Vec<Entry> = some
                .iter()
                .filter(|note| new.remove(&note.jti))
                .map(|note| entry(note, now))
                .collect();
            journal::record(conn, &entries).await?;
            Ok(entries.len())
        })
        .await?;
    }
    Ok(taken)
}

fn entry(note: &IssuedNote, now: DateTime<Utc>) -> Entry {
    Entry::audit("token.issued", &Actor::system(), now).with(json!({
        "by": "command_line",
        "jti": note.jti,
        "sub": note.sub,
        "token_client_id": note.client_id,
        "scope": note.scope,
        "issued_at": note.issued_at,
        "expires_at": note.exp,
    }))
}
