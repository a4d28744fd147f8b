//! SQL of what the rules look at.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::db::Conn;
use crate::error::Result;

/// A tip that came in; trials are left out.
#[derive(Clone, Debug, QueryableByName)]
pub struct FreshTip {
    #[diesel(sql_type = st::Uuid)]
    pub id: Uuid,
    #[diesel(sql_type = st::Timestamptz)]
    pub received_at: DateTime<Utc>,
    /// When the police received it, be it on paper.
    #[diesel(sql_type = st::Timestamptz)]
    pub reached_at: DateTime<Utc>,
    /// The reporter's method and the officer's.
    #[diesel(sql_type = st::Array<st::Text>)]
    pub methods: Vec<String>,
    #[diesel(sql_type = st::Nullable<st::Timestamptz>)]
    pub occurred_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = st::Jsonb)]
    pub details: Value,
    #[diesel(sql_type = st::Nullable<st::Uuid>)]
    pub case_id: Option<Uuid>,
}

/// These tips, trials left out.
pub async fn fresh_tips(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<FreshTip>> {
    Ok(diesel::sql_query(
        "select t.id, t.received_at, coalesce(s.reached_at, t.received_at) as reached_at,
                array_remove(s.methods || t.method, null) as methods, t.occurred_at, t.details, s.case_id
         from tips t join tip_states s on s.tip_id = t.id where t.id = any($1) and not t.test order by t.id",
    )
    .bind::<st::Array<st::Uuid>, _>(ids)
    .load(conn)
    .await?)
}

/// Those of these tips that an officer accepted.
pub async fn accepted(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    use crate::db::schema::tip_states as s;
    Ok(s::table
        .filter(s::tip_id.eq_any(ids).and(s::status.eq("accepted")))
        .select(s::tip_id)
        .load(conn)
        .await?)
}

/// Kind and value of an indicator.
#[derive(Clone, Debug, QueryableByName)]
pub struct ValueRow {
    #[diesel(sql_type = st::Binary)]
    pub key: Vec<u8>,
    #[diesel(sql_type = st::Text)]
    pub kind: String,
    #[diesel(sql_type = st::Text)]
    pub value: String,
}

/// Kinds and values of indicators.
pub async fn values(conn: &mut Conn, keys: &[Vec<u8>]) -> Result<Vec<ValueRow>> {
    Ok(
        diesel::sql_query("select key, kind, value from indicators where key = any($1)")
            .bind::<st::Array<st::Binary>, _>(keys)
            .load(conn)
            .await?,
    )
}

/// A telephone number in several tips.
#[derive(Clone, Debug, QueryableByName)]
pub struct PhoneRow {
    #[diesel(sql_type = st::Binary)]
    pub key: Vec<u8>,
    #[diesel(sql_type = st::Text)]
    pub value: String,
    #[diesel(sql_type = st::Uuid)]
    pub tip_id: Uuid,
    #[diesel(sql_type = st::Integer)]
    pub tips: i32,
}

/// Vietnamese numbers of these tips that stand in at least so many tips and were not looked into since.
pub async fn frequent_phones(
    conn: &mut Conn,
    tips: &[Uuid],
    min_tips: i32,
    since: DateTime<Utc>,
) -> Result<Vec<PhoneRow>> {
    Ok(diesel::sql_query(
        "select distinct on (i.key) i.key, i.value, e.tip_id, f.tips
         from tip_indicators e
         join indicators i on i.key = e.indicator_key and i.value like '+84%'
         join indicator_figures f on f.key = i.key and f.tips >= $2
         where e.tip_id = any($1) and e.kind = 'phone' and not exists (
            select 1 from referral_indicators ri join referrals r on r.id = ri.referral_id
            where ri.indicator_key = i.key and r.kind = 'verify_subscriber' and r.created_at > $3)
         order by i.key, e.tip_id desc",
    )
    .bind::<st::Array<st::Uuid>, _>(tips)
    .bind::<st::Integer, _>(min_tips)
    .bind::<st::Timestamptz, _>(since)
    .load(conn)
    .await?)
}

/// A confirmed site, page or account, with the last tip that names it.
#[derive(Clone, Debug, QueryableByName)]
pub struct SiteRow {
    #[diesel(sql_type = st::Binary)]
    pub key: Vec<u8>,
    /// The verdict that confirmed it.
    #[diesel(sql_type = st::Uuid)]
    pub verdict: Uuid,
    #[diesel(sql_type = st::Uuid)]
    pub tip_id: Uuid,
    #[diesel(sql_type = st::Timestamptz)]
    pub reached_at: DateTime<Utc>,
}

/// Those of these indicators that are confirmed scams of such kinds and have no takedown under way.
pub async fn confirmed(
    conn: &mut Conn,
    indicators: &[Uuid],
    kinds: &[&str],
) -> Result<Vec<SiteRow>> {
    Ok(diesel::sql_query(
        "select i.key, v.id as verdict, t.id as tip_id, t.reached_at
         from indicators i
         join indicator_verdicts v on v.key = i.key and v.ended_at is null and not v.waits
              and v.verdict = 'confirmed_scam' and v.approved_at is not null
         cross join lateral (
            select t.id, coalesce(s.reached_at, t.received_at) as reached_at
            from tip_indicators e join tips t on t.id = e.tip_id join tip_states s on s.tip_id = t.id
            where e.indicator_key = i.key and not t.test order by e.tip_id desc limit 1) t
         where i.id = any($1) and i.kind = any($2) and not exists (
            select 1 from referral_indicators ri join referrals r on r.id = ri.referral_id
            where ri.indicator_key = i.key and r.kind = 'takedown'
              and r.state in ('proposed', 'sent', 'acknowledged', 'completed'))",
    )
    .bind::<st::Array<st::Uuid>, _>(indicators)
    .bind::<st::Array<st::Text>, _>(kinds)
    .load(conn)
    .await?)
}

/// Content that was removed and is reported again.
#[derive(Clone, Debug, QueryableByName)]
pub struct BackRow {
    #[diesel(sql_type = st::Uuid)]
    pub referral_id: Uuid,
    #[diesel(sql_type = st::Binary)]
    pub key: Vec<u8>,
}

/// What these tips report although it was removed before they came.
pub async fn back_again(conn: &mut Conn, tips: &[Uuid]) -> Result<Vec<BackRow>> {
    Ok(diesel::sql_query(
        "select distinct ri.referral_id, ri.indicator_key as key
         from tip_indicators e join tips t on t.id = e.tip_id and not t.test
         join referral_indicators ri on ri.indicator_key = e.indicator_key
              and ri.outcome in ('removed', 'blocked', 'gone') and ri.answered_at < t.received_at
         join referrals r on r.id = ri.referral_id and r.kind = 'takedown'
         where e.tip_id = any($1) order by 1, 2",
    )
    .bind::<st::Array<st::Uuid>, _>(tips)
    .load(conn)
    .await?)
}

/// A tip that was sent to another competent body.
#[derive(Clone, Debug, QueryableByName)]
pub struct TransferRow {
    #[diesel(sql_type = st::Uuid)]
    pub decision_id: Uuid,
    #[diesel(sql_type = st::Uuid)]
    pub tip_id: Uuid,
    #[diesel(sql_type = st::Text)]
    pub agency: String,
    #[diesel(sql_type = st::Timestamptz)]
    pub reached_at: DateTime<Utc>,
}

/// Those of these tips that were, trials left out.
pub async fn transfers(conn: &mut Conn, tips: &[Uuid]) -> Result<Vec<TransferRow>> {
    Ok(diesel::sql_query(
        "select d.id as decision_id, d.tip_id, d.agency, coalesce(s.reached_at, t.received_at) as reached_at
         from tip_decisions d join tips t on t.id = d.tip_id and not t.test
         join tip_states s on s.tip_id = t.id
         where d.tip_id = any($1) and d.decision = 'transfer' and d.undone_at is null and d.agency is not null",
    )
    .bind::<st::Array<st::Uuid>, _>(tips)
    .load(conn)
    .await?)
}
