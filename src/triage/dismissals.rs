//! Dismissing a flood with one reason: each tip is decided, audited and undoable by itself.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::decisions::{self, UNDO_MINUTES};
use super::store::{self, FloodOf};
use super::wire::{DecideTip, Decision, Reason};
use crate::auth::Principal;
use crate::db::Conn;
use crate::error::{Error, Result, valid};
use crate::http::{Answer, Api, Body, Caller, IdempotencyKey, Meta, scope};
use crate::idempotency::{self, Claim};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;
use crate::tips::{Visibility, list};

/// Tips that one call dismisses at most.
const AT_ONCE: i64 = 500;

pub fn api() -> Api {
    crate::handlers![dismiss_flood]
}

/// Which flood to dismiss, and why. Name exactly one of `indicator`, `client_id` and `flood`.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"flood": "01a20cb8-6af2-7504-a69a-0807b6089184", "reason": "spam", "note": "Tin rác gửi hàng loạt cùng một nội dung.", "dry_run": true}))]
struct DismissFlood {
    /// A number, link or account in any written form that all of them name.
    #[validate(length(min = 1, max = 2000))]
    #[schema(min_length = 1, max_length = 2000)]
    indicator: Option<String>,
    /// The client that sent them all; `received_from` must say since when.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    client_id: Option<String>,
    /// The copies of one message: `flood.id` of the collapsed queue.
    flood: Option<Uuid>,
    /// Why, the same for all; never `out_of_competence`: that is handed over.
    reason: Reason,
    /// For officers; kept with each decision.
    #[validate(length(max = 5000))]
    #[schema(max_length = 5000)]
    note: Option<String>,
    /// Only tips received at or after (RFC 3339).
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    received_from: Option<DateTime<Utc>>,
    /// Only tips received before (RFC 3339).
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    received_to: Option<DateTime<Utc>>,
    /// Only say which it would be; nothing is changed.
    dry_run: Option<bool>,
}

/// What was dismissed.
#[derive(Debug, Serialize, ToSchema)]
struct Dismissed {
    /// How many.
    #[schema(example = 412)]
    count: usize,
    /// Which.
    tip_ids: Vec<Uuid>,
    /// The decisions, by which each may be undone; none in a dry run.
    decisions: Vec<DismissedTip>,
    /// Whether there are more: send it again, under another key.
    more: bool,
    /// Whether it was only tried.
    dry_run: bool,
    /// Until when the same officer may undo each of them.
    #[schema(required)]
    undo_until: Option<DateTime<Utc>>,
}

/// One tip that was dismissed.
#[derive(Debug, Serialize, ToSchema)]
struct DismissedTip {
    /// The tip.
    tip_id: Uuid,
    /// Its decision: `DELETE /v1/tips/{tip_id}/decisions/{decision_id}` undoes it.
    decision_id: Uuid,
}

/// Dismiss a flood of tips with one reason.
///
/// At most 500 tips a call. Each is decided and audited by itself, as if dismissed alone. What is left
/// alone: critical tips, tips in which a life is in danger, tips that another officer holds or that wait for
/// an answer of the reporter, tips whose use is restricted, and whatever the caller may not see. Try it with `dry_run` first.
#[utoipa::path(post, path = "/v1/triage/dismissals", tag = "triage", request_body = DismissFlood,
    responses((status = 200, description = "What was dismissed, or would be", body = Dismissed)))]
async fn dismiss_flood(
    caller: Caller<scope::TipsTriage>,
    app: web::Data<AppState>,
    meta: Meta,
    key: IdempotencyKey,
    body: Body<DismissFlood>,
) -> Answer<HttpResponse> {
    let claim = Claim::of(&caller.who, &key, &meta, &body.raw);
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    idempotency::respond(&app, claim, async |conn| {
        let done = dismiss(conn, &app, &caller.who, &actor, &body.value).await?;
        idempotency::Answer::json(200, &done)
    })
    .await
}

/// The one thing that makes it a flood.
fn flood_of(app: &AppState, wish: &DismissFlood) -> Result<FloodOf> {
    match (&wish.indicator, &wish.client_id, wish.flood) {
        (Some(written), None, None) => list::indicator_key(&app.reference.get(), written)
            .map(FloodOf::Indicator)
            .ok_or_else(|| {
                let detail = "It cannot be read as a number, link or account; write kind:value.";
                Error::invalid("/indicator", "unknown_value", detail)
            }),
        (None, Some(client), None) => match wish.received_from {
            Some(_) => Ok(FloodOf::Client(client.clone())),
            None => {
                let detail = "With client_id, say since when.";
                Err(Error::invalid("/received_from", "required", detail))
            }
        },
        (None, None, Some(flood)) => Ok(FloodOf::Text(flood)),
        (None, None, None) => {
            let detail = "Name one of indicator, client_id and flood.";
            Err(Error::invalid("", "required", detail))
        }
        _ => {
            let detail = "Name only one of indicator, client_id and flood.";
            Err(Error::invalid("", "ambiguous", detail))
        }
    }
}

async fn dismiss(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    wish: &DismissFlood,
) -> Result<Dismissed> {
    let now = app.now();
    let dry_run = wish.dry_run == Some(true);
    valid(
        decisions::not_dismissed_for(wish.reason)
            .into_iter()
            .collect(),
    )?;
    let of = flood_of(app, wish)?;
    let wanted = store::Dismissable {
        of: &of,
        by: &who.sub,
        visible: &Visibility::of(who),
        received_from: wish.received_from,
        received_to: wish.received_to,
        limit: AT_ONCE + 1,
        lock: !dry_run,
        now,
    };
    let mut tip_ids = store::dismissable(conn, &wanted).await?;
    let at_once = usize::try_from(AT_ONCE).unwrap_or(usize::MAX);
    let more = tip_ids.len() > at_once;
    tip_ids.truncate(at_once);
    let mut taken = Vec::new();
    if !dry_run {
        let decision = DecideTip::dismissing(wish.reason, wish.note.clone());
        for state in list::states(conn, &tip_ids).await? {
            let tip_id = state.tip_id;
            let (done, _) = decisions::take(conn, app, who, actor, state, &decision).await?;
            taken.push(DismissedTip {
                tip_id,
                decision_id: done.id,
            });
        }
    }
    let entry = Entry::audit("flood.dismissed", actor, now).with(json!({
        "by": of.name(), "reason": wish.reason, "count": tip_ids.len(), "dry_run": dry_run,
        "decision": Decision::Dismiss,
    }));
    journal::record(conn, &[entry]).await?;
    Ok(Dismissed {
        count: tip_ids.len(),
        tip_ids,
        decisions: taken,
        more,
        dry_run,
        undo_until: (!dry_run).then(|| now + Duration::minutes(UNDO_MINUTES)),
    })
}
