//! SQL of the signed checkpoints.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;

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

/// A signed checkpoint.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = journal_checkpoints, check_for_backend(diesel::pg::Pg))]
pub struct Checkpoint {
    /// Counts the checkpoints.
    pub number: i64,
    /// The last entry it vouches for.
    pub position: i64,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// The signed statement, a compact JWS.
    pub signature: String,
}

/// The newest checkpoint.
pub async fn last_checkpoint(conn: &mut Conn) -> Result<Option<Checkpoint>> {
    checkpoint_before(conn, i64::MAX).await
}

/// The newest checkpoint that vouches only for entries before a position.
pub(in crate::journal) async fn checkpoint_before(
    conn: &mut Conn,
    position: i64,
) -> Result<Option<Checkpoint>> {
    use journal_checkpoints as c;
    Ok(c::table
        .select(Checkpoint::as_select())
        .filter(c::position.lt(position))
        .order(c::position.desc())
        .first(conn)
        .await
        .optional()?)
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

/// A checkpoint beside the chain hash of the entry that it names.
#[derive(QueryableByName)]
pub(in crate::journal) struct CheckpointRow {
    #[diesel(sql_type = st::BigInt)]
    pub number: i64,
    #[diesel(sql_type = st::BigInt)]
    pub position: i64,
    #[diesel(sql_type = st::Binary)]
    pub chain: Vec<u8>,
    #[diesel(sql_type = st::Text)]
    pub signature: String,
    #[diesel(sql_type = st::Nullable<st::Binary>)]
    pub entry_chain: Option<Vec<u8>>,
}

/// Checkpoints after one position up to another, in order.
pub(in crate::journal) async fn checkpoints_after(
    conn: &mut Conn,
    position: i64,
    to: i64,
    limit: i64,
) -> Result<Vec<CheckpointRow>> {
    Ok(diesel::sql_query(
        "select c.number, c.position, c.chain, c.signature, j.chain as entry_chain
         from journal_checkpoints c left join journal j on j.position = c.position
         where c.position > $1 and c.position <= $2 order by c.position limit $3",
    )
    .bind::<st::BigInt, _>(position)
    .bind::<st::BigInt, _>(to)
    .bind::<st::BigInt, _>(limit)
    .load(conn)
    .await?)
}
