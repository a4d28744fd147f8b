//! Which account a reported transfer went to. Pure: rows in, transfers out.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

/// Kinds of indicator that money is sent to.
const ACCOUNTS: [&str; 3] = ["bank_account", "ewallet", "crypto_address"];

/// An indicator of a tip.
#[derive(Clone, Debug)]
pub struct Edge {
    /// Its index in the tip.
    pub ordinal: i16,
    /// Its kind.
    pub kind: String,
    /// Its key.
    pub key: Vec<u8>,
}

/// A transfer whose receiving account is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Key of the account.
    pub key: Vec<u8>,
    /// In đồng.
    pub amount_vnd: Option<i64>,
    /// When it was sent.
    pub at: Option<DateTime<Utc>>,
    /// The bank's reference.
    pub reference: Option<String>,
}

#[derive(Deserialize)]
struct Loss {
    amount_vnd: Option<i64>,
    transferred_at: Option<DateTime<Utc>>,
    to_indicator: Option<i16>,
    reference: Option<String>,
}

/// The transfers of a tip: each loss with the account that it names, or with the only one there is.
pub fn transfers(details: &Value, edges: &[Edge]) -> Vec<Transfer> {
    let mut accounts: Vec<&Edge> = edges
        .iter()
        .filter(|edge| ACCOUNTS.contains(&edge.kind.as_str()))
        .collect();
    accounts.sort_by_key(|edge| edge.ordinal);
    let only = match accounts.as_slice() {
        [one] => Some(*one),
        _ => None,
    };
    let losses = details.get("losses").and_then(Value::as_array);
    losses
        .into_iter()
        .flatten()
        .filter_map(|loss| Loss::deserialize(loss).ok())
        .filter_map(|loss| {
            let named = loss
                .to_indicator
                .and_then(|to| accounts.iter().find(|edge| edge.ordinal == to).copied());
            let account = named.or(only)?;
            Some(Transfer {
                key: account.key.clone(),
                amount_vnd: loss.amount_vnd.filter(|amount| *amount > 0),
                at: loss.transferred_at,
                reference: loss.reference,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn edge(ordinal: i16, kind: &str) -> Edge {
        Edge {
            ordinal,
            kind: kind.to_owned(),
            key: vec![u8::try_from(ordinal).unwrap()],
        }
    }

    #[test]
    fn a_loss_goes_to_the_account_it_names_or_the_only_one() {
        let one = [edge(0, "phone"), edge(1, "bank_account")];
        let two = [edge(0, "ewallet"), edge(1, "bank_account")];
        for (edges, to, found) in [
            (&one, json!(1), Some(1)),
            (&one, json!(null), Some(1)),
            // A telephone receives no money: the account is meant.
            (&one, json!(0), Some(1)),
            (&two, json!(0), Some(0)),
            (&two, json!(null), None),
            (&two, json!(7), None),
        ] {
            let details =
                json!({"losses": [{"amount_vnd": 5, "to_indicator": to, "transferred_at": null}]});
            let keys: Vec<_> = transfers(&details, edges)
                .into_iter()
                .map(|t| t.key)
                .collect();
            let expected: Vec<Vec<u8>> = found.into_iter().map(|key| vec![key]).collect();
            assert_eq!(keys, expected, "{to}");
        }
        assert!(transfers(&json!({}), &one).is_empty());
    }
}
