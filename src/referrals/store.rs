//! SQL of referrals.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use super::figures::KindFigures;
use super::reach::Reach;
use super::transfers::Edge;
use crate::db::schema::{
    indicators as i, referral_indicators as ri, referral_messages as m, referrals as r,
    reporter_news as news,
};
use crate::db::{Conn, OnConstraint};
use crate::error::{Error, Result};

/// A referral.
#[derive(Clone, Debug, HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = r, check_for_backend(diesel::pg::Pg))]
#[diesel(treat_none_as_null = true)]
pub struct ReferralRow {
    pub id: Uuid,
    pub kind: String,
    pub agency: String,
    pub state: String,
    pub tip_id: Option<Uuid>,
    pub case_id: Option<Uuid>,
    pub amount_vnd: Option<i64>,
    pub legal_basis: Option<String>,
    pub document_number: Option<String>,
    pub note: Option<String>,
    pub disclose: Vec<Option<String>>,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub proposal: Option<String>,
    pub follows: Option<Uuid>,
    pub reported_at: DateTime<Utc>,
    pub sent_by: Option<String>,
    pub sent_at: Option<DateTime<Utc>>,
    pub due_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
    pub remind_at: Option<DateTime<Utc>>,
    pub reminders: i16,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub closed_by: Option<String>,
    pub closed_at: Option<DateTime<Utc>>,
    pub outcome: Option<String>,
    pub answer: Option<String>,
    pub answer_amount_vnd: Option<i64>,
    pub evidence_url: Option<String>,
    pub reopened: i32,
    pub version: i32,
    pub updated_at: DateTime<Utc>,
}

/// Stores a referral with what it is about.
pub async fn insert(conn: &mut Conn, row: &ReferralRow, keys: &[Vec<u8>]) -> Result<()> {
    diesel::insert_into(r::table)
        .values(row)
        .execute(conn)
        .await?;
    let keys = keys.iter().zip(0_i16..).map(|(key, n)| (row.id, n, key));
    insert_indicators(conn, &keys.collect::<Vec<_>>()).await
}

/// Stores proposals, once for each rule and thing; returns which are new.
pub async fn insert_proposals(conn: &mut Conn, rows: &[&ReferralRow]) -> Result<HashSet<Uuid>> {
    let new: Vec<Uuid> = diesel::insert_into(r::table)
        .values(rows.to_vec())
        .on_conflict(r::proposal)
        .do_nothing()
        .returning(r::id)
        .get_results(conn)
        .await?;
    Ok(new.into_iter().collect())
}

/// Stores which indicators referrals are about, each with its place.
pub async fn insert_indicators(conn: &mut Conn, all: &[(Uuid, i16, &Vec<u8>)]) -> Result<()> {
    let rows: Vec<_> = all
        .iter()
        .map(|(id, ordinal, key)| {
            (
                ri::referral_id.eq(id),
                ri::ordinal.eq(ordinal),
                ri::indicator_key.eq(key),
            )
        })
        .collect();
    diesel::insert_into(ri::table)
        .values(rows)
        .execute(conn)
        .await?;
    Ok(())
}

/// One referral that the bearer may know of.
pub async fn find(conn: &mut Conn, id: Uuid, reach: &Reach) -> Result<ReferralRow> {
    reach
        .confine(r::table.into_boxed())
        .filter(r::id.eq(id))
        .select(ReferralRow::as_select())
        .first(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("referral"))
}

/// The same, locked until the transaction ends.
pub async fn lock(conn: &mut Conn, id: Uuid, reach: &Reach) -> Result<ReferralRow> {
    find(conn, id, reach).await?;
    ReferralRow::query()
        .filter(r::id.eq(id))
        .for_update()
        .first(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("referral"))
}

/// Writes a referral that was locked.
pub async fn save(conn: &mut Conn, row: &ReferralRow) -> Result<()> {
    diesel::update(r::table.filter(r::id.eq(row.id)))
        .set(row)
        .execute(conn)
        .await
        .on_constraint("referrals_freeze_within", || {
            let detail = "No more can be frozen than was asked for.";
            Error::invalid("/amount_vnd", "over_requested", detail)
        })?;
    Ok(())
}

/// Filters of the list.
#[derive(Default)]
pub struct Wanted<'a> {
    pub kind: Option<&'a str>,
    pub state: Option<&'a str>,
    pub agency: Option<&'a str>,
    pub tip: Option<Uuid>,
    pub case: Option<Uuid>,
    pub due_before: Option<DateTime<Utc>>,
    pub after: Option<Uuid>,
    pub limit: i64,
}

/// One page, newest first, and one row more where there is more.
pub async fn page(conn: &mut Conn, reach: &Reach, wanted: &Wanted<'_>) -> Result<Vec<ReferralRow>> {
    let mut query = reach.confine(r::table.into_boxed());
    if let Some(kind) = wanted.kind {
        query = query.filter(r::kind.eq(kind));
    }
    if let Some(state) = wanted.state {
        query = query.filter(r::state.eq(state));
    }
    if let Some(agency) = wanted.agency {
        query = query.filter(r::agency.eq(agency));
    }
    if let Some(tip) = wanted.tip {
        query = query.filter(r::tip_id.eq(tip));
    }
    if let Some(case) = wanted.case {
        query = query.filter(r::case_id.eq(case));
    }
    if let Some(at) = wanted.due_before {
        query = query
            .filter(r::state.eq_any(["sent", "acknowledged"]))
            .filter(r::due_at.lt(at));
    }
    if let Some(id) = wanted.after {
        query = query.filter(r::id.lt(id));
    }
    Ok(query
        .order(r::id.desc())
        .limit(wanted.limit + 1)
        .select(ReferralRow::as_select())
        .load(conn)
        .await?)
}

/// What a referral is about, with the answer.
#[derive(Clone, Debug, Queryable)]
pub struct AboutRow {
    pub referral_id: Uuid,
    pub key: Vec<u8>,
    pub id: Uuid,
    pub kind: String,
    pub value: String,
    pub display: String,
    pub outcome: Option<String>,
    pub amount_vnd: Option<i64>,
    pub answered_at: Option<DateTime<Utc>>,
}

/// What some referrals are about, in order.
pub async fn about(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<AboutRow>> {
    Ok(ri::table
        .inner_join(i::table)
        .filter(ri::referral_id.eq_any(ids))
        .order((ri::referral_id, ri::ordinal))
        .select((
            ri::referral_id,
            ri::indicator_key,
            i::id,
            i::kind,
            i::value,
            i::display,
            ri::outcome,
            ri::amount_vnd,
            ri::answered_at,
        ))
        .load(conn)
        .await?)
}

/// Notes the answer for one indicator.
pub async fn set_result(
    conn: &mut Conn,
    referral: Uuid,
    key: &[u8],
    outcome: &str,
    amount_vnd: Option<i64>,
    at: DateTime<Utc>,
) -> Result<()> {
    let one = ri::table
        .filter(ri::referral_id.eq(referral))
        .filter(ri::indicator_key.eq(key));
    diesel::update(one)
        .set((
            ri::outcome.eq(outcome),
            ri::amount_vnd.eq(amount_vnd),
            ri::answered_at.eq(at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// An indicator of a tip, or of the tips of a case, as a referral may name it.
#[derive(Clone, Debug, QueryableByName)]
pub struct TraceRow {
    #[diesel(sql_type = st::Uuid)]
    pub id: Uuid,
    #[diesel(sql_type = st::Binary)]
    pub key: Vec<u8>,
    #[diesel(sql_type = st::Text)]
    pub kind: String,
}

/// Which of these indicators belong to a tip or to the tips of a case.
pub async fn traces(
    conn: &mut Conn,
    ids: &[Uuid],
    tip: Option<Uuid>,
    case: Option<Uuid>,
) -> Result<Vec<TraceRow>> {
    Ok(diesel::sql_query(
        "select i.id, i.key, i.kind from indicators i
         where i.id = any($1) and i.key in (
            select indicator_key from tip_indicators where tip_id = $2
            union all
            select e.indicator_key from case_members m join tip_indicators e on e.tip_id = m.tip_id
            where m.case_id = $3 and m.removed_at is null)",
    )
    .bind::<st::Array<st::Uuid>, _>(ids)
    .bind::<st::Nullable<st::Uuid>, _>(tip)
    .bind::<st::Nullable<st::Uuid>, _>(case)
    .load(conn)
    .await?)
}

/// A question or an answer to one.
#[derive(Clone, Debug, HasQuery, Insertable)]
#[diesel(table_name = m, check_for_backend(diesel::pg::Pg))]
pub struct MessageRow {
    pub id: Uuid,
    pub referral_id: Uuid,
    pub from_agency: bool,
    pub author: String,
    pub text: String,
    pub created_at: DateTime<Utc>,
}

/// Adds a message.
pub async fn insert_message(conn: &mut Conn, row: &MessageRow) -> Result<()> {
    diesel::insert_into(m::table)
        .values(row)
        .execute(conn)
        .await?;
    Ok(())
}

/// Messages of a referral, newest first, before an id; one more than `limit`.
pub async fn messages(
    conn: &mut Conn,
    referral: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<MessageRow>> {
    Ok(MessageRow::query()
        .filter(m::referral_id.eq(referral))
        .filter(m::id.lt(before.unwrap_or(Uuid::max())))
        .order(m::id.desc())
        .limit(limit + 1)
        .load(conn)
        .await?)
}

/// News for a reporter, once for each code and referral.
pub async fn insert_news(
    conn: &mut Conn,
    tips: &[Uuid],
    code: &str,
    amount_vnd: Option<i64>,
    (at, released_by): (DateTime<Utc>, Option<&str>),
    referral: Uuid,
) -> Result<usize> {
    let rows: Vec<_> = tips
        .iter()
        .map(|tip| {
            (
                news::id.eq(Uuid::now_v7()),
                news::tip_id.eq(*tip),
                news::code.eq(code),
                news::amount_vnd.eq(amount_vnd),
                news::at.eq(at),
                news::released_by.eq(released_by),
                news::referral_id.eq(referral),
            )
        })
        .collect();
    Ok(diesel::insert_into(news::table)
        .values(rows)
        .on_conflict_do_nothing()
        .execute(conn)
        .await?)
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = st::Uuid)]
    id: Uuid,
}

/// The tips of a case that lost money to what a referral is about.
pub async fn losers(conn: &mut Conn, case: Uuid, referral: Uuid) -> Result<Vec<Uuid>> {
    let rows: Vec<Id> = diesel::sql_query(
        "select distinct t.id from case_members m
         join tips t on t.id = m.tip_id and t.loss_vnd > 0
         join tip_indicators e on e.tip_id = t.id
         join referral_indicators ri on ri.indicator_key = e.indicator_key and ri.referral_id = $2
         where m.case_id = $1 and m.removed_at is null limit 5000",
    )
    .bind::<st::Uuid, _>(case)
    .bind::<st::Uuid, _>(referral)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Referrals that are due to be called to mind or have run out, locked.
pub async fn to_remind(
    conn: &mut Conn,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<ReferralRow>> {
    Ok(ReferralRow::query()
        .filter(r::remind_at.le(now))
        .order(r::remind_at)
        .limit(limit)
        .for_update()
        .skip_locked()
        .load(conn)
        .await?)
}

/// What a tip tells, as far as an agency may be let see it.
#[derive(Clone, Debug, QueryableByName)]
pub struct ToldRow {
    #[diesel(sql_type = st::Uuid)]
    pub id: Uuid,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    pub method: Option<String>,
    #[diesel(sql_type = st::Nullable<st::Text>)]
    pub narrative: Option<String>,
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
        "select t.id, coalesce(s.methods[1], t.method) as method, t.narrative, t.unit_code, t.occurred_at,
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

/// What some cases tell, each with at most 200 of its tips.
pub async fn cases(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<CaseRow>> {
    Ok(diesel::sql_query(
        "select c.id, c.methods[1] as method, c.summary,
                array(select tip_id from case_members m where m.case_id = c.id and m.removed_at is null
                      order by m.added_at, m.tip_id limit 200) as tips
         from cases c where c.id = any($1)",
    )
    .bind::<st::Array<st::Uuid>, _>(ids)
    .load(conn)
    .await?)
}

/// Indicators of some tips: tip, index, kind and key.
pub async fn edges(conn: &mut Conn, tips: &[Uuid]) -> Result<Vec<(Uuid, Edge)>> {
    use crate::db::schema::tip_indicators as e;
    let rows: Vec<(Uuid, i16, String, Option<Vec<u8>>)> = e::table
        .filter(e::tip_id.eq_any(tips))
        .filter(e::indicator_key.is_not_null())
        .order((e::tip_id, e::ordinal))
        .select((e::tip_id, e::ordinal, e::kind, e::indicator_key))
        .load(conn)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(tip, ordinal, kind, key)| {
            Some((
                tip,
                Edge {
                    ordinal,
                    kind,
                    key: key?,
                },
            ))
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

/// Takes back the answer for one indicator.
pub async fn clear_result(conn: &mut Conn, referral: Uuid, key: &[u8]) -> Result<()> {
    let one = ri::table
        .filter(ri::referral_id.eq(referral))
        .filter(ri::indicator_key.eq(key));
    diesel::update(one)
        .set((
            ri::outcome.eq(None::<String>),
            ri::answered_at.eq(None::<DateTime<Utc>>),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Figures by kind of the referrals that a bearer may know of, sent in a period.
pub async fn kind_figures(
    conn: &mut Conn,
    reach: &Reach,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    agency: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Vec<KindFigures>> {
    let mut seen = reach
        .confine(r::table.into_boxed())
        .filter(r::sent_at.ge(from).and(r::sent_at.lt(to)));
    if let Some(agency) = agency {
        seen = seen.filter(r::agency.eq(agency.to_owned()));
    }
    let ids: Vec<Uuid> = seen.select(r::id).load(conn).await?;
    Ok(diesel::sql_query(
        "select kind, count(*) as sent,
                count(*) filter (where state = 'completed') as completed,
                count(*) filter (where state = 'declined') as declined,
                count(*) filter (where state = 'recalled') as recalled,
                count(*) filter (where state in ('sent', 'acknowledged') and due_at <= $2) as overdue,
                (select coalesce(jsonb_object_agg(o.outcome, o.n), '{}') from (
                    select outcome, count(*) as n from referrals x
                    where x.id = any($1) and x.kind = r.kind and x.outcome is not null group by outcome) o) as outcomes,
                round(percentile_cont(0.5) within group (order by extract(epoch from sent_at - reported_at) / 6)) / 10
                    as median_minutes_report_to_sent,
                round(percentile_cont(0.5) within group (order by extract(epoch from acknowledged_at - sent_at) / 6)) / 10
                    as median_minutes_sent_to_acknowledged,
                round(percentile_cont(0.5) within group (order by extract(epoch from closed_at - reported_at) / 6)
                      filter (where outcome is not null and (kind <> 'freeze_funds' or answer_amount_vnd > 0))) / 10
                    as median_minutes_report_to_completed,
                round(percentile_cont(0.9) within group (order by extract(epoch from closed_at - reported_at) / 6)
                      filter (where outcome is not null and (kind <> 'freeze_funds' or answer_amount_vnd > 0))) / 10
                    as p90_minutes_report_to_completed,
                least(coalesce(sum(amount_vnd), 0), 9223372036854775807)::bigint as requested_vnd,
                least(coalesce(sum(answer_amount_vnd), 0), 9223372036854775807)::bigint as frozen_vnd
         from referrals r where id = any($1) group by kind order by kind",
    )
    .bind::<st::Array<st::Uuid>, _>(ids)
    .bind::<st::Timestamptz, _>(now)
    .load(conn)
    .await?)
}

/// Which of these indicators are confirmed scams.
pub async fn confirmed_keys(conn: &mut Conn, keys: &[Vec<u8>]) -> Result<Vec<Vec<u8>>> {
    use crate::db::schema::indicator_verdicts as v;
    Ok(v::table
        .filter(v::key.eq_any(keys))
        .filter(v::ended_at.is_null().and(v::approved_at.is_not_null()))
        .filter(v::verdict.eq("confirmed_scam"))
        .select(v::key)
        .load(conn)
        .await?)
}
