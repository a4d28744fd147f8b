//! Rows of a tip on their way into the database.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::idempotency::Claim;
use crate::journal::Entry;
use crate::keys::Wrapped;

/// A tip with everything that is stored of it.
#[expect(missing_docs, reason = "the migrations tell of the columns")]
pub struct NewTip {
    pub id: Uuid,
    pub received_at: DateTime<Utc>,
    pub client_id: String,
    pub device_id: Option<String>,
    pub test: bool,
    pub anonymous: bool,
    pub method: Option<String>,
    pub channel: Option<String>,
    pub language: Option<String>,
    pub narrative: Option<String>,
    pub raw_message: Option<String>,
    pub occurred_at: Option<DateTime<Utc>>,
    pub written_at: Option<DateTime<Utc>>,
    pub unit_code: Option<String>,
    pub place: Option<String>,
    pub in_danger_now: bool,
    pub attachments_announced: i16,
    pub loss_vnd: i64,
    pub last_transfer_at: Option<DateTime<Utc>>,
    pub details: Value,
    pub state: NewState,
    pub submission: NewSubmission,
    pub identity: Option<NewIdentity>,
    pub receipt_hash: [u8; 32],
    pub indicators: Vec<NewEdge>,
    pub entry: Entry,
    /// Idempotency claim with the sealed answer.
    pub claim: Option<(Claim, Vec<u8>)>,
}

/// Where it stands at first.
#[expect(missing_docs, reason = "the migrations tell of the columns")]
pub struct NewState {
    pub desk: String,
    /// The commune whose desk receives it.
    pub commune: Option<String>,
    pub method: Option<String>,
    pub unit_code: Option<String>,
    pub source_kind: &'static str,
    pub score: i16,
    pub level: &'static str,
    pub reasons: Value,
    pub reprioritise_at: Option<DateTime<Utc>>,
    pub due_at: DateTime<Utc>,
    /// When it had reached the police, where that was before its entry.
    pub reached_at: Option<DateTime<Utc>>,
}

/// What was sent.
#[expect(missing_docs, reason = "the migrations tell of the columns")]
pub struct NewSubmission {
    pub id: Uuid,
    pub content_type: String,
    pub size: i32,
    pub digest: [u8; 32],
    pub wrapped: Wrapped,
    pub sealed: Vec<u8>,
    pub body: Value,
    pub withheld: Value,
}

/// Who reported, sealed.
#[derive(Clone)]
#[expect(missing_docs, reason = "the migrations tell of the columns")]
pub struct SealedIdentity {
    pub wrapped: Wrapped,
    pub fields: Value,
    /// In which form the fields are sealed.
    pub sealed_as: i16,
}

/// The same with the keyed hashes by which it can be found again.
#[expect(missing_docs, reason = "the migrations tell of the columns")]
pub struct NewIdentity {
    pub sealed: SealedIdentity,
    pub blind: Vec<[u8; 32]>,
}

/// Where an indicator of a tip comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The reporter listed it.
    Reported,
    /// It stands in the text.
    Extracted,
    /// It follows from another.
    Derived,
}

impl Source {
    /// Code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Extracted => "extracted",
            Self::Derived => "derived",
        }
    }
}

/// An edge from the tip to an indicator, and the indicator in case it is new.
#[derive(Clone)]
#[expect(missing_docs, reason = "the migrations tell of the columns")]
pub struct NewEdge {
    pub ordinal: i16,
    /// Id for the indicator, should it be new.
    pub id: Uuid,
    pub kind: String,
    pub key: Option<[u8; 32]>,
    pub value: Option<String>,
    pub display: String,
    /// Attributes of the indicator.
    pub facts: Map<String, Value>,
    pub raw: Option<String>,
    pub source: Source,
    pub role: Option<String>,
    pub reason: Option<String>,
    /// Attributes of this edge: the holder's name as reported.
    pub attributes: Map<String, Value>,
}
