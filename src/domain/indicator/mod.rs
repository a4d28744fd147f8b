//! Traces of scams: what a citizen types, pastes or forwards becomes canonical indicators.
//!
//! Equal things written differently are one indicator, so that tips meet; the canonical values are
//! part of the API (contract §4), because clients hash them. This module knows how things are
//! written and nothing of who reported them. It reads no files and asks no network: banks, wallets
//! and number ranges come in as a [`Catalog`]. `docs/indicators.md` explains each rule.
//!
//! * [`parse`] reads a value whose kind somebody named, [`recognise`] a value of which nothing is
//!   said, [`extract`] a whole text.
//! * One file a kind; `platform` knows how links of networks and messengers name accounts.
//! * Nothing panics, and the work grows with the length of what is read.

pub mod lookalike;

mod account;
mod app;
mod bank_account;
mod bank_names;
mod catalog;
mod crypto_address;
mod email;
mod everybodys;
mod ewallet;
mod extract;
mod glued_host;
mod linked;
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
mod stands_on;
mod text;
mod trackers;
mod url;
mod written_url;

pub use account::on_platform;
pub use catalog::{Bank, Catalog, CatalogError, Institution, Resolved, Wallet};
pub use everybodys::{is_everybodys, is_everybodys_site, is_on_official_host};
pub use extract::{MAX_FOUND, extract};
pub use model::{Found, Indicator, Input, Kind, OWN_ACCOUNT, Party, Reading, key};
pub use read::{parse, recognise};
pub use reason::{Reason, Warning};
pub use stands_on::{standing_on, stands_on};
pub use url::{Width, lookup_order};
