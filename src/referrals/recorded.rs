//! Answers that an agency gives by telephone, letter or in person: an officer records them on its behalf.
//!
//! The same rules hold as for the agency itself, and the same follows. What the answer stands on (how it
//! came and under which document) is kept beside it, and the journal names the officer.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::answers::{self, Answering};
use super::reach::Reach;
use super::store::recorded::{self as recorded_store, RecordedRow};
use super::store::{self, ReferralRow};
use super::wire::{CompleteReferral, IndicatorResult, ReferralView};
use crate::auth::Principal;
use crate::db::Conn;
use crate::error::{Error, FieldProblem, Result, valid};
use crate::http::problem::ProblemBody;
use crate::http::{Answer, Api, Body, Caller, IdempotencyKey, Meta, Path, scope};
use crate::idempotency::{self, Claim};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![record_referral_answer]
}

/// What an agency said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgencyAnswer {
    /// It has the referral.
    Acknowledge,
    /// It answers.
    Complete,
    /// It declines.
    Decline,
}

impl AgencyAnswer {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Complete => "complete",
            Self::Decline => "decline",
        }
    }
}

/// How an answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReceivedVia {
    /// By telephone.
    Phone,
    /// By letter or official dispatch.
    Letter,
    /// By e-mail.
    Email,
    /// By fax.
    Fax,
    /// Somebody came.
    InPerson,
}

impl ReceivedVia {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Letter => "letter",
            Self::Email => "email",
            Self::Fax => "fax",
            Self::InPerson => "in_person",
        }
    }
}

/// An answer that an agency gave otherwise than through this service.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"answer": "complete", "received_via": "letter", "received_at": "2026-11-24T01:41:00Z",
    "document_number": "4711/VCB-PC", "outcome": "partly_frozen", "amount_vnd": 31000000,
    "detail": "Ngân hàng trả lời bằng công văn: tạm giữ 31 triệu đồng lúc 08:41."}))]
pub struct RecordAnswer {
    /// What the agency said.
    answer: AgencyAnswer,
    /// How it came.
    received_via: ReceivedVia,
    /// When it came; without it, now. From here the minutes are counted.
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    received_at: Option<DateTime<Utc>>,
    /// The agency's letter, or the officer's record of the call, where it stands who said so.
    #[schema(min_length = 1, max_length = 100, example = "4711/VCB-PC")]
    #[validate(length(min = 1, max = 100))]
    document_number: String,
    /// With `complete`: what came of it, as in `POST /v1/referrals/{id}/complete`.
    #[schema(value_type = Option<crate::http::Code>, example = "partly_frozen")]
    outcome: Option<String>,
    /// With `complete`: more about it; never a person's name.
    #[validate(length(min = 1, max = 5000))]
    #[schema(min_length = 1, max_length = 5000)]
    detail: Option<String>,
    /// With `complete`: where it can be seen that it is done.
    #[validate(url, length(max = 2000))]
    #[schema(format = "uri", max_length = 2000)]
    evidence_url: Option<String>,
    /// With `complete`: what was frozen in all, in đồng.
    #[schema(minimum = 0)]
    #[validate(range(min = 0))]
    amount_vnd: Option<i64>,
    /// With `complete`: the answer for each indicator.
    #[validate(length(max = 200), nested)]
    results: Option<Vec<IndicatorResult>>,
    /// With `decline`: why.
    #[validate(length(min = 1, max = 2000))]
    #[schema(min_length = 1, max_length = 2000)]
    reason: Option<String>,
}

impl RecordAnswer {
    /// 422 for what belongs to another answer, or is missing for this one.
    fn check(&self) -> Result<()> {
        let completes = self.answer == AgencyAnswer::Complete;
        let declines = self.answer == AgencyAnswer::Decline;
        let fields = [
            ("outcome", self.outcome.is_some(), completes, completes),
            ("detail", self.detail.is_some(), completes, false),
            (
                "evidence_url",
                self.evidence_url.is_some(),
                completes,
                false,
            ),
            ("amount_vnd", self.amount_vnd.is_some(), completes, false),
            ("results", self.results.is_some(), completes, false),
            ("reason", self.reason.is_some(), declines, declines),
        ];
        let answer = self.answer.as_str();
        let problems: Vec<FieldProblem> = fields
            .into_iter()
            .filter_map(|(field, there, may, must)| {
                let (code, detail) = match (there, may, must) {
                    (true, false, _) => ("not_with", "does not go with it"),
                    (false, _, true) => ("required", "needs it"),
                    _ => return None,
                };
                let detail = format!("The answer '{answer}' {detail}.");
                Some(FieldProblem::at(format!("/{field}"), code, detail))
            })
            .collect();
        valid(problems)
    }
}

/// An answer that an officer recorded.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecordedAnswer {
    /// `acknowledge`, `complete` or `decline`.
    #[schema(example = "complete")]
    answer: String,
    /// `phone`, `letter`, `email`, `fax` or `in_person`.
    #[schema(example = "letter")]
    received_via: String,
    /// When it came.
    received_at: DateTime<Utc>,
    /// The letter, or the record of the call.
    #[schema(example = "4711/VCB-PC")]
    document_number: String,
    /// Who recorded it; for the police alone.
    #[schema(required)]
    recorded_by: Option<String>,
    /// When it was recorded.
    recorded_at: DateTime<Utc>,
}

impl RecordedAnswer {
    /// As the police see it, or the agency in whose name it was recorded.
    pub fn of(row: &RecordedRow, for_agency: bool) -> Self {
        Self {
            answer: row.answer.clone(),
            received_via: row.received_via.clone(),
            received_at: row.received_at,
            document_number: row.document_number.clone(),
            recorded_by: (!for_agency).then(|| row.recorded_by.clone()),
            recorded_at: row.recorded_at,
        }
    }
}

/// Record an answer that the agency gave by telephone, letter or in person.
///
/// The referral moves as if the agency had answered here itself, with the same events and consequences;
/// `recorded_answers` of the referral tells everyone, the agency included, what the answer rests on.
#[utoipa::path(post, path = "/v1/referrals/{id}/answers", tag = "referrals", request_body = RecordAnswer,
    params(("id" = Uuid, Path, description = "Referral id")),
    responses((status = 200, description = "The referral with the answer", body = ReferralView,
               headers(("ETag" = String, description = "Its version"))),
              (status = 409, description = "It is answered already (`already_completed`), or not sent, declined, recalled or run out (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn record_referral_answer(
    caller: Caller<scope::ReferralsWrite>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    key: IdempotencyKey,
    body: Body<RecordAnswer>,
) -> Answer<HttpResponse> {
    let claim = Claim::of(&caller.who, &key, &meta, &body.raw);
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    idempotency::respond(&app, claim, async |conn| {
        let row = take(conn, &app, &caller.who, &actor, id.0, &body.value).await?;
        let version = row.version;
        let view =
            super::share::view(conn, &app, row, &Reach::issuer(&caller.who), meta.lang).await?;
        Ok(idempotency::Answer::json(200, &view)?.versioned(version))
    })
    .await
}

async fn take(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    id: Uuid,
    wish: &RecordAnswer,
) -> Result<ReferralRow> {
    wish.check()?;
    let now = app.now();
    let at = wish.received_at.unwrap_or(now);
    let by = Answering {
        reach: Reach::issuer(who),
        actor,
        at,
    };
    check_time(&store::lock(conn, id, &by.reach).await?, at, now)?;
    let reason = wish.reason.as_deref().unwrap_or_default();
    let row = match wish.answer {
        AgencyAnswer::Acknowledge => answers::acknowledge(conn, app, &by, id).await?,
        AgencyAnswer::Decline => answers::decline(conn, app, &by, id, Some(reason)).await?,
        AgencyAnswer::Complete => {
            let answer = CompleteReferral {
                outcome: wish.outcome.clone().unwrap_or_default(),
                detail: wish.detail.clone(),
                evidence_url: wish.evidence_url.clone(),
                amount_vnd: wish.amount_vnd,
                results: wish.results.clone(),
            };
            answers::complete(conn, app, &by, id, &answer).await?
        }
    };
    let recorded = RecordedRow {
        id: app.new_id(),
        referral_id: id,
        answer: wish.answer.as_str().to_owned(),
        received_via: wish.received_via.as_str().to_owned(),
        received_at: at,
        document_number: wish.document_number.clone(),
        recorded_by: who.sub.clone(),
        recorded_at: now,
    };
    recorded_store::insert(conn, &recorded).await?;
    let entry = Entry::audit("referral.answer_recorded", actor, now)
        .on("referral", id)
        .with(json!({
            "answer": wish.answer, "received_via": wish.received_via, "received_at": at,
            "document_number": wish.document_number, "agency": row.agency,
        }));
    journal::record(conn, &[entry]).await?;
    Ok(row)
}

/// An answer lies after what it answers, and not in the future.
fn check_time(row: &ReferralRow, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
    let before = row.acknowledged_at.or(row.sent_at);
    let (code, detail) = if at > now {
        ("in_future", "An answer cannot come in the future.")
    } else if before.is_some_and(|before| at < before) {
        (
            "before_sent",
            "An answer cannot come before the referral was sent or acknowledged.",
        )
    } else {
        return Ok(());
    };
    Err(Error::invalid("/received_at", code, detail))
}
