//! Endpoints of the hold of a case: while it lasts nothing of the case is anonymised or deleted.

use actix_web::{HttpResponse, web};
use serde_json::json;
use uuid::Uuid;

use super::http::change;
use super::store::{self, HoldRow};
use super::wire::{CaseView, SetHold};
use crate::error::Error;
use crate::http::{Answer, Api, Body, Caller, Json, Meta, Path, scope};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![set_case_hold, lift_case_hold]
}

/// Hold a case: nothing of it is anonymised or deleted meanwhile.
#[utoipa::path(put, path = "/v1/cases/{id}/hold", tag = "cases", request_body = SetHold,
    params(("id" = Uuid, Path, description = "Case id")),
    responses((status = 200, description = "The case", body = CaseView)))]
async fn set_case_hold(
    caller: Caller<scope::CasesDecide>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: Body<SetHold>,
) -> Answer<Json<CaseView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    change(&app, &caller.who, id.0, async |conn, case| {
        let row = HoldRow {
            case_id: case.id,
            reason: body.value.reason,
            legal_basis: body.value.legal_basis,
            set_by: caller.who.sub.clone(),
            set_at: app.now(),
        };
        store::set_hold(conn, &row).await?;
        let entry = Entry::event("case.moved", &actor, app.now())
            .on("case", case.id)
            .with(json!({"change": "held"}));
        journal::record(conn, &[entry]).await
    })
    .await
}

/// Lift the hold of a case.
#[utoipa::path(delete, path = "/v1/cases/{id}/hold", tag = "cases",
    params(("id" = Uuid, Path, description = "Case id")),
    responses((status = 204, description = "Lifted")))]
async fn lift_case_hold(
    caller: Caller<scope::CasesDecide>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<HttpResponse> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    change(&app, &caller.who, id.0, async |conn, case| {
        if !store::lift_hold(conn, case.id).await? {
            return Err(Error::conflict("wrong_state", "The case is not held."));
        }
        let entry = Entry::event("case.moved", &actor, app.now())
            .on("case", case.id)
            .with(json!({"change": "hold_lifted"}));
        journal::record(conn, &[entry]).await
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
