//! The result that a reporter is owed: of the tip itself, or of the case in which its matter was decided.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::store::{self, Original};
use crate::db::Conn;
use crate::domain::case_flow::CaseState;
use crate::domain::news::News;
use crate::domain::status::TipStatus;
use crate::error::Result;
use crate::tips::TipState;

/// What came of a tip, and since when.
#[derive(Clone, Copy)]
pub struct TipResult {
    /// The tip that was decided: of a duplicate the one that it repeats.
    pub tip: Uuid,
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
        None => of_original(conn, state).await?.or(own(state)),
    })
}

/// The result as its reporter may read it.
pub async fn readable(conn: &mut Conn, state: &TipState) -> Result<Option<TipResult>> {
    let known = known(conn, state).await?;
    Ok(known.filter(|result| result.released).or(own(state)))
}

fn own(state: &TipState) -> Option<TipResult> {
    Some(TipResult {
        tip: state.tip_id,
        at: state.result_at()?,
        status: TipStatus::parse(&state.status)?,
        case: None,
        released: true,
    })
}

/// The tip that a duplicate repeats, at the end of a chain of them.
pub async fn original(conn: &mut Conn, state: &TipState) -> Result<Option<Original>> {
    if state.status != TipStatus::Duplicate.as_str() {
        return Ok(None);
    }
    store::original(conn, state.tip_id).await
}

/// The dismissal of the tip that a duplicate repeats: with it both matters end.
async fn of_original(conn: &mut Conn, state: &TipState) -> Result<Option<TipResult>> {
    let original = original(conn, state).await?;
    Ok(original.and_then(|original| {
        let status = TipStatus::parse(&original.status)?;
        let at = original.decided_at?;
        (status == TipStatus::Dismissed).then(|| TipResult {
            tip: original.tip_id,
            status,
            case: None,
            at: at.max(state.decided_at.unwrap_or(at)),
            released: true,
        })
    }))
}

/// The case of a tip; a duplicate has that of the tip which it repeats.
pub async fn case_of(conn: &mut Conn, state: &TipState) -> Result<Option<Uuid>> {
    Ok(match state.status.as_str() {
        "accepted" => state.case_id,
        "duplicate" => {
            let original = store::original(conn, state.tip_id).await?;
            original.and_then(|original| original.case_id)
        }
        _ => None,
    })
}

/// The decision of the tip's case.
async fn of_case(conn: &mut Conn, state: &TipState) -> Result<Option<TipResult>> {
    let Some(case) = case_of(conn, state).await? else {
        return Ok(None);
    };
    let joined = state.status == TipStatus::Duplicate.as_str();
    let Some((decision, at)) = store::case_decision(conn, case).await? else {
        return Ok(None);
    };
    let began = !joined && store::began_case(conn, case, state.clock_start()).await?;
    Ok(Some(TipResult {
        tip: state.tip_id,
        status: TipStatus::Accepted,
        case: Some(decision),
        at: at.max(state.decided_at.unwrap_or(at)),
        released: began || store::is_released(conn, state.tip_id, News::CaseResult).await?,
    }))
}
