//! SQL of what tips and cases tell, as far as a referral may carry it.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::db::Conn;
use crate::domain::transfers::Edge;
use crate::error::Result;

/// What a tip tells, as far as an agency may be let see it.
#[derive(Clone, Debug, QueryableByName)]
pub struct ToldRow {
    #[diesel(sql_type = st::Uuid)]
    pub id: Uuid,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    pub method: Option<String>,
    #[diesel(sql_type = st::Timestamptz)]
    pub received_at: DateTime<Utc>,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    pub narrative: Option<String>,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    pub raw_message: Option<String>,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    pub unit_code: Option<String>,
    #[diesel(sql_type = st::Nullable<st::Timestamptz>)]
    pub occurred_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    pub channel: Option<String>,
    #[diesel(sql_type = st::Jsonb)]
    pub details: Value,
}

/// What some tips tell; the officer's method goes before the reporter's.
pub async fn told(conn: &mut Conn, tips: &[Uuid]) -> Result<Vec<ToldRow>> {
    Ok(diesel::sql_query(
        "select t.id, coalesce(s.methods[1], t.method) as method, t.received_at, t.narrative, t.raw_message, t.unit_code, t.occurred_at,
                t.channel, t.details
         from tips t join tip_states s on s.tip_id = t.id where t.id = any($1)",
    )
    .bind::<st::Array<st::Uuid>, _>(tips)
    .load(conn)
    .await?)
}

/// What a case tells.
#[derive(Clone, Debug, QueryableByName)]
pub struct CaseRow {
    #[diesel(sql_type = st::Uuid)]
    pub id: Uuid,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    pub method: Option<String>,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    pub summary: Option<String>,
    #[diesel(sql_type = st::Array<st::Uuid>)]
    pub tips: Vec<Uuid>,
}

/// What some cases tell, each with at most 200 of its tips, or of those in these communes where such are given.
pub async fn cases(
    conn: &mut Conn,
    ids: &[Uuid],
    communes: Option<&[String]>,
) -> Result<Vec<CaseRow>> {
    Ok(diesel::sql_query(
        "select c.id, c.methods[1] as method, c.summary,
                array(select m.tip_id from case_members m
                      join tip_states s on s.tip_id = m.tip_id and s.restricted_at is null
                      where m.case_id = c.id and m.removed_at is null and ($2::text[] is null or s.unit_code = any($2))
                      order by m.added_at, m.tip_id limit 200) as tips
         from cases c where c.id = any($1)",
    )
    .bind::<st::Array<st::Uuid>, _>(ids)
    .bind::<st::Nullable<st::Array<st::Text>>, _>(communes)
    .load(conn)
    .await?)
}

#[derive(QueryableByName)]
struct EdgeRow {
    #[diesel(sql_type = st::Uuid)]
    tip_id: Uuid,
    #[diesel(sql_type = st::SmallInt)]
    ordinal: i16,
    #[diesel(sql_type = st::Text)]
    kind: String,
    #[diesel(sql_type = st::Binary)]
    key: Vec<u8>,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    role: Option<String>,
    #[diesel(sql_type = st::Bool)]
    onward: bool,
}

/// Indicators of some tips.
pub async fn edges(conn: &mut Conn, tips: &[Uuid]) -> Result<Vec<(Uuid, Edge)>> {
    let rows: Vec<EdgeRow> = diesel::sql_query(
        "select e.tip_id, e.ordinal, e.kind, e.indicator_key as key, e.role,
                exists (select 1 from referrals r where r.id = e.addition) as onward
         from tip_indicators e where e.tip_id = any($1) and e.indicator_key is not null
         order by e.tip_id, e.ordinal",
    )
    .bind::<st::Array<st::Uuid>, _>(tips)
    .load(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let edge = Edge {
                ordinal: row.ordinal,
                kind: row.kind,
                key: row.key,
                role: row.role,
                onward: row.onward,
            };
            (row.tip_id, edge)
        })
        .collect())
}

#[derive(QueryableByName)]
struct Sum {
    #[diesel(sql_type = st::BigInt)]
    sum: i64,
}

/// What a tip, or the tips of a case, report as lost, in đồng.
pub async fn reported_loss(conn: &mut Conn, tip: Option<Uuid>, case: Option<Uuid>) -> Result<i64> {
    let row: Sum = diesel::sql_query(
        "select least(coalesce(sum(loss_vnd), 0), 9223372036854775807)::bigint as sum from tips
         where id in (select $1 where $1 is not null union all
                      select tip_id from case_members where $1 is null and case_id = $2 and removed_at is null)",
    )
    .bind::<st::Nullable<st::Uuid>, _>(tip)
    .bind::<st::Nullable<st::Uuid>, _>(case)
    .get_result(conn)
    .await?;
    Ok(row.sum)
}

/// The tips that a case has.
pub async fn members(conn: &mut Conn, case: Uuid) -> Result<Vec<Uuid>> {
    use crate::db::schema::case_members as m;
    Ok(m::table
        .filter(m::case_id.eq(case).and(m::removed_at.is_null()))
        .select(m::tip_id)
        .load(conn)
        .await?)
}

/// Which of these indicators a tip in one of these communes names.
pub async fn named_within(
    conn: &mut Conn,
    keys: &[&[u8]],
    communes: &[String],
) -> Result<HashSet<Vec<u8>>> {
    use crate::db::schema::{tip_indicators as e, tip_states as s};
    let named: Vec<Vec<u8>> = e::table
        .inner_join(s::table.on(s::tip_id.eq(e::tip_id)))
        .filter(e::indicator_key.eq_any(keys))
        .filter(s::unit_code.eq_any(communes))
        .select(e::indicator_key.assume_not_null())
        .distinct()
        .load(conn)
        .await?;
    Ok(named.into_iter().collect())
}
