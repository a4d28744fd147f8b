//! SQL of duplicates: which tip repeats which.

use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::Id;
use crate::db::Conn;
use crate::error::Result;

/// Until the transaction ends nobody else makes a tip the duplicate of another.
pub async fn lock_repeats(conn: &mut Conn) -> Result<()> {
    diesel::sql_query("select pg_advisory_xact_lock(hashtextextended('tip duplicates', 0))")
        .execute(conn)
        .await?;
    Ok(())
}

/// Which tip that `other` repeats, itself included, through any number of others, is a duplicate of `tip`.
pub async fn repeats_through(conn: &mut Conn, tip: Uuid, other: Uuid) -> Result<Option<Uuid>> {
    let rows: Vec<Id> = diesel::sql_query(
        "with recursive chain (id) as (
            select $2
            union
            select d.duplicate_of from chain c
            cross join lateral (
                select duplicate_of from tip_decisions
                where tip_id = c.id and undone_at is null order by decided_at desc, id desc limit 1) d
            where c.id <> $1 and d.duplicate_of is not null
              and exists (select from tip_states s where s.tip_id = c.id and s.status = 'duplicate'))
         select c.id from chain c
         cross join lateral (
            select duplicate_of from tip_decisions
            where tip_id = c.id and undone_at is null order by decided_at desc, id desc limit 1) d
         where c.id <> $1 and d.duplicate_of = $1
           and exists (select from tip_states s where s.tip_id = c.id and s.status = 'duplicate')
         limit 1",
    )
    .bind::<st::Uuid, _>(tip)
    .bind::<st::Uuid, _>(other)
    .load(conn)
    .await?;
    Ok(rows.into_iter().next().map(|row| row.id))
}
