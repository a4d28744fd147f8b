//! The clocks of a case: facts from its acts, rules from the domain.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

use super::store::{self, ActRow, CaseRow, FromTips};
use crate::db::{self, Conn};
use crate::domain::case_flow::CaseState;
use crate::domain::deadline::{Act, Acted, Deadline, Facts, LegalProcess, State, next_due};
use crate::error::Result;
use crate::journal::{self, Actor, Entry};
use crate::reference::Reference;
use crate::state::AppState;
use crate::tips::Visibility;

/// Decisions of which the reporters are told.
const RESULTS: [Act; 2] = [Act::Prosecuted, Act::NotProsecuted];

/// The facts of a case: its acts, what the reporters of its tips were told, and their way through a commune.
fn facts(case: &CaseRow, acts: &[ActRow], tips: &FromTips, process: &LegalProcess) -> Facts {
    let opened = [Act::Classified, Act::Accepted].map(|act| Acted {
        act,
        at: case.opened_at,
    });
    let recorded = acts.iter().filter_map(|row| {
        let act = serde_json::from_value(json!(row.act)).ok()?;
        Some(Acted { act, at: row.at })
    });
    let mut facts = Facts::received(case.received_at);
    facts.acts = opened.into_iter().chain(recorded).collect();
    facts.identity_refused = !tips.named;
    if let Some(at) = tips.reception_told_at {
        facts = facts.with(Act::ReporterToldOfReception, at);
    }
    let results = facts
        .acts
        .iter()
        .filter(|acted| RESULTS.contains(&acted.act));
    let decided = results.map(|acted| acted.at).max();
    // What one of them was told of an earlier dismissal is not this result.
    if let Some((first, last)) = tips.result_told
        && decided.is_some_and(|decided| first >= decided)
    {
        facts = facts.with(Act::ReporterToldResult, last);
    }
    if let Some(at) = tips.suspension_told_at {
        facts = facts.with(Act::SuspensionSentToReporter, at);
    }
    match &tips.commune {
        Some(path) => path.onto(facts, process),
        None => facts,
    }
}

/// The deadlines of a case.
pub fn deadlines(
    case: &CaseRow,
    acts: &[ActRow],
    tips: &FromTips,
    reference: &Reference,
    now: DateTime<Utc>,
) -> Vec<Deadline> {
    let facts = facts(case, acts, tips, &reference.process);
    let mut all = reference.legal_clock().for_case(&facts, now);
    if is_abandoned(case, acts) {
        // What was opened by mistake owes nothing: its tip runs its own clocks.
        for deadline in &mut all {
            deadline.state = State::NotApplicable;
            deadline.met_at = None;
            deadline.remaining_seconds = None;
        }
    }
    all
}

/// The deadlines of a case by its id, for who may know of them without seeing the case.
pub async fn deadlines_of(
    conn: &mut Conn,
    id: Uuid,
    reference: &Reference,
    now: DateTime<Utc>,
) -> Result<Vec<Deadline>> {
    let case = store::find_case(conn, id, &Visibility::all()).await?;
    let acts = store::acts(conn, id).await?;
    let tips = store::from_tips_of(conn, id).await?;
    Ok(deadlines(&case, &acts, &tips, reference, now))
}

/// Whether the acceptance that opened the case was undone: it is closed, and nothing was ever done in it.
fn is_abandoned(case: &CaseRow, acts: &[ActRow]) -> bool {
    case.state == CaseState::Closed.as_str() && acts.is_empty()
}

/// When the limits for deciding run out.
pub struct Limits {
    /// The one in force.
    pub in_force: Option<DateTime<Utc>>,
    /// The two months to which the head of the body may extend.
    pub two_months: Option<DateTime<Utc>>,
    /// The four months to which the procuracy may.
    pub four_months: Option<DateTime<Utc>>,
}

/// The limits of a case; who reported has no part in them.
pub fn limits(case: &CaseRow, acts: &[ActRow], reference: &Reference) -> Limits {
    let facts = facts(case, acts, &FromTips::default(), &reference.process);
    let clock = reference.legal_clock();
    let (two_months, four_months) = clock.extensions_end_at(&facts).unzip();
    Limits {
        in_force: clock.limit_ends_at(&facts),
        two_months,
        four_months,
    }
}

/// How long before its end a deadline is announced.
const NEAR: TimeDelta = TimeDelta::hours(24);

/// Stores anew what follows from acts and tips: how urgent the case is, which deadline runs out first and what is to
/// be announced next.
pub async fn refresh(conn: &mut Conn, app: &AppState, id: Uuid) -> Result<()> {
    let case = store::find_case(conn, id, &Visibility::all()).await?;
    let acts = store::acts(conn, id).await?;
    let now = app.now();
    let tips = store::from_tips_of(conn, id).await?;
    let all = deadlines(&case, &acts, &tips, &app.reference.get(), now);
    // What ran out since the announcer's last look is still to be announced.
    let since = store::announced_until(conn, id).await?.unwrap_or(now);
    store::set_score(conn, id).await?;
    store::set_due(
        conn,
        id,
        next_due(&all),
        announcement_after(&all, since),
        since,
    )
    .await
}

/// The first moment after `after` at which a deadline is near or over.
fn announcement_after(deadlines: &[Deadline], after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    deadlines
        .iter()
        .filter(|deadline| matches!(deadline.state, State::Pending | State::Overdue))
        .filter_map(|deadline| deadline.due_at)
        .flat_map(|due_at| [due_at - NEAR, due_at])
        .filter(|at| *at > after)
        .min()
}

/// Announces deadlines that have come near or run out since the last look; returns how many.
pub async fn announce(conn: &mut Conn, app: &AppState) -> Result<usize> {
    let now = app.now();
    let reference = app.reference.get();
    db::transaction(conn, async |conn| {
        let mut entries = Vec::new();
        let due = store::to_announce(conn, now, 200).await?;
        let ids: Vec<Uuid> = due.iter().map(|(case, _)| case.id).collect();
        let tips = store::from_tips(conn, &ids).await?;
        let mut acts: HashMap<Uuid, Vec<ActRow>> = HashMap::new();
        for act in store::acts_of(conn, &ids).await? {
            acts.entry(act.case_id).or_default().push(act);
        }
        for (case, since) in due {
            let acts = acts.remove(&case.id).unwrap_or_default();
            let own = tips.get(&case.id).cloned().unwrap_or_default();
            let all = deadlines(&case, &acts, &own, &reference, now);
            for deadline in &all {
                let (Some(due_at), State::Pending | State::Overdue) =
                    (deadline.due_at, deadline.state)
                else {
                    continue;
                };
                let happened = |at: DateTime<Utc>| at > since && at <= now;
                let kind = if happened(due_at) {
                    "deadline.overdue"
                } else if happened(due_at - NEAR) {
                    "deadline.near"
                } else {
                    continue;
                };
                entries.push(
                    Entry::event(kind, &Actor::system(), now)
                        .on("case", case.id)
                        .with(json!({
                            "code": deadline.code, "due_at": due_at, "number": case.number,
                        })),
                );
            }
            store::set_due(
                conn,
                case.id,
                next_due(&all),
                announcement_after(&all, now),
                now,
            )
            .await?;
        }
        if !entries.is_empty() {
            journal::record(conn, &entries).await?;
        }
        Ok(entries.len())
    })
    .await
}
