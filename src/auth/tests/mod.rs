//! Tests that need several parts of this module at once.

mod claim_attacks;
pub(crate) mod forge;
mod header_attacks;
mod issuers;
mod jwks_urls;
mod keys;
mod stage;
