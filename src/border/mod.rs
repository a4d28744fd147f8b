//! Border register: brokers, recruiters, transport, routes and lures of illegal exit, drawn from tips
//! (acts under BLHS arts. 348–350).
//!
//! It holds traces, never citizens "at risk": a person who may be lured stays sealed inside the tip
//! (`reveals/victims.rs`), and no tip creates a restriction for anybody. Every look-up states a purpose.

mod collect;
mod http;
mod store;

use crate::http::Api;

pub use collect::collect;

/// The endpoints of this feature.
pub fn api() -> Api {
    http::api()
}
