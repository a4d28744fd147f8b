//! SQL of messages between officers and reporters, and of officers' notes: whoever writes one writes it here.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{tip_messages as m, tip_notes as n};
use crate::domain::masking::mask_note;
use crate::error::Result;
use crate::state::id_at;

/// A message.
#[derive(HasQuery, Insertable)]
#[diesel(table_name = m, check_for_backend(diesel::pg::Pg))]
pub struct MessageRow {
    /// Its id; ids are in the order of writing.
    pub id: Uuid,
    /// The tip that it is about.
    pub tip_id: Uuid,
    /// Whether the reporter wrote it, else an officer.
    pub from_reporter: bool,
    /// The officer who wrote it.
    pub author: Option<String>,
    /// What it says.
    pub text: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When the other side read it.
    pub read_at: Option<DateTime<Utc>>,
}

/// A note.
#[derive(HasQuery, Insertable)]
#[diesel(table_name = n, check_for_backend(diesel::pg::Pg))]
pub struct NoteRow {
    /// Its id; ids are in the order of writing.
    pub id: Uuid,
    /// The tip that it is about.
    pub tip_id: Uuid,
    /// The officer who wrote it.
    pub author: String,
    /// What it says.
    pub text: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

impl MessageRow {
    /// What the reporter writes.
    pub fn from_reporter(tip_id: Uuid, text: String, created_at: DateTime<Utc>) -> Self {
        Self {
            id: id_at(created_at),
            tip_id,
            from_reporter: true,
            author: None,
            text,
            created_at,
            read_at: None,
        }
    }

    /// What an officer writes to the reporter, without the codes and passwords in it.
    pub fn from_officer(
        tip_id: Uuid,
        author: &str,
        text: String,
        created_at: DateTime<Utc>,
    ) -> Self {
        Self {
            from_reporter: false,
            author: Some(author.to_owned()),
            ..Self::from_reporter(tip_id, mask_note(&text), created_at)
        }
    }
}

impl NoteRow {
    /// What an officer notes, without the codes and passwords in it.
    pub fn of_officer(tip_id: Uuid, author: &str, text: String, created_at: DateTime<Utc>) -> Self {
        Self {
            id: id_at(created_at),
            tip_id,
            author: author.to_owned(),
            text: mask_note(&text),
            created_at,
        }
    }
}

/// Keeps a message.
pub async fn insert_message(conn: &mut Conn, row: &MessageRow) -> Result<()> {
    diesel::insert_into(m::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// How many messages the reporter of a tip has written.
pub async fn count_from_reporter(conn: &mut Conn, tip: Uuid) -> Result<i64> {
    Ok(m::table
        .filter(m::tip_id.eq(tip))
        .filter(m::from_reporter)
        .count()
        .get_result(conn)
        .await?)
}

/// Messages of a tip, newest first, before an id; one more than `limit`.
pub async fn page(
    conn: &mut Conn,
    tip: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<MessageRow>> {
    Ok(MessageRow::query()
        .filter(m::tip_id.eq(tip))
        .filter(m::id.lt(before.unwrap_or(Uuid::max())))
        .order(m::id.desc())
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
) -> Result<bool> {
    let marked = diesel::update(
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
    Ok(marked > 0)
}

/// Keeps a note.
pub async fn insert_note(conn: &mut Conn, row: &NoteRow) -> Result<()> {
    diesel::insert_into(n::table)
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
        .filter(n::tip_id.eq(tip))
        .filter(n::id.lt(before.unwrap_or(Uuid::max())))
        .order(n::id.desc())
        .limit(limit + 1)
        .load(conn)
        .await?)
}

/// How many messages of officers a reporter has not read.
pub async fn unread_by_reporter(conn: &mut Conn, tip: Uuid) -> Result<i64> {
    Ok(m::table
        .filter(m::tip_id.eq(tip).and(m::read_at.is_null()))
        .filter(m::from_reporter.eq(false))
        .count()
        .get_result(conn)
        .await?)
}

/// What reporter and officers wrote to each other.
pub async fn written(conn: &mut Conn, tip: Uuid) -> Result<Vec<(Uuid, String)>> {
    Ok(m::table
        .select((m::id, m::text))
        .filter(m::tip_id.eq(tip))
        .order(m::id)
        .load(conn)
        .await?)
}

/// What officers noted.
pub async fn noted(conn: &mut Conn, tip: Uuid) -> Result<Vec<(Uuid, String)>> {
    Ok(n::table
        .select((n::id, n::text))
        .filter(n::tip_id.eq(tip))
        .order(n::id)
        .load(conn)
        .await?)
}

/// Puts another text in the place of a note's.
pub async fn rewrite_note(conn: &mut Conn, id: Uuid, text: &str) -> Result<()> {
    diesel::update(n::table.find(id))
        .set(n::text.eq(text))
        .execute(conn)
        .await?;
    Ok(())
}

/// Puts another text in the place of a message's.
pub async fn rewrite(conn: &mut Conn, id: Uuid, text: &str) -> Result<()> {
    diesel::update(m::table.find(id))
        .set(m::text.eq(text))
        .execute(conn)
        .await?;
    Ok(())
}
