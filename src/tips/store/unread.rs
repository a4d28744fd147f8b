//! SQL of what reporters have sent since an officer opened their tips, and no officer has seen yet.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::tip_unread as u;
use crate::error::Result;

/// The tips with anything of it. Few at any time: the index of unread messages and the table name them all.
pub(super) const UNREAD: &str = "tip_id in (
    select m.tip_id from tip_messages m where m.from_reporter and m.read_at is null
    union all select u.tip_id from tip_unread u)";

/// What no officer has seen of a tip.
#[derive(Clone, Copy, Default)]
pub struct Unread {
    /// How many messages.
    pub messages: i64,
    /// How many files.
    pub files: i64,
    /// How many additions.
    pub additions: i64,
    /// When the first of them came.
    pub since: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = st::Uuid)]
    tip_id: Uuid,
    #[diesel(sql_type = st::BigInt)]
    messages: i64,
    #[diesel(sql_type = st::BigInt)]
    files: i64,
    #[diesel(sql_type = st::BigInt)]
    additions: i64,
    #[diesel(sql_type = st::Timestamptz)]
    since: DateTime<Utc>,
}

/// What no officer has seen of some tips, of those where there is any.
pub async fn unread(conn: &mut Conn, tips: &[Uuid]) -> Result<HashMap<Uuid, Unread>> {
    let rows: Vec<Counted> = diesel::sql_query(
        "select tip_id, count(*) filter (where kind = 'message') as messages,
                count(*) filter (where kind = 'file') as files,
                count(*) filter (where kind = 'addition') as additions, min(at) as since
         from (select tip_id, 'message' as kind, created_at as at from tip_messages
               where tip_id = any($1) and from_reporter and read_at is null
               union all select tip_id, kind, at from tip_unread where tip_id = any($1)) unseen
         group by tip_id",
    )
    .bind::<st::Array<st::Uuid>, _>(tips)
    .load(conn)
    .await?;
    let of = |row: Counted| {
        let unread = Unread {
            messages: row.messages,
            files: row.files,
            additions: row.additions,
            since: Some(row.since),
        };
        (row.tip_id, unread)
    };
    Ok(rows.into_iter().map(of).collect())
}

/// Keeps that nobody has seen a file or an addition.
pub async fn insert_unread(
    conn: &mut Conn,
    (tip, id): (Uuid, Uuid),
    kind: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    diesel::insert_into(u::table)
        .values((
            u::id.eq(id),
            u::tip_id.eq(tip),
            u::kind.eq(kind),
            u::at.eq(at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Those of one kind that nobody has seen of a tip.
pub async fn unread_ids(conn: &mut Conn, tip: Uuid, kind: &str) -> Result<Vec<Uuid>> {
    Ok(u::table
        .select(u::id)
        .filter(u::tip_id.eq(tip).and(u::kind.eq(kind)))
        .load(conn)
        .await?)
}

/// Files and additions that somebody has seen now.
pub async fn delete_unread(conn: &mut Conn, ids: &[Uuid]) -> Result<()> {
    diesel::delete(u::table.filter(u::id.eq_any(ids)))
        .execute(conn)
        .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = st::Bool)]
    found: bool,
}

/// Whether an officer has opened a tip, or what was sent with it; that it stood in a list is not enough.
pub async fn was_opened(conn: &mut Conn, tip: Uuid) -> Result<bool> {
    let opened: Found = diesel::sql_query(
        "select exists (
             select from (select subject_id, type, actor from journal
                          union all select subject_id, type, actor from journal_pending) acts
             where subject_id = $1 and actor <> 'reporter'
               and type in ('tip.read', 'submission.read', 'messages.read', 'attachments.listed')) as found",
    )
    .bind::<st::Uuid, _>(tip)
    .get_result(conn)
    .await?;
    Ok(opened.found)
}
