//! SQL of proposals that fall with their tip.

use chrono::{DateTime, Utc};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
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

/// Whether the tip that a proposal rests on was dismissed or withdrawn and belongs to no case.
pub async fn ended(conn: &mut Conn, row: &ReferralRow) -> Result<bool> {
    let on_other = ON_OTHER_GROUNDS.contains(&row.kind.as_str());
    let Some(tip) = row.tip_id.filter(|_| !on_other) else {
        return Ok(false);
    };
    Ok(ended_of(conn, &[tip]).await?.contains(&tip))
}

/// Those of these tips on which the work has ended without a case.
async fn ended_of(conn: &mut Conn, tips: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(s::table
        .filter(s::tip_id.eq_any(tips).and(s::case_id.is_null()))
        .filter(s::status.eq_any(ENDED))
        .select(s::tip_id)
        .load(conn)
        .await?)
}

/// Open proposals of those of these tips on which the work has ended without a case; locked.
pub async fn lock_lapsing(conn: &mut Conn, tips: &[Uuid]) -> Result<Vec<ReferralRow>> {
    let ended = ended_of(conn, tips).await?;
    Ok(ReferralRow::query()
        .filter(r::tip_id.eq_any(ended).and(r::state.eq("proposed")))
        .filter(r::kind.ne_all(ON_OTHER_GROUNDS))
        .order(r::id)
        .for_update()
        .load(conn)
        .await?)
}

/// Proposals that fell with those of these tips that are worked on again; locked.
pub async fn lock_reviving(conn: &mut Conn, tips: &[Uuid]) -> Result<Vec<ReferralRow>> {
    let ended = ended_of(conn, tips).await?;
    let lapsed = exists(l::table.filter(l::referral_id.eq(r::id)));
    Ok(ReferralRow::query()
        .filter(r::tip_id.eq_any(tips).and(lapsed))
        .filter(not(r::tip_id.assume_not_null().eq_any(ended)))
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
