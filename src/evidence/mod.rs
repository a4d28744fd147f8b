//! Evidence: files of a tip, sealed in the object store, served without metadata, with a log of
//! custody.

mod ending;
mod http;
mod kind;
mod resumable;
mod service;
mod store;
mod strip;
mod upload;
mod wire;

use crate::http::Api;

pub use ending::{delete_objects, delete_rows, objects_of};
pub use service::sweep;

/// The endpoints of this feature.
pub fn api() -> Api {
    Api::merge([http::api(), resumable::api()])
}
