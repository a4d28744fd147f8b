//! Whoever objected to a verdict: what they are told by their receipt, and how an officer reaches them.

use actix_web::web;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::appeals::receipt_hash;
use super::store::{self, AppealRow};
use crate::domain::lang::Lang;
use crate::domain::receipt::Receipt;
use crate::domain::redaction::{Identity, redact};
use crate::error::{Error, Result};
use crate::http::middleware::Gate;
use crate::http::{Answer, Api, Body, Caller, Json, Meta, Path, Reporter, Sensitive, scope};
use crate::journal::{self, Actor, Entry};
use crate::keys::SealedAlone;
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![show_appeal_by_receipt, reveal_appeal_contact]
}

/// An appeal as whoever objected sees it.
#[derive(Debug, Serialize, ToSchema)]
struct AppealStatus {
    /// `open`, `upheld` or `rejected`.
    #[schema(value_type = crate::http::AppealStateCode)]
    status: &'static str,
    /// The same in one sentence.
    #[schema(
        example = "Khiếu nại của bạn được chấp nhận. Phần tra cứu công khai không cảnh báo về giá trị này."
    )]
    status_text: String,
    /// When it came.
    submitted_at: DateTime<Utc>,
    /// By when it is answered.
    due_at: DateTime<Utc>,
    /// Why it was decided so.
    #[schema(required, example = "Chủ số đã chứng minh.")]
    reason: Option<String>,
    /// When it was decided.
    #[schema(required)]
    decided_at: Option<DateTime<Utc>>,
}

impl AppealStatus {
    fn of(row: AppealRow, lang: Lang) -> Self {
        let (status, (vi, en)) = match row.decision.as_deref() {
            None => (
                "open",
                (
                    "Khiếu nại của bạn đã được tiếp nhận và đang chờ cán bộ xem xét.",
                    "Your appeal was received and waits for an officer.",
                ),
            ),
            Some("upheld") => (
                "upheld",
                (
                    "Khiếu nại của bạn được chấp nhận. Phần tra cứu công khai không cảnh báo về giá trị này.",
                    "Your appeal was upheld. The public check does not warn of this value.",
                ),
            ),
            Some(_) => (
                "rejected",
                (
                    "Khiếu nại của bạn không được chấp nhận. Nội dung tra cứu công khai về giá trị này không thay đổi.",
                    "Your appeal was rejected. What the public check says of this value does not change.",
                ),
            ),
        };
        Self {
            status,
            status_text: lang.pick(vi, en).to_owned(),
            submitted_at: row.submitted_at,
            due_at: row.due_at,
            reason: row.reason,
            decided_at: row.decided_at,
        }
    }
}

/// Show where an appeal stands.
///
/// Send the receipt of the appeal in `Tip-Receipt`; the rules are those of `GET /v1/receipt`.
#[utoipa::path(get, path = "/v1/receipt/appeal", tag = "receipt",
    responses((status = 200, description = "Where the appeal stands", body = AppealStatus)))]
async fn show_appeal_by_receipt(
    reporter: Reporter,
    app: web::Data<AppState>,
    gate: web::Data<Gate>,
    meta: Meta,
) -> Answer<Json<AppealStatus>> {
    let mut conn = app.db.get().await?;
    let found = match Receipt::parse(&reporter.presented) {
        None => None,
        Some(receipt) => store::appeal_of(&mut conn, &receipt_hash(&app, &receipt)).await?,
    };
    let Some(row) = found else {
        reporter.tell(gate.limits.failed_receipt(&meta.address)?);
        return Err(Error::not_found("receipt").into());
    };
    let now = app.now();
    if let Some(look) = gate.limits.look("appeal", row.id.as_bytes(), now) {
        let actor = Actor::public(&meta.request_id);
        let entry = Entry::audit("appeal.receipt_read", &actor, now).on("appeal", row.id);
        journal::record(&mut conn, &[entry]).await?;
        look.noted();
    }
    Ok(Json::new(AppealStatus::of(row, meta.lang)))
}

/// Why a contact is to be shown.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[schema(example = json!({"purpose": "Gọi lại đề nghị bổ sung giấy tờ chứng minh quyền sử dụng số."}))]
struct RevealContact {
    /// 3 to 500 characters; it stands in the audit log.
    #[validate(
        length(min = 3, max = 500),
        custom(function = "crate::http::validation::says_something")
    )]
    #[schema(min_length = 3, max_length = 500)]
    purpose: String,
}

/// How to reach whoever objected.
#[derive(Debug, Serialize, ToSchema)]
struct AppealContact {
    /// As it was given; null where none was.
    #[schema(required, example = "0900 000 001")]
    contact: Option<String>,
}

/// Show how to reach the person who objected.
///
/// For the provincial police, with a stated purpose; never without an audit entry.
#[utoipa::path(post, path = "/v1/appeals/{id}/contact/reveal", tag = "indicators", request_body = RevealContact,
    params(("id" = Uuid, Path, description = "Appeal id")),
    responses((status = 200, description = "The contact", body = AppealContact)))]
async fn reveal_appeal_contact(
    caller: Caller<Sensitive<scope::IndicatorsCurate>>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: Body<RevealContact>,
) -> Answer<Json<AppealContact>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let mut conn = app.db.get().await?;
    let contact = crate::db::transaction(&mut conn, async |conn| {
        let row = store::lock_appeal(conn, id.0, &caller.who).await?;
        let contact = opened(&app, &row)?;
        // The journal is never rewritten: the contact itself must not get into it.
        let given = contact.as_deref();
        let known = Identity {
            phone: given,
            email: given,
            address: given,
            ..Identity::default()
        };
        let purpose = redact(&body.value.purpose, &known, &[]);
        let entry = Entry::audit("appeal.contact_revealed", &actor, app.now())
            .on("appeal", row.id)
            .with(json!({"purpose": purpose, "given": contact.is_some()}));
        journal::record(conn, &[entry]).await?;
        Ok(contact)
    })
    .await?;
    Ok(Json::new(AppealContact { contact }))
}

fn opened(app: &AppState, row: &AppealRow) -> Result<Option<String>> {
    let Some(sealed) = row.contact.as_deref() else {
        return Ok(None);
    };
    let owner = row.id.as_bytes();
    let key_id = row.contact_key_id.as_deref();
    let plain = match SealedAlone::stored(key_id, row.contact_wrapped_key.as_deref(), sealed) {
        Some(sealed) => sealed.open(&app.keys.identity, owner),
        // As earlier versions sealed it.
        None => app
            .keys
            .answers
            .derive("appeal contacts")
            .open(owner, sealed),
    };
    let plain = plain.map_err(|error| {
        let fault = Error::internal("opening a contact", error).with_causes();
        tracing::error!(appeal = %row.id, fault, "the contact of an appeal does not open");
        let detail = "This contact does not open: it was altered in the database, or a key is missing. Tell the operator.";
        Error::conflict("sealed_unreadable", detail)
    })?;
    let text = String::from_utf8(plain).map_err(|e| Error::internal("reading a contact", e))?;
    Ok(Some(text))
}
