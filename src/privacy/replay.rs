//! Erasures carried out once more, after a backup was restored that is older than they are.

use uuid::Uuid;

use super::purge::{self, Purger};
use super::store;
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::keys::IdentityKeys;
use crate::receipts;
use crate::storage::Erasure;
use crate::{cases, evidence};

/// What came of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Tips whose reporter was erased again, or that were deleted again.
    pub erased: usize,
    /// Tips that a case or a hold keeps now.
    pub kept: Vec<Uuid>,
}

/// Erasures that this database has not seen: it has the tip, and its reporter was not erased since.
pub async fn unseen_erasures(conn: &mut Conn, purger: &Purger<'_>) -> Result<Vec<Erasure>> {
    let mut unseen = Vec::new();
    for erasure in purger.storage.erasures().await? {
        if store::replay::is_unseen(conn, erasure.tip, erasure.at, erasure.whole).await? {
            unseen.push(erasure);
        }
    }
    Ok(unseen)
}

/// Carries out the erasures that this database has not seen.
pub async fn replay_erasures(
    conn: &mut Conn,
    purger: &Purger<'_>,
    keys: Option<&IdentityKeys>,
) -> Result<Replayed> {
    let mut replayed = Replayed::default();
    for erasure in unseen_erasures(conn, purger).await? {
        let done = db::transaction(conn, async |conn| {
            cases::not_retained(conn, erasure.tip).await?;
            receipts::erase(conn, keys, purger.actor, erasure.tip, purger.now).await?;
            if erasure.whole {
                return purge::delete_tips(conn, purger, &[erasure.tip], "request").await;
            }
            Ok(Vec::new())
        })
        .await;
        match done {
            Ok(objects) => {
                evidence::delete_objects(purger.storage, &objects).await;
                replayed.erased += 1;
            }
            Err(Error::Conflict { .. }) => replayed.kept.push(erasure.tip),
            Err(error) => return Err(error),
        }
    }
    Ok(replayed)
}
