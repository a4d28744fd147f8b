//! Endpoints that group tips: into a case, out of it, and one case into another.

use actix_web::web;
use uuid::Uuid;

use super::http::{change, fresh};
use super::store::{self, CaseRow};
use super::wire::{CaseTips, CaseView, OtherCase};
use super::{clock, members};
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::http::problem::ProblemBody;
use crate::http::{Answer, Api, Body, Caller, Json, Meta, Path, scope};
use crate::journal::Actor;
use crate::state::AppState;
use crate::tips::Visibility;

pub fn api() -> Api {
    crate::handlers![add_case_tips, remove_case_tips, merge_case, unmerge_case]
}

/// Accept tips into a case.
#[utoipa::path(post, path = "/v1/cases/{id}/tips", tag = "cases", request_body = CaseTips,
    params(("id" = Uuid, Path, description = "Case id")),
    responses((status = 200, description = "The case", body = CaseView),
              (status = 409, description = "Another case took it over, or it has come to its end; or a tip is decided or in another case (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn add_case_tips(
    caller: Caller<scope::CasesWrite>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: Body<CaseTips>,
) -> Answer<Json<CaseView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let visible = Visibility::of(&caller.who);
    change(&app, &caller.who, id.0, async |conn, case| {
        members::add(conn, &app, &actor, &visible, case, &body.value.tip_ids).await?;
        case.version += 1;
        store::save(conn, case, app.now()).await?;
        clock::refresh(conn, &app, case.id).await
    })
    .await
}

/// Take tips out of a case; they go back to the queue.
#[utoipa::path(delete, path = "/v1/cases/{id}/tips", tag = "cases", request_body = CaseTips,
    params(("id" = Uuid, Path, description = "Case id")),
    responses((status = 200, description = "The case", body = CaseView),
              (status = 409, description = "Another case took it over (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn remove_case_tips(
    caller: Caller<scope::CasesWrite>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: Body<CaseTips>,
) -> Answer<Json<CaseView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let visible = Visibility::of(&caller.who);
    change(&app, &caller.who, id.0, async |conn, case| {
        members::remove(conn, &app, &actor, &visible, case, &body.value.tip_ids).await?;
        members::restart(conn, case).await?;
        case.version += 1;
        store::save(conn, case, app.now()).await?;
        clock::refresh(conn, &app, case.id).await
    })
    .await
}

/// Locks two cases in the order of their ids, so that two officers cannot block each other. Where neither is there,
/// that of the path is what is missing.
async fn both(
    conn: &mut Conn,
    one: Uuid,
    other: Uuid,
    visible: &Visibility,
) -> Result<(CaseRow, CaseRow)> {
    let lower = store::lock_case(conn, one.min(other), visible).await;
    let higher = store::lock_case(conn, one.max(other), visible).await;
    let (first, second) = if one < other {
        (lower, higher)
    } else {
        (higher, lower)
    };
    let second = second.map_err(|error| match error {
        Error::NotFound { .. } => Error::invalid("/case_id", "not_found", "There is no such case."),
        error => error,
    });
    Ok((first?, second?))
}

/// Take over another case with all its tips.
#[utoipa::path(post, path = "/v1/cases/{id}/merge", tag = "cases", request_body = OtherCase,
    params(("id" = Uuid, Path, description = "Case id")),
    responses((status = 200, description = "The case", body = CaseView),
              (status = 409, description = "One of them has come to its end, or the other is decided and this one is not (`wrong_state`)",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn merge_case(
    caller: Caller<scope::CasesWrite>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: Body<OtherCase>,
) -> Answer<Json<CaseView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let visible = Visibility::of(&caller.who);
    let mut conn = app.db.get().await?;
    let view = db::transaction(&mut conn, async |conn| {
        let (mut into, mut other) = both(conn, id.0, body.value.case_id, &visible).await?;
        members::merge(conn, &app, &actor, &mut into, &mut other).await?;
        fresh(conn, id.0, &visible).await
    })
    .await?;
    let version = view.version;
    Ok(Json::versioned(view, version))
}

/// Give back a case that was taken over, with the tips that came with it.
#[utoipa::path(post, path = "/v1/cases/{id}/unmerge", tag = "cases", request_body = OtherCase,
    params(("id" = Uuid, Path, description = "Case id")),
    responses((status = 200, description = "The case", body = CaseView),
              (status = 409, description = "The other was not taken over by this one (`wrong_state`)",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn unmerge_case(
    caller: Caller<scope::CasesWrite>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: Body<OtherCase>,
) -> Answer<Json<CaseView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let visible = Visibility::of(&caller.who);
    let mut conn = app.db.get().await?;
    let view = db::transaction(&mut conn, async |conn| {
        let (mut from, mut other) = both(conn, id.0, body.value.case_id, &visible).await?;
        members::unmerge(conn, &app, &actor, &mut from, &mut other).await?;
        fresh(conn, id.0, &visible).await
    })
    .await?;
    let version = view.version;
    Ok(Json::versioned(view, version))
}
