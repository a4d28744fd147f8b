//! SQL of the results that reporters were told.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::told_results as t;
use crate::error::Result;

/// A result that was told.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = t)]
pub struct ToldRow {
    pub tip_id: Uuid,
    /// Since when it was owed.
    pub since: DateTime<Utc>,
    pub told_at: DateTime<Utc>,
    /// Status of the tip that it told of.
    pub status: String,
    /// The decision of the case, where it was one.
    pub case_state: Option<String>,
    /// Class of the reason of a dismissal.
    pub reason: Option<String>,
}

/// Keeps what was told; of the same the earliest time counts.
pub async fn keep_told(conn: &mut Conn, rows: &[ToldRow]) -> Result<()> {
    for rows in rows.chunks(1_000) {
        diesel::insert_into(t::table)
            .values(rows)
            .on_conflict((t::tip_id, t::since))
            .do_update()
            .set(
                t::told_at.eq(diesel::dsl::sql::<diesel::sql_types::Timestamptz>(
                    "least(told_results.told_at, excluded.told_at)",
                )),
            )
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// What the reporter of a tip was told, in its order.
pub async fn told_results(conn: &mut Conn, tip: Uuid) -> Result<Vec<ToldRow>> {
    Ok(t::table
        .filter(t::tip_id.eq(tip))
        .order((t::told_at, t::since))
        .select(ToldRow::as_select())
        .load(conn)
        .await?)
}
