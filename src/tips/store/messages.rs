//! SQL of messages and notes.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{tip_messages, tip_notes};
use crate::error::Result;

/// A message.
#[derive(HasQuery, Insertable)]
#[diesel(table_name = tip_messages, check_for_backend(diesel::pg::Pg))]
pub struct MessageRow {
    pub id: Uuid,
    pub tip_id: Uuid,
    pub from_reporter: bool,
    pub author: Option<String>,
    pub text: String,
    pub created_at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
}

/// A note.
#[derive(HasQuery, Insertable)]
#[diesel(table_name = tip_notes, check_for_backend(diesel::pg::Pg))]
pub struct NoteRow {
    pub id: Uuid,
    pub tip_id: Uuid,
    pub author: String,
    pub text: String,
    pub created_at: DateTime<Utc>,
}

pub async fn insert_message(conn: &mut Conn, row: &MessageRow) -> Result<()> {
    diesel::insert_into(tip_messages::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// How many messages the reporter of a tip has written.
pub async fn count_from_reporter(conn: &mut Conn, tip: Uuid) -> Result<i64> {
    Ok(tip_messages::table
        .filter(tip_messages::tip_id.eq(tip))
        .filter(tip_messages::from_reporter)
        .count()
        .get_result(conn)
        .await?)
}

/// Messages of a tip, newest first, before an id; one more than `limit`.
pub async fn messages(
    conn: &mut Conn,
    tip: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<MessageRow>> {
    Ok(MessageRow::query()
        .filter(tip_messages::tip_id.eq(tip))
        .filter(tip_messages::id.lt(before.unwrap_or(Uuid::max())))
        .order(tip_messages::id.desc())
        .limit(limit + 1)
        .load(conn)
        .await?)
}

/// Marks as read what the other side wrote of these messages.
pub async fn mark_read(
    conn: &mut Conn,
    ids: &[Uuid],
    from_reporter: bool,
    at: DateTime<Utc>,
) -> Result<()> {
    use tip_messages as m;
    diesel::update(
        m::table.filter(
            m::id
                .eq_any(ids)
                .and(m::from_reporter.eq(from_reporter))
                .and(m::read_at.is_null()),
        ),
    )
    .set(m::read_at.eq(at))
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn insert_note(conn: &mut Conn, row: &NoteRow) -> Result<()> {
    diesel::insert_into(tip_notes::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes on a tip, newest first, before an id; one more than `limit`.
pub async fn notes(
    conn: &mut Conn,
    tip: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<NoteRow>> {
    Ok(NoteRow::query()
        .filter(tip_notes::tip_id.eq(tip))
        .filter(tip_notes::id.lt(before.unwrap_or(Uuid::max())))
        .order(tip_notes::id.desc())
        .limit(limit + 1)
        .load(conn)
        .await?)
}
