//! Tips: intake from citizens, the views officers have of them, and the background work on them.

mod added;
pub mod amend;
pub mod announcing;
mod attach;
mod attestations;
pub mod background;
mod batch;
mod changes;
mod claim;
pub mod danger;
pub mod deadlines;
mod desk_hints;
mod fields;
mod filters;
mod http;
pub mod identity;
pub mod intake;
mod likeness;
pub mod list;
mod losses;
mod merging;
pub mod model;
mod own;
pub mod reasons;
mod register;
pub mod rekey;
mod related;
pub mod reopen;
pub mod searching;
mod shapes;
mod store;
pub mod submit;
pub mod unread;
pub mod victims;
pub mod view;
pub mod visibility;
pub mod wire;
pub mod words;
mod writer;

use crate::http::Api;

pub use attach::attach;
pub use claim::CLAIM_UNITS;
pub use http::{record_list, seen};
pub use shapes::LegalDeadline;
pub use store::messages;
pub use store::{
    Lost, TipState, accept_into, anonymise, find_state, has_receipt, in_danger, is_anonymised,
    load_rows, lock_state, lock_states, lost, move_to, open_counts, purge, put_back, readable,
    set_told, update_state, visible_ids,
};
pub use submit::Intake;
pub use visibility::Visibility;

/// The endpoints of this feature.
pub fn api() -> Api {
    Api::merge([
        http::api(),
        batch::api(),
        attestations::api(),
        register::api(),
        related::api(),
    ])
}
