//! Lists of tips, shared by the queue and `GET /v1/tips`: what may be asked, and the pages.

use super::store::{self, TipState};
use super::visibility::Visibility;
use crate::db::{Conn, Pooled};
use crate::domain::priority::Level;
use crate::domain::status::TipStatus;
use crate::error::{Error, Result};
use crate::reference::Reference;
use crate::state::AppState;

pub use super::filters::{After, Sort, TipFilters, Wanted, end_of_ids, first_id, indicator_key};
pub use super::store::{case_ids, flood_counts, states};

/// A connection for a list. A search may be seconds behind, its documents are so anyway; any other list must
/// show what its reader has just done.
pub async fn connection(app: &AppState, filters: &TipFilters) -> Result<Pooled> {
    match filters.words() {
        Some(_) => app.reads.get().await,
        None => app.db.get().await,
    }
}

impl TipFilters {
    /// 422 for a value outside its vocabulary.
    pub async fn check(&self, conn: &mut Conn, reference: &Reference) -> Result<()> {
        let statuses = TipStatus::ALL.map(TipStatus::as_str);
        let levels = Level::ALL.map(Level::as_str);
        for (name, value, known) in [
            ("status", &self.status, statuses.as_slice()),
            ("priority", &self.priority, levels.as_slice()),
        ] {
            if value.as_ref().is_some_and(|v| !known.contains(&v.as_str())) {
                let detail = format!("{name} must be one of {}.", known.join(", "));
                return Err(Error::invalid_parameter(name, "unknown_value", detail));
            }
        }
        if self.q.as_ref().is_some_and(|q| q.chars().count() > 200) {
            return Err(Error::invalid_parameter(
                "q",
                "too_long",
                "At most 200 characters.",
            ));
        }
        let written = self.indicator.as_ref();
        if written.is_some_and(|written| written.chars().count() > 5_000) {
            return Err(Error::invalid_parameter(
                "indicator",
                "too_long",
                "At most 5000 characters.",
            ));
        }
        let unknown = |name: &str| {
            let detail = format!("There is no such {name}.");
            Err(Error::invalid_parameter(name, "unknown_value", detail))
        };
        if let Some(desk) = &self.desk
            && !knows_desk(conn, reference, desk).await?
        {
            return unknown("desk");
        }
        if let Some(unit) = &self.unit
            && !knows_unit(conn, reference, unit).await?
        {
            return unknown("unit");
        }
        if let Some(method) = &self.method
            && !knows_method(conn, reference, method).await?
        {
            return unknown("method");
        }
        Ok(())
    }
}

/// Whether there is a method with this code, or are tips of one that was taken off the list: they go on telling of it.
async fn knows_method(conn: &mut Conn, reference: &Reference, code: &str) -> Result<bool> {
    Ok(reference.methods.contains_key(code) || store::has_of_method(conn, code).await?)
}

/// The same for a desk.
pub async fn knows_desk(conn: &mut Conn, reference: &Reference, code: &str) -> Result<bool> {
    Ok(reference.knows_desk(code) || store::has_of_desk(conn, code).await?)
}

/// The same for a commune or ward.
async fn knows_unit(conn: &mut Conn, reference: &Reference, code: &str) -> Result<bool> {
    Ok(reference.units.contains_key(code) || store::has_of_unit(conn, code).await?)
}

/// One page, and one row more where there is more.
pub async fn page(
    conn: &mut Conn,
    visible: &Visibility,
    reference: &Reference,
    wanted: &Wanted<'_>,
) -> Result<Vec<TipState>> {
    wanted.filters.check(conn, reference).await?;
    store::page(conn, visible, reference, wanted).await
}

/// The same, with each flood of copies as one line.
pub async fn collapsed_page(
    conn: &mut Conn,
    visible: &Visibility,
    reference: &Reference,
    wanted: &Wanted<'_>,
) -> Result<Vec<TipState>> {
    wanted.filters.check(conn, reference).await?;
    store::collapsed_page(conn, visible, reference, wanted).await
}
