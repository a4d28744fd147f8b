//! What is owed to the reporters of a whole case, and a notice of it told to all of them in one act: to those of its
//! tips and of the duplicates of these.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::notices::{NoticeChannel, NoticeCode};
use super::process::Due;
use super::store::{self, Reporter};
use crate::cases;
use crate::db::Conn;
use crate::error::Result;
use crate::tips::Visibility;

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
    pub(super) const fn of_tips(self) -> NoticeCode {
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
    /// When it was sent; defaults to now.
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
pub(super) async fn process_of(
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
pub(super) async fn seen(
    conn: &mut Conn,
    visible: &Visibility,
    mut rows: Vec<Reporter>,
) -> Result<Vec<Reporter>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.tip_id).collect();
    let known = cases::known_tips(conn, visible, &ids).await?;
    rows.retain(|row| known.contains(&row.tip_id));
    Ok(rows)
}
