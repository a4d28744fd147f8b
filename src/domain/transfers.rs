//! Which account a reported transfer went to. Pure: rows in, transfers out.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::money;
use super::priority::told::loss_at;

/// Kinds of indicator that money is sent to.
const ACCOUNTS: [&str; 3] = ["bank_account", "ewallet", "crypto_address"];

/// Roles with which an account may have received money; other known ones say that it did something else.
const RECEIVES: [&str; 2] = [RECEIVED_MONEY, "other"];
const RECEIVED_MONEY: &str = "received_money";

/// An indicator of a tip.
#[derive(Clone, Debug, Default)]
pub struct Edge {
    /// Its index in the tip.
    pub ordinal: i16,
    /// Its kind.
    pub kind: String,
    /// Its key.
    pub key: Vec<u8>,
    /// What it did, as reported.
    pub role: Option<String>,
    /// A bank named it as where the money went on to.
    pub onward: bool,
}

impl Edge {
    fn is_account(&self) -> bool {
        ACCOUNTS.contains(&self.kind.as_str())
    }

    /// Whether the reporter may have sent money there.
    fn may_have_received(&self) -> bool {
        let role = self.role.as_deref();
        let told = role == Some(RECEIVED_MONEY);
        self.is_account()
            && !self.onward
            && (told || role.is_none_or(|role| RECEIVES.contains(&role)))
    }
}

/// A transfer whose receiving account is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Key of the account.
    pub key: Vec<u8>,
    /// In đồng.
    pub amount_vnd: Option<i64>,
    /// When it was sent, as far as it can be believed.
    pub at: Option<DateTime<Utc>>,
    /// The bank's reference.
    pub reference: Option<String>,
}

#[derive(Deserialize)]
struct Loss {
    amount_vnd: Option<i64>,
    #[serde(skip)]
    at: Option<DateTime<Utc>>,
    to_indicator: Option<i16>,
    reference: Option<String>,
}

/// The transfers of a tip: each loss with the account that it names, else with the only one that may have
/// received it. What the reporter says received money goes before what else is named.
pub fn transfers(details: &Value, edges: &[Edge]) -> Vec<Transfer> {
    let only = only_receiver(edges);
    losses(details)
        .filter_map(|loss| {
            let account = named(&loss, edges).or(only)?;
            Some(Transfer {
                key: account.key.clone(),
                amount_vnd: loss.amount_vnd.filter(|amount| *amount > 0),
                at: loss.at,
                reference: loss.reference,
            })
        })
        .collect()
}

/// Losses of which nobody knows to which account they went, in đồng.
pub fn unattributed(details: &Value, edges: &[Edge]) -> i64 {
    let only = only_receiver(edges);
    let unknown = losses(details).filter(|loss| named(loss, edges).or(only).is_none());
    money::total(unknown.filter_map(|loss| Some(money::counted(loss.amount_vnd?))))
}

fn losses(details: &Value) -> impl Iterator<Item = Loss> {
    let losses = details.get("losses").and_then(Value::as_array);
    let losses = losses.into_iter().flatten();
    losses.filter_map(|loss| {
        let at = loss_at(loss);
        Some(Loss {
            at,
            ..Loss::deserialize(loss).ok()?
        })
    })
}

/// The account that a loss names itself.
fn named<'a>(loss: &Loss, edges: &'a [Edge]) -> Option<&'a Edge> {
    let to = loss.to_indicator?;
    edges
        .iter()
        .find(|edge| edge.ordinal == to && edge.is_account())
}

fn only_receiver(edges: &[Edge]) -> Option<&Edge> {
    let all = || edges.iter().filter(|edge| edge.may_have_received());
    let told: Vec<&Edge> = all()
        .filter(|edge| edge.role.as_deref() == Some(RECEIVED_MONEY))
        .collect();
    let receivers = if told.is_empty() {
        all().collect()
    } else {
        told
    };
    match receivers.as_slice() {
        [one] => Some(one),
        _ => None,
    }
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
            ..Edge::default()
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

    #[test]
    fn money_went_only_where_something_says_so() {
        let details = json!({"losses": [{"amount_vnd": 5}]});
        let to = |edges: &[Edge]| {
            let all = transfers(&details, edges);
            assert_eq!(all.is_empty(), unattributed(&details, edges) == 5);
            all.first().map(|transfer| transfer.key[0])
        };
        let with = |ordinal, role: Option<&str>, onward| Edge {
            role: role.map(str::to_owned),
            onward,
            ..edge(ordinal, "bank_account")
        };
        let plain = edge(1, "bank_account");
        let received = with(2, Some("received_money"), false);
        assert_eq!(to(std::slice::from_ref(&plain)), Some(1));
        assert_eq!(to(&[plain.clone(), received.clone()]), Some(2));
        assert_eq!(
            to(&[with(3, Some("own_account"), false)]),
            None,
            "the sender's own"
        );
        assert_eq!(
            to(&[with(3, Some("own_account"), false), plain.clone()]),
            Some(1)
        );
        assert_eq!(to(&[with(3, Some("contacted_me"), false)]), None);
        let onward = with(3, Some("received_money"), true);
        assert_eq!(to(&[plain, onward.clone()]), Some(1), "where it went first");
        assert_eq!(to(&[received.clone(), onward]), Some(2));
        let another = with(4, Some("received_money"), false);
        assert_eq!(to(&[received, another]), None);
    }
}
