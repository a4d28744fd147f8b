//! Checkpoints of the journal noted in the store of evidence, out of reach of whoever controls the database alone.
//!
//! A note is taken away only once a newer one lies there and the journal still has what the old one vouches for: one
//! that the journal contradicts stays, whatever the journal goes on with, until somebody says why and puts it aside.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::auth::LocalKeys;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::journal::{self, Actor, Contradiction, Entry, Kept, Noted};
use crate::state::AppState;
use crate::storage::{CheckpointNote, Storage, checkpoint_name};

/// Checkpoints among which one that is whole is looked for.
const LOOKED_AT: i64 = 100;
/// How long whoever verifies waits for the store.
const PATIENCE: Duration = Duration::from_secs(5);

/// The newest checkpoint that is what was signed, and its signature.
pub async fn newest(conn: &mut Conn, signer: &LocalKeys) -> Result<Option<(Kept, String)>> {
    let rows = journal::newest_checkpoints(conn, LOOKED_AT).await?;
    let whole = rows
        .into_iter()
        .find_map(|row| Some((Kept::read(&row.signature, signer)?, row.signature)));
    Ok(whole)
}

fn read(note: &CheckpointNote, signer: &LocalKeys) -> Noted {
    Noted {
        name: note.name.clone(),
        position: note.position,
        stated: Kept::read(&note.jws, signer),
    }
}

/// What is noted. Whoever compares the journal with it reads it first, and then the journal.
pub async fn noted(storage: &Storage, signer: &LocalKeys) -> Result<Vec<Noted>> {
    let notes = tokio::time::timeout(PATIENCE, storage.checkpoint_notes()).await;
    let notes = notes.map_err(|e| Error::unavailable("reading noted checkpoints", e))??;
    Ok(notes.iter().map(|note| read(note, signer)).collect())
}

/// The same; none, with a line in the log, where the store is away.
pub async fn at_hand(storage: &Storage, signer: &LocalKeys) -> Option<Vec<Noted>> {
    match noted(storage, signer).await {
        Ok(notes) => Some(notes),
        Err(error) => {
            let fault = error.with_causes();
            tracing::warn!(fault, "the journal is verified without the evidence store");
            None
        }
    }
}

/// Notes checkpoints for a replica.
#[derive(Default)]
pub struct Notary {
    /// Notes that the log has named already.
    told: BTreeSet<String>,
}

impl Notary {
    /// Notes the newest checkpoint, and takes away older notes that it replaces; returns its position.
    pub async fn note(&mut self, app: &AppState) -> Result<i64> {
        let done = self.try_note(app).await;
        let outcome = if done.is_ok() { "noted" } else { "failed" };
        metrics::counter!("checkpoint_notes_total", "outcome" => outcome).increment(1);
        done
    }

    async fn try_note(&mut self, app: &AppState) -> Result<i64> {
        let notes = noted(&app.storage, &app.signer).await?;
        let (newest, wrong) = {
            let mut conn = app.db.get().await?;
            let newest = newest(&mut conn, &app.signer).await?;
            (newest, journal::contradictions(&mut conn, &notes).await?)
        };
        self.tell(&wrong);
        let Some((kept, jws)) = newest else {
            return Ok(0);
        };
        let name = checkpoint_name(kept.position(), kept.chain());
        let right = |note: &&Noted| !wrong.iter().any(|other| other.name == note.name);
        // Another replica may have noted this one, or a newer one.
        if !notes
            .iter()
            .filter(right)
            .any(|note| stands_for(note) >= kept.position())
        {
            app.storage.note_checkpoint(&name, &jws).await?;
        }
        for note in notes.iter().filter(right) {
            if stands_for(note) < kept.position() && note.name != name {
                app.storage.forget_checkpoint(&note.name).await?;
            }
        }
        Ok(kept.position())
    }

    fn tell(&mut self, wrong: &[Contradiction]) {
        for Contradiction { name, finding } in wrong {
            metrics::counter!("checkpoint_notes_total", "outcome" => "contradicted").increment(1);
            if self.told.insert(name.clone()) {
                let (position, kind, detail) = (finding.position, finding.kind, &finding.detail);
                tracing::error!(
                    position,
                    kind,
                    detail,
                    "the journal contradicts a checkpoint noted in the evidence store: run 'tinbao audit verify'"
                );
            }
        }
    }
}

/// The position that a note vouches for.
fn stands_for(note: &Noted) -> i64 {
    note.stated.as_ref().map_or(0, Kept::position)
}

/// Writes down why the journal contradicts what is noted, as it does after a restore, and puts those notes aside;
/// returns what they vouched for.
pub async fn accept(
    conn: &mut Conn,
    storage: &Storage,
    signer: &LocalKeys,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Contradiction>> {
    let notes = storage.checkpoint_notes().await?;
    let read: Vec<Noted> = notes.iter().map(|note| read(note, signer)).collect();
    let wrong = journal::contradictions(conn, &read).await?;
    if wrong.is_empty() {
        return Ok(wrong);
    }
    let contradicts = |note: &&CheckpointNote| {
        wrong
            .iter()
            .any(|contradiction| contradiction.name == note.name)
    };
    let aside: Vec<&CheckpointNote> = notes.iter().filter(contradicts).collect();
    let signed: Vec<&str> = aside.iter().map(|note| note.jws.as_str()).collect();
    let last = journal::last_position(conn).await?;
    let entry = Entry::audit("audit.accepted", &Actor::system(), now).with(json!({
        "reason": reason, "last_position": last, "checkpoints": signed,
    }));
    // First: a note that is put aside has its entry.
    journal::record(conn, &[entry]).await?;
    for note in aside {
        storage.put_checkpoint_aside(note).await?;
    }
    Ok(wrong)
}
