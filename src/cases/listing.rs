//! Endpoints that list cases.

use actix_web::{CustomizeResponder, web};
use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use uuid::Uuid;

use super::store::{self, After, Sort, Wanted};
use super::view;
use super::wire::{CaseView, Digest};
use crate::auth::Principal;
use crate::db::Conn;
use crate::domain::case_flow::{CaseState, Move};
use crate::error::{Error, Result};
use crate::http::page::{Listing, NoFilters};
use crate::http::{Answer, Api, Caller, ItemPage, Json, Meta, Query, scope};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;
use crate::tips::list::{self, TipFilters};
use crate::tips::{Visibility, searching};

pub fn api() -> Api {
    crate::handlers![list_cases, show_digest]
}

/// Filters of the list.
#[derive(Debug, Deserialize, IntoParams)]
struct CasesQuery {
    /// State of the legal process.
    #[param(example = "verifying")]
    status: Option<String>,
    /// Last legal decision.
    #[param(example = "extend")]
    decision: Option<String>,
    /// Code of the desk.
    #[param(example = "cyber")]
    desk: Option<String>,
    /// Officer in charge.
    assignee: Option<String>,
    /// Code of the method.
    method: Option<String>,
    /// Only cases with a deadline that ends before (RFC 3339).
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    deadline_before: Option<DateTime<Utc>>,
    /// Only cases with a deadline that is over, or with `false` those without.
    overdue: Option<bool>,
    /// Level of one of its tips: `critical`, `high`, `normal`, `low`.
    #[param(example = "critical")]
    priority: Option<String>,
    /// Code of the commune or ward of one of its tips.
    #[param(example = "03127")]
    unit: Option<String>,
    /// A number, link or account in any written form that one of its tips names.
    #[param(example = "0369 123 456")]
    indicator: Option<String>,
    /// Words of its title or summary, or of the text of one of its tips, as in the queue; or its number, or that of
    /// one of its tips.
    #[param(example = "chuyen khoan")]
    q: Option<String>,
    /// Order: `opened` (default), `priority` (of its most urgent tip), `received`, `due`.
    #[param(inline)]
    sort: Option<Sort>,
    /// Clock started at or after (RFC 3339).
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    received_from: Option<DateTime<Utc>>,
    /// Clock started before (RFC 3339).
    #[serde(default, deserialize_with = "crate::http::moment::optional")]
    received_to: Option<DateTime<Utc>>,
}

/// List cases, newest first.
#[utoipa::path(get, path = "/v1/cases", tag = "cases",
    responses((status = 200, description = "One page", body = ItemPage<CaseView>,
        headers(("X-Search-Behind" = i64, description = "With `q`: by how many seconds the search may be behind"))),
              (status = 503, description = "The search took too long (`search_too_slow`): narrow it",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn list_cases(
    caller: Caller<scope::CasesRead>,
    app: web::Data<AppState>,
    meta: Meta,
    listing: Listing<CasesQuery>,
) -> Answer<CustomizeResponder<ItemPage<CaseView>>> {
    let q = &listing.filters;
    let unknown = |name: &str| {
        Error::invalid_parameter(name, "unknown_value", format!("There is no such {name}."))
    };
    if q.status
        .as_ref()
        .is_some_and(|s| CaseState::parse(s).is_none())
    {
        return Err(unknown("status").into());
    }
    if q.decision
        .as_ref()
        .is_some_and(|d| !Move::ALL.iter().any(|mv| mv.as_str() == d))
    {
        return Err(unknown("decision").into());
    }
    if q.method
        .as_ref()
        .is_some_and(|code| !app.reference.get().methods.contains_key(code))
    {
        return Err(unknown("method").into());
    }
    let now = app.now();
    let over = Some(now).filter(|_| q.overdue == Some(true));
    let told = TipFilters {
        q: q.q.clone(),
        ..TipFilters::default()
    };
    let sort = q.sort.unwrap_or_default();
    let wanted = Wanted {
        state: q.status.as_deref(),
        decision: q.decision.as_deref(),
        desk: q.desk.as_deref(),
        assignee: q.assignee.as_deref(),
        method: q.method.as_deref(),
        // Both bounds hold: the earlier one.
        deadline_before: over.into_iter().chain(q.deadline_before).min(),
        no_deadline_before: Some(now).filter(|_| q.overdue == Some(false)),
        received_from: q.received_from,
        received_to: q.received_to,
        a_tip: TipFilters {
            priority: q.priority.clone(),
            unit: q.unit.clone(),
            indicator: q.indicator.clone(),
            ..TipFilters::default()
        },
        told,
        sort,
        after: listing.page.after::<After>()?,
        limit: listing.page.limit,
    };
    let reference = app.reference.get();
    let mut conn = list::connection(&app, &wanted.told).await?;
    if let Some(desk) = &q.desk
        && !list::knows_desk(&mut conn, &reference, desk).await?
    {
        return Err(unknown("desk").into());
    }
    let visible = Visibility::of(&caller.who);
    let rows = searching::bounded(&mut conn, &wanted.told, async |conn| {
        wanted.a_tip.check(conn, &reference).await?;
        wanted.told.check(conn, &reference).await?;
        store::page(conn, &visible, &reference, &wanted).await
    })
    .await?;
    let page = listing.page.page(rows, |row| After::of(row, sort));
    let items = view::of(&mut conn, page.items, &visible).await?;
    let behind = searching::behind(&mut conn, wanted.told.words().is_some(), now).await?;
    drop(conn);
    record_listed(&mut *app.db.get().await?, &app, &caller.who, &meta, &items).await?;
    let page = ItemPage {
        items,
        next_cursor: page.next_cursor,
    };
    Ok(searching::answer(page, behind))
}

async fn record_listed(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    meta: &Meta,
    items: &[CaseView],
) -> Result<()> {
    let ids: Vec<Uuid> = items.iter().map(|item| item.id).collect();
    let actor = Actor::bearer(who, &meta.request_id);
    let entry =
        Entry::audit("case.listed", &actor, app.now()).with(json!({"path": meta.path, "ids": ids}));
    journal::record(conn, &[entry]).await
}

/// Show cases whose deadlines are over or end within three days.
#[utoipa::path(get, path = "/v1/cases/digest", tag = "cases",
    responses((status = 200, description = "At most 200, the first to end first", body = Digest)))]
async fn show_digest(
    caller: Caller<scope::CasesRead>,
    app: web::Data<AppState>,
    meta: Meta,
    _: Query<NoFilters>,
) -> Answer<Json<Digest>> {
    let mut conn = app.db.get().await?;
    let wanted = Wanted {
        deadline_before: Some(app.now() + Duration::days(3)),
        limit: 199,
        sort: Sort::Due,
        ..Wanted::default()
    };
    let visible = Visibility::of(&caller.who);
    let rows = store::page(&mut conn, &visible, &app.reference.get(), &wanted).await?;
    let items = view::of(&mut conn, rows, &visible).await?;
    record_listed(&mut conn, &app, &caller.who, &meta, &items).await?;
    Ok(Json::new(Digest { items }))
}
