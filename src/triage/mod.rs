//! Triage: the queue, claims with leases, decisions.

mod claims;
mod danger;
mod decisions;
mod desks;
mod dismissals;
mod hand;
mod http;
mod reopening;
mod store;
mod unclaimed;
mod wire;

use crate::http::Api;

pub use store::{decision_notes, rewrite_decision_note};
pub use unclaimed::call_for_unclaimed;

/// The endpoints of this feature.
pub fn api() -> Api {
    Api::merge([
        http::api(),
        danger::api(),
        desks::api(),
        hand::api(),
        dismissals::api(),
    ])
}
