//! `POST /v1/tips/batch`: tips that an app wrote while it was offline.
//!
//! Each is atomic by itself and has its own answer; its `client_reference` is its idempotency key.

use std::num::NonZeroU32;

use actix_web::web::Bytes;
use actix_web::{HttpMessage, web};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::intake::{self, Sender};
use super::submit::Intake;
use super::wire::{SubmitTip, TipReceived, Warning};
use crate::domain::lang::Lang;
use crate::error::{Error, FieldProblem};
use crate::http::body::{BODY_LIMIT, RawJson, too_large};
use crate::http::idempotency::request_hash;
use crate::http::json::{DEPTH_LIMIT, parse_envelope};
use crate::http::middleware::{Gate, who_is};
use crate::http::openapi::RawRequest;
use crate::http::problem::ProblemBody;
use crate::http::validation::field_problems;
use crate::http::{Answer, Api, Caller, Json, Meta, Problem, scope};
use crate::idempotency::Claim;
use crate::state::AppState;

/// Bytes of a whole batch.
const BATCH_LIMIT: usize = 8 * 1024 * 1024;

/// How many levels a tip lies deeper than by itself: batch, list, item.
const ENVELOPE: usize = 3;

pub fn api() -> Api {
    crate::handlers![submit_batch]
}

/// Tips as they were written; each is kept byte for byte.
#[derive(Deserialize, Validate)]
struct Batch {
    /// Each is read by itself, so that none spoils its neighbours.
    #[validate(length(min = 1, max = 100))]
    tips: Vec<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Item {
    client_reference: String,
    tip: Box<RawValue>,
}

/// Up to 100 tips that an app wrote while it was offline.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes the body")]
struct SubmitBatch {
    /// The tips, each at most 256 KiB.
    #[schema(min_items = 1, max_items = 100)]
    tips: Vec<BatchItem>,
}

/// One tip of a batch.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes the body")]
struct BatchItem {
    /// A random UUID that the app made when the tip was written: the same reference with the same
    /// tip is answered again, with another tip it is refused.
    #[schema(format = Uuid, example = "0f8fad5b-d9cb-469f-a165-70867728950e")]
    client_reference: String,
    /// The tip.
    tip: SubmitTip,
}

/// What became of the tips of a batch, in their order.
#[derive(Serialize, ToSchema)]
struct BatchReceived {
    /// One result for each tip.
    results: Vec<BatchResult>,
    /// Fields around the tips that are not known; what is odd in a tip is with its result.
    warnings: Vec<Warning>,
}

/// What became of one tip.
#[derive(Serialize, ToSchema)]
struct BatchResult {
    /// As sent; `null` where none was.
    #[schema(required, example = "0f8fad5b-d9cb-469f-a165-70867728950e")]
    client_reference: Option<String>,
    /// The status that `POST /v1/tips` would have answered.
    #[schema(example = 201)]
    status: u16,
    /// Whether this is the answer given before.
    replayed: bool,
    /// The answer, where it was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<TipReceived>)]
    tip: Option<Box<RawValue>>,
    /// What is wrong, where it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<ProblemBody>,
}

/// Submit tips that were written offline.
///
/// Each tip is received or refused by itself, as by `POST /v1/tips`; send again those whose result
/// is 409, 429 or 503. The batch counts as many requests as it holds tips; where the limit does not
/// allow for that the whole batch is 429 and nothing of it is received.
#[utoipa::path(post, path = "/v1/tips/batch", tag = "intake", request_body = SubmitBatch,
    responses((status = 200, description = "A result for each tip, in order", body = BatchReceived)))]
async fn submit_batch(
    caller: Caller<scope::TipsSubmit>,
    app: web::Data<AppState>,
    intake: web::Data<Intake>,
    gate: web::Data<Gate>,
    meta: Meta,
    request: RawRequest,
    body: RawJson<BATCH_LIMIT>,
) -> Answer<Json<BatchReceived>> {
    let parsed = parse_envelope::<Batch>(&body.0, DEPTH_LIMIT + ENVELOPE)?;
    let mut warnings: Vec<Warning> = parsed.ignored.into_iter().map(unknown_field).collect();
    let batch = parsed.value;
    batch
        .validate()
        .map_err(|errors| Problem::invalid(field_problems(&errors)))?;
    // The request itself is counted already.
    let rest = u32::try_from(batch.tips.len())
        .ok()
        .and_then(|n| NonZeroU32::new(n.saturating_sub(1)));
    if let Some(rest) = rest {
        let who = who_is(&caller.who, app.now());
        let left = gate.limits.charge(who, false, rest)?;
        if let Some(left) = left {
            request.0.extensions_mut().insert(left);
        }
    }
    let sender = Sender {
        who: &caller.who,
        request_id: &meta.request_id,
        lang: meta.lang,
        content_type: "application/json",
    };
    // None of them comes alone: they share a statement, and of two with one reference the first is the first.
    let _together = app.load.take_in();
    let items = batch.tips.iter().enumerate().map(|(index, raw)| {
        let parsed = parse_envelope::<Item>(raw.get().as_bytes(), DEPTH_LIMIT + ENVELOPE)?;
        let unknown = parsed.ignored.into_iter();
        warnings.extend(unknown.map(|name| unknown_field(format!("/tips/{index}{name}"))));
        Ok(parsed.value)
    });
    let items: Vec<Result<Item, Problem>> = items.collect();
    let each = items.into_iter().zip(&batch.tips).map(|(item, raw)| {
        let (app, intake, sender, meta) = (&app, &intake, &sender, &meta);
        async move {
            let result = match item {
                Ok(item) => one(app, intake, sender, &item).await,
                Err(problem) => Err(problem),
            };
            result.unwrap_or_else(|problem| refused(raw, &problem, meta))
        }
    });
    Ok(Json::new(BatchReceived {
        results: join_all(each).await,
        warnings: warnings.into_iter().map(|w| w.told(meta.lang)).collect(),
    }))
}

fn unknown_field(pointer: String) -> Warning {
    Warning::new(
        pointer,
        "unknown_field",
        "Không có trường này; nội dung không được giữ lại.",
        "The field is not known; it is not kept.",
    )
}

async fn one(
    app: &AppState,
    intake: &Intake,
    sender: &Sender<'_>,
    item: &Item,
) -> Result<BatchResult, Problem> {
    let reference = Uuid::parse_str(&item.client_reference).map_err(|_why| {
        Problem::invalid(vec![FieldProblem::at(
            "/client_reference",
            "invalid_value",
            "Make a random UUID for each tip.",
        )])
    })?;
    let raw = item.tip.get();
    if raw.len() > BODY_LIMIT {
        return Err(too_large(BODY_LIMIT));
    }
    let submission = intake::read(Bytes::copy_from_slice(raw.as_bytes()))?;
    let hash = request_hash("POST", "/v1/tips/batch", &submission.raw);
    let claim = Claim::new(sender.who, &format!("batch {reference}"), hash);
    let outcome = intake.submit(app, sender, &submission, Some(claim)).await?;
    let tip = RawValue::from_string(outcome.answer.body)
        .map_err(|e| Error::internal("reading an answer", e))?;
    Ok(BatchResult {
        client_reference: Some(item.client_reference.clone()),
        status: outcome.answer.status,
        replayed: outcome.replayed,
        tip: Some(tip),
        problem: None,
    })
}

/// The reference of an item that may be odd otherwise.
#[derive(Deserialize)]
struct Referring {
    client_reference: String,
}

fn refused(item: &RawValue, problem: &Problem, meta: &Meta) -> BatchResult {
    if let Some(fault) = problem.source_chain() {
        tracing::error!(request_id = %meta.request_id, fault, "a tip of a batch was not received");
    }
    let vi = meta.lang == Lang::Vi;
    let body = problem.body(Some(&meta.path), Some(&meta.request_id), vi);
    BatchResult {
        client_reference: serde_json::from_str(item.get())
            .ok()
            .map(|item: Referring| item.client_reference),
        status: body.status,
        replayed: false,
        tip: None,
        problem: Some(body),
    }
}
