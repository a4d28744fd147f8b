//! Endpoints of the hold of a case: while it lasts nothing of the case is anonymised or deleted.

use actix_web::web;
use serde_json::json;
use uuid::Uuid;

use super::http::{change, fresh};
use super::store::{self, HoldRow};
use super::wire::{CaseView, SetHold};
use crate::auth::Principal;
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::http::problem::ProblemBody;
use crate::http::{Accepted, Answer, Api, Body, Caller, IfMatch, Json, Meta, Path, scope};
use crate::journal::{self, Actor, Entry};
use crate::persons;
use crate::state::AppState;
use crate::tips::Visibility;

pub fn api() -> Api {
    crate::handlers![set_case_hold, request_hold_lift, approve_hold_lift]
}

/// Hold a case: none of it is anonymised or deleted meanwhile.
#[utoipa::path(put, path = "/v1/cases/{id}/hold", tag = "cases", request_body = SetHold,
    params(("id" = Uuid, Path, description = "Case id")),
    responses((status = 200, description = "The case", body = CaseView),
              (status = 409, description = "Another case took it over (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn set_case_hold(
    caller: Caller<scope::CasesDecide>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    if_match: Option<IfMatch>,
    body: Body<SetHold>,
) -> Answer<Json<CaseView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    change(&app, &caller.who, id.0, async |conn, case| {
        if let Some(seen) = &if_match {
            seen.check(case.version)?;
        }
        let row = HoldRow {
            case_id: case.id,
            reason: body.value.reason,
            legal_basis: body.value.legal_basis,
            set_by: caller.who.sub.clone(),
            set_at: app.now(),
            lift_requested_by: None,
            lift_requested_at: None,
        };
        store::set_hold(conn, &row).await?;
        case.version += 1;
        store::save(conn, case, app.now()).await?;
        let entry = Entry::event("case.moved", &actor, app.now())
            .on("case", case.id)
            .with(json!({"change": "held"}));
        journal::record(conn, &[entry]).await
    })
    .await
}

/// Locks a held case, even one that another case has taken over, and does the work; its version moves with
/// whatever is done.
async fn with_hold(
    app: &AppState,
    who: &Principal,
    id: Uuid,
    if_match: Option<&IfMatch>,
    work: impl AsyncFnOnce(&mut Conn, &HoldRow) -> Result<Option<Entry>>,
) -> Result<CaseView> {
    let visible = Visibility::of(who);
    let mut conn = app.db.get().await?;
    db::transaction(&mut conn, async |conn| {
        let mut case = store::lock_case(conn, id, &visible).await?;
        if let Some(seen) = if_match {
            seen.check(case.version)?;
        }
        let hold = store::hold(conn, id)
            .await?
            .ok_or_else(|| Error::conflict("wrong_state", "The case is not held."))?;
        if let Some(entry) = work(conn, &hold).await? {
            case.version += 1;
            store::save(conn, &case, app.now()).await?;
            journal::record(conn, &[entry]).await?;
        }
        fresh(conn, id, &visible).await
    })
    .await
}

/// Ask for the hold on a case to be lifted.
///
/// It lasts until an administrator other than the one asking approves. Asking again changes nothing; setting the hold
/// again withdraws the request.
#[utoipa::path(delete, path = "/v1/cases/{id}/hold", tag = "cases",
    params(("id" = Uuid, Path, description = "Case id")),
    responses((status = 202, description = "The case, still held; `hold.lift_requested_by` says who asked", body = CaseView),
              (status = 409, description = "The case is not held (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn request_hold_lift(
    caller: Caller<scope::CasesDecideOrAdmin>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<Accepted<CaseView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let view = with_hold(&app, &caller.who, id.0, None, async |conn, hold| {
        if hold.lift_requested_by.is_some() {
            return Ok(None);
        }
        store::ask_to_lift(conn, id.0, &caller.who.sub, app.now()).await?;
        let entry = Entry::event("case.moved", &actor, app.now());
        let change = json!({"change": "hold_lift_requested"});
        Ok(Some(entry.on("case", id.0).with(change)))
    })
    .await?;
    let version = view.version;
    Ok(Accepted::versioned(view, version))
}

/// Lift the hold on a case, as the second person.
///
/// With `If-Match` only what was seen is approved: 412 where the case has changed since.
#[utoipa::path(post, path = "/v1/cases/{id}/hold/approve", tag = "cases",
    params(("id" = Uuid, Path, description = "Case id")),
    responses((status = 200, description = "The case, no longer held", body = CaseView),
              (status = 409, description = "Nobody asked for it (`wrong_state`), or the one approving did (`same_person`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn approve_hold_lift(
    caller: Caller<scope::Admin>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    if_match: Option<IfMatch>,
) -> Answer<Json<CaseView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let seen = if_match.as_ref();
    let view = with_hold(&app, &caller.who, id.0, seen, async |conn, hold| match hold
        .lift_requested_by
        .as_deref()
    {
        None => Err(Error::conflict(
            "wrong_state",
            "Nobody has asked that the hold be lifted.",
        )),
        Some(by) => {
            let detail = "Another person than the one who asked has to approve.";
            persons::refuse_same(conn, &caller.who, &[by], detail).await?;
            store::lift_hold(conn, id.0).await?;
            let entry = Entry::event("case.moved", &actor, app.now());
            let change = json!({"change": "hold_lifted", "requested_by": by});
            Ok(Some(entry.on("case", id.0).with(change)))
        }
    })
    .await?;
    let version = view.version;
    Ok(Json::versioned(view, version))
}
