//! The clocks of reception of a tip (contract §6): facts from its state, rules from the domain.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::store::TipState;
use super::view::Context;
use crate::domain::deadline::{Act, Deadline, Facts};
use crate::reference::Reference;

/// The deadlines of a tip as the API shows them.
pub fn of_tip(state: &TipState, anonymous: bool, context: &Context<'_>) -> Value {
    json!(read(state, anonymous, context.reference, context.now))
}

/// The deadlines of a tip.
pub fn read(
    state: &TipState,
    anonymous: bool,
    reference: &Reference,
    now: DateTime<Utc>,
) -> Vec<Deadline> {
    let mut facts = Facts {
        identity_refused: anonymous,
        ..Facts::received(state.received_at)
    };
    if let Some(at) = state.classified_at {
        facts = facts.with(Act::Classified, at);
        facts = match state.status.as_str() {
            "accepted" => facts.with(Act::Accepted, at),
            "transferred" => facts.with(Act::NoCompetenceFound, at),
            _ => facts.with(Act::Dismissed, at),
        };
    }
    if let Some(at) = state.reception_told_at {
        facts = facts.with(Act::ReporterToldOfReception, at);
    }
    if let Some(at) = state.result_told_at {
        facts = facts.with(Act::ReporterToldResult, at);
    }
    reference.legal_clock().for_tip(&facts, now)
}
