//! Wire types of the client registry.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use super::store::ClientRow;

/// Whether a client can keep a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A server; gets a secret.
    Confidential,
    /// A mobile or browser app (RFC 8252); has none.
    Public,
}

/// A client to register.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"client_id": "bank-970436", "name": "Vietcombank", "kind": "confidential", "agency": "bank_970436", "scopes": ["referrals:work", "webhooks:manage"]}))]
pub struct CreateClient {
    /// The name it uses; never reused. Letters, digits and `._:-`.
    #[schema(min_length = 1, max_length = 100, pattern = "^[A-Za-z0-9._:-]{1,100}$")]
    #[validate(length(min = 1, max = 100), custom(function = "is_name"))]
    pub client_id: String,
    /// For people.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Whether it can keep a secret.
    pub kind: Kind,
    /// Scopes that its tokens may claim at most.
    #[validate(length(min = 1, max = 30))]
    #[schema(value_type = Vec<crate::http::Code>, min_items = 1, max_items = 30)]
    pub scopes: Vec<String>,
    /// Agency; absent is the provincial police.
    #[schema(value_type = Option<crate::http::Code>)]
    pub agency: Option<String>,
    /// Desk that it is confined to.
    #[schema(value_type = Option<crate::http::Code>)]
    pub desk: Option<String>,
    /// Communes that it is confined to.
    #[validate(length(max = 200))]
    #[schema(value_type = Option<Vec<crate::http::Code>>, max_items = 200)]
    pub units: Option<Vec<String>>,
}

/// It stands in tokens, in logs and in the audit.
fn is_name(name: &str) -> Result<(), ValidationError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
    if name.bytes().all(fits) {
        Ok(())
    } else {
        Err(ValidationError::new("invalid_value")
            .with_message("Letters, digits and ._:- are expected.".into()))
    }
}

/// What to change of a client; what is left out stays.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"scopes": ["referrals:work"]}))]
pub struct UpdateClient {
    /// For people.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// Scopes that its tokens may claim at most.
    #[validate(length(min = 1, max = 30))]
    #[schema(value_type = Option<Vec<crate::http::Code>>, min_items = 1, max_items = 30)]
    pub scopes: Option<Vec<String>>,
    /// Desk that it is confined to; null for none.
    #[serde(default, deserialize_with = "crate::http::nullable::nullable")]
    #[schema(value_type = Option<crate::http::Code>)]
    pub desk: Option<Option<String>>,
    /// Communes that it is confined to; null for all.
    #[serde(default, deserialize_with = "crate::http::nullable::nullable")]
    #[validate(length(max = 200))]
    #[schema(value_type = Option<Vec<crate::http::Code>>, max_items = 200)]
    pub units: Option<Option<Vec<String>>>,
}

/// Where a client's tokens are confined to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Confinement {
    /// Desk; null for none.
    #[schema(required)]
    pub desk: Option<String>,
    /// Communes; null for all.
    #[schema(required)]
    pub units: Option<Vec<String>>,
}

/// A client.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClientView {
    /// Id.
    pub id: Uuid,
    /// The name it uses.
    #[schema(example = "bank-970436")]
    pub client_id: String,
    /// For people.
    pub name: String,
    /// `confidential` or `public`.
    #[schema(example = "confidential")]
    pub kind: String,
    /// Agency; null is the provincial police.
    #[schema(required)]
    pub agency: Option<String>,
    /// Desk that it is confined to.
    #[schema(required)]
    pub desk: Option<String>,
    /// Communes that it is confined to.
    #[schema(required)]
    pub units: Option<Vec<String>>,
    /// Scopes that its tokens may claim at most.
    pub scopes: Vec<String>,
    /// Scopes that wait for a second admin.
    pub pending_scopes: Vec<String>,
    /// Desk and communes that wait for a second admin, because they open more.
    #[schema(required)]
    pub pending_confinement: Option<Confinement>,
    /// Whether a new secret waits for a second admin; the one before holds until then.
    pub pending_secret: bool,
    /// Who proposed what waits.
    #[schema(required)]
    pub pending_by: Option<String>,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// When it was disabled.
    #[schema(required)]
    pub disabled_at: Option<DateTime<Utc>>,
    /// The ETag.
    pub version: i32,
    /// The secret of a confidential client; shown once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "tbs_…")]
    pub client_secret: Option<String>,
}

impl From<ClientRow> for ClientView {
    fn from(row: ClientRow) -> Self {
        Self {
            id: row.id,
            client_id: row.client_id,
            name: row.name,
            kind: row.kind,
            agency: row.agency,
            desk: row.desk,
            units: row.units.map(|units| units.into_iter().flatten().collect()),
            scopes: row.scopes.into_iter().flatten().collect(),
            pending_scopes: row.pending_scopes.into_iter().flatten().collect(),
            pending_confinement: row
                .pending_confinement
                .and_then(|waits| serde_json::from_value(waits).ok()),
            pending_secret: row.pending_secret_hash.is_some(),
            pending_by: row.pending_by,
            created_at: row.created_at,
            disabled_at: row.disabled_at,
            version: row.version,
            client_secret: None,
        }
    }
}
