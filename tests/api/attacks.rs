//! Attacks, each tried over HTTP against the running service.
//!
//! Also played elsewhere: the verifier alone in `src/auth/tests`, hostile bodies in `hostile.rs`, every
//! endpoint without a token and with the wrong scope in `conventions.rs`, guessed receipts in
//! `receipts.rs`, revoked tokens and disabled clients in `client_tokens.rs`.

mod browser;
mod fields;
mod inputs;
pub mod objects;
mod tokens;
mod unfinished;
mod wire;
