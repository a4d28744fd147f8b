//! The sequencer: gives committed entries their position, chain hash and signed checkpoint.
//!
//! Any replica may run it; an advisory lock lets one work at a time. It sees only what is committed,
//! so positions have no gaps and never run backwards.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::chain::{Fields, GENESIS, link};
use super::store;
use crate::auth::LocalKeys;
use crate::db::Conn;
use crate::error::{Error, Result};

/// How many entries one pass numbers at most.
pub const PASS: i64 = 1_000;

/// Type of the JWS of a checkpoint.
pub const CHECKPOINT: &str = "journal-checkpoint+jwt";

/// Numbers what is committed; returns how many, 0 where there is nothing or another replica is at it.
pub async fn pass(
    conn: &mut Conn,
    now: DateTime<Utc>,
    issuer: &str,
    signer: &LocalKeys,
) -> Result<usize> {
    crate::db::transaction(conn, async |conn| {
        if !store::try_lock(conn).await? {
            return Ok(0);
        }
        let rows = store::take_pending(conn, PASS).await?;
        if rows.is_empty() {
            return Ok(0);
        }
        let (last, before) = match store::head(conn).await? {
            Some((position, chain)) => (position, chain),
            None => (0, GENESIS.to_vec()),
        };
        let (mut position, mut chain) = (last, before.clone());
        let mut positions = Vec::with_capacity(rows.len());
        let mut chains = Vec::with_capacity(rows.len());
        for row in &rows {
            position += 1;
            chain = link(&chain, position, &Fields::from(row)).to_vec();
            positions.push(position);
            chains.push(chain.clone());
        }
        store::insert_numbered(conn, &rows, &positions, &chains).await?;
        let number = store::last_number(conn).await? + 1;
        // Names the first entry as well as the last: whatever is slipped in between two passes has no
        // checkpoint that vouches for it, and a removed checkpoint leaves a gap in the numbers.
        let claims = json!({
            "iss": issuer, "at": now, "number": number, "from": last + 1, "position": position,
            "before": hex::encode(&before), "chain": hex::encode(&chain),
        });
        let signature = signer
            .sign_jws(&claims, CHECKPOINT)
            .map_err(|e| Error::internal("signing a checkpoint", e))?;
        store::insert_checkpoint(conn, number, position, now, &chain, &signature).await?;
        store::notify(conn, position).await?;
        Ok(rows.len())
    })
    .await
}
