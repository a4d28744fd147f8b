//! Persons who may be lured and are kept for a ground that an officer recorded: sealed beside it, under a data key of
//! their own. Who reported may have all that he sent erased; who is looked for is looked for on, until the ground ends.

use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::intake::sealing;
use super::store;
use super::wire::PotentialVictim;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::keys::{IdentityKeys, SealError, SealedAlone};

pub use store::have_ground;

#[derive(Deserialize)]
struct Named {
    potential_victims: Option<Vec<PotentialVictim>>,
}

/// Whom the bytes of a submission name.
pub fn named_in(bytes: &[u8]) -> Result<Vec<PotentialVictim>> {
    // As intake read it: of a name given twice the last counts.
    let named: Named = serde_json::from_slice(bytes)
        .and_then(|sent: Value| serde_json::from_value(sent))
        .map_err(|e| Error::internal("reading a submission", e))?;
    Ok(named.potential_victims.unwrap_or_default())
}

/// Seals whom the submissions of a tip name beside its ground, those included who are there already. Does nothing where
/// no ground is recorded.
pub async fn keep(conn: &mut Conn, keys: &IdentityKeys, tip: Uuid) -> Result<()> {
    if !have_ground(conn, tip).await? {
        return Ok(());
    }
    let mut persons = kept(conn, keys, tip).await?;
    for (id, sealed) in store::sealed_naming_victims(conn, tip).await? {
        // What was altered does not open, and stands in the way of none of the others.
        let Ok(plain) = sealed.open(keys, id.as_bytes()) else {
            tracing::error!(submission = %id, "a submission that names potential victims does not open");
            continue;
        };
        add(&mut persons, named_in(sealing::without_salt(&plain))?);
    }
    if persons.is_empty() {
        return Ok(());
    }
    let bytes = serde_json::to_vec(&persons).map_err(|e| Error::internal("writing persons", e))?;
    let sealed = SealedAlone::seal(keys, tip.as_bytes(), &bytes).map_err(failed)?;
    store::set_kept_victims(conn, tip, &sealed).await
}

/// Whom a ground keeps; nobody where there is none.
pub async fn kept(conn: &mut Conn, keys: &IdentityKeys, tip: Uuid) -> Result<Vec<PotentialVictim>> {
    let Some(sealed) = store::kept_victims(conn, tip).await? else {
        return Ok(Vec::new());
    };
    let bytes = sealed.open(keys, tip.as_bytes()).map_err(failed)?;
    serde_json::from_slice(&bytes).map_err(|e| Error::internal("reading persons", e))
}

/// Adds persons who are not there yet.
pub fn add(persons: &mut Vec<PotentialVictim>, more: Vec<PotentialVictim>) {
    for person in more {
        if !persons.contains(&person) {
            persons.push(person);
        }
    }
}

fn failed(error: SealError) -> Error {
    Error::internal("sealing persons whom a ground keeps", error)
}
