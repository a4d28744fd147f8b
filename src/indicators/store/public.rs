//! SQL of what the public may learn: the check, the feeds and the exchange read it.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::Stream;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{indicator_public as p, indicators as i};
use crate::error::Result;

/// What the public may learn of one.
#[derive(Clone, HasQuery, Insertable, AsChangeset, PartialEq)]
#[diesel(table_name = p, check_for_backend(diesel::pg::Pg))]
#[diesel(treat_none_as_null = true)]
#[expect(missing_docs, reason = "the migrations tell of the columns")]
pub struct PublicRow {
    pub key: Vec<u8>,
    pub kind: String,
    pub value: String,
    pub verdict: Option<String>,
    pub reports: i32,
    pub methods: Vec<Option<String>>,
    pub last_reported: Option<NaiveDate>,
    pub was_confirmed: bool,
    pub position: i64,
    pub changed_at: DateTime<Utc>,
    pub confirmed_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
    pub cleared: bool,
}

/// Public rows of some keys.
pub async fn public_rows(conn: &mut Conn, keys: &[Vec<u8>]) -> Result<Vec<PublicRow>> {
    Ok(PublicRow::query()
        .filter(p::key.eq_any(keys))
        .load(conn)
        .await?)
}

/// Ids, kinds and values of what the public is warned of among the kinds that may stand on another value.
pub async fn warned_of(conn: &mut Conn, kinds: &[&str]) -> Result<Vec<(Uuid, String, String)>> {
    let warnings = ["confirmed_scam", "suspected", "reported"];
    Ok(p::table
        .inner_join(i::table.on(i::key.eq(p::key)))
        .filter(p::kind.eq_any(kinds))
        .filter(p::verdict.eq_any(warnings))
        .select((i::id, p::kind, p::value))
        .load(conn)
        .await?)
}

/// Writes a public row.
pub async fn save_public(conn: &mut Conn, row: &PublicRow) -> Result<()> {
    diesel::insert_into(p::table)
        .values(row)
        .on_conflict(p::key)
        .do_update()
        .set(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// Beyond every key of a position.
pub const LAST_KEY: &[u8] = &[0xff; 33];

/// What the check tells of an indicator.
#[derive(HasQuery)]
#[diesel(table_name = p, check_for_backend(diesel::pg::Pg))]
pub struct Published {
    pub key: Vec<u8>,
    pub kind: String,
    pub value: String,
    /// Nothing may be said of it any more where there is none.
    pub verdict: Option<String>,
    pub reports: i32,
    pub methods: Vec<Option<String>>,
    pub last_reported: Option<NaiveDate>,
    /// An officer cleared it.
    pub cleared: bool,
    pub position: i64,
}

/// The position at which anything changed last, 0 where there is nothing, and the number of rows.
pub async fn published_extent(conn: &mut Conn) -> Result<(i64, i64)> {
    let (last, count): (Option<i64>, i64) = p::table
        .select((diesel::dsl::max(p::position), diesel::dsl::count_star()))
        .first(conn)
        .await?;
    Ok((last.unwrap_or(0), count))
}

/// What the check tells, in the order of keys, row by row as Postgres sorts it. No index has the order
/// asked for: along the one of keys, every row would be a block of the table read by itself, which for two
/// million rows took 13 s where sorting takes 2.4.
pub async fn published_by_key(
    conn: &mut Conn,
) -> Result<impl Stream<Item = QueryResult<Published>>> {
    let sorted = Published::query().order(p::key.concat(b"".as_slice()));
    Ok(sorted.load_stream(conn).await?)
}

/// What changed after a position, in that order. Many can share a position: a page that ends among
/// them goes on after the last one's key.
pub async fn published_after(
    conn: &mut Conn,
    position: i64,
    key: &[u8],
    limit: i64,
) -> Result<Vec<Published>> {
    let rest = p::position.eq(position).and(p::key.gt(key));
    Ok(Published::query()
        .filter(p::position.gt(position).or(rest))
        .order((p::position, p::key))
        .limit(limit)
        .load(conn)
        .await?)
}

/// What stands or stood in the feeds and changed after a position, as [`published_after`] pages it.
pub async fn fed_after(
    conn: &mut Conn,
    position: i64,
    key: &[u8],
    limit: i64,
) -> Result<Vec<PublicRow>> {
    let rest = p::position.eq(position).and(p::key.gt(key));
    Ok(PublicRow::query()
        .filter(p::was_confirmed)
        .filter(p::position.gt(position).or(rest))
        .order((p::position, p::key))
        .limit(limit)
        .load(conn)
        .await?)
}

/// Rows that stand in the feeds or stood there, in the order of their changes, from a place on: the
/// row at the place itself comes first.
pub async fn feed_from(
    conn: &mut Conn,
    (changed_at, key): (DateTime<Utc>, &[u8]),
    limit: i64,
) -> Result<Vec<PublicRow>> {
    let rest = p::changed_at.eq(changed_at).and(p::key.ge(key));
    Ok(PublicRow::query()
        .filter(p::was_confirmed)
        .filter(p::changed_at.gt(changed_at).or(rest))
        .order((p::changed_at, p::key))
        .limit(limit)
        .load(conn)
        .await?)
}

/// The position at which the feeds changed last; 0 where they are empty.
pub async fn feed_position(conn: &mut Conn) -> Result<i64> {
    Ok(p::table
        .select(p::position)
        .filter(p::was_confirmed)
        .order(p::position.desc())
        .first(conn)
        .await
        .optional()?
        .unwrap_or(0))
}

/// What lies between the times of two changes: each of the objects that follow from one has a microsecond of its own.
pub const OF_ONE_CHANGE: TimeDelta = TimeDelta::microseconds(4);

/// A time for what changes now: later than all before it, whatever the clocks of the replicas say.
pub async fn next_change(conn: &mut Conn, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    let last: Option<DateTime<Utc>> = p::table
        .select(diesel::dsl::max(p::changed_at))
        .first(conn)
        .await?;
    Ok(last.map_or(now, |last| now.max(last + OF_ONE_CHANGE)))
}
