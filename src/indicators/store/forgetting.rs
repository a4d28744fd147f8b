//! SQL that forgets who was counted for an indicator: a hash by which a reporter or a device could be
//! known again ends with the identity or the tip that it came from.

use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::error::Result;

/// Forgets the reporters of these tips, unless another tip about the same indicator holds the same hash.
/// Comes before their blind indexes are deleted. The figures stay: a report once counted was made.
pub async fn forget_reporters(conn: &mut Conn, tips: &[Uuid]) -> Result<()> {
    diesel::sql_query(
        "with mine as (
            select distinct e.indicator_key as key, b.hash
            from reporter_blind_indexes b
            join tip_indicators e on e.tip_id = b.tip_id and e.indicator_key is not null
            where b.tip_id = any($1))
         delete from indicator_reporters r using mine m
         where r.key = m.key and r.reporter = sha256(convert_to('reporter ', 'UTF8') || m.hash)
           and not exists (
               select 1 from reporter_blind_indexes o
               join tip_indicators e on e.tip_id = o.tip_id and e.indicator_key = m.key
               where o.hash = m.hash and o.tip_id <> all($1))",
    )
    .bind::<st::Array<st::Uuid>, _>(tips)
    .execute(conn)
    .await?;
    Ok(())
}

/// The same for the devices that sent these tips, before the tips are deleted.
pub async fn forget_devices(conn: &mut Conn, tips: &[Uuid]) -> Result<()> {
    diesel::sql_query(
        "with mine as (
            select distinct e.indicator_key as key, t.device_id
            from tips t join tip_indicators e on e.tip_id = t.id and e.indicator_key is not null
            where t.id = any($1) and t.device_id is not null)
         delete from indicator_reporters r using mine m
         where r.key = m.key and r.reporter = sha256(convert_to('device ' || m.device_id, 'UTF8'))
           and not exists (
               select 1 from tip_indicators e join tips t on t.id = e.tip_id
               where e.indicator_key = m.key and t.device_id = m.device_id and t.id <> all($1))",
    )
    .bind::<st::Array<st::Uuid>, _>(tips)
    .execute(conn)
    .await?;
    Ok(())
}

/// Deletes those of these indicators that nothing speaks of any more.
pub async fn delete_unnamed(conn: &mut Conn, keys: &[Vec<u8>]) -> Result<()> {
    const NAMED_BY: [(&str, &str); 8] = [
        ("tip_indicators", "indicator_key"),
        ("indicator_figures", "key"),
        ("indicator_reporters", "key"),
        ("indicator_verdicts", "key"),
        ("indicator_public", "key"),
        ("indicator_appeals", "key"),
        ("referral_indicators", "indicator_key"),
        ("border_traces", "indicator_key"),
    ];
    let unnamed = NAMED_BY
        .map(|(table, key)| format!("not exists (select from {table} n where n.{key} = i.key)"))
        .join(" and ");
    diesel::sql_query(format!(
        "delete from indicators i where key = any($1) and {unnamed}"
    ))
    .bind::<st::Array<st::Binary>, _>(keys)
    .execute(conn)
    .await?;
    Ok(())
}
