//! Wire types of cases.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

/// A case to open.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"title": "Giả danh công an, tài khoản 0011002233445", "desk": "cyber", "tip_ids": []}))]
pub struct CreateCase {
    /// Title.
    #[validate(length(min = 1, max = 300))]
    #[schema(min_length = 1, max_length = 300)]
    pub title: String,
    /// Summary.
    #[validate(length(max = 20000))]
    #[schema(max_length = 20000)]
    pub summary: Option<String>,
    /// Desk; that of the first tip if left out.
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    pub desk: Option<String>,
    /// Tips that belong to it; each is accepted by this.
    #[validate(length(max = 500))]
    #[schema(max_items = 500)]
    pub tip_ids: Option<Vec<Uuid>>,
    /// Method codes.
    #[validate(length(max = 10))]
    #[schema(value_type = Option<Vec<crate::http::Code>>, max_items = 10)]
    pub methods: Option<Vec<String>>,
}

/// What to change of a case; what is left out stays.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"assignee": "analyst-2"}))]
pub struct UpdateCase {
    /// Title.
    #[serde(default, deserialize_with = "crate::http::nullable::given")]
    #[validate(length(min = 1, max = 300))]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 300)]
    pub title: Option<String>,
    /// Summary; null takes it out.
    #[serde(default, deserialize_with = "crate::http::nullable::nullable")]
    #[validate(length(max = 20000))]
    #[schema(value_type = Option<String>, max_length = 20000)]
    pub summary: Option<Option<String>>,
    /// Officer in charge; null for nobody.
    #[serde(default, deserialize_with = "crate::http::nullable::nullable")]
    #[validate(length(min = 1, max = 255))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 255)]
    pub assignee: Option<Option<String>>,
    /// Desk.
    #[serde(default, deserialize_with = "crate::http::nullable::given")]
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    pub desk: Option<String>,
    /// Method codes.
    #[serde(default, deserialize_with = "crate::http::nullable::given")]
    #[validate(length(max = 10))]
    #[schema(value_type = Vec<crate::http::Code>, required = false, max_items = 10)]
    pub methods: Option<Vec<String>>,
}

/// A case.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseView {
    /// Id.
    pub id: Uuid,
    /// Number, gapless within a year.
    #[schema(example = "DB-C-2026-000001")]
    pub number: String,
    /// Title.
    pub title: String,
    /// Summary.
    #[schema(required)]
    pub summary: Option<String>,
    /// State of the legal process.
    #[schema(example = "verifying")]
    pub state: String,
    /// Last legal decision.
    #[schema(required, example = "extend")]
    pub decision: Option<String>,
    /// Desk.
    #[schema(example = "cyber")]
    pub desk: String,
    /// Officer in charge.
    #[schema(required)]
    pub assignee: Option<String>,
    /// Method codes.
    pub methods: Vec<String>,
    /// Reception of its earliest tip: where the clocks start.
    pub received_at: DateTime<Utc>,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// By whom.
    pub opened_by: String,
    /// What its tips add up to.
    pub totals: CaseTotals,
    /// Ids of its tips, at most 200.
    pub tips: Vec<Uuid>,
    /// End of the deadline that runs out first.
    #[schema(required)]
    pub next_due_at: Option<DateTime<Utc>>,
    /// Why nothing of it may be deleted.
    #[schema(required)]
    pub hold: Option<HoldView>,
    /// The case that took it over.
    #[schema(required)]
    pub merged_into: Option<Uuid>,
    /// When its tips and texts were deleted at the end of their time.
    #[schema(required)]
    pub purged_at: Option<DateTime<Utc>>,
    /// The ETag.
    pub version: i32,
    /// Last change.
    pub updated_at: DateTime<Utc>,
}

/// Sums over the tips of a case.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseTotals {
    /// Tips.
    pub tips: i64,
    /// Tips with a loss.
    pub victims: i64,
    /// Losses in đồng.
    pub losses_vnd: i64,
    /// What was frozen or got back, in đồng.
    pub recovered_vnd: i64,
}

/// A hold.
#[derive(Debug, Serialize, ToSchema)]
pub struct HoldView {
    /// Why.
    pub reason: String,
    /// By what law.
    #[schema(required)]
    pub legal_basis: Option<String>,
    /// Who set it.
    pub set_by: String,
    /// When.
    pub set_at: DateTime<Utc>,
    /// Who asked that it be lifted; it lasts until another person approves.
    #[schema(required)]
    pub lift_requested_by: Option<String>,
    /// When.
    #[schema(required)]
    pub lift_requested_at: Option<DateTime<Utc>>,
}

/// A hold to set.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"reason": "Viện kiểm sát yêu cầu giữ hồ sơ."}))]
pub struct SetHold {
    /// Why.
    #[validate(
        length(min = 3, max = 1000),
        custom(function = "crate::http::validation::says_something")
    )]
    #[schema(min_length = 3, max_length = 1000)]
    pub reason: String,
    /// By what law.
    #[validate(length(max = 300))]
    #[schema(max_length = 300)]
    pub legal_basis: Option<String>,
}

/// A decision on a case.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"decision": "extend", "legal_basis": "BLTTHS 147(2)", "document_number": "12/QĐ-CSĐT"}))]
pub struct DecideCase {
    /// What is decided.
    #[schema(value_type = crate::http::Code, example = "extend")]
    pub decision: crate::domain::case_flow::Move,
    /// The law it rests on; for `suspend` a ground of art. 148(1). `assign`, `verify`, `close` and `archive` may
    /// leave it out.
    #[validate(length(max = 300))]
    #[schema(max_length = 300)]
    pub legal_basis: Option<String>,
    /// Number of the document; for `extend_by_procuracy` that of the procuracy's decision. `assign`, `verify`,
    /// `close` and `archive` may leave it out.
    #[validate(length(max = 100))]
    #[schema(max_length = 100)]
    pub document_number: Option<String>,
    /// When it was decided; now if left out; not before the reception of the case, nor before the last decision.
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    pub decided_at: Option<DateTime<Utc>>,
    /// With `not_prosecute`: an administrative offence remains, whose file goes to the authority that fines within
    /// three days.
    pub administrative_offence: Option<bool>,
    /// For officers.
    #[validate(length(max = 5000))]
    #[schema(max_length = 5000)]
    pub note: Option<String>,
}

/// An act other than a decision: a notice sent, a report made.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"act": "procuracy_told_of_reception", "document_number": "45/TB-CSĐT"}))]
pub struct RecordAct {
    /// Code of the act, such as `procuracy_told_of_reception`, `reporter_told_result`, `extension_asked`;
    /// `reporter_told_result` also marks the reporters of the case's tips who were not told the result before as told;
    /// what tells of a decision (`decision_sent_to_procuracy`, `reporter_told_result`, `suspension_sent_to_reporter`,
    /// `resumption_told`) comes after it;
    /// `no_competence_found` while the case is being verified: `transfer` has to follow within 24 hours.
    #[schema(value_type = crate::http::Code)]
    pub act: crate::domain::deadline::Act,
    /// When; now if left out; not before the reception of the case.
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    pub at: Option<DateTime<Utc>>,
    /// Number of the document.
    #[validate(length(max = 100))]
    #[schema(max_length = 100)]
    pub document_number: Option<String>,
    /// For officers.
    #[validate(length(max = 5000))]
    #[schema(max_length = 5000)]
    pub note: Option<String>,
}

/// Tips to add or take out.
#[derive(Debug, Deserialize, ToSchema, Validate)]
pub struct CaseTips {
    /// Ids of the tips.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_items = 1, max_items = 500)]
    pub tip_ids: Vec<Uuid>,
}

/// Another case.
#[derive(Debug, Deserialize, ToSchema, Validate)]
pub struct OtherCase {
    /// The case to take over (merge) or to give back (unmerge).
    pub case_id: Uuid,
}

/// A note to write.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"text": "Đã liên hệ ngân hàng, chờ sao kê."}))]
pub struct WriteNote {
    /// The note.
    #[validate(length(min = 1, max = 20000))]
    #[schema(min_length = 1, max_length = 20000)]
    pub text: String,
}

/// A note.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoteView {
    /// Id.
    pub id: Uuid,
    /// Who wrote it.
    pub author: String,
    /// The note.
    pub text: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// The clocks of a case.
#[derive(Debug, Serialize, ToSchema)]
pub struct Deadlines {
    /// `code`, `due_at`, `legal_basis`, `state` (`pending|met|overdue|not_applicable`), `met_at`,
    /// `remaining_seconds`.
    #[schema(value_type = Vec<crate::tips::LegalDeadline>, example = json!([{"code": "resolve", "due_at": "2026-12-14T17:00:00Z", "legal_basis": "BLTTHS 147(1)", "state": "pending", "met_at": null, "remaining_seconds": 1789200}]))]
    pub items: Value,
}

/// Cases with deadlines that need attention.
#[derive(Debug, Serialize, ToSchema)]
pub struct Digest {
    /// Cases with a deadline that is over or ends within three days, the first to end first.
    pub items: Vec<CaseView>,
}
