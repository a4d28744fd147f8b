//! SQL of the signed checkpoints.

use chrono::{DateTime, Utc};
use diesel::data_types::PgTimestamp;
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;

use super::sealed::moment;
use crate::db::Conn;
use crate::db::schema::journal_checkpoints;
use crate::error::Result;

pub(in crate::journal) async fn insert_checkpoint(
    conn: &mut Conn,
    number: i64,
    position: i64,
    at: DateTime<Utc>,
    chain: &[u8],
    signature: &str,
) -> Result<()> {
    use journal_checkpoints as c;
    diesel::insert_into(c::table)
        .values((
            c::number.eq(number),
            c::position.eq(position),
            c::at.eq(at),
            c::chain.eq(chain),
            c::signature.eq(signature),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// A checkpoint as it was signed.
#[derive(Clone, Debug, Queryable)]
pub struct Checkpoint {
    /// Counts the checkpoints.
    pub number: i64,
    /// The last entry it vouches for.
    pub position: i64,
    /// The signed statement, a compact JWS.
    pub signature: String,
}

/// The newest checkpoint.
pub async fn last_checkpoint(conn: &mut Conn) -> Result<Option<Checkpoint>> {
    checkpoint_before(conn, i64::MAX).await
}

/// The newest checkpoints that have a signature.
pub async fn newest_checkpoints(conn: &mut Conn, limit: i64) -> Result<Vec<Checkpoint>> {
    signed(conn, i64::MAX, limit).await
}

/// The newest checkpoint that vouches only for entries before a position.
pub(in crate::journal) async fn checkpoint_before(
    conn: &mut Conn,
    position: i64,
) -> Result<Option<Checkpoint>> {
    Ok(signed(conn, position, 1).await?.pop())
}

async fn signed(conn: &mut Conn, before: i64, limit: i64) -> Result<Vec<Checkpoint>> {
    use journal_checkpoints as c;
    Ok(c::table
        .select((c::number, c::position, c::signature))
        .filter(c::position.lt(before).and(c::position.ge(1)))
        // Rows that were tampered with are the verification's business.
        .filter(c::number.is_not_null().and(c::signature.is_not_null()))
        .order(c::position.desc())
        .limit(limit)
        .load(conn)
        .await?)
}

/// The greatest number of a checkpoint, 0 before the first.
pub(in crate::journal) async fn last_number(conn: &mut Conn) -> Result<i64> {
    use journal_checkpoints as c;
    let last: Option<i64> = c::table
        .select(diesel::dsl::max(c::number))
        .get_result(conn)
        .await?;
    Ok(last.unwrap_or(0))
}

/// The end of the pass that numbered a position.
pub(in crate::journal) async fn sealed_with(conn: &mut Conn, position: i64) -> Result<Option<i64>> {
    use journal_checkpoints as c;
    Ok(c::table
        .select(c::position)
        .filter(c::position.ge(position))
        .order(c::position)
        .first(conn)
        .await
        .optional()?)
}

/// A checkpoint beside the chain hash of the entry that it names, whatever was done to it.
#[derive(QueryableByName)]
struct Raw {
    #[diesel(sql_type = st::Nullable<st::BigInt>)]
    number: Option<i64>,
    #[diesel(sql_type = st::BigInt)]
    position: i64,
    #[diesel(sql_type = st::Nullable<st::Timestamptz>)]
    at: Option<PgTimestamp>,
    #[diesel(sql_type = st::Nullable<st::Binary>)]
    chain: Option<Vec<u8>>,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    signature: Option<String>,
    #[diesel(sql_type = st::Nullable<st::Binary>)]
    entry_chain: Option<Vec<u8>>,
}

/// The same, as far as it can be read.
pub(in crate::journal) struct CheckpointRow {
    pub number: Option<i64>,
    pub position: i64,
    pub at: Option<DateTime<Utc>>,
    pub chain: Option<Vec<u8>>,
    pub signature: Option<String>,
    /// The hash stored with the entry; none where there is no such entry.
    pub entry_chain: Option<Vec<u8>>,
}

/// Checkpoints after one position up to another, in order.
pub(in crate::journal) async fn checkpoints_after(
    conn: &mut Conn,
    position: i64,
    to: i64,
    limit: i64,
) -> Result<Vec<CheckpointRow>> {
    let rows: Vec<Raw> = diesel::sql_query(
        "select c.number, c.position, c.at, c.chain, c.signature,
                case when j.position is not null then coalesce(j.chain, '') end as entry_chain
         from journal_checkpoints c left join journal j on j.position = c.position
         where c.position > $1 and c.position <= $2 order by c.position limit $3",
    )
    .bind::<st::BigInt, _>(position)
    .bind::<st::BigInt, _>(to)
    .bind::<st::BigInt, _>(limit)
    .load(conn)
    .await?;
    let read = |raw: Raw| CheckpointRow {
        number: raw.number,
        position: raw.position,
        at: moment(raw.at),
        chain: raw.chain,
        signature: raw.signature,
        entry_chain: raw.entry_chain,
    };
    Ok(rows.into_iter().map(read).collect())
}
