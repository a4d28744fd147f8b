//! Drawing up, sending, changing and taking back referrals: the police's side.

use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use uuid::Uuid;

use super::origin::{named, origin};
use super::reach::Reach;
use super::record::{record, remind};
use super::store::{self, ReferralRow};
use super::wire::{CreateReferral, UpdateReferral};
use super::{freeze, grants, hours, lapsing, renewal};
use crate::auth::Principal;
use crate::db::Conn;
use crate::domain::news::News;
use crate::domain::referral::{ReferralKind, ReferralState, Step};
use crate::error::{Error, FieldProblem, Result, valid};
use crate::journal::{self, Actor, Entry};
use crate::reference::Reference;
use crate::state::AppState;
use crate::tips;

/// Draws up a referral and sends it.
pub async fn create(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    wish: &CreateReferral,
) -> Result<ReferralRow> {
    let now = app.now();
    let reference = app.reference.get();
    let kind = ReferralKind::parse(&wish.kind).ok_or_else(|| {
        let names = ReferralKind::ALL.map(ReferralKind::as_str).join(", ");
        Error::invalid(
            "/kind",
            "unknown_value",
            format!("One of {names} is expected."),
        )
    })?;
    check_agency(&reference, &wish.agency, kind)?;
    let disclose = wish
        .disclose
        .clone()
        .unwrap_or_else(|| grants::DEFAULT.map(str::to_owned).to_vec());
    grants::check(kind, &disclose)?;
    let hold = renewal::find(conn, who, wish).await?;
    let filled = hold.as_ref().map(|hold| hold.fill(wish));
    let wish = filled.as_ref().unwrap_or(wish);
    if let Some(hold) = &hold {
        hold.check(wish)?;
    }
    let origin = origin(conn, who, wish).await?;
    let ids = wish.indicator_ids.as_deref().unwrap_or_default();
    let keys = named(conn, &reference, ids, (kind, &wish.agency), &origin).await?;
    if kind == ReferralKind::Publicise {
        check_published(conn, &keys).await?;
    }
    let mut row = ReferralRow {
        id: app.new_id(),
        kind: kind.as_str().to_owned(),
        agency: wish.agency.clone(),
        state: ReferralState::Proposed.as_str().to_owned(),
        tip_id: origin.tip,
        case_id: origin.case,
        amount_vnd: wish.amount_vnd,
        legal_basis: wish.legal_basis.clone(),
        document_number: wish.document_number.clone(),
        note: unnamed(conn, app, (origin.tip, origin.case), wish.note.as_deref()).await?,
        disclose: disclose.into_iter().map(Some).collect(),
        created_by: actor.name.clone(),
        created_at: now,
        proposal: None,
        follows: None,
        reported_at: origin.reported_at,
        sent_by: None,
        sent_at: None,
        due_at: wish.due_at,
        expires_at: wish.expires_at,
        remind_at: None,
        reminders: 0,
        acknowledged_at: None,
        closed_by: None,
        closed_at: None,
        outcome: None,
        answer: None,
        answer_amount_vnd: None,
        evidence_url: None,
        reopened: 0,
        version: 0,
        updated_at: now,
    };
    if kind == ReferralKind::FreezeFunds {
        lapsing::check_freeze(conn, row.tip_id).await?;
    }
    if let Some(hold) = &hold {
        hold.complete(&reference, &mut row, ids, now);
    } else if kind == ReferralKind::FreezeFunds {
        freeze::complete(conn, &reference, &mut row, &keys).await?;
    }
    let ground = Ground::of(hold.is_some());
    leave(conn, app, actor, &mut row, &keys, ground).await?;
    store::insert(conn, &row, &keys).await?;
    if let Some(hold) = &hold {
        store::insert_renewal(conn, row.id, hold.id()).await?;
    }
    record(conn, actor, now, "referral.sent", &row).await?;
    Ok(row)
}

/// What an officer writes that the agency will read.
async fn unnamed(
    conn: &mut Conn,
    app: &AppState,
    of: (Option<Uuid>, Option<Uuid>),
    text: Option<&str>,
) -> Result<Option<String>> {
    super::unnamed::note_if_any(conn, &app.keys.identity, of, text).await
}

/// Sends a proposal.
pub async fn send(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    id: Uuid,
) -> Result<ReferralRow> {
    let mut row = store::lock(conn, id, &Reach::issuer(who)).await?;
    step(&row, Step::Send)?;
    lapsing::check(conn, &row).await?;
    let keys = keys_of(conn, id).await?;
    leave(conn, app, actor, &mut row, &keys, Ground::Reported).await?;
    store::save(conn, &row).await?;
    record(conn, actor, app.now(), "referral.sent", &row).await?;
    Ok(row)
}

/// What a stored referral is about.
async fn keys_of(conn: &mut Conn, id: Uuid) -> Result<Vec<Vec<u8>>> {
    let about = store::about(conn, &[id]).await?;
    Ok(about.into_iter().map(|one| one.key).collect())
}

/// What the amount of a freeze rests on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ground {
    /// What was reported lost.
    Reported,
    /// The freeze that it prolongs, which was checked when that was sent.
    Held,
}

impl Ground {
    const fn of(renewal: bool) -> Self {
        if renewal { Self::Held } else { Self::Reported }
    }
}

/// What every referral must have before it leaves, and what follows from its leaving.
async fn leave(
    conn: &mut Conn,
    app: &AppState,
    actor: &Actor,
    row: &mut ReferralRow,
    keys: &[Vec<u8>],
    ground: Ground,
) -> Result<()> {
    let now = app.now();
    let reference = app.reference.get();
    let kind = kind_of(row)?;
    check_agency(&reference, &row.agency, kind)?;
    let given = hours::given(conn, &reference, row, now).await?;
    let due_at = row.due_at.unwrap_or(now + given);
    if kind == ReferralKind::FreezeFunds {
        let hours = reference.referrals.freeze_funds.expires_hours;
        row.expires_at = row.expires_at.or(Some(now + Duration::hours(hours)));
        if ground == Ground::Reported {
            freeze::check(conn, row, keys).await?;
        }
    } else if row.amount_vnd.is_some() || row.expires_at.is_some() {
        let detail = "Only a freeze has an amount and an end.";
        return Err(Error::invalid("/kind", "not_a_freeze", detail));
    }
    for (pointer, at) in [("/due_at", Some(due_at)), ("/expires_at", row.expires_at)] {
        if at.is_some_and(|at| at <= now) {
            let detail = "The time must lie in the future.";
            return Err(Error::invalid(pointer, "in_past", detail));
        }
    }
    row.due_at = Some(due_at);
    row.state = ReferralState::Sent.as_str().to_owned();
    row.sent_by = Some(actor.name.clone());
    row.sent_at = Some(now);
    row.reminders = 0;
    row.version += 1;
    row.updated_at = now;
    remind(row);
    Ok(())
}

/// Only confirmed facts reach the press and mass organisations: an indicator is an allegation until two
/// officers have said otherwise (BLTTHS art. 57).
async fn check_published(conn: &mut Conn, keys: &[Vec<u8>]) -> Result<()> {
    let confirmed = store::confirmed_keys(conn, keys).await?;
    let problems: Vec<FieldProblem> = keys
        .iter()
        .enumerate()
        .filter(|(_, key)| !confirmed.contains(key))
        .map(|(i, _)| {
            let detail = "Only an indicator that is confirmed as a scam may be made public.";
            FieldProblem::at(format!("/indicator_ids/{i}"), "not_confirmed", detail)
        })
        .collect();
    valid(problems)
}

/// Changes a referral that is not answered.
pub async fn update(
    conn: &mut Conn,
    app: &AppState,
    actor: &Actor,
    row: &mut ReferralRow,
    wish: UpdateReferral,
) -> Result<()> {
    let now = app.now();
    let kind = kind_of(row)?;
    let state = state_of(row)?;
    let proposed = state == ReferralState::Proposed;
    if !proposed && !state.is_open() {
        return Err(Error::conflict(
            "wrong_state",
            "It is answered or taken back; draw up a new one.",
        ));
    }
    if !proposed && (wish.amount_vnd.is_some() || wish.disclose.is_some()) {
        let detail = "The amount and what is disclosed cannot change once it was sent: recall it.";
        return Err(Error::conflict("wrong_state", detail));
    }
    if let Some(disclose) = wish.disclose {
        grants::check(kind, &disclose)?;
        row.disclose = disclose.into_iter().map(Some).collect();
    }
    row.amount_vnd = wish.amount_vnd.or(row.amount_vnd);
    row.legal_basis = wish.legal_basis.or(row.legal_basis.take());
    row.document_number = wish.document_number.or(row.document_number.take());
    if let Some(note) = &wish.note {
        row.note = unnamed(conn, app, (row.tip_id, row.case_id), Some(note)).await?;
    }
    for (pointer, at) in [("/due_at", wish.due_at), ("/expires_at", wish.expires_at)] {
        if at.is_some_and(|at| at <= now) {
            let detail = "The time must lie in the future.";
            return Err(Error::invalid(pointer, "in_past", detail));
        }
    }
    if wish.expires_at.is_some() && kind != ReferralKind::FreezeFunds {
        let detail = "Only a freeze ends by itself.";
        return Err(Error::invalid("/expires_at", "not_a_freeze", detail));
    }
    row.expires_at = wish.expires_at.or(row.expires_at);
    if wish.due_at.is_some() {
        row.due_at = wish.due_at;
        row.reminders = 0;
    }
    // The amount of a renewal was that of the hold when it was sent, and does not change.
    if kind == ReferralKind::FreezeFunds && !store::is_renewal(conn, row.id).await? {
        let keys = keys_of(conn, row.id).await?;
        freeze::check(conn, row, &keys).await?;
    }
    row.version += 1;
    row.updated_at = now;
    remind(row);
    store::save(conn, row).await?;
    record(conn, actor, now, "referral.updated", row).await
}

/// Takes a referral back.
pub async fn recall(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    id: Uuid,
    reason: Option<&str>,
) -> Result<ReferralRow> {
    let row = store::lock(conn, id, &Reach::issuer(who)).await?;
    let reason = unnamed(conn, app, (row.tip_id, row.case_id), reason).await?;
    let row = close(row, Step::Recall, actor, app.now(), reason.as_deref())?;
    store::save(conn, &row).await?;
    record(conn, actor, app.now(), "referral.recalled", &row).await?;
    returned(conn, actor, &row, app.now()).await?;
    Ok(row)
}

/// Drops a proposal; its agency never hears of it.
pub async fn discard(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    id: Uuid,
    reason: &str,
) -> Result<ReferralRow> {
    let row = store::lock(conn, id, &Reach::issuer(who)).await?;
    let reason = unnamed(conn, app, (row.tip_id, row.case_id), Some(reason)).await?;
    let row = close(row, Step::Discard, actor, app.now(), reason.as_deref())?;
    store::save(conn, &row).await?;
    record(conn, actor, app.now(), "referral.discarded", &row).await?;
    Ok(row)
}

/// A transfer that is declined or recalled gives the tip back to its desk: somebody has to go on with it. One that
/// is discarded goes on paper.
pub async fn returned(
    conn: &mut Conn,
    actor: &Actor,
    row: &ReferralRow,
    now: DateTime<Utc>,
) -> Result<()> {
    match row.tip_id {
        Some(tip) if kind_of(row)? == ReferralKind::TransferJurisdiction => {
            tips::reopen::returned(conn, actor, (tip, row.created_at), now).await
        }
        _ => Ok(()),
    }
}

/// Ends a referral without an outcome.
pub fn close(
    mut row: ReferralRow,
    by: Step,
    actor: &Actor,
    now: DateTime<Utc>,
    reason: Option<&str>,
) -> Result<ReferralRow> {
    row.state = step(&row, by)?.as_str().to_owned();
    row.closed_by = Some(actor.name.clone());
    row.closed_at = Some(now);
    row.answer = reason.map(str::to_owned);
    row.remind_at = None;
    row.version += 1;
    row.updated_at = now;
    Ok(row)
}

/// The state after a step, or the conflict that forbids it.
pub fn step(row: &ReferralRow, step: Step) -> Result<ReferralState> {
    let from = state_of(row)?;
    from.after(step).ok_or_else(|| {
        if from == ReferralState::Completed {
            return Error::conflict("already_completed", "The referral is answered already.");
        }
        let detail = format!("The referral is {}.", from.as_str());
        Error::conflict("wrong_state", detail)
    })
}

/// The kind of a stored referral.
pub fn kind_of(row: &ReferralRow) -> Result<ReferralKind> {
    ReferralKind::parse(&row.kind)
        .ok_or_else(|| Error::internal("reading a referral's kind", row.kind.clone()))
}

/// The state of a stored referral.
pub fn state_of(row: &ReferralRow) -> Result<ReferralState> {
    ReferralState::parse(&row.state)
        .ok_or_else(|| Error::internal("reading a referral's state", row.state.clone()))
}

fn check_agency(reference: &Reference, code: &str, kind: ReferralKind) -> Result<()> {
    reference
        .takes(code, kind)
        .map_err(|(code, detail)| Error::invalid("/agency", code, detail))
}

/// Lets the outcome reach the reporter of the tip, or those of the tips of the case that name what it was about.
pub async fn release(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    id: Uuid,
) -> Result<ReferralRow> {
    let row = store::lock(conn, id, &Reach::issuer(who)).await?;
    let about = store::about(conn, &[row.id]).await?;
    let kind = kind_of(&row)?;
    let outcomes = kind.outcomes().iter().copied();
    let news = outcomes
        .clone()
        .filter(|outcome| {
            about
                .iter()
                .any(|a| a.outcome.as_deref() == Some(outcome.as_str()))
        })
        .find_map(News::to_release);
    let Some(news) = news else {
        let detail = "It has no outcome that a reporter could be told.";
        return Err(Error::conflict("wrong_state", detail));
    };
    let tips = match (row.tip_id, row.case_id) {
        (None, Some(case)) => {
            let told_by = outcomes.filter(|outcome| News::to_release(*outcome) == Some(news));
            let told_by: Vec<&str> = told_by.map(|outcome| outcome.as_str()).collect();
            store::namers(conn, case, row.id, &told_by).await?
        }
        (tip, _) => tip.into_iter().collect(),
    };
    if tips.is_empty() {
        let detail = "No tip of the case names what it was about.";
        return Err(Error::conflict("wrong_state", detail));
    }
    let told = (app.now(), Some(who.sub.as_str()));
    store::insert_news(conn, &tips, news.as_str(), None, told, row.id).await?;
    let entries: Vec<Entry> = tips
        .iter()
        .map(|tip| {
            Entry::audit("reporter.news_released", actor, app.now())
                .on("tip", *tip)
                .with(json!({"news": news.as_str(), "referral_id": row.id}))
        })
        .collect();
    journal::record(conn, &entries).await?;
    Ok(row)
}
