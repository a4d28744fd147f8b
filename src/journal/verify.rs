//! Verifying the journal: recomputes the chain, checks the signed checkpoints, names what is wrong.

use serde::Serialize;
use utoipa::ToSchema;

use super::sequencer::{Fields, GENESIS, hex, link};
use super::store;
use crate::auth::LocalKeys;
use crate::db::Conn;
use crate::error::Result;

/// Type of the JWS of a checkpoint.
pub const CHECKPOINT: &str = "journal-checkpoint+jwt";

/// Findings named at most.
const NAMED: usize = 100;
const PAGE: i64 = 5_000;

/// What was found.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Verification {
    /// Whether nothing is wrong.
    pub intact: bool,
    /// Entries looked at.
    pub entries: i64,
    /// Last position looked at.
    pub last_position: i64,
    /// Checkpoints looked at.
    pub checkpoints: i64,
    /// Committed entries that are not numbered yet: the unsealed tail.
    pub unsealed: i64,
    /// What is wrong, at most 100 findings.
    pub findings: Vec<Finding>,
}

/// One thing that is wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct Finding {
    /// Where.
    pub position: i64,
    /// `missing`, `altered`, `checkpoint_altered`, `checkpoint_missing`, `checkpoint_missing_entry`, `truncated`.
    #[schema(example = "altered")]
    pub kind: &'static str,
    /// One sentence.
    pub detail: String,
}

impl Verification {
    fn find(&mut self, position: i64, kind: &'static str, detail: impl Into<String>) {
        if self.findings.len() < NAMED {
            self.findings.push(Finding {
                position,
                kind,
                detail: detail.into(),
            });
        }
    }
}

/// Verifies the whole journal.
///
/// Finds what was changed without the signing key. What it cannot find by itself is a tail cut off
/// together with its checkpoints; keep the last checkpoint elsewhere for that.
pub async fn verify(conn: &mut Conn, signer: &LocalKeys) -> Result<Verification> {
    crate::db::transaction(conn, async |conn| {
        // Entries and checkpoints of one moment, however busy the service is.
        store::freeze(conn).await?;
        verify_frozen(conn, signer).await
    })
    .await
}

async fn verify_frozen(conn: &mut Conn, signer: &LocalKeys) -> Result<Verification> {
    let mut found = Verification {
        unsealed: store::count_pending(conn).await?,
        ..Verification::default()
    };
    let mut chain = GENESIS.to_vec();
    let mut expected = 1;
    loop {
        let rows = store::sealed_after(conn, expected - 1, PAGE).await?;
        let Some(last) = rows.last().map(|row| row.position) else {
            break;
        };
        for row in &rows {
            if row.position > expected {
                let detail = format!("Entries {expected} to {} are gone.", row.position - 1);
                found.find(expected, "missing", detail);
            } else if link(&chain, row.position, &Fields::from(row)).as_slice() != row.chain {
                // The first entry behind a gap cannot be checked: one gap is one finding.
                found.find(
                    row.position,
                    "altered",
                    "The entry or its chain hash is not what was sealed.",
                );
            }
            chain.clone_from(&row.chain);
            expected = row.position + 1;
            found.entries += 1;
        }
        found.last_position = last;
    }
    checkpoints(conn, signer, &mut found).await?;
    found.intact = found.findings.is_empty();
    Ok(found)
}

async fn checkpoints(conn: &mut Conn, signer: &LocalKeys, found: &mut Verification) -> Result<()> {
    let mut after = 0;
    loop {
        let rows = store::checkpoints_after(conn, after, PAGE).await?;
        let Some(last) = rows.last().map(|row| row.position) else {
            break;
        };
        for row in rows {
            found.checkpoints += 1;
            let signed = signer
                .verify_jws(&row.signature, CHECKPOINT)
                .is_some_and(|claims| {
                    claims.get("position").and_then(serde_json::Value::as_i64) == Some(row.position)
                        && claims.get("chain").and_then(serde_json::Value::as_str)
                            == Some(&hex(&row.chain))
                });
            if !signed {
                found.find(
                    row.position,
                    "checkpoint_altered",
                    "The checkpoint's signature does not hold.",
                );
            } else if row.position > found.last_position {
                found.find(
                    row.position,
                    "truncated",
                    "Entries up to this checkpoint are gone.",
                );
            } else if row.entry_chain.as_deref() != Some(row.chain.as_slice()) {
                let detail = "The chain hash signed here is not that of the entry.";
                found.find(row.position, "checkpoint_missing_entry", detail);
            }
        }
        after = last;
    }
    // Each pass of the sequencer ends with one.
    if after < found.last_position {
        let detail = format!("No checkpoint vouches for the entries after {after}.");
        found.find(found.last_position, "checkpoint_missing", detail);
    }
    Ok(())
}
