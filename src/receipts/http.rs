//! Endpoints for reporters who hold a receipt.

use actix_web::web;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{open, store};
use crate::domain::case_flow::CaseState;
use crate::domain::deadline::State;
use crate::domain::status::{TipStatus, next_step, status_text};
use crate::http::middleware::Gate;
use crate::http::{Answer, Api, Json, Meta, Reporter};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;
use crate::tips::{self, Visibility, deadlines};

pub fn api() -> Api {
    crate::handlers![show_receipt]
}

/// What became of a tip, in plain words.
#[derive(Debug, Serialize, ToSchema)]
struct ReceiptView {
    /// Where the tip stands.
    #[schema(example = "received")]
    status: String,
    /// The same in one sentence.
    #[schema(example = "Tin báo của bạn đã được tiếp nhận và đang chờ cán bộ xem.")]
    status_text: String,
    /// What happens next, and by when the law wants it.
    next_step: String,
    /// When the tip was received.
    received_at: DateTime<Utc>,
    /// Deadlines that the law sets and that still run.
    deadlines: Vec<ReceiptDeadline>,
    /// What came of it.
    #[schema(value_type = Vec<Object>)]
    outcomes: Vec<Value>,
}

/// A deadline as a reporter may know it.
#[derive(Debug, Serialize, ToSchema)]
struct ReceiptDeadline {
    /// Stable code.
    #[schema(example = "classify")]
    code: String,
    /// When it ends.
    due_at: DateTime<Utc>,
    /// The law that sets it.
    #[schema(example = "TTLT01 8(1)-(2)")]
    legal_basis: String,
    /// `pending`, `met` or `overdue`.
    state: String,
}

/// Show what became of a tip.
///
/// Send the receipt in `Tip-Receipt`. An unknown, malformed or withdrawn receipt is 404; after 20
/// failed attempts a minute from one address further failing attempts are 429.
#[utoipa::path(get, path = "/v1/receipt", tag = "receipt",
    responses((status = 200, description = "Where the tip stands", body = ReceiptView)))]
async fn show_receipt(
    reporter: Reporter,
    app: web::Data<AppState>,
    gate: web::Data<Gate>,
    meta: Meta,
) -> Answer<Json<ReceiptView>> {
    let mut conn = app.db.get().await?;
    let opened = open(&mut conn, &app, &gate, &reporter, &meta).await?;
    let now = app.now();
    let state = tips::find_state(&mut conn, opened.tip_id, &Visibility::all()).await?;
    let case = match state.case_id {
        Some(id) => store::case_state(&mut conn, id)
            .await?
            .and_then(|code| CaseState::parse(&code)),
        None => None,
    };
    let reference = app.reference.get();
    let read = deadlines::read(&state, opened.anonymous, &reference, now);
    // A claim is the police's own affair: to the reporter the tip waits.
    let status = match TipStatus::parse(state.status(now)) {
        Some(status) => status,
        None => TipStatus::Received,
    };
    let view = ReceiptView {
        status: status.as_str().to_owned(),
        status_text: status_text(status, case, meta.lang).to_owned(),
        next_step: next_step(status, case, &read, meta.lang),
        received_at: state.received_at,
        deadlines: read
            .iter()
            .filter(|deadline| deadline.state != State::NotApplicable)
            .filter_map(|deadline| {
                let text = |value: Value| value.as_str().map(str::to_owned).unwrap_or_default();
                Some(ReceiptDeadline {
                    code: text(serde_json::to_value(deadline.code).ok()?),
                    due_at: deadline.due_at?,
                    legal_basis: deadline.legal_basis.clone(),
                    state: text(serde_json::to_value(deadline.state).ok()?),
                })
            })
            .collect(),
        outcomes: Vec::new(),
    };
    let actor = Actor::reporter(&meta.request_id);
    let entry = Entry::audit("receipt.read", &actor, now).on("tip", opened.tip_id);
    journal::record(&mut conn, &[entry]).await?;
    Ok(Json::new(view))
}
