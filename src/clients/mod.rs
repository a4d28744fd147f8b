//! Clients: registration, tokens for them, revocation, devices of public apps.

mod http;
mod issued;
mod oauth;
pub mod registry;
mod secret;
mod store;

use chrono::{DateTime, Utc};

use crate::auth::Scope;
use crate::db::Conn;
use crate::error::Result;
use crate::http::Api;

pub use issued::audit_notes;

/// Scopes that one admin may not grant alone (contract §2).
pub const SENSITIVE: [Scope; 4] = [
    Scope::ReportersReveal,
    Scope::CasesDecide,
    Scope::AuditRead,
    Scope::Admin,
];

/// The endpoints of this feature.
pub fn api() -> Api {
    Api::merge([http::api(), oauth::api()])
}

/// Registers a citizens' app where it is absent: what `tinbao dev` offers to try devices with.
pub async fn ensure_public(conn: &mut Conn, client_id: &str, now: DateTime<Utc>) -> Result<()> {
    store::ensure_public(conn, client_id, now).await
}

/// Forgets revocations of tokens that are over anyway.
pub async fn delete_expired(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    store::delete_expired(conn, now).await
}
