//! The clocks of a case: facts from its acts, rules from the domain.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::store::{self, ActRow, CaseRow, FromTips};
use crate::db::{self, Conn};
use crate::domain::case_flow::CaseState;
use crate::domain::deadline::{
    Act, Acted, Announced, Deadline, Facts, LegalProcess, State, near_of_case, next_due,
};
use crate::error::{Error, Result};
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
    if is_abandoned(case, acts) || case.merged_into.is_some() {
        // What was opened by mistake owes nothing: its tip runs its own clocks. Nor does what another case took over.
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

/// Stores anew what follows from acts and tips: how urgent the case is, which deadline runs out first and what is to
/// be announced next.
pub async fn refresh(conn: &mut Conn, app: &AppState, id: Uuid) -> Result<()> {
    let case = store::find_case(conn, id, &Visibility::all()).await?;
    let acts = store::acts(conn, id).await?;
    let now = app.now();
    let tips = store::from_tips_of(conn, id).await?;
    let all = deadlines(&case, &acts, &tips, &app.reference.get(), now);
    let mut told = told(store::announced(conn, id).await?, &all);
    // What is near or over as it begins to run is for the announcer at once.
    let (news, next) = told.look(&all, near_of_case, now);
    let announce_at = if news.is_empty() { next } else { Some(now) };
    store::set_score(conn, id).await?;
    store::set_due(conn, id, next_due(&all), announce_at).await
}

/// What was announced of these deadlines.
fn told((kept, until): store::Told, deadlines: &[Deadline]) -> Announced {
    let mut told: Announced = serde_json::from_value(kept).unwrap_or_default();
    if let Some(until) = until {
        told.look(deadlines, near_of_case, until);
    }
    told
}

/// Announces deadlines that have come near or run out and were not announced yet; returns how many.
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
        for (case, kept) in due {
            let acts = acts.remove(&case.id).unwrap_or_default();
            let own = tips.get(&case.id).cloned().unwrap_or_default();
            let all = deadlines(&case, &acts, &own, &reference, now);
            let mut told = told(kept, &all);
            let (news, next) = told.look(&all, near_of_case, now);
            entries.extend(news.iter().map(|news| {
                Entry::event(news.event(), &Actor::system(), now)
                    .on("case", case.id)
                    .with(json!({
                        "code": news.code, "due_at": news.due_at, "number": case.number,
                    }))
            }));
            let told = serde_json::to_value(&told)
                .map_err(|e| Error::internal("noting what was announced", e))?;
            store::set_announced(conn, case.id, &told).await?;
            store::set_due(conn, case.id, next_due(&all), next).await?;
        }
        if !entries.is_empty() {
            journal::record(conn, &entries).await?;
        }
        Ok(entries.len())
    })
    .await
}
