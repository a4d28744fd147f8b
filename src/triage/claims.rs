//! Claims: a tip is leased to one officer for 15 minutes.

use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use uuid::Uuid;

use super::store;
use super::wire::ClaimTips;
use crate::auth::Principal;
use crate::db::Conn;
use crate::error::{Error, Place, Result};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;
use crate::tips::words::Search;
use crate::tips::{self, TipState, Visibility, list};

/// How long a lease lasts.
pub const LEASE_MINUTES: i64 = 15;

fn lease(now: DateTime<Utc>) -> DateTime<Utc> {
    now + Duration::minutes(LEASE_MINUTES)
}

/// Leases the most urgent unclaimed tips to the caller.
pub async fn claim(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    wanted: &ClaimTips,
) -> Result<Vec<TipState>> {
    let now = app.now();
    let filter = wanted.filter.clone().unwrap_or_default();
    let reference = app.reference.get();
    filter.check(conn, &reference).await.map_err(in_filter)?;
    if let Some(desk) = &wanted.desk
        && !list::knows_desk(conn, &reference, desk).await?
    {
        let detail = "There is no such desk; GET /v1/desks lists them.";
        return Err(Error::invalid("/desk", "unknown_value", detail));
    }
    let visible = Visibility::of(who);
    let desk = wanted.desk.as_deref().or(filter.desk.as_deref());
    let indicator = match &filter.indicator {
        None => None,
        Some(written) => match list::indicator_key(&reference, written) {
            Some(key) => Some(key),
            None => return Ok(Vec::new()),
        },
    };
    // Both hold together, as all filters do.
    if matches!((&wanted.desk, &filter.desk), (Some(a), Some(b)) if a != b) {
        return Ok(Vec::new());
    }
    let elsewhere =
        |confined: Option<&str>| matches!((confined, desk), (Some(a), Some(b)) if a != b);
    let wrong_status = filter
        .status
        .as_deref()
        .is_some_and(|status| status != "received");
    if elsewhere(visible.desk()) || wrong_status {
        return Ok(Vec::new());
    }
    let unit = filter.unit.clone().map(|unit| vec![unit]);
    let units = match (visible.units(), &unit) {
        (Some(own), Some(wanted)) => Some(
            wanted
                .iter()
                .filter(|unit| own.contains(unit))
                .cloned()
                .collect::<Vec<_>>(),
        ),
        (Some(own), None) => Some(own.to_vec()),
        (None, wanted) => wanted.clone(),
    };
    store::free_expired(conn, now).await?;
    let ids = store::claim(
        conn,
        store::Claim {
            by: &who.sub,
            desk: desk.or(visible.desk()),
            units: units.as_deref(),
            level: filter.priority.as_deref(),
            method: filter.method.as_deref(),
            indicator: indicator.as_deref(),
            search: filter.words().map(|words| Search::read(&reference, words)),
            received_from: filter.received_from,
            received_to: filter.received_to,
            overdue: filter.overdue,
            flood: filter.flood,
            max: wanted.max.unwrap_or(1),
            now,
            until: lease(now),
        },
    )
    .await?;
    let states = list::states(conn, &ids).await?;
    let entries: Vec<Entry> = states
        .iter()
        .map(|state| claimed(state, who, actor, now))
        .collect();
    if !entries.is_empty() {
        journal::record(conn, &entries).await?;
    }
    Ok(states)
}

/// What is a parameter of a list is a field of the filter here.
fn in_filter(error: Error) -> Error {
    let Error::Invalid(mut problems) = error else {
        return error;
    };
    for problem in &mut problems {
        if let Place::Parameter(name) = &problem.place {
            problem.place = Place::Pointer(format!("/filter/{name}"));
        }
    }
    Error::Invalid(problems)
}

/// The entry of a claim. It says to which communes the officer is confined: a tip that is moved out of them is free.
pub fn claimed(state: &TipState, who: &Principal, actor: &Actor, now: DateTime<Utc>) -> Entry {
    let visible = Visibility::of(who);
    let mut data = json!({"lease_expires_at": lease(now)});
    if let (Some(units), Some(data)) = (visible.units(), data.as_object_mut()) {
        data.insert(tips::CLAIM_UNITS.to_owned(), json!(units));
    }
    state.event("tip.claimed", actor, now).with(data)
}

/// Claims one tip, or renews the claim that the caller has.
pub async fn claim_one(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    tip: Uuid,
) -> Result<TipState> {
    let now = app.now();
    let mut state = tips::lock_state(conn, tip, &Visibility::of(who)).await?;
    // A reporter who takes a tip back does not take it from the police.
    if state.status == "withdrawn" {
        state.decided_at = None;
    } else if !state.is_open() {
        return Err(already_decided());
    }
    if state.holder(now).is_some_and(|holder| holder != who.sub) {
        return Err(claimed_by_other());
    }
    lease_to(&mut state, who, now);
    tips::update_state(conn, &state, now).await?;
    journal::record(conn, &[claimed(&state, who, actor, now)]).await?;
    Ok(state)
}

/// Gives the claim to an officer from now on.
pub fn lease_to(state: &mut TipState, who: &Principal, now: DateTime<Utc>) {
    "claimed".clone_into(&mut state.status);
    state.claimed_by = Some(who.sub.clone());
    state.lease_expires_at = Some(lease(now));
    state.first_claimed_at = state.first_claimed_at.or(Some(now));
}

/// Gives a claim back.
pub async fn release(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    tip: Uuid,
) -> Result<()> {
    let now = app.now();
    let mut state = tips::lock_state(conn, tip, &Visibility::of(who)).await?;
    check_holder(&state, who, now)?;
    state.status = "received".to_owned();
    state.claimed_by = None;
    state.lease_expires_at = None;
    tips::update_state(conn, &state, now).await?;
    let entry = state
        .event("tip.updated", actor, now)
        .with(json!({"change": "released"}));
    journal::record(conn, &[entry]).await
}

/// 409 unless the caller holds the claim now.
pub fn check_holder(state: &TipState, who: &Principal, now: DateTime<Utc>) -> Result<()> {
    match state.holder(now) {
        Some(holder) if holder == who.sub => Ok(()),
        Some(_) => Err(claimed_by_other()),
        None if !state.is_open() => Err(already_decided()),
        None => Err(Error::conflict(
            "not_claimed",
            "Claim the tip first; a lease lasts 15 minutes.",
        )),
    }
}

/// 409: somebody else holds it.
pub fn claimed_by_other() -> Error {
    Error::conflict("claimed_by_other", "Another officer holds the claim.")
}

/// 409: nothing is left to decide.
pub fn already_decided() -> Error {
    Error::conflict("already_decided", "The tip is decided already.")
}
