//! What a reporter adds or corrects by receipt: a submission beside the first, merged into the
//! working copy that officers see.
//!
//! What says the same as the submission before it changes nothing, so an app may send it again after a lost answer.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::added::{beside, no_room, renumbered};
use super::intake::{self, Submission, facts, indicators, sealing};
use super::losses::{merge_losses, overlay};
use super::own::{self, Own};
use super::store::{self, TipRow};
use super::wire::{AdviceView, HintView, ReceivedIndicator, SubmitReporter, SubmitTip, Warning};
use super::{Visibility, background, claim, identity, reopen};
use crate::db::Conn;
use crate::domain::guidance;
use crate::domain::lang::Lang;
use crate::domain::money;
use crate::domain::priority::{self, told};
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
/// Characters of a working text.
const TEXT: usize = 100_000;

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
    let sent = &submission.tip;
    let mut warnings = submission.warnings.clone();
    intake::warn_officers_only(sent, &mut warnings);
    let facts = facts::draw(sent, &reference, now, &mut warnings);
    let known = identity::known(conn, &app.keys.identity, tip).await?;
    let posted = known.as_posted();
    let read = indicators::read(sent, posted.as_ref(), &reference, &mut warnings);
    let mut warnings: Vec<_> = warnings
        .into_iter()
        .map(|warning| warning.told(lang))
        .collect();
    let shown: Vec<ReceivedIndicator> = read.iter().map(ReceivedIndicator::from).collect();
    if addition != Addition::Correction
        && let Some(kept) = store::newest_submission(conn, tip).await?
        && let Some(attestation) = sealing::attest_again(app, tip, &kept, &submission.raw)?
    {
        let row = store::find_tip(conn, tip).await?;
        let (missing, guidance) = advice(&row, &reference, &shown, now, lang);
        return Ok(AdditionReceived {
            attestation,
            status: state.status(now).to_owned(),
            received_at: kept.received_at,
            indicators: shown,
            warnings,
            missing,
            guidance,
        });
    }
    if store::count_submissions(conn, tip).await? >= SUBMISSIONS {
        return Err(Error::conflict(
            "wrong_state",
            "Nothing more can be added to this tip; write a message or a new tip.",
        ));
    }
    let added = beside(store::edge_keys(conn, tip).await?, read.clone());
    if !added.fitted {
        warnings.push(no_room("/indicators").told(lang));
    }
    let (edges, ordinals) = (added.edges, added.ordinals);
    let sealed = sealing::seal(app, tip, submission, now)?;
    let attestation = sealed.attestation.clone();
    let kept = sealed.into_row("application/json");
    store::insert_edges(conn, tip, &edges, kept.id, now).await?;

    let mut row = store::find_tip(conn, tip).await?;
    let losses = facts
        .losses
        .iter()
        .map(|loss| renumbered(loss, &ordinals))
        .collect();
    let moment = (now, &reference.priority);
    let full = merge(&mut row, sent, &facts, losses, &warnings, moment);
    warnings.extend(full.into_iter().map(|place| no_room(place).told(lang)));
    if sent.reporter.is_some() {
        let own = Own::of([sent.reporter.as_ref(), posted.as_ref()], &reference);
        own::withdraw(conn, &own, (tip, kept.id), &read, &row.details).await?;
    }
    // Whose number a message comes from is sealed with it. It takes the place of none that was given, nor of
    // the wish to give none.
    let reporter = sent.reporter.as_ref();
    let named = reporter.filter(|_| addition != Addition::BySms);
    row.anonymous = !identity::add(conn, app, tip, known, named).await?;
    if facts.known_method.is_some() {
        state.method.clone_from(&facts.known_method);
    }
    let moved = facts.known_unit.is_some()
        && state.unit_code.is_some()
        && state.unit_code != facts.known_unit;
    if facts.known_unit.is_some() {
        state.unit_code.clone_from(&facts.known_unit);
    }
    // Who holds it may be confined to the commune that it leaves; then it waits for whoever sees it now.
    let released = moved && claim::is_out_of_reach(conn, &state, now).await?;
    if released {
        "received".clone_into(&mut state.status);
        (state.claimed_by, state.lease_expires_at) = (None, None);
    }
    let came_back = addition != Addition::Correction && reopen::answered(&mut state, now);
    state.version += 1;
    store::update_tip(conn, &row, &state, now).await?;

    store::insert_submission(conn, tip, &kept, addition.client(), now).await?;
    background::recompute(conn, app, &[tip], now).await?;
    let entry = state.event("tip.updated", actor, now).with(
        json!({"change": CHANGE, "by": addition.client(), "submission_id": kept.id,
                     "addition": kept.id, "indicators": edges.len(), "came_back": came_back, "released": released}),
    );
    journal::record(conn, &[entry]).await?;

    let (missing, guidance) = advice(&row, &reference, &shown, now, lang);
    Ok(AdditionReceived {
        attestation,
        status: state.status(now).to_owned(),
        received_at: now,
        indicators: shown,
        warnings,
        missing,
        guidance,
    })
}

/// Merges what was sent into the working copy: what is sent anew replaces, texts are added. Returns the fields for
/// which there was no room.
fn merge(
    row: &mut TipRow,
    sent: &SubmitTip,
    facts: &facts::Facts,
    losses: Vec<Value>,
    warnings: &[Warning],
    (now, rules): (DateTime<Utc>, &priority::Rules),
) -> Vec<&'static str> {
    let mut full = Vec::new();
    replace(&mut row.method, sent.method.clone());
    replace(&mut row.channel, sent.channel.clone());
    replace(&mut row.language, sent.language.clone());
    replace(&mut row.occurred_at, facts.occurred_at);
    replace(&mut row.written_at, facts.written_at);
    if let Some(location) = &sent.location {
        replace(&mut row.unit_code, location.unit_code.clone());
        replace(&mut row.place, sealing::masked(location.place.as_deref()));
    }
    let names = sealing::names_of_victims(sent);
    for (place, before, added) in [
        ("/narrative", &mut row.narrative, &sent.narrative),
        ("/raw_message", &mut row.raw_message, &sent.raw_message),
    ] {
        // Whom it names now may stand in what was told before.
        if !names.is_empty() {
            *before = sealing::masked_with(before.as_deref(), &names);
        }
        if !append(before, sealing::masked_with(added.as_deref(), &names)) {
            full.push(place);
        }
    }
    row.in_danger_now = sent.in_danger_now.unwrap_or(row.in_danger_now);
    if sent.attachments_announced.is_some() {
        row.attachments_announced = facts.attachments_announced;
    }
    let mut details: Map<String, Value> = row.details.as_object().cloned().unwrap_or_default();
    let mut all = list(&details, "losses");
    if !merge_losses(&mut all, losses) {
        full.push("/losses");
    }
    let amounts = all
        .iter()
        .filter_map(|loss| loss.get("amount_vnd")?.as_i64());
    row.loss_vnd = money::total(amounts.map(money::counted));
    details.insert("losses".to_owned(), Value::Array(all));
    if let Some(victim) = &sent.victim {
        let victim = json!({"relation": victim.relation, "age_group": victim.age_group});
        let entry = details
            .entry("victim")
            .or_insert_with(|| json!({"relation": null, "age_group": null}));
        overlay(entry, victim);
    }
    let texts = [&row.narrative, &row.raw_message].into_iter().flatten();
    let signs = text_signs::read(texts.map(String::as_str));
    details.insert(told::SIGNS.to_owned(), facts::noted(signs));
    details.insert(told::TOLD_AT.to_owned(), json!(now));
    let mut all = list(&details, "warnings");
    for warning in warnings.iter().map(|warning| json!(warning.kept())) {
        if !all.contains(&warning) {
            all.push(warning);
        }
    }
    details.insert("warnings".to_owned(), Value::Array(all));
    if let Some(reporter) = &sent.reporter {
        wishes(&mut details, reporter);
    }
    row.details = Value::Object(details);
    let told = priority::Facts {
        losses: told::losses(&row.details),
        occurred_at: row.occurred_at,
        ..priority::Facts::received(now)
    };
    row.last_transfer_at = priority::last_transfer(&told, rules);
    full
}

fn wishes(details: &mut Map<String, Value>, reporter: &SubmitReporter) {
    for (name, wish) in [
        ("may_contact", reporter.may_contact),
        ("keep_secret", reporter.keep_secret),
    ] {
        if let Some(wish) = wish {
            details.insert(name.to_owned(), Value::from(wish));
        }
    }
}

fn list(details: &Map<String, Value>, name: &str) -> Vec<Value> {
    details
        .get(name)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

fn replace<T>(old: &mut Option<T>, new: Option<T>) {
    if new.is_some() {
        *old = new;
    }
}

/// Adds a text unless it is there already, paragraph by paragraph: a short answer may well stand somewhere in a longer
/// sentence. Returns whether there was room; the submission keeps what no longer fits into the working copy.
fn append(old: &mut Option<String>, new: Option<String>) -> bool {
    let Some(new) = new.filter(|text| !text.trim().is_empty()) else {
        return true;
    };
    match old {
        // The app sent the whole text again.
        Some(old) if holds(old, &new) => {}
        Some(old) if new.starts_with(old.as_str()) || holds(&new, old) => *old = new,
        Some(old) if old.len() + new.len() > TEXT * 4 => return false,
        Some(old) => {
            old.push_str("\n\n");
            old.push_str(&new);
        }
        None => *old = Some(new),
    }
    true
}

/// Whether all paragraphs of a part stand in a text one behind the other.
fn holds(whole: &str, part: &str) -> bool {
    let paragraphs = |text| -> Vec<&str> { str::split(text, "\n\n").map(str::trim).collect() };
    let (whole, part) = (paragraphs(whole), paragraphs(part));
    whole.windows(part.len()).any(|some| *some == *part)
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
    let accounts = shown.iter().map(|i| (i.kind.as_str(), i.value.as_str()));
    let facts = guidance::Facts {
        method: row
            .method
            .as_deref()
            .filter(|code| reference.methods.contains_key(*code)),
        in_danger_now: row.in_danger_now || told::signs(&row.details).life_at_risk,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_sent_again_is_not_doubled() {
        let mut text = Some("Tôi bị lừa.".to_owned());
        for (new, whole) in [
            ("Tôi bị lừa.", "Tôi bị lừa."),
            ("Qua Zalo.", "Tôi bị lừa.\n\nQua Zalo."),
            ("Qua Zalo.", "Tôi bị lừa.\n\nQua Zalo."),
            (" ", "Tôi bị lừa.\n\nQua Zalo."),
            // Words of a sentence are no answer that was given before.
            ("Zalo", "Tôi bị lừa.\n\nQua Zalo.\n\nZalo"),
            (
                "Tôi bị lừa.\n\nQua Zalo.\n\nZalo\n\nHôm qua.",
                "Tôi bị lừa.\n\nQua Zalo.\n\nZalo\n\nHôm qua.",
            ),
            (
                "Qua Zalo.\n\nZalo",
                "Tôi bị lừa.\n\nQua Zalo.\n\nZalo\n\nHôm qua.",
            ),
        ] {
            assert!(append(&mut text, Some(new.to_owned())));
            assert_eq!(text.as_deref(), Some(whole));
        }
        assert!(!append(&mut text, Some("a".repeat(TEXT * 4))), "no room");
    }
}
