//! SQL of answers recorded on behalf of an agency.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::referral_recorded_answers as a;
use crate::error::Result;

/// An answer that an officer wrote down.
#[derive(Clone, Debug, HasQuery, Insertable)]
#[diesel(table_name = a, check_for_backend(diesel::pg::Pg))]
pub struct RecordedRow {
    pub id: Uuid,
    pub referral_id: Uuid,
    pub answer: String,
    pub received_via: String,
    pub received_at: DateTime<Utc>,
    pub document_number: String,
    pub recorded_by: String,
    pub recorded_at: DateTime<Utc>,
}

/// Keeps one.
pub async fn insert(conn: &mut Conn, row: &RecordedRow) -> Result<()> {
    diesel::insert_into(a::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// Those of some referrals, in their order.
pub async fn of(conn: &mut Conn, referrals: &[Uuid]) -> Result<Vec<RecordedRow>> {
    Ok(RecordedRow::query()
        .filter(a::referral_id.eq_any(referrals))
        .order((a::referral_id, a::id))
        .load(conn)
        .await?)
}
