//! Rotation of identity keys: data keys are unwrapped by the key that wrapped them and wrapped by the
//! current one. What they seal is not touched, but for identities that an earlier form sealed.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{fields, store};
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::keys::{DataKey, IdentityKeys, SealError, Wrapped};

/// Rows of one pass.
const PASS: i64 = 500;

/// Rows that are tried to see whether the keys are the right ones.
const TRIED: i64 = 3;

/// Whether the keys open the newest of what is sealed; also where nothing is sealed yet. Keys of another
/// installation, put beside a restored database, would seal on and open nothing.
pub async fn fit(conn: &mut Conn, keys: &IdentityKeys) -> Result<bool> {
    let newest = store::newest_wrapped(conn, TRIED).await?;
    let opens =
        |(id, wrapped): &(Uuid, Wrapped)| DataKey::unwrap(keys, id.as_bytes(), wrapped).is_ok();
    Ok(newest.is_empty() || newest.iter().any(opens))
}

/// Identities that the doctor opens.
pub const LOOKED_AT: i64 = 2_000;

/// The tips whose identities do not open, among the newest [`LOOKED_AT`]: altered in the database, or sealed under a
/// key that is missing.
pub async fn broken(conn: &mut Conn, keys: &IdentityKeys) -> Result<Vec<Uuid>> {
    let newest = store::newest_identities(conn, LOOKED_AT).await?;
    let does_not_open =
        |(tip, sealed): (Uuid, _)| fields::open(keys, tip, &sealed).is_err().then_some(tip);
    Ok(newest.into_iter().filter_map(does_not_open).collect())
}

/// Wraps one batch anew; returns how many, 0 when none is left.
pub async fn pass(conn: &mut Conn, keys: &IdentityKeys) -> Result<usize> {
    let current = current(keys);
    db::transaction(conn, async |conn| {
        let mut done = 0;
        for owner in store::KeyOwner::ALL {
            for (id, key_id, bytes) in store::wrapped_otherwise(conn, owner, &current, PASS).await?
            {
                let old = Wrapped { key_id, bytes };
                let new = DataKey::unwrap(keys, id.as_bytes(), &old)
                    .and_then(|key| key.wrap(keys, id.as_bytes()))
                    .map_err(failed)?;
                store::set_wrapped(conn, owner, id, &new).await?;
                done += 1;
            }
        }
        let identities =
            store::identities_otherwise(conn, &current, fields::SEALED_AS, PASS).await?;
        for (tip, old) in identities {
            let new = fields::renew(keys, tip, old).map_err(|error| {
                Error::internal(format!("sealing the identity of tip {tip} anew"), error)
            })?;
            store::update_identity(conn, tip, &new).await?;
            done += 1;
        }
        Ok(done)
    })
    .await
}

/// How many are still wrapped by another key than the current one, or sealed in an earlier form.
pub async fn left(conn: &mut Conn, keys: &IdentityKeys) -> Result<i64> {
    store::count_otherwise(conn, &current(keys), fields::SEALED_AS).await
}

/// How many submissions that came since a time were sealed under another key than the current one.
pub async fn sealed_otherwise_since(
    conn: &mut Conn,
    keys: &IdentityKeys,
    since: DateTime<Utc>,
) -> Result<i64> {
    store::count_otherwise_since(conn, &current(keys), since).await
}

fn current(keys: &IdentityKeys) -> String {
    keys.current()
        .map(|(id, _)| id.to_owned())
        .unwrap_or_default()
}

fn failed(error: SealError) -> Error {
    Error::internal("wrapping a data key anew", error)
}
