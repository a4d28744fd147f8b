//! Which tips a bearer may know of: what the claims of a token leave.

use crate::auth::Principal;

/// What confines a bearer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visibility {
    nothing: bool,
    desk: Option<String>,
    units: Option<Vec<String>>,
}

impl Visibility {
    /// Everything: for the service's own work.
    pub const fn all() -> Self {
        Self {
            nothing: false,
            desk: None,
            units: None,
        }
    }

    /// What the claims of a token leave.
    pub fn of(who: &Principal) -> Self {
        Self {
            nothing: !who.is_police(),
            ..Self::claimed(who)
        }
    }

    /// What desk and communes of a token leave of what comes from tips, whichever agency it is for.
    pub fn claimed(who: &Principal) -> Self {
        Self {
            nothing: false,
            desk: who.desk.clone(),
            units: who.units.clone(),
        }
    }

    /// The same without its desk: what of a case that the bearer sees.
    pub fn of_communes(&self) -> Self {
        Self {
            desk: None,
            ..self.clone()
        }
    }

    /// The desk that the bearer is confined to.
    pub fn desk(&self) -> Option<&str> {
        self.desk.as_deref()
    }

    /// Communes that the bearer is confined to; an empty list is none at all.
    pub fn units(&self) -> Option<&[String]> {
        if self.nothing {
            Some(&[])
        } else {
            self.units.as_deref()
        }
    }
}
