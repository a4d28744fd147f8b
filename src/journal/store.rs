//! SQL of the journal.

mod audit;
mod checkpoints;
mod readers;
mod sealed;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::Entry;
use crate::db::Conn;
use crate::db::schema::journal;
use crate::error::Result;

pub use audit::{AuditRecord, AuditWanted, acted_elsewhere, audit_page};
pub use checkpoints::{Checkpoint, last_checkpoint, newest_checkpoints};
pub(super) use checkpoints::{
    CheckpointRow, checkpoint_before, checkpoints_after, insert_checkpoint, last_number,
    sealed_with,
};
pub use readers::settled_position;
pub(super) use readers::{advance_consumer, furthest_reader, lock_consumer, positions};
pub(super) use sealed::{before_the_first, beside, count_pending, sealed_after};

pub(super) async fn insert_pending(conn: &mut Conn, entries: &[Entry]) -> Result<()> {
    fn all<'a, T>(entries: &'a [Entry], column: impl Fn(&'a Entry) -> T) -> Vec<T> {
        entries.iter().map(column).collect()
    }
    // Columns as arrays: a statement has no more than 65,535 parameters.
    diesel::sql_query(
        "insert into journal_pending (id, at, type, is_event, actor, client_id, agency,
                                      subject_kind, subject_id, data, request_id)
         select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind::<st::Array<st::Uuid>, _>(all(entries, |e| e.id))
    .bind::<st::Array<st::Timestamptz>, _>(all(entries, |e| e.at))
    .bind::<st::Array<st::Text>, _>(all(entries, |e| e.kind))
    .bind::<st::Array<st::Bool>, _>(all(entries, |e| e.is_event))
    .bind::<st::Array<st::Text>, _>(all(entries, |e| &e.actor.name))
    .bind::<st::Array<st::Text>, _>(all(entries, |e| &e.actor.client_id))
    .bind::<st::Array<st::Nullable<st::Text>>, _>(all(entries, |e| e.actor.agency.as_deref()))
    .bind::<st::Array<st::Text>, _>(all(entries, |e| e.subject_kind))
    .bind::<st::Array<st::Nullable<st::Uuid>>, _>(all(entries, |e| e.subject_id))
    .bind::<st::Array<st::Jsonb>, _>(all(entries, |e| &e.data))
    .bind::<st::Array<st::Text>, _>(all(entries, |e| &e.actor.request_id))
    .execute(conn)
    .await?;
    Ok(())
}

/// A committed entry that has no position yet.
#[derive(QueryableByName)]
pub(super) struct Pending {
    /// Its place in the order of writing.
    #[diesel(sql_type = st::BigInt)]
    written: i64,
    #[diesel(sql_type = st::Uuid)]
    pub id: Uuid,
    #[diesel(sql_type = st::Timestamptz)]
    pub at: DateTime<Utc>,
    #[diesel(sql_type = st::Text)]
    pub kind: String,
    #[diesel(sql_type = st::Bool)]
    pub is_event: bool,
    #[diesel(sql_type = st::Text)]
    pub actor: String,
    #[diesel(sql_type = st::Text)]
    pub client_id: String,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    pub agency: Option<String>,
    #[diesel(sql_type = st::Text)]
    pub subject_kind: String,
    #[diesel(sql_type = st::Nullable<st::Uuid>)]
    pub subject_id: Option<Uuid>,
    #[diesel(sql_type = st::Text)]
    pub data: String,
    #[diesel(sql_type = st::Text)]
    pub request_id: String,
}

#[derive(QueryableByName)]
struct Flag {
    #[diesel(sql_type = st::Bool)]
    flag: bool,
}

/// Takes the sequencer's lock for this transaction, if no other replica has it.
pub(super) async fn try_lock(conn: &mut Conn) -> Result<bool> {
    let row: Flag =
        diesel::sql_query("select pg_try_advisory_xact_lock(x'74696e62616f0002'::bigint) as flag")
            .get_result(conn)
            .await?;
    Ok(row.flag)
}

/// Removes the oldest committed entries and returns them in the order they are to be numbered: that of writing, which
/// the clocks of the replicas have no part in.
pub(super) async fn take_pending(conn: &mut Conn, limit: i64) -> Result<Vec<Pending>> {
    let mut rows: Vec<Pending> = diesel::sql_query(
        "delete from journal_pending
         where written in (select written from journal_pending order by written limit $1)
         returning written, id, at, type as kind, is_event, actor, client_id, agency, subject_kind, subject_id,
                   data::text as data, request_id",
    )
    .bind::<st::BigInt, _>(limit)
    .load(conn)
    .await?;
    rows.sort_by_key(|row| row.written);
    Ok(rows)
}

/// Position and chain hash of the last numbered entry.
pub(super) async fn head(conn: &mut Conn) -> Result<Option<(i64, Vec<u8>)>> {
    // No hash at all is somebody's tampering: what is sealed behind it goes on from nothing, and is accused.
    let last: Option<(i64, Option<Vec<u8>>)> = journal::table
        .select((journal::position, journal::chain.nullable()))
        .order(journal::position.desc())
        .first(conn)
        .await
        .optional()?;
    Ok(last.map(|(position, chain)| (position, chain.unwrap_or_default())))
}

/// Position of the last numbered entry, 0 before the first.
pub async fn last_position(conn: &mut Conn) -> Result<i64> {
    let last: Option<i64> = journal::table
        .select(diesel::dsl::max(journal::position))
        .get_result(conn)
        .await?;
    Ok(last.unwrap_or(0).max(0))
}

pub(super) async fn insert_numbered(
    conn: &mut Conn,
    rows: &[Pending],
    positions: &[i64],
    chains: &[Vec<u8>],
) -> Result<()> {
    diesel::sql_query(
        "insert into journal (position, id, at, type, is_event, actor, client_id, agency,
                              subject_kind, subject_id, data, request_id, chain)
         select p, i, a, k, e, ac, c, ag, sk, si, d::jsonb, r, ch
         from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
              as t (p, i, a, k, e, ac, c, ag, sk, si, d, r, ch)",
    )
    .bind::<st::Array<st::BigInt>, _>(positions)
    .bind::<st::Array<st::Uuid>, _>(rows.iter().map(|r| r.id).collect::<Vec<_>>())
    .bind::<st::Array<st::Timestamptz>, _>(rows.iter().map(|r| r.at).collect::<Vec<_>>())
    .bind::<st::Array<st::Text>, _>(rows.iter().map(|r| r.kind.as_str()).collect::<Vec<_>>())
    .bind::<st::Array<st::Bool>, _>(rows.iter().map(|r| r.is_event).collect::<Vec<_>>())
    .bind::<st::Array<st::Text>, _>(rows.iter().map(|r| r.actor.as_str()).collect::<Vec<_>>())
    .bind::<st::Array<st::Text>, _>(
        rows.iter()
            .map(|r| r.client_id.as_str())
            .collect::<Vec<_>>(),
    )
    .bind::<st::Array<st::Nullable<st::Text>>, _>(
        rows.iter().map(|r| r.agency.as_deref()).collect::<Vec<_>>(),
    )
    .bind::<st::Array<st::Text>, _>(
        rows.iter()
            .map(|r| r.subject_kind.as_str())
            .collect::<Vec<_>>(),
    )
    .bind::<st::Array<st::Nullable<st::Uuid>>, _>(
        rows.iter().map(|r| r.subject_id).collect::<Vec<_>>(),
    )
    .bind::<st::Array<st::Text>, _>(rows.iter().map(|r| r.data.as_str()).collect::<Vec<_>>())
    .bind::<st::Array<st::Text>, _>(
        rows.iter()
            .map(|r| r.request_id.as_str())
            .collect::<Vec<_>>(),
    )
    .bind::<st::Array<st::Binary>, _>(chains)
    .execute(conn)
    .await?;
    Ok(())
}

/// Chain hash of one entry.
pub(super) async fn chain_at(conn: &mut Conn, position: i64) -> Result<Option<Vec<u8>>> {
    let chain: Option<Option<Vec<u8>>> = journal::table
        .select(journal::chain.nullable())
        .find(position)
        .first(conn)
        .await
        .optional()?;
    Ok(chain.map(Option::unwrap_or_default))
}

/// Where a sequencer tells of new positions.
pub(super) const CHANNEL: &str = "journal";

/// Wakes listeners of every replica; sent once a pass, never by an intake.
pub(super) async fn notify(conn: &mut Conn, position: i64) -> Result<()> {
    diesel::sql_query("select pg_notify($2, $1::text)")
        .bind::<st::BigInt, _>(position)
        .bind::<st::Text, _>(CHANNEL)
        .execute(conn)
        .await?;
    Ok(())
}

/// A numbered entry.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = journal, check_for_backend(diesel::pg::Pg))]
pub struct Record {
    /// Gapless position.
    pub position: i64,
    /// Entry id.
    pub id: Uuid,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// `tip.received` …
    pub type_: String,
    /// Who did it.
    pub actor: String,
    /// With which client.
    pub client_id: String,
    /// For which agency.
    pub agency: Option<String>,
    /// About what kind of thing.
    pub subject_kind: String,
    /// About which one.
    pub subject_id: Option<Uuid>,
    /// What else is to be known.
    pub data: Value,
}

/// Entries after a position, in order.
pub async fn records_after(conn: &mut Conn, position: i64, limit: i64) -> Result<Vec<Record>> {
    Ok(journal::table
        .select(Record::as_select())
        .filter(journal::position.gt(position))
        .order(journal::position)
        .limit(limit)
        .load(conn)
        .await?)
}

/// Events after a position, in order.
pub async fn events_after(conn: &mut Conn, position: i64, limit: i64) -> Result<Vec<Record>> {
    Ok(journal::table
        .select(Record::as_select())
        .filter(journal::position.gt(position).and(journal::is_event))
        .order(journal::position)
        .limit(limit)
        .load(conn)
        .await?)
}

/// Entries about one thing, newest first, before a position.
pub async fn of_subject(
    conn: &mut Conn,
    subject: Uuid,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Record>> {
    Ok(journal::table
        .select(Record::as_select())
        .filter(journal::subject_id.eq(subject))
        .filter(journal::position.lt(before.unwrap_or(i64::MAX)))
        .order(journal::position.desc())
        .limit(limit)
        .load(conn)
        .await?)
}

/// What an entry says, sealed or still waiting for its number.
#[derive(QueryableByName)]
#[expect(missing_docs, reason = "the migrations tell of the columns")]
pub struct Told {
    #[diesel(sql_type = st::Text)]
    pub kind: String,
    #[diesel(sql_type = st::Timestamptz)]
    pub at: DateTime<Utc>,
    #[diesel(sql_type = st::Text)]
    pub actor: String,
    #[diesel(sql_type = st::Text)]
    pub request_id: String,
    #[diesel(sql_type = st::Jsonb)]
    pub data: Value,
}

/// All that is said of one thing under these types, oldest first. One statement: what gets its number meanwhile is
/// found once.
pub async fn told(conn: &mut Conn, subject: Uuid, types: &[&str]) -> Result<Vec<Told>> {
    Ok(diesel::sql_query(
        "select type as kind, at, actor, request_id, data from journal
         where subject_id = $1 and type = any($2)
         union all
         select type, at, actor, request_id, data from journal_pending
         where subject_id = $1 and type = any($2)
         order by at",
    )
    .bind::<st::Uuid, _>(subject)
    .bind::<st::Array<st::Text>, _>(types)
    .load(conn)
    .await?)
}
