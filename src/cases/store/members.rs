//! SQL of the tips of cases: a log, so that merging and unmerging restore both sides.

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::case_members as m;
use crate::error::Result;

/// A tip's membership.
#[derive(Clone, Debug, HasQuery, Insertable)]
#[diesel(table_name = m, check_for_backend(diesel::pg::Pg))]
pub struct MemberRow {
    pub id: Uuid,
    pub case_id: Uuid,
    pub tip_id: Uuid,
    pub added_by: String,
    pub added_at: DateTime<Utc>,
    pub removed_by: Option<String>,
    pub removed_at: Option<DateTime<Utc>>,
    pub from_case: Option<Uuid>,
}

/// Rows of one statement: Postgres takes 65,535 values in it.
const AT_ONCE: usize = 1_000;

/// Adds memberships.
pub async fn insert_members(conn: &mut Conn, rows: &[MemberRow]) -> Result<()> {
    for rows in rows.chunks(AT_ONCE) {
        diesel::insert_into(m::table)
            .values(rows)
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Current members of a case.
pub async fn members(conn: &mut Conn, case: Uuid) -> Result<Vec<MemberRow>> {
    Ok(MemberRow::query()
        .filter(m::case_id.eq(case).and(m::removed_at.is_null()))
        .order(m::added_at)
        .load(conn)
        .await?)
}

/// Ends memberships of tips.
pub async fn end_members(
    conn: &mut Conn,
    case: Uuid,
    tips: &[Uuid],
    by: &str,
    at: DateTime<Utc>,
) -> Result<usize> {
    Ok(diesel::update(
        m::table.filter(
            m::case_id
                .eq(case)
                .and(m::removed_at.is_null())
                .and(m::tip_id.eq_any(tips)),
        ),
    )
    .set((m::removed_by.eq(by), m::removed_at.eq(at)))
    .execute(conn)
    .await?)
}

/// Where the last memberships of these tips in a case came from.
pub async fn came_from(
    conn: &mut Conn,
    case: Uuid,
    tips: &[Uuid],
) -> Result<std::collections::HashMap<Uuid, Option<Uuid>>> {
    let rows: Vec<(Uuid, Option<Uuid>)> = m::table
        .filter(m::case_id.eq(case).and(m::tip_id.eq_any(tips)))
        .order((m::added_at, m::id))
        .select((m::tip_id, m::from_case))
        .load(conn)
        .await?;
    // A later membership takes the place of an earlier one.
    Ok(rows.into_iter().collect())
}

/// When the police received the earliest tip of a case.
pub async fn earliest(conn: &mut Conn, case: Uuid) -> Result<Option<DateTime<Utc>>> {
    use crate::db::schema::tip_states as s;
    Ok(m::table
        .inner_join(s::table.on(s::tip_id.eq(m::tip_id)))
        .filter(m::case_id.eq(case).and(m::removed_at.is_null()))
        .select(sql::<st::Nullable<st::Timestamptz>>(
            "min(coalesce(tip_states.reached_at, tip_states.received_at))",
        ))
        .first(conn)
        .await?)
}
