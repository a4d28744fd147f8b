//! Statistics: figures of a period for officers, campaign windows, and figures for the public.
//! What each figure means is in `docs/statistics.md`.

mod asked;
mod campaigns;
mod http;
mod labels;
mod public;
mod service;
mod store;
mod table;
mod wire;

use crate::http::Api;

pub use public::publish;

/// The endpoints of this feature.
pub fn api() -> Api {
    Api::merge([http::api(), campaigns::api(), public::api()])
}
