//! SQL of edges from tips to indicators.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{indicator_figures as f, indicators as i, tip_indicators as e};
use crate::error::Result;
use crate::tips::Visibility;

/// An edge of the graph.
#[derive(QueryableByName, Clone, Debug)]
pub struct EdgeRow {
    #[diesel(sql_type = st::Uuid)]
    pub tip_id: Uuid,
    #[diesel(sql_type = st::Uuid)]
    pub indicator_id: Uuid,
    #[diesel(sql_type = st::Text)]
    pub kind: String,
    #[diesel(sql_type = st::Text)]
    pub value: String,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    pub role: Option<String>,
}

/// The first edges from some tips to indicators, and how many there are.
pub async fn edges(conn: &mut Conn, tips: &[Uuid], limit: i64) -> Result<(Vec<EdgeRow>, i64)> {
    let all = e::table
        .filter(e::tip_id.eq_any(tips).and(e::indicator_key.is_not_null()))
        .count()
        .get_result(conn)
        .await?;
    let edges = diesel::sql_query(
        "select e.tip_id, i.id as indicator_id, i.kind, i.value, e.role
         from tip_indicators e join indicators i on i.key = e.indicator_key
         where e.tip_id = any($1) order by e.tip_id, e.ordinal limit $2",
    )
    .bind::<st::Array<st::Uuid>, _>(tips)
    .bind::<st::BigInt, _>(limit)
    .load(conn)
    .await?;
    Ok((edges, all))
}

/// Open tips of a desk (or all) with their indicators, the most urgent first: what suggestions are drawn from. Of each
/// indicator at most `each` edges; official ones and senders of SMS, which anybody can put on, are left out.
pub async fn open_edges(
    conn: &mut Conn,
    visible: &Visibility,
    tips: i64,
    each: i64,
) -> Result<Vec<EdgeRow>> {
    Ok(diesel::sql_query(
        "select tip_id, indicator_id, kind, value, role
         from (select e.tip_id, i.id as indicator_id, i.kind, i.value, e.role,
                      row_number() over (partition by i.key order by t.score desc, t.tip_id) as n
               from (select tip_id, score from tip_states
                     where status in ('received', 'claimed', 'info_requested') and not test
                       and ($3::text is null or desk = $3) and ($4::text[] is null or unit_code = any($4))
                     order by score desc, tip_id limit $1) t
               join tip_indicators e on e.tip_id = t.tip_id
               join indicators i on i.key = e.indicator_key
               where i.kind <> 'sms_sender'
                 and not exists (select from indicator_verdicts v
                                 where v.key = i.key and v.ended_at is null and v.verdict = 'official')) all_edges
         where n <= $2",
    )
    .bind::<st::BigInt, _>(tips)
    .bind::<st::BigInt, _>(each)
    .bind::<st::Nullable<st::Text>, _>(visible.desk())
    .bind::<st::Nullable<st::Array<st::Text>>, _>(visible.units())
    .load(conn)
    .await?)
}

/// By how many tips these indicators are named, as far as they are counted.
pub async fn named_by(conn: &mut Conn, ids: Vec<Uuid>) -> Result<HashMap<Uuid, i32>> {
    let rows: Vec<(Uuid, i32)> = f::table
        .inner_join(i::table)
        .filter(i::id.eq_any(ids))
        .select((i::id, f::tips))
        .load(conn)
        .await?;
    Ok(rows.into_iter().collect())
}
