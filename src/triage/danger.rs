//! An officer says whether somebody is in danger now, and so ends an alarm or raises one.

use actix_web::web;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::claims::check_holder;
use crate::http::{Answer, Api, Body, Caller, Json, Meta, Path, scope};
use crate::journal::Actor;
use crate::state::AppState;
use crate::tips::wire::TipView;
use crate::tips::{self, Visibility, seen};

pub fn api() -> Api {
    crate::handlers![set_danger]
}

/// Whether somebody is in danger, and how the officer knows.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"in_danger_now": false, "reason": "Đã gặp người báo tin tại trụ sở công an xã, an toàn."}))]
struct SetDanger {
    /// Whether somebody is in danger now.
    in_danger_now: bool,
    /// For the audit; 3 to 500 code points.
    #[validate(
        length(min = 3, max = 500),
        custom(function = "crate::http::validation::says_something")
    )]
    #[schema(min_length = 3, max_length = 500)]
    reason: String,
}

/// Say whether somebody is in danger now.
///
/// By the holder of the claim; the priority follows at once. A reporter raises the alarm by receipt and cannot end it
/// there, since somebody else may hold the phone: that shows as the hint `danger_denied`, and ends with this call. What
/// the words of the tip say of a life at risk keeps its own weight.
#[utoipa::path(put, path = "/v1/tips/{id}/danger", tag = "triage", request_body = SetDanger,
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 200, description = "The tip", body = TipView,
        headers(("ETag" = String, description = "Version of the tip"))),
              (status = 409, description = "Not claimed by the caller (`not_claimed`, `claimed_by_other`), or decided (`already_decided`)",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn set_danger(
    caller: Caller<scope::TipsTriage>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    body: Body<SetDanger>,
) -> Answer<Json<TipView>> {
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let wish = body.value;
    let mut conn = app.db.get().await?;
    let view = crate::db::transaction(&mut conn, async |conn| {
        let visible = Visibility::of(&caller.who);
        let mut state = tips::lock_state(conn, id.0, &visible).await?;
        check_holder(&state, &caller.who, app.now())?;
        let found = (wish.in_danger_now, wish.reason.as_str());
        tips::danger::find(conn, &app, &actor, &mut state, found).await?;
        // Its priority is another now.
        let state = tips::find_state(conn, id.0, &visible).await?;
        seen(conn, &app, &caller.who, &meta, &state, "tip.read").await
    })
    .await?;
    let version = view.version;
    Ok(Json::versioned(view, version))
}
