//! Rotation of identity keys: data keys are unwrapped by the key that wrapped them and wrapped by the current one. What
//! they seal is not touched.
//!
//! Which tables hold such keys their owners say, each with a [`Sealed`] of its own; identities, which may have to be
//! sealed anew, are turned by the tips themselves.

mod store;

use uuid::Uuid;

use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::keys::{DataKey, IdentityKeys, Wrapped};

/// Rows of one pass.
pub const PASS: i64 = 500;

/// A table whose rows have a data key each, wrapped for the row's id.
#[derive(Clone, Copy, Debug)]
pub struct Sealed {
    /// The table.
    pub table: &'static str,
    /// The column of the row's id.
    pub id: &'static str,
    /// The column that names the identity key.
    pub key_id: &'static str,
    /// The column of the data key as that key wrapped it; null where the data key was destroyed.
    pub wrapped_key: &'static str,
}

/// What one pass came to.
#[derive(Debug, Default)]
pub struct Pass {
    /// Keys that were wrapped anew.
    pub done: usize,
    /// Rows whose key does not open: altered in the database, or wrapped by a key that is missing. They are passed over,
    /// for one such row must not keep a leaked key in use for all others.
    pub broken: Vec<Uuid>,
    /// After which row the next pass goes on; none where there was nothing left.
    pub next: Option<Uuid>,
}

impl Pass {
    /// Notes what became of one row.
    pub fn note(&mut self, table: &str, id: Uuid, renewed: std::result::Result<(), Error>) {
        self.next = Some(id);
        match renewed {
            Ok(()) => self.done += 1,
            Err(error) => {
                let fault = error.with_causes();
                tracing::error!(table, %id, fault, "a data key does not open");
                self.broken.push(id);
            }
        }
    }
}

/// Wraps one batch anew, of the rows after one.
pub async fn pass(
    conn: &mut Conn,
    keys: &IdentityKeys,
    sealed: Sealed,
    after: Uuid,
) -> Result<Pass> {
    let current = current(keys);
    db::transaction(conn, async |conn| {
        let mut pass = Pass::default();
        for row in store::wrapped_otherwise(conn, sealed, (current, after), PASS).await? {
            let owner = row.id.as_bytes();
            let old = Wrapped {
                key_id: row.key_id,
                bytes: row.wrapped_key,
            };
            let new = DataKey::unwrap(keys, owner, &old).and_then(|key| key.wrap(keys, owner));
            let renewed = match new {
                Ok(new) => {
                    store::set_wrapped(conn, sealed, row.id, &new).await?;
                    Ok(())
                }
                Err(error) => Err(Error::internal("wrapping a data key anew", error)),
            };
            pass.note(sealed.table, row.id, renewed);
        }
        Ok(pass)
    })
    .await
}

/// How many are still wrapped by another key than the current one.
pub async fn left(conn: &mut Conn, keys: &IdentityKeys, sealed: Sealed) -> Result<i64> {
    store::count_otherwise(conn, sealed, current(keys)).await
}

/// The name of the key that wraps now.
pub fn current(keys: &IdentityKeys) -> &str {
    keys.current().map_or("", |(id, _)| id)
}
