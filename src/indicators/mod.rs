//! Indicators: figures, verdicts, and what the public may learn of them.
//!
//! A report is an allegation (BLTTHS art. 57). Below three independent reports and without an
//! officer's verdict, every public answer is exactly that of an unknown value.

mod appeals;
mod check;
pub mod feeds;
pub mod figures;
mod hashes;
mod http;
mod naming;
mod objectors;
pub mod public;
pub mod publishing;
mod store;
mod verdicts;
mod wire;

use crate::http::Api;
use crate::rekey::Sealed;

pub use check::{bucket, known};
pub use naming::{Named, may_be_named, named};
pub use store::{
    OF_ONE_CHANGE, PublicRow as FeedRow, delete_unnamed, feed_from, find_value, forget_devices,
    forget_reporters,
};

/// Where the data keys are of how somebody who objects is reached.
pub const SEALED: Sealed = Sealed {
    table: "indicator_appeals",
    id: "id",
    key_id: "contact_key_id",
    wrapped_key: "contact_wrapped_key",
};

/// The endpoints of this feature.
pub fn api() -> Api {
    Api::merge([
        http::api(),
        check::api(),
        hashes::api(),
        feeds::api(),
        appeals::api(),
        objectors::api(),
    ])
}
