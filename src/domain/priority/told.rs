//! What of the priority's facts stands in the details of a stored tip.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{LossFact, Rules, sent_at};
use crate::domain::money;
use crate::domain::text_signs::TextSigns;

/// When a loss was sent, where that is not what was stated; null where what was stated says nothing.
pub const SENT_AT: &str = "sent_at";
/// When the reporter last told something, where that was after reception.
pub const TOLD_AT: &str = "told_at";
/// When it was told by receipt that nobody is in danger any more, though the alarm stands.
pub const DANGER_DENIED_AT: &str = "danger_denied_at";
/// What the texts tell.
pub const SIGNS: &str = "text_signs";

impl LossFact {
    /// A loss as stated: money that was not lost was not sent either.
    pub fn stated(amount_vnd: Option<i64>, transferred_at: Option<DateTime<Utc>>) -> Self {
        Self {
            amount_vnd: money::counted(amount_vnd.unwrap_or(0)),
            transferred_at: transferred_at.filter(|_| amount_vnd.is_none_or(|amount| amount > 0)),
        }
    }
}

/// When a stored loss was sent, as far as it was believed when it was told.
pub fn loss_at(loss: &Value) -> Option<DateTime<Utc>> {
    let at = loss.get(SENT_AT).or_else(|| loss.get("transferred_at"))?;
    serde_json::from_value(at.clone()).ok()
}

/// Whether some loss has a time that can be believed as it stands.
pub fn times_are_stated(losses: &[Value]) -> bool {
    let mut losses = losses.iter();
    losses.any(|loss| loss.get(SENT_AT).is_none() && loss_at(loss).is_some())
}

/// Notes in a loss that is told now when it was sent, where that is not what was stated.
pub fn note_sent_at(loss: &mut Value, now: DateTime<Utc>, rules: &Rules) {
    let Some(stated) = loss_at(loss) else { return };
    let sent = sent_at(Some(stated), None, now, rules);
    if let (true, Some(loss)) = (sent != Some(stated), loss.as_object_mut()) {
        loss.insert(SENT_AT.to_owned(), serde_json::json!(sent));
    }
}

/// The losses in the details of a tip.
pub fn losses(details: &Value) -> Vec<LossFact> {
    let losses = details.get("losses").and_then(Value::as_array);
    let losses = losses.into_iter().flatten();
    losses
        .map(|loss| {
            let amount = loss.get("amount_vnd").and_then(Value::as_i64);
            LossFact::stated(amount, loss_at(loss))
        })
        .collect()
}

/// When the reporter last told something.
pub fn told_at(details: &Value, received_at: DateTime<Utc>) -> DateTime<Utc> {
    let told = details.get(TOLD_AT);
    told.and_then(|at| serde_json::from_value(at.clone()).ok())
        .unwrap_or(received_at)
}

/// What the texts of the tip tell.
pub fn signs(details: &Value) -> TextSigns {
    let signs = details.get(SIGNS);
    signs
        .and_then(|signs| serde_json::from_value(signs.clone()).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_time_is_judged_when_it_is_told() {
        let now: DateTime<Utc> = "2026-11-24T01:20:00Z".parse().unwrap();
        let noted = |stated: &str| {
            let mut loss = json!({"amount_vnd": 5, "transferred_at": stated});
            note_sent_at(&mut loss, now, &Rules::default());
            (loss.get(SENT_AT).cloned(), loss_at(&loss))
        };
        let ten_before = Some("2026-11-24T01:10:00Z".parse().unwrap());
        assert_eq!(noted("2026-11-24T01:10:00Z"), (None, ten_before));
        let local = noted("2026-11-24T08:10:00Z");
        assert_eq!(local, (Some(json!("2026-11-24T01:10:00Z")), ten_before));
        assert_eq!(noted("2026-11-24T11:20:00Z"), (Some(Value::Null), None));
    }

    #[test]
    fn what_was_not_lost_was_not_sent() {
        let at = "2026-11-24T01:10:00Z";
        for (amount, sent) in [
            (json!(5), true),
            (json!(null), true),
            (json!(0), false),
            (json!(-5), false),
        ] {
            let details = json!({"losses": [{"amount_vnd": amount, "transferred_at": at}]});
            assert_eq!(losses(&details)[0].transferred_at.is_some(), sent);
        }
    }
}
