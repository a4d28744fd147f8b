//! SQL of key rotation, of whatever table. The names are constants of the code.

use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::Sealed;
use crate::db::Conn;
use crate::error::Result;
use crate::keys::Wrapped;

/// A data key as it is stored.
#[derive(QueryableByName)]
pub struct WrappedRow {
    #[diesel(sql_type = st::Uuid)]
    pub id: Uuid,
    #[diesel(sql_type = st::Text)]
    pub key_id: String,
    #[diesel(sql_type = st::Binary)]
    pub wrapped_key: Vec<u8>,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = st::BigInt)]
    count: i64,
}

/// Locks data keys that another key than `current` wrapped, in the order of their rows; what somebody works on is left
/// alone.
pub async fn wrapped_otherwise(
    conn: &mut Conn,
    sealed: Sealed,
    (current, after): (&str, Uuid),
    limit: i64,
) -> Result<Vec<WrappedRow>> {
    let Sealed {
        table,
        id,
        key_id,
        wrapped_key,
    } = sealed;
    let sql = format!(
        "select {id} as id, {key_id} as key_id, {wrapped_key} as wrapped_key from {table}
         where {key_id} <> $1 and {wrapped_key} is not null and {id} > $2
         order by {id} limit $3 for update skip locked"
    );
    Ok(diesel::sql_query(sql)
        .bind::<st::Text, _>(current)
        .bind::<st::Uuid, _>(after)
        .bind::<st::BigInt, _>(limit)
        .load(conn)
        .await?)
}

/// How many data keys another key than `current` wraps, those included that somebody works on.
pub async fn count_otherwise(conn: &mut Conn, sealed: Sealed, current: &str) -> Result<i64> {
    let Sealed {
        table,
        key_id,
        wrapped_key,
        ..
    } = sealed;
    let sql = format!(
        "select count(*) as count from {table} where {key_id} <> $1 and {wrapped_key} is not null"
    );
    let count: Count = diesel::sql_query(sql)
        .bind::<st::Text, _>(current)
        .get_result(conn)
        .await?;
    Ok(count.count)
}

/// Writes a key that was wrapped anew.
pub async fn set_wrapped(conn: &mut Conn, sealed: Sealed, row: Uuid, key: &Wrapped) -> Result<()> {
    let Sealed {
        table,
        id,
        key_id,
        wrapped_key,
    } = sealed;
    let sql = format!("update {table} set {key_id} = $1, {wrapped_key} = $2 where {id} = $3");
    diesel::sql_query(sql)
        .bind::<st::Text, _>(&key.key_id)
        .bind::<st::Binary, _>(&key.bytes)
        .bind::<st::Uuid, _>(row)
        .execute(conn)
        .await?;
    Ok(())
}
