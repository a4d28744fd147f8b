//! Messages between officers and a reporter without identity, and officers' notes on a tip.

mod http;
mod service;
mod store;
mod wire;

use crate::http::Api;

/// The endpoints of this feature.
pub fn api() -> Api {
    http::api()
}
