//! The result that a reporter is owed: of the tip itself, or of the case in which its matter was decided.

use chrono::{DateTime, Utc};

use super::store;
use crate::db::Conn;
use crate::domain::case_flow::CaseState;
use crate::domain::news::News;
use crate::domain::status::TipStatus;
use crate::error::Result;
use crate::tips::TipState;

/// What came of a tip, and since when.
#[derive(Clone, Copy)]
pub struct TipResult {
    pub status: TipStatus,
    /// The decision of the case, where one was taken.
    pub case: Option<CaseState>,
    pub at: DateTime<Utc>,
    /// Whether the reporter may read it: the result of a case that the tip only joined is an officer's to
    /// release.
    pub released: bool,
}

/// The result as the police know it.
pub async fn known(conn: &mut Conn, state: &TipState) -> Result<Option<TipResult>> {
    Ok(match of_case(conn, state).await? {
        Some(result) => Some(result),
        None => own(state),
    })
}

/// The result as its reporter may read it.
pub async fn readable(conn: &mut Conn, state: &TipState) -> Result<Option<TipResult>> {
    let known = known(conn, state).await?;
    Ok(known.filter(|result| result.released).or(own(state)))
}

fn own(state: &TipState) -> Option<TipResult> {
    Some(TipResult {
        at: state.result_at()?,
        status: TipStatus::parse(&state.status)?,
        case: None,
        released: true,
    })
}

/// The decision of the tip's case; a duplicate has that of the tip which it repeats.
async fn of_case(conn: &mut Conn, state: &TipState) -> Result<Option<TipResult>> {
    let (case, joined) = match state.status.as_str() {
        "accepted" => (state.case_id, false),
        "duplicate" => (store::case_of_original(conn, state.tip_id).await?, true),
        _ => (None, false),
    };
    let Some(case) = case else { return Ok(None) };
    let Some((decision, at)) = store::case_decision(conn, case).await? else {
        return Ok(None);
    };
    let began = !joined && store::began_case(conn, case, state.clock_start()).await?;
    Ok(Some(TipResult {
        status: TipStatus::Accepted,
        case: Some(decision),
        at: at.max(state.decided_at.unwrap_or(at)),
        released: began || store::is_released(conn, state.tip_id, News::CaseResult).await?,
    }))
}
