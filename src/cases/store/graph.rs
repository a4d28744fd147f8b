//! SQL of edges from tips to indicators.

use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
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

/// Edges from some tips to indicators.
pub async fn edges(conn: &mut Conn, tips: &[Uuid], limit: i64) -> Result<Vec<EdgeRow>> {
    Ok(diesel::sql_query(
        "select e.tip_id, i.id as indicator_id, i.kind, i.value, e.role
         from tip_indicators e join indicators i on i.key = e.indicator_key
         where e.tip_id = any($1) order by e.tip_id, e.ordinal limit $2",
    )
    .bind::<st::Array<st::Uuid>, _>(tips)
    .bind::<st::BigInt, _>(limit)
    .load(conn)
    .await?)
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
