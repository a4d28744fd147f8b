//! Triage: the queue, claims with leases, decisions.

mod claims;
mod decisions;
mod desks;
mod http;
mod store;
mod wire;

use crate::http::Api;

/// The endpoints of this feature.
pub fn api() -> Api {
    Api::merge([http::api(), desks::api()])
}
