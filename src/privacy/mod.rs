//! Privacy: how long personal data is kept and how it ends, what people may ask about their own data,
//! and whose data was read by whom.

mod class;
mod exposure;
mod purge;
mod replay;
mod requests;
mod retention;
pub mod rotation;
mod store;

use crate::http::Api;
use crate::rekey::Sealed;

pub use class::{Class, terms};
pub use purge::{Ended, Purger, delete_tips, preview, run, scheduled};
pub use replay::{Replayed, replay_erasures, unseen_erasures};
pub use retention::current_rules;

/// Where the data keys are of what people asked about their own data.
pub const SEALED: Sealed = Sealed {
    table: "privacy_requests",
    id: "id",
    key_id: "text_key_id",
    wrapped_key: "text_wrapped_key",
};

/// The endpoints of this feature.
pub fn api() -> Api {
    Api::merge([retention::api(), requests::api(), exposure::api()])
}
