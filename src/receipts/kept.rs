//! Results that a reporter was told and that are no longer the tip's: it has left its case, was taken up again or was
//! amended. They stay on the receipt, since the days to complain of them run on.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::notices::{Notice, NoticeCode};
use super::results::{self, TipResult};
use super::standing::{self, ComplaintView};
use super::store::{self, ToldRow};
use crate::db::Conn;
use crate::domain::case_flow::CaseState;
use crate::domain::dates;
use crate::domain::dismissal::reason_text;
use crate::domain::lang::Lang;
use crate::domain::status::{TipStatus, status_text};
use crate::error::Result;
use crate::state::AppState;
use crate::tips::TipState;

/// A result that was told.
pub struct Kept {
    since: DateTime<Utc>,
    told_at: DateTime<Utc>,
    status: TipStatus,
    /// The decision of the case that the tip was in.
    pub case: Option<CaseState>,
    reason: Option<String>,
    /// Whether no later decision has taken its place.
    stands: bool,
}

/// Keeps that the reporter of a tip was told a result.
pub async fn note(
    conn: &mut Conn,
    tip: Uuid,
    result: TipResult,
    told_at: DateTime<Utc>,
) -> Result<()> {
    // That a tip repeats another is nothing to complain of.
    if result.case.is_none() && result.status != TipStatus::Dismissed {
        return Ok(());
    }
    let reason = match result.status {
        TipStatus::Dismissed => store::reason(conn, result.tip).await?,
        _ => None,
    };
    let row = ToldRow {
        tip_id: tip,
        since: result.at,
        told_at,
        status: result.status.as_str().to_owned(),
        case_state: result.case.map(|case| case.as_str().to_owned()),
        reason,
    };
    store::keep_told(conn, &[row]).await
}

/// The same for the result of a case, told to the reporters of several tips: each with the time since which it was owed.
pub async fn note_all(
    conn: &mut Conn,
    tips: &[(Uuid, DateTime<Utc>)],
    decision: &str,
    told_at: DateTime<Utc>,
) -> Result<()> {
    let rows: Vec<ToldRow> = tips
        .iter()
        .map(|(tip, since)| ToldRow {
            tip_id: *tip,
            since: *since,
            told_at,
            status: TipStatus::Accepted.as_str().to_owned(),
            case_state: Some(decision.to_owned()),
            reason: None,
        })
        .collect();
    store::keep_told(conn, &rows).await
}

/// What the reporter of a tip was told besides the result that the tip has now.
pub async fn of_tip(conn: &mut Conn, state: &TipState) -> Result<Vec<Kept>> {
    let rows = store::told_results(conn, state.tip_id).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let now = results::known(conn, state).await?;
    let rows = rows
        .into_iter()
        .filter(|row| now.is_none_or(|now| now.at != row.since));
    Ok(rows
        .filter_map(|row| {
            Some(Kept {
                since: row.since,
                told_at: row.told_at,
                status: TipStatus::parse(&row.status)?,
                case: row.case_state.as_deref().and_then(CaseState::parse),
                reason: row.reason,
                stands: now.is_none_or(|now| now.case.is_none()),
            })
        })
        .collect())
}

impl Kept {
    /// The notice as it was, and when it was told. A decision of a case stands, and so does the right to complain of it;
    /// a dismissal has no place any more where the tip is looked at again.
    pub fn notice(&self, app: &AppState, readable: bool, lang: Lang) -> Notice {
        let at = dates::moment(self.told_at, lang);
        let told = lang.pick(
            format!("Đã thông báo cho bạn lúc {at}:"),
            format!("Told to you at {at}:"),
        );
        let reason = (self.status == TipStatus::Dismissed)
            .then(|| reason_text(self.reason.as_deref().unwrap_or("other"), lang).to_owned());
        let complaint = self.complaint(app, lang).map(|complaint| complaint.text);
        let said = status_text(self.status, self.case, lang).to_owned();
        let text: Vec<String> = [Some(told), Some(said), reason, complaint]
            .into_iter()
            .flatten()
            .collect();
        Notice {
            code: NoticeCode::NotifyReporterResult,
            text: text.join(" "),
            since: self.since,
            told_at: Some(self.told_at),
            on_receipt: readable,
        }
    }

    /// How it can be complained of.
    pub fn complaint(&self, app: &AppState, lang: Lang) -> Option<ComplaintView> {
        (self.stands && self.case == Some(CaseState::DecidedNoProsecution))
            .then(|| standing::way(app, Some(self.told_at), lang))
    }
}
