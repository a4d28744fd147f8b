//! Changes as a stream: to pull by position, or live as server-sent events.

mod audience;
mod http;
mod screens;
mod stream;
mod tail;

use crate::http::Api;

pub use audience::{agency_may_know, is_public};
pub use screens::{Live, Screens};
pub use tail::Tail;

/// The endpoints of this feature.
pub fn api() -> Api {
    http::api()
}
