//! SQL of claims and decisions.

mod flood;
mod repeats;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{tip_decisions, tip_messages};
use crate::error::{Error, Result};
use crate::tips::list;
use crate::tips::words::{Search, Words};

pub use flood::{Dismissable, FloodOf, dismissable};
pub use repeats::{lock_repeats, repeats_through};

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = st::Uuid)]
    id: Uuid,
}

/// Frees tips whose lease has run out.
pub async fn free_expired(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::sql_query(
        "update tip_states set status = 'received', claimed_by = null, lease_expires_at = null,
                unclaimed_since = lease_expires_at
         where tip_id in (select tip_id from tip_states
                          where status = 'claimed' and lease_expires_at <= $1
                          limit 500 for update skip locked)",
    )
    .bind::<st::Timestamptz, _>(now)
    .execute(conn)
    .await?)
}

/// Desks that a client is confined to.
pub async fn desks_of_clients(conn: &mut Conn) -> Result<Vec<String>> {
    use crate::db::schema::clients as c;
    let desks: Vec<Option<String>> = c::table
        .filter(c::disabled_at.is_null().and(c::desk.is_not_null()))
        .select(c::desk)
        .distinct()
        .load(conn)
        .await?;
    Ok(desks.into_iter().flatten().collect())
}

/// A critical tip that waits without an officer.
#[derive(QueryableByName)]
pub struct Waiting {
    #[diesel(sql_type = st::Uuid)]
    pub tip_id: Uuid,
    #[diesel(sql_type = st::Text)]
    pub desk: String,
    #[diesel(sql_type = st::SmallInt)]
    pub score: i16,
    #[diesel(sql_type = st::Timestamptz)]
    pub since: DateTime<Utc>,
}

/// Critical tips unclaimed since `before`, and not called for since then; each is noted as called for.
pub async fn take_unclaimed(
    conn: &mut Conn,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Waiting>> {
    Ok(diesel::sql_query(
        "with waiting as (
            select tip_id, case status when 'claimed' then lease_expires_at
                           else coalesce(unclaimed_since, received_at) end as since
            from tip_states
            where level = 'critical' and status in ('received', 'claimed') and not test
              and greatest(case status when 'claimed' then lease_expires_at
                           else coalesce(unclaimed_since, received_at) end, unclaimed_told_at) <= $1
            order by greatest(case status when 'claimed' then lease_expires_at
                              else coalesce(unclaimed_since, received_at) end, unclaimed_told_at)
            limit $3 for update skip locked)
         update tip_states s set unclaimed_told_at = $2 from waiting w where s.tip_id = w.tip_id
         returning s.tip_id, s.desk, s.score, w.since",
    )
    .bind::<st::Timestamptz, _>(before)
    .bind::<st::Timestamptz, _>(now)
    .bind::<st::BigInt, _>(limit)
    .load(conn)
    .await?)
}

/// What a claim looks for.
pub struct Claim<'a> {
    pub by: &'a str,
    pub desk: Option<&'a str>,
    pub units: Option<&'a [String]>,
    pub level: Option<&'a str>,
    pub method: Option<&'a str>,
    pub indicator: Option<&'a [u8]>,
    pub search: Option<Search>,
    pub received_from: Option<DateTime<Utc>>,
    pub received_to: Option<DateTime<Utc>>,
    pub overdue: Option<bool>,
    pub flood: Option<Uuid>,
    pub max: i64,
    pub now: DateTime<Utc>,
    pub until: DateTime<Utc>,
}

/// Leases the most urgent waiting tips; tips that another transaction is taking are passed over.
pub async fn claim(conn: &mut Conn, claim: Claim<'_>) -> Result<Vec<Uuid>> {
    let (words, number) = match claim.search {
        Some(Search::Words(words)) => (Some(words), None),
        Some(Search::Number(number)) => (None, Some(number.condition())),
        None => (None, None),
    };
    // Built from fixed pieces: a condition that is not wanted must not stand in the way of the index, and the
    // order is written as only the index of waiting tips has it: that of all open tips would do for the
    // planner, and then a claim reads past all that are claimed.
    let mut conditions = String::from("status = 'received' and not test");
    for (wanted, condition) in [
        (claim.desk.is_some(), " and desk = $4"),
        (claim.units.is_some(), " and unit_code = any($5)"),
        (claim.level.is_some(), " and level = $6"),
        (
            claim.method.is_some(),
            " and (method = $7 or methods @> array[$7])",
        ),
        (
            claim.indicator.is_some(),
            " and tip_id = any(array(select tip_id from tip_indicators where indicator_key = $8))",
        ),
        (
            words.is_some(),
            " and tip_id in (select tip_id from tip_search where document @@ $9::tsquery
                 union all select tip_id from tip_indicators where indicator_key = any($16)
                 union all select e.tip_id from indicators i join tip_indicators e on e.indicator_key = i.key
                     where i.kind = 'url' and i.attributes ->> 'host' = $17)",
        ),
        (
            words.as_ref().is_some_and(Words::excludes_something),
            " and tip_id not in (select tip_id from tip_indicators where indicator_key = any($18)
                 union all select e.tip_id from indicators i join tip_indicators e on e.indicator_key = i.key
                     where i.kind = 'url' and i.attributes ->> 'host' = any($19))",
        ),
        (
            claim.received_from.is_some(),
            " and received_at >= $10 and tip_id >= $14",
        ),
        (
            claim.received_to.is_some(),
            " and received_at < $11 and tip_id < $15",
        ),
        (
            claim.overdue == Some(true),
            " and due_at < $12 and classified_at is null",
        ),
        (
            claim.overdue == Some(false),
            " and (due_at >= $12 or classified_at is not null)",
        ),
        (claim.flood.is_some(), " and flood_id = $13"),
    ] {
        if wanted {
            conditions.push_str(condition);
        }
    }
    let (condition, number) = number.unzip();
    if let Some(condition) = condition {
        conditions.push_str(" and ");
        conditions.push_str(condition);
        conditions.push_str("$20)");
    }
    let sql = format!(
        "with wanted (d, u, l, m, i, w, f, t, n, o, p, q, k, h, wk, wh, nr) as
            (values ($4::text, $5::text[], $6::text, $7::text, $8::bytea, $9::text, $10::timestamptz, $11::timestamptz, $12::timestamptz, $13::uuid, $14::uuid, $15::uuid, $16::bytea[], $17::text, $18::bytea[], $19::text[], $20::text)),
         picked as materialized (
            select tip_id, score from tip_states where {conditions}
            order by -score, tip_id limit $3 for update skip locked),
         taken as (
            update tip_states s set status = 'claimed', claimed_by = $1, lease_expires_at = $2,
                   first_claimed_at = coalesce(s.first_claimed_at, $12)
            from picked where s.tip_id = picked.tip_id returning s.tip_id)
         select p.tip_id as id from picked p join taken using (tip_id) order by p.score desc, p.tip_id"
    );
    let rows: Vec<Id> = diesel::sql_query(sql)
        .bind::<st::Text, _>(claim.by)
        .bind::<st::Timestamptz, _>(claim.until)
        .bind::<st::BigInt, _>(claim.max)
        .bind::<st::Nullable<st::Text>, _>(claim.desk)
        .bind::<st::Nullable<st::Array<st::Text>>, _>(claim.units)
        .bind::<st::Nullable<st::Text>, _>(claim.level)
        .bind::<st::Nullable<st::Text>, _>(claim.method)
        .bind::<st::Nullable<st::Binary>, _>(claim.indicator)
        .bind::<st::Nullable<st::Text>, _>(words.as_ref().map(|search| &search.tsquery))
        .bind::<st::Nullable<st::Timestamptz>, _>(claim.received_from)
        .bind::<st::Nullable<st::Timestamptz>, _>(claim.received_to)
        .bind::<st::Timestamptz, _>(claim.now)
        .bind::<st::Nullable<st::Uuid>, _>(claim.flood)
        .bind::<st::Nullable<st::Uuid>, _>(claim.received_from.map(list::first_id))
        .bind::<st::Nullable<st::Uuid>, _>(claim.received_to.map(list::end_of_ids))
        .bind::<st::Array<st::Binary>, _>(words.as_ref().map_or(&[][..], |search| &search.keys))
        .bind::<st::Nullable<st::Text>, _>(words.as_ref().and_then(|search| search.host.as_ref()))
        .bind::<st::Array<st::Binary>, _>(
            words
                .as_ref()
                .map_or(&[][..], |search| &search.without_keys),
        )
        .bind::<st::Array<st::Text>, _>(
            words
                .as_ref()
                .map_or(&[][..], |search| &search.without_hosts),
        )
        .bind::<st::Nullable<st::Text>, _>(number)
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// A decision on its way into the database.
#[derive(Insertable)]
#[diesel(table_name = tip_decisions)]
pub struct NewDecision<'a> {
    pub id: Uuid,
    pub tip_id: Uuid,
    pub decision: &'a str,
    pub reason: Option<String>,
    pub note: Option<&'a str>,
    pub case_id: Option<Uuid>,
    pub duplicate_of: Option<Uuid>,
    pub agency: Option<&'a str>,
    pub decided_by: &'a str,
    pub decided_at: DateTime<Utc>,
    pub state_before: Value,
}

pub async fn insert_decision(conn: &mut Conn, decision: &NewDecision<'_>) -> Result<()> {
    diesel::insert_into(tip_decisions::table)
        .values(decision)
        .execute(conn)
        .await?;
    Ok(())
}

/// A decision that was taken.
#[derive(HasQuery)]
#[diesel(table_name = tip_decisions, check_for_backend(diesel::pg::Pg))]
pub struct DecisionRow {
    pub id: Uuid,
    pub decided_by: String,
    pub decided_at: DateTime<Utc>,
    pub state_before: Value,
    pub undone_at: Option<DateTime<Utc>>,
}

/// One decision of a tip.
pub async fn find_decision(conn: &mut Conn, tip: Uuid, id: Uuid) -> Result<DecisionRow> {
    DecisionRow::query()
        .filter(tip_decisions::id.eq(id).and(tip_decisions::tip_id.eq(tip)))
        .first(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("decision"))
}

/// Whether it is the latest decision of the tip that stands.
pub async fn is_latest(conn: &mut Conn, tip: Uuid, id: Uuid) -> Result<bool> {
    let latest: Option<Uuid> = tip_decisions::table
        .select(tip_decisions::id)
        .filter(
            tip_decisions::tip_id
                .eq(tip)
                .and(tip_decisions::undone_at.is_null()),
        )
        .order(tip_decisions::decided_at.desc())
        .first(conn)
        .await
        .optional()?;
    Ok(latest == Some(id))
}

pub async fn mark_undone(conn: &mut Conn, id: Uuid, at: DateTime<Utc>) -> Result<()> {
    diesel::update(tip_decisions::table.filter(tip_decisions::id.eq(id)))
        .set(tip_decisions::undone_at.eq(at))
        .execute(conn)
        .await?;
    Ok(())
}

/// Writes a message to the reporter.
pub async fn insert_message(
    conn: &mut Conn,
    tip: Uuid,
    author: &str,
    text: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    use tip_messages as m;
    diesel::insert_into(m::table)
        .values((
            m::id.eq(Uuid::now_v7()),
            m::tip_id.eq(tip),
            m::from_reporter.eq(false),
            m::author.eq(author),
            m::text.eq(text),
            m::created_at.eq(at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Adds a note of an officer.
pub async fn insert_note(
    conn: &mut Conn,
    tip: Uuid,
    author: &str,
    text: &str,
    at: DateTime<Utc>,
) -> Result<()> {
    use crate::db::schema::tip_notes as n;
    diesel::insert_into(n::table)
        .values((
            n::id.eq(Uuid::now_v7()),
            n::tip_id.eq(tip),
            n::author.eq(author),
            n::text.eq(text),
            n::created_at.eq(at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
