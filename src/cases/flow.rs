//! Decisions on a case: lawful by the table of the domain, recorded as acts that the clocks read.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;
use uuid::Uuid;

use super::clock;
use super::store::{self, ActRow, CaseRow};
use super::wire::{DecideCase, RecordAct};
use crate::auth::{Principal, Scope};
use crate::db::Conn;
use crate::domain::case_flow::{self, CaseState, Conditions, Move, Right};
use crate::domain::deadline::Act;
use crate::domain::masking::mask_note;
use crate::error::{Error, FieldProblem, Result, valid};
use crate::http::Problem;
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;

/// 403 unless the bearer may make the move.
pub fn check_right(who: &Principal, mv: Move) -> Result<(), Problem> {
    let scope = match mv.right() {
        Right::Write => Scope::CasesWrite,
        Right::Decide => Scope::CasesDecide,
    };
    if who.may(scope) {
        Ok(())
    } else {
        Err(Problem::insufficient_scope(&[scope]))
    }
}

/// The acts that a move consists of.
fn acts(mv: Move) -> &'static [Act] {
    match mv {
        Move::Assign => &[Act::Assigned],
        Move::Verify | Move::Archive => &[],
        Move::Extend => &[Act::Extended],
        Move::ExtendByProcuracy => &[Act::ExtendedByProcuracy],
        Move::Prosecute => &[Act::Prosecuted],
        Move::NotProsecute => &[Act::NotProsecuted],
        Move::Suspend => &[Act::Suspended],
        Move::Resume => &[Act::Resumed],
        Move::Transfer => &[Act::TransferredOut],
        Move::Close => &[Act::Closed],
    }
}

/// Whether an act follows from a decision alone.
fn decides(act: Act) -> bool {
    act == Act::AdministrativeOffence || Move::ALL.iter().any(|mv| acts(*mv).contains(&act))
}

/// Whether the law was decided upon in a case since a time: not only who works on it, and that it is looked into.
pub async fn decided_since(conn: &mut Conn, case: Uuid, since: DateTime<Utc>) -> Result<bool> {
    let acts = store::acts(conn, case).await?;
    let mut new = acts.iter().filter(|row| row.recorded_at >= since);
    Ok(new.any(|row| read(row).is_some_and(|act| decides(act) && act != Act::Assigned)))
}

/// The decisions of which an act tells somebody; of others it tells nobody anything.
const fn tells_of(act: Act) -> &'static [Act] {
    match act {
        Act::DecisionSentToProcuracy => &[Act::Prosecuted, Act::NotProsecuted, Act::Suspended],
        Act::ReporterToldResult => &[Act::Prosecuted, Act::NotProsecuted],
        Act::SuspensionSentToReporter => &[Act::Suspended],
        Act::ResumptionTold => &[Act::Resumed],
        _ => &[],
    }
}

/// 409 for telling of a decision that was not taken, 422 for telling of it before it was.
fn check_told(act: Act, at: DateTime<Utc>, done: &[ActRow]) -> Result<()> {
    let decisions = tells_of(act);
    if decisions.is_empty() {
        return Ok(());
    }
    let first = done
        .iter()
        .filter(|row| read(row).is_some_and(|act| decisions.contains(&act)))
        .map(|row| row.at)
        .min();
    match first {
        None => Err(Error::conflict(
            "wrong_state",
            "The decision that this act tells of was not taken: decide first.",
        )),
        Some(first) if at < first => Err(Error::invalid(
            "/at",
            "before_decision",
            "An act cannot lie before the decision that it tells of.",
        )),
        Some(_) => Ok(()),
    }
}

fn read(row: &ActRow) -> Option<Act> {
    serde_json::from_value(json!(row.act)).ok()
}

fn code(act: Act) -> String {
    serde_json::to_value(act)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// An act lies between the reception of the case and now.
fn check_time(pointer: &str, at: DateTime<Utc>, case: &CaseRow, now: DateTime<Utc>) -> Result<()> {
    let (code, detail) = if at > now {
        ("in_future", "An act cannot lie in the future.")
    } else if at < case.received_at {
        (
            "before_reception",
            "An act cannot lie before the reception of its case.",
        )
    } else {
        return Ok(());
    };
    Err(Error::invalid(pointer, code, detail))
}

/// A decision lies at or after the last one, and after the finding that it answers: else it would
/// meet clocks that were not running, and leave running ones unmet.
fn check_order(at: DateTime<Utc>, done: &[ActRow]) -> Result<()> {
    let last = done
        .iter()
        .filter(|row| read(row).is_some_and(|act| decides(act) || act == Act::NoCompetenceFound))
        .map(|row| row.at)
        .max();
    match last {
        Some(last) if at < last => Err(Error::invalid(
            "/decided_at",
            "before_last_decision",
            format!(
                "A decision cannot lie before the last one, of {}.",
                last.to_rfc3339_opts(SecondsFormat::Secs, true)
            ),
        )),
        _ => Ok(()),
    }
}

/// What a decision must name: of legal decisions the law and the document (contract §6).
fn check_named(wish: &DecideCase) -> Result<()> {
    let lacks = |value: &Option<String>| value.as_ref().is_none_or(|text| text.trim().is_empty());
    let mut problems = Vec::new();
    for (pointer, value) in [
        ("/legal_basis", &wish.legal_basis),
        ("/document_number", &wish.document_number),
    ] {
        if wish.decision.right() == Right::Decide && lacks(value) {
            let detail = format!("The decision '{}' needs it.", wish.decision.as_str());
            problems.push(FieldProblem::at(pointer, "required", detail));
        }
    }
    if wish.administrative_offence == Some(true) && wish.decision != Move::NotProsecute {
        problems.push(FieldProblem::at(
            "/administrative_offence",
            "invalid_value",
            "Only the decision 'not_prosecute' leaves an administrative offence.",
        ));
    }
    valid(problems)
}

/// The acts that a decision adds to those that were done.
fn new_acts(wish: &DecideCase, done: &[ActRow]) -> Vec<Act> {
    let mut new = acts(wish.decision).to_vec();
    let found = || {
        done.iter()
            .any(|row| read(row) == Some(Act::NoCompetenceFound))
    };
    if wish.decision == Move::Transfer && !found() {
        new.insert(0, Act::NoCompetenceFound);
    }
    if wish.administrative_offence == Some(true) {
        new.push(Act::AdministrativeOffence);
    }
    new
}

/// Decides on a case that was locked.
pub async fn decide(
    conn: &mut Conn,
    app: &AppState,
    actor: &Actor,
    case: &mut CaseRow,
    wish: &DecideCase,
) -> Result<()> {
    let now = app.now();
    let at = wish.decided_at.unwrap_or(now);
    check_time("/decided_at", at, case, now)?;
    let from = CaseState::parse(&case.state)
        .ok_or_else(|| Error::internal("reading a case's state", case.state.clone()))?;
    let done = store::acts(conn, case.id).await?;
    check_order(at, &done)?;
    let suspended = done
        .iter()
        .rev()
        .find(|row| read(row) == Some(Act::Suspended))
        .map(|row| row.at);
    let limits = clock::limits(case, &done, &app.reference.get());
    let conditions = Conditions {
        limit_ends_at: limits.in_force,
        two_months_end_at: limits.two_months,
        four_months_end_at: limits.four_months,
        suspended_at: suspended,
        legal_basis: wish.legal_basis.as_deref().unwrap_or_default(),
        document_number: wish.document_number.as_deref().unwrap_or_default(),
    };
    let to = case_flow::next(from, wish.decision, &conditions, at)
        .map_err(|unlawful| Error::conflict("unlawful_move", unlawful.to_string()))?;
    // After the law: what may not be decided at all needs no document.
    check_named(wish)?;
    let rows: Vec<ActRow> = new_acts(wish, &done)
        .into_iter()
        .map(|act| ActRow {
            id: app.new_id(),
            case_id: case.id,
            act: code(act),
            at,
            by: actor.name.clone(),
            recorded_at: now,
            legal_basis: wish.legal_basis.clone(),
            document_number: wish.document_number.clone(),
            note: wish.note.as_deref().map(mask_note),
        })
        .collect();
    if !rows.is_empty() {
        store::insert_acts(conn, &rows).await?;
    }
    to.as_str().clone_into(&mut case.state);
    let legal = wish.decision.right() == Right::Decide;
    if legal {
        case.decision = Some(wish.decision.as_str().to_owned());
    }
    if wish.decision == Move::Assign && case.assignee.is_none() {
        case.assignee = Some(actor.name.clone());
    }
    case.version += 1;
    store::save(conn, case, now).await?;
    clock::refresh(conn, app, case.id).await?;
    let kind = if legal { "case.decided" } else { "case.moved" };
    let entry = Entry::event(kind, actor, now)
        .on("case", case.id)
        .with(json!({
            "decision": wish.decision.as_str(), "from": from.as_str(), "to": to.as_str(),
            "document_number": wish.document_number, "decided_at": at,
        }));
    journal::record(conn, &[entry]).await
}

/// Records an act other than a decision.
pub async fn record_act(
    conn: &mut Conn,
    app: &AppState,
    actor: &Actor,
    case: &mut CaseRow,
    wish: &RecordAct,
) -> Result<()> {
    let now = app.now();
    let at: DateTime<Utc> = wish.at.unwrap_or(now);
    check_time("/at", at, case, now)?;
    if decides(wish.act) || matches!(wish.act, Act::Classified | Act::Accepted | Act::Dismissed) {
        let detail = "This act follows from a decision; decide instead.";
        return Err(Error::invalid("/act", "follows_from_decision", detail));
    }
    if wish.act == Act::NoCompetenceFound && case.state != CaseState::Verifying.as_str() {
        // Only from there the transfer is lawful that has to follow within 24 hours.
        let detail =
            "Lack of competence is found while the case is being verified (TT 28/2020 art. 18(1)).";
        return Err(Error::conflict("wrong_state", detail));
    }
    check_told(wish.act, at, &store::acts(conn, case.id).await?)?;
    store::insert_acts(
        conn,
        &[ActRow {
            id: app.new_id(),
            case_id: case.id,
            act: code(wish.act),
            at,
            by: actor.name.clone(),
            recorded_at: now,
            legal_basis: None,
            document_number: wish.document_number.clone(),
            note: wish.note.as_deref().map(mask_note),
        }],
    )
    .await?;
    match wish.act {
        Act::ReporterToldResult => store::set_members_told(conn, case.id, at).await?,
        Act::SuspensionSentToReporter => {
            let told = ("suspended", "send_suspension_reporter");
            store::set_members_told_process(conn, case.id, told, at).await?;
        }
        Act::ResumptionTold => {
            let told = ("resumed", "notify_resumption");
            store::set_members_told_process(conn, case.id, told, at).await?;
        }
        _ => {}
    }
    case.version += 1;
    store::save(conn, case, now).await?;
    clock::refresh(conn, app, case.id).await?;
    let entry = Entry::event("case.moved", actor, now)
        .on("case", case.id)
        .with(json!({"act": wish.act, "at": at}));
    journal::record(conn, &[entry]).await
}
