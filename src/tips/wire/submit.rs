//! What a citizen sends.
//!
//! Everything is optional text, so that nothing is refused for its content; the meaning is judged in
//! `intake/`, which answers with warnings.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};
use utoipa::ToSchema;

use super::super::shapes::Reception;

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
    #[schema(max_length = 200, example = "impersonate_police_court")]
    pub method: Option<String>,
    /// How the contact came.
    #[schema(max_length = 200, example = "call")]
    pub channel: Option<String>,
    /// Language of the reporter: `vi`, `en`, `tai`, `hmn`, `lo`, `zh`, `other`.
    #[schema(max_length = 200, example = "vi")]
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
    pub suspects: Option<Vec<Map<String, Value>>>,
    /// Witnesses, as an officer writes them down (needs `tips:triage` as well).
    #[schema(value_type = Option<Vec<Object>>)]
    pub witnesses: Option<Vec<Map<String, Value>>>,
}

/// A number, link or account as the reporter has it.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct SubmitIndicator {
    /// Its kind; left out or unknown, it is recognised from the value.
    #[schema(max_length = 200, example = "phone")]
    pub kind: Option<String>,
    /// In any written form.
    #[schema(example = "0169 123 4567", max_length = 5000)]
    pub value: Option<String>,
    /// Bank or wallet: BIN, code, short name or full name.
    #[schema(max_length = 200, example = "VCB")]
    pub bank: Option<String>,
    /// Name of the account holder, as shown when transferring.
    #[schema(max_length = 5000)]
    pub holder_name: Option<String>,
    /// What it did: `contacted_me`, `received_money`, `sent_link` …
    #[schema(max_length = 200, example = "contacted_me")]
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
    #[schema(max_length = 200, example = "FT26328001234567")]
    pub reference: Option<String>,
}

/// Where it happened.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct SubmitLocation {
    /// Code of the commune or ward.
    #[schema(max_length = 200, example = "03127")]
    pub unit_code: Option<String>,
    /// The place in words; old addresses are welcome.
    #[schema(max_length = 5000)]
    pub place: Option<String>,
}

/// Who was harmed.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct SubmitVictim {
    /// `self`, `family`, `friend`, `colleague`, `other`, `no_victim`.
    #[schema(max_length = 200, example = "self")]
    pub relation: Option<String>,
    /// `under_16`, `16_17`, `18_59`, `60_plus`, `unknown`.
    #[schema(max_length = 200, example = "60_plus")]
    pub age_group: Option<String>,
}

/// Who reports. Sealed at once; seen only by an officer who states a purpose.
#[derive(Default, Deserialize, ToSchema)]
pub struct SubmitReporter {
    /// Full name.
    #[schema(max_length = 5000)]
    pub name: Option<String>,
    /// Telephone number.
    #[schema(max_length = 5000)]
    pub phone: Option<String>,
    /// E-mail address.
    #[schema(max_length = 5000)]
    pub email: Option<String>,
    /// Number of the citizen's ID card.
    #[schema(max_length = 5000)]
    pub national_id: Option<String>,
    /// Address.
    #[schema(max_length = 5000)]
    pub address: Option<String>,
    /// Whether an officer may get in touch.
    pub may_contact: Option<bool>,
    /// Whether the identity is to be kept secret (BLTTHS art. 56).
    pub keep_secret: Option<bool>,
}

impl SubmitReporter {
    /// The fields that tell who it is, by name.
    pub fn fields(&self) -> [(&'static str, Option<&str>); 5] {
        [
            ("name", self.name.as_deref()),
            ("phone", self.phone.as_deref()),
            ("email", self.email.as_deref()),
            ("national_id", self.national_id.as_deref()),
            ("address", self.address.as_deref()),
        ]
    }
}

/// A person who may be lured.
#[derive(Clone, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct PotentialVictim {
    /// Full name.
    #[schema(max_length = 5000)]
    pub name: Option<String>,
    /// Telephone number.
    #[schema(max_length = 5000)]
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
