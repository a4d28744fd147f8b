//! The reasons of a priority, stored as codes and shown as sentences.

use serde_json::{Value, json};

use crate::domain::lang::Lang;
use crate::domain::priority::Reason;

/// For storing.
pub fn to_json(reasons: &[Reason]) -> Value {
    reasons
        .iter()
        .map(|r| json!({"code": r.code, "points": r.points, "value": r.value}))
        .collect()
}

/// From storage, with the sentence in the language wanted.
pub fn shown(stored: &Value, lang: Lang) -> Vec<super::wire::PriorityReason> {
    let reasons: Vec<Reason> = serde_json::from_value(stored.clone()).unwrap_or_default();
    reasons
        .into_iter()
        .map(|reason| super::wire::PriorityReason {
            detail: reason.detail(lang),
            points: reason.points,
            code: serde_json::to_value(reason.code)
                .ok()
                .and_then(|v| v.as_str().map(str::to_owned))
                .unwrap_or_default(),
        })
        .collect()
}
