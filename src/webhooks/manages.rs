//! Who manages whose webhooks.

use crate::auth::Principal;
use crate::error::{Error, Result};

/// Whose webhooks a bearer manages: those of one agency, or (police) all.
pub struct Manages(Option<String>);

impl Manages {
    /// What the claims of a token leave.
    ///
    /// A webhook of the police is told of the whole province, so a token that is confined to a desk or
    /// to communes manages none.
    pub fn of(who: &Principal) -> Result<Self> {
        if who.is_police() && who.is_confined() {
            return Err(Error::Forbidden(
                "Webhooks of the police are told of the whole province; a token confined to a desk or to communes cannot manage them.".into(),
            ));
        }
        Ok(Self(who.agency.clone().filter(|_| !who.is_police())))
    }

    /// The agency; none is the provincial police.
    pub fn agency(&self) -> Option<&str> {
        self.0.as_deref()
    }
}
