//! The sequencer: gives committed entries their position, chain hash and signed checkpoint.
//!
//! Any replica may run it; an advisory lock lets one work at a time. It sees only what is committed,
//! so positions have no gaps and never run backwards.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::store::{self, Pending};
use crate::db::Conn;
use crate::error::Result;

/// How many entries one pass numbers at most.
pub const PASS: i64 = 2_000;

/// The chain hash before the first entry.
pub const GENESIS: [u8; 32] = [0; 32];

/// Signs a checkpoint over position and chain hash.
pub type Sign<'a> = &'a (dyn Fn(i64, &str) -> Result<String> + Sync);

/// Numbers what is committed; returns how many, 0 where there is nothing or another replica is at it.
pub async fn pass(conn: &mut Conn, now: DateTime<Utc>, sign: Sign<'_>) -> Result<usize> {
    crate::db::transaction(conn, async |conn| {
        if !store::try_lock(conn).await? {
            return Ok(0);
        }
        let rows = store::take_pending(conn, PASS).await?;
        if rows.is_empty() {
            return Ok(0);
        }
        let (mut position, mut chain) = match store::head(conn).await? {
            Some((position, chain)) => (position, chain),
            None => (0, GENESIS.to_vec()),
        };
        let mut positions = Vec::with_capacity(rows.len());
        let mut chains = Vec::with_capacity(rows.len());
        for row in &rows {
            position += 1;
            chain = link(&chain, position, &Fields::from(row)).to_vec();
            positions.push(position);
            chains.push(chain.clone());
        }
        store::insert_numbered(conn, &rows, &positions, &chains).await?;
        let signature = sign(position, &hex(&chain))?;
        store::insert_checkpoint(conn, position, now, &chain, &signature).await?;
        store::notify(conn, position).await?;
        Ok(rows.len())
    })
    .await
}

/// What the chain hash covers.
pub struct Fields<'a> {
    /// Entry id.
    pub id: uuid::Uuid,
    /// Time of the entry.
    pub at: DateTime<Utc>,
    /// Event flag.
    pub is_event: bool,
    /// Type, actor, client, agency, subject kind, subject id, data as Postgres prints it, request id.
    pub texts: [&'a str; 7],
    /// Subject id.
    pub subject_id: Option<uuid::Uuid>,
}

impl<'a> From<&'a Pending> for Fields<'a> {
    fn from(row: &'a Pending) -> Self {
        Self {
            id: row.id,
            at: row.at,
            is_event: row.is_event,
            texts: [
                &row.kind,
                &row.actor,
                &row.client_id,
                row.agency.as_deref().unwrap_or_default(),
                &row.subject_kind,
                &row.data,
                &row.request_id,
            ],
            subject_id: row.subject_id,
        }
    }
}

/// SHA-256 over the hash before, the position and every field, each with its length.
pub fn link(before: &[u8], position: i64, fields: &Fields<'_>) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(before);
    hash.update(position.to_be_bytes());
    hash.update(fields.id.as_bytes());
    hash.update(fields.at.timestamp_micros().to_be_bytes());
    hash.update([u8::from(fields.is_event)]);
    hash.update(fields.subject_id.unwrap_or_default().as_bytes());
    for text in fields.texts {
        hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().into()
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
