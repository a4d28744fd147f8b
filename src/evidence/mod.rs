//! Evidence: files of a tip, sealed in the object store, served without metadata, with a log of
//! custody.

mod certificate;
mod ending;
mod gone;
mod http;
mod kind;
mod original;
mod resumable;
mod service;
mod store;
mod strip;
mod sweep;
mod upload;
mod wire;

use crate::http::Api;
use crate::rekey::Sealed;

pub use ending::{delete_objects, delete_rows, objects_of};
pub use gone::gone;
pub use original::{damaged, missing};
pub use sweep::{delete_unknown, sweep, unknown};

/// Where the data keys of files are, and those of pieces of files that are still coming.
pub const SEALED: [Sealed; 2] = [
    Sealed {
        table: "attachments",
        id: "id",
        key_id: "key_id",
        wrapped_key: "wrapped_key",
    },
    Sealed {
        table: "upload_parts",
        id: "id",
        key_id: "key_id",
        wrapped_key: "wrapped_key",
    },
];

/// The endpoints of this feature.
pub fn api() -> Api {
    Api::merge([http::api(), resumable::api()])
}
