//! SQL that takes reports back: of a number that a reporter has since named as the own.

use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Addition, LOST};
use crate::db::Conn;
use crate::error::Result;

/// A report that was taken back.
#[derive(diesel::QueryableByName)]
pub struct Withdrawn {
    #[diesel(sql_type = st::Binary)]
    pub key: Vec<u8>,
    /// What its tip lost by the indicator, as the tip says now.
    #[diesel(sql_type = st::BigInt)]
    pub loss_vnd: i64,
}

/// The reports that these additions took back, once for each tip and indicator (trials left out, which were not
/// counted either).
pub async fn withdrawn(conn: &mut Conn, additions: &[Addition]) -> Result<Vec<Withdrawn>> {
    let (tips, ids) = unzipped(additions);
    Ok(diesel::sql_query(format!(
        "select distinct on (e.tip_id, e.withdrawn_key) e.withdrawn_key as key, {LOST} as loss_vnd
         from tip_indicators e join tips t on t.id = e.tip_id and not t.test
         where e.tip_id = any($1) and e.withdrawn_by = any($2) and e.withdrawn_key is not null
         order by e.tip_id, e.withdrawn_key, e.ordinal"
    ))
    .bind::<st::Array<st::Uuid>, _>(tips)
    .bind::<st::Array<st::Uuid>, _>(ids)
    .load(conn)
    .await?)
}

/// The tips that still name an indicator, and their methods.
#[derive(diesel::QueryableByName)]
pub struct Left {
    #[diesel(sql_type = st::Binary)]
    pub key: Vec<u8>,
    #[diesel(sql_type = st::BigInt)]
    pub tips: i64,
    #[diesel(sql_type = st::Array<st::Text>)]
    pub methods: Vec<String>,
}

/// What is left of these indicators' tips.
pub async fn left(conn: &mut Conn, keys: &[Vec<u8>]) -> Result<Vec<Left>> {
    Ok(diesel::sql_query(
        "select e.indicator_key as key, count(distinct t.id) as tips,
                array_remove(array_agg(distinct s.method), null) as methods
         from tip_indicators e join tips t on t.id = e.tip_id and not t.test join tip_states s on s.tip_id = t.id
         where e.indicator_key = any($1) and e.role is distinct from 'own_account'
         group by e.indicator_key",
    )
    .bind::<st::Array<st::Binary>, _>(keys)
    .load(conn)
    .await?)
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
