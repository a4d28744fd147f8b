//! Warnings to the public: drafted by one person, published by another, read by everybody.
//!
//! What is published stands until a new revision is, or until it is taken back; every revision stays
//! on record. Only indicators that two officers confirmed, or official ones, are ever named.

mod cap;
mod content;
mod feeds;
mod http;
mod public;
mod rules;
mod service;
mod store;
mod wire;
mod xml;

use crate::http::Api;

pub use content::Content;
pub use store::{Published, changed_from};

/// The endpoints of this feature.
pub fn api() -> Api {
    Api::merge([http::api(), public::api(), feeds::api()])
}
