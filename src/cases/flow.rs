//! Decisions on a case: lawful by the table of the domain, recorded as acts that the clocks read.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::clock;
use super::store::{self, ActRow, CaseRow};
use super::wire::{DecideCase, RecordAct};
use crate::auth::{Principal, Scope};
use crate::db::Conn;
use crate::domain::case_flow::{self, CaseState, Conditions, Move, Right};
use crate::domain::deadline::Act;
use crate::error::{Error, Result};
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
        Move::Transfer => &[Act::NoCompetenceFound, Act::TransferredOut],
        Move::Close => &[Act::Closed],
    }
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
    let suspended = done
        .iter()
        .rev()
        .find(|row| row.act == code(Act::Suspended))
        .map(|row| row.at);
    let conditions = Conditions {
        limit_ends_at: clock::limit_ends_at(case, &done, &app.reference.get()),
        suspended_at: suspended,
        legal_basis: wish.legal_basis.as_deref().unwrap_or_default(),
        document_number: wish.document_number.as_deref().unwrap_or_default(),
    };
    let to = case_flow::next(from, wish.decision, &conditions, at)
        .map_err(|unlawful| Error::conflict("unlawful_move", unlawful.to_string()))?;
    let rows: Vec<ActRow> = acts(wish.decision)
        .iter()
        .map(|act| ActRow {
            id: Uuid::now_v7(),
            case_id: case.id,
            act: code(*act),
            at,
            by: actor.name.clone(),
            recorded_at: now,
            legal_basis: wish.legal_basis.clone(),
            document_number: wish.document_number.clone(),
            note: wish.note.clone(),
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

/// Records an act besides the decisions.
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
    let decided = Move::ALL.iter().any(|mv| acts(*mv).contains(&wish.act))
        || matches!(wish.act, Act::Classified | Act::Accepted | Act::Dismissed);
    if decided {
        let detail = "This act follows from a decision; decide instead.";
        return Err(Error::invalid("/act", "follows_from_decision", detail));
    }
    store::insert_acts(
        conn,
        &[ActRow {
            id: Uuid::now_v7(),
            case_id: case.id,
            act: code(wish.act),
            at,
            by: actor.name.clone(),
            recorded_at: now,
            legal_basis: None,
            document_number: wish.document_number.clone(),
            note: wish.note.clone(),
        }],
    )
    .await?;
    case.version += 1;
    store::save(conn, case, now).await?;
    clock::refresh(conn, app, case.id).await?;
    let entry = Entry::event("case.moved", actor, now)
        .on("case", case.id)
        .with(json!({"act": wish.act, "at": at}));
    journal::record(conn, &[entry]).await
}
