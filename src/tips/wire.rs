//! Wire types of tips: what citizens send, what officers see.
//!
//! Everything a citizen may send is optional text, so that nothing is refused for its content; the
//! meaning is judged in `intake.rs`, which answers with warnings.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::shapes::{LegalDeadline, LossView, Reception, VictimView};
use crate::domain::guidance::{Action, Advice, Hint};
use crate::error::FieldProblem;

/// A tip as a citizen sends it. At least one of `narrative`, `raw_message`, `indicators` and
/// `attachments_announced` must say something; unknown fields and values are kept and answered with
/// warnings.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(example = json!({
    "narrative": "Có người gọi tự xưng công an, doạ bắt và bắt tôi chuyển 48 triệu vào tài khoản 'an toàn'.",
    "method": "impersonate_police_court", "channel": "call", "language": "vi",
    "occurred_at": "2026-11-24T01:05:00Z",
    "indicators": [
        {"kind": "phone", "value": "0169 123 4567", "role": "contacted_me"},
        {"kind": "bank_account", "value": "0011 0022 33445", "bank": "VCB", "role": "received_money"}],
    "losses": [{"amount_vnd": 48000000, "transferred_at": "2026-11-24T01:10:00Z", "to_indicator": 1}],
    "location": {"unit_code": "03127"}, "victim": {"relation": "self", "age_group": "60_plus"}}))]
pub struct SubmitTip {
    /// What happened, in the reporter's words; at most 20,000 code points.
    #[schema(max_length = 20000)]
    pub narrative: Option<String>,
    /// A message as it was received; at most 5,000 code points.
    #[schema(max_length = 5000)]
    pub raw_message: Option<String>,
    /// Code of the method, as the reporter sees it.
    #[schema(example = "impersonate_police_court")]
    pub method: Option<String>,
    /// How the contact came.
    #[schema(example = "call")]
    pub channel: Option<String>,
    /// Language of the reporter: `vi`, `en`, `tai`, `hmn`, `lo`, `zh`, `other`.
    #[schema(example = "vi")]
    pub language: Option<String>,
    /// When it happened.
    #[schema(format = DateTime)]
    pub occurred_at: Option<String>,
    /// When the app's user wrote it down, for tips sent later.
    #[schema(format = DateTime)]
    pub written_at: Option<String>,
    /// Numbers, links, accounts; at most 50.
    #[schema(max_items = 50)]
    pub indicators: Option<Vec<SubmitIndicator>>,
    /// Money lost; at most 20.
    #[schema(max_items = 20)]
    pub losses: Option<Vec<SubmitLoss>>,
    /// Where it happened.
    pub location: Option<SubmitLocation>,
    /// Who was harmed.
    pub victim: Option<SubmitVictim>,
    /// Whether somebody is in danger right now.
    pub in_danger_now: Option<bool>,
    /// How many files will follow.
    #[schema(value_type = Option<u32>, maximum = 10)]
    pub attachments_announced: Option<Number>,
    /// Who reports; leave it out to stay anonymous.
    pub reporter: Option<SubmitReporter>,
    /// Persons who may be lured abroad or into a scam, at most 20. Sealed at once like the reporter: not
    /// searchable, not scored, shown only with a stated purpose, erased after 90 days.
    #[schema(max_items = 20)]
    pub potential_victims: Option<Vec<PotentialVictim>>,
    /// A trial: answered in full, never in the queue, gone after 24 hours.
    pub test: Option<bool>,
    /// How an officer received the tip (needs `tips:triage` as well).
    #[schema(value_type = Option<Reception>)]
    pub reception: Option<Map<String, Value>>,
    /// Suspects, as an officer writes them down (needs `tips:triage` as well).
    #[schema(value_type = Option<Vec<Object>>)]
    pub suspects: Option<Vec<Value>>,
    /// Witnesses, as an officer writes them down (needs `tips:triage` as well).
    #[schema(value_type = Option<Vec<Object>>)]
    pub witnesses: Option<Vec<Value>>,
}

/// A number, link or account as the reporter has it.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct SubmitIndicator {
    /// Its kind; left out or unknown, it is recognised from the value.
    #[schema(example = "phone")]
    pub kind: Option<String>,
    /// In any written form.
    #[schema(example = "0169 123 4567", max_length = 5000)]
    pub value: Option<String>,
    /// Bank or wallet: BIN, code, short name or full name.
    #[schema(example = "VCB")]
    pub bank: Option<String>,
    /// Name of the account holder, as shown when transferring.
    pub holder_name: Option<String>,
    /// What it did: `contacted_me`, `received_money`, `sent_link` …
    #[schema(example = "contacted_me")]
    pub role: Option<String>,
}

/// Money lost.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct SubmitLoss {
    /// In đồng.
    #[schema(value_type = Option<i64>, minimum = 0, example = 48000000)]
    pub amount_vnd: Option<Number>,
    /// When the money was sent.
    #[schema(format = DateTime)]
    pub transferred_at: Option<String>,
    /// Index into `indicators` of the account that received it.
    #[schema(value_type = Option<u32>, minimum = 0)]
    pub to_indicator: Option<Number>,
    /// The bank's transaction reference.
    #[schema(example = "FT26328001234567")]
    pub reference: Option<String>,
}

/// Where it happened.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct SubmitLocation {
    /// Code of the commune or ward.
    #[schema(example = "03127")]
    pub unit_code: Option<String>,
    /// The place in words; old addresses are welcome.
    pub place: Option<String>,
}

/// Who was harmed.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct SubmitVictim {
    /// `self`, `family`, `friend`, `colleague`, `other`, `no_victim`.
    #[schema(example = "self")]
    pub relation: Option<String>,
    /// `under_16`, `16_17`, `18_59`, `60_plus`, `unknown`.
    #[schema(example = "60_plus")]
    pub age_group: Option<String>,
}

/// Who reports. Sealed at once; seen only by an officer who states a purpose.
#[derive(Default, Deserialize, ToSchema)]
pub struct SubmitReporter {
    /// Full name.
    pub name: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Number of the citizen's ID card.
    pub national_id: Option<String>,
    /// Address.
    pub address: Option<String>,
    /// Whether an officer may get in touch.
    pub may_contact: Option<bool>,
    /// Whether the identity shall be kept secret (BLTTHS art. 56).
    pub keep_secret: Option<bool>,
}

/// A person who may be lured.
#[derive(Default, Deserialize, Serialize, ToSchema)]
pub struct PotentialVictim {
    /// Full name.
    pub name: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// What else helps to reach them in time.
    #[schema(max_length = 5000)]
    pub note: Option<String>,
}

impl std::fmt::Debug for PotentialVictim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PotentialVictim(•••)")
    }
}

impl std::fmt::Debug for SubmitReporter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SubmitReporter(•••)")
    }
}

/// Something that was received but not understood.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, PartialEq, Eq)]
pub struct Warning {
    /// JSON pointer into what was sent.
    #[schema(example = "/indicators/0/value")]
    pub pointer: String,
    /// Stable code.
    #[schema(example = "unknown_field")]
    pub code: String,
    /// One sentence.
    pub detail: String,
}

impl Warning {
    /// A warning at a pointer.
    pub fn new(pointer: impl Into<String>, code: &str, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            code: code.to_owned(),
            detail: detail.into(),
        }
    }
}

impl From<FieldProblem> for Warning {
    fn from(problem: FieldProblem) -> Self {
        let pointer = match problem.place {
            crate::error::Place::Pointer(p) | crate::error::Place::Parameter(p) => p,
        };
        Self {
            pointer,
            code: problem.code.into_owned(),
            detail: problem.detail,
        }
    }
}

/// The answer to a posted tip, sent once it is durable.
#[derive(Debug, Serialize, ToSchema)]
pub struct TipReceived {
    /// The tip's id.
    pub id: Uuid,
    /// The code to write down: it shows what became of the tip. It is shown only here.
    #[schema(example = "4T7K-9QXM-2B6D-PW3H-8ZC5-R")]
    pub receipt: String,
    /// A compact JWS over tip id, digest, salt and time: proves later that this was received.
    pub attestation: String,
    /// What would help, never a demand.
    pub missing: Vec<HintView>,
    /// `received`.
    #[schema(example = "received")]
    pub status: &'static str,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// The desk it went to.
    #[schema(example = "cyber")]
    pub desk: String,
    /// What it points at, normalised.
    pub indicators: Vec<ReceivedIndicator>,
    /// What was not understood.
    pub warnings: Vec<Warning>,
    /// What to do now.
    pub guidance: Vec<AdviceView>,
    /// What the public check would say of these indicators, where it would say anything.
    pub already_known: Vec<KnownIndicator>,
}

/// An indicator of a posted tip.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReceivedIndicator {
    /// Its kind.
    #[schema(example = "phone")]
    pub kind: String,
    /// Canonical value, or the text as sent where it is not valid.
    #[schema(example = "+84369123456")]
    pub value: String,
    /// For people.
    #[schema(example = "036 912 3456")]
    pub display: String,
    /// Whether it could be normalised.
    pub valid: bool,
    /// Why not.
    #[schema(required)]
    pub reason: Option<String>,
    /// `reported`, `extracted` or `derived`.
    #[schema(example = "reported")]
    pub source: &'static str,
    /// What it did.
    #[schema(required)]
    pub role: Option<String>,
    /// More that follows from it.
    #[schema(value_type = Object)]
    pub attributes: Map<String, Value>,
}

/// What the public may learn of an indicator.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KnownIndicator {
    /// Its kind.
    pub kind: String,
    /// Canonical value.
    pub value: String,
    /// `confirmed_scam`, `suspected`, `reported`, `official`.
    pub verdict: String,
}

/// Something that would help.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HintView {
    /// Stable code.
    pub code: String,
    /// A question for people.
    #[schema(example = "Bạn chuyển tiền lúc nào?")]
    pub text: String,
}

impl From<Hint> for HintView {
    fn from(hint: Hint) -> Self {
        let code = serde_json::to_value(hint.code)
            .ok()
            .and_then(|v| v.as_str().map(str::to_owned))
            .unwrap_or_default();
        Self {
            code,
            text: hint.text,
        }
    }
}

/// One piece of advice.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AdviceView {
    /// Stable code.
    #[schema(example = "call_bank_now")]
    pub code: String,
    /// Short title.
    pub title: String,
    /// What to do.
    pub body: String,
    /// Buttons to show.
    pub actions: Vec<ActionView>,
}

/// A button to show.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ActionView {
    /// Its text.
    pub label: String,
    /// Where it leads.
    pub href: String,
}

impl From<Advice> for AdviceView {
    fn from(advice: Advice) -> Self {
        let action = |a: Action| ActionView {
            label: a.label,
            href: a.href,
        };
        Self {
            code: advice.code,
            title: advice.title,
            body: advice.body,
            actions: advice.actions.into_iter().map(action).collect(),
        }
    }
}

/// A tip as officers see it: the posted fields under their own names, without the reporter's
/// identity, and where it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct TipView {
    /// The tip's id.
    pub id: Uuid,
    /// Register number (form 294); null for the seconds until it is given.
    #[schema(required, example = "DB-T-2026-000123")]
    pub number: Option<String>,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// Where it stands.
    #[schema(example = "received")]
    pub status: String,
    /// The desk it is at.
    #[schema(example = "cyber")]
    pub desk: String,
    /// How urgent it is, and why.
    pub priority: PriorityView,
    /// `to_giac`, `tin_bao` or `kien_nghi_khoi_to`: proposed by rule, set by the officer.
    #[schema(example = "tin_bao")]
    pub source_kind: String,
    /// In the reporter's words, secrets masked.
    #[schema(required)]
    pub narrative: Option<String>,
    /// The message as received, secrets masked.
    #[schema(required)]
    pub raw_message: Option<String>,
    /// The reporter's method.
    #[schema(required)]
    pub method: Option<String>,
    /// The officer's methods.
    pub methods: Vec<String>,
    /// Channel of contact.
    #[schema(required)]
    pub channel: Option<String>,
    /// Language of the reporter.
    #[schema(required)]
    pub language: Option<String>,
    /// When it happened.
    #[schema(required)]
    pub occurred_at: Option<DateTime<Utc>>,
    /// When it was written down.
    #[schema(required)]
    pub written_at: Option<DateTime<Utc>>,
    /// What it points at.
    pub indicators: Vec<TipIndicator>,
    /// Money lost, as posted.
    #[schema(value_type = Vec<LossView>)]
    pub losses: Value,
    /// Sum of the losses in đồng.
    pub loss_vnd: i64,
    /// Where it happened.
    pub location: LocationView,
    /// Who was harmed.
    #[schema(value_type = Option<VictimView>, required)]
    pub victim: Value,
    /// Whether somebody is in danger.
    pub in_danger_now: bool,
    /// How many files were announced.
    pub attachments_announced: i16,
    /// Whether the reporter gave no identity.
    pub anonymous: bool,
    /// Whether the reporter may be contacted.
    #[schema(required)]
    pub may_contact: Option<bool>,
    /// How an officer received it.
    #[schema(value_type = Option<Reception>, required)]
    pub reception: Value,
    /// Suspects as an officer wrote them down.
    #[schema(value_type = Option<Vec<Object>>, required)]
    pub suspects: Value,
    /// Witnesses as an officer wrote them down.
    #[schema(value_type = Option<Vec<Object>>, required)]
    pub witnesses: Value,
    /// What was not understood at intake.
    #[schema(value_type = Vec<Warning>)]
    pub warnings: Value,
    /// The case it was accepted into.
    #[schema(required)]
    pub case_id: Option<Uuid>,
    /// Who holds the claim.
    #[schema(required)]
    pub claimed_by: Option<String>,
    /// Until when.
    #[schema(required)]
    pub lease_expires_at: Option<DateTime<Utc>>,
    /// The clocks of reception (contract §6).
    #[schema(value_type = Vec<LegalDeadline>)]
    pub deadlines: Value,
    /// Moves with edits by people; the ETag.
    pub version: i32,
    /// Last change.
    pub updated_at: DateTime<Utc>,
    /// A trial.
    pub test: bool,
}

/// How urgent a tip is.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriorityView {
    /// `critical`, `high`, `normal` or `low`.
    #[schema(example = "critical")]
    pub level: String,
    /// 0 to 100.
    #[schema(minimum = 0, maximum = 100, example = 36)]
    pub score: i16,
    /// Why; the points add up to the score.
    pub reasons: Vec<PriorityReason>,
}

/// One reason of a priority.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriorityReason {
    /// Stable code.
    #[schema(example = "recent_transfer")]
    pub code: String,
    /// Points given for it.
    #[schema(example = 36)]
    pub points: u8,
    /// One sentence.
    pub detail: String,
}

/// Where it happened.
#[derive(Debug, Serialize, ToSchema)]
pub struct LocationView {
    /// Code of the commune or ward, as posted.
    #[schema(required, example = "03127")]
    pub unit_code: Option<String>,
    /// Its name, where the code is known.
    #[schema(required, example = "Phường Điện Biên Phủ")]
    pub unit_name: Option<String>,
    /// The place in words.
    #[schema(required)]
    pub place: Option<String>,
}

/// An indicator of a tip as officers see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TipIndicator {
    /// Id of the indicator; null where it is not valid.
    #[schema(required)]
    pub id: Option<Uuid>,
    /// Its kind.
    #[schema(example = "phone")]
    pub kind: String,
    /// Canonical value, or the text as sent where it is not valid.
    #[schema(example = "+84369123456")]
    pub value: String,
    /// For people.
    pub display: String,
    /// Whether it could be normalised.
    pub valid: bool,
    /// Why not.
    #[schema(required)]
    pub reason: Option<String>,
    /// `reported`, `extracted` or `derived`.
    pub source: String,
    /// What it did.
    #[schema(required)]
    pub role: Option<String>,
    /// As the reporter wrote it.
    #[schema(required)]
    pub raw: Option<String>,
    /// Attributes of the indicator, with the holder's name as reported here.
    #[schema(value_type = Object)]
    pub attributes: Value,
}

/// The submission with what must stay sealed withheld.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubmissionView {
    /// Id of the submission.
    pub id: Uuid,
    /// Media type of what was sent.
    #[schema(example = "application/json")]
    pub content_type: String,
    /// Length in bytes.
    pub size: i32,
    /// SHA-256 over the sealed salt and the bytes, in hexadecimal.
    pub digest: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// With which client.
    pub client_id: String,
    /// What was sent, with `"[withheld]"` in the places named in `withheld`.
    #[schema(value_type = Object)]
    pub body: Value,
    /// JSON pointers of what was withheld, in whole or in part.
    #[schema(value_type = Vec<String>)]
    pub withheld: Value,
}

/// One thing that happened to a tip or case.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimelineItem {
    /// Position in the journal.
    pub position: i64,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// `tip.received`, `tip.claimed`, `tip.read` …
    #[schema(example = "tip.claimed")]
    pub r#type: String,
    /// Who did it.
    pub actor: String,
    /// More about it.
    #[schema(value_type = Object)]
    pub data: Value,
}

impl From<crate::journal::Record> for TimelineItem {
    fn from(record: crate::journal::Record) -> Self {
        Self {
            position: record.position,
            at: record.at,
            r#type: record.type_,
            actor: record.actor,
            data: record.data,
        }
    }
}
