//! What telling the reporters of a case does for each of them.

use chrono::{DateTime, Utc};

use super::case_notices::TellResult;
use super::process::Due;
use super::store::Reporter;

/// What one notice is to one reporter.
pub struct Telling<'a> {
    pub row: &'a Reporter,
    /// Since when it is owed.
    pub since: DateTime<Utc>,
    /// Whether the reporter was told.
    told: bool,
    /// Whether the receipt, where there is one, shows it.
    released: bool,
}

impl<'a> Telling<'a> {
    pub fn result(row: &'a Reporter, decided: DateTime<Utc>) -> Self {
        let since = row.result_since(decided);
        Self {
            row,
            since,
            told: row.told_since(Some(since)).is_some(),
            released: row.began || row.released,
        }
    }

    /// The reception: whoever has a receipt can read it.
    pub fn reception(row: &'a Reporter) -> Self {
        Self {
            row,
            since: row.received_at,
            told: row.reception_told_at.is_some(),
            released: true,
        }
    }

    pub fn process(row: &'a Reporter, due: &Due) -> Self {
        Self {
            row,
            since: due.since,
            told: due.told_at.is_some(),
            released: due.released,
        }
    }
}

/// What is done for each reporter.
#[derive(Default)]
pub struct Sorted<'a> {
    /// It is put on the receipt.
    pub released: Vec<&'a Telling<'a>>,
    /// It is recorded as sent.
    pub sent: Vec<&'a Telling<'a>>,
    /// Told by either.
    pub told: usize,
    /// Nothing reaches them.
    pub unreached: Vec<&'a Telling<'a>>,
}

impl<'a> Sorted<'a> {
    pub fn add(&mut self, one: &'a Telling<'a>, wish: &TellResult) {
        let release = one.row.has_receipt && !one.released;
        // To whom nothing is owed, nothing is sent unless that very tip is named.
        let reachable = !one.row.anonymous || wish.tip_ids.is_some();
        let send = wish.channel.is_some() && reachable && !one.told;
        if release {
            self.released.push(one);
        }
        if send {
            self.sent.push(one);
        }
        if send || (release && !one.told) {
            self.told += 1;
        } else if !one.told && !one.row.has_receipt {
            self.unreached.push(one);
        }
    }
}
