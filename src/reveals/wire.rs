//! Wire types of reveals.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::tips::wire::PotentialVictim;

/// Why an identity is to be shown.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[schema(example = json!({"purpose": "Gọi lại để hỏi số tài khoản nhận tiền, hỗ trợ phong toả khẩn cấp."}))]
pub struct RevealIdentity {
    /// 3 to 500 characters; it stands in the audit log.
    #[validate(
        length(min = 3, max = 500),
        custom(function = "crate::http::validation::says_something")
    )]
    #[schema(min_length = 3, max_length = 500)]
    pub purpose: String,
}

/// Why sealed bytes are to be shown.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[schema(example = json!({"purpose": "Đối chiếu nguyên văn với bản chứng thực của người báo tin."}))]
pub struct RevealSubmission {
    /// 3 to 500 characters; it stands in the audit log.
    #[validate(
        length(min = 3, max = 500),
        custom(function = "crate::http::validation::says_something")
    )]
    #[schema(min_length = 3, max_length = 500)]
    pub purpose: String,
    /// Which submission; without it the first.
    pub submission_id: Option<Uuid>,
}

/// Why a reveal is declined, where that is told.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[schema(example = json!({"reason": "Chưa cần gọi người báo tin; hỏi ngân hàng trước."}))]
pub struct DeclineReveal {
    /// 3 to 500 characters; it stands in the audit log.
    #[validate(
        length(min = 3, max = 500),
        custom(function = "crate::http::validation::says_something")
    )]
    #[schema(min_length = 3, max_length = 500)]
    pub reason: Option<String>,
}

/// Who reported. Each such answer is in the audit log.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"reveal_id": "01a20cb8-6af2-7504-a69a-0807b6089184",
    "tip_id": "01a20cb8-6af2-7504-a69a-0807b6089185", "name": "Lò Thị Mẫu", "phone": "0900 000 001",
    "email": null, "national_id": null, "address": null, "may_contact": true, "keep_secret": null}))]
pub struct RevealedIdentity {
    /// Id of the reveal, as the audit log names it.
    pub reveal_id: Uuid,
    /// Whose reporter it is.
    pub tip_id: Uuid,
    /// Full name.
    #[schema(required)]
    pub name: Option<String>,
    /// Telephone number.
    #[schema(required)]
    pub phone: Option<String>,
    /// E-mail address.
    #[schema(required)]
    pub email: Option<String>,
    /// Number of the ID card.
    #[schema(required)]
    pub national_id: Option<String>,
    /// Address.
    #[schema(required)]
    pub address: Option<String>,
    /// Whether an officer may get in touch.
    #[schema(required)]
    pub may_contact: Option<bool>,
    /// Whether the identity is to be kept secret (BLTTHS art. 56).
    #[schema(required)]
    pub keep_secret: Option<bool>,
}

/// What is or was to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Who reported.
    Identity,
    /// The bytes as they were sent.
    Submission,
    /// A file as it was sent.
    Attachment,
    /// Persons who may be lured.
    PotentialVictims,
    /// All that is held of the reporter, to be handed over to the reporter.
    PersonalData,
}

impl Subject {
    /// From its code.
    pub fn parse(code: &str) -> Self {
        match code {
            "identity" => Self::Identity,
            "submission" => Self::Submission,
            "potential_victims" => Self::PotentialVictims,
            "personal_data" => Self::PersonalData,
            _ => Self::Attachment,
        }
    }

    /// Code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Submission => "submission",
            Self::Attachment => "attachment",
            Self::PotentialVictims => "potential_victims",
            Self::PersonalData => "personal_data",
        }
    }

    /// What the journal calls its reveal.
    pub const fn act(self) -> &'static str {
        match self {
            Self::Identity => "reporter.revealed",
            Self::Submission => "submission.revealed",
            Self::Attachment => "attachment.revealed",
            Self::PotentialVictims => "potential_victims.revealed",
            Self::PersonalData => "personal_data.revealed",
        }
    }
}

/// Where a request for a reveal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RevealStatus {
    /// Another officer has to approve it.
    Pending,
    /// Approved: the officer who asked sends the same request again until `expires_at`.
    Approved,
    /// Shown at once: no approval was needed.
    Shown,
    /// Another officer declined it, or who asked took it back.
    Declined,
    /// Too late.
    Expired,
}

/// Filters of the list of reveals.
#[derive(Deserialize, IntoParams)]
pub struct RevealsQuery {
    /// Only those that stand so now; `pending` are those that wait for another officer.
    #[param(inline, value_type = Option<RevealStatus>, example = "pending")]
    pub status: Option<String>,
}

/// A request for a reveal.
#[derive(Serialize, ToSchema)]
pub struct RevealView {
    /// Id of the reveal.
    pub id: Uuid,
    /// The tip.
    pub tip_id: Uuid,
    /// What is to be shown.
    pub subject: Subject,
    /// Which submission or file, where it is one; an approval opens no other.
    #[schema(required)]
    pub object_id: Option<Uuid>,
    /// Where it stands.
    pub status: RevealStatus,
    /// As stated; what identifies the reporter is hidden in it.
    #[schema(example = "Gọi lại để hỏi số tài khoản nhận tiền.")]
    pub purpose: String,
    /// Who asked.
    #[schema(example = "analyst")]
    pub requested_by: String,
    /// When.
    pub requested_at: DateTime<Utc>,
    /// Who approved.
    #[schema(required)]
    pub approved_by: Option<String>,
    /// Who declined it; the officer who asked, where it was taken back.
    #[schema(required)]
    pub declined_by: Option<String>,
    /// Why it was declined, where that was told; what identifies the reporter is hidden in it.
    #[schema(required, example = json!(null))]
    pub decline_reason: Option<String>,
    /// Until when it may be approved, and once approved until when it may be used; when it was declined.
    pub expires_at: DateTime<Utc>,
}

/// Another tip of the same reporter.
#[derive(Serialize, ToSchema)]
pub struct SameReporter {
    /// The tip.
    pub tip_id: Uuid,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// Where it stands.
    #[schema(example = "received")]
    pub status: String,
}

/// Persons who may be lured, as they were named. Each such answer is in the audit log.
#[derive(Serialize, ToSchema)]
pub struct RevealedVictims {
    /// Id of the reveal, as the audit log names it.
    pub reveal_id: Uuid,
    /// The tip that names them.
    pub tip_id: Uuid,
    /// The persons.
    pub potential_victims: Vec<PotentialVictim>,
    /// When they are erased; null where a ground to keep them is recorded, or the tip belongs to a case.
    #[schema(required)]
    pub erase_at: Option<DateTime<Utc>>,
}

/// Why persons are kept beyond 90 days.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[schema(example = json!({"ground": "Đang phối hợp đưa nạn nhân về nước."}))]
pub struct RecordGround {
    /// The ground; no person's name.
    #[validate(
        length(min = 3, max = 2000),
        custom(function = "crate::http::validation::says_something")
    )]
    #[schema(min_length = 3, max_length = 2000)]
    pub ground: String,
}

/// A ground that was recorded.
#[derive(Serialize, ToSchema)]
pub struct GroundView {
    /// The ground.
    pub ground: String,
    /// Who recorded it.
    pub recorded_by: String,
    /// When.
    pub recorded_at: DateTime<Utc>,
}
