//! Endpoints of the stream of changes.

use std::collections::HashSet;

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::screens::Live;
use super::stream::Stream;
use crate::auth::Principal;
use crate::cases;
use crate::error::{Error, Result};
use crate::http::middleware::Gate;
use crate::http::openapi::RawRequest;
use crate::http::params::position;
use crate::http::{Answer, Api, Caller, Json, Meta, Problem, Query, scope};
use crate::journal::{self, Actor, Entry, Record, cloud_event};
use crate::referrals;
use crate::state::AppState;
use crate::tips::{self, Visibility};

pub fn api() -> Api {
    crate::handlers![list_changes, stream_events]
}

#[derive(Deserialize, IntoParams)]
struct ChangesQuery {
    /// Position after which to begin; 0 for all.
    #[param(minimum = 0, example = 0)]
    since: Option<i64>,
    /// How many events at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
}

/// Events after a position.
#[derive(Serialize, ToSchema)]
struct Changes {
    /// CloudEvents 1.0, in order.
    #[schema(value_type = Vec<Object>)]
    items: Vec<Value>,
    /// Pass it as `since` next time.
    position: i64,
    /// Whether there is more already.
    more: bool,
}

/// List changes after a position.
#[utoipa::path(get, path = "/v1/changes", tag = "events",
    responses((status = 200, description = "Events in order, never one missed", body = Changes)))]
async fn list_changes(
    caller: Caller<scope::ExchangeRead>,
    app: web::Data<AppState>,
    meta: Meta,
    query: Query<ChangesQuery>,
) -> Answer<Json<Changes>> {
    let limit = query.0.limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        let detail = "limit must be between 1 and 200.";
        return Err(Error::invalid_parameter("limit", "out_of_range", detail).into());
    }
    let since = position("since", query.0.since)?;
    let mut conn = app.db.get().await?;
    journal::not_ahead(&mut conn, "since", since).await?;
    // The one more only says that there is more.
    let mut rows = journal::events_after(&mut conn, since, limit + 1).await?;
    let more = i64::try_from(rows.len()).unwrap_or(0) > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let position = rows.last().map_or(since, |row| row.position);
    let items = visible(&mut conn, &caller.who, rows)
        .await?
        .iter()
        .map(|record| cloud_event(record, &app.settings.issuer))
        .collect();
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("changes.read", &actor, app.now())
        .with(serde_json::json!({"since": since, "position": position}));
    journal::record(&mut conn, &[entry]).await?;
    Ok(Json::new(Changes {
        items,
        position,
        more,
    }))
}

/// The events that a bearer may know of, where that can be said without the database: of other agencies and of
/// whoever is not confined. Else all of them are given back.
pub(super) fn known_at_once(
    who: &Principal,
    rows: Vec<Record>,
) -> Result<Vec<Record>, Vec<Record>> {
    if let Some(agency) = who.agency.as_deref().filter(|_| !who.is_police()) {
        let known = |record: &Record| super::agency_may_know(agency, record);
        return Ok(rows.into_iter().filter(known).collect());
    }
    match Visibility::of(who) == Visibility::all() {
        true => Ok(rows),
        false => Err(rows),
    }
}

/// The events that a bearer may know of; the confined get those of tips and cases in their confinement, of
/// referrals of these, and what is public.
pub(super) async fn visible(
    conn: &mut crate::db::Conn,
    who: &Principal,
    rows: Vec<Record>,
) -> Result<Vec<Record>> {
    let rows = match known_at_once(who, rows) {
        Ok(known) => return Ok(known),
        Err(rows) => rows,
    };
    let visibility = &Visibility::of(who);
    let of = |kind: &str| -> Vec<Uuid> {
        let subjects = rows.iter().filter(|r| r.subject_kind == kind);
        subjects.filter_map(|r| r.subject_id).collect()
    };
    let referrals = referrals::subjects(conn, &of("referral")).await?;
    let about = |pick: fn(&referrals::Subject) -> Option<Uuid>| referrals.iter().filter_map(pick);
    let tips: Vec<Uuid> = of("tip").into_iter().chain(about(|r| r.tip_id)).collect();
    let cases: Vec<Uuid> = of("case").into_iter().chain(about(|r| r.case_id)).collect();
    let tips = tips::visible_ids(conn, visibility, &tips).await?;
    let cases = cases::visible_ids(conn, visibility, &cases).await?;
    let mut seen: HashSet<Uuid> = tips.into_iter().chain(cases).collect();
    let known: Vec<Uuid> = referrals
        .iter()
        .filter(|r| {
            [r.tip_id, r.case_id]
                .iter()
                .flatten()
                .any(|id| seen.contains(id))
        })
        .map(|r| r.id)
        .collect();
    seen.extend(known);
    let may_know =
        |r: &Record| super::is_public(r) || r.subject_id.is_some_and(|id| seen.contains(&id));
    Ok(rows.into_iter().filter(may_know).collect())
}

#[derive(Deserialize, IntoParams)]
struct EventsQuery {
    /// Position after which to begin, where `Last-Event-ID` cannot be sent; without either, from now on.
    #[param(minimum = 0)]
    since: Option<i64>,
}

/// Stream events live (server-sent events).
///
/// `id:` is the position: a client that reconnects with `Last-Event-ID` misses nothing, at any replica. The stream
/// ends when the token expires or is revoked; reconnect with a fresh one. An officer can have at most 20 streams open
/// at a replica; one more is 429.
#[utoipa::path(get, path = "/v1/triage/events", tag = "triage",
    responses((status = 200, description = "A stream of CloudEvents 1.0", body = String, content_type = "text/event-stream")))]
async fn stream_events(
    caller: Caller<scope::TipsRead>,
    app: web::Data<AppState>,
    live: web::Data<Live>,
    gate: web::Data<Gate>,
    meta: Meta,
    query: Query<EventsQuery>,
    request: RawRequest,
) -> Answer<HttpResponse> {
    let screen = live.screens.open(&caller.who)?;
    let sent = request.0.headers().get("Last-Event-ID").map(|value| {
        value
            .to_str()
            .ok()
            .and_then(|text| text.trim().parse::<i64>().ok())
            .ok_or_else(|| {
                Problem::malformed("Last-Event-ID must be the id of an event of this stream.")
            })
    });
    let mut conn = app.db.get().await?;
    let position = match sent.transpose()?.or(query.0.since) {
        Some(since) => {
            let since = position("since", Some(since))?;
            journal::not_ahead(&mut conn, "since", since).await?;
            since
        }
        None => journal::last_position(&mut conn).await?,
    };
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("events.opened", &actor, app.now())
        .with(serde_json::json!({"since": position}));
    journal::record(&mut conn, &[entry]).await?;
    drop(conn);
    let stream = Stream::new(&app, &live, &gate, (caller.who, screen), position);
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("X-Accel-Buffering", "no"))
        .content_type("text/event-stream")
        .streaming(futures_util::stream::unfold(stream, Stream::next)))
}
