//! SQL of files that come in pieces.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{upload_parts as p, uploads as u};
use crate::error::{Error, Result};

/// A file that is coming in pieces.
#[derive(Clone, HasQuery, Insertable)]
#[diesel(table_name = u, check_for_backend(diesel::pg::Pg))]
pub struct UploadRow {
    pub id: Uuid,
    pub tip_id: Uuid,
    pub added_by: Option<String>,
    pub length: i64,
    pub received: i64,
    pub attachment_id: Option<Uuid>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// A piece of it.
#[derive(HasQuery, Insertable)]
#[diesel(table_name = p, check_for_backend(diesel::pg::Pg))]
pub struct PartRow {
    pub id: Uuid,
    pub upload_id: Uuid,
    pub start: i64,
    pub size: i64,
    pub key_id: String,
    pub wrapped_key: Vec<u8>,
}

pub async fn insert(conn: &mut Conn, row: &UploadRow) -> Result<()> {
    diesel::insert_into(u::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// How many files of a tip are still coming.
pub async fn coming(conn: &mut Conn, tip: Uuid, now: DateTime<Utc>) -> Result<i64> {
    Ok(u::table
        .filter(u::tip_id.eq(tip).and(u::expires_at.gt(now)))
        .filter(u::attachment_id.is_null())
        .count()
        .get_result(conn)
        .await?)
}

/// One of a tip and its sender, as long as it may be gone on with.
pub async fn find(
    conn: &mut Conn,
    (tip, added_by): (Uuid, Option<&str>),
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<UploadRow> {
    UploadRow::query()
        .filter(u::id.eq(id).and(u::tip_id.eq(tip)))
        .filter(u::added_by.is_not_distinct_from(added_by))
        .filter(u::expires_at.gt(now))
        .first(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("upload"))
}

/// Adds a piece; false where another one took its place meanwhile.
pub async fn add_part(conn: &mut Conn, part: &PartRow) -> Result<bool> {
    let moved = diesel::update(u::table)
        .filter(u::id.eq(part.upload_id).and(u::received.eq(part.start)))
        .set(u::received.eq(u::received + part.size))
        .execute(conn)
        .await?;
    if moved == 1 {
        diesel::insert_into(p::table)
            .values(part)
            .execute(conn)
            .await?;
    }
    Ok(moved == 1)
}

/// The pieces in order.
pub async fn parts(conn: &mut Conn, upload: Uuid) -> Result<Vec<PartRow>> {
    Ok(PartRow::query()
        .filter(p::upload_id.eq(upload))
        .order(p::start)
        .load(conn)
        .await?)
}

/// Forgets the pieces of a file that is whole; returns their objects.
pub async fn delete_parts(conn: &mut Conn, upload: Uuid) -> Result<Vec<Uuid>> {
    Ok(diesel::delete(p::table.filter(p::upload_id.eq(upload)))
        .returning(p::id)
        .get_results(conn)
        .await?)
}

/// Notes which file it became.
pub async fn set_attachment(conn: &mut Conn, id: Uuid, attachment: Uuid) -> Result<()> {
    diesel::update(u::table.filter(u::id.eq(id)))
        .set(u::attachment_id.eq(attachment))
        .execute(conn)
        .await?;
    Ok(())
}

/// Deletes an upload; returns how it stood, `None` where it is gone already.
pub async fn delete(conn: &mut Conn, id: Uuid) -> Result<Option<UploadRow>> {
    Ok(diesel::delete(u::table.filter(u::id.eq(id)))
        .returning(UploadRow::as_returning())
        .get_result(conn)
        .await
        .optional()?)
}

/// Those whose time is over.
pub async fn expired(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<UploadRow>> {
    Ok(UploadRow::query()
        .filter(u::expires_at.le(now))
        .limit(limit)
        .load(conn)
        .await?)
}
