//! Endpoints for the notices to the reporters of a case.

use actix_web::web;
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use uuid::Uuid;

use super::case_notices::{self, CaseNotice, CaseNoticeCode, ResultTold, TellResult};
use super::telling;
use crate::http::page::Listing;
use crate::http::problem::ProblemBody;
use crate::http::{Answer, Api, Body, Caller, ItemPage, Json, Meta, Path, scope};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;
use crate::tips::Visibility;

pub fn api() -> Api {
    crate::handlers![list_case_notices, tell_case_result]
}

/// Filters of the list.
#[derive(Debug, Deserialize, IntoParams)]
struct NoticesQuery {
    /// `true`: only tips whose reporter gave an identity and is still owed a notice.
    owed: Option<bool>,
}

/// List what is owed to the reporters of a case.
///
/// One item for each tip of the case and each duplicate of them, in the order of reception; with `owed=true`
/// those whose reporter is still to be told of the reception, of the result of the case, or of its last suspension or
/// resumption.
#[utoipa::path(get, path = "/v1/cases/{id}/notices", tag = "cases",
    params(("id" = Uuid, Path, description = "Case id")),
    responses((status = 200, description = "One page", body = ItemPage<CaseNotice>)))]
async fn list_case_notices(
    caller: Caller<scope::CasesRead>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    listing: Listing<NoticesQuery>,
) -> Answer<ItemPage<CaseNotice>> {
    let visible = Visibility::of(&caller.who);
    let owed_only = listing.filters.owed == Some(true);
    let after = listing.page.after::<Uuid>()?;
    let mut conn = app.db.get().await?;
    let limit = listing.page.limit;
    let rows = case_notices::list(&mut conn, (id.0, &visible), owed_only, after, limit).await?;
    let page = listing.page.page(rows, |row| row.tip_id);
    let tips: Vec<Uuid> = page.items.iter().map(|row| row.tip_id).collect();
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("notices.read", &actor, app.now()).on("case", id.0);
    journal::record(&mut conn, &[entry.with(json!({"tips": tips}))]).await?;
    Ok(page)
}

/// Tell the reporters of a case its result, that it was suspended or resumed, or that their tips were received.
///
/// It is put on the receipt of every tip of the case and of every duplicate of them; the reporters learn nothing else
/// about the case. Only reporters whose tips were in the case at that time are told of a suspension or resumption.
/// With `channel` it is also recorded as sent to those who gave an identity and had not read it yet. Repeating the
/// call tells nobody twice, and reaches the tips that have joined since. The reception is on every receipt by itself:
/// with `channel` it is recorded as sent to those who have not read it.
#[utoipa::path(put, path = "/v1/cases/{id}/notices/{code}", tag = "cases",
    request_body = TellResult,
    params(("id" = Uuid, Path, description = "Case id"),
           ("code" = inline(CaseNoticeCode), Path, description = "Which notice")),
    responses((status = 200, description = "Who was told, and whom nothing reaches yet", body = ResultTold),
              (status = 409, description = "The case is not decided, suspended or resumed (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn tell_case_result(
    caller: Caller<scope::CasesWrite>,
    app: web::Data<AppState>,
    meta: Meta,
    path: Path<(Uuid, CaseNoticeCode)>,
    body: Body<TellResult>,
) -> Answer<Json<ResultTold>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let mut conn = app.db.get().await?;
    let told = crate::db::transaction(&mut conn, async |conn| {
        telling::tell(conn, &app, &caller.who, &actor, path.0, &body.value).await
    })
    .await?;
    Ok(Json::new(told))
}
