//! Where a client is confined to, and how far an administrator who is confined may go: no further than
//! his own confinement (contract §2).

use super::store::ClientRow;
use super::wire::{Confinement, CreateClient};
use crate::auth::{POLICE, Principal};
use crate::error::{Error, FieldProblem, Result, valid};
use crate::reference::Reference;

impl Confinement {
    /// Where a client is confined to now.
    pub fn of(row: &ClientRow) -> Self {
        Self {
            desk: row.desk.clone(),
            units: row
                .units
                .clone()
                .map(|units| units.into_iter().flatten().collect()),
        }
    }

    /// Confines a client to it.
    pub fn apply(self, row: &mut ClientRow) {
        row.desk = self.desk;
        row.units = self
            .units
            .map(|units| units.into_iter().map(Some).collect());
    }

    /// Whether it opens anything that the other does not.
    pub fn is_wider_than(&self, other: &Self) -> bool {
        let desk = other.desk.is_some() && self.desk != other.desk;
        let units = match (&self.units, &other.units) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(wished), Some(held)) => wished.iter().any(|unit| !held.contains(unit)),
        };
        desk || units
    }
}

/// The confinement of a new client; what is left out becomes the administrator's own.
pub fn of_new(who: &Principal, wish: &CreateClient) -> Result<Confinement> {
    // What is addressed to another agency comes from everywhere.
    let elsewhere = wish.agency.as_ref().is_some_and(|agency| agency != POLICE);
    if who.is_confined() && elsewhere {
        return Err(Error::Forbidden(
            "An administrator who is confined registers clients of the police alone.".into(),
        ));
    }
    let wished = Confinement {
        desk: wish.desk.clone().or_else(|| who.desk.clone()),
        units: wish.units.clone().or_else(|| who.units.clone()),
    };
    check_given(who, &wished)?;
    Ok(wished)
}

/// 403 where a client would see more than the administrator who gives it that.
pub fn check_given(who: &Principal, wished: &Confinement) -> Result<()> {
    let own = Confinement {
        desk: who.desk.clone(),
        units: who.units.clone(),
    };
    if wished.is_wider_than(&own) {
        return Err(Error::Forbidden(
            "Nobody gives more than they have: the desk and communes must lie within your own."
                .into(),
        ));
    }
    Ok(())
}

/// 422 for an agency, desk or communes that are not there: a client confined to nothing sees nothing.
pub fn check_places(
    reference: &Reference,
    agency: Option<&str>,
    desk: Option<&str>,
    units: Option<&[String]>,
) -> Result<()> {
    let mut problems = Vec::new();
    let mut absent = |pointer: String, detail: &str| {
        problems.push(FieldProblem::at(pointer, "unknown_value", detail));
    };
    if agency.is_some_and(|agency| !reference.knows_agency(agency)) {
        absent("/agency".to_owned(), "There is no such agency.");
    }
    if desk.is_some_and(|desk| !reference.knows_desk(desk)) {
        absent(
            "/desk".to_owned(),
            "There is no such desk; GET /v1/desks lists them.",
        );
    }
    for (i, unit) in units.unwrap_or_default().iter().enumerate() {
        if !reference.units.contains_key(unit) {
            absent(format!("/units/{i}"), "There is no commune with this code.");
        }
    }
    valid(problems)
}
