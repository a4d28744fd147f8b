//! SQL of evidence.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{
    attachment_custody, attachments, evidence_objects as objects, upload_parts,
};
use crate::error::{Error, Result};

/// A file of a tip.
#[derive(Clone, HasQuery, Insertable)]
#[diesel(table_name = attachments, check_for_backend(diesel::pg::Pg))]
pub struct AttachmentRow {
    pub id: Uuid,
    pub tip_id: Uuid,
    pub from_reporter: bool,
    pub added_by: Option<String>,
    pub received_at: DateTime<Utc>,
    pub media_type: String,
    pub size: i64,
    pub sha256: Vec<u8>,
    pub key_id: String,
    pub wrapped_key: Vec<u8>,
}

/// An entry of a file's custody log.
#[derive(HasQuery, Insertable)]
#[diesel(table_name = attachment_custody, check_for_backend(diesel::pg::Pg))]
pub struct CustodyRow {
    pub id: Uuid,
    pub attachment_id: Uuid,
    pub at: DateTime<Utc>,
    pub act: String,
    pub actor: String,
    pub request_id: String,
}

pub async fn insert(conn: &mut Conn, row: &AttachmentRow) -> Result<()> {
    diesel::insert_into(attachments::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// How many files a tip has.
pub async fn count(conn: &mut Conn, tip: Uuid) -> Result<i64> {
    Ok(attachments::table
        .filter(attachments::tip_id.eq(tip))
        .count()
        .get_result(conn)
        .await?)
}

/// Files of a tip, newest first, before an id; one more than `limit`.
pub async fn list(
    conn: &mut Conn,
    tip: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<AttachmentRow>> {
    Ok(AttachmentRow::query()
        .filter(attachments::tip_id.eq(tip))
        .filter(attachments::id.lt(before.unwrap_or(Uuid::max())))
        .order(attachments::id.desc())
        .limit(limit + 1)
        .load(conn)
        .await?)
}

/// Those of them that its reporter sent.
pub async fn list_of_reporter(
    conn: &mut Conn,
    tip: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<AttachmentRow>> {
    Ok(AttachmentRow::query()
        .filter(attachments::tip_id.eq(tip).and(attachments::from_reporter))
        .filter(attachments::id.lt(before.unwrap_or(Uuid::max())))
        .order(attachments::id.desc())
        .limit(limit + 1)
        .load(conn)
        .await?)
}

/// One file of a tip.
pub async fn find(conn: &mut Conn, tip: Uuid, id: Uuid) -> Result<AttachmentRow> {
    AttachmentRow::query()
        .filter(attachments::tip_id.eq(tip).and(attachments::id.eq(id)))
        .first(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("attachment"))
}

/// Which of these objects belong to a file or to one that is still coming.
pub async fn known(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    let mut known: Vec<Uuid> = attachments::table
        .select(attachments::id)
        .filter(attachments::id.eq_any(ids))
        .load(conn)
        .await?;
    let parts: Vec<Uuid> = upload_parts::table
        .select(upload_parts::id)
        .filter(upload_parts::id.eq_any(ids))
        .load(conn)
        .await?;
    known.extend(parts);
    Ok(known)
}

pub async fn insert_custody(conn: &mut Conn, row: &CustodyRow) -> Result<()> {
    diesel::insert_into(attachment_custody::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// Adds an act that is noted once of a file; false where it has been.
pub async fn insert_custody_once(conn: &mut Conn, row: &CustodyRow) -> Result<bool> {
    let added = diesel::insert_into(attachment_custody::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(added == 1)
}

/// The newest files that were found lost or altered.
pub async fn found_damaged(conn: &mut Conn, limit: i64) -> Result<Vec<AttachmentRow>> {
    let found = attachment_custody::table
        .filter(attachment_custody::act.eq_any(["found_missing", "found_altered"]))
        .select(attachment_custody::attachment_id);
    Ok(AttachmentRow::query()
        .filter(attachments::id.eq_any(found))
        .order(attachments::id.desc())
        .limit(limit)
        .load(conn)
        .await?)
}

/// The newest files.
pub async fn newest(conn: &mut Conn, limit: i64) -> Result<Vec<Uuid>> {
    Ok(attachments::table
        .select(attachments::id)
        .order(attachments::id.desc())
        .limit(limit)
        .load(conn)
        .await?)
}

/// Notes that an object is about to be written.
pub async fn announce(conn: &mut Conn, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    diesel::insert_into(objects::table)
        .values((objects::id.eq(id), objects::made_at.eq(now)))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(())
}

/// Which of these objects were begun under this database.
pub async fn announced(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(objects::table
        .select(objects::id)
        .filter(objects::id.eq_any(ids))
        .load(conn)
        .await?)
}

/// Forgets objects that were begun before a time, belong to nothing and are not among those that stay.
pub async fn forget_objects(conn: &mut Conn, before: DateTime<Utc>, stay: &[Uuid]) -> Result<()> {
    let files = attachments::table.filter(attachments::id.eq(objects::id));
    let parts = upload_parts::table.filter(upload_parts::id.eq(objects::id));
    diesel::delete(objects::table)
        .filter(objects::made_at.lt(before))
        .filter(objects::id.ne_all(stay))
        .filter(diesel::dsl::not(diesel::dsl::exists(files)))
        .filter(diesel::dsl::not(diesel::dsl::exists(parts)))
        .execute(conn)
        .await?;
    Ok(())
}

/// The custody log of a file, oldest first.
pub async fn custody(conn: &mut Conn, attachment: Uuid) -> Result<Vec<CustodyRow>> {
    Ok(CustodyRow::query()
        .filter(attachment_custody::attachment_id.eq(attachment))
        .order(attachment_custody::id)
        .load(conn)
        .await?)
}

/// Files of some tips.
pub async fn of_tips(conn: &mut Conn, tips: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(attachments::table
        .select(attachments::id)
        .filter(attachments::tip_id.eq_any(tips))
        .load(conn)
        .await?)
}

/// Deletes files with their logs of custody; returns which, each with its tip.
pub async fn delete(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<(Uuid, Uuid)>> {
    Ok(
        diesel::delete(attachments::table.filter(attachments::id.eq_any(ids)))
            .returning((attachments::id, attachments::tip_id))
            .get_results(conn)
            .await?,
    )
}

/// A file that is gone, and its tip.
#[derive(QueryableByName)]
pub struct Gone {
    #[diesel(sql_type = st::Uuid)]
    pub id: Uuid,
    #[diesel(sql_type = st::Uuid)]
    pub tip_id: Uuid,
}

/// Files that the journal says were added to tips of the register, and no entry says were purged, without a row.
pub async fn gone(conn: &mut Conn, limit: i64) -> Result<Vec<Gone>> {
    Ok(diesel::sql_query(
        "with added as (
            select (j.data ->> 'attachment_id')::uuid as id, j.subject_id as tip_id from journal j
            where j.type = 'tip.updated' and j.data ->> 'change' = 'attachment_added'),
         ended as (
            select subject_id, type, data from journal where type in ('attachment.purged', 'tip.purged')
            union all
            select subject_id, type, data from journal_pending where type in ('attachment.purged', 'tip.purged'))
         select a.id, a.tip_id from added a
         where exists (select from register r where r.tip_id = a.tip_id)
           and not exists (select from attachments f where f.id = a.id)
           and not exists (select from ended e where e.subject_id = a.tip_id
                           and (e.type = 'tip.purged' or (e.data ->> 'attachment_id')::uuid = a.id))
         order by a.id desc limit $1",
    )
    .bind::<st::BigInt, _>(limit)
    .load(conn)
    .await?)
}
