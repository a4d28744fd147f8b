//! Telling the reporters of a case: what it does for each of them, in one act.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::case_notices::{CaseNoticeCode, ResultTold, TellResult, Unreached, process_of, seen};
use super::kept;
use super::process::Due;
use super::store::{self, Reporter};
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

/// What one notice is to one reporter.
pub struct Telling<'a> {
    pub row: &'a Reporter,
    /// Since when it is owed.
    pub since: DateTime<Utc>,
    /// Whether the reporter was told.
    told: bool,
    /// Whether the receipt, where there is one, shows it.
    released: bool,
}

impl<'a> Telling<'a> {
    /// The result of the case: owed since that was decided, or since the tip joined it.
    pub fn result(row: &'a Reporter, decided: DateTime<Utc>) -> Self {
        let since = row.result_since(decided);
        Self {
            row,
            since,
            told: row.told_since(Some(since)).is_some(),
            released: row.began || row.released,
        }
    }

    /// The reception: whoever has a receipt can read it.
    pub fn reception(row: &'a Reporter) -> Self {
        Self {
            row,
            since: row.received_at,
            told: row.reception_told_at.is_some(),
            released: true,
        }
    }

    /// A suspension or resumption.
    pub fn process(row: &'a Reporter, due: &Due) -> Self {
        Self {
            row,
            since: due.since,
            told: due.told_at.is_some(),
            released: due.released,
        }
    }
}

/// What is done for each reporter.
#[derive(Default)]
pub struct Sorted<'a> {
    /// It is put on the receipt.
    pub released: Vec<&'a Telling<'a>>,
    /// It is recorded as sent.
    pub sent: Vec<&'a Telling<'a>>,
    /// Told by either.
    pub told: usize,
    /// Nothing reaches them.
    pub unreached: Vec<&'a Telling<'a>>,
}

impl<'a> Sorted<'a> {
    /// Sorts in one more: each is put on a receipt, sent, both, told already, or not to be reached.
    pub fn add(&mut self, one: &'a Telling<'a>, wish: &TellResult) {
        let release = one.row.has_receipt && !one.released;
        // To whom nothing is owed, nothing is sent unless that very tip is named.
        let reachable = !one.row.anonymous || wish.tip_ids.is_some();
        let send = wish.channel.is_some() && reachable && !one.told;
        if release {
            self.released.push(one);
        }
        if send {
            self.sent.push(one);
        }
        if send || (release && !one.told) {
            self.told += 1;
        } else if !one.told && !one.row.has_receipt {
            self.unreached.push(one);
        }
    }
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
        .filter_map(|row| telling(code, row, since, &process))
        .collect();
    let mut sorted = Sorted::default();
    for telling in &tellings {
        sorted.add(telling, wish);
    }
    let at = sent_at(wish, &sorted, since, now)?;
    let done = Done {
        code,
        released: tips_of(&sorted.released),
        sent: tips_of(&sorted.sent),
        owed: sorted
            .sent
            .iter()
            .map(|one| (one.row.tip_id, one.since))
            .collect(),
        subject,
        at,
        now,
    };
    done.keep(conn, actor).await?;
    if !done.sent.is_empty() {
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
    let mut entries = done.entries(wish, actor);
    let of_case = Entry::audit("case.result_told", actor, now).on("case", case);
    entries.push(of_case.with(json!({
        "code": done.name(), "result": subject, "tips": told.tips, "told": told.told, "told_before": told.told_before,
        "no_channel": told.no_channel.iter().map(|row| row.tip_id).collect::<Vec<_>>(),
    })));
    journal::record(conn, &entries).await?;
    Ok(told)
}

/// What a notice is to one reporter; nothing where there is none of it for them.
fn telling<'a>(
    code: CaseNoticeCode,
    row: &'a Reporter,
    since: DateTime<Utc>,
    process: &HashMap<Uuid, Vec<Due>>,
) -> Option<Telling<'a>> {
    match code {
        CaseNoticeCode::NotifyReporterReception => Some(Telling::reception(row)),
        CaseNoticeCode::NotifyReporterResult => Some(Telling::result(row, since)),
        CaseNoticeCode::SendSuspensionReporter | CaseNoticeCode::NotifyResumption => {
            let mut due = process.get(&row.tip_id)?.iter();
            due.find(|due| due.code == code.of_tips())
                .map(|due| Telling::process(row, due))
        }
    }
}

/// When it was sent: as the officer says, else now; never before it was owed.
fn sent_at(
    wish: &TellResult,
    sorted: &Sorted<'_>,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>> {
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
    Ok(at)
}

fn tips_of(all: &[&Telling<'_>]) -> Vec<Uuid> {
    all.iter().map(|one| one.row.tip_id).collect()
}

/// A notice that is told, and for which tips.
struct Done {
    code: CaseNoticeCode,
    /// It is put on their receipts.
    released: Vec<Uuid>,
    /// It was sent to their reporters.
    sent: Vec<Uuid>,
    /// Since when it was owed to each of those.
    owed: Vec<(Uuid, DateTime<Utc>)>,
    /// What was told.
    subject: &'static str,
    /// When it was sent.
    at: DateTime<Utc>,
    now: DateTime<Utc>,
}

impl Done {
    fn name(&self) -> &'static str {
        self.code.of_tips().as_str()
    }

    /// What the receipt calls it.
    fn news(&self) -> &'static str {
        match self.code {
            CaseNoticeCode::NotifyReporterResult => News::CaseResult.as_str(),
            _ => self.name(),
        }
    }

    async fn keep(&self, conn: &mut Conn, actor: &Actor) -> Result<()> {
        let (released, sent, at, now) = (&self.released, &self.sent, self.at, self.now);
        match self.code {
            // It is on every receipt by itself.
            CaseNoticeCode::NotifyReporterReception => {
                store::set_reception_told(conn, sent, at).await
            }
            CaseNoticeCode::NotifyReporterResult => {
                store::insert_case_result(conn, released, now, &actor.name).await?;
                kept::note_all(conn, &self.owed, self.subject, at).await?;
                store::set_result_told(conn, sent, at).await
            }
            CaseNoticeCode::SendSuspensionReporter | CaseNoticeCode::NotifyResumption => {
                store::release_process(conn, released, self.name(), now).await?;
                store::set_process_told(conn, sent, self.name(), at).await
            }
        }
    }

    /// What the journal tells of each tip.
    fn entries(&self, wish: &TellResult, actor: &Actor) -> Vec<Entry> {
        let released = self.released.iter().map(|tip| {
            let entry = Entry::audit("reporter.news_released", actor, self.now).on("tip", *tip);
            entry.with(json!({"news": self.news()}))
        });
        let sent = self.sent.iter().map(|tip| {
            let entry = Entry::event("tip.updated", actor, self.now).on("tip", *tip);
            entry.with(json!({
                "change": "notice_sent", "code": self.name(),
                "channel": wish.channel, "sent_at": self.at,
            }))
        });
        released.chain(sent).collect()
    }
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
