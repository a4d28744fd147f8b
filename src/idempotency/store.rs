//! SQL of the kept answers.

use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;

use super::Claim;
use crate::db::Conn;
use crate::db::schema::idempotency_keys as keys;
use crate::error::{Error, Result};

/// How long a request waits for the first one with its key (contract §1).
pub const PATIENCE: Duration = Duration::from_secs(5);

/// A kept answer, still sealed.
#[derive(Queryable)]
pub struct Stored {
    /// The key's id.
    pub id: Vec<u8>,
    /// Hash of the request that it answers.
    pub request_hash: Vec<u8>,
    /// The sealed answer.
    pub answer: Vec<u8>,
}

/// Takes the key for this transaction; `false` where it is taken already. Waits for a transaction that is
/// at it, up to [`PATIENCE`].
pub(super) async fn reserve(
    conn: &mut Conn,
    claim: &Claim,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<bool> {
    limit_waiting(conn, PATIENCE).await?;
    // Before the row: writers of tips look at the lock alone, and would wait at a row that is not committed.
    diesel::sql_query("select pg_advisory_xact_lock($1)")
        .bind::<st::BigInt, _>(claim.lock())
        .execute(conn)
        .await
        .map_err(still_running)?;
    let inserted = diesel::insert_into(keys::table)
        .values((
            keys::id.eq(claim.id.as_slice()),
            keys::request_hash.eq(claim.request_hash.as_slice()),
            keys::status.eq(200),
            keys::answer.eq([].as_slice()),
            keys::created_at.eq(now),
            keys::expires_at.eq(expires_at),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await
        .map_err(still_running)?;
    diesel::sql_query("set local lock_timeout = default")
        .execute(conn)
        .await?;
    Ok(inserted == 1)
}

#[derive(QueryableByName)]
struct Free {
    #[diesel(sql_type = st::Bool)]
    free: bool,
}

/// Whether nobody is at this key any more, and what was kept under it then. Waits for nobody. Askers share the lock: they
/// are in nobody's way but, for the moment of the question, a writer's.
pub async fn settled(conn: &mut Conn, claim: &Claim) -> Result<Option<Option<Stored>>> {
    crate::db::transaction(conn, async |conn| {
        let asked: Free = diesel::sql_query("select pg_try_advisory_xact_lock_shared($1) as free")
            .bind::<st::BigInt, _>(claim.lock())
            .get_result(conn)
            .await?;
        match asked.free {
            true => Ok(Some(find(conn, &claim.id).await?)),
            false => Ok(None),
        }
    })
    .await
}

/// Limits how long this transaction waits for another.
async fn limit_waiting(conn: &mut Conn, patience: Duration) -> Result<()> {
    // 0 would be no limit at all.
    let limit = patience.as_millis().max(1);
    diesel::sql_query(format!("set local lock_timeout = {limit}"))
        .execute(conn)
        .await?;
    Ok(())
}

fn still_running(error: diesel::result::Error) -> Error {
    match &error {
        diesel::result::Error::DatabaseError(_, info)
            if info.message().contains("lock timeout") =>
        {
            super::in_progress()
        }
        _ => error.into(),
    }
}

pub(super) async fn find(conn: &mut Conn, id: &[u8]) -> Result<Option<Stored>> {
    Ok(keys::table
        .select((keys::id, keys::request_hash, keys::answer))
        .filter(keys::id.eq(id))
        .first(conn)
        .await
        .optional()?)
}

pub(super) async fn forget(conn: &mut Conn, id: &[u8], before: DateTime<Utc>) -> Result<()> {
    let kept = keys::table.filter(keys::id.eq(id).and(keys::created_at.le(before)));
    diesel::delete(kept).execute(conn).await?;
    Ok(())
}

/// Kept answers of several keys.
pub async fn find_many(conn: &mut Conn, ids: &[Vec<u8>]) -> Result<Vec<Stored>> {
    Ok(diesel::QueryDsl::filter(
        keys::table.select((keys::id, keys::request_hash, keys::answer)),
        keys::id.eq_any(ids),
    )
    .load(conn)
    .await?)
}

pub(super) async fn complete(conn: &mut Conn, id: &[u8], status: u16, answer: &[u8]) -> Result<()> {
    diesel::update(keys::table.filter(keys::id.eq(id)))
        .set((
            keys::status.eq(i16::try_from(status).unwrap_or(200)),
            keys::answer.eq(answer),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Answers of one batch.
const BATCH: i32 = 5_000;
/// Batches of a round, a minute each: more than any rate of intake leaves behind.
const BATCHES: usize = 100;

/// Forgets answers past their time, batch by batch; returns how many.
pub async fn delete_expired(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    let mut gone = 0;
    for _ in 0..BATCHES {
        let deleted = diesel::sql_query(
            "delete from idempotency_keys where id in
                (select id from idempotency_keys where expires_at < $1
                 order by expires_at limit $2 for update skip locked)",
        )
        .bind::<st::Timestamptz, _>(now)
        .bind::<st::Integer, _>(BATCH)
        .execute(conn)
        .await?;
        gone += deleted;
        if i32::try_from(deleted).is_ok_and(|deleted| deleted < BATCH) {
            break;
        }
    }
    Ok(gone)
}
