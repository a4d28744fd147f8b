//! SQL of renewals, and of what they make of the freezes before them.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{referral_renewals as l, referrals as r};
use crate::error::Result;

/// An account of a renewal that was neither declined nor taken back.
#[derive(Clone, Debug, QueryableByName)]
pub struct RenewalRow {
    #[diesel(sql_type = st::Uuid)]
    pub renews: Uuid,
    #[diesel(sql_type = st::Uuid)]
    pub id: Uuid,
    #[diesel(sql_type = st::Binary)]
    pub key: Vec<u8>,
    #[diesel(sql_type = st::Bool)]
    pub answered: bool,
}

/// The renewals of some freezes by account, in the order in which they were asked for.
pub async fn renewals(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<RenewalRow>> {
    Ok(diesel::sql_query(
        "select l.renews, n.id, k.indicator_key as key, n.state = 'completed' as answered
         from referral_renewals l
         join referrals n on n.id = l.referral_id and n.state in ('sent', 'acknowledged', 'completed')
         join referral_indicators k on k.referral_id = n.id
         where l.renews = any($1)
         order by n.id, k.ordinal",
    )
    .bind::<st::Array<st::Uuid>, _>(ids)
    .load(conn)
    .await?)
}

/// Whether `referrals` is a freeze that holds money in some account which nobody has asked to prolong.
pub const UNRENEWED: &str = "referrals.kind = 'freeze_funds' and referrals.answer_amount_vnd > 0 and exists (
    select from referral_indicators i
    where i.referral_id = referrals.id and i.outcome in ('frozen', 'partly_frozen')
      and (i.amount_vnd > 0 or not exists (
           select from referral_indicators a where a.referral_id = referrals.id and a.amount_vnd > 0))
      and not exists (
           select from referral_renewals l
           join referrals n on n.id = l.referral_id and n.state in ('sent', 'acknowledged', 'completed')
           join referral_indicators k on k.referral_id = n.id and k.indicator_key = i.indicator_key
           where l.renews = referrals.id))";

/// Those of some freezes whose hold ends before a time, or has ended, and which nobody has asked to prolong.
pub async fn ending(conn: &mut Conn, ids: &[Uuid], before: DateTime<Utc>) -> Result<HashSet<Uuid>> {
    let ids: Vec<Uuid> = r::table
        .filter(r::id.eq_any(ids).and(r::expires_at.lt(before)))
        .filter(diesel::dsl::sql::<st::Bool>(UNRENEWED))
        .select(r::id)
        .load(conn)
        .await?;
    Ok(ids.into_iter().collect())
}

/// Notes that a freeze prolongs another.
pub async fn insert_renewal(conn: &mut Conn, id: Uuid, renews: Uuid) -> Result<()> {
    diesel::insert_into(l::table)
        .values((l::referral_id.eq(id), l::renews.eq(renews)))
        .execute(conn)
        .await?;
    Ok(())
}

/// What those of some referrals prolong that are renewals.
pub async fn renewed_by_these(conn: &mut Conn, ids: &[Uuid]) -> Result<HashMap<Uuid, Uuid>> {
    let pairs: Vec<(Uuid, Uuid)> = l::table
        .filter(l::referral_id.eq_any(ids))
        .select((l::referral_id, l::renews))
        .load(conn)
        .await?;
    Ok(pairs.into_iter().collect())
}

/// Whether a freeze prolongs another.
pub async fn is_renewal(conn: &mut Conn, id: Uuid) -> Result<bool> {
    let found = l::table.find(id);
    Ok(diesel::select(diesel::dsl::exists(found))
        .get_result(conn)
        .await?)
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = st::Uuid)]
    id: Uuid,
}

/// The case that took a case over, at the end of a chain of them; itself where none did.
pub async fn standing_case(conn: &mut Conn, case: Uuid) -> Result<Option<Uuid>> {
    let found: Option<Id> = diesel::sql_query(
        "with recursive up (id, into_id) as (
            select id, merged_into from cases where id = $1
            union select c.id, c.merged_into from cases c join up on c.id = up.into_id)
         select id from up where into_id is null",
    )
    .bind::<st::Uuid, _>(case)
    .get_result(conn)
    .await
    .optional()?;
    Ok(found.map(|found| found.id))
}

/// Counts the answer to a renewal in the place of that of the freeze before it, for the accounts that it is about:
/// with the first of the chain, so that it is counted where and when the money was first frozen, and once.
pub async fn count_renewed(
    conn: &mut Conn,
    before: Uuid,
    renewal: Uuid,
    frozen_vnd: i64,
) -> Result<()> {
    diesel::sql_query(
        "with recursive chain (id) as (
            select $1 union select l.renews from referral_renewals l join chain on l.referral_id = chain.id),
         before (vnd) as (
            select case when (select coalesce(sum(amount_vnd), 0) from referral_indicators where referral_id = p.id)
                             = p.answer_amount_vnd
                   then (select coalesce(sum(i.amount_vnd), 0)::bigint from referral_indicators i
                         join referral_indicators k on k.indicator_key = i.indicator_key and k.referral_id = $2
                         where i.referral_id = p.id)
                   else p.answer_amount_vnd end
            from referrals p where p.id = $1)
         insert into freeze_counts (referral_id, counted_vnd)
         select r.id, greatest(r.answer_amount_vnd - before.vnd + $3, 0) from referrals r, chain, before
         where r.id = chain.id and not exists (select from referral_renewals l where l.referral_id = r.id)
         union all select $2, 0
         on conflict (referral_id) do update
         set counted_vnd = greatest(freeze_counts.counted_vnd - (select vnd from before) + $3, 0)",
    )
    .bind::<st::Uuid, _>(before)
    .bind::<st::Uuid, _>(renewal)
    .bind::<st::BigInt, _>(frozen_vnd)
    .execute(conn)
    .await?;
    Ok(())
}
