//! SQL of notes.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::case_notes as n;
use crate::error::Result;

/// A note.
#[derive(Clone, Debug, HasQuery, Insertable)]
#[diesel(table_name = n, check_for_backend(diesel::pg::Pg))]
pub struct NoteRow {
    pub id: Uuid,
    pub case_id: Uuid,
    pub author: String,
    pub text: String,
    pub created_at: DateTime<Utc>,
}

/// Adds a note.
pub async fn insert_note(conn: &mut Conn, row: &NoteRow) -> Result<()> {
    diesel::insert_into(n::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes of a case, newest first, before an id; one more than `limit`.
pub async fn notes(
    conn: &mut Conn,
    case: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<NoteRow>> {
    Ok(NoteRow::query()
        .filter(n::case_id.eq(case))
        .filter(n::id.lt(before.unwrap_or(Uuid::max())))
        .order(n::id.desc())
        .limit(limit + 1)
        .load(conn)
        .await?)
}
