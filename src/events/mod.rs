//! Changes as a stream: to pull by position, or live as server-sent events.

mod http;

use crate::http::Api;

/// The endpoints of this feature.
pub fn api() -> Api {
    http::api()
}
