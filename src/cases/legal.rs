//! Endpoints of the legal process of a case: its clocks, decisions and acts.

use actix_web::{HttpResponse, web};
use serde_json::json;
use uuid::Uuid;

use super::http::{change, fresh, record_read};
use super::wire::{CaseView, Deadlines, DecideCase, RecordAct};
use super::{clock, flow, store};
use crate::http::{Answer, Api, Body, Caller, IdempotencyKey, Json, Meta, Path, scope};
use crate::idempotency::{self, Claim};
use crate::journal::Actor;
use crate::state::AppState;
use crate::tips::Visibility;

pub fn api() -> Api {
    crate::handlers![list_case_deadlines, decide_case, record_case_act]
}

/// List the clocks of a case.
#[utoipa::path(get, path = "/v1/cases/{id}/deadlines", tag = "cases",
    params(("id" = Uuid, Path, description = "Case id")),
    responses((status = 200, description = "All deadlines from reception on", body = Deadlines)))]
async fn list_case_deadlines(
    caller: Caller<scope::CasesRead>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<Json<Deadlines>> {
    let mut conn = app.db.get().await?;
    let case = store::find_case(&mut conn, id.0, &Visibility::of(&caller.who)).await?;
    let acts = store::acts(&mut conn, case.id).await?;
    let tips = store::from_tips_of(&mut conn, case.id).await?;
    let items = json!(clock::deadlines(
        &case,
        &acts,
        &tips,
        &app.reference.get(),
        app.now()
    ));
    record_read(&mut conn, &app, &caller.who, &meta, id.0).await?;
    Ok(Json::new(Deadlines { items }))
}

/// Decide on a case.
///
/// `cases:write` suffices for assign, verify, close and archive; the others need `cases:decide`. A move
/// that the law does not allow now is 409 `unlawful_move` and names what is lacking. Those others name their
/// `legal_basis` and `document_number`.
#[utoipa::path(post, path = "/v1/cases/{id}/decisions", tag = "cases", request_body = DecideCase,
    params(("id" = Uuid, Path, description = "Case id")),
    responses((status = 200, description = "The case in its new state", body = CaseView),
              (status = 409, description = "Not lawful now (`unlawful_move`)",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
              (status = 422, description = "Law or document lacking (`required`), or decided before the last decision (`before_last_decision`)",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn decide_case(
    caller: Caller<scope::CasesWriteOrDecide>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    key: IdempotencyKey,
    body: Body<DecideCase>,
) -> Answer<HttpResponse> {
    flow::check_right(&caller.who, body.value.decision)?;
    let claim = Claim::of(&caller.who, &key, &meta, &body.raw);
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let visible = Visibility::of(&caller.who);
    idempotency::respond(&app, claim, async |conn| {
        let mut case = store::lock_open_case(conn, id.0, &visible).await?;
        flow::decide(conn, &app, &actor, &mut case, &body.value).await?;
        let view = fresh(conn, id.0, &visible).await?;
        let version = view.version;
        Ok(idempotency::Answer::json(200, &view)?.versioned(version))
    })
    .await
}

/// Record an act other than a decision: a notice sent, a report made.
#[utoipa::path(post, path = "/v1/cases/{id}/acts", tag = "cases", request_body = RecordAct,
    params(("id" = Uuid, Path, description = "Case id")),
    responses((status = 200, description = "The case", body = CaseView),
              (status = 409, description = "Lack of competence outside verification, or telling of a decision that was not taken (`wrong_state`)",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn record_case_act(
    caller: Caller<scope::CasesWrite>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: Body<RecordAct>,
) -> Answer<Json<CaseView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    change(&app, &caller.who, id.0, async |conn, case| {
        flow::record_act(conn, &app, &actor, case, &body.value).await
    })
    .await
}
