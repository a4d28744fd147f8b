//! Rotation of identity keys, over everything that is sealed under a data key.

use uuid::Uuid;

use crate::db::Conn;
use crate::error::Result;
use crate::keys::IdentityKeys;
use crate::rekey::{self, Pass, Sealed};
use crate::{evidence, indicators, tips};

/// Every table whose rows have a data key.
fn tables() -> impl Iterator<Item = Sealed> {
    [
        tips::rekey::SUBMISSIONS,
        tips::rekey::KEPT_VICTIMS,
        super::SEALED,
        indicators::SEALED,
    ]
    .into_iter()
    .chain(evidence::SEALED)
}

/// What a rotation came to.
#[derive(Debug, Default)]
pub struct Turned {
    /// Keys that were wrapped anew.
    pub total: usize,
    /// What does not open, as table and id.
    pub broken: Vec<(&'static str, Uuid)>,
}

impl Turned {
    /// Adds a pass; says after which row the next one goes on.
    fn add(&mut self, table: &'static str, pass: Pass) -> Option<Uuid> {
        self.total += pass.done;
        let broken = pass.broken.into_iter();
        self.broken.extend(broken.map(|id| (table, id)));
        pass.next
    }
}

/// Wraps every data key anew, batch after batch; can be stopped and started again. `progress` is told after each batch
/// how many are done.
pub async fn turn(
    conn: &mut Conn,
    keys: &IdentityKeys,
    progress: impl Fn(usize),
) -> Result<Turned> {
    let mut turned = Turned::default();
    let mut after = Some(Uuid::nil());
    while let Some(from) = after {
        let pass = tips::rekey::pass(conn, keys, from).await?;
        after = turned.add("reporter_identities", pass);
        if after.is_some() {
            progress(turned.total);
        }
    }
    for sealed in tables() {
        let mut after = Some(Uuid::nil());
        while let Some(from) = after {
            let pass = rekey::pass(conn, keys, sealed, from).await?;
            after = turned.add(sealed.table, pass);
            if after.is_some() {
                progress(turned.total);
            }
        }
    }
    Ok(turned)
}

/// How many are still wrapped by another key than the current one, or sealed in an earlier form: what somebody worked on
/// at that moment, and what does not open.
pub async fn left(conn: &mut Conn, keys: &IdentityKeys) -> Result<i64> {
    let mut left = tips::rekey::left(conn, keys).await?;
    for sealed in tables() {
        left += rekey::left(conn, keys, sealed).await?;
    }
    Ok(left)
}
