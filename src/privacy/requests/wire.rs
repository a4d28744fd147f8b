//! Wire types of the requests of data subjects.

use actix_web::body::BoxBody;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, Responder};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use super::store::RequestRow;
use crate::domain::lang::Lang;
use crate::domain::privacy_clock::RequestKind;
use crate::domain::privacy_words::Standing;
use crate::http::ItemPage;
use crate::receipts::ends::EndedView;

/// A request about one's own data.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"kind": "erasure", "text": "Tôi muốn xoá tên và số điện thoại của tôi."}))]
pub struct SubmitPrivacyRequest {
    /// `access`, `correction`, `restriction`, `erasure` or `withdrawal` (of consent).
    #[schema(value_type = crate::http::Code, example = "erasure")]
    pub kind: RequestKind,
    /// In the person's words; kept sealed.
    #[validate(length(min = 1, max = 5000))]
    #[schema(min_length = 1, max_length = 5000)]
    pub text: Option<String>,
    /// The tip that it is about, for administrators; with a receipt it is the receipt's own.
    pub tip_id: Option<Uuid>,
}

/// A request as the person who made it sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnRequest {
    /// Id.
    pub id: Uuid,
    /// What was asked.
    #[schema(example = "erasure")]
    pub kind: String,
    /// `received`, `acknowledged`, `granted` or `refused`.
    #[schema(example = "received")]
    pub state: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// By when it must be acknowledged.
    pub acknowledge_by: DateTime<Utc>,
    /// By when it must be answered.
    pub due_at: DateTime<Utc>,
    /// When it was acknowledged.
    #[schema(required)]
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// Why the answer takes longer.
    #[schema(required)]
    pub extension_reason: Option<String>,
    /// Why it was decided so.
    #[schema(required)]
    pub reason: Option<String>,
    /// The law that a refusal rests on.
    #[schema(required, example = "Luật 91/2025 art. 14(2), 19")]
    pub ground: Option<String>,
    /// When it was decided.
    #[schema(required)]
    pub decided_at: Option<DateTime<Utc>>,
    /// When the restriction that it led to ended.
    #[schema(required)]
    pub lifted_at: Option<DateTime<Utc>>,
    /// Why it ended.
    #[schema(required)]
    pub lift_reason: Option<String>,
}

impl From<&RequestRow> for OwnRequest {
    fn from(row: &RequestRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind.clone(),
            state: row.state.clone(),
            received_at: row.received_at,
            acknowledge_by: row.acknowledge_by,
            due_at: row.due_at,
            acknowledged_at: row.acknowledged_at,
            extension_reason: row.extension_reason.clone(),
            reason: row.decision_reason.clone(),
            ground: row.decision_ground.clone(),
            decided_at: row.decided_at,
            lifted_at: row.lifted_at,
            lift_reason: row.lift_reason.clone(),
        }
    }
}

/// A request as the person who made it is told of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ToldRequest {
    /// What it is.
    #[serde(flatten)]
    pub own: OwnRequest,
    /// Where it stands, in one sentence.
    #[schema(example = "Yêu cầu của bạn đã được tiếp nhận.")]
    pub status_text: String,
    /// What follows, and by when.
    pub next_step: String,
    /// The law that it goes by.
    #[schema(example = "NĐ 356/2025/NĐ-CP, Điều 5")]
    pub legal_basis: String,
}

impl ToldRequest {
    /// In a language.
    pub fn of(row: &RequestRow, lang: Lang) -> Self {
        let standing = Standing {
            kind: RequestKind::parse(&row.kind).unwrap_or(RequestKind::Access),
            state: &row.state,
            acknowledge_by: row.acknowledge_by,
            due_at: row.due_at,
            lifted: row.lifted_at.is_some(),
            ground: row.decision_ground.as_deref(),
        };
        Self {
            status_text: standing.status_text(lang),
            next_step: standing.next_step(lang),
            legal_basis: standing.legal_basis().to_owned(),
            own: OwnRequest::from(row),
        }
    }
}

/// The requests about the data of a tip, or that the tip is no more.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnRequests {
    /// The requests, newest first.
    #[serde(flatten)]
    page: ItemPage<ToldRequest>,
    /// That the tip was erased as a whole, or taken back; then there are no items.
    #[schema(required)]
    ended: Option<EndedView>,
}

impl OwnRequests {
    /// A page of them.
    pub fn of(page: ItemPage<ToldRequest>) -> Self {
        Self { page, ended: None }
    }

    /// There are none any more.
    pub fn ended(ended: EndedView) -> Self {
        let page = ItemPage {
            items: Vec::new(),
            next_cursor: None,
        };
        Self {
            page,
            ended: Some(ended),
        }
    }
}

impl Responder for OwnRequests {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut answer = HttpResponse::Ok();
        if let Some(link) = self.page.link(request) {
            answer.insert_header((header::LINK, link));
        }
        answer.json(self)
    }
}

/// A request as administrators see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrivacyRequestView {
    /// What the person who made it sees too.
    #[serde(flatten)]
    pub own: OwnRequest,
    /// The tip that it is about; null where it is about none, or the tip is gone.
    #[schema(required)]
    pub tip_id: Option<Uuid>,
    /// Whether it came by receipt.
    pub by_receipt: bool,
    /// The administrator who wrote it down.
    #[schema(required)]
    pub recorded_by: Option<String>,
    /// In the person's words; destroyed with an erasure.
    #[schema(required)]
    pub text: Option<String>,
    /// Whether there is a text that does not open; the log says why.
    pub text_unreadable: bool,
    /// Whether a deadline has passed.
    pub overdue: bool,
    /// Who acknowledged it.
    #[schema(required)]
    pub acknowledged_by: Option<String>,
    /// When its term was extended.
    #[schema(required)]
    pub extended_at: Option<DateTime<Utc>>,
    /// By whom.
    #[schema(required)]
    pub extended_by: Option<String>,
    /// Who decided it.
    #[schema(required)]
    pub decided_by: Option<String>,
    /// Who ended the restriction.
    #[schema(required)]
    pub lifted_by: Option<String>,
}

/// Filters of the list.
#[derive(Debug, Deserialize, IntoParams)]
pub struct RequestsQuery {
    /// `received`, `acknowledged`, `granted` or `refused`.
    #[param(example = "received")]
    pub state: Option<String>,
    /// `access`, `correction`, `restriction`, `erasure` or `withdrawal`.
    #[param(example = "erasure")]
    pub kind: Option<String>,
    /// Only those of which a deadline has passed, or only the others.
    pub overdue: Option<bool>,
}

/// Why a restriction ends.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"reason": "Người báo tin đồng ý cho sử dụng lại tin."}))]
pub struct LiftRestriction {
    /// Shown to the person.
    #[validate(
        length(min = 3, max = 2000),
        custom(function = "crate::http::validation::says_something")
    )]
    #[schema(min_length = 3, max_length = 2000)]
    pub reason: String,
}

/// Why an answer takes longer.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"reason": "Phải hỏi ý kiến Viện kiểm sát."}))]
pub struct ExtendRequest {
    /// Shown to the person.
    #[validate(
        length(min = 3, max = 2000),
        custom(function = "crate::http::validation::says_something")
    )]
    #[schema(min_length = 3, max_length = 2000)]
    pub reason: String,
}

/// A decision on a request.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"decision": "granted", "reason": "Đã xoá danh tính của người báo tin.", "extent": "identity"}))]
pub struct DecideRequest {
    /// Granted or refused.
    pub decision: RequestDecision,
    /// Shown to the person.
    #[validate(
        length(min = 3, max = 2000),
        custom(function = "crate::http::validation::says_something")
    )]
    #[schema(min_length = 3, max_length = 2000)]
    pub reason: String,
    /// The law that a refusal rests on; required with one.
    #[validate(
        length(min = 3, max = 300),
        custom(function = "crate::http::validation::says_something")
    )]
    #[schema(
        min_length = 3,
        max_length = 300,
        example = "Luật 91/2025 art. 14(2), 19"
    )]
    pub ground: Option<String>,
    /// How much a granted erasure erases; the identity if left out.
    pub extent: Option<Extent>,
    /// What a granted correction puts right; required with one that is about a tip.
    #[validate(nested)]
    pub correction: Option<Correction>,
}

/// What is put right. It is kept as a submission beside the first, which stays as it came.
#[derive(Debug, Deserialize, Serialize, ToSchema, Validate)]
pub struct Correction {
    /// Who reported; what is left out stays as it is.
    #[validate(nested)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reporter: Option<CorrectedReporter>,
    /// What happened, in the right words; it stands below the text that was sent.
    #[validate(length(min = 1, max = 20_000))]
    #[schema(min_length = 1, max_length = 20000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub narrative: Option<String>,
}

impl Correction {
    /// Whether it puts nothing right.
    pub fn is_empty(&self) -> bool {
        let identity = self.reporter.as_ref().is_none_or(|reporter| {
            let CorrectedReporter {
                name,
                phone,
                email,
                national_id,
                address,
            } = reporter;
            [name, phone, email, national_id, address]
                .into_iter()
                .all(Option::is_none)
        });
        identity && self.narrative.is_none()
    }
}

/// Fields of an identity as they should be; never printed.
#[derive(Deserialize, Serialize, ToSchema, Validate)]
pub struct CorrectedReporter {
    /// Full name.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500, example = "Lò Thị Mẫu")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Telephone number.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500, example = "0900 000 001")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// E-mail address.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Number of the ID card.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub national_id: Option<String>,
    /// Address.
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl std::fmt::Debug for CorrectedReporter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CorrectedReporter(•••)")
    }
}

/// How a request is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequestDecision {
    /// What was asked is done.
    Granted,
    /// It is not.
    Refused,
}

impl RequestDecision {
    /// The state it leads to.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Refused => "refused",
        }
    }
}

/// How much is erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// Identity, its index, and the sealed bytes of what was sent; the tip stays.
    #[default]
    Identity,
    /// The whole tip with its files; only once it is decided and no case keeps it.
    Tip,
}
