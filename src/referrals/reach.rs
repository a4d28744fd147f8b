//! Which referrals a bearer may know of: one place that turns a token's claims into SQL.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types as st;

use crate::auth::{Principal, Scope};
use crate::db::schema::referrals;
use crate::tips::Visibility;

/// What an agency never learns of: that something was considered.
const UNSENT: [&str; 2] = ["proposed", "discarded"];

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

    /// Confines a query.
    pub fn confine<'a>(
        &self,
        mut query: referrals::BoxedQuery<'a, diesel::pg::Pg>,
    ) -> referrals::BoxedQuery<'a, diesel::pg::Pg> {
        if let Some(agency) = &self.agency {
            query = query
                .filter(referrals::agency.eq(agency.clone()))
                .filter(referrals::state.ne_all(UNSENT));
        }
        if let Some(units) = self.tips.units() {
            query = query.filter(
                sql::<st::Bool>(
                    "referrals.id in (
                        select r.id from referrals r join tip_states s on s.tip_id = r.tip_id
                        where s.unit_code = any(",
                )
                .bind::<st::Array<st::Text>, _>(units.to_vec())
                .sql(
                    ") union all
                        select r.id from referrals r
                        join case_members m on m.case_id = r.case_id and m.removed_at is null
                        join tip_states s on s.tip_id = m.tip_id
                        where r.tip_id is null and s.unit_code = any(",
                )
                .bind::<st::Array<st::Text>, _>(units.to_vec())
                .sql("))"),
            );
        }
        if let Some(desk) = self.tips.desk() {
            query = query.filter(
                sql::<st::Bool>(
                    "coalesce((select s.desk from tip_states s where s.tip_id = referrals.tip_id),
                              (select c.desk from cases c where c.id = referrals.case_id)) = ",
                )
                .bind::<st::Text, _>(desk.to_owned()),
            );
        }
        query
    }
}
