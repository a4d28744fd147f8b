//! The reporter's identity as sealed: opened for those who may, added to, destroyed.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::intake::sealing;
use super::store::{self, IdentityRow};
use super::wire::SubmitReporter;
use crate::db::Conn;
use crate::domain::redaction::Identity;
use crate::error::{Error, Result};
use crate::keys::{DataKey, SealError, Wrapped};
use crate::state::AppState;

/// The fields of an identity, opened; never printed.
#[derive(Default)]
pub struct OpenIdentity(BTreeMap<String, String>);

impl std::fmt::Debug for OpenIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpenIdentity(•••)")
    }
}

impl OpenIdentity {
    /// One field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// As it was posted, without its wishes.
    pub fn as_posted(&self) -> SubmitReporter {
        let field = |name| self.get(name).map(str::to_owned);
        SubmitReporter {
            name: field("name"),
            phone: field("phone"),
            email: field("email"),
            national_id: field("national_id"),
            address: field("address"),
            ..SubmitReporter::default()
        }
    }

    /// As the redaction of texts takes it.
    pub fn for_redaction(&self) -> Identity<'_> {
        Identity {
            name: self.get("name"),
            phone: self.get("phone"),
            email: self.get("email"),
            national_id: self.get("national_id"),
            address: self.get("address"),
        }
    }
}

fn broken(error: SealError) -> Error {
    Error::internal("opening an identity", error)
}

fn data_key(app: &AppState, tip: Uuid, row: &IdentityRow) -> Result<DataKey> {
    let wrapped = Wrapped {
        key_id: row.key_id.clone(),
        bytes: row.wrapped_key.clone(),
    };
    DataKey::unwrap(&app.keys.identity, tip.as_bytes(), &wrapped).map_err(broken)
}

/// Opens the identity of a tip; `None` where there is none, or none any more.
pub async fn open(conn: &mut Conn, app: &AppState, tip: Uuid) -> Result<Option<OpenIdentity>> {
    let Some(row) = store::find_identity(conn, tip).await? else {
        return Ok(None);
    };
    let key = data_key(app, tip, &row)?;
    let mut fields = BTreeMap::new();
    for (name, sealed) in row.fields.as_object().into_iter().flatten() {
        let sealed = STANDARD
            .decode(sealed.as_str().unwrap_or_default())
            .map_err(|e| Error::internal("reading a sealed field", e))?;
        let plain = key.open(tip.as_bytes(), &sealed).map_err(broken)?;
        let text = String::from_utf8(plain)
            .map_err(|_why| Error::internal("reading an identity", "not UTF-8"))?;
        fields.insert(name.clone(), text);
    }
    Ok(Some(OpenIdentity(fields)))
}

/// Adds to the identity of a tip, or corrects it; returns whether the tip has one now.
pub(super) async fn add(
    conn: &mut Conn,
    app: &AppState,
    tip: Uuid,
    reporter: Option<&SubmitReporter>,
) -> Result<bool> {
    let existing = store::find_identity(conn, tip).await?;
    let Some(new) = sealing::identity(app, tip, reporter)? else {
        return Ok(existing.is_some());
    };
    let Some(row) = existing else {
        store::insert_identity(conn, tip, &new, app.now()).await?;
        return Ok(true);
    };
    // The fields keep the data key of the tip: one key to destroy.
    let key = data_key(app, tip, &row)?;
    let mut fields: Map<String, Value> = row.fields.as_object().cloned().unwrap_or_default();
    for (name, value) in reporter.map(SubmitReporter::fields).into_iter().flatten() {
        if let Some(value) = value.map(str::trim).filter(|v| !v.is_empty()) {
            let sealed = key.seal(tip.as_bytes(), value.as_bytes()).map_err(broken)?;
            fields.insert(name.to_owned(), Value::from(STANDARD.encode(sealed)));
        }
    }
    store::update_identity(conn, tip, &Value::Object(fields), &new.blind).await?;
    Ok(true)
}
