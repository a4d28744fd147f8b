//! What every service of a running replica shares.

mod load;

use std::cell::Cell;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::{NoContext, Timestamp, Uuid};

use crate::auth::LocalKeys;
use crate::db::{Pool, Reads};
use crate::domain::ids;
use crate::http::middleware::Now;
use crate::keys::Keys;
use crate::reference::ReferenceStore;
use crate::storage::Storage;

pub use load::Load;

thread_local! {
    /// The last place that this thread gave to an id, with its millisecond.
    static LAST: Cell<u64> = const { Cell::new(0) };
}

/// A UUIDv7 of a time; what one thread makes in a millisecond is in order. The place begins anew with each
/// millisecond: who holds two ids must not learn how many were made between them.
pub fn id_at(at: DateTime<Utc>) -> Uuid {
    let placed = ids::next_place(LAST.get(), at);
    LAST.set(placed);
    let place = ids::place(placed);
    let seconds = u64::try_from(at.timestamp()).unwrap_or(0);
    let random = Timestamp::from_unix(NoContext, seconds, at.timestamp_subsec_nanos());
    ids::numbered(Uuid::new_v7(random), place)
}

/// Facts of the installation.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Province code, two digits.
    pub province: String,
    /// Prefix of register and case numbers.
    pub number_prefix: String,
    /// `iss` of the tokens and attestations made here.
    pub issuer: String,
    /// `aud` of the tokens accepted here.
    pub audience: String,
    /// Whether own tokens are made and accepted.
    pub local_issuer: bool,
    /// Whether every reveal needs a second officer, not only those of reporters who asked for secrecy.
    pub reveals_approved: bool,
}

/// Shared by all handlers and background work; cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// Database connections.
    pub db: Pool,
    /// Connections for reads that may be seconds behind: never for what a person may just have written.
    pub reads: Reads,
    /// The time.
    pub clock: Now,
    /// Secrets.
    pub keys: Arc<Keys>,
    /// Signs attestations, checkpoints and own tokens.
    pub signer: Arc<LocalKeys>,
    /// Reference data.
    pub reference: ReferenceStore,
    /// Facts of the installation.
    pub settings: Arc<Settings>,
    /// Where evidence lies.
    pub storage: Storage,
    /// What this replica does at once.
    pub load: Load,
}

impl AppState {
    /// A UUIDv7 of the clock's time: it says when it was made.
    pub fn new_id(&self) -> Uuid {
        id_at((self.clock)())
    }

    /// The time, cut to microseconds as Postgres keeps it.
    pub fn now(&self) -> DateTime<Utc> {
        let now = (self.clock)();
        DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
    }
}
