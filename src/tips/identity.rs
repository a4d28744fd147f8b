//! The reporter's identity as sealed: opened for those who may, added to, destroyed.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::intake::sealing;
use super::model::SealedIdentity;
use super::wire::SubmitReporter;
use super::{fields, store};
use crate::db::Conn;
use crate::domain::redaction::Identity;
use crate::error::{Error, Result};
use crate::keys::{IdentityKeys, SealError};
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

/// Opens the identity of a tip; `None` where there is none, or none any more.
pub async fn open(conn: &mut Conn, app: &AppState, tip: Uuid) -> Result<Option<OpenIdentity>> {
    match known(conn, &app.keys.identity, tip).await? {
        Known::None => Ok(None),
        Known::Open(identity) => Ok(Some(identity)),
        Known::Broken => Err(unreadable(tip)),
    }
}

/// Opens the identities of some tips, of those that have one. One that does not open hides none of the others.
pub async fn open_all(
    conn: &mut Conn,
    keys: &IdentityKeys,
    tips: &[Uuid],
) -> Result<HashMap<Uuid, Known>> {
    let found = store::find_identities(conn, tips).await?;
    let opened = |(tip, sealed)| (tip, tried(keys, tip, &sealed));
    Ok(found.into_iter().map(opened).collect())
}

/// The identity of a tip.
pub enum Known {
    /// None.
    None,
    /// One that opens.
    Open(OpenIdentity),
    /// One that does not: it stays as it is, for the operator.
    Broken,
}

impl Known {
    /// What there is of it to hide in a text; of one that does not open, nothing is known.
    pub fn or_nothing(self) -> OpenIdentity {
        match self {
            Self::Open(identity) => identity,
            Self::None | Self::Broken => OpenIdentity::default(),
        }
    }

    /// What was posted of it, where it opens.
    pub fn as_posted(&self) -> Option<SubmitReporter> {
        match self {
            Self::Open(identity) => Some(identity.as_posted()),
            Self::None | Self::Broken => None,
        }
    }
}

/// The identity of a tip, for what must not be kept back by one that does not open.
pub async fn known(conn: &mut Conn, keys: &IdentityKeys, tip: Uuid) -> Result<Known> {
    let found = open_all(conn, keys, &[tip]).await?.remove(&tip);
    Ok(found.unwrap_or(Known::None))
}

fn tried(keys: &IdentityKeys, tip: Uuid, sealed: &SealedIdentity) -> Known {
    match fields::open(keys, tip, sealed) {
        Ok(opened) => Known::Open(OpenIdentity(opened)),
        Err(error) => {
            let fault = broken(tip, error).with_causes();
            tracing::error!(fault, "an identity does not open");
            metrics::counter!("identities_unreadable_total").increment(1);
            Known::Broken
        }
    }
}

/// What an officer is told: it is not the request that is wrong, and sending it again does not help.
fn unreadable(tip: Uuid) -> Error {
    Error::conflict(
        "sealed_unreadable",
        format!(
            "The identity of tip {tip} does not open: it was altered in the database, or an identity key is \
             missing. Tell the operator; 'tinbao doctor' says more."
        ),
    )
}

/// What does not open was altered in the database, or its key is missing: for the operator, who needs to know
/// which tip it is.
fn broken(tip: Uuid, error: SealError) -> Error {
    Error::internal(format!("opening the identity of tip {tip}"), error)
}

/// Adds to the identity of a tip, or corrects it; returns whether the tip has one now.
pub(super) async fn add(
    conn: &mut Conn,
    app: &AppState,
    tip: Uuid,
    known: Known,
    reporter: Option<&SubmitReporter>,
) -> Result<bool> {
    let Some(new) = sealing::identity(app, tip, reporter)? else {
        return Ok(!matches!(known, Known::None));
    };
    let mut all = match known {
        Known::Open(OpenIdentity(all)) => all,
        // What was altered may be the only trace of who did it; the submission holds what came now.
        Known::Broken => return Ok(true),
        Known::None => {
            store::insert_identity(conn, tip, &new, app.now()).await?;
            return Ok(true);
        }
    };
    for (name, value) in reporter.map(SubmitReporter::fields).into_iter().flatten() {
        if let Some(value) = value.map(str::trim).filter(|v| !v.is_empty()) {
            all.insert(name.to_owned(), value.to_owned());
        }
    }
    let sealed = fields::seal(&app.keys.identity, tip, fields::texts(&all));
    let sealed = sealed.map_err(|e| Error::internal("sealing an identity", e))?;
    store::update_identity(conn, tip, &sealed).await?;
    store::insert_blind(conn, tip, &new.blind).await?;
    Ok(true)
}
