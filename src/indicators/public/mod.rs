//! What the public may learn, held in memory: one entry for each indicator that is above the threshold
//! or has a verdict. A check asks no table, so its time tells nothing either.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use parking_lot::RwLock;

use super::store::{self, PublicRow};
use crate::db::Conn;
use crate::domain::indicator::{self, Kind};
use crate::error::Result;

/// One entry; there may be millions, so that it is small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `confirmed_scam`, `suspected`, `reported` or `official`.
    pub verdict: Verdict,
    /// Independent reports.
    pub reports: i32,
    /// Methods; none unless confirmed.
    pub methods: Option<Arc<Vec<String>>>,
    /// Day of the last report.
    pub last_reported: Option<NaiveDate>,
}

/// What the public may be told of an indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// An officer confirmed it and a second one approved.
    ConfirmedScam,
    /// An officer suspects it.
    Suspected,
    /// Enough reports.
    Reported,
    /// Official, with a checked source.
    Official,
}

impl Verdict {
    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConfirmedScam => "confirmed_scam",
            Self::Suspected => "suspected",
            Self::Reported => "reported",
            Self::Official => "official",
        }
    }

    /// What is not known says the least.
    fn from_code(code: &str) -> Self {
        match code {
            "confirmed_scam" => Self::ConfirmedScam,
            "suspected" => Self::Suspected,
            "official" => Self::Official,
            _ => Self::Reported,
        }
    }
}

#[derive(Default)]
struct Inner {
    entries: BTreeMap<[u8; 32], Entry>,
    position: i64,
}

/// The index of this replica.
#[derive(Clone, Default)]
pub struct PublicIndex(Arc<RwLock<Inner>>);

impl PublicIndex {
    /// Takes over what changed; returns how many rows did.
    pub async fn refresh(&self, conn: &mut Conn) -> Result<usize> {
        const PAGE: i64 = 5_000;
        let mut total = 0;
        let mut position = self.0.read().position;
        let mut key = store::LAST_KEY.to_vec();
        loop {
            let rows = store::public_after(conn, position, &key, PAGE).await?;
            let Some(last) = rows.last() else {
                return Ok(total);
            };
            position = last.position;
            key.clone_from(&last.key);
            total += rows.len();
            self.apply(rows);
        }
    }

    fn apply(&self, rows: Vec<PublicRow>) {
        let mut inner = self.0.write();
        for row in rows {
            inner.position = inner.position.max(row.position);
            let Ok(key) = <[u8; 32]>::try_from(row.key) else {
                continue;
            };
            match row.verdict {
                None => {
                    inner.entries.remove(&key);
                }
                Some(verdict) => {
                    let methods: Vec<String> = row.methods.into_iter().flatten().collect();
                    inner.entries.insert(
                        key,
                        Entry {
                            verdict: Verdict::from_code(&verdict),
                            reports: row.reports,
                            methods: (!methods.is_empty()).then(|| Arc::new(methods)),
                            last_reported: row.last_reported,
                        },
                    );
                }
            }
        }
    }

    /// What may be said of an indicator.
    pub fn get(&self, key: &[u8; 32]) -> Option<Entry> {
        self.0.read().entries.get(key).cloned()
    }

    /// What may be said of a value.
    pub fn of_value(&self, kind: Kind, value: &str) -> Option<Entry> {
        self.get(&indicator::key(kind, value))
    }

    /// Everything under these 20 bits, as hexadecimal suffix and verdict, in order; what is official by
    /// reference data stands before what officers gave.
    pub fn with_prefix(
        &self,
        prefix: u32,
        official: &BTreeSet<[u8; 32]>,
    ) -> BTreeMap<String, String> {
        let suffix = |key: &[u8; 32]| {
            let hex = crate::journal::sequencer::hex(key);
            hex.get(5..).unwrap_or_default().to_owned()
        };
        let from = first_key(prefix);
        let inner = self.0.read();
        let given = inner.entries.range(from..);
        let given = given.take_while(|(key, _)| prefix_of(key) == prefix);
        let known = official.range(from..);
        let known = known.take_while(|key| prefix_of(key) == prefix);
        given
            .map(|(key, entry)| (suffix(key), entry.verdict.as_str().to_owned()))
            .chain(known.map(|key| (suffix(key), "official".to_owned())))
            .collect()
    }

    /// Position up to which it is current.
    pub fn position(&self) -> i64 {
        self.0.read().position
    }
}

/// The first 20 bits of a key.
fn prefix_of(key: &[u8; 32]) -> u32 {
    let [a, b, c, ..] = *key;
    u32::from_be_bytes([0, a, b, c]) >> 4
}

/// The least key that begins with these 20 bits.
fn first_key(prefix: u32) -> [u8; 32] {
    let mut from = [0_u8; 32];
    let [_, a, b, c] = (prefix << 4).to_be_bytes();
    for (to, byte) in from.iter_mut().zip([a, b, c]) {
        *to = byte;
    }
    from
}
