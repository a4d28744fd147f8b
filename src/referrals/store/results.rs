//! SQL of what a referral is about and of the answers to it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{indicators as i, referral_indicators as ri};
use crate::error::Result;

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
    #[diesel(sql_type = st::Text)]
    pub value: String,
}

/// Which of these indicators belong to a tip or to the tips of a case.
pub async fn traces(
    conn: &mut Conn,
    ids: &[Uuid],
    (tip, case): (Option<Uuid>, Option<Uuid>),
    communes: Option<&[String]>,
) -> Result<Vec<TraceRow>> {
    Ok(diesel::sql_query(
        "select i.id, i.key, i.kind, i.value from indicators i
         where i.id = any($1) and i.key in (
            select indicator_key from tip_indicators where tip_id = $2
            union all
            select e.indicator_key from case_members m join tip_indicators e on e.tip_id = m.tip_id
            join tip_states s on s.tip_id = m.tip_id and s.restricted_at is null
            where m.case_id = $3 and m.removed_at is null and ($4::text[] is null or s.unit_code = any($4)))",
    )
    .bind::<st::Array<st::Uuid>, _>(ids)
    .bind::<st::Nullable<st::Uuid>, _>(tip)
    .bind::<st::Nullable<st::Uuid>, _>(case)
    .bind::<st::Nullable<st::Array<st::Text>>, _>(communes)
    .load(conn)
    .await?)
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
