//! SQL of indicators, their figures, verdicts and public face.

mod appeals;
mod forgetting;
mod listing;
mod measures;
mod public;
mod verdicts;
mod withdrawing;

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::auth::Principal;
use crate::db::Conn;
use crate::db::schema::{indicator_figures as f, indicators as i};
use crate::error::{Error, Result};

pub use appeals::{
    AppealRow, appeal_of, appeals, ensure_contested, insert_appeal, lock_appeal, save_appeal,
};
pub use forgetting::{delete_unnamed, forget_devices, forget_reporters};
pub use listing::{Wanted, page};
pub use measures::{MeasureRow, measures};
pub use public::*;
pub use verdicts::*;
pub use withdrawing::{delete_figures, forget_withdrawn, left, withdrawn};

/// An indicator.
#[derive(Clone, HasQuery)]
#[diesel(table_name = i, check_for_backend(diesel::pg::Pg))]
pub struct IndicatorRow {
    pub key: Vec<u8>,
    pub id: Uuid,
    pub kind: String,
    pub value: String,
    pub display: String,
    pub attributes: Value,
    pub first_seen: DateTime<Utc>,
}

/// Its figures.
#[derive(Clone, HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = f, check_for_backend(diesel::pg::Pg))]
pub struct FigureRow {
    pub key: Vec<u8>,
    pub tips: i32,
    pub independent: i32,
    pub last_counted_at: Option<DateTime<Utc>>,
    pub loss_vnd: i64,
    pub first_reported: DateTime<Utc>,
    pub last_reported: DateTime<Utc>,
    pub methods: Vec<Option<String>>,
}

/// The indicators that a bearer may know of: the police all; whoever is confined to a desk or communes,
/// those that a tip there names.
fn known_to(who: &Principal) -> i::BoxedQuery<'_, diesel::pg::Pg> {
    let query = i::table
        .filter(who.is_police().into_sql::<st::Bool>())
        .into_boxed();
    if !who.is_confined() {
        return query;
    }
    query.filter(
        sql::<st::Bool>(
            "exists (select from tip_indicators e join tip_states s on s.tip_id = e.tip_id
                     where e.indicator_key = indicators.key and not s.test and s.desk = coalesce(",
        )
        .bind::<st::Nullable<st::Text>, _>(who.desk.as_deref())
        .sql(", s.desk) and (")
        .bind::<st::Bool, _>(who.units.is_none())
        .sql(" or s.unit_code = any(")
        .bind::<st::Array<st::Text>, _>(who.units.as_deref().unwrap_or_default())
        .sql(")))"),
    )
}

/// One indicator by its id.
pub async fn find(conn: &mut Conn, id: Uuid, who: &Principal) -> Result<IndicatorRow> {
    known_to(who)
        .filter(i::id.eq(id))
        .select(IndicatorRow::as_select())
        .first(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("indicator"))
}

/// Kind and canonical value of an indicator.
pub async fn find_value(conn: &mut Conn, id: Uuid, who: &Principal) -> Result<(String, String)> {
    find(conn, id, who).await.map(|row| (row.kind, row.value))
}

/// Figures of some indicators.
pub async fn figures(conn: &mut Conn, keys: &[Vec<u8>]) -> Result<Vec<FigureRow>> {
    Ok(FigureRow::query()
        .filter(f::key.eq_any(keys))
        .load(conn)
        .await?)
}

/// Writes figures.
pub async fn save_figures(conn: &mut Conn, rows: &[&FigureRow]) -> Result<()> {
    // Postgres unnests arrays of arrays whole; no code of a method has this character in it.
    let methods = rows.iter().map(|row| {
        let codes: Vec<&str> = row.methods.iter().flatten().map(String::as_str).collect();
        codes.join("\u{1f}")
    });
    diesel::sql_query(
        "insert into indicator_figures
            (key, tips, independent, last_counted_at, loss_vnd, first_reported, last_reported, methods)
         select k, t, i, c, l, f, r, string_to_array(m, E'\\x1f')
         from unnest($1, $2, $3, $4, $5, $6, $7, $8) as u (k, t, i, c, l, f, r, m)
         on conflict (key) do update set tips = excluded.tips, independent = excluded.independent,
            last_counted_at = excluded.last_counted_at, loss_vnd = excluded.loss_vnd,
            last_reported = excluded.last_reported, methods = excluded.methods",
    )
    .bind::<st::Array<st::Binary>, _>(rows.iter().map(|r| r.key.as_slice()).collect::<Vec<_>>())
    .bind::<st::Array<st::Integer>, _>(rows.iter().map(|r| r.tips).collect::<Vec<_>>())
    .bind::<st::Array<st::Integer>, _>(rows.iter().map(|r| r.independent).collect::<Vec<_>>())
    .bind::<st::Array<st::Nullable<st::Timestamptz>>, _>(
        rows.iter().map(|r| r.last_counted_at).collect::<Vec<_>>(),
    )
    .bind::<st::Array<st::BigInt>, _>(rows.iter().map(|r| r.loss_vnd).collect::<Vec<_>>())
    .bind::<st::Array<st::Timestamptz>, _>(rows.iter().map(|r| r.first_reported).collect::<Vec<_>>())
    .bind::<st::Array<st::Timestamptz>, _>(rows.iter().map(|r| r.last_reported).collect::<Vec<_>>())
    .bind::<st::Array<st::Text>, _>(methods.collect::<Vec<_>>())
    .execute(conn)
    .await?;
    Ok(())
}

/// An indicator and a marker of somebody who was counted for it.
pub type Counted = (Vec<u8>, Vec<u8>);

/// Which of these were counted before.
pub async fn counted(conn: &mut Conn, pairs: &[Counted]) -> Result<Vec<Counted>> {
    let (keys, markers) = unzipped(pairs);
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = st::Binary)]
        key: Vec<u8>,
        #[diesel(sql_type = st::Binary)]
        reporter: Vec<u8>,
    }
    let rows: Vec<Row> = diesel::sql_query(
        "select r.key, r.reporter from indicator_reporters r
         join unnest($1, $2) as asked (key, reporter) on r.key = asked.key and r.reporter = asked.reporter",
    )
    .bind::<st::Array<st::Binary>, _>(keys)
    .bind::<st::Array<st::Binary>, _>(markers)
    .load(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.key, row.reporter))
        .collect())
}

/// Notes who was counted.
pub async fn note_counted(conn: &mut Conn, pairs: &[Counted]) -> Result<()> {
    let (keys, markers) = unzipped(pairs);
    diesel::sql_query(
        "insert into indicator_reporters (key, reporter) select * from unnest($1, $2) on conflict do nothing",
    )
    .bind::<st::Array<st::Binary>, _>(keys)
    .bind::<st::Array<st::Binary>, _>(markers)
    .execute(conn)
    .await?;
    Ok(())
}

fn unzipped(pairs: &[Counted]) -> (Vec<&[u8]>, Vec<&[u8]>) {
    pairs
        .iter()
        .map(|(key, marker)| (key.as_slice(), marker.as_slice()))
        .unzip()
}

/// A report of an indicator by a tip.
#[derive(QueryableByName)]
pub struct ReportRow {
    #[diesel(sql_type = st::Binary)]
    pub key: Vec<u8>,
    #[diesel(sql_type = st::Timestamptz)]
    pub received_at: DateTime<Utc>,
    #[diesel(sql_type = st::Text)]
    pub client_id: String,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    pub device_id: Option<String>,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    pub method: Option<String>,
    #[diesel(sql_type = st::BigInt)]
    pub loss_vnd: i64,
    #[diesel(sql_type = st::Array<st::Binary>)]
    pub reporters: Vec<Vec<u8>>,
}

/// What a tip `t` lost by an indicator `e`, in đồng. Of an account that is what went there, or may have: the losses
/// that name it or no account of the tip. To where a bank says that it went on, what it said; the sender's own is
/// none of them. Of all else it is what the tip lost.
const LOST: &str = "case
    when t.loss_vnd = 0 then 0
    when e.kind not in ('bank_account', 'ewallet', 'crypto_address') then t.loss_vnd
    when exists (select 1 from referrals r where r.id = e.addition)
        then coalesce((e.attributes ->> 'onward_vnd')::bigint, 0)
    else least(t.loss_vnd, coalesce((
        select sum((l ->> 'amount_vnd')::numeric)
        from jsonb_array_elements(case when jsonb_typeof(t.details -> 'losses') = 'array'
                                       then t.details -> 'losses' else '[]' end) l
        where (l ->> 'amount_vnd')::numeric > 0 and (l ->> 'to_indicator' = e.ordinal::text or not exists (
            select 1 from tip_indicators a where a.tip_id = t.id and a.ordinal::text = l ->> 'to_indicator'
               and a.kind in ('bank_account', 'ewallet', 'crypto_address')))), 0))::bigint
    end";

/// A report of an indicator `e` by a tip `t`, received at the time `{at}`.
fn report(at: &str) -> String {
    format!(
        "select distinct on (t.id, k.key) k.key, {at} as received_at, t.client_id,
                t.device_id, s.method,
                {LOST} as loss_vnd,
                array(select b.hash from reporter_blind_indexes b where b.tip_id = t.id) as reporters
         from tips t join tip_states s on s.tip_id = t.id
         -- An account that money left is nobody's to be accused of.
         join tip_indicators e on e.tip_id = t.id and not t.test and e.role is distinct from 'own_account'
         -- What was withdrawn since is counted in its turn, and taken back in its turn.
         join lateral (select coalesce(e.indicator_key, e.withdrawn_key)) k (key) on k.key is not null"
    )
}

/// The reports that these tips made at reception (trials left out).
pub async fn reports(conn: &mut Conn, tips: &[Uuid]) -> Result<Vec<ReportRow>> {
    let report = report("t.received_at");
    Ok(diesel::sql_query(format!(
        "{report} where t.id = any($1) and e.addition is null
         order by t.id, k.key, e.ordinal",
    ))
    .bind::<st::Array<st::Uuid>, _>(tips)
    .load(conn)
    .await?)
}

/// What brought indicators to a tip after its reception: the tip, the submission or referral, and when.
pub type Addition = (Uuid, Uuid, DateTime<Utc>);

/// The reports that came later, of what the tip had not named before.
pub async fn later_reports(conn: &mut Conn, additions: &[Addition]) -> Result<Vec<ReportRow>> {
    if additions.is_empty() {
        return Ok(Vec::new());
    }
    let report = report("a.at");
    Ok(diesel::sql_query(format!(
        "{report} join unnest($1, $2, $3) as a (tip, addition, at) on a.tip = t.id and a.addition = e.addition
         where not exists (select from tip_indicators b where b.tip_id = t.id
                           and coalesce(b.indicator_key, b.withdrawn_key) = k.key and b.ordinal < e.ordinal)
         order by t.id, k.key, e.ordinal",
    ))
    .bind::<st::Array<st::Uuid>, _>(additions.iter().map(|a| a.0).collect::<Vec<_>>())
    .bind::<st::Array<st::Uuid>, _>(additions.iter().map(|a| a.1).collect::<Vec<_>>())
    .bind::<st::Array<st::Timestamptz>, _>(additions.iter().map(|a| a.2).collect::<Vec<_>>())
    .load(conn)
    .await?)
}

/// Locks the indicator's row, so that verdicts on it come one after the other.
pub async fn lock(conn: &mut Conn, key: &[u8]) -> Result<()> {
    i::table
        .select(i::id)
        .filter(i::key.eq(key))
        .for_update()
        .first::<Uuid>(conn)
        .await?;
    Ok(())
}

/// The same, where nothing but an appeal may speak of it.
pub async fn lock_if_any(conn: &mut Conn, key: &[u8]) -> Result<()> {
    i::table
        .select(i::id)
        .filter(i::key.eq(key))
        .for_update()
        .first::<Uuid>(conn)
        .await
        .optional()?;
    Ok(())
}

/// Ids of indicators by key.
pub async fn ids(conn: &mut Conn, keys: &[Vec<u8>]) -> Result<Vec<(Vec<u8>, Uuid)>> {
    Ok(i::table
        .select((i::key, i::id))
        .filter(i::key.eq_any(keys))
        .load(conn)
        .await?)
}

/// Rows of the indicators with these ids.
pub async fn rows_of(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<IndicatorRow>> {
    Ok(IndicatorRow::query()
        .filter(i::id.eq_any(ids))
        .load(conn)
        .await?)
}

/// Rows of the indicators with these keys.
pub async fn rows_by_key(conn: &mut Conn, keys: &[Vec<u8>]) -> Result<Vec<IndicatorRow>> {
    Ok(IndicatorRow::query()
        .filter(i::key.eq_any(keys))
        .load(conn)
        .await?)
}

/// The newest tips that name an indicator, as far as a bearer may know of them; trials say nothing, and what is
/// restricted is not used. Whoever may know of all reads no state of theirs: an indicator of a viral scam stands in
/// tips that lie far apart.
fn newest(columns: &str, only: &str, who: &Principal) -> String {
    let shown = if who.is_confined() {
        "exists (select from tip_states s where s.tip_id = e.tip_id and not s.test and s.restricted_at is null
                 and ($2::text is null or s.desk = $2) and ($3::text[] is null or s.unit_code = any($3)))"
    } else {
        "not exists (select from tip_states s where s.tip_id = e.tip_id and (s.test or s.restricted_at is not null))
         and $2::text is null and $3::text[] is null"
    };
    format!(
        "select {columns} from tip_indicators e where e.indicator_key = $1 and {only} and {shown}
         order by e.tip_id desc limit 200"
    )
}

/// Names of account holders as the newest of those tips reported them, for officers.
pub async fn holder_names(conn: &mut Conn, key: &[u8], who: &Principal) -> Result<Vec<String>> {
    #[derive(QueryableByName)]
    struct Name {
        #[diesel(sql_type = st::Text)]
        name: String,
    }
    let rows: Vec<Name> = diesel::sql_query(format!(
        "select distinct name from ({}) newest order by 1 limit 10",
        newest(
            "e.attributes->>'holder_name' as name",
            "e.attributes ? 'holder_name'",
            who
        )
    ))
    .bind::<st::Binary, _>(key)
    .bind::<st::Nullable<st::Text>, _>(who.desk.as_deref())
    .bind::<st::Nullable<st::Array<st::Text>>, _>(who.units.as_deref())
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// Other indicators that tips name together with this one, with how many tips do.
pub async fn related(
    conn: &mut Conn,
    key: &[u8],
    who: &Principal,
) -> Result<Vec<(Uuid, String, String, i64)>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = st::Uuid)]
        id: Uuid,
        #[diesel(sql_type = st::Text)]
        kind: String,
        #[diesel(sql_type = st::Text)]
        value: String,
        #[diesel(sql_type = st::BigInt)]
        tips: i64,
    }
    let rows: Vec<Row> = diesel::sql_query(format!(
        "select i.id, i.kind, i.value, n.tips
         from (select e.indicator_key as key, count(*) as tips
               from ({}) t join tip_indicators e on e.tip_id = t.tip_id and e.indicator_key <> $1
               group by 1 order by 2 desc, 1 limit 20) n
         join indicators i on i.key = n.key
         order by n.tips desc, i.id",
        newest("e.tip_id", "true", who)
    ))
    .bind::<st::Binary, _>(key)
    .bind::<st::Nullable<st::Text>, _>(who.desk.as_deref())
    .bind::<st::Nullable<st::Array<st::Text>>, _>(who.units.as_deref())
    .load(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|r| (r.id, r.kind, r.value, r.tips))
        .collect())
}
