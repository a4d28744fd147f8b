//! Which referrals a bearer may know of: what the claims of a token leave.

use crate::auth::{Principal, Scope};
use crate::tips::Visibility;

/// What confines a bearer.
#[derive(Clone, Debug)]
pub struct Reach {
    /// The agency that the referrals must be addressed to; `None` for the police as issuers.
    agency: Option<String>,
    tips: Visibility,
}

/// The agency that answers for a bearer; absent in a token it is the provincial police.
pub fn agency_of(who: &Principal) -> &str {
    who.agency.as_deref().unwrap_or(crate::auth::POLICE)
}

impl Reach {
    /// Everything: for the service's own work.
    pub const fn all() -> Self {
        Self {
            agency: None,
            tips: Visibility::all(),
        }
    }

    /// What a bearer may read: officers of the police all within their confinement, others what is
    /// addressed to their agency.
    pub fn of(who: &Principal) -> Self {
        if who.may(Scope::ReferralsRead) || who.may(Scope::ReferralsWrite) {
            Self::counted(who)
        } else {
            Self::addressee(who)
        }
    }

    /// What counts for a bearer's figures: to the police all, to others what is addressed to them.
    pub fn counted(who: &Principal) -> Self {
        if who.is_police() {
            Self {
                agency: None,
                tips: Visibility::of(who),
            }
        } else {
            Self::addressee(who)
        }
    }

    /// What a bearer may issue: nothing, outside the police.
    pub fn issuer(who: &Principal) -> Self {
        Self {
            agency: (!who.is_police()).then(String::new),
            tips: Visibility::of(who),
        }
    }

    /// What a bearer may answer: what is addressed to the bearer's own agency, within the desk and communes
    /// that the token names.
    pub fn addressee(who: &Principal) -> Self {
        Self {
            agency: Some(agency_of(who).to_owned()),
            tips: Visibility::claimed(who),
        }
    }

    /// Whether the bearer sees a referral as the agency that it is addressed to.
    pub const fn is_addressee(&self) -> bool {
        self.agency.is_some()
    }

    /// Communes that officers are confined to in what they see of a case. To whom it is addressed, a referral shows
    /// all that it discloses.
    pub fn communes(&self) -> Option<&[String]> {
        match self.agency {
            Some(_) => None,
            None => self.tips.units(),
        }
    }

    /// The agency that the referrals must be addressed to.
    pub fn agency(&self) -> Option<&str> {
        self.agency.as_deref()
    }

    /// What confines the bearer in the tips that they hang on.
    pub const fn tips(&self) -> &Visibility {
        &self.tips
    }
}
