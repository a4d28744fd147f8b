//! Wire types of triage.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::tips::list::TipFilters;
use crate::tips::wire::TipView;

/// Which tips to claim.
#[derive(Debug, Default, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"desk": "cyber", "max": 5}))]
pub struct ClaimTips {
    /// Only from this desk.
    #[schema(value_type = Option<crate::http::Code>)]
    pub desk: Option<String>,
    /// How many at most; 1 if left out.
    #[validate(range(min = 1, max = 20))]
    #[schema(minimum = 1, maximum = 20)]
    pub max: Option<i64>,
    /// Only tips that these filters of the queue let through.
    pub filter: Option<TipFilters>,
}

/// Tips leased to the caller.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimedTips {
    /// Most urgent first; each with `lease_expires_at`.
    pub items: Vec<TipView>,
}

/// A tip in the queue.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueItem {
    /// The tip.
    #[serde(flatten)]
    pub tip: TipView,
    /// In the collapsed queue: the copies that this line stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flood: Option<Flood>,
}

/// Tips with nearly the same text.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Flood {
    /// Pass it as `flood` to list, claim or dismiss them all.
    pub id: Uuid,
    /// How many of them this list holds, the one shown included.
    #[schema(example = 412)]
    pub tips: i64,
}

/// What is decided on a tip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Signs of a crime: into a new or an existing case.
    Accept,
    /// Nothing to pursue.
    Dismiss,
    /// The same matter as another tip.
    Duplicate,
    /// Ask the reporter by receipt.
    RequestInfo,
    /// Another body is competent.
    Transfer,
}

impl Decision {
    /// Code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Dismiss => "dismiss",
            Self::Duplicate => "duplicate",
            Self::RequestInfo => "request_info",
            Self::Transfer => "transfer",
        }
    }

    /// The status that the tip gets.
    pub const fn status(self) -> &'static str {
        match self {
            Self::Accept => "accepted",
            Self::Dismiss => "dismissed",
            Self::Duplicate => "duplicate",
            Self::RequestInfo => "info_requested",
            Self::Transfer => "transferred",
        }
    }
}

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Signs of a crime.
    SignsOfCrime,
    /// Too little to go by.
    Insufficient,
    /// No swindle.
    NotAScam,
    /// Spam.
    Spam,
    /// A trial.
    Test,
    /// Another body is competent: a reason to transfer, never to dismiss.
    OutOfCompetence,
    /// A dispute under civil law.
    CivilMatter,
    /// See the note.
    Other,
}

/// Kinds of source (BLTTHS art. 144).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// An individual denounces an act.
    ToGiac,
    /// Information from an agency, an organisation, an individual or the media.
    TinBao,
    /// A state agency asks in writing to prosecute.
    KienNghiKhoiTo,
}

impl SourceKind {
    /// Code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ToGiac => "to_giac",
            Self::TinBao => "tin_bao",
            Self::KienNghiKhoiTo => "kien_nghi_khoi_to",
        }
    }
}

/// A decision on a tip that the caller has claimed.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"decision": "accept", "reason": "signs_of_crime", "methods": ["impersonate_police_court"]}))]
pub struct DecideTip {
    /// What is decided.
    pub decision: Decision,
    /// Why; required to dismiss.
    pub reason: Option<Reason>,
    /// For officers; at most 5,000 code points.
    #[validate(length(max = 5000))]
    #[schema(max_length = 5000)]
    pub note: Option<String>,
    /// With `accept`: an existing case; without it a new one is opened.
    pub case_id: Option<Uuid>,
    /// With `duplicate`: the tip that it repeats.
    pub duplicate_of: Option<Uuid>,
    /// With `transfer`: code of the competent agency, one that takes `transfer_jurisdiction`.
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    pub agency: Option<String>,
    /// With `request_info`: what the reporter is asked.
    #[validate(length(min = 1, max = 5000))]
    #[schema(min_length = 1, max_length = 5000)]
    pub message: Option<String>,
    /// The kind of source, as the officer finds it.
    pub source_kind: Option<SourceKind>,
    /// The officer's method codes.
    #[validate(length(max = 10))]
    #[schema(value_type = Option<Vec<crate::http::Code>>, max_items = 10)]
    pub methods: Option<Vec<String>>,
}

impl DecideTip {
    /// A dismissal.
    pub const fn dismissing(reason: Reason, note: Option<String>) -> Self {
        Self {
            decision: Decision::Dismiss,
            reason: Some(reason),
            note,
            case_id: None,
            duplicate_of: None,
            agency: None,
            message: None,
            source_kind: None,
            methods: None,
        }
    }
}

/// A decision that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionTaken {
    /// The decision's id, by which it may be undone within 10 minutes.
    pub id: Uuid,
    /// What was decided.
    pub decision: Decision,
    /// The case, for `accept`.
    #[schema(required)]
    pub case_id: Option<Uuid>,
    /// Number of the case, for `accept`.
    #[schema(required, example = "DB-C-2026-000001")]
    pub case_number: Option<String>,
    /// Until when the same officer may undo it.
    pub undo_until: DateTime<Utc>,
}

/// Why a decided tip is taken up again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReopeningReason {
    /// Something new has become known.
    NewFacts,
    /// A complaint against the decision is right (BLTTHS art. 469 and following).
    ComplaintUpheld,
    /// The decision was a mistake.
    Mistake,
}

/// Takes a decided tip up again.
#[derive(Debug, Deserialize, Validate, ToSchema)]
pub struct ReopenTip {
    /// Why.
    pub reason: ReopeningReason,
}
