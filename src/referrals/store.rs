//! SQL of referrals.

mod asked;
mod figures;
mod lapsing;
mod messages;
mod reach;
pub mod recorded;
mod renewals;
mod results;
pub mod rules;
mod told;

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types as st;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::reach::Reach;
use crate::db::schema::{case_members as m, referral_indicators as ri, referrals as r};
use crate::db::{Conn, OnConstraint};
use crate::error::{Error, Result};

pub use asked::{asked, case_of_tip, lock_accounts};
pub use figures::{KindFigures, kind_figures};
pub use lapsing::{
    delete_lapse, ended, insert_lapse, lock_lapsing, lock_reviving, tip_ended, with_duplicates,
};
pub use messages::{MessageRow, insert_message, insert_news, losers, messages, namers, told_of};
pub use renewals::{
    UNRENEWED, count_renewed, ending, insert_renewal, is_renewal, renewals, renewed_by_these,
    standing_case,
};
pub use results::{AboutRow, about, clear_result, confirmed_keys, set_result, traces};
pub use told::{CaseRow, ToldRow, cases, edges, members, named_within, reported_loss, told};

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

impl ReferralRow {
    /// Whether it is a freeze with which a bank holds money.
    pub fn holds(&self) -> bool {
        self.state == "completed" && self.answer_amount_vnd.is_some_and(|amount| amount > 0)
    }
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
    r::table
        .select(r::id)
        .filter(r::id.eq(id))
        .for_update()
        .first::<Uuid>(conn)
        .await
        .optional()?
        .ok_or(Error::not_found("referral"))?;
    // Looked at once nobody changes it any more.
    find(conn, id, reach).await
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

/// Freezes proposed before a time to the agency of a referral, for its tip or the tips of its case, about
/// none but these accounts; locked.
pub async fn lock_proposed(
    conn: &mut Conn,
    row: &ReferralRow,
    accounts: &[&[u8]],
    before: DateTime<Utc>,
) -> Result<Vec<ReferralRow>> {
    let others = ri::table
        .filter(ri::referral_id.eq(r::id))
        .filter(ri::indicator_key.ne_all(accounts.to_vec()));
    let proposed = ReferralRow::query()
        .filter(r::state.eq("proposed").and(r::kind.eq(&row.kind)))
        .filter(r::agency.eq(&row.agency).and(r::created_at.lt(before)))
        .filter(diesel::dsl::not(diesel::dsl::exists(others)));
    let of_case = m::table
        .filter(m::case_id.nullable().eq(row.case_id))
        .filter(m::removed_at.is_null())
        .select(m::tip_id.nullable());
    Ok(match row.tip_id {
        Some(tip) => {
            let own = proposed.filter(r::tip_id.eq(tip));
            own.order(r::id).for_update().load(conn).await?
        }
        None => {
            let own = proposed.filter(r::tip_id.eq_any(of_case));
            own.order(r::id).for_update().load(conn).await?
        }
    })
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
    /// Only holds that end within these times and that nobody has asked to prolong.
    pub ending: Option<(DateTime<Utc>, DateTime<Utc>)>,
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
        // What was asked before a tip joined the case names no case.
        let tips = m::table
            .filter(m::case_id.eq(case).and(m::removed_at.is_null()))
            .select(m::tip_id.nullable());
        let of_tip = r::case_id.is_null().and(r::tip_id.eq_any(tips));
        query = query.filter(r::case_id.eq(case).or(of_tip));
    }
    if let Some(at) = wanted.due_before {
        query = query
            .filter(r::state.eq_any(["sent", "acknowledged"]))
            .filter(r::due_at.lt(at));
    }
    if let Some((from, to)) = wanted.ending {
        query = query
            .filter(r::expires_at.ge(from).and(r::expires_at.lt(to)))
            .filter(diesel::dsl::sql::<st::Bool>(UNRENEWED));
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

/// What a referral hangs on.
#[derive(Clone, Copy, Debug, Queryable)]
pub struct Subject {
    /// The referral.
    pub id: Uuid,
    /// The tip that it comes from; this or a case.
    pub tip_id: Option<Uuid>,
    /// The case that it comes from.
    pub case_id: Option<Uuid>,
}

/// What some referrals hang on.
pub async fn subjects(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<Subject>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(r::table
        .filter(r::id.eq_any(ids))
        .select((r::id, r::tip_id, r::case_id))
        .load(conn)
        .await?)
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
