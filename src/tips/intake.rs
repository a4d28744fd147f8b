//! From what a citizen sent to the rows that are stored: understood as far as possible, sealed as a
//! whole, routed, prioritised. It touches no database: clock, keys, reference data and random ids are all it takes.

pub(super) mod facts;
pub(super) mod indicators;
mod reading;
pub(super) mod sealing;

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::model::{NewEdge, NewIdentity, NewState, NewSubmission, NewTip};
use super::wire::{AdviceView, HintView, ReceivedIndicator, SubmitTip, TipReceived, Warning};
use crate::auth::{Principal, Scope};
use crate::domain::lang::Lang;
use crate::domain::{guidance, priority, routing};
use crate::error::Result;
use crate::http::Problem;
use crate::idempotency::{Answer, Claim};
use crate::journal::{Actor, Entry};
use crate::reference::Reference;
use crate::state::{AppState, id_at};

pub use reading::{Submission, read, read_addition, received};
pub use sealing::{ATTESTATION, receipt_hash};

/// Who sends a tip and how.
pub struct Sender<'a> {
    /// The bearer.
    pub who: &'a Principal,
    /// Request under which it came.
    pub request_id: &'a str,
    /// Language of the answer's texts.
    pub lang: Lang,
    /// Media type of the body.
    pub content_type: &'a str,
}

/// A tip ready to be stored, and the answer for when it is.
pub struct Prepared {
    /// The rows.
    pub tip: NewTip,
    /// What the citizen is told.
    pub answer: TipReceived,
}

/// Prepares a submission for storing.
pub fn prepare(app: &AppState, sender: &Sender<'_>, submission: &Submission) -> Result<Prepared> {
    let now = app.now();
    // Lists by time of reception rely on it: the id tells that time.
    let id = id_at(now);
    let reference = app.reference.get();
    let read = Read::of(sender, submission, &reference, now);
    let (receipt, receipt_hash) = sealing::new_receipt(app);
    let identity = sealing::identity(app, id, read.sent.reporter.as_ref())?;
    let sealed = sealing::seal(app, id, submission, now)?;
    let state = read.state(&reference, identity.is_none());
    let (missing, guidance) = advice(&read, &reference, sender.lang);
    let answer = TipReceived {
        id,
        receipt,
        attestation: sealed.attestation.clone(),
        missing,
        status: "received",
        received_at: now,
        desk: state.desk.clone(),
        indicators: read.edges.iter().map(ReceivedIndicator::from).collect(),
        guidance,
        already_known: Vec::new(),
        warnings: read.warnings.clone(),
    };
    let entry = read.entry(sender, id, &state);
    let names = sealing::names_of_victims(read.sent);
    let text = |pointer, text: &Option<String>| sealed.masked(pointer, text.as_deref(), &names);
    let kept = Kept {
        narrative: text("/narrative", &read.sent.narrative),
        raw_message: text("/raw_message", &read.sent.raw_message),
        submission: sealed.into_row(sender.content_type),
        identity,
        receipt_hash,
    };
    let tip = read.into_tip(sender, (id, state), kept, entry);
    Ok(Prepared { tip, answer })
}

/// A submission as it was understood.
struct Read<'a> {
    sent: &'a SubmitTip,
    now: DateTime<Utc>,
    /// Whether an officer enters it, who may fill more.
    officer: bool,
    facts: facts::Facts,
    /// When it had reached the police, where an officer says so.
    reached_at: Option<DateTime<Utc>>,
    edges: Vec<NewEdge>,
    /// What was not understood, in the language of the answer.
    warnings: Vec<Warning>,
}

/// What is kept sealed, masked, or as a hash alone.
struct Kept {
    narrative: Option<String>,
    raw_message: Option<String>,
    submission: NewSubmission,
    identity: Option<NewIdentity>,
    receipt_hash: [u8; 32],
}

impl<'a> Read<'a> {
    fn of(
        sender: &Sender<'_>,
        submission: &'a Submission,
        reference: &Reference,
        now: DateTime<Utc>,
    ) -> Self {
        let sent = &submission.tip;
        let mut warnings = submission.warnings.clone();
        let officer = sender.who.may(Scope::TipsTriage);
        if !officer {
            warn_officers_only(sent, &mut warnings);
        }
        let facts = facts::draw(sent, reference, now, &mut warnings);
        let reached_at = officer
            .then(|| reached_at(sent, now, &mut warnings))
            .flatten();
        let edges = indicators::read(sent, None, (reference, now), &mut warnings);
        let warnings = warnings
            .into_iter()
            .map(|warning| warning.told(sender.lang))
            .collect();
        Self {
            sent,
            now,
            officer,
            facts,
            reached_at,
            edges,
            warnings,
        }
    }

    /// Where it stands at first: at which desk, how urgent, until when.
    fn state(&self, reference: &Reference, anonymous: bool) -> NewState {
        let (facts, now) = (&self.facts, self.now);
        let priority = priority::score(&facts.priority, &reference.priority, now);
        let desk = route(self.sent, facts, &self.edges, reference);
        let commune = reference.routing.find_desk(&desk);
        NewState {
            commune: commune.and_then(|(_, unit)| unit.map(str::to_owned)),
            desk,
            method: facts.known_method.clone(),
            unit_code: facts.known_unit.clone(),
            source_kind: source_kind(self.sent, anonymous),
            score: i16::from(priority.score),
            level: priority.level.as_str(),
            reasons: super::reasons::to_json(&priority.reasons),
            reprioritise_at: priority::next_change(&facts.priority, &reference.priority, now),
            due_at: self.reached_at.unwrap_or(now) + super::store::CLASSIFY_WITHIN,
            reached_at: self.reached_at,
        }
    }

    fn is_trial(&self) -> bool {
        self.sent.test.unwrap_or(false)
    }

    /// What the journal tells of it; of a trial nobody else.
    fn entry(&self, sender: &Sender<'_>, id: Uuid, state: &NewState) -> Entry {
        let test = self.is_trial();
        let actor = Actor::bearer(sender.who, sender.request_id);
        let mut entry = Entry::event("tip.received", &actor, self.now)
            .on("tip", id)
            .with(json!({
                "desk": state.desk, "level": state.level, "score": state.score,
                "method": self.facts.known_method,
                "indicators": self.edges.iter().filter(|e| e.key.is_some()).count(), "test": test,
            }));
        entry.is_event = !test;
        entry
    }

    /// The rows.
    fn into_tip(
        self,
        sender: &Sender<'_>,
        (id, state): (Uuid, NewState),
        kept: Kept,
        entry: Entry,
    ) -> NewTip {
        let (sent, facts) = (self.sent, &self.facts);
        let reporter = sent.reporter.as_ref();
        NewTip {
            id,
            received_at: self.now,
            client_id: sender.who.client_id.clone(),
            device_id: sender.who.device.then(|| sender.who.sub.clone()),
            test: self.is_trial(),
            anonymous: kept.identity.is_none(),
            method: sent.method.clone(),
            channel: sent.channel.clone(),
            language: sent.language.clone(),
            narrative: kept.narrative,
            raw_message: kept.raw_message,
            occurred_at: facts.occurred_at,
            written_at: facts.written_at,
            unit_code: sent.location.as_ref().and_then(|l| l.unit_code.clone()),
            place: sealing::masked(sent.location.as_ref().and_then(|l| l.place.as_deref())),
            in_danger_now: sent.in_danger_now.unwrap_or(false),
            attachments_announced: facts.attachments_announced,
            loss_vnd: facts.loss_vnd,
            last_transfer_at: facts.last_transfer_at,
            details: facts::details(sent, facts, self.officer, &self.warnings, reporter),
            state,
            receipt_hash: kept.receipt_hash,
            submission: kept.submission,
            identity: kept.identity,
            indicators: self.edges,
            entry,
            claim: None,
        }
    }
}

/// When a tip that an officer enters had reached the police. What a commune passes on was received there,
/// and reaches the body that resolves it with its entry (TTLT 01/2017 art. 8(5)).
fn reached_at(
    sent: &SubmitTip,
    now: DateTime<Utc>,
    warnings: &mut Vec<Warning>,
) -> Option<DateTime<Utc>> {
    let text = |name: &str| sent.reception.as_ref()?.get(name)?.as_str();
    let told = text("received_at");
    let at = facts::time("/reception/received_at", told, now, warnings)?;
    (at < now && text("channel") != Some("commune_police")).then_some(at)
}

/// Warns of fields that only an officer may fill.
pub(super) fn warn_officers_only(sent: &SubmitTip, warnings: &mut Vec<Warning>) {
    for (name, there) in [
        ("reception", sent.reception.is_some()),
        ("suspects", sent.suspects.is_some()),
        ("witnesses", sent.witnesses.is_some()),
    ] {
        if there {
            warnings.push(Warning::new(
                format!("/{name}"),
                "officers_only",
                "Chỉ cán bộ mới được điền mục này; nội dung vẫn được giữ cùng bản gửi.",
                "Only an officer's token may fill this; it is kept with the submission.",
            ));
        }
    }
}

impl Prepared {
    /// The stored answer, sealed under the idempotency claim so that a replay gives the receipt again.
    pub fn answer(&self) -> Result<Answer> {
        Ok(Answer::json(201, &self.answer)?.at(format!("/v1/tips/{}", self.tip.id)))
    }

    /// Binds the tip to an idempotency claim.
    pub fn claimed(&mut self, app: &AppState, claim: Claim, answer: &Answer) -> Result<()> {
        let sealed = answer.seal(&app.keys.answers, &claim.id)?;
        self.tip.claim = Some((claim, sealed));
        Ok(())
    }
}

/// To giác where a named person accuses somebody, tin báo otherwise (BLTTHS art. 144); the officer decides.
fn source_kind(sent: &SubmitTip, anonymous: bool) -> &'static str {
    let accuses = sent.losses.as_ref().is_some_and(|l| !l.is_empty())
        || sent.suspects.as_ref().is_some_and(|s| !s.is_empty());
    if accuses && !anonymous {
        "to_giac"
    } else {
        "tin_bao"
    }
}

fn route(
    sent: &SubmitTip,
    facts: &facts::Facts,
    edges: &[NewEdge],
    reference: &Reference,
) -> String {
    let kinds = edges
        .iter()
        .filter(|e| e.key.is_some())
        .map(|e| e.kind.as_str())
        .collect();
    routing::route(
        &reference.routing,
        &routing::Facts {
            method: facts.known_method.as_deref(),
            in_danger_now: is_in_danger(facts),
            indicator_kinds: kinds,
            unit_code: facts.known_unit.as_deref(),
            has_loss: facts.loss_vnd > 0,
            language: sent.language.as_deref(),
        },
    )
}

/// Whether somebody is in danger now, by what is stated or by the words.
fn is_in_danger(facts: &facts::Facts) -> bool {
    facts.priority.in_danger_now || facts.priority.signs.life_at_risk
}

fn guidance_facts<'a>(
    read: &'a Read<'_>,
    reference: &Reference,
    lang: Lang,
) -> guidance::Facts<'a> {
    let (sent, facts, edges) = (read.sent, &read.facts, &read.edges);
    let losses = sent.losses.as_deref().unwrap_or_default();
    let has_loss = facts.loss_vnd > 0 || !losses.is_empty();
    let accounts = edges
        .iter()
        .filter_map(|e| Some((e.kind.as_str(), e.value.as_deref()?)));
    guidance::Facts {
        method: facts.known_method.as_deref(),
        in_danger_now: is_in_danger(facts),
        abroad: is_in_danger(facts)
            && [&sent.narrative, &sent.raw_message]
                .into_iter()
                .flatten()
                .any(|text| reference.ways.names_abroad(text)),
        child_victim: facts.child_victim,
        indicator_kinds: edges.iter().map(|e| e.kind.as_str()).collect(),
        has_loss,
        may_have_paid: !has_loss
            && (facts.speaks_of_paying || edges.iter().any(|e| guidance::takes_money(&e.kind))),
        about_to_pay: !has_loss && facts.priority.signs.about_to_pay,
        told_secret: facts.priority.signs.told_secret,
        has_transfer_time: priority::told::times_are_stated(&facts.losses),
        hotlines: reference.hotlines(accounts, lang),
        minutes_since_transfer: facts
            .last_transfer_at
            .map(|at| (facts.now - at).num_minutes().max(0)),
        has_text: sent.narrative.is_some() || sent.raw_message.is_some(),
        has_channel: sent.channel.is_some(),
        has_occurred_at: facts.occurred_at.is_some(),
        has_unit: facts.known_unit.is_some(),
        losses_have_amount: losses.iter().all(|l| l.amount_vnd.is_some()),
        losses_have_reference: losses.iter().all(|l| l.reference.is_some()),
        has_account_without_bank: edges.iter().any(|e| {
            e.kind == "bank_account" && e.value.as_deref().is_some_and(|v| v.starts_with("?:"))
        }),
        has_attachments: facts.attachments_announced > 0,
    }
}

/// What the tip still lacks, and what to do now.
fn advice(read: &Read<'_>, reference: &Reference, lang: Lang) -> (Vec<HintView>, Vec<AdviceView>) {
    let facts = guidance_facts(read, reference, lang);
    let hints = guidance::missing(&reference.guidebook, &facts, lang);
    let advice = guidance::guidance(&reference.guidebook, &facts, lang);
    (
        hints.into_iter().map(HintView::from).collect(),
        advice.into_iter().map(AdviceView::from).collect(),
    )
}

/// What a request body came to: a tip, or a problem that only the app's author can mend.
pub type ReadResult = std::result::Result<Submission, Problem>;

/// Times in the future are doubtful beyond this: clocks of phones drift.
pub(super) fn is_future(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    at > now + chrono::Duration::minutes(10)
}
