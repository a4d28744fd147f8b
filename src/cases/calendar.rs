//! The calendar of days off, by year: what the clocks count with.

use actix_web::web;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use validator::Validate;

use super::store;
use crate::db::{self, Conn};
use crate::domain::calendar::CalendarYear;
use crate::error::{Error, FieldProblem, Result, valid};
use crate::http::problem::ProblemBody;
use crate::http::{Answer, Api, Body, Caller, IfMatch, Json, Meta, Path, Province, scope};
use crate::journal::{self, Actor, Entry};
use crate::reference;
use crate::state::AppState;
use crate::tips;

/// By then every replica counts with the new lists: they read them once a minute.
const TAKEN_OVER: TimeDelta = TimeDelta::minutes(2);

/// Has all clocks looked at anew once every replica counts with a list that was replaced.
pub async fn clocks_changed(conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
    store::look_again(conn, now + TAKEN_OVER).await?;
    tips::announcing::look_again(conn, now + TAKEN_OVER).await
}

pub fn api() -> Api {
    crate::handlers![show_calendar, replace_calendar]
}

/// Days off of a year, and weekends on which people work.
#[derive(Debug, Serialize, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"year": 2026, "holidays": [{"date": "2026-04-30", "name": "Ngày Giải phóng miền Nam", "confirmed": true}], "working_weekends": []}))]
struct CalendarView {
    /// Year.
    #[validate(range(min = 2000, max = 2200))]
    #[schema(minimum = 2000, maximum = 2200)]
    year: i32,
    /// `{"date", "name", "confirmed"}`: confirmed once the yearly decision is there.
    #[validate(length(max = 60))]
    #[schema(value_type = Vec<Object>)]
    holidays: Vec<Value>,
    /// Saturdays and Sundays that are working days by exchange.
    #[validate(length(max = 60))]
    #[schema(value_type = Vec<chrono::NaiveDate>, max_items = 60)]
    working_weekends: Vec<Value>,
    /// The ETag, which all years share; in a request it says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(read_only)]
    version: Option<i32>,
}

/// Show the calendar of a year.
#[utoipa::path(get, path = "/v1/calendar/{year}", tag = "administration",
    params(("year" = i32, Path, description = "Year", example = 2026)),
    responses((status = 200, description = "The calendar", body = CalendarView,
        headers(("ETag" = String, description = "Version of the calendar")))))]
async fn show_calendar(
    _: Caller<scope::AnyOfficer>,
    app: web::Data<AppState>,
    year: Path<i32>,
) -> Answer<Json<CalendarView>> {
    let mut conn = app.db.get().await?;
    let (document, version) = reference::find_document(&mut conn, "calendar").await?;
    let found = years(&document)
        .into_iter()
        .find(|entry| entry.get("year") == Some(&json!(year.0)))
        .ok_or(Error::not_found("calendar"))?;
    let view: CalendarView =
        serde_json::from_value(found).map_err(|e| Error::internal("reading the calendar", e))?;
    Ok(Json::versioned(view.of(version), version))
}

impl CalendarView {
    fn of(self, version: i32) -> Self {
        Self {
            version: Some(version),
            ..self
        }
    }
}

fn years(document: &Value) -> Vec<Value> {
    document
        .get("years")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

fn has(document: &Value, year: i32) -> bool {
    let year = json!(year);
    years(document)
        .iter()
        .any(|entry| entry.get("year") == Some(&year))
}

/// Replace the calendar of a year.
///
/// The clocks of all cases are recalculated within minutes; a single case shows its new deadlines at once. A year that has
/// no calendar yet needs no `If-Match`.
#[utoipa::path(put, path = "/v1/calendar/{year}", tag = "administration", request_body = CalendarView,
    params(("year" = i32, Path, description = "Year", example = 2026)),
    responses((status = 200, description = "The calendar", body = CalendarView,
        headers(("ETag" = String, description = "Version of the calendar"))),
        (status = 428, description = "The year has a calendar: say by `If-Match` which version is replaced",
         body = ProblemBody, content_type = "application/problem+json")))]
async fn replace_calendar(
    caller: Caller<Province<scope::Admin>>,
    app: web::Data<AppState>,
    meta: Meta,
    year: Path<i32>,
    if_match: Option<IfMatch>,
    body: Body<CalendarView>,
) -> Answer<Json<CalendarView>> {
    let mut wish = body.value;
    wish.version = None;
    if wish.year != year.0 {
        return Err(Error::invalid("/year", "mismatch", "It must be the year of the path.").into());
    }
    let value =
        serde_json::to_value(&wish).map_err(|e| Error::internal("reading a calendar", e))?;
    check(&value)?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let mut conn = app.db.get().await?;
    let (document, _) = reference::find_document(&mut conn, "calendar").await?;
    if if_match.is_none() && has(&document, year.0) {
        return Err(IfMatch::lacking());
    }
    let version = db::transaction(&mut conn, async |conn| {
        let (mut document, version) = reference::lock_document(conn, "calendar").await?;
        let mut all = years(&document);
        let is_there = has(&document, year.0);
        match &if_match {
            Some(if_match) => if_match.check_part(version, is_there)?,
            // Somebody else has just made it.
            None if is_there => return Err(Error::Stale),
            None => {}
        }
        all.retain(|entry| entry.get("year") != Some(&json!(year.0)));
        all.push(value.clone());
        if let Some(map) = document.as_object_mut() {
            map.insert("years".to_owned(), Value::Array(all));
        }
        reference::load_document(conn, "calendar", &document, &caller.who.sub, app.now()).await?;
        let entry =
            Entry::audit("calendar.replaced", &actor, app.now()).with(json!({"year": year.0}));
        journal::record(conn, &[entry]).await?;
        clocks_changed(conn, app.now()).await?;
        Ok(version + 1)
    })
    .await?;
    app.reference.refresh(&mut conn).await?;
    Ok(Json::versioned(wish.of(version), version))
}

fn check(value: &Value) -> Result<()> {
    let year: CalendarYear = serde_path_to_error::deserialize(value).map_err(|why| {
        Error::Invalid(vec![crate::http::json::type_problem(
            why.path(),
            why.inner(),
        )])
    })?;
    let problems: Vec<FieldProblem> = year
        .problems()
        .into_iter()
        .map(|(pointer, detail)| FieldProblem::at(pointer, "invalid_value", detail))
        .collect();
    valid(problems)
}
