//! How the parts of a tip that are kept as JSON look, and how what was stored comes to look so.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// Money lost, as posted.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes an answer")]
pub struct LossView {
    /// In đồng; null where it was no whole number.
    #[schema(required, example = 48_000_000)]
    amount_vnd: Option<i64>,
    /// When the money was sent.
    #[schema(required)]
    transferred_at: Option<DateTime<Utc>>,
    /// When it was sent as far as that can be believed, where it is not what was stated: seven hours earlier where
    /// local time bears the mark of UTC, null where it lies further ahead.
    sent_at: Option<DateTime<Utc>>,
    /// Index into the indicators as posted.
    #[schema(required, minimum = 0, example = 1)]
    to_indicator: Option<u32>,
    /// The bank's transaction reference.
    #[schema(required, example = "FT26328001234567")]
    reference: Option<String>,
}

/// Who was harmed.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes an answer")]
pub struct VictimView {
    /// `self`, `family`, `friend`, `colleague`, `other`, `no_victim`.
    #[schema(required, example = "self")]
    relation: Option<String>,
    /// `under_16`, `16_17`, `18_59`, `60_plus`, `unknown`.
    #[schema(required, example = "60_plus")]
    age_group: Option<String>,
}

/// How an officer received a tip. Further fields are kept as sent.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes an answer")]
pub struct Reception {
    /// `phone`, `in_person`, `post`, `email`, `mass_media`, `commune_police`, `other_agency`, ….
    #[schema(max_length = 5000, example = "phone")]
    channel: Option<String>,
    /// When it came, where that was before it is entered: the limits of the law run from here.
    #[schema(max_length = 5000, example = "2026-11-24T01:00:00Z")]
    received_at: Option<String>,
    /// Why no identity was given.
    #[schema(max_length = 5000, example = "không muốn nêu tên")]
    identity_refused_reason: Option<String>,
}

/// A clock of the legal process.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes an answer")]
pub struct LegalDeadline {
    /// Which.
    #[schema(example = "classify")]
    code: String,
    /// When it ends; null where it does not apply yet.
    #[schema(required)]
    due_at: Option<DateTime<Utc>>,
    /// Where it stands in the law.
    #[schema(example = "BLTTHS 147(1)")]
    legal_basis: String,
    /// `pending`, `met`, `overdue` or `not_applicable`.
    #[schema(value_type = crate::http::DeadlineStateCode)]
    state: String,
    /// When it was met.
    #[schema(required)]
    met_at: Option<DateTime<Utc>>,
    /// Seconds left; below nought when overdue.
    #[schema(required, example = 86_399)]
    remaining_seconds: Option<i64>,
}

/// Members of a reception that are read.
pub const RECEPTION: [&str; 3] = ["channel", "received_at", "identity_refused_reason"];

/// Who was harmed, with all its members; null where nothing is known.
pub fn victim(stored: Value) -> Value {
    let Value::Object(mut victim) = stored else {
        return Value::Null;
    };
    for name in ["relation", "age_group"] {
        victim.entry(name).or_insert(Value::Null);
    }
    Value::Object(victim)
}

/// How a tip was received; what is no text in the place of one is shown as it was written.
pub fn reception(stored: Value) -> Value {
    let Value::Object(mut reception) = stored else {
        return Value::Null;
    };
    for name in RECEPTION {
        match reception.get_mut(name) {
            None | Some(Value::Null | Value::String(_)) => {}
            Some(other) => *other = Value::String(other.to_string()),
        }
    }
    Value::Object(reception)
}

/// Suspects or witnesses; what is no object is shown as a note.
pub fn persons(stored: Value) -> Value {
    let Value::Array(persons) = stored else {
        return Value::Null;
    };
    let shown = persons.into_iter().map(|person| match person {
        Value::Object(_) => person,
        other => Value::Object(Map::from_iter([("note".to_owned(), json!(other))])),
    });
    Value::Array(shown.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_stored_otherwise_is_shown_in_the_shape_that_is_promised() {
        let age = json!({"age_group": "60_plus"});
        let whole = json!({"age_group": "60_plus", "relation": null});
        assert_eq!(victim(age), whole);
        assert_eq!(victim(Value::Null), Value::Null);
        assert_eq!(
            reception(json!({"channel": 5, "received_at": null, "x": 1})),
            json!({"channel": "5", "received_at": null, "x": 1})
        );
        assert_eq!(reception(json!("phone")), Value::Null);
        assert_eq!(
            persons(json!(["Y", {"q": 2}])),
            json!([{"note": "Y"}, {"q": 2}])
        );
        assert_eq!(persons(json!({"q": 2})), Value::Null);
    }
}
