//! SQL of the border register.

pub mod cleared;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{border_traces, border_words};
use crate::domain::crossing::{Trace, Ways};
use crate::error::Result;

/// Roles of what belongs to the trade. What has another belongs to whoever reports, to a victim or to a body that is
/// impersonated, or is said to be something that we do not know: none of it is listed.
const TRADE: [&str; 8] = [
    "contacted_me",
    "received_money",
    "sent_link",
    "hosted_content",
    "advertised",
    "recruited",
    "transported",
    "other",
];

/// Forgets the traces of some tips.
pub async fn forget(conn: &mut Conn, tips: &[Uuid]) -> Result<()> {
    diesel::delete(border_traces::table.filter(border_traces::tip_id.eq_any(tips)))
        .execute(conn)
        .await?;
    diesel::delete(border_words::table.filter(border_words::tip_id.eq_any(tips)))
        .execute(conn)
        .await?;
    Ok(())
}

/// Adds the indicators that tips name with such a method and that were not dismissed, taken back or sent elsewhere; what
/// an agency or company owns itself is left out, and what the tip calls somebody's own.
pub async fn add_traces(conn: &mut Conn, tips: &[Uuid], methods: &[String]) -> Result<()> {
    diesel::sql_query(
        "insert into border_traces (indicator_key, tip_id, role, method, channel, unit_code, received_at)
         select distinct on (e.indicator_key, t.id) e.indicator_key, t.id, e.role,
                coalesce((select m from unnest(s.methods) m where m = any($2) limit 1), t.method),
                t.channel, s.unit_code, t.received_at
         from tips t join tip_states s on s.tip_id = t.id
         join tip_indicators e on e.tip_id = t.id and e.indicator_key is not null
         where t.id = any($1) and not t.test and (t.method = any($2) or s.methods && $2)
           and s.status not in ('dismissed', 'withdrawn', 'transferred') and not exists (
            select 1 from tip_indicators own
            where own.tip_id = t.id and own.indicator_key = e.indicator_key and not coalesce(own.role = any($3), true))
           and not exists (
            select 1 from indicator_verdicts v
            where v.key = e.indicator_key and v.ended_at is null and not v.waits and v.verdict in ('official', 'cleared'))
         order by e.indicator_key, t.id, e.ordinal",
    )
    .bind::<st::Array<st::Uuid>, _>(tips)
    .bind::<st::Array<st::Text>, _>(methods)
    .bind::<st::Array<st::Text>, _>(TRADE.as_slice())
    .execute(conn)
    .await?;
    Ok(())
}

/// A tip about such a method, as far as its words are read.
#[derive(QueryableByName)]
struct ToldRow {
    #[diesel(sql_type = st::Uuid)]
    id: Uuid,
    #[diesel(sql_type = st::Array<st::Text>)]
    texts: Vec<String>,
    /// Plates that were sent as indicators.
    #[diesel(sql_type = st::Array<st::Text>)]
    vehicles: Vec<String>,
    #[diesel(sql_type = st::Text)]
    method: String,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    channel: Option<String>,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    unit_code: Option<String>,
    #[diesel(sql_type = st::Timestamptz)]
    received_at: DateTime<Utc>,
}

/// What tips speak of, in columns.
#[derive(Default)]
struct Words<'a> {
    traces: Vec<String>,
    tips: Vec<Uuid>,
    methods: Vec<&'a str>,
    channels: Vec<Option<&'a str>>,
    units: Vec<Option<&'a str>>,
    received: Vec<DateTime<Utc>>,
}

impl<'a> Words<'a> {
    fn add(&mut self, trace: String, tip: &'a ToldRow) {
        self.traces.push(trace);
        self.tips.push(tip.id);
        self.methods.push(&tip.method);
        self.channels.push(tip.channel.as_deref());
        self.units.push(tip.unit_code.as_deref());
        self.received.push(tip.received_at);
    }

    /// All of them in one statement: a pass has a thousand tips.
    async fn insert(&self, conn: &mut Conn) -> Result<()> {
        diesel::sql_query(
            "insert into border_words (trace, tip_id, method, channel, unit_code, received_at)
             select * from unnest($1, $2, $3, $4, $5, $6)",
        )
        .bind::<st::Array<st::Text>, _>(&self.traces)
        .bind::<st::Array<st::Uuid>, _>(&self.tips)
        .bind::<st::Array<st::Text>, _>(&self.methods)
        .bind::<st::Array<st::Nullable<st::Text>>, _>(&self.channels)
        .bind::<st::Array<st::Nullable<st::Text>>, _>(&self.units)
        .bind::<st::Array<st::Timestamptz>, _>(&self.received)
        .execute(conn)
        .await?;
        Ok(())
    }
}

/// Adds the vehicles, ways and lures that the same tips speak of.
pub async fn add_words(
    conn: &mut Conn,
    tips: &[Uuid],
    methods: &[String],
    ways: &Ways,
) -> Result<()> {
    let told: Vec<ToldRow> = diesel::sql_query(
        "select t.id, array_remove(array[t.narrative, t.raw_message], null) as texts,
                array(select e.raw from tip_indicators e
                      where e.tip_id = t.id and e.kind = 'vehicle' and e.raw is not null
                        and coalesce(e.role = any($3), true)) as vehicles,
                coalesce((select m from unnest(s.methods) m where m = any($2) limit 1), t.method) as method,
                t.channel, s.unit_code, t.received_at
         from tips t join tip_states s on s.tip_id = t.id
         where t.id = any($1) and not t.test and (t.method = any($2) or s.methods && $2)
           and s.status not in ('dismissed', 'withdrawn', 'transferred')",
    )
    .bind::<st::Array<st::Uuid>, _>(tips)
    .bind::<st::Array<st::Text>, _>(methods)
    .bind::<st::Array<st::Text>, _>(TRADE.as_slice())
    .load(conn)
    .await?;
    let mut words = Words::default();
    for tip in &told {
        let mut found: BTreeSet<_> = tip.texts.iter().flat_map(|text| ways.read(text)).collect();
        let sent = tip.vehicles.iter().filter_map(|text| Trace::vehicle(text));
        found.extend(sent);
        for trace in found {
            words.add(trace.key(), tip);
        }
    }
    words.insert(conn).await
}

/// In front of a query: leaves of all traces those of tips in these communes, given as this bind; none means all of them.
fn confined(bind: u8) -> String {
    let within = |table: &str| {
        format!(
            "{table} as (select b.* from {table} b where ${bind}::text[] is null or exists (
                select from tip_states s where s.tip_id = b.tip_id and s.unit_code = any(${bind})))"
        )
    };
    format!(
        "with {}, {} ",
        within("border_traces"),
        within("border_words")
    )
}

/// A broker, a means of transport, a way or a lure, as tips name it.
#[derive(Clone, Debug, QueryableByName)]
pub struct BrokerRow {
    #[diesel(sql_type = st::Binary)]
    pub key: Vec<u8>,
    /// An indicator's own, else one made of what the words say.
    #[diesel(sql_type = st::Uuid)]
    pub id: Uuid,
    /// Whether it is what the words of tips speak of, and no indicator.
    #[diesel(sql_type = st::Bool)]
    pub in_words: bool,
    #[diesel(sql_type = st::Text)]
    pub kind: String,
    /// What it is in this trade.
    #[diesel(sql_type = st::Text)]
    pub part: String,
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

/// What of the register is asked for.
#[derive(Default)]
pub struct Wanted<'a> {
    /// What had this role; what words speak of has none.
    pub role: Option<&'a str>,
    /// Of this kind.
    pub kind: Option<&'a str>,
    /// With this part in the trade.
    pub part: Option<&'a str>,
    /// With one of these keys.
    pub keys: Option<Vec<Vec<u8>>>,
}

/// One page of the register, last reported first, what words speak of only where no role is asked for, and one row more
/// where there is more. Of several roles the one counts that says most.
pub async fn brokers(
    conn: &mut Conn,
    wanted: &Wanted<'_>,
    communes: Option<&[String]>,
    after: Option<(DateTime<Utc>, Uuid)>,
    limit: i64,
) -> Result<Vec<BrokerRow>> {
    let (at, id) = after.unzip();
    Ok(diesel::sql_query([confined(5).as_str(),
        "select * from (
            select i.key, i.id, false as in_words, i.kind,
                   case when 'recruited' = any(b.roles) then 'broker' when 'transported' = any(b.roles) then 'transport'
                        when b.roles && '{advertised,sent_link,hosted_content}' then 'lure'
                        when 'received_money' = any(b.roles) then 'money' else 'contact' end as part,
                   i.value, i.display, b.tips, b.roles, b.methods, b.channels, b.first_reported, b.last_reported
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
            where not exists (select from indicator_verdicts v
                              where v.key = i.key and v.ended_at is null and not v.waits
                                and v.verdict in ('cleared', 'official'))
            union all
            select convert_to(trace, 'UTF8'), md5(trace)::uuid, true,
                   case split_part(trace, ':', 1) when 'transport' then 'vehicle' else split_part(trace, ':', 1) end,
                   split_part(trace, ':', 1), split_part(trace, ':', 2), '', count(*), '{}', array_agg(distinct method),
                   coalesce(array_agg(distinct channel) filter (where channel is not null), '{}'),
                   min(received_at), max(received_at)
            from border_words b where $1::text is null and not exists (
                 select from tip_states s where s.tip_id = b.tip_id and s.restricted_at is not null)
            group by trace) all_of_them
         where ($2::timestamptz is null or (last_reported, id) < ($2, $3))
           and ($6::text is null or kind = $6) and ($7::text is null or part = $7)
           and ($8::bytea[] is null or key = any($8))
         order by last_reported desc, id desc limit $4"].concat(),
    )
    .bind::<st::Nullable<st::Text>, _>(wanted.role)
    .bind::<st::Nullable<st::Timestamptz>, _>(at)
    .bind::<st::Nullable<st::Uuid>, _>(id)
    .bind::<st::BigInt, _>(limit + 1)
    .bind::<st::Nullable<st::Array<st::Text>>, _>(communes)
    .bind::<st::Nullable<st::Text>, _>(wanted.kind)
    .bind::<st::Nullable<st::Text>, _>(wanted.part)
    .bind::<st::Nullable<st::Array<st::Binary>>, _>(wanted.keys.as_deref())
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

/// Where some of them were reported, by commune.
pub async fn units(
    conn: &mut Conn,
    rows: &[BrokerRow],
    communes: Option<&[String]>,
) -> Result<Vec<UnitRow>> {
    let (words, indicators): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.in_words);
    let keys: Vec<&[u8]> = indicators.iter().map(|row| row.key.as_slice()).collect();
    // As text, as their index has them.
    let traces = words.iter().map(|row| String::from_utf8_lossy(&row.key));
    let traces: Vec<String> = traces.map(std::borrow::Cow::into_owned).collect();
    Ok(diesel::sql_query([confined(3).as_str(),
        "select key, unit_code, count(*) as tips from (
            select indicator_key as key, unit_code, tip_id from border_traces where indicator_key = any($1)
            union all
            select convert_to(trace, 'UTF8'), unit_code, tip_id from border_words where trace = any($2)) b
         where unit_code is not null and not exists (
            select from tip_states s where s.tip_id = b.tip_id and s.restricted_at is not null)
         group by 1, 2 order by 1, 3 desc, 2"].concat(),
    )
    .bind::<st::Array<st::Binary>, _>(keys)
    .bind::<st::Array<st::Text>, _>(traces)
    .bind::<st::Nullable<st::Array<st::Text>>, _>(communes)
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
    communes: Option<&[String]>,
) -> Result<Vec<CountRow>> {
    Ok(diesel::sql_query([confined(3).as_str(),
        "select to_char(received_at at time zone 'Asia/Ho_Chi_Minh', 'YYYY-MM') as month, unit_code,
                count(distinct tip_id) as tips
         from (select tip_id, unit_code, received_at from border_traces
               union all select tip_id, unit_code, received_at from border_words) b where received_at >= $1 and received_at < $2 and not exists (
            select from tip_states s where s.tip_id = b.tip_id and s.restricted_at is not null)
         group by 1, 2 order by 1 desc, 2"].concat(),
    )
    .bind::<st::Timestamptz, _>(from)
    .bind::<st::Timestamptz, _>(to)
    .bind::<st::Nullable<st::Array<st::Text>>, _>(communes)
    .load(conn)
    .await?)
}
