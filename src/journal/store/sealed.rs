//! SQL of the verification: rows as they stand, whatever was done to them.

use chrono::{DateTime, Utc};
use diesel::data_types::PgTimestamp;
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::Pending;
use crate::db::Conn;
use crate::db::schema::journal_pending;
use crate::error::Result;

/// From 1970 to 2000, where Postgres begins to count.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

/// A time that a sealed row can have; none for infinity, and for years that no calendar here reaches.
pub(super) fn moment(time: Option<PgTimestamp>) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(time?.0.checked_add(EPOCH_MICROS)?)
}

/// An entry that may hold what no sealed one does.
#[derive(QueryableByName)]
struct Raw {
    #[diesel(sql_type = st::BigInt)]
    position: i64,
    #[diesel(sql_type = st::Nullable<st::Uuid>)]
    id: Option<Uuid>,
    #[diesel(sql_type = st::Nullable<st::Timestamptz>)]
    at: Option<PgTimestamp>,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    kind: Option<String>,
    #[diesel(sql_type = st::Nullable<st::Bool>)]
    is_event: Option<bool>,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    actor: Option<String>,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    client_id: Option<String>,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    agency: Option<String>,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    subject_kind: Option<String>,
    #[diesel(sql_type = st::Nullable<st::Uuid>)]
    subject_id: Option<Uuid>,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    data: Option<String>,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    request_id: Option<String>,
    #[diesel(sql_type = st::Nullable<st::Binary>)]
    chain: Option<Vec<u8>>,
}

/// A sealed entry with what its chain hash covers.
pub(in crate::journal) struct Sealed {
    pub position: i64,
    /// The name of the column that was tampered with, where it can no longer be an entry.
    pub entry: std::result::Result<Pending, &'static str>,
    /// Empty where there is none.
    pub chain: Vec<u8>,
}

impl From<Raw> for Sealed {
    fn from(mut raw: Raw) -> Self {
        let chain = raw.chain.take();
        Self {
            position: raw.position,
            entry: raw.entry(),
            chain: chain.unwrap_or_default(),
        }
    }
}

impl Raw {
    fn entry(self) -> std::result::Result<Pending, &'static str> {
        Ok(Pending {
            written: 0,
            id: self.id.ok_or("id")?,
            at: moment(self.at).ok_or("at")?,
            kind: self.kind.ok_or("type")?,
            is_event: self.is_event.ok_or("is_event")?,
            actor: self.actor.ok_or("actor")?,
            client_id: self.client_id.ok_or("client_id")?,
            agency: self.agency,
            subject_kind: self.subject_kind.ok_or("subject_kind")?,
            subject_id: self.subject_id,
            data: self.data.ok_or("data")?,
            request_id: self.request_id.ok_or("request_id")?,
        })
    }
}

/// Sealed entries after one position up to another, in order.
pub(in crate::journal) async fn sealed_after(
    conn: &mut Conn,
    position: i64,
    to: i64,
    limit: i64,
) -> Result<Vec<Sealed>> {
    let rows: Vec<Raw> = diesel::sql_query(
        "select position, id, at, type as kind, is_event, actor, client_id, agency, subject_kind, subject_id,
                data::text as data, request_id, chain
         from journal where position > $1 and position <= $2 order by position limit $3",
    )
    .bind::<st::BigInt, _>(position)
    .bind::<st::BigInt, _>(to)
    .bind::<st::BigInt, _>(limit)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(Sealed::from).collect())
}

#[derive(QueryableByName)]
struct Position {
    #[diesel(sql_type = st::BigInt)]
    position: i64,
    #[diesel(sql_type = st::BigInt)]
    count: i64,
}

/// The positions before 1 that entries stand at, and how many there are.
pub(in crate::journal) async fn before_the_first(
    conn: &mut Conn,
    limit: i64,
) -> Result<(Vec<i64>, i64)> {
    let rows: Vec<Position> = diesel::sql_query(
        "select position, count(*) over () as count from journal where position < 1
         order by position limit $1",
    )
    .bind::<st::BigInt, _>(limit)
    .load(conn)
    .await?;
    let count = rows.last().map_or(0, |row| row.count);
    Ok((rows.into_iter().map(|row| row.position).collect(), count))
}

/// How many committed entries wait for their number.
pub(in crate::journal) async fn count_pending(conn: &mut Conn) -> Result<i64> {
    Ok(journal_pending::table.count().get_result(conn).await?)
}

/// What stands beside the journal and follows from its entries.
#[derive(QueryableByName)]
pub(in crate::journal) struct Beside {
    /// Numbers that the register gave, one an entry `tip.received`.
    #[diesel(sql_type = st::BigInt)]
    pub numbered: i64,
    /// Such entries.
    #[diesel(sql_type = st::BigInt)]
    pub received: i64,
    /// Of the newest tips those whose entry is neither sealed nor waiting.
    #[diesel(sql_type = st::BigInt)]
    pub unrecorded: i64,
}

/// Looks at what stands beside the journal: counters, and of tips the newest so many.
pub(in crate::journal) async fn beside(conn: &mut Conn, newest: i64) -> Result<Beside> {
    Ok(diesel::sql_query(
        "select (select coalesce(sum(last), 0)::bigint from number_counters where name = 'register') as numbered,
                (select count(*) from journal where type = 'tip.received') as received,
                (select count(*) from (select id from tips order by id desc limit $1) t
                 where not exists (select from journal where subject_id = t.id and type = 'tip.received')
                   and not exists (select from journal_pending
                                   where subject_id = t.id and type = 'tip.received')) as unrecorded",
    )
    .bind::<st::BigInt, _>(newest)
    .get_result(conn)
    .await?)
}
