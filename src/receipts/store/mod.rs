//! SQL of receipts.

mod ends;
mod news;
mod originals;
mod process;
mod reporters;
mod told;

use chrono::{DateTime, Utc};
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::Conn;
use crate::db::schema::{case_acts, cases, receipts, register, reporter_news, tip_decisions};
use crate::domain::case_flow::CaseState;
use crate::domain::news::News;
use crate::error::Result;

pub(super) use ends::{delete_ends, find_end, insert_ends};
pub(super) use news::{NewsRow, news};
pub(super) use originals::{Original, original};
pub(super) use process::{Process, last_act, process, release_process, set_process_told};
pub(super) use reporters::{
    Reporter, insert_case_result, reporters, set_reception_told, set_result_told,
};
pub(super) use told::{ToldRow, keep_told, told_results};

/// What a valid receipt opens.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The tip.
    pub tip_id: Uuid,
}

/// The tip of a receipt that was not withdrawn.
pub(super) async fn find(conn: &mut Conn, hash: &[u8; 32]) -> Result<Option<Opened>> {
    Ok(receipts::table
        .filter(receipts::hash.eq(hash.as_slice()))
        .filter(receipts::withdrawn_at.is_null())
        .select(receipts::tip_id)
        .first(conn)
        .await
        .optional()?
        .map(|tip_id| Opened { tip_id }))
}

/// Withdraws the receipt of a tip: it opens nothing any more.
pub(super) async fn withdraw(conn: &mut Conn, tip: Uuid, at: DateTime<Utc>) -> Result<()> {
    diesel::update(receipts::table.filter(receipts::tip_id.eq(tip)))
        .set(receipts::withdrawn_at.eq(at))
        .execute(conn)
        .await?;
    Ok(())
}

/// Number of a tip in the register, once it is given.
pub(super) async fn number(conn: &mut Conn, tip: Uuid) -> Result<Option<String>> {
    Ok(register::table
        .select(register::number)
        .filter(register::tip_id.eq(tip))
        .first(conn)
        .await
        .optional()?)
}

/// The class of the reason for which a tip was last decided.
pub(super) async fn reason(conn: &mut Conn, tip: Uuid) -> Result<Option<String>> {
    use tip_decisions as d;
    let last: Option<Option<String>> = d::table
        .select(d::reason)
        .filter(d::tip_id.eq(tip).and(d::undone_at.is_null()))
        .order((d::decided_at.desc(), d::id.desc()))
        .first(conn)
        .await
        .optional()?;
    Ok(last.flatten())
}

/// The code of the body to which a tip was last transferred.
pub(super) async fn transferred_to(conn: &mut Conn, tip: Uuid) -> Result<Option<String>> {
    use tip_decisions as d;
    let last: Option<Option<String>> = d::table
        .select(d::agency)
        .filter(d::tip_id.eq(tip).and(d::undone_at.is_null()))
        .order((d::decided_at.desc(), d::id.desc()))
        .first(conn)
        .await
        .optional()?;
    Ok(last.flatten())
}

/// The last decision of a case of which reporters are told, and when it was taken.
pub(super) async fn case_decision(
    conn: &mut Conn,
    case: Uuid,
) -> Result<Option<(CaseState, DateTime<Utc>)>> {
    use case_acts as a;
    let last: Option<(String, DateTime<Utc>)> = a::table
        .select((a::act, a::at))
        .filter(a::case_id.eq(case))
        .filter(a::act.eq_any(["prosecuted", "not_prosecuted"]))
        .order((a::at.desc(), a::id.desc()))
        .first(conn)
        .await
        .optional()?;
    Ok(last.map(|(act, at)| match act.as_str() {
        "prosecuted" => (CaseState::DecidedProsecute, at),
        _ => (CaseState::DecidedNoProsecution, at),
    }))
}

/// Whether a case began with a tip: none of it was received earlier.
pub(super) async fn began_case(
    conn: &mut Conn,
    case: Uuid,
    received_at: DateTime<Utc>,
) -> Result<bool> {
    Ok(case_state(conn, case, received_at).await?.is_some())
}

/// Whether an officer released certain news to the reporter of a tip.
pub(super) async fn is_released(conn: &mut Conn, tip: Uuid, news: News) -> Result<bool> {
    let released = reporter_news::table
        .filter(reporter_news::tip_id.eq(tip))
        .filter(reporter_news::code.eq(news.as_str()));
    Ok(diesel::select(exists(released)).get_result(conn).await?)
}

/// State of the case that a tip began, as the reporter's status text depends on it; nothing for a
/// tip that joined a case after an earlier one: news of that is an officer's to release.
pub(super) async fn case_state(
    conn: &mut Conn,
    id: Uuid,
    received_at: DateTime<Utc>,
) -> Result<Option<String>> {
    Ok(cases::table
        .select(cases::state)
        .filter(cases::id.eq(id))
        .filter(cases::received_at.ge(received_at))
        .first(conn)
        .await
        .optional()?)
}

/// Releases news that belong to no referral; returns whether they are new.
pub(super) async fn insert_news(
    conn: &mut Conn,
    tip: Uuid,
    code: &str,
    at: DateTime<Utc>,
    by: &str,
) -> Result<bool> {
    use reporter_news as n;
    let new = diesel::insert_into(n::table)
        .values((
            n::id.eq(crate::state::id_at(at)),
            n::tip_id.eq(tip),
            n::code.eq(code),
            n::at.eq(at),
            n::released_by.eq(by),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(new == 1)
}
