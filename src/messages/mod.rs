//! Messages between officers and a reporter without identity, and officers' notes on a tip. The rows are those of the
//! tips: decisions write them as well.

mod http;
mod service;
mod wire;

use crate::http::Api;

/// The endpoints of this feature.
pub fn api() -> Api {
    http::api()
}
