//! What is owed to the reporters of a whole case, and a notice of it told to all of them in one act: to those of its
//! tips and of the duplicates of these.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::notices::{NoticeChannel, NoticeCode};
use super::process::Due;
use super::store::{self, Reporter};
use super::telling::{Sorted, Telling};
use crate::auth::Principal;
use crate::cases;
use crate::db::Conn;
use crate::domain::case_flow::CaseState;
use crate::domain::news::News;
use crate::domain::status::TipStatus;
use crate::error::{Error, FieldProblem, Result};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;
use crate::tips::{self, Visibility};

/// Reporters read at once at least: those who are owed nothing may come in runs.
const CHUNK: i64 = 200;

/// What the reporters of a case are told together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaseNoticeCode {
    /// That their tips were received.
    NotifyReporterReception,
    /// Its result.
    NotifyReporterResult,
    /// That it was suspended.
    SendSuspensionReporter,
    /// That it was resumed.
    NotifyResumption,
}

impl CaseNoticeCode {
    const fn of_tips(self) -> NoticeCode {
        match self {
            Self::NotifyReporterReception => NoticeCode::NotifyReporterReception,
            Self::NotifyReporterResult => NoticeCode::NotifyReporterResult,
            Self::SendSuspensionReporter => NoticeCode::SendSuspensionReporter,
            Self::NotifyResumption => NoticeCode::NotifyResumption,
        }
    }
}

/// How the reporters of a case are told.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[schema(example = json!({}))]
pub struct TellResult {
    /// How it was sent as well, to those who gave an identity; without it, it is put on the receipts alone.
    pub channel: Option<NoticeChannel>,
    /// When it was sent; without it now.
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    pub sent_at: Option<DateTime<Utc>>,
    /// Only the reporters of these tips of the case or their duplicates, those without an identity too; all without it.
    #[validate(length(min = 1, max = 1000))]
    #[schema(min_items = 1, max_items = 1000)]
    pub tip_ids: Option<Vec<Uuid>>,
}

/// Who was told. Each tip counts once.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResultTold {
    /// What was told: `decided_prosecute` or `decided_no_prosecution`; else `suspended`, `resumed` or `received`.
    #[schema(example = "decided_no_prosecution")]
    pub result: &'static str,
    /// Since when it is so; of the reception that of the first tip.
    pub since: DateTime<Utc>,
    /// Tips of the case and duplicates of them, as far as the caller may know of them.
    #[schema(example = 50)]
    pub tips: usize,
    /// Those whose reporters this call told: it is on the receipt from now on, or recorded as sent.
    #[schema(example = 46)]
    pub told: usize,
    /// Those that had it before: told, or on the receipt.
    #[schema(example = 1)]
    pub told_before: usize,
    /// Those that nothing reaches yet: there is no receipt, and no other way is recorded.
    pub no_channel: Vec<Unreached>,
}

/// A tip whose reporter the result does not reach.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unreached {
    /// The tip.
    pub tip_id: Uuid,
    /// Its number in the register, once it has one.
    #[schema(required, example = "DB-T-2026-000123")]
    pub number: Option<String>,
    /// Whether the reporter gave an identity, so that the notice is owed and can be sent otherwise.
    pub reporter_known: bool,
}

/// What is owed to the reporter of a tip of a case.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseNotice {
    /// The tip.
    pub tip_id: Uuid,
    /// Its number in the register, once it has one.
    #[schema(required, example = "DB-T-2026-000123")]
    pub number: Option<String>,
    /// Whether it repeats a tip of the case.
    pub duplicate: bool,
    /// Whether the reporter gave an identity; to others no notice is owed.
    pub reporter_known: bool,
    /// Whether there is a receipt to read by.
    pub has_receipt: bool,
    /// When the reporter was told of the reception.
    #[schema(required)]
    pub reception_told_at: Option<DateTime<Utc>>,
    /// Since when the result of the case is to be told; nothing before it is decided.
    #[schema(required)]
    pub result_since: Option<DateTime<Utc>>,
    /// When the reporter was told it.
    #[schema(required)]
    pub result_told_at: Option<DateTime<Utc>>,
    /// Whether the reporter can read it by receipt.
    pub result_on_receipt: bool,
    /// Of the last suspension and resumption of the case, as far as the reporter is to be told.
    pub process: Vec<ProcessNotice>,
    /// The notices that are still owed.
    pub owed: Vec<NoticeCode>,
}

/// What a reporter is to be told of the process of a case.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProcessNotice {
    /// Which notice.
    pub code: NoticeCode,
    /// Since when it is to be told.
    pub since: DateTime<Utc>,
    /// When the reporter was told.
    #[schema(required)]
    pub told_at: Option<DateTime<Utc>>,
    /// Whether the reporter can read it by receipt.
    pub on_receipt: bool,
}

impl CaseNotice {
    fn of(row: Reporter, decided: Option<DateTime<Utc>>, process: &[Due]) -> Self {
        let since = decided.map(|at| row.result_since(at));
        let told = row.told_since(since);
        let mut owed = Vec::new();
        if !row.anonymous && row.reception_told_at.is_none() {
            owed.push(NoticeCode::NotifyReporterReception);
        }
        if !row.anonymous && since.is_some() && told.is_none() {
            owed.push(NoticeCode::NotifyReporterResult);
        }
        let untold = process
            .iter()
            .filter(|due| !row.anonymous && due.told_at.is_none());
        owed.extend(untold.map(|due| due.code));
        let process = process.iter().map(|due| ProcessNotice {
            code: due.code,
            since: due.since,
            told_at: due.told_at,
            on_receipt: row.has_receipt && due.released,
        });
        Self {
            process: process.collect(),
            tip_id: row.tip_id,
            duplicate: row.duplicate,
            reporter_known: !row.anonymous,
            has_receipt: row.has_receipt,
            reception_told_at: row.reception_told_at,
            result_since: since,
            result_told_at: told,
            result_on_receipt: since.is_some() && row.is_readable(),
            owed,
            number: row.number,
        }
    }
}

/// A page of what is owed to the reporters of a case, in the order of their tips, and one row more where there is more.
pub async fn list(
    conn: &mut Conn,
    (case, visible): (Uuid, &Visibility),
    owed_only: bool,
    mut after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<CaseNotice>> {
    cases::find_case(conn, case, visible).await?;
    let decided = store::case_decision(conn, case).await?.map(|(_, at)| at);
    let chunk = CHUNK.max(limit + 1);
    let mut notices = Vec::new();
    loop {
        let rows = store::reporters(conn, case, after, Some(chunk)).await?;
        let ended = i64::try_from(rows.len()).unwrap_or(0) < chunk;
        after = rows.last().map(|row| row.tip_id);
        let rows = seen(conn, visible, rows).await?;
        let process = process_of(conn, case, &rows).await?;
        let none = Vec::new();
        let all = rows.into_iter().map(|row| {
            let process = process.get(&row.tip_id).unwrap_or(&none);
            CaseNotice::of(row, decided, process)
        });
        notices.extend(all.filter(|notice| !owed_only || !notice.owed.is_empty()));
        let full = usize::try_from(limit + 1).unwrap_or(usize::MAX);
        if ended || notices.len() >= full {
            notices.truncate(full);
            return Ok(notices);
        }
    }
}

/// What some reporters are to be told of the process of their case, by tip.
async fn process_of(
    conn: &mut Conn,
    case: Uuid,
    rows: &[Reporter],
) -> Result<HashMap<Uuid, Vec<Due>>> {
    let tips: Vec<Uuid> = rows.iter().map(|row| row.tip_id).collect();
    let mut all: HashMap<Uuid, Vec<Due>> = HashMap::new();
    for row in store::process(conn, case, &tips).await? {
        all.entry(row.tip_id).or_default().extend(Due::of(&row));
    }
    Ok(all)
}

/// Those of them that a bearer may know of.
async fn seen(
    conn: &mut Conn,
    visible: &Visibility,
    mut rows: Vec<Reporter>,
) -> Result<Vec<Reporter>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.tip_id).collect();
    let known = cases::known_tips(conn, visible, &ids).await?;
    rows.retain(|row| known.contains(&row.tip_id));
    Ok(rows)
}

/// What there is to tell of a case, and since when; 409 where there is nothing yet.
async fn subject(
    conn: &mut Conn,
    (case, received_at): (Uuid, DateTime<Utc>),
    code: CaseNoticeCode,
) -> Result<(&'static str, DateTime<Utc>)> {
    let (subject, detail) = match code {
        CaseNoticeCode::NotifyReporterReception => {
            return Ok((TipStatus::Received.as_str(), received_at));
        }
        CaseNoticeCode::NotifyReporterResult => {
            let decision = store::case_decision(conn, case).await?;
            (
                decision.map(|(decision, at)| (decision.as_str(), at)),
                "The case is not decided: there is no result to tell yet.",
            )
        }
        CaseNoticeCode::SendSuspensionReporter => {
            let at = store::last_act(conn, case, "suspended").await?;
            (
                at.map(|at| (CaseState::Suspended.as_str(), at)),
                "The case was not suspended: there is nothing to tell.",
            )
        }
        CaseNoticeCode::NotifyResumption => {
            let at = store::last_act(conn, case, "resumed").await?;
            (
                at.map(|at| (CaseState::Resumed.as_str(), at)),
                "The case was not resumed: there is nothing to tell.",
            )
        }
    };
    subject.ok_or_else(|| Error::conflict("wrong_state", detail))
}

/// Tells the reporters of a case; who was told already is told nothing twice.
pub async fn tell(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    (case, code): (Uuid, CaseNoticeCode),
    wish: &TellResult,
) -> Result<ResultTold> {
    let visible = Visibility::of(who);
    let row = cases::lock_open_case(conn, case, &visible).await?;
    let (subject, since) = subject(conn, (case, row.received_at), code).await?;
    let ids: Vec<Uuid> = store::reporters(conn, case, None, None)
        .await?
        .iter()
        .map(|row| row.tip_id)
        .collect();
    tips::lock_states(conn, &ids, &Visibility::all()).await?;
    // Looked at once nobody changes them any more: one may just have read its receipt.
    let rows = store::reporters(conn, case, None, None).await?;
    let rows = seen(conn, &visible, rows).await?;
    let rows = wanted(rows, wish)?;
    // Only now: who waited for others, whose tips joined meanwhile, tells these after they joined.
    let now = app.now();
    let process = process_of(conn, case, &rows).await?;
    let tellings: Vec<Telling<'_>> = rows
        .iter()
        .filter_map(|row| match code {
            CaseNoticeCode::NotifyReporterReception => Some(Telling::reception(row)),
            CaseNoticeCode::NotifyReporterResult => Some(Telling::result(row, since)),
            _ => {
                let mut due = process.get(&row.tip_id)?.iter();
                due.find(|due| due.code == code.of_tips())
                    .map(|due| Telling::process(row, due))
            }
        })
        .collect();
    let mut sorted = Sorted::default();
    for telling in &tellings {
        sorted.add(telling, wish);
    }
    let owed_since = sorted.sent.iter().map(|one| one.since).max();
    let owed_since = owed_since.unwrap_or(since);
    let at = wish.sent_at.unwrap_or(now.max(owed_since));
    if wish.sent_at.is_some() && (at > now || at < owed_since) {
        return Err(Error::invalid(
            "/sent_at",
            "out_of_range",
            "A notice is sent after it is owed and not in the future.",
        ));
    }
    let ids_of = |all: &[&Telling<'_>]| all.iter().map(|one| one.row.tip_id).collect::<Vec<_>>();
    let (released, sent) = (ids_of(&sorted.released), ids_of(&sorted.sent));
    let name = code.of_tips().as_str();
    let news = match code {
        // It is on every receipt by itself.
        CaseNoticeCode::NotifyReporterReception => {
            store::set_reception_told(conn, &sent, at).await?;
            name
        }
        CaseNoticeCode::NotifyReporterResult => {
            store::insert_case_result(conn, &released, now, &actor.name).await?;
            store::set_result_told(conn, &sent, at).await?;
            News::CaseResult.as_str()
        }
        _ => {
            store::release_process(conn, &released, name, now).await?;
            store::set_process_told(conn, &sent, name, at).await?;
            name
        }
    };
    if !sent.is_empty() {
        cases::look_again_at_case(conn, case, now).await?;
    }
    let told = ResultTold {
        result: subject,
        since,
        tips: tellings.len(),
        told: sorted.told,
        told_before: tellings.len() - sorted.told - sorted.unreached.len(),
        no_channel: sorted
            .unreached
            .iter()
            .map(|one| unreached(one.row))
            .collect(),
    };
    let mut entries: Vec<Entry> = released
        .iter()
        .map(|tip| {
            let entry = Entry::audit("reporter.news_released", actor, now).on("tip", *tip);
            entry.with(json!({"news": news}))
        })
        .collect();
    entries.extend(sent.iter().map(|tip| {
        let entry = Entry::event("tip.updated", actor, now).on("tip", *tip);
        entry.with(json!({
            "change": "notice_sent", "code": name,
            "channel": wish.channel, "sent_at": at,
        }))
    }));
    let of_case = Entry::audit("case.result_told", actor, now).on("case", case);
    entries.push(of_case.with(json!({
        "code": name, "result": subject, "tips": told.tips, "told": told.told, "told_before": told.told_before,
        "no_channel": told.no_channel.iter().map(|row| row.tip_id).collect::<Vec<_>>(),
    })));
    journal::record(conn, &entries).await?;
    Ok(told)
}

/// The tips that are meant; 422 for one that is not of the case.
fn wanted(mut rows: Vec<Reporter>, wish: &TellResult) -> Result<Vec<Reporter>> {
    let Some(ids) = &wish.tip_ids else {
        return Ok(rows);
    };
    let unknown = |id: &Uuid| rows.iter().all(|row| row.tip_id != *id);
    let problems: Vec<FieldProblem> = ids
        .iter()
        .enumerate()
        .filter(|(_, id)| unknown(id))
        .map(|(n, _)| {
            let detail =
                "The tip is none of this case and repeats none of it, or you may not see it.";
            FieldProblem::at(format!("/tip_ids/{n}"), "not_found", detail)
        })
        .collect();
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    rows.retain(|row| ids.contains(&row.tip_id));
    Ok(rows)
}

fn unreached(row: &Reporter) -> Unreached {
    Unreached {
        tip_id: row.tip_id,
        number: row.number.clone(),
        reporter_known: !row.anonymous,
    }
}
