//! The events that others can be told of (contract §7), each with an example of its data.

use serde_json::{Value, json};

/// One kind of event.
pub struct EventKind {
    /// CloudEvents `type`.
    pub name: &'static str,
    /// What has happened, in one sentence.
    pub about: &'static str,
    /// Kind of the subject.
    pub subject: &'static str,
    data: fn() -> Value,
}

impl EventKind {
    /// An example of `data`.
    pub fn example_data(&self) -> Value {
        (self.data)()
    }
}

const CASE: &str = "019ab1c4-2f10-7c55-9d21-0b7a6c5d4e3f";

macro_rules! events {
    ($($name:literal $subject:literal $about:literal $data:tt;)*) => {
        /// Every event, in the order of the contract.
        pub const EVENTS: &[EventKind] = &[$(EventKind {
            name: $name, about: $about, subject: $subject, data: || json!($data),
        }),*];
    };
}

events! {
    "tip.received" "tip" "A tip was received."
        {"desk": "cyber", "level": "critical", "score": 43, "method": "impersonate_police_court", "indicators": 2, "test": false};
    "tip.claimed" "tip" "An officer took a tip, or renewed the claim; `units` where the officer is confined to communes."
        {"lease_expires_at": "2026-11-24T01:37:00Z"};
    "tip.unclaimed" "tip" "A critical tip has waited five minutes, or five more, without an officer."
        {"minutes_waiting": 5, "desk": "cyber", "score": 43};
    "tip.decided" "tip" "A tip was decided."
        {"decision_id": "019ab1c6-11aa-7b60-8c3d-5e4f3a2b1c0d", "decision": "accept", "reason": "signs_of_crime", "case_id": CASE};
    "tip.updated" "tip" "Something else about a tip changed; `change` says what."
        {"change": "attachment_added", "media_type": "image/jpeg", "size": 482113};
    "case.opened" "case" "A case was opened."
        {"number": "DB-C-2026-000123", "desk": "cyber"};
    "case.moved" "case" "A case moved to another state or was edited."
        {"decision": "verify", "from": "assigned", "to": "verifying", "document_number": "QĐ-17", "decided_at": "2026-11-24T02:00:00Z"};
    "case.decided" "case" "A legal decision was taken on a case."
        {"decision": "prosecute", "from": "verifying", "to": "decided_prosecute", "document_number": "QĐ-45", "decided_at": "2026-12-10T02:00:00Z"};
    "deadline.near" "case" "A deadline of a case, or a limit of a tip, runs out within 24 hours (of a tip's limit of hours, four); of a referral, its answer is due soon or a bank's hold (`state` is `completed`) ends."
        {"code": "resolve", "due_at": "2026-12-14T17:00:00Z", "number": "DB-C-2026-000123"};
    "deadline.overdue" "case" "A deadline of a case, or a limit of a tip, has run out."
        {"code": "resolve", "due_at": "2026-12-14T17:00:00Z", "number": "DB-C-2026-000123"};
    "referral.sent" "referral" "A referral was sent to an agency."
        {"agency": "bank_970436", "kind": "freeze_funds", "state": "sent", "due_at": "2026-11-24T01:52:00Z", "outcome": null, "amount_vnd": null, "reopened": 0};
    "referral.acknowledged" "referral" "The agency has taken the referral."
        {"agency": "bank_970436", "kind": "freeze_funds", "state": "acknowledged", "due_at": "2026-11-24T01:52:00Z", "outcome": null, "amount_vnd": null, "reopened": 0};
    "referral.completed" "referral" "The agency has answered with an outcome."
        {"agency": "bank_970436", "kind": "freeze_funds", "state": "completed", "due_at": "2026-11-24T01:52:00Z", "outcome": "partly_frozen", "amount_vnd": 31000000, "reopened": 0};
    "referral.declined" "referral" "The agency has declined."
        {"agency": "bank_970436", "kind": "freeze_funds", "state": "declined", "due_at": "2026-11-24T01:52:00Z", "outcome": null, "amount_vnd": null, "reopened": 0};
    "referral.recalled" "referral" "The police have taken the referral back."
        {"agency": "bank_970436", "kind": "freeze_funds", "state": "recalled", "due_at": "2026-11-24T01:52:00Z", "outcome": null, "amount_vnd": null, "reopened": 0};
    "referral.overdue" "referral" "The agency has not answered in time."
        {"agency": "bank_970436", "kind": "freeze_funds", "state": "sent", "due_at": "2026-11-24T01:52:00Z", "outcome": null, "amount_vnd": null, "reopened": 0};
    "indicator.verdict" "indicator" "An officer gave or approved a verdict."
        {"verdict": "confirmed_scam", "reason": "victim_transfers", "state": "in_force"};
    "indicator.corrected" "indicator" "A verdict no longer holds: take it out of every copy."
        {"change": "appeal_upheld"};
    "advisory.published" "advisory" "A warning to the public, or a new revision of it, was published."
        {"revision": 1, "severity": "severe", "audiences": ["elderly"], "languages": ["vi", "en"]};
    "advisory.retracted" "advisory" "A warning to the public was taken back."
        {"revision": 1};
}

/// Sent by `POST /v1/webhooks/{id}/test` alone; nobody subscribes to it.
pub const PING: EventKind = EventKind {
    name: "webhook.ping",
    about: "A test that somebody asked for.",
    subject: "webhook",
    data: || json!({}),
};

/// Whether there is such an event to subscribe to.
pub fn is_known(name: &str) -> bool {
    EVENTS.iter().any(|event| event.name == name)
}
