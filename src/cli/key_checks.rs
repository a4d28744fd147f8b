//! Whether the receipt, cursor and signing keys are those that the database was used with before.

use chrono::{DateTime, Utc};

use crate::auth::LocalKeys;
use crate::db::{Conn, key_checks};
use crate::error::Result;
use crate::journal;
use crate::keys::{Keys, Secret};

/// What is told of a receipt key that is not the one of before.
pub const WRONG_RECEIPT_KEY: &str = "TINBAO_RECEIPT_KEY (keys/receipt.key) is not the key that this database was first \
                                     used with: no receipt would be found, and what hangs on it would not open; put back \
                                     the one that was kept with it (docs/operations.md, \"Keys\")";
/// The same of a signing key.
pub const WRONG_SIGNING_KEY: &str = "none of the signing keys signed the newest checkpoint: attestations given to reporters \
                                     and the audit's checkpoints no longer verify; put the old key behind the new one \
                                     in TINBAO_SIGNING_KEY, or back into keys/ (docs/operations.md, \"Keys\")";
/// The same of a cursor key.
pub const OTHER_CURSOR_KEY: &str = "the cursor key is another than before: pages that clients are reading begin anew; all \
                                    replicas must have the same";

const RECEIPT: &str = "receipt";
const CURSOR: &str = "cursor";

/// Which keys are those of before; also where none was there before.
#[derive(Clone, Copy, Debug)]
pub struct Fit {
    /// The receipt key.
    pub receipt: bool,
    /// The cursor key.
    pub cursor: bool,
    /// One of the signing keys signed the newest checkpoint.
    pub signing: bool,
}

fn value(key: &Secret) -> [u8; 32] {
    key.hash("key check", b"tinbao")
}

/// Looks, and writes nothing.
pub async fn look(conn: &mut Conn, keys: &Keys, signer: &LocalKeys) -> Result<Fit> {
    let receipt = key_checks::kept(conn, RECEIPT).await?;
    let cursor = key_checks::kept(conn, CURSOR).await?;
    let same = |kept: Option<Vec<u8>>, key| kept.is_none_or(|kept| kept == value(key));
    Ok(Fit {
        receipt: same(receipt, &keys.receipt),
        cursor: same(cursor, &keys.cursor),
        signing: signed_by(conn, signer).await?,
    })
}

/// Looks, and notes the keys where none were noted; a cursor key is noted anew, as nothing lasting hangs on it.
pub async fn note(
    conn: &mut Conn,
    keys: &Keys,
    signer: &LocalKeys,
    now: DateTime<Utc>,
) -> Result<Fit> {
    let (receipt, cursor) = (value(&keys.receipt), value(&keys.cursor));
    let fit = Fit {
        receipt: key_checks::keep(conn, RECEIPT, &receipt, now).await? == receipt,
        cursor: key_checks::keep(conn, CURSOR, &cursor, now).await? == cursor,
        signing: signed_by(conn, signer).await?,
    };
    if fit.receipt && !fit.cursor {
        key_checks::replace(conn, CURSOR, &cursor, now).await?;
    }
    Ok(fit)
}

async fn signed_by(conn: &mut Conn, signer: &LocalKeys) -> Result<bool> {
    let newest = journal::last_checkpoint(conn).await?;
    Ok(newest.is_none_or(|newest| journal::Kept::read(&newest.signature, signer).is_some()))
}
