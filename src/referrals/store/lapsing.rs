//! SQL of proposals that fall with their tip.

use chrono::{DateTime, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::ReferralRow;
use crate::db::Conn;
use crate::db::schema::{referral_lapses as l, referrals as r, tip_states as s};
use crate::error::Result;

/// What rests on more than the one tip that it names: a confirmed indicator, a number in several tips.
const ON_OTHER_GROUNDS: [&str; 2] = ["takedown", "verify_subscriber"];
/// How the work on a tip ends without a case.
const ENDED: [&str; 2] = ["dismissed", "withdrawn"];

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = st::Uuid)]
    id: Uuid,
}

/// Whether a tip was dismissed or withdrawn and belongs to no case.
pub async fn tip_ended(conn: &mut Conn, tip: Uuid) -> Result<bool> {
    let ended = s::table
        .filter(s::tip_id.eq(tip).and(s::case_id.is_null()))
        .filter(s::status.eq_any(ENDED));
    Ok(diesel::select(exists(ended)).get_result(conn).await?)
}

/// Whether what a proposal rests on has ended.
pub async fn ended(conn: &mut Conn, row: &ReferralRow) -> Result<bool> {
    match row.tip_id {
        Some(tip) => Ok(groundless(conn, &[tip]).await?.contains(&row.id)),
        None => Ok(false),
    }
}

/// Those of some tips and all that repeat one of them, however many steps away: what becomes of the one concerns
/// the others.
pub async fn with_duplicates(conn: &mut Conn, tips: &[Uuid]) -> Result<Vec<Uuid>> {
    let rows: Vec<Id> = diesel::sql_query(
        "with recursive told (id) as (
            select unnest($1)
            union
            select d.tip_id from told x
            join tip_decisions d on d.duplicate_of = x.id and d.undone_at is null
            join tip_states s on s.tip_id = d.tip_id and s.status = 'duplicate')
         select id from told",
    )
    .bind::<st::Array<st::Uuid>, _>(tips)
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// The proposals of these tips, fallen ones too, whose ground has ended: the tip was dismissed or withdrawn and
/// belongs to no case, or it repeats one that was; or it repeats one for which the very same is asked: as much, of
/// the same agency, about the same. A duplicate that tells of other money keeps its own.
async fn groundless(conn: &mut Conn, tips: &[Uuid]) -> Result<Vec<Uuid>> {
    let rows: Vec<Id> = diesel::sql_query(
        "with recursive original (tip_id, id, steps) as (
            select s.tip_id, s.tip_id, 0 from tip_states s
            where s.tip_id = any($1) and s.case_id is null
            union all
            select o.tip_id, d.duplicate_of, o.steps + 1 from original o
            cross join lateral (
                select duplicate_of from tip_decisions
                where tip_id = o.id and undone_at is null order by decided_at desc, id desc limit 1) d
            where o.steps < 10 and d.duplicate_of is not null
              and exists (select from tip_states y where y.tip_id = o.id and y.status = 'duplicate'))
         select distinct p.id from original o
         join tip_states x on x.tip_id = o.id
         join referrals p on p.tip_id = o.tip_id
         where p.kind <> all($2)
           and (p.state = 'proposed' or exists (select from referral_lapses l where l.referral_id = p.id))
           and (x.status = any($3) and x.case_id is null
                or o.steps > 0 and exists (
                    select from referrals q
                    where q.tip_id = o.id and q.kind = p.kind and q.agency = p.agency
                      and q.amount_vnd is not distinct from p.amount_vnd
                      and (q.state in ('proposed', 'sent', 'acknowledged', 'completed')
                           or exists (select from referral_lapses l where l.referral_id = q.id))
                      and array(select indicator_key from referral_indicators
                                where referral_id = q.id order by indicator_key)
                          = array(select indicator_key from referral_indicators
                                  where referral_id = p.id order by indicator_key)))",
    )
    .bind::<st::Array<st::Uuid>, _>(tips)
    .bind::<st::Array<st::Text>, _>(ON_OTHER_GROUNDS.as_slice())
    .bind::<st::Array<st::Text>, _>(ENDED.as_slice())
    .load(conn)
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Open proposals of these tips whose ground has ended; locked.
pub async fn lock_lapsing(conn: &mut Conn, tips: &[Uuid]) -> Result<Vec<ReferralRow>> {
    let ended = groundless(conn, tips).await?;
    Ok(ReferralRow::query()
        .filter(r::id.eq_any(ended).and(r::state.eq("proposed")))
        .order(r::id)
        .for_update()
        .load(conn)
        .await?)
}

/// Proposals of these tips that fell and whose ground there is again; locked.
pub async fn lock_reviving(conn: &mut Conn, tips: &[Uuid]) -> Result<Vec<ReferralRow>> {
    let ended = groundless(conn, tips).await?;
    let lapsed = exists(l::table.filter(l::referral_id.eq(r::id)));
    Ok(ReferralRow::query()
        .filter(r::tip_id.eq_any(tips).and(lapsed))
        .filter(not(r::id.eq_any(ended)))
        .order(r::id)
        .for_update()
        .load(conn)
        .await?)
}

/// Notes that a proposal fell with its tip.
pub async fn insert_lapse(conn: &mut Conn, referral: Uuid, at: DateTime<Utc>) -> Result<()> {
    diesel::insert_into(l::table)
        .values((l::referral_id.eq(referral), l::at.eq(at)))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(())
}

/// It is proposed again.
pub async fn delete_lapse(conn: &mut Conn, referral: Uuid) -> Result<()> {
    diesel::delete(l::table.filter(l::referral_id.eq(referral)))
        .execute(conn)
        .await?;
    Ok(())
}
