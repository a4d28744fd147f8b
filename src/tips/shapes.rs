//! How the parts of a tip that are kept as JSON look; they only describe answers.

use chrono::{DateTime, Utc};
use utoipa::ToSchema;

/// Money lost, as posted.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes an answer")]
pub struct LossView {
    /// In đồng; null where it was no whole number.
    #[schema(required, example = 48_000_000)]
    amount_vnd: Option<i64>,
    /// When the money was sent.
    #[schema(required)]
    transferred_at: Option<DateTime<Utc>>,
    /// When it was sent as far as that can be believed, where it is not what was stated: seven hours earlier where
    /// local time bears the mark of UTC, null where it lies further ahead.
    sent_at: Option<DateTime<Utc>>,
    /// Index into the indicators as posted.
    #[schema(required, minimum = 0, example = 1)]
    to_indicator: Option<u32>,
    /// The bank's transaction reference.
    #[schema(required, example = "FT26328001234567")]
    reference: Option<String>,
}

/// Who was harmed.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes an answer")]
pub struct VictimView {
    /// `self`, `family`, `friend`, `colleague`, `other`, `no_victim`.
    #[schema(required, example = "self")]
    relation: Option<String>,
    /// `under_16`, `16_17`, `18_59`, `60_plus`, `unknown`.
    #[schema(required, example = "60_plus")]
    age_group: Option<String>,
}

/// How an officer received a tip. Further fields are kept as sent.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes an answer")]
pub struct Reception {
    /// `phone`, `in_person`, `post`, `email`, `mass_media`, `commune_police`, `other_agency`, ….
    #[schema(max_length = 5000, example = "phone")]
    channel: Option<String>,
    /// When it came, where that was before it is entered: the limits of the law run from here.
    #[schema(max_length = 5000, example = "2026-11-24T01:00:00Z")]
    received_at: Option<String>,
    /// Why no identity was given.
    #[schema(max_length = 5000, example = "không muốn nêu tên")]
    identity_refused_reason: Option<String>,
}

/// A clock of the legal process.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes an answer")]
pub struct LegalDeadline {
    /// Which.
    #[schema(example = "classify")]
    code: String,
    /// When it ends; null where it does not apply yet.
    #[schema(required)]
    due_at: Option<DateTime<Utc>>,
    /// Where it stands in the law.
    #[schema(example = "BLTTHS 147(1)")]
    legal_basis: String,
    /// `pending`, `met`, `overdue` or `not_applicable`.
    #[schema(example = "pending")]
    state: String,
    /// When it was met.
    #[schema(required)]
    met_at: Option<DateTime<Utc>>,
    /// Seconds left; below nought when overdue.
    #[schema(required, example = 86_399)]
    remaining_seconds: Option<i64>,
}
