//! Wire types of referrals.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::recorded::RecordedAnswer;
use crate::domain::money::MOST_VND;

/// A referral to send.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"kind": "freeze_funds", "agency": "bank_970436", "tip_id": "019e4c5a-7b1e-7c3d-9a51-3f2b8d0c6e11",
    "indicator_ids": ["019e4c5a-7b1e-7c3d-9a51-3f2b8d0c6e22"], "amount_vnd": 48000000,
    "legal_basis": "Nghị định 52/2024/NĐ-CP, Điều 11", "document_number": "125/CSĐT",
    "note": "Bị hại chuyển tiền lúc 08:10, đề nghị tạm giữ.", "disclose": ["indicators", "method", "losses"]}))]
pub struct CreateReferral {
    /// What is asked: `freeze_funds`, `verify_subscriber`, `block_number`, `takedown`, `border_alert`,
    /// `publicise`, `local_followup`, `transfer_jurisdiction`, `notify_procuracy`.
    #[schema(value_type = crate::http::Code, example = "freeze_funds")]
    pub kind: String,
    /// Code of the agency asked.
    #[schema(value_type = crate::http::Code, example = "bank_970436")]
    pub agency: String,
    /// The tip that it comes from; this or `case_id`, or neither with `renews`.
    pub tip_id: Option<Uuid>,
    /// The case that it comes from.
    pub case_id: Option<Uuid>,
    /// Indicators of that tip or case that it is about, at most 200.
    #[validate(length(max = 200))]
    pub indicator_ids: Option<Vec<Uuid>>,
    /// For a freeze: how much at most, in đồng; never more than was reported lost to these accounts. Left
    /// out, it is what was reported to have gone there, or of a tip all that it lost; required where nothing is
    /// known of either.
    #[schema(minimum = 1)]
    #[validate(range(min = 1, max = MOST_VND))]
    pub amount_vnd: Option<i64>,
    /// The law that it stands on; of a freeze, that of the reference data where it is left out.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    pub legal_basis: Option<String>,
    /// Number of the written request.
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    pub document_number: Option<String>,
    /// When the answer is due; without it, by what was agreed with the agency.
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    pub due_at: Option<DateTime<Utc>>,
    /// When a freeze ends by itself; without it, 72 hours from now, or from the end of the one that it prolongs.
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    pub expires_at: Option<DateTime<Utc>>,
    /// What is asked and why, for the agency to read; a freeze says the usual where it is left out.
    #[validate(length(min = 1, max = 5000))]
    #[schema(min_length = 1, max_length = 5000)]
    pub note: Option<String>,
    /// What the agency may see: `indicators`, `method`, `narrative`, `losses`, `place`, `occurred_at`,
    /// `channel`, `victim`, `border_traces` (of a border alert); without it `indicators` and `method`. Who reported is never disclosed.
    #[validate(length(max = 20))]
    #[schema(value_type = Option<Vec<crate::http::Code>>, max_items = 20)]
    pub disclose: Option<Vec<String>>,
    /// For a freeze: the answered freeze that it prolongs, of the same agency and the same tip or case. What is left
    /// out of tip or case, indicators and amount is what that one holds; no more can be asked for.
    pub renews: Option<Uuid>,
}

/// What to change of a referral that is not answered; what is left out stays.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"due_at": "2026-11-26T03:00:00Z"}))]
pub struct UpdateReferral {
    /// For a freeze that is not sent yet: how much at most, in đồng.
    #[schema(minimum = 1)]
    #[validate(range(min = 1, max = MOST_VND))]
    pub amount_vnd: Option<i64>,
    /// The law that it stands on.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    pub legal_basis: Option<String>,
    /// Number of the written request.
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    pub document_number: Option<String>,
    /// When the answer is due.
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    pub due_at: Option<DateTime<Utc>>,
    /// When a freeze ends by itself.
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    pub expires_at: Option<DateTime<Utc>>,
    /// What is asked and why.
    #[validate(length(min = 1, max = 5000))]
    #[schema(min_length = 1, max_length = 5000)]
    pub note: Option<String>,
    /// What the agency may see.
    #[validate(length(max = 20))]
    #[schema(value_type = Option<Vec<crate::http::Code>>, max_items = 20)]
    pub disclose: Option<Vec<String>>,
}

/// The answer of an agency.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"outcome": "partly_frozen", "amount_vnd": 31000000, "detail": "Tạm giữ lúc 08:41.",
    "results": [{"indicator_id": "019e4c5a-7b1e-7c3d-9a51-3f2b8d0c6e22", "outcome": "partly_frozen", "amount_vnd": 31000000,
        "onward": [{"bank": "MB", "account": "0903123456789", "amount_vnd": 17000000}]}]}))]
pub struct CompleteReferral {
    /// What came of it. A freeze: `frozen`, `partly_frozen`, `moved_on`, `withdrawn`, `not_found`, `refused`;
    /// a check of a subscriber: `registered`, `unregistered`, `not_in_own_name`, `ported`, `unknown`; a
    /// number: `blocked`, `not_blocked`; a takedown: `removed`, `blocked`, `refused`, `gone`; others:
    /// `done`, `not_done`.
    #[schema(value_type = crate::http::Code, example = "partly_frozen")]
    pub outcome: String,
    /// More about it; never a person's name.
    #[validate(length(min = 1, max = 5000))]
    #[schema(min_length = 1, max_length = 5000)]
    pub detail: Option<String>,
    /// Where it can be seen that it is done: a page of the agency, an archived copy.
    #[schema(
        format = "uri",
        max_length = 2000,
        example = "https://example.vn/takedown/4711"
    )]
    #[validate(url, length(max = 2000))]
    pub evidence_url: Option<String>,
    /// What was frozen in all, in đồng; without it the sum of the results. With `moved_on`, how much went
    /// on; nothing counts as frozen then.
    #[schema(minimum = 0)]
    #[validate(range(min = 0, max = MOST_VND))]
    pub amount_vnd: Option<i64>,
    /// The answer for each indicator; without it `outcome` holds for all.
    #[validate(length(max = 200), nested)]
    pub results: Option<Vec<IndicatorResult>>,
}

/// The answer for one indicator.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
pub struct IndicatorResult {
    /// Which one.
    pub indicator_id: Uuid,
    /// What came of it.
    #[schema(value_type = crate::http::Code, example = "partly_frozen")]
    pub outcome: String,
    /// What was frozen there, in đồng; with `moved_on`, how much went on.
    #[schema(minimum = 0)]
    #[validate(range(min = 0, max = MOST_VND))]
    pub amount_vnd: Option<i64>,
    /// Where the money went on to.
    #[validate(length(max = 20), nested)]
    pub onward: Option<Vec<OnwardTransfer>>,
}

/// Money that went on to another account.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, Validate)]
pub struct OnwardTransfer {
    /// Bank or wallet: BIN, code or name.
    #[schema(min_length = 1, max_length = 200, example = "MB")]
    #[validate(length(min = 1, max = 200))]
    pub bank: String,
    /// Its account number.
    #[schema(min_length = 1, max_length = 100, example = "0903123456789")]
    #[validate(length(min = 1, max = 100))]
    pub account: String,
    /// How much, in đồng.
    #[schema(minimum = 1)]
    #[validate(range(min = 1, max = MOST_VND))]
    pub amount_vnd: Option<i64>,
}

/// Why a referral is declined or recalled.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"reason": "Tài khoản không thuộc ngân hàng này."}))]
pub struct ReferralReason {
    /// The reason.
    #[validate(length(min = 1, max = 2000))]
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

/// Why, where that is told.
#[derive(Debug, Default, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"reason": "Đã nhận được trả lời bằng văn bản."}))]
pub struct OptionalReason {
    /// The reason.
    #[validate(length(min = 1, max = 2000))]
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: Option<String>,
}

/// A question of the agency, or an answer of the police.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"text": "Đề nghị cho biết mã giao dịch."}))]
pub struct WriteReferralMessage {
    /// The text.
    #[validate(length(min = 1, max = 5000))]
    #[schema(min_length = 1, max_length = 5000)]
    pub text: String,
}

/// A message of a referral.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferralMessage {
    /// Message id.
    pub id: Uuid,
    /// Whether the agency wrote it.
    pub from_agency: bool,
    /// The text.
    pub text: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// A referral. An agency gets what was disclosed to it; what it was not is null or empty.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferralView {
    /// Referral id.
    pub id: Uuid,
    /// What is asked.
    #[schema(example = "freeze_funds")]
    pub kind: String,
    /// Code of the agency asked.
    #[schema(example = "bank_970436")]
    pub agency: String,
    /// Its name in the language of the request.
    #[schema(example = "Ngân hàng TMCP Ngoại Thương Việt Nam")]
    pub agency_name: String,
    /// `proposed`, `discarded`, `sent`, `acknowledged`, `completed`, `declined` or `recalled`.
    #[schema(value_type = crate::http::ReferralStateCode)]
    pub state: String,
    /// The tip that it comes from; for the police alone.
    #[schema(required)]
    pub tip_id: Option<Uuid>,
    /// The case that it comes from; for the police alone.
    #[schema(required)]
    pub case_id: Option<Uuid>,
    /// What it is about, with the answer for each.
    pub indicators: Vec<ReferredIndicator>,
    /// For a freeze: how much at most, in đồng.
    #[schema(required, example = 48000000)]
    pub amount_vnd: Option<i64>,
    /// The law that it stands on.
    #[schema(required)]
    pub legal_basis: Option<String>,
    /// Number of the written request.
    #[schema(required)]
    pub document_number: Option<String>,
    /// What is asked and why.
    #[schema(required)]
    pub note: Option<String>,
    /// For a freeze: what the account holder is to be told.
    #[schema(required)]
    pub notice: Option<String>,
    /// What the agency may see.
    pub disclose: Vec<String>,
    /// What was disclosed.
    pub disclosed: Disclosed,
    /// Who sent it; for the police alone.
    #[schema(required)]
    pub sent_by: Option<String>,
    /// The rule that proposed it; for the police alone.
    #[schema(required, example = "freeze_funds")]
    pub proposed_by: Option<String>,
    /// The freeze whose answer named the account that the money went on to; for the police alone.
    #[schema(required)]
    pub follows: Option<Uuid>,
    /// The freeze that this one prolongs.
    #[schema(required)]
    pub renews: Option<Uuid>,
    /// The freezes that prolong this one, or ask for it, by account at most one; without those that were declined
    /// or taken back.
    pub renewed_by: Vec<Uuid>,
    /// Whether the money is held for less than a day more, or no more, and nobody has asked to prolong it.
    pub ending: bool,
    /// When it was drawn up.
    pub created_at: DateTime<Utc>,
    /// When it was sent.
    #[schema(required)]
    pub sent_at: Option<DateTime<Utc>>,
    /// When the answer is due.
    #[schema(required)]
    pub due_at: Option<DateTime<Utc>>,
    /// Whether that is over without an answer.
    pub overdue: bool,
    /// How often it was called to mind.
    pub reminders: i16,
    /// When a freeze ends by itself.
    #[schema(required)]
    pub expires_at: Option<DateTime<Utc>>,
    /// When the agency said that it has it.
    #[schema(required)]
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// When it was answered, declined, recalled or discarded.
    #[schema(required)]
    pub closed_at: Option<DateTime<Utc>>,
    /// What came of it.
    #[schema(required, example = "partly_frozen")]
    pub outcome: Option<String>,
    /// What was frozen in all, in đồng.
    #[schema(required, example = 31000000)]
    pub outcome_amount_vnd: Option<i64>,
    /// The agency's words, or why it was declined or recalled.
    #[schema(required)]
    pub detail: Option<String>,
    /// Where the agency shows that it is done.
    #[schema(required)]
    pub evidence_url: Option<String>,
    /// What of this an officer recorded that the agency said by telephone, letter or in person.
    pub recorded_answers: Vec<RecordedAnswer>,
    /// How often removed content came back.
    pub reopened: i32,
    /// Minutes from the report on.
    pub minutes: ReferralMinutes,
    /// The ETag.
    pub version: i32,
    /// Last change.
    pub updated_at: DateTime<Utc>,
}

/// An indicator of a referral.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReferredIndicator {
    /// Its id; results name it.
    pub indicator_id: Uuid,
    /// Its kind.
    #[schema(example = "bank_account")]
    pub kind: String,
    /// Canonical value.
    #[schema(example = "970436:0011002233445")]
    pub value: String,
    /// For people.
    #[schema(example = "Vietcombank 0011002233445")]
    pub display: String,
    /// The agency's answer.
    #[schema(required, example = "partly_frozen")]
    pub outcome: Option<String>,
    /// What was frozen there, in đồng.
    #[schema(required)]
    pub amount_vnd: Option<i64>,
    /// When it was answered.
    #[schema(required)]
    pub answered_at: Option<DateTime<Utc>>,
}

/// What an agency was let see beside the request itself; null where it was not.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Disclosed {
    /// Code of the method.
    #[schema(required, example = "impersonate_police_court")]
    pub method: Option<String>,
    /// What happened, with everything hidden that may point at the reporter.
    #[schema(required)]
    pub narrative: Option<String>,
    /// Whether it is granted and kept back all the same: the identity of a reporter, which is to be hidden in it, does
    /// not open. The provincial police mend that.
    pub narrative_withheld: bool,
    /// Transfers to the accounts of the referral.
    #[schema(required)]
    pub losses: Option<Vec<DisclosedLoss>>,
    /// Code of the commune or ward.
    #[schema(required, example = "03127")]
    pub unit_code: Option<String>,
    /// Its name.
    #[schema(required)]
    pub unit_name: Option<String>,
    /// When it happened.
    #[schema(required)]
    pub occurred_at: Option<DateTime<Utc>>,
    /// Channel of contact.
    #[schema(required)]
    pub channel: Option<String>,
    /// Age group of the victim.
    #[schema(required)]
    pub victim_age_group: Option<String>,
    /// Plates, ways and lures of illegal exit that the words speak of.
    #[schema(required)]
    pub border_traces: Option<Vec<DisclosedTrace>>,
}

/// A vehicle, a way or a lure that a tip speaks of.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DisclosedTrace {
    /// What it is: `transport`, `route` or `lure`.
    #[schema(example = "transport")]
    pub part: &'static str,
    /// A number plate without its marks, or the code of a way or a lure.
    #[schema(example = "27A12345")]
    pub value: String,
    /// For people.
    #[schema(example = "27A-123.45")]
    pub display: String,
}

/// A transfer that a bank is told of.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DisclosedLoss {
    /// The account that received it.
    #[schema(required)]
    pub indicator_id: Option<Uuid>,
    /// In đồng.
    #[schema(required)]
    pub amount_vnd: Option<i64>,
    /// When it was sent.
    #[schema(required)]
    pub transferred_at: Option<DateTime<Utc>>,
    /// The bank's reference.
    #[schema(required)]
    pub reference: Option<String>,
    /// Minutes since the transfer.
    #[schema(required)]
    pub minutes_since: Option<i64>,
}

/// Minutes that passed; null where it has not come so far.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct ReferralMinutes {
    /// From the reception of the tip to sending.
    #[schema(required)]
    pub report_to_sent: Option<i64>,
    /// From sending to the agency's acknowledgement.
    #[schema(required)]
    pub sent_to_acknowledged: Option<i64>,
    /// From the reception of the tip to the answer.
    #[schema(required)]
    pub report_to_completed: Option<i64>,
}
