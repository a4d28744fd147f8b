//! What a reporter adds or corrects by receipt: a submission beside the first, merged into the
//! working copy that officers see.
//!
//! What says the same as the submission before it changes nothing, so an app may send it again after a lost answer.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::added::{beside, no_room, renumbered};
use super::intake::{self, Submission, facts, indicators, sealing};
use super::merging::{merge, replace};
use super::model::NewEdge;
use super::own::{self, Own};
use super::store::{self, TipRow, TipState};
use super::wire::{AdviceView, HintView, ReceivedIndicator, SubmitReporter, SubmitTip, Warning};
use super::{Visibility, background, claim, identity, reopen, unread};
use crate::db::Conn;
use crate::domain::guidance;
use crate::domain::lang::Lang;
use crate::domain::priority::told;
use crate::domain::text_signs;
use crate::error::{Error, Result};
use crate::journal::{self, Actor};
use crate::reference::Reference;
use crate::state::AppState;

/// How the journal calls an addition.
pub const CHANGE: &str = "amended";
/// More additions to one tip are a flood.
const SUBMISSIONS: i64 = 100;
/// A working copy holds no more than these.
pub(super) const INDICATORS: usize = 300;
pub(super) const LOSSES: usize = 200;

/// The answer to an addition, sent once it is durable.
#[derive(Debug, Serialize, ToSchema)]
pub struct AdditionReceived {
    /// Proves later that this addition was received, like the attestation of the tip itself.
    pub attestation: String,
    /// Where the tip stands.
    #[schema(example = "received")]
    pub status: String,
    /// When the addition was received.
    pub received_at: DateTime<Utc>,
    /// What the addition points at, normalised.
    pub indicators: Vec<ReceivedIndicator>,
    /// What was not understood.
    pub warnings: Vec<Warning>,
    /// What would still help, never a demand.
    pub missing: Vec<HintView>,
    /// What to do now.
    pub guidance: Vec<AdviceView>,
}

/// Why a submission is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addition {
    /// The reporter says more, by receipt.
    ByReceipt,
    /// The reporter says more in a text message that holds the receipt.
    BySms,
    /// The reporter's data are put right, as a granted request asks.
    Correction,
}

impl Addition {
    /// In place of the client that it came with.
    fn client(self) -> &'static str {
        match self {
            Self::ByReceipt => "receipt",
            Self::BySms => "sms",
            Self::Correction => "correction",
        }
    }
}

/// Adds a submission to a tip in the caller's transaction.
pub async fn amend(
    conn: &mut Conn,
    app: &AppState,
    actor: &Actor,
    lang: Lang,
    (tip, addition): (Uuid, Addition),
    submission: &Submission,
) -> Result<AdditionReceived> {
    let now = app.now();
    let reference = app.reference.get();
    let mut state = super::lock_state(conn, tip, &Visibility::all()).await?;
    let known = identity::known(conn, &app.keys.identity, tip).await?;
    let posted = known.as_posted();
    let mut read = Understood::of(submission, posted.as_ref(), &reference, lang, now);
    if addition != Addition::Correction
        && let Some((attestation, at)) = kept_already(conn, app, tip, submission).await?
    {
        let row = store::find_tip(conn, tip).await?;
        return Ok(read.answer(
            &row,
            state.status(now),
            &reference,
            (attestation, at),
            (now, lang),
        ));
    }
    refuse_a_flood(conn, tip).await?;
    let added = beside(store::edge_keys(conn, tip).await?, read.edges.clone());
    if !added.fitted {
        read.warnings.push(no_room("/indicators").told(lang));
    }
    let sealed = sealing::seal(app, tip, submission, now)?;
    let attestation = sealed.attestation.clone();
    let kept = sealed.into_row("application/json");
    store::insert_edges(conn, tip, &added.edges, kept.id, now).await?;

    let mut row = store::find_tip(conn, tip).await?;
    read.merge_into(&mut row, &added.ordinals, &reference, (now, lang));
    let reporter = submission.tip.reporter.as_ref();
    if reporter.is_some() {
        let own = Own::of([reporter, posted.as_ref()], &reference);
        own::withdraw(conn, &own, (tip, kept.id), &read.edges, &row.details).await?;
    }
    // Whose number a message comes from is sealed with it. It takes the place of none that was given, nor of
    // the wish to give none.
    let named = reporter.filter(|_| addition != Addition::BySms);
    row.anonymous = !identity::add(conn, app, tip, known, named).await?;
    let released = follow(conn, &mut state, &read.facts, now).await?;
    let came_back = addition != Addition::Correction && reopen::answered(&mut state, now);
    state.version += 1;
    store::update_tip(conn, &row, &state, now).await?;

    store::insert_submission(conn, tip, &kept, addition.client(), now).await?;
    // A correction is the office's own doing.
    if addition != Addition::Correction {
        unread::note(conn, &state, (unread::Sent::Addition, kept.id), now).await?;
    }
    background::recompute(conn, app, &[tip], now).await?;
    let entry = state.event("tip.updated", actor, now).with(
        json!({"change": CHANGE, "by": addition.client(), "submission_id": kept.id, "addition": kept.id,
               "indicators": added.edges.len(), "came_back": came_back, "released": released,
               "danger_denied": submission.tip.in_danger_now == Some(false) && row.in_danger_now}),
    );
    journal::record(conn, &[entry]).await?;
    Ok(read.answer(
        &row,
        state.status(now),
        &reference,
        (attestation, now),
        (now, lang),
    ))
}

/// The attestation of the submission before, and when that came, where this one says the same.
async fn kept_already(
    conn: &mut Conn,
    app: &AppState,
    tip: Uuid,
    submission: &Submission,
) -> Result<Option<(String, DateTime<Utc>)>> {
    let Some(kept) = store::newest_submission(conn, tip).await? else {
        return Ok(None);
    };
    let attestation = sealing::attest_again(app, tip, &kept, &submission.raw)?;
    Ok(attestation.map(|attestation| (attestation, kept.received_at)))
}

async fn refuse_a_flood(conn: &mut Conn, tip: Uuid) -> Result<()> {
    if store::count_submissions(conn, tip).await? < SUBMISSIONS {
        return Ok(());
    }
    Err(Error::conflict(
        "wrong_state",
        "Nothing more can be added to this tip; write a message or a new tip.",
    ))
}

/// Takes over the method and the commune that are told now. Returns whether it was taken from whoever holds it, who may
/// be confined to the commune that it leaves: then it waits for whoever sees it now.
async fn follow(
    conn: &mut Conn,
    state: &mut TipState,
    facts: &facts::Facts,
    now: DateTime<Utc>,
) -> Result<bool> {
    replace(&mut state.method, facts.known_method.clone());
    let moved = facts.known_unit.is_some()
        && state.unit_code.is_some()
        && state.unit_code != facts.known_unit;
    replace(&mut state.unit_code, facts.known_unit.clone());
    let released = moved && claim::is_out_of_reach(conn, state, now).await?;
    if released {
        "received".clone_into(&mut state.status);
        (state.claimed_by, state.lease_expires_at) = (None, None);
    }
    Ok(released)
}

/// An addition as it was understood.
struct Understood<'a> {
    sent: &'a SubmitTip,
    facts: facts::Facts,
    edges: Vec<NewEdge>,
    shown: Vec<ReceivedIndicator>,
    /// What was not understood, in the language of the answer.
    warnings: Vec<Warning>,
}

impl<'a> Understood<'a> {
    fn of(
        submission: &'a Submission,
        posted: Option<&SubmitReporter>,
        reference: &Reference,
        lang: Lang,
        now: DateTime<Utc>,
    ) -> Self {
        let sent = &submission.tip;
        let mut warnings = submission.warnings.clone();
        intake::warn_officers_only(sent, &mut warnings);
        let facts = facts::draw(sent, reference, now, &mut warnings);
        let edges = indicators::read(sent, posted, (reference, now), &mut warnings);
        Self {
            sent,
            facts,
            shown: edges.iter().map(ReceivedIndicator::from).collect(),
            edges,
            warnings: warnings
                .into_iter()
                .map(|warning| warning.told(lang))
                .collect(),
        }
    }

    /// Merges it into the working copy, with a warning for what had no room there.
    fn merge_into(
        &mut self,
        row: &mut TipRow,
        ordinals: &[Option<i16>],
        reference: &Reference,
        (now, lang): (DateTime<Utc>, Lang),
    ) {
        let losses = self.facts.losses.iter();
        let losses = losses.map(|loss| renumbered(loss, ordinals)).collect();
        let moment = (now, &reference.priority);
        let full = merge(row, self.sent, &self.facts, losses, &self.warnings, moment);
        let full = full.into_iter().map(|place| no_room(place).told(lang));
        self.warnings.extend(full);
    }

    fn answer(
        self,
        row: &TipRow,
        status: &str,
        reference: &Reference,
        (attestation, received_at): (String, DateTime<Utc>),
        (now, lang): (DateTime<Utc>, Lang),
    ) -> AdditionReceived {
        let (missing, guidance) = advice(row, reference, &self.shown, now, lang);
        AdditionReceived {
            attestation,
            status: status.to_owned(),
            received_at,
            indicators: self.shown,
            warnings: self.warnings,
            missing,
            guidance,
        }
    }
}

fn advice(
    row: &TipRow,
    reference: &Reference,
    shown: &[ReceivedIndicator],
    now: DateTime<Utc>,
    lang: Lang,
) -> (Vec<HintView>, Vec<AdviceView>) {
    let losses = row.details.get("losses").and_then(Value::as_array);
    let all = |name: &str| {
        losses
            .into_iter()
            .flatten()
            .all(|loss| loss.get(name).is_some_and(|value| !value.is_null()))
    };
    let age = row
        .details
        .pointer("/victim/age_group")
        .and_then(Value::as_str);
    let has_loss = losses.is_some_and(|losses| !losses.is_empty());
    let texts = [&row.narrative, &row.raw_message].into_iter().flatten();
    let texts = texts.map(String::as_str);
    let in_danger_now = row.in_danger_now || told::signs(&row.details).life_at_risk;
    let abroad = in_danger_now && texts.clone().any(|text| reference.ways.names_abroad(text));
    let accounts = shown.iter().map(|i| (i.kind.as_str(), i.value.as_str()));
    let facts = guidance::Facts {
        method: row
            .method
            .as_deref()
            .filter(|code| reference.methods.contains_key(*code)),
        in_danger_now,
        abroad,
        child_victim: facts::is_child(age),
        indicator_kinds: shown.iter().map(|i| i.kind.as_str()).collect(),
        has_loss,
        may_have_paid: !has_loss
            && (text_signs::speaks_of_paying(texts)
                || shown.iter().any(|i| guidance::takes_money(&i.kind))),
        about_to_pay: !has_loss && told::signs(&row.details).about_to_pay,
        told_secret: told::signs(&row.details).told_secret,
        has_transfer_time: losses.is_some_and(|losses| told::times_are_stated(losses)),
        hotlines: reference.hotlines(accounts, lang),
        minutes_since_transfer: row
            .last_transfer_at
            .map(|at| (now - at).num_minutes().max(0)),
        has_text: row.narrative.is_some() || row.raw_message.is_some(),
        has_channel: row.channel.is_some(),
        has_occurred_at: row.occurred_at.is_some(),
        has_unit: row.unit_code.is_some(),
        losses_have_amount: all("amount_vnd"),
        losses_have_reference: all("reference"),
        has_account_without_bank: shown
            .iter()
            .any(|i| i.kind == "bank_account" && i.value.starts_with("?:")),
        has_attachments: row.attachments_announced > 0,
    };
    let hints = guidance::missing(&reference.guidebook, &facts, lang);
    let advice = guidance::guidance(&reference.guidebook, &facts, lang);
    (
        hints.into_iter().map(HintView::from).collect(),
        advice.into_iter().map(AdviceView::from).collect(),
    )
}
