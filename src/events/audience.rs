//! What other agencies may know of: one place for changes, live events and webhooks alike.

use crate::journal::Record;

/// Whether an agency other than the police may be told of an event: of referrals addressed to it, and
/// of what is public, warnings and corrections.
pub fn agency_may_know(agency: &str, event: &Record) -> bool {
    let addressed = event.subject_kind == "referral"
        && event
            .data
            .get("agency")
            .is_some_and(|addressee| addressee == agency);
    addressed || is_public(event)
}

/// Whether an event tells what is public: a warning, or a correction.
pub fn is_public(event: &Record) -> bool {
    event.type_.starts_with("advisory.") || event.type_ == "indicator.corrected"
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn event(kind: &str, subject: &str, data: Value) -> Record {
        Record {
            position: 1,
            id: uuid::Uuid::nil(),
            at: chrono::DateTime::UNIX_EPOCH,
            type_: kind.into(),
            actor: "analyst".into(),
            client_id: "desk".into(),
            agency: None,
            subject_kind: subject.into(),
            subject_id: None,
            data,
        }
    }

    #[test]
    fn an_agency_knows_its_own_referrals_and_what_is_public() {
        let mine = json!({"agency": "bank_970436"});
        let others = json!({"agency": "bank_970422"});
        for (kind, subject, data, known) in [
            ("referral.sent", "referral", mine.clone(), true),
            ("referral.sent", "referral", others, false),
            ("referral.sent", "referral", json!({}), false),
            ("advisory.published", "advisory", json!({}), true),
            ("indicator.corrected", "indicator", json!({}), true),
            ("indicator.verdict", "indicator", json!({}), false),
            ("tip.decided", "tip", mine, false),
            ("case.opened", "case", json!({}), false),
        ] {
            let event = event(kind, subject, data);
            assert_eq!(agency_may_know("bank_970436", &event), known, "{kind}");
        }
    }
}
