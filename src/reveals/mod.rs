//! Reveals: a reporter's identity or the sealed submission, shown to an officer who states a purpose
//! and works on the tip; with a second officer's approval where the reporter asked for secrecy.

mod decisions;
mod http;
mod service;
mod store;
mod victims;
mod wire;

use crate::http::Api;

pub use service::{Asker, Outcome, ask, personal_data, sealed};
pub use victims::erase_due;
pub use wire::{RevealIdentity, RevealView, RevealedIdentity, Subject};

/// The endpoints of this feature.
pub fn api() -> Api {
    Api::merge([http::api(), victims::api()])
}
