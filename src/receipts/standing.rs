//! Where a tip stands, as its reporter reads it behind the receipt.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::kept;
use super::news::{self, OutcomeView};
use super::notices::{self, Notice};
use super::results::{self, TipResult};
use super::shown::{self, IdentityShown};
use super::store;
use crate::cases;
use crate::db::Conn;
use crate::domain::case_flow::CaseState;
use crate::domain::deadline::{Deadline, State};
use crate::domain::dismissal::reason_text;
use crate::domain::lang::Lang;
use crate::domain::news::News;
use crate::domain::status::{
    RESOLVING, TipStatus, danger_text, is_undecided, lateness, next_step, status_text,
    transferred_to, unread_text,
};
use crate::error::Result;
use crate::reference::Reference;
use crate::state::AppState;
use crate::tips::{self, TipState, deadlines, messages};

/// The number to call where a life is in danger.
pub const EMERGENCY: &str = "police_emergency";

/// What became of a tip, in plain words.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptView {
    /// Where the tip stands.
    #[schema(example = "received")]
    status: String,
    /// The same in one sentence, and further ones where the law's date for what comes next has passed, or
    /// messages of officers wait to be read; for whoever is in danger, first whom to call.
    #[schema(example = "Tin báo của bạn đã được tiếp nhận và đang chờ cán bộ xem.")]
    status_text: String,
    /// What happens next, and by when the law wants it; for whoever is in danger, first whom to call.
    next_step: String,
    /// When the tip was received.
    received_at: DateTime<Utc>,
    /// Deadlines that the law sets and that still run; of a tip that began a case those for deciding as well.
    deadlines: Vec<ReceiptDeadline>,
    /// Why the tip was dismissed.
    #[schema(required)]
    reason: Option<ReasonView>,
    /// How the decision can be complained of: of a dismissal, or of a decision not to prosecute.
    #[schema(required)]
    complaint: Option<ComplaintView>,
    /// What the law has the police tell the reporter; it counts as told with this answer. A result that was told stays,
    /// also where the tip has left its case or is looked at again.
    notices: Vec<Notice>,
    /// What came of it, oldest first: the outcome of a freeze by itself, other news once an officer
    /// has released them.
    outcomes: Vec<OutcomeView>,
    /// How many messages of officers wait to be read, in `GET /v1/receipt/messages`.
    unread_messages: i64,
    /// When officers saw who reported, oldest first; at most the newest 200.
    identity_shown: Vec<IdentityShown>,
}

/// A deadline as a reporter may know it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptDeadline {
    /// Stable code.
    #[schema(example = "classify")]
    code: String,
    /// When it ends.
    due_at: DateTime<Utc>,
    /// The law that sets it.
    #[schema(example = "TTLT01 8(1)-(2)")]
    legal_basis: String,
    /// `pending`, `met` or `overdue`.
    #[schema(value_type = crate::http::DeadlineStateCode)]
    state: String,
}

/// Why a tip was dismissed: the class of the reason, nothing of the case.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReasonView {
    /// Stable code, as in the decision.
    #[schema(example = "civil_matter")]
    code: String,
    /// The same in plain words.
    pub text: String,
}

/// How a decision can be complained of.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComplaintView {
    /// To whom, and what follows.
    pub text: String,
    /// How many days there are for it.
    #[schema(example = 15)]
    period_days: u32,
    /// Until when, counted from the first reading of the result.
    #[schema(required)]
    until: Option<DateTime<Utc>>,
    /// The law that says so.
    #[schema(example = "BLTTHS 56, 469, 471(1), 475")]
    legal_basis: String,
}

/// Where a tip stands, as its reporter may know it.
pub struct Stand {
    status: TipStatus,
    /// What became of the tip that it repeats.
    followed: Option<TipStatus>,
    /// Where its case stands.
    pub case: Option<CaseState>,
    /// Whether the case began with it.
    began: bool,
}

impl Stand {
    /// What is told: a duplicate goes the way of the tip that it repeats, once that is decided.
    pub fn shown(&self) -> TipStatus {
        self.followed.unwrap_or(self.status)
    }

    /// Whether the police have not decided yet.
    pub fn is_undecided(&self) -> bool {
        is_undecided(self.shown(), self.case)
    }
}

/// Where a tip stands whose readable result is known.
pub async fn stand(
    conn: &mut Conn,
    state: &TipState,
    result: Option<TipResult>,
    now: DateTime<Utc>,
) -> Result<Stand> {
    let began = match state.case_id {
        Some(id) => store::case_state(conn, id, state.clock_start()).await?,
        None => None,
    };
    let case = began.as_deref().and_then(CaseState::parse);
    let original = results::original(conn, state).await?;
    let ended =
        |status: &TipStatus| matches!(status, TipStatus::Dismissed | TipStatus::Transferred);
    // A claim is the police's own affair: to the reporter the tip waits.
    let status = match TipStatus::parse(state.status(now)) {
        Some(status) => status,
        None => TipStatus::Received,
    };
    // The result of its case, once that is released.
    let joined_result = (status == TipStatus::Duplicate)
        .then_some(result.and_then(|result| result.case))
        .flatten()
        .map(|_| TipStatus::Accepted);
    Ok(Stand {
        status,
        followed: original
            .and_then(|original| TipStatus::parse(&original.status))
            .filter(ended)
            .or(joined_result),
        case: case.or(result.and_then(|result| result.case)),
        began: began.is_some(),
    })
}

/// The view of a tip whose readable result is known.
pub async fn view(
    conn: &mut Conn,
    app: &AppState,
    state: &TipState,
    result: Option<TipResult>,
    lang: Lang,
) -> Result<ReceiptView> {
    let (now, reference) = (app.now(), app.reference.get());
    let stand = stand(conn, state, result, now).await?;
    let (status, case) = (stand.status, stand.case);
    let mut limits = deadlines::find(conn, state, &reference, now).await?;
    if let (Some(id), true) = (state.case_id, stand.began) {
        let of_case = cases::clock::deadlines_of(conn, id, &reference, now).await?;
        let deciding = |deadline: &Deadline| RESOLVING.contains(&deadline.code);
        limits.extend(of_case.into_iter().filter(deciding));
    }
    let mut all = limits.clone();
    all.extend(deadlines::resolution(state, &reference, now));
    let late = lateness(status, &all, lang);
    let body = body(conn, state, &reference, lang).await?;
    let text = |status| match (status, &body) {
        (TipStatus::Transferred, Some(body)) => transferred_to(body, lang),
        (status, _) => status_text(status, case, lang).to_owned(),
    };
    let unread = messages::unread_by_reporter(conn, state.tip_id).await?;
    let danger = stand.is_undecided() && tips::in_danger(conn, state.tip_id).await?;
    let number = reference.guidebook.shown_number(EMERGENCY);
    let danger = danger.then(|| danger_text(number, lang));
    let told = [
        danger.clone(),
        Some(text(status)),
        stand.followed.map(text),
        late,
        unread_text(unread, lang),
    ];
    let is_told = result.is_some_and(|result| state.told_result_since(result.at).is_some());
    let told: Vec<String> = told.into_iter().flatten().collect();
    let step = next_step(stand.shown(), (case, is_told), &all, lang);
    let step: Vec<String> = danger.into_iter().chain([step]).collect();
    // What was told of a case that the tip has left can still be complained of.
    let kept = kept::of_tip(conn, state).await?;
    let complaint = complaint(app, state, result, lang);
    let complaint = complaint.or_else(|| {
        let mut latest = kept.iter().rev();
        latest.find_map(|kept| kept.complaint(app, lang))
    });
    let decided = result.is_some_and(|result| result.case.is_some())
        || kept.iter().any(|kept| kept.case.is_some());
    Ok(ReceiptView {
        status: status.as_str().to_owned(),
        status_text: told.join(" "),
        next_step: step.join(" "),
        received_at: state.received_at,
        deadlines: limits.iter().filter_map(deadline).collect(),
        reason: reason(conn, result, lang).await?,
        complaint,
        notices: notices::readable(conn, app, state, result, lang).await?,
        outcomes: outcomes(conn, state, decided, app.now(), lang).await?,
        unread_messages: unread,
        identity_shown: shown::of_tip(conn, state.tip_id).await?,
    })
}

/// The name of the body to which the tip was transferred, or the one that it repeats.
pub async fn body(
    conn: &mut Conn,
    state: &TipState,
    reference: &Reference,
    lang: Lang,
) -> Result<Option<String>> {
    let original = results::original(conn, state).await?;
    let (tip, status) = match &original {
        Some(original) => (original.tip_id, original.status.as_str()),
        None => (state.tip_id, state.status.as_str()),
    };
    if status != TipStatus::Transferred.as_str() {
        return Ok(None);
    }
    let code = store::transferred_to(conn, tip).await?;
    let agency = code.and_then(|code| reference.agencies.get(&code));
    Ok(agency.map(|agency| lang.pick(agency.name_vi.clone(), agency.name_en.clone())))
}

/// The news, but none of a case that the tip has left since, unless its result was told.
async fn outcomes(
    conn: &mut Conn,
    state: &TipState,
    decided: bool,
    now: DateTime<Utc>,
    lang: Lang,
) -> Result<Vec<OutcomeView>> {
    let mut all = news::of_tip(conn, state.tip_id, now, lang).await?;
    all.retain(|news| match News::parse(&news.code) {
        Some(News::CaseResult) => decided,
        Some(News::JoinedCase) => state.case_id.is_some(),
        _ => true,
    });
    Ok(all)
}

fn deadline(deadline: &Deadline) -> Option<ReceiptDeadline> {
    if deadline.state == State::NotApplicable {
        return None;
    }
    let text = |value: Value| value.as_str().map(str::to_owned).unwrap_or_default();
    Some(ReceiptDeadline {
        code: deadline.code.as_str().to_owned(),
        due_at: deadline.due_at?,
        legal_basis: deadline.legal_basis.clone(),
        state: text(serde_json::to_value(deadline.state).ok()?),
    })
}

/// Why a tip was dismissed, or the one that it repeats; nothing of another result.
pub async fn reason(
    conn: &mut Conn,
    result: Option<TipResult>,
    lang: Lang,
) -> Result<Option<ReasonView>> {
    let Some(result) = result.filter(|result| result.status == TipStatus::Dismissed) else {
        return Ok(None);
    };
    let code = store::reason(conn, result.tip).await?;
    let code = code.unwrap_or_else(|| "other".to_owned());
    Ok(Some(ReasonView {
        text: reason_text(&code, lang).to_owned(),
        code,
    }))
}

/// How a result can be complained of that goes against what the reporter asked for.
pub fn complaint(
    app: &AppState,
    state: &TipState,
    result: Option<TipResult>,
    lang: Lang,
) -> Option<ComplaintView> {
    let result = result?;
    let against = result.status == TipStatus::Dismissed
        || result.case == Some(CaseState::DecidedNoProsecution);
    if !against {
        return None;
    }
    Some(way(app, state.told_result_since(result.at), lang))
}

/// The way to complain of a result that became known at a time.
pub fn way(app: &AppState, known_at: Option<DateTime<Utc>>, lang: Lang) -> ComplaintView {
    let reference = app.reference.get();
    let way = &reference.complaints;
    let counting = reference.process.counting();
    ComplaintView {
        text: way.text(lang),
        period_days: way.days,
        until: known_at.and_then(|at| way.until(at, &reference.calendar, counting)),
        legal_basis: way.legal_basis.clone(),
    }
}
