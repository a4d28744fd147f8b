//! SQL of the retention rules.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;

use crate::db::Conn;
use crate::db::schema::retention as r;
use crate::error::Result;

/// The rules in force and those that wait.
#[derive(Clone, HasQuery, AsChangeset)]
#[diesel(table_name = r, check_for_backend(diesel::pg::Pg), treat_none_as_null = true)]
pub struct RetentionRow {
    pub rules: Value,
    pub set_by: Option<String>,
    pub approved_by: Option<String>,
    pub in_force_since: Option<DateTime<Utc>>,
    pub pending: Option<Value>,
    pub pending_by: Option<String>,
    pub pending_at: Option<DateTime<Utc>>,
    pub version: i32,
}

/// Writes the shipped rules where there are none.
pub async fn ensure(conn: &mut Conn, shipped: &Value) -> Result<()> {
    diesel::insert_into(r::table)
        .values((r::id.eq(true), r::rules.eq(shipped)))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(())
}

/// The rules, once some are there.
pub async fn find(conn: &mut Conn) -> Result<Option<RetentionRow>> {
    Ok(RetentionRow::query().first(conn).await.optional()?)
}

/// The rules, locked.
pub async fn lock(conn: &mut Conn) -> Result<RetentionRow> {
    Ok(RetentionRow::query().for_update().first(conn).await?)
}

/// Writes the rules.
pub async fn save(conn: &mut Conn, row: &RetentionRow) -> Result<()> {
    diesel::update(r::table).set(row).execute(conn).await?;
    Ok(())
}

/// Takes the run that is due now, if no replica has taken it within the last while.
pub async fn take_run(conn: &mut Conn, now: DateTime<Utc>, every: Duration) -> Result<bool> {
    Ok(
        diesel::update(r::table.filter(r::ran_at.is_null().or(r::ran_at.le(now - every))))
            .set(r::ran_at.eq(now))
            .execute(conn)
            .await?
            > 0,
    )
}
