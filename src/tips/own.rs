//! The reporter's own phone and e-mail, which are identity and never indicators: not at reception, and not any
//! more once a reporter who was anonymous has named them.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;
use uuid::Uuid;

use super::model::{NewEdge, Source};
use super::store;
use super::wire::SubmitReporter;
use crate::db::Conn;
use crate::domain::indicator::{self, Indicator, Input, Kind};
use crate::error::Result;
use crate::reference::Reference;

/// What is the reporter's own.
pub struct Own {
    keys: HashSet<[u8; 32]>,
    /// The number as it stands in an account's value: `+84…` and `0…`.
    numbers: HashSet<String>,
}

impl Own {
    /// Of what a reporter says now, and said before.
    pub fn of(reporters: [Option<&SubmitReporter>; 2], reference: &Reference) -> Self {
        let contacts = reporters.into_iter().flatten().flat_map(|reporter| {
            [
                (Kind::Phone, reporter.phone.as_deref()),
                (Kind::Email, reporter.email.as_deref()),
            ]
        });
        let mut own = Self {
            keys: HashSet::new(),
            numbers: HashSet::new(),
        };
        for (kind, value) in contacts {
            let Some(value) = value else { continue };
            let input = Input {
                kind,
                value,
                bank: None,
            };
            let Ok(reading) = indicator::parse(&reference.catalog, &input) else {
                continue;
            };
            own.keys.insert(reading.indicator.key());
            if kind == Kind::Phone {
                let number = reading.indicator.value;
                if let Some(national) = number.strip_prefix("+84") {
                    own.numbers.insert(format!("0{national}"));
                }
                own.numbers.insert(number);
            }
        }
        own
    }

    /// Whether it is the phone or the e-mail itself.
    pub fn is(&self, key: &[u8]) -> bool {
        self.keys.iter().any(|own| own == key)
    }

    /// Whether a trace is the reporter, or an account that is the reporter's number:
    /// `momo:+84…`, `zalo:+84…`, `970422:09…`.
    pub fn holds(&self, trace: &Indicator) -> bool {
        self.is(&trace.key()) || self.is_account(&trace.value)
    }

    fn is_account(&self, value: &str) -> bool {
        let number = value.split_once(':').map(|(_, number)| number);
        number.is_some_and(|number| self.numbers.contains(number))
    }
}

/// Takes what is the reporter's own from the indicators that were read from the texts of a tip. What the
/// reporter lists as a trace, now or as where a loss went, stays one.
pub async fn withdraw(
    conn: &mut Conn,
    own: &Own,
    (tip, addition): (Uuid, Uuid),
    read: &[NewEdge],
    details: &Value,
) -> Result<()> {
    if own.keys.is_empty() {
        return Ok(());
    }
    let listed = |key: &[u8]| {
        let mut reported = read.iter().filter(|edge| edge.source == Source::Reported);
        reported.any(|edge| edge.key.is_some_and(|listed| listed == *key))
    };
    let losses = details.get("losses").and_then(Value::as_array);
    let to: BTreeSet<i64> = losses
        .into_iter()
        .flatten()
        .filter_map(|loss| loss.get("to_indicator")?.as_i64())
        .collect();
    let found = store::read_from_texts(conn, tip).await?;
    let ordinals: Vec<i16> = found
        .into_iter()
        .filter(|(_, source, key, value)| {
            own.is(key) || (source == Source::Extracted.as_str() && own.is_account(value))
        })
        .filter(|(ordinal, _, key, _)| !to.contains(&i64::from(*ordinal)) && !listed(key))
        .map(|(ordinal, ..)| ordinal)
        .collect();
    if ordinals.is_empty() {
        return Ok(());
    }
    store::withdraw_edges(conn, tip, &ordinals, addition).await
}
