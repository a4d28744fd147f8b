//! Privacy: how long personal data is kept and how it ends, what people may ask about their own data,
//! and whose data was read by whom.

mod class;
mod exposure;
mod purge;
mod replay;
mod requests;
mod retention;
mod store;

use crate::http::Api;

pub use class::{Class, terms};
pub use purge::{Ended, Purger, preview, run, scheduled};
pub use replay::{Replayed, replay_erasures, unseen_erasures};
pub use retention::current_rules;

/// The endpoints of this feature.
pub fn api() -> Api {
    Api::merge([retention::api(), requests::api(), exposure::api()])
}
