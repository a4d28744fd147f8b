//! Requests of data subjects, by receipt or written down by an administrator, with their deadlines.

mod disclosure;
mod granted;
mod http;
mod service;
mod store;
mod wire;

pub use http::api;
