//! Reveals: a reporter's identity or the sealed submission, shown to an officer who states a purpose
//! and works on the tip; with a second officer's approval where the reporter asked for secrecy.

mod http;
mod service;
mod store;
mod wire;

use crate::http::Api;

pub use service::{Asker, Outcome, attachment};
pub use wire::{RevealIdentity, RevealView};

/// The endpoints of this feature.
pub fn api() -> Api {
    http::api()
}
