//! Wire types of tips: what citizens send and are answered, and what officers see.

mod received;
mod submit;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::shapes::{LegalDeadline, LossView, Reception, VictimView};

pub use super::desk_hints::DeskHint;
pub use super::store::DeviceHistory;
pub use received::{
    ActionView, AdviceView, HintView, KnownIndicator, ReceivedIndicator, TipReceived, Warning,
};
pub use submit::{
    PotentialVictim, SubmitIndicator, SubmitLocation, SubmitLoss, SubmitReporter, SubmitTip,
    SubmitVictim,
};

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
    /// What the desk should know at once: why no freeze is proposed for money that has just moved, or that no notice
    /// reaches the reporter.
    pub desk_hints: Vec<DeskHint>,
    /// Messages of the reporter that no officer has read.
    #[schema(minimum = 0, example = 1)]
    pub unread_messages: i64,
    /// Files that the reporter has sent since an officer opened the tip, and that none has listed or fetched.
    #[schema(minimum = 0, example = 0)]
    pub unread_files: i64,
    /// What the reporter has added or corrected since an officer opened the tip; seen once an officer opens it again or
    /// lists its submissions.
    #[schema(minimum = 0, example = 0)]
    pub unread_additions: i64,
    /// When the first of all these came; null where there is nothing.
    #[schema(required)]
    pub unread_since: Option<DateTime<Utc>>,
    /// Moves with edits by people; the ETag.
    pub version: i32,
    /// Last change.
    pub updated_at: DateTime<Utc>,
    /// Since when its use is restricted, as its reporter asked: it is kept, and not exported, compared or
    /// referred.
    #[schema(required)]
    pub restricted_at: Option<DateTime<Utc>>,
    /// When its reporter withdrew it. It stays received (BLTTHS art. 145): the police may still take it up.
    #[schema(required)]
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// What became of earlier tips from the same device, as a hint; only where
    /// the tip came by a device's token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_history: Option<DeviceHistory>,
    /// A trial.
    pub test: bool,
}

/// How urgent a tip is.
#[derive(Debug, Serialize, ToSchema)]
pub struct PriorityView {
    /// `critical`, `high`, `normal` or `low`.
    #[schema(value_type = crate::http::LevelCode)]
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
    /// Why not; `reporters_own` where the reporter has since named it as the own phone or e-mail.
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
        let mut data = record.data;
        // Which other tips somebody was shown, the audit alone tells: who reads this may know of none of them.
        if let Some(data) = data.as_object_mut() {
            data.remove("ids");
        }
        Self {
            position: record.position,
            at: record.at,
            r#type: record.type_,
            actor: record.actor,
            data,
        }
    }
}
