//! SQL of acts: what was done in a case, and when.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::case_acts as a;
use crate::error::Result;

/// An act.
#[derive(Clone, Debug, HasQuery, Insertable)]
#[diesel(table_name = a, check_for_backend(diesel::pg::Pg))]
pub struct ActRow {
    pub id: Uuid,
    pub case_id: Uuid,
    pub act: String,
    pub at: DateTime<Utc>,
    pub by: String,
    pub recorded_at: DateTime<Utc>,
    pub legal_basis: Option<String>,
    pub document_number: Option<String>,
    pub note: Option<String>,
}

/// Adds acts.
pub async fn insert_acts(conn: &mut Conn, rows: &[ActRow]) -> Result<()> {
    diesel::insert_into(a::table)
        .values(rows)
        .execute(conn)
        .await?;
    Ok(())
}

/// All acts of a case, in their order.
pub async fn acts(conn: &mut Conn, case: Uuid) -> Result<Vec<ActRow>> {
    Ok(ActRow::query()
        .filter(a::case_id.eq(case))
        .order((a::at, a::id))
        .load(conn)
        .await?)
}

/// The acts of some cases, each case's in their order.
pub async fn acts_of(conn: &mut Conn, cases: &[Uuid]) -> Result<Vec<ActRow>> {
    Ok(ActRow::query()
        .filter(a::case_id.eq_any(cases))
        .order((a::case_id, a::at, a::id))
        .load(conn)
        .await?)
}
