//! Traces of scams.
mod account;
mod app;
mod bank_account;
mod bank_names;
mod catalog;
mod crypto_address;
mod email;
mod ewallet;
mod extract;
pub mod lookalike;
mod model;
mod payment_qr;
mod phone;
mod phone_plan;
mod platform;
#[cfg(test)]
mod properties;
mod read;
mod reason;
#[cfg(test)]
mod samples;
mod sms_sender;
mod text;
mod trackers;
mod url;
mod written_url;

pub use catalog::{Bank, Catalog, CatalogError, Institution, Resolved, Wallet};
pub use extract::{MAX_FOUND, extract};
pub use model::{Found, Indicator, Input, Kind, Reading, key};
pub use read::{parse, recognise};
pub use reason::{Reason, Warning};
