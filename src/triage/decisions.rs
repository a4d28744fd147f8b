//! Decisions on tips by the holder of the claim, and undoing them.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::claims::{check_holder, claimed_by_other};
use super::store::{self, NewDecision};
use super::wire::{DecideTip, Decision, DecisionTaken, Reason};
use crate::auth::Principal;
use crate::cases;
use crate::db::Conn;
use crate::domain::masking::mask_note;
use crate::domain::never_asked::asks_for;
use crate::domain::referral::ReferralKind;
use crate::error::{Error, FieldProblem, Result, valid};
use crate::journal::{self, Actor};
use crate::reference::Reference;
use crate::state::AppState;
use crate::tips::messages::{self, MessageRow};
use crate::tips::{self, TipState, Visibility};

/// How long the officer may undo it.
pub const UNDO_MINUTES: i64 = 10;

/// What undoing puts back.
#[derive(Serialize, Deserialize)]
struct Before {
    desk: String,
    source_kind: String,
    methods: Vec<Option<String>>,
    case_id: Option<Uuid>,
    decided_at: Option<DateTime<Utc>>,
    classified_at: Option<DateTime<Utc>>,
    /// Whether the decision opened the case.
    #[serde(default)]
    opened_case: bool,
}

impl Before {
    fn of(state: &TipState) -> Self {
        Self {
            desk: state.desk.clone(),
            source_kind: state.source_kind.clone(),
            methods: state.methods.clone(),
            case_id: state.case_id,
            decided_at: state.decided_at,
            classified_at: state.classified_at,
            opened_case: false,
        }
    }
}

/// Decides on a tip that the caller has claimed.
pub async fn decide(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    tip: Uuid,
    wish: &DecideTip,
) -> Result<(DecisionTaken, i32)> {
    let now = app.now();
    let visible = Visibility::of(who);
    if let Some(case) = wish.case_id.filter(|_| wish.decision == Decision::Accept) {
        // Before the tip, as everywhere: so nobody waits for whom he blocks.
        cases::lock_open_case(conn, case, &visible)
            .await
            .map_err(|error| absent(error, "case_id"))?;
    }
    if wish.decision == Decision::Duplicate {
        // Before the tip as well: two officers at once must not close a circle between them.
        store::lock_repeats(conn).await?;
    }
    let state = tips::lock_state(conn, tip, &visible).await?;
    check_holder(&state, who, now)?;
    state.not_restricted()?;
    if state.test && wish.decision == Decision::Accept {
        return Err(Error::invalid("/decision", "trial", cases::TRIAL));
    }
    check(wish, tip, &app.reference.get())?;
    if let Some(other) = wish
        .duplicate_of
        .filter(|_| wish.decision == Decision::Duplicate)
    {
        tips::find_state(conn, other, &visible)
            .await
            .map_err(|error| absent(error, "duplicate_of"))?;
        if let Some(last) = store::repeats_through(conn, tip, other).await? {
            let seen = tips::find_state(conn, last, &visible).await.is_ok();
            let last = Some(last).filter(|last| seen && *last != other);
            return Err(Error::conflict("wrong_state", in_a_circle(other, last)));
        }
    }
    take(conn, app, who, actor, state, wish).await
}

/// Takes a decision that was checked on a tip whose state is locked.
pub async fn take(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    mut state: TipState,
    wish: &DecideTip,
) -> Result<(DecisionTaken, i32)> {
    let (now, tip) = (app.now(), state.tip_id);
    let reference = app.reference.get();
    let mut before = Before::of(&state);
    let mut case_number = None;
    if wish.decision == Decision::Accept {
        let (case, number) = case_for(conn, app, actor, &state, wish, &reference).await?;
        cases::join(conn, app, actor, case, tip, state.clock_start()).await?;
        state.case_id = Some(case);
        before.opened_case = wish.case_id.is_none();
        case_number = Some(number);
    }
    if let (Decision::RequestInfo, Some(message)) = (wish.decision, &wish.message) {
        tips::readable(conn, tip).await?;
        let question = MessageRow::from_officer(tip, &who.sub, message.clone(), now);
        messages::insert_message(conn, &question).await?;
    }
    settle(&mut state, wish, now);
    tips::update_state(conn, &state, now).await?;
    let decision = decision(&state, who, wish, &before, now)?;
    store::insert_decision(conn, &decision).await?;
    let id = decision.id;
    let entry = state.event("tip.decided", actor, now).with(json!({
        "decision_id": id, "decision": wish.decision, "reason": decision.reason, "case_id": state.case_id,
    }));
    journal::record(conn, &[entry]).await?;
    let taken = DecisionTaken {
        id,
        decision: wish.decision,
        case_id: decision.case_id,
        case_number,
        undo_until: now + Duration::minutes(UNDO_MINUTES),
    };
    Ok((taken, state.version))
}

/// Where a decision leaves the tip.
fn settle(state: &mut TipState, wish: &DecideTip, now: DateTime<Utc>) {
    wish.decision.status().clone_into(&mut state.status);
    state.claimed_by = None;
    state.lease_expires_at = None;
    if let Some(kind) = wish.source_kind {
        kind.as_str().clone_into(&mut state.source_kind);
    }
    if let Some(methods) = &wish.methods {
        state.methods = methods.iter().cloned().map(Some).collect();
    }
    if wish.decision != Decision::RequestInfo {
        state.decided_at = Some(now);
        state.classified_at = state.classified_at.or(Some(now));
    }
    state.version += 1;
}

/// What is kept of a decision: of each kind what belongs to it.
fn decision<'a>(
    state: &TipState,
    who: &'a Principal,
    wish: &'a DecideTip,
    before: &Before,
    now: DateTime<Utc>,
) -> Result<NewDecision<'a>> {
    let is = |decision| wish.decision == decision;
    let reason = wish
        .reason
        .and_then(|r| serde_json::to_value(r).ok()?.as_str().map(str::to_owned));
    Ok(NewDecision {
        id: crate::state::id_at(now),
        tip_id: state.tip_id,
        decision: wish.decision.as_str(),
        reason,
        note: wish.note.as_deref().map(mask_note),
        case_id: state.case_id.filter(|_| is(Decision::Accept)),
        duplicate_of: wish.duplicate_of.filter(|_| is(Decision::Duplicate)),
        agency: wish.agency.as_deref().filter(|_| is(Decision::Transfer)),
        decided_by: &who.sub,
        decided_at: now,
        state_before: serde_json::to_value(before)
            .map_err(|e| Error::internal("noting the state before a decision", e))?,
    })
}

/// The existing case named, or a new one.
async fn case_for(
    conn: &mut Conn,
    app: &AppState,
    actor: &Actor,
    state: &TipState,
    wish: &DecideTip,
    reference: &Reference,
) -> Result<(Uuid, String)> {
    if let Some(id) = wish.case_id {
        let case = cases::find_case(conn, id, &Visibility::all()).await?;
        return Ok((id, case.number));
    }
    let methods: Vec<String> = wish
        .methods
        .clone()
        .unwrap_or_else(|| state.methods.iter().flatten().cloned().collect());
    let label = methods
        .first()
        .or(state.method.as_ref())
        .and_then(|code| reference.methods.get(code))
        .map_or_else(
            || "Tin báo về tội phạm".to_owned(),
            |method| method.label_vi.clone(),
        );
    let new = cases::NewCase {
        title: label,
        summary: None,
        desk: state.desk.clone(),
        received_at: state.clock_start(),
        methods,
    };
    cases::open(conn, app, actor, new).await
}

/// Why a tip cannot repeat one that repeats it: no tip would be left to decide on.
fn in_a_circle(other: Uuid, through: Option<Uuid>) -> String {
    let through = through.map_or_else(String::new, |last| format!(", through {last},"));
    format!(
        "The tip {other}{through} is a duplicate of this one already: decide on this one, or reopen the other."
    )
}

/// What is named in the body and not there is the body's fault, not a 404 of the tip.
fn absent(error: Error, field: &'static str) -> Error {
    match error {
        Error::NotFound { .. } => Error::invalid(
            format!("/{field}"),
            "not_found",
            "There is no such thing, or you may not see it.",
        ),
        other => other,
    }
}

/// For this no tip is dismissed: what is another body's to resolve is handed over to it (BLTTHS art. 145, TTLT
/// 01/2017 art. 8).
pub fn not_dismissed_for(reason: Reason) -> Option<FieldProblem> {
    (reason == Reason::OutOfCompetence).then(|| {
        let detail = "What another body is competent for is not dismissed but handed over: decide 'transfer', with the agency.";
        FieldProblem::at("/reason", "not_for_dismissal", detail)
    })
}

/// What each decision needs.
fn check(wish: &DecideTip, tip: Uuid, reference: &Reference) -> Result<()> {
    let mut problems = Vec::new();
    let mut needs = |there: bool, field: &str| {
        if !there {
            let name = wish.decision.as_str();
            problems.push(FieldProblem::at(
                format!("/{field}"),
                "required",
                format!("The decision '{name}' needs it."),
            ));
        }
    };
    match wish.decision {
        Decision::Accept => {}
        Decision::Dismiss => {
            needs(wish.reason.is_some(), "reason");
            problems.extend(wish.reason.and_then(not_dismissed_for));
        }
        Decision::Duplicate => needs(wish.duplicate_of.is_some(), "duplicate_of"),
        Decision::RequestInfo => {
            needs(
                wish.message.as_ref().is_some_and(|m| !m.trim().is_empty()),
                "message",
            );
        }
        Decision::Transfer => needs(wish.agency.is_some(), "agency"),
    }
    if let Some(forbidden) = wish.message.as_deref().and_then(asks_for) {
        let (code, detail) = (forbidden.code(), forbidden.detail());
        problems.push(FieldProblem::at("/message", code, detail));
    }
    if wish.duplicate_of == Some(tip) {
        problems.push(FieldProblem::at(
            "/duplicate_of",
            "itself",
            "A tip cannot repeat itself.",
        ));
    }
    if let (Decision::Transfer, Some(agency)) = (wish.decision, &wish.agency)
        && let Err((code, detail)) = reference.takes(agency, ReferralKind::TransferJurisdiction)
    {
        problems.push(FieldProblem::at("/agency", code, detail));
    }
    for (i, method) in wish.methods.iter().flatten().enumerate() {
        if !reference.methods.contains_key(method) {
            problems.push(FieldProblem::at(
                format!("/methods/{i}"),
                "unknown_value",
                "There is no such method.",
            ));
        }
    }
    valid(problems)
}

/// Undoes the caller's own last decision within 10 minutes; the claim comes back with it.
pub async fn undo(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    tip: Uuid,
    decision: Uuid,
) -> Result<()> {
    let now = app.now();
    let visible = Visibility::of(who);
    // The case before the tip, as everywhere: so nobody waits for whom he blocks.
    let mut case = match tips::find_state(conn, tip, &visible).await?.case_id {
        Some(case) => Some(cases::lock_case(conn, case, &Visibility::all()).await?),
        None => None,
    };
    let mut state = tips::lock_state(conn, tip, &visible).await?;
    let row = store::find_decision(conn, tip, decision).await?;
    let refused = |why: &'static str| Err(Error::conflict("not_undoable", why));
    if state.restricted_at.is_some() {
        return refused("The use of the tip's data is restricted, as its reporter asked.");
    }
    if row.decided_by != who.sub {
        return refused("Only the officer who decided may undo it.");
    }
    if row.undone_at.is_some() || !store::is_latest(conn, tip, row.id).await? {
        return refused("It is undone already, or another decision followed.");
    }
    if now > row.decided_at + Duration::minutes(UNDO_MINUTES) {
        return refused("The ten minutes are over.");
    }
    let before: Before = serde_json::from_value(row.state_before)
        .map_err(|e| Error::internal("reading the state before a decision", e))?;
    if state.case_id != case.as_ref().map(|case| case.id) {
        return refused("The tip has just moved to another case; read it again.");
    }
    if let Some(case) = case.as_mut().filter(|_| before.case_id.is_none()) {
        if cases::decided_since(conn, case.id, row.decided_at).await? {
            return refused("The case was decided upon meanwhile; take the tip out of it instead.");
        }
        cases::leave(conn, app, actor, case, tip, before.opened_case).await?;
    }
    if state.holder(now).is_some_and(|holder| holder != who.sub) {
        return Err(claimed_by_other());
    }
    state.desk = before.desk;
    state.source_kind = before.source_kind;
    state.methods = before.methods;
    state.case_id = before.case_id;
    state.decided_at = before.decided_at;
    state.classified_at = before.classified_at;
    state.status = "claimed".to_owned();
    state.claimed_by = Some(who.sub.clone());
    state.lease_expires_at = Some(now + Duration::minutes(super::claims::LEASE_MINUTES));
    state.version += 1;
    tips::update_state(conn, &state, now).await?;
    store::mark_undone(conn, row.id, now).await?;
    let entry = state
        .event("tip.updated", actor, now)
        .with(json!({"change": "decision_undone", "decision_id": decision}));
    journal::record(conn, &[entry]).await
}
