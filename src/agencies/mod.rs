//! Agencies: who gets a share of tips and cases. The list is reference data that admins keep.

mod http;
mod wire;

use crate::http::Api;

/// The endpoints of this feature.
pub fn api() -> Api {
    http::api()
}
