//! SQL of holds.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::case_holds as h;
use crate::error::Result;

/// A hold; setting it anew clears a request to lift it.
#[derive(Clone, Debug, HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = h, check_for_backend(diesel::pg::Pg), treat_none_as_null = true)]
pub struct HoldRow {
    pub case_id: Uuid,
    pub reason: String,
    pub legal_basis: Option<String>,
    pub set_by: String,
    pub set_at: DateTime<Utc>,
    pub lift_requested_by: Option<String>,
    pub lift_requested_at: Option<DateTime<Utc>>,
}

/// The hold of a case.
pub async fn hold(conn: &mut Conn, case: Uuid) -> Result<Option<HoldRow>> {
    Ok(HoldRow::query()
        .filter(h::case_id.eq(case))
        .first(conn)
        .await
        .optional()?)
}

/// The holds of some cases.
pub async fn holds(conn: &mut Conn, cases: &[Uuid]) -> Result<Vec<HoldRow>> {
    Ok(HoldRow::query()
        .filter(h::case_id.eq_any(cases))
        .load(conn)
        .await?)
}

/// Whether a case is held.
pub async fn is_held(conn: &mut Conn, case: Uuid) -> Result<bool> {
    hold(conn, case).await.map(|hold| hold.is_some())
}

/// Sets or replaces a hold.
pub async fn set_hold(conn: &mut Conn, row: &HoldRow) -> Result<()> {
    diesel::insert_into(h::table)
        .values(row)
        .on_conflict(h::case_id)
        .do_update()
        .set(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes who asks that a hold be lifted.
pub async fn ask_to_lift(conn: &mut Conn, case: Uuid, by: &str, at: DateTime<Utc>) -> Result<()> {
    diesel::update(h::table.filter(h::case_id.eq(case)))
        .set((h::lift_requested_by.eq(by), h::lift_requested_at.eq(at)))
        .execute(conn)
        .await?;
    Ok(())
}

/// Lifts a hold.
pub async fn lift_hold(conn: &mut Conn, case: Uuid) -> Result<()> {
    diesel::delete(h::table.filter(h::case_id.eq(case)))
        .execute(conn)
        .await?;
    Ok(())
}
