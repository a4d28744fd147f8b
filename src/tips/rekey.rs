//! What rotation does with identities, and whether the keys open what is sealed. Submissions are turned as everything
//! else under a data key (`crate::rekey`).

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{fields, store};
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::keys::{DataKey, IdentityKeys, Wrapped};
use crate::rekey::{PASS, Pass, Sealed, current};

/// The data keys of submissions.
pub const SUBMISSIONS: Sealed = Sealed {
    table: "submissions",
    id: "id",
    key_id: "key_id",
    wrapped_key: "wrapped_key",
};

/// The data keys of the persons whom grounds keep, one a tip.
pub const KEPT_VICTIMS: Sealed = Sealed {
    table: "potential_victim_grounds",
    id: "tip_id",
    key_id: "key_id",
    wrapped_key: "wrapped_key",
};

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

/// Turns one batch of identities, of the tips after one: wrapped anew, and sealed anew where an earlier form sealed them.
pub async fn pass(conn: &mut Conn, keys: &IdentityKeys, after: Uuid) -> Result<Pass> {
    db::transaction(conn, async |conn| {
        let mut pass = Pass::default();
        let wanted = (current(keys), fields::SEALED_AS);
        for (tip, old) in store::identities_otherwise(conn, wanted, after, PASS).await? {
            let renewed = match fields::renew(keys, tip, old) {
                Ok(new) => {
                    store::update_identity(conn, tip, &new).await?;
                    Ok(())
                }
                Err(error) => Err(Error::internal("sealing an identity anew", error)),
            };
            pass.note("reporter_identities", tip, renewed);
        }
        Ok(pass)
    })
    .await
}

/// How many identities are still sealed by another key than the current one, or in an earlier form.
pub async fn left(conn: &mut Conn, keys: &IdentityKeys) -> Result<i64> {
    store::count_identities_otherwise(conn, current(keys), fields::SEALED_AS).await
}

/// How many submissions that came since a time were sealed under another key than the current one.
pub async fn sealed_otherwise_since(
    conn: &mut Conn,
    keys: &IdentityKeys,
    since: DateTime<Utc>,
) -> Result<i64> {
    store::count_otherwise_since(conn, current(keys), since).await
}
