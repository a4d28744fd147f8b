//! Clients: registration, tokens for them, revocation, devices of public apps.

mod authentication;
mod bounds;
mod devices;
mod ended;
mod http;
mod issued;
mod names;
mod oauth;
mod proposals;
pub mod registry;
mod secret;
mod store;
mod wire;

use chrono::{DateTime, Utc};

use crate::auth::Scope;
use crate::db::Conn;
use crate::error::Result;
use crate::http::Api;

pub use issued::audit_notes;

/// The endpoints of this feature.
pub fn api() -> Api {
    Api::merge([http::api(), oauth::api(), devices::api(), ended::api()])
}

/// Registers a citizens' app where it is absent: what `tinbao dev` offers to try devices with.
pub async fn ensure_public(conn: &mut Conn, client_id: &str, now: DateTime<Utc>) -> Result<()> {
    let scopes = [Scope::TipsSubmit, Scope::CheckRead];
    let row = store::registered_by_system(client_id, "public", &scopes, now);
    store::ensure(conn, row).await
}

/// Registers an agency's server with this secret: what `tinbao dev` offers to try client credentials
/// with. One that is there gets the secret.
pub async fn ensure_confidential(
    conn: &mut Conn,
    (client_id, agency): (&str, &str),
    scopes: &[Scope],
    secret: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let row = store::registered_by_system(client_id, "confidential", scopes, now);
    let row = store::ClientRow {
        agency: Some(agency.to_owned()),
        secret_hash: Some(secret::hash(secret)?),
        ..row
    };
    store::ensure(conn, row).await
}

/// Forgets revocations and renewals of tokens that are over anyway.
pub async fn delete_expired(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    let renewals = store::forget_renewals(conn, devices::renewable_since(now)).await?;
    Ok(renewals + store::delete_expired(conn, now).await?)
}
