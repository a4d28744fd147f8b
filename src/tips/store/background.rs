//! SQL of the background work on tips.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::super::intake::facts;
use crate::db::Conn;
use crate::db::schema::tips;
use crate::domain::priority::{Facts, Priority, told};
use crate::error::Result;
use crate::reference::Reference;

/// The linked tips that change a score are counted up to a few more than the last step of the rules.
const TELLING: i64 = 20;

/// When each of these tips (trials left out) was received, in the order given.
pub async fn received_at(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<(Uuid, DateTime<Utc>)>> {
    let mut rows: Vec<(Uuid, DateTime<Utc>)> = tips::table
        .select((tips::id, tips::received_at))
        .filter(tips::id.eq_any(ids).and(tips::test.eq(false)))
        .load(conn)
        .await?;
    let order: std::collections::HashMap<_, _> =
        ids.iter().enumerate().map(|(i, id)| (*id, i)).collect();
    rows.sort_by_key(|row| order.get(&row.0).copied());
    Ok(rows)
}

/// Gives the next numbers of a year, in the order given.
pub async fn insert_numbers(
    conn: &mut Conn,
    tips: &[(Uuid, DateTime<Utc>)],
    year: i16,
    prefix: &str,
) -> Result<()> {
    let (ids, times): (Vec<Uuid>, Vec<DateTime<Utc>>) = tips.iter().copied().unzip();
    diesel::sql_query(
        "with counter as (
            insert into number_counters (name, year, last) values ('register', $1, $2)
            on conflict (name, year) do update set last = number_counters.last + $2 returning last)
         insert into register (year, seq, tip_id, number, received_at)
         select $1, last - $2 + n, tip, $3 || '-T-' || $1 || '-' || lpad((last - $2 + n)::text, greatest(6, length((last - $2 + n)::text)), '0'), at
         from counter, unnest($4, $5) with ordinality as t (tip, at, n)",
    )
    .bind::<st::SmallInt, _>(year)
    .bind::<st::Integer, _>(i32::try_from(ids.len()).unwrap_or(i32::MAX))
    .bind::<st::Text, _>(prefix)
    .bind::<st::Array<st::Uuid>, _>(ids)
    .bind::<st::Array<st::Timestamptz>, _>(times)
    .execute(conn)
    .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = st::Uuid)]
    id: Uuid,
}

/// Of these new tips and of the other open ones, those that share an indicator with another tip because of
/// these; whoever names what nobody else names is none of them. Of an indicator in more tips than can still
/// change a score, only these: a viral number must not make every tip cost as much as all before it.
pub async fn open_linked(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    let rows: Vec<Id> = diesel::sql_query(
        "select distinct e.tip_id as id
         from (select indicator_key, array_agg(tip_id) as these from tip_indicators
               where tip_id = any($1) and indicator_key is not null group by indicator_key) k
         cross join lateral (
            select case when count(*) > $2 then k.these else array_agg(tip_id) end as tips from (
                select tip_id from tip_indicators where indicator_key = k.indicator_key
                order by tip_id desc limit $2 + 1) newest
            having count(*) > 1) linked
         cross join lateral unnest(linked.tips) as e (tip_id)
         join tip_states s on s.tip_id = e.tip_id
         where s.status in ('received', 'claimed', 'info_requested') and not s.test",
    )
    .bind::<st::Array<st::Uuid>, _>(ids)
    .bind::<st::BigInt, _>(TELLING)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Locks open tips whose priority is due to change.
pub async fn due_for_priority(
    conn: &mut Conn,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Uuid>> {
    let rows: Vec<Id> = diesel::sql_query(
        "select tip_id as id from tip_states
         where status in ('received', 'claimed', 'info_requested') and reprioritise_at <= $1
         order by reprioritise_at limit $2 for update skip locked",
    )
    .bind::<st::Timestamptz, _>(now)
    .bind::<st::BigInt, _>(limit)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// What a priority is computed from.
#[derive(QueryableByName)]
pub struct PriorityRow {
    #[diesel(sql_type = st::Uuid)]
    id: Uuid,
    #[diesel(sql_type = st::Timestamptz)]
    received_at: DateTime<Utc>,
    #[diesel(sql_type = st::Bool)]
    in_danger_now: bool,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    method: Option<String>,
    #[diesel(sql_type = st::Array<st::Nullable<st::Text>>)]
    methods: Vec<Option<String>>,
    #[diesel(sql_type = st::Nullable<st::Timestamptz>)]
    occurred_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = st::Jsonb)]
    details: Value,
    #[diesel(sql_type = st::BigInt)]
    linked: i64,
}

/// The facts of some tips, with how many independent tips share an indicator (counted up to a few).
pub async fn priority_facts(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<PriorityRow>> {
    Ok(diesel::sql_query(
        "select t.id, t.received_at, t.in_danger_now, t.method, s.methods, t.occurred_at, t.details,
                coalesce(l.linked, 0) as linked
         from tips t join tip_states s on s.tip_id = t.id cross join lateral (
            select count(distinct coalesce(o.device_id, o.id::text)) as linked
            from tip_indicators mine
            cross join lateral (
                select e.tip_id from tip_indicators e
                where e.indicator_key = mine.indicator_key and e.tip_id <> t.id
                order by e.tip_id desc limit $2) e
            join tips o on o.id = e.tip_id and not o.test
            where mine.tip_id = t.id and mine.indicator_key is not null
              and (t.device_id is null or o.device_id is distinct from t.device_id)) l
         where t.id = any($1)",
    )
    .bind::<st::Array<st::Uuid>, _>(ids)
    .bind::<st::BigInt, _>(TELLING)
    .load(conn)
    .await?)
}

impl PriorityRow {
    /// As the rules take them.
    pub fn into_domain(self, reference: &Reference) -> (Uuid, Facts) {
        let age = self
            .details
            .pointer("/victim/age_group")
            .and_then(Value::as_str);
        // The officer's methods count beside the reporter's.
        let methods = self.methods.iter().flatten().chain(&self.method);
        let methods = methods.map(String::as_str);
        let facts = Facts {
            in_danger_now: self.in_danger_now,
            vulnerable_victim: facts::is_vulnerable(age),
            losses: told::losses(&self.details),
            signs: told::signs(&self.details),
            occurred_at: self.occurred_at,
            told_at: told::told_at(&self.details, self.received_at),
            linked_tips: u32::try_from(self.linked).unwrap_or(0),
            ..facts::urgency(reference, methods, facts::is_child(age), self.received_at)
        };
        (self.id, facts)
    }
}

/// A recomputed priority.
pub struct Recomputed {
    /// Whose.
    pub tip: Uuid,
    /// What it is now.
    pub priority: Priority,
    /// When it falls next.
    pub next: Option<DateTime<Utc>>,
}

/// Writes priorities that have changed; the version does not move, since no person edited anything. Their rows are
/// locked in order, so that nobody waits for whom he blocks.
pub async fn set_priorities(conn: &mut Conn, all: &[Recomputed]) -> Result<()> {
    let reasons = all
        .iter()
        .map(|r| super::super::reasons::to_json(&r.priority.reasons));
    diesel::sql_query(
        "with asked as materialized (
            select * from unnest($1, $2, $3, $4, $5) as u (tip, score, level, reasons, next)),
         locked as materialized (
            select s.tip_id from asked u join tip_states s on s.tip_id = u.tip
            where (s.score, s.reasons, s.reprioritise_at) is distinct from (u.score, u.reasons, u.next)
            order by s.tip_id for update of s)
         update tip_states s set score = u.score, level = u.level, reasons = u.reasons, reprioritise_at = u.next
         from locked join asked u on u.tip = locked.tip_id
         where s.tip_id = locked.tip_id",
    )
    .bind::<st::Array<st::Uuid>, _>(all.iter().map(|r| r.tip).collect::<Vec<_>>())
    .bind::<st::Array<st::SmallInt>, _>(
        all.iter().map(|r| i16::from(r.priority.score)).collect::<Vec<_>>(),
    )
    .bind::<st::Array<st::Text>, _>(
        all.iter().map(|r| r.priority.level.as_str()).collect::<Vec<_>>(),
    )
    .bind::<st::Array<st::Jsonb>, _>(reasons.collect::<Vec<_>>())
    .bind::<st::Array<st::Nullable<st::Timestamptz>>, _>(
        all.iter().map(|r| r.next).collect::<Vec<_>>(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Deletes at most so many of the trials received before a time, with all that hangs on them.
pub async fn delete_trials(conn: &mut Conn, before: DateTime<Utc>, limit: i32) -> Result<usize> {
    Ok(diesel::sql_query(
        "delete from tips where id in
            (select id from tips where test and received_at < $1
             order by received_at limit $2 for update skip locked)",
    )
    .bind::<st::Timestamptz, _>(before)
    .bind::<st::Integer, _>(limit)
    .execute(conn)
    .await?)
}
