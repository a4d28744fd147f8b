//! SQL that takes reports back: of a number that a reporter has since named as the own.

use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::Addition;
use crate::db::Conn;
use crate::error::Result;

#[derive(diesel::QueryableByName)]
struct Key {
    #[diesel(sql_type = st::Binary)]
    key: Vec<u8>,
}

/// The indicators that these additions took from their tips, once for each tip (trials left out, which were not
/// counted either).
pub async fn withdrawn(conn: &mut Conn, additions: &[Addition]) -> Result<Vec<Vec<u8>>> {
    let (tips, ids) = unzipped(additions);
    let rows: Vec<Key> = diesel::sql_query(
        "select e.withdrawn_key as key from tip_indicators e join tips t on t.id = e.tip_id and not t.test
         where e.tip_id = any($1) and e.withdrawn_by = any($2)
         group by e.tip_id, e.withdrawn_key",
    )
    .bind::<st::Array<st::Uuid>, _>(tips)
    .bind::<st::Array<st::Uuid>, _>(ids)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.key).collect())
}

/// Forgets which indicators these additions took from their tips.
pub async fn forget_withdrawn(conn: &mut Conn, additions: &[Addition]) -> Result<()> {
    let (tips, ids) = unzipped(additions);
    diesel::sql_query(
        "update tip_indicators set withdrawn_key = null, withdrawn_by = null
         where tip_id = any($1) and withdrawn_by = any($2)",
    )
    .bind::<st::Array<st::Uuid>, _>(tips)
    .bind::<st::Array<st::Uuid>, _>(ids)
    .execute(conn)
    .await?;
    Ok(())
}

/// Deletes the figures of indicators that nobody reports any more, and who was counted for them.
pub async fn delete_figures(conn: &mut Conn, keys: &[&[u8]]) -> Result<()> {
    for table in ["indicator_figures", "indicator_reporters"] {
        diesel::sql_query(format!("delete from {table} where key = any($1)"))
            .bind::<st::Array<st::Binary>, _>(keys)
            .execute(conn)
            .await?;
    }
    Ok(())
}

fn unzipped(additions: &[Addition]) -> (Vec<Uuid>, Vec<Uuid>) {
    additions.iter().map(|(tip, id, _)| (*tip, *id)).unzip()
}
