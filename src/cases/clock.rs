//! The clocks of a case: facts from its acts, rules from the domain.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

use super::store::{self, ActRow, CaseRow};
use crate::db::{self, Conn};
use crate::domain::case_flow::CaseState;
use crate::domain::deadline::{Act, Acted, Deadline, Facts, State, next_due};
use crate::error::Result;
use crate::journal::{self, Actor, Entry};
use crate::reference::Reference;
use crate::state::AppState;
use crate::tips::Visibility;

/// The facts of a case.
pub fn facts(case: &CaseRow, acts: &[ActRow]) -> Facts {
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
    facts
}

/// The deadlines of a case.
pub fn deadlines(
    case: &CaseRow,
    acts: &[ActRow],
    reference: &Reference,
    now: DateTime<Utc>,
) -> Vec<Deadline> {
    let mut all = reference.legal_clock().for_case(&facts(case, acts), now);
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

/// Whether the acceptance that opened the case was undone: it is closed, and nothing was ever done in it.
fn is_abandoned(case: &CaseRow, acts: &[ActRow]) -> bool {
    case.state == CaseState::Closed.as_str() && acts.is_empty()
}

/// When the limit in force for deciding runs out.
pub fn limit_ends_at(
    case: &CaseRow,
    acts: &[ActRow],
    reference: &Reference,
) -> Option<DateTime<Utc>> {
    reference.legal_clock().limit_ends_at(&facts(case, acts))
}

/// How long before its end a deadline is announced.
const NEAR: TimeDelta = TimeDelta::hours(24);

/// Stores anew which deadline runs out first and what is to be announced next.
pub async fn refresh(conn: &mut Conn, app: &AppState, id: Uuid) -> Result<()> {
    let case = store::find_case(conn, id, &Visibility::all()).await?;
    let acts = store::acts(conn, id).await?;
    let now = app.now();
    let all = deadlines(&case, &acts, &app.reference.get(), now);
    // What ran out since the announcer's last look is still to be announced.
    let since = store::announced_until(conn, id).await?.unwrap_or(now);
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
        for (case, since) in store::to_announce(conn, now, 200).await? {
            let acts = store::acts(conn, case.id).await?;
            let all = deadlines(&case, &acts, &reference, now);
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
