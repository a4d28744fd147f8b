//! Endpoints of cases.

use actix_web::{HttpResponse, web};
use serde_json::json;
use uuid::Uuid;

use super::store::{self, CaseRow, NoteRow};
use super::wire::{CaseView, CreateCase, NoteView, UpdateCase, WriteNote};
use super::{NewCase, clock, members, view};
use crate::auth::{Principal, Scope};
use crate::db::{self, Conn};
use crate::domain::masking::mask_note;
use crate::error::{Error, FieldProblem, Result, valid};
use crate::http::page::{Listing, NoFilters};
use crate::http::problem::ProblemBody;
use crate::http::{
    Answer, Api, Body, Caller, IdempotencyKey, IfMatch, ItemPage, Json, Meta, Path, Police,
    Problem, scope,
};
use crate::idempotency::{self, Claim};
use crate::journal::{self, Actor, Entry, Head};
use crate::state::AppState;
use crate::tips::wire::TimelineItem;
use crate::tips::{self, Visibility};

pub fn api() -> Api {
    crate::handlers![
        create_case,
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
    valid(problems)
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
    caller: Caller<Police<scope::CasesWrite>>,
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
    idempotency::respond(&app, claim, async |conn| {
        let ids = wish.tip_ids.clone().unwrap_or_default();
        let first = match ids.first() {
            Some(id) => Some(
                tips::find_state(conn, *id, &visible)
                    .await
                    .map_err(|error| match error {
                        Error::NotFound { .. } => {
                            Error::invalid("/tip_ids/0", "not_found", "There is no such tip.")
                        }
                        other => other,
                    })?,
            ),
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
            received_at: first.map_or_else(|| app.now(), |tip| tip.clock_start()),
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
    })
    .await
}

/// The view of a case as it is now.
pub(super) async fn fresh(conn: &mut Conn, id: Uuid, visible: &Visibility) -> Result<CaseView> {
    let row = store::find_case(conn, id, &Visibility::all()).await?;
    view::one(conn, row, visible).await
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
        headers(("ETag" = String, description = "Its version"))),
              (status = 409, description = "Another case took it over, or its texts are deleted (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
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
        if changed.is_empty() {
            return Ok(());
        }
        case.title = wish.title.unwrap_or_else(|| case.title.clone());
        case.summary = wish.summary.unwrap_or_else(|| case.summary.clone());
        case.assignee = wish.assignee.unwrap_or_else(|| case.assignee.clone());
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
///
/// One-time codes, passwords, card numbers and codes, and receipts in it are masked and stored nowhere.
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
    idempotency::respond(&app, claim, async |conn| {
        let case = store::find_case(conn, id.0, &visible).await?;
        let row = NoteRow {
            id: app.new_id(),
            case_id: case.id,
            author: caller.who.sub.clone(),
            text: mask_note(&body.value.text),
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
    })
    .await
}

/// List what happened to a case and its tips, newest first.
#[utoipa::path(get, path = "/v1/cases/{id}/timeline", tag = "cases",
    params(("id" = Uuid, Path, description = "Case id")),
    responses((status = 200, description = "One page", body = ItemPage<TimelineItem>)))]
async fn list_case_timeline(
    caller: Caller<scope::CasesRead>,
    app: web::Data<AppState>,
    head: web::Data<Head>,
    meta: Meta,
    id: Path<Uuid>,
    listing: Listing<NoFilters>,
) -> Answer<ItemPage<TimelineItem>> {
    let before = listing.page.after::<i64>()?;
    if before.is_none() {
        journal::settled(&app.db, &head, async |conn, made| {
            store::is_pending(conn, id.0, made).await
        })
        .await?;
    }
    let mut conn = app.db.get().await?;
    let visible = Visibility::of(&caller.who);
    let case = store::find_case(&mut conn, id.0, &visible).await?;
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
