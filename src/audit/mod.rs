//! The audit: who did and read what, and whether the record of it is whole.

mod http;
pub mod notes;

use crate::http::Api;

/// The endpoints of this feature.
pub fn api() -> Api {
    http::api()
}
