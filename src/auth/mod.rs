//! Who is calling: scopes, verified access tokens, the service's own signing
//! keys and the issuers it trusts.
//!
//! Access tokens follow RFC 9068 (JWT access tokens) under the advice of
//! RFC 8725 (JWT best practice). This module decides whether a token is
//! genuine and what it claims. It does *not* decide whether its client is
//! still registered or its `jti` revoked: that is a question to the database,
//! asked by whoever calls [`Verifier::verify`]. It knows no HTTP server.

mod cache;
mod issue;
mod issued_notes;
mod issuers;
mod jwks;
mod jwks_source;
mod jws;
mod key_files;
mod key_text;
mod keys;
mod principal;
pub(crate) mod scope;
mod step_up;
mod strict_json;
mod token;
mod verifier;

#[cfg(test)]
mod tests;

pub use issue::{IssueError, NewToken, Origin, TtlError, issue, parse_ttl};
pub use issued_notes::{ISSUED_TOKENS_FILE, IssuedNote, append_note, notes_size, read_notes};
pub use issuers::{Issuers, IssuersError};
pub use keys::{KeyError, LocalKeys};
pub use principal::{POLICE, Principal};
pub use scope::{Scope, ScopeSet};
pub use step_up::{Login, SENSITIVE, StepUp, sensitive_of};
pub use verifier::{Rejected, Verifier, token_hash};
