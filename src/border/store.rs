//! SQL of the border register.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::border_traces;
use crate::error::Result;

/// Brings the traces of some tips up to date: those with such a method that were not dismissed, taken
/// back or sent elsewhere; indicators that an agency or company owns itself are left out.
pub async fn replace_traces(conn: &mut Conn, tips: &[Uuid], methods: &[String]) -> Result<()> {
    diesel::delete(border_traces::table.filter(border_traces::tip_id.eq_any(tips)))
        .execute(conn)
        .await?;
    diesel::sql_query(
        "insert into border_traces (indicator_key, tip_id, role, method, channel, unit_code, received_at)
         select distinct on (e.indicator_key, t.id) e.indicator_key, t.id, e.role,
                coalesce((select m from unnest(s.methods) m where m = any($2) limit 1), t.method),
                t.channel, s.unit_code, t.received_at
         from tips t join tip_states s on s.tip_id = t.id
         join tip_indicators e on e.tip_id = t.id and e.indicator_key is not null
         where t.id = any($1) and not t.test and (t.method = any($2) or s.methods && $2)
           and s.status not in ('dismissed', 'withdrawn', 'transferred') and not exists (
            select 1 from indicator_verdicts v
            where v.key = e.indicator_key and v.ended_at is null and not v.waits and v.verdict in ('official', 'cleared'))
         order by e.indicator_key, t.id, e.ordinal",
    )
    .bind::<st::Array<st::Uuid>, _>(tips)
    .bind::<st::Array<st::Text>, _>(methods)
    .execute(conn)
    .await?;
    Ok(())
}

/// A broker, a means of transport or a lure, as tips name it.
#[derive(Clone, Debug, QueryableByName)]
pub struct BrokerRow {
    #[diesel(sql_type = st::Binary)]
    pub key: Vec<u8>,
    #[diesel(sql_type = st::Uuid)]
    pub id: Uuid,
    #[diesel(sql_type = st::Text)]
    pub kind: String,
    #[diesel(sql_type = st::Text)]
    pub value: String,
    #[diesel(sql_type = st::Text)]
    pub display: String,
    #[diesel(sql_type = st::BigInt)]
    pub tips: i64,
    #[diesel(sql_type = st::Array<st::Text>)]
    pub roles: Vec<String>,
    #[diesel(sql_type = st::Array<st::Text>)]
    pub methods: Vec<String>,
    #[diesel(sql_type = st::Array<st::Text>)]
    pub channels: Vec<String>,
    #[diesel(sql_type = st::Timestamptz)]
    pub first_reported: DateTime<Utc>,
    #[diesel(sql_type = st::Timestamptz)]
    pub last_reported: DateTime<Utc>,
}

/// One page of the register, last reported first, and one row more where there is more.
pub async fn brokers(
    conn: &mut Conn,
    role: Option<&str>,
    after: Option<(DateTime<Utc>, Uuid)>,
    limit: i64,
) -> Result<Vec<BrokerRow>> {
    let (at, id) = after.unzip();
    Ok(diesel::sql_query(
        "select i.key, i.id, i.kind, i.value, i.display, b.tips, b.roles, b.methods, b.channels,
                b.first_reported, b.last_reported
         from (select indicator_key, count(*) as tips, min(received_at) as first_reported,
                      max(received_at) as last_reported,
                      coalesce(array_agg(distinct role) filter (where role is not null), '{}') as roles,
                      array_agg(distinct method) as methods,
                      coalesce(array_agg(distinct channel) filter (where channel is not null), '{}') as channels
               from border_traces b where not exists (
                    select from tip_states s where s.tip_id = b.tip_id and s.restricted_at is not null)
               group by indicator_key
               having $1::text is null or bool_or(role = $1)) b
         join indicators i on i.key = b.indicator_key
         where ($2::timestamptz is null or (b.last_reported, i.id) < ($2, $3))
           and not exists (select from indicator_verdicts v
                           where v.key = i.key and v.ended_at is null and not v.waits
                             and v.verdict in ('cleared', 'official'))
         order by b.last_reported desc, i.id desc limit $4",
    )
    .bind::<st::Nullable<st::Text>, _>(role)
    .bind::<st::Nullable<st::Timestamptz>, _>(at)
    .bind::<st::Nullable<st::Uuid>, _>(id)
    .bind::<st::BigInt, _>(limit + 1)
    .load(conn)
    .await?)
}

/// Tips of one indicator by commune.
#[derive(Clone, Debug, QueryableByName)]
pub struct UnitRow {
    #[diesel(sql_type = st::Binary)]
    pub key: Vec<u8>,
    #[diesel(sql_type = st::Text)]
    pub unit_code: String,
    #[diesel(sql_type = st::BigInt)]
    pub tips: i64,
}

/// Where some indicators were reported, by commune.
pub async fn units(conn: &mut Conn, keys: &[Vec<u8>]) -> Result<Vec<UnitRow>> {
    Ok(diesel::sql_query(
        "select indicator_key as key, unit_code, count(*) as tips from border_traces b
         where indicator_key = any($1) and unit_code is not null and not exists (
            select from tip_states s where s.tip_id = b.tip_id and s.restricted_at is not null)
         group by 1, 2 order by 1, 3 desc, 2",
    )
    .bind::<st::Array<st::Binary>, _>(keys)
    .load(conn)
    .await?)
}

/// Tips of a month and commune.
#[derive(Clone, Debug, QueryableByName)]
pub struct CountRow {
    #[diesel(sql_type = st::Text)]
    pub month: String,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    pub unit_code: Option<String>,
    #[diesel(sql_type = st::BigInt)]
    pub tips: i64,
}

/// Tips by month of Asia/Ho_Chi_Minh and commune.
pub async fn counts(
    conn: &mut Conn,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<CountRow>> {
    Ok(diesel::sql_query(
        "select to_char(received_at at time zone 'Asia/Ho_Chi_Minh', 'YYYY-MM') as month, unit_code,
                count(distinct tip_id) as tips
         from border_traces b where received_at >= $1 and received_at < $2 and not exists (
            select from tip_states s where s.tip_id = b.tip_id and s.restricted_at is not null)
         group by 1, 2 order by 1 desc, 2",
    )
    .bind::<st::Timestamptz, _>(from)
    .bind::<st::Timestamptz, _>(to)
    .load(conn)
    .await?)
}
