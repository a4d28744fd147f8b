//! Which tips belong to a case: a log, so that merging and unmerging restore both sides exactly.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::store::{self, CaseRow, MemberRow};
use super::{clock, store::save};
use crate::db::Conn;
use crate::domain::case_flow::CaseState;
use crate::error::{Error, FieldProblem, Result, valid};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;
use crate::tips::{self, TipState, Visibility};

/// Why a trial joins no case: it is gone after a day.
pub const TRIAL: &str = "A trial tip joins no case.";

/// Why a tip joins no case for now.
const RESTRICTED: &str = "The use of the tip's data is restricted, as its reporter asked.";

fn row(case: Uuid, tip: Uuid, by: &str, at: DateTime<Utc>, from: Option<Uuid>) -> MemberRow {
    MemberRow {
        id: crate::state::id_at(at),
        case_id: case,
        tip_id: tip,
        added_by: by.to_owned(),
        added_at: at,
        removed_by: None,
        removed_at: None,
        from_case: from,
    }
}

/// Adds one tip that the caller has set to this case already; the clock starts at the earliest tip.
pub async fn join(
    conn: &mut Conn,
    app: &AppState,
    actor: &Actor,
    case: Uuid,
    tip: Uuid,
    received_at: DateTime<Utc>,
) -> Result<()> {
    let now = app.now();
    // The case first: an insert locks its row too, but shared, and two of these would wait for each
    // other.
    let mut found = store::lock_open_case(conn, case, &Visibility::all()).await?;
    check_running(&found)?;
    store::insert_members(conn, &[row(case, tip, &actor.name, now, None)]).await?;
    if received_at < found.received_at {
        found.received_at = received_at;
        save(conn, &found, now).await?;
    }
    clock::refresh(conn, app, case).await
}

/// 409 where the matter has come to its end: it takes no more tips and gives none to another case.
fn check_running(case: &CaseRow) -> Result<()> {
    let over = CaseState::parse(&case.state).is_some_and(CaseState::is_final);
    if over {
        let detail = "The case has come to its end and takes no more tips; open a new one.";
        return Err(Error::conflict("wrong_state", detail));
    }
    Ok(())
}

/// Sets when the clocks of a case start after tips have left it: with the earliest of its tips, or when it was
/// opened where it has none; returns whether it has any.
pub async fn restart(conn: &mut Conn, case: &mut CaseRow) -> Result<bool> {
    let earliest = store::earliest(conn, case.id).await?;
    case.received_at = earliest.unwrap_or(case.opened_at);
    Ok(earliest.is_some())
}

/// Takes one tip out of a case that the caller has locked, when its acceptance is undone. A case that
/// this very acceptance had opened, and that nobody touched since, is closed: its number stays.
pub async fn leave(
    conn: &mut Conn,
    app: &AppState,
    actor: &Actor,
    case: &mut CaseRow,
    tip: Uuid,
    opened_by_it: bool,
) -> Result<()> {
    let now = app.now();
    store::end_members(conn, case.id, &[tip], &actor.name, now).await?;
    let others = restart(conn, case).await?;
    if others || !opened_by_it || case.version > 1 || !store::acts(conn, case.id).await?.is_empty()
    {
        save(conn, case, now).await?;
        return clock::refresh(conn, app, case.id).await;
    }
    "closed".clone_into(&mut case.state);
    case.version += 1;
    save(conn, case, now).await?;
    store::set_score(conn, case.id).await?;
    store::set_due(conn, case.id, None, None).await?;
    let entry = Entry::event("case.moved", actor, now)
        .on("case", case.id)
        .with(json!({"change": "acceptance_undone", "from": "accepted", "to": "closed"}));
    journal::record(conn, &[entry]).await
}

/// Accepts open tips into a case.
pub async fn add(
    conn: &mut Conn,
    app: &AppState,
    actor: &Actor,
    visible: &Visibility,
    case: &mut CaseRow,
    ids: &[Uuid],
) -> Result<()> {
    let now = app.now();
    check_running(case)?;
    let states = locked(conn, ids, visible).await?;
    let mut problems = Vec::new();
    for (n, id) in ids.iter().enumerate() {
        let (code, detail) = match states.get(id) {
            None => ("not_found", "There is no such tip, or you may not see it."),
            Some(tip) if tip.case_id.is_some() || !tip.is_open() => (
                "already_decided",
                "The tip is decided or belongs to a case already.",
            ),
            Some(tip) if tip.test => ("trial", TRIAL),
            Some(tip) if tip.restricted_at.is_some() => ("restricted", RESTRICTED),
            Some(_) => continue,
        };
        problems.push(FieldProblem::at(format!("/tip_ids/{n}"), code, detail));
    }
    valid(problems)?;
    let ids: Vec<Uuid> = states.keys().copied().collect();
    tips::accept_into(conn, &ids, case.id, now).await?;
    let earliest = states.values().map(TipState::clock_start).min();
    case.received_at = earliest.map_or(case.received_at, |at| at.min(case.received_at));
    let rows: Vec<MemberRow> = ids
        .iter()
        .map(|id| row(case.id, *id, &actor.name, now, None))
        .collect();
    let accepted = |tip: &TipState| {
        tip.event("tip.decided", actor, now)
            .with(json!({"decision": "accept", "case_id": case.id}))
    };
    journal::record(conn, &states.values().map(accepted).collect::<Vec<_>>()).await?;
    store::insert_members(conn, &rows).await
}

/// Takes tips out of a case; they go back to the queue.
pub async fn remove(
    conn: &mut Conn,
    app: &AppState,
    actor: &Actor,
    visible: &Visibility,
    case: &CaseRow,
    ids: &[Uuid],
) -> Result<()> {
    let now = app.now();
    let states = locked(conn, ids, visible).await?;
    for (n, id) in ids.iter().enumerate() {
        if states
            .get(id)
            .is_none_or(|tip| tip.case_id != Some(case.id))
        {
            return Err(Error::invalid(
                format!("/tip_ids/{n}"),
                "not_found",
                "The tip does not belong to this case, or you may not see it.",
            ));
        }
    }
    let ids: Vec<Uuid> = states.keys().copied().collect();
    tips::put_back(conn, &ids, now).await?;
    let removed = |tip: &TipState| {
        tip.event("tip.updated", actor, now)
            .with(json!({"change": "removed_from_case", "case_id": case.id}))
    };
    journal::record(conn, &states.values().map(removed).collect::<Vec<_>>()).await?;
    store::end_members(conn, case.id, &ids, &actor.name, now).await?;
    Ok(())
}

/// Those of some tips that a bearer may see, locked; each once, in the order of their ids.
async fn locked(
    conn: &mut Conn,
    ids: &[Uuid],
    visible: &Visibility,
) -> Result<BTreeMap<Uuid, TipState>> {
    let states = tips::lock_states(conn, ids, visible).await?;
    Ok(states.into_iter().map(|tip| (tip.tip_id, tip)).collect())
}

/// Takes over another case with all its tips.
pub async fn merge(
    conn: &mut Conn,
    app: &AppState,
    actor: &Actor,
    into: &mut CaseRow,
    other: &mut CaseRow,
) -> Result<()> {
    let now = app.now();
    if into.id == other.id {
        return Err(Error::invalid(
            "/case_id",
            "itself",
            "A case cannot take itself over.",
        ));
    }
    for case in [&*into, &*other] {
        store::check_open(case)?;
        check_running(case)?;
    }
    let decided = [CaseState::DecidedProsecute, CaseState::DecidedNoProsecution];
    if decided.iter().any(|state| state.as_str() == other.state) && into.state != other.state {
        let detail = "The case that is to be taken over is decided, and its reporters have that result: decide the \
                      other alike first.";
        return Err(Error::conflict("wrong_state", detail));
    }
    let members = store::members(conn, other.id).await?;
    let ids: Vec<Uuid> = members.iter().map(|m| m.tip_id).collect();
    store::end_members(conn, other.id, &ids, &actor.name, now).await?;
    let rows: Vec<MemberRow> = ids
        .iter()
        .map(|tip| row(into.id, *tip, &actor.name, now, Some(other.id)))
        .collect();
    store::insert_members(conn, &rows).await?;
    tips::move_to(conn, &ids, into.id, now).await?;
    into.received_at = into.received_at.min(other.received_at);
    into.version += 1;
    save(conn, into, now).await?;
    other.merged_into = Some(into.id);
    other.version += 1;
    save(conn, other, now).await?;
    // Its clocks go on in the case that took it over.
    store::set_due(conn, other.id, None, None).await?;
    record_move(conn, actor, into, other, "merged", now).await?;
    clock::refresh(conn, app, into.id).await
}

/// Gives a case back that was taken over, with the tips that came with it and are still here.
pub async fn unmerge(
    conn: &mut Conn,
    app: &AppState,
    actor: &Actor,
    from: &mut CaseRow,
    other: &mut CaseRow,
) -> Result<()> {
    let now = app.now();
    if other.merged_into != Some(from.id) {
        return Err(Error::conflict(
            "wrong_state",
            "That case was not taken over by this one.",
        ));
    }
    let members = store::members(conn, from.id).await?;
    let ids: Vec<Uuid> = members
        .iter()
        .filter(|m| m.from_case == Some(other.id))
        .map(|m| m.tip_id)
        .collect();
    store::end_members(conn, from.id, &ids, &actor.name, now).await?;
    // A case that had itself taken over another must be able to give that back afterwards.
    let origins = store::came_from(conn, other.id, &ids).await?;
    let rows: Vec<MemberRow> = ids
        .iter()
        .map(|tip| {
            let origin = origins.get(tip).copied().flatten();
            row(other.id, *tip, &actor.name, now, origin)
        })
        .collect();
    store::insert_members(conn, &rows).await?;
    tips::move_to(conn, &ids, other.id, now).await?;
    other.merged_into = None;
    other.version += 1;
    save(conn, other, now).await?;
    restart(conn, from).await?;
    from.version += 1;
    save(conn, from, now).await?;
    record_move(conn, actor, from, other, "unmerged", now).await?;
    clock::refresh(conn, app, from.id).await?;
    clock::refresh(conn, app, other.id).await
}

async fn record_move(
    conn: &mut Conn,
    actor: &Actor,
    one: &CaseRow,
    other: &CaseRow,
    change: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let entry = |case: &CaseRow, with: Uuid| {
        Entry::event("case.moved", actor, now)
            .on("case", case.id)
            .with(json!({"change": change, "other_case_id": with}))
    };
    journal::record(conn, &[entry(one, other.id), entry(other, one.id)]).await
}
