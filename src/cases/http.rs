//! Endpoints of cases.

use actix_web::{CustomizeResponder, HttpResponse, web};
use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use uuid::Uuid;

use super::store::{self, After, CaseRow, NoteRow, Sort, Wanted};
use super::wire::{CaseView, CreateCase, Digest, NoteView, UpdateCase, WriteNote};
use super::{NewCase, clock, members, view};
use crate::auth::{Principal, Scope};
use crate::db::{self, Conn};
use crate::domain::case_flow::{CaseState, Move};
use crate::error::{Error, FieldProblem, Result};
use crate::http::page::{Listing, NoFilters};
use crate::http::{
    Answer, Api, Body, Caller, IdempotencyKey, IfMatch, ItemPage, Json, Meta, Path, Problem,
    respond::replayable, scope,
};
use crate::idempotency::{self, Claim};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;
use crate::tips::list::{self, TipFilters};
use crate::tips::wire::TimelineItem;
use crate::tips::{self, Visibility, searching};

pub fn api() -> Api {
    crate::handlers![
        create_case,
        list_cases,
        show_digest,
        show_case,
        update_case,
        create_case_note,
        list_case_timeline
    ]
}

fn check_methods(app: &AppState, methods: Option<&Vec<String>>) -> Result<()> {
    let reference = app.reference.get();
    let problems: Vec<FieldProblem> = methods
        .into_iter()
        .flatten()
        .enumerate()
        .filter(|(_, code)| !reference.methods.contains_key(*code))
        .map(|(i, _)| {
            FieldProblem::at(
                format!("/methods/{i}"),
                "unknown_value",
                "There is no such method.",
            )
        })
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(problems))
    }
}

/// 422 for a desk that does not exist.
fn check_desk(app: &AppState, desk: Option<&String>) -> Result<()> {
    match desk {
        Some(desk) if !app.reference.get().knows_desk(desk) => Err(Error::invalid(
            "/desk",
            "unknown_value",
            "There is no such desk.",
        )),
        _ => Ok(()),
    }
}

/// Open a case.
#[utoipa::path(post, path = "/v1/cases", tag = "cases", request_body = CreateCase,
    responses((status = 201, description = "The case, in state `accepted`", body = CaseView,
        headers(("Location" = String, description = "The case"), ("ETag" = String, description = "Its version")))))]
async fn create_case(
    caller: Caller<scope::CasesWrite>,
    app: web::Data<AppState>,
    meta: Meta,
    key: IdempotencyKey,
    body: Body<CreateCase>,
) -> Answer<HttpResponse> {
    let wish = &body.value;
    check_methods(&app, wish.methods.as_ref())?;
    check_desk(&app, wish.desk.as_ref())?;
    let claim = Claim::of(&caller.who, &key, &meta, &body.raw);
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let visible = Visibility::of(&caller.who);
    let mut conn = app.db.get().await?;
    let outcome = idempotency::once(
        &mut conn,
        &app.keys.answers,
        claim,
        app.now(),
        async |conn| {
            let ids = wish.tip_ids.clone().unwrap_or_default();
            let first =
                match ids.first() {
                    Some(id) => Some(tips::find_state(conn, *id, &visible).await.map_err(
                        |error| match error {
                            Error::NotFound { .. } => {
                                Error::invalid("/tip_ids/0", "not_found", "There is no such tip.")
                            }
                            other => other,
                        },
                    )?),
                    None => None,
                };
            let desk = wish
                .desk
                .clone()
                .or_else(|| first.as_ref().map(|tip| tip.desk.clone()))
                .or_else(|| visible.desk().map(str::to_owned))
                .unwrap_or_else(|| crate::domain::routing::DUTY_DESK.to_owned());
            let new = NewCase {
                title: wish.title.clone(),
                summary: wish.summary.clone(),
                desk,
                received_at: first.map_or_else(|| app.now(), |tip| tip.received_at),
                methods: wish.methods.clone().unwrap_or_default(),
            };
            let (id, _) = super::open(conn, &app, &actor, new).await?;
            let mut case = store::lock_case(conn, id, &Visibility::all()).await?;
            if !ids.is_empty() {
                members::add(conn, &app, &actor, &visible, &mut case, &ids).await?;
                store::save(conn, &case, app.now()).await?;
                clock::refresh(conn, &app, id).await?;
            }
            let view = fresh(conn, id, &visible).await?;
            let version = view.version;
            Ok(idempotency::Answer::json(201, &view)?
                .at(format!("/v1/cases/{id}"))
                .versioned(version))
        },
    )
    .await?;
    Ok(replayable(outcome.answer.into(), outcome.replayed))
}

/// The view of a case as it is now.
pub(super) async fn fresh(conn: &mut Conn, id: Uuid, visible: &Visibility) -> Result<CaseView> {
    let row = store::find_case(conn, id, &Visibility::all()).await?;
    view::one(conn, row, visible).await
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
    /// Words of its title or summary, or of the text of one of its tips, as in the queue.
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

/// Show a case.
#[utoipa::path(get, path = "/v1/cases/{id}", tag = "cases",
    params(("id" = Uuid, Path, description = "Case id")),
    responses((status = 200, description = "The case", body = CaseView,
        headers(("ETag" = String, description = "Its version")))))]
async fn show_case(
    caller: Caller<scope::CasesRead>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<Json<CaseView>> {
    let mut conn = app.db.get().await?;
    let visible = Visibility::of(&caller.who);
    let row = store::find_case(&mut conn, id.0, &visible).await?;
    let view = view::one(&mut conn, row, &visible).await?;
    record_read(&mut conn, &app, &caller.who, &meta, id.0).await?;
    let version = view.version;
    Ok(Json::versioned(view, version))
}

pub(super) async fn record_read(
    conn: &mut Conn,
    app: &AppState,
    who: &Principal,
    meta: &Meta,
    id: Uuid,
) -> Result<()> {
    let actor = Actor::bearer(who, &meta.request_id);
    let entry = Entry::audit("case.read", &actor, app.now())
        .on("case", id)
        .with(json!({"path": meta.path}));
    journal::record(conn, &[entry]).await
}

/// Locks a case, does the work, answers the case as it is then.
pub(super) async fn change(
    app: &AppState,
    who: &Principal,
    id: Uuid,
    work: impl AsyncFnOnce(&mut Conn, &mut CaseRow) -> Result<()>,
) -> Answer<Json<CaseView>> {
    let visible = Visibility::of(who);
    let mut conn = app.db.get().await?;
    let view = db::transaction(&mut conn, async |conn| {
        let mut case = store::lock_open_case(conn, id, &visible).await?;
        work(conn, &mut case).await?;
        fresh(conn, id, &visible).await
    })
    .await?;
    let version = view.version;
    Ok(Json::versioned(view, version))
}

/// Change a case.
#[utoipa::path(patch, path = "/v1/cases/{id}", tag = "cases", request_body = UpdateCase,
    params(("id" = Uuid, Path, description = "Case id")),
    responses((status = 200, description = "The case", body = CaseView,
        headers(("ETag" = String, description = "Its version")))))]
async fn update_case(
    caller: Caller<scope::CasesWrite>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Body<UpdateCase>,
) -> Answer<Json<CaseView>> {
    let wish = body.value;
    check_methods(&app, wish.methods.as_ref())?;
    check_desk(&app, wish.desk.as_ref())?;
    let own = caller.who.desk.as_ref();
    let leaves = own.is_some_and(|own| wish.desk.as_ref().is_some_and(|desk| desk != own));
    if leaves && !caller.who.may(Scope::CasesDecide) {
        // Out of the caller's own sight: that is for who decides on cases.
        return Err(Problem::insufficient_scope(&[Scope::CasesDecide]));
    }
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    change(&app, &caller.who, id.0, async |conn, case| {
        if_match.check(case.version)?;
        let mut changed = Vec::new();
        let mut set = |name: &'static str, there: bool| {
            if there {
                changed.push(name);
            }
        };
        set("title", wish.title.is_some());
        set("summary", wish.summary.is_some());
        set("assignee", wish.assignee.is_some());
        set("desk", wish.desk.is_some());
        set("methods", wish.methods.is_some());
        case.title = wish.title.unwrap_or_else(|| case.title.clone());
        case.summary = wish.summary.or_else(|| case.summary.clone());
        case.assignee = wish.assignee.or_else(|| case.assignee.clone());
        case.desk = wish.desk.unwrap_or_else(|| case.desk.clone());
        if let Some(methods) = wish.methods {
            case.methods = methods.into_iter().map(Some).collect();
        }
        case.version += 1;
        store::save(conn, case, app.now()).await?;
        let entry = Entry::event("case.moved", &actor, app.now())
            .on("case", case.id)
            .with(json!({"change": "edited", "fields": changed}));
        journal::record(conn, &[entry]).await
    })
    .await
}

/// Write a note on a case.
#[utoipa::path(post, path = "/v1/cases/{id}/notes", tag = "cases", request_body = WriteNote,
    params(("id" = Uuid, Path, description = "Case id")),
    responses((status = 201, description = "The note", body = NoteView)))]
async fn create_case_note(
    caller: Caller<scope::CasesWrite>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    key: IdempotencyKey,
    body: Body<WriteNote>,
) -> Answer<HttpResponse> {
    let claim = Claim::of(&caller.who, &key, &meta, &body.raw);
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let visible = Visibility::of(&caller.who);
    let mut conn = app.db.get().await?;
    let outcome = idempotency::once(
        &mut conn,
        &app.keys.answers,
        claim,
        app.now(),
        async |conn| {
            let case = store::find_case(conn, id.0, &visible).await?;
            let row = NoteRow {
                id: Uuid::now_v7(),
                case_id: case.id,
                author: caller.who.sub.clone(),
                text: body.value.text.clone(),
                created_at: app.now(),
            };
            store::insert_note(conn, &row).await?;
            let entry = Entry::audit("case.noted", &actor, app.now()).on("case", case.id);
            journal::record(conn, &[entry]).await?;
            let view = NoteView {
                id: row.id,
                author: row.author,
                text: row.text,
                created_at: row.created_at,
            };
            idempotency::Answer::json(201, &view)
        },
    )
    .await?;
    Ok(replayable(outcome.answer.into(), outcome.replayed))
}

/// List what happened to a case and its tips, newest first.
#[utoipa::path(get, path = "/v1/cases/{id}/timeline", tag = "cases",
    params(("id" = Uuid, Path, description = "Case id")),
    responses((status = 200, description = "One page", body = ItemPage<TimelineItem>)))]
async fn list_case_timeline(
    caller: Caller<scope::CasesRead>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    listing: Listing<NoFilters>,
) -> Answer<ItemPage<TimelineItem>> {
    let mut conn = app.db.get().await?;
    let visible = Visibility::of(&caller.who);
    let case = store::find_case(&mut conn, id.0, &visible).await?;
    let before = listing.page.after::<i64>()?;
    let rows = store::timeline(&mut conn, case.id, before, listing.page.limit + 1).await?;
    record_read(&mut conn, &app, &caller.who, &meta, id.0).await?;
    let mut page = listing.page.page(rows, |row| row.position);
    let of_tips = page.items.iter().filter(|row| row.subject_kind == "tip");
    let ids: Vec<Uuid> = of_tips.filter_map(|row| row.subject_id).collect();
    let seen = view::known(&mut conn, &visible, &ids).await?;
    page.items.retain(|row| {
        row.subject_kind != "tip" || row.subject_id.is_some_and(|id| seen.contains(&id))
    });
    Ok(page.map(TimelineItem::from))
}
