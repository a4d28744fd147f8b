//! The clocks of reception of a tip (contract §6): facts from its state, rules from the domain.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::store::{self, TipRow, TipState};
use super::view::Context;
use crate::db::Conn;
use crate::domain::deadline::{Act, Commune, Deadline, Facts, LegalProcess};
use crate::error::Result;
use crate::reference::Reference;

/// The deadlines of a tip as the API shows them.
pub fn of_tip(
    state: &TipState,
    tip: &TipRow,
    sent_on: &[Option<DateTime<Utc>>],
    context: &Context<'_>,
) -> Value {
    json!(read(state, tip, sent_on, context.reference, context.now))
}

/// The deadlines of a tip whose state was found.
pub async fn find(
    conn: &mut Conn,
    state: &TipState,
    reference: &Reference,
    now: DateTime<Utc>,
) -> Result<Vec<Deadline>> {
    let tip = store::find_tip(conn, state.tip_id).await?;
    let mut sent_on = store::sent_on(conn, std::slice::from_ref(state)).await?;
    let sent_on = sent_on.remove(&state.tip_id).unwrap_or_default();
    Ok(read(state, &tip, &sent_on, reference, now))
}

/// The limit for deciding what was reported, as long as the tip belongs to no case (BLTTHS art. 147(1)).
pub fn resolution(state: &TipState, reference: &Reference, now: DateTime<Utc>) -> Option<Deadline> {
    let facts = Facts::received(state.clock_start());
    let clock = reference.legal_clock();
    state.is_open().then(|| clock.resolution(&facts, now))?
}

/// The deadlines of a tip.
pub(super) fn read(
    state: &TipState,
    tip: &TipRow,
    sent_on: &[Option<DateTime<Utc>>],
    reference: &Reference,
    now: DateTime<Utc>,
) -> Vec<Deadline> {
    let mut facts = Facts {
        identity_refused: tip.anonymous,
        reopened_at: state.reopened_at(),
        ..Facts::received(state.clock_start())
    };
    if let Some(at) = state.classified_at {
        facts = facts.with(Act::Classified, at);
        facts = match state.status.as_str() {
            "accepted" => facts.with(Act::Accepted, at),
            "transferred" => transferred(facts, state.decided_at.unwrap_or(at), sent_on),
            // Of an earlier decision, before the tip came back, the reporter may have been told another result.
            _ => facts.with(Act::Dismissed, state.decided_at.unwrap_or(at)),
        };
    }
    if let Some(at) = state.reception_told_at {
        facts = facts.with(Act::ReporterToldOfReception, at);
    }
    if let Some(at) = state.result_told_at {
        facts = facts.with(Act::ReporterToldResult, at);
    }
    if let Some(path) = CommunePath::of(state, tip) {
        facts = path.onto(facts, &reference.process);
    }
    reference.legal_clock().for_tip(&facts, now)
}

/// A tip for another body: sent on with the referral that carries it, else by the decision itself, as a body that
/// takes no referrals gets it on paper (form 03).
fn transferred(facts: Facts, at: DateTime<Utc>, sent_on: &[Option<DateTime<Utc>>]) -> Facts {
    let facts = facts.with(Act::NoCompetenceFound, at);
    if sent_on.is_empty() {
        return facts.with(Act::TransferredOut, at);
    }
    let sent = sent_on.iter().flatten();
    sent.fold(facts, |facts, at| facts.with(Act::TransferredOut, *at))
}

/// The way of a tip through the police of a commune (TTLT 01/2017 art. 8(5)).
#[derive(Clone, Debug)]
pub struct CommunePath {
    unit: Option<String>,
    received_at: DateTime<Utc>,
    passed_on_at: Option<DateTime<Utc>>,
    loss_vnd: i64,
    in_danger_now: bool,
}

impl CommunePath {
    /// The way of a tip that a commune's desk received, or that an officer entered as passed on by a commune.
    pub fn of(state: &TipState, tip: &TipRow) -> Option<Self> {
        let reception = tip.details.get("reception");
        let text = |name: &str| reception.and_then(|r| r.get(name)).and_then(Value::as_str);
        let entered = text("channel") == Some("commune_police");
        if state.commune.is_none() && !entered {
            return None;
        }
        let told = text("received_at")
            .and_then(|at| DateTime::parse_from_rfc3339(at).ok())
            .map(|at| at.to_utc().min(state.received_at));
        Some(Self {
            unit: state.commune.as_ref().or(state.unit_code.as_ref()).cloned(),
            received_at: told.filter(|_| entered).unwrap_or(state.clock_start()),
            passed_on_at: match &state.commune {
                Some(_) => state.passed_on_at.or(state.classified_at),
                None => Some(state.received_at),
            },
            loss_vnd: tip.loss_vnd,
            in_danger_now: tip.in_danger_now,
        })
    }

    /// Adds it to the facts. Of what makes a tip urgent the loss and the danger are known; being caught in the
    /// act, wide notice or a suspect's flight no field tells.
    pub fn onto(&self, mut facts: Facts, process: &LegalProcess) -> Facts {
        facts.commune = Some(Commune {
            received_at: self.received_at,
            urgent: self.in_danger_now || process.is_very_serious(self.loss_vnd),
            remote: self
                .unit
                .as_ref()
                .is_some_and(|unit| process.is_remote(unit)),
        });
        match self.passed_on_at {
            Some(at) => facts.with(Act::PassedOnByCommune, at),
            None => facts,
        }
    }
}

/// The ways of those of some tips that came through a commune.
pub async fn commune_paths(conn: &mut Conn, ids: &[Uuid]) -> Result<HashMap<Uuid, CommunePath>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = store::states_and_tips(conn, ids).await?;
    Ok(rows
        .iter()
        .filter_map(|(state, tip)| Some((state.tip_id, CommunePath::of(state, tip)?)))
        .collect())
}
