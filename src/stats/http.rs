//! Endpoints of the figures for officers.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::asked::Asked;
use super::service;
use super::store::Key;
use super::table::{Table, respond};
use super::wire::{
    Breakdown, DeadlineItem, GroupItem, IndicatorItem, ReferralItem, StatsQuery, StatsSummary,
};
use crate::domain::lang::Lang;
use crate::http::openapi::RawRequest;
use crate::http::{Answer, Api, Caller, Meta, Query, scope};
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![
        show_stats_summary,
        list_stats_timeseries,
        list_stats_methods,
        list_stats_units,
        list_stats_desks,
        list_stats_indicators,
        list_stats_deadlines,
        list_stats_referrals
    ]
}

const GROUPS: &[(&str, &str)] = &[
    ("start", "/start"),
    ("code", "/code"),
    ("name", "/name"),
    ("tips", "/tips"),
    ("accepted", "/accepted"),
    ("losses_vnd", "/losses_vnd"),
    ("deadlines_reached", "/deadlines_reached"),
    ("overdue", "/overdue"),
    ("overdue_share", "/overdue_share"),
    ("previous_tips", "/previous/tips"),
    ("previous_accepted", "/previous/accepted"),
    ("previous_losses_vnd", "/previous/losses_vnd"),
    ("previous_overdue_share", "/previous/overdue_share"),
];

fn title(lang: Lang, vi: &str, en: &str) -> String {
    match lang {
        Lang::Vi => vi.to_owned(),
        Lang::En => en.to_owned(),
    }
}

fn items(mut view: Value) -> Vec<Value> {
    match view.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}

/// Show the summary of a period.
///
/// JSON, `text/csv` (one row a figure) or `image/svg+xml` (tips by where they stand) by `Accept`.
#[utoipa::path(get, path = "/v1/stats/summary", tag = "statistics",
    responses((status = 200, description = "The figures", content((StatsSummary = "application/json"), (String = "text/csv"), (String = "image/svg+xml"))),
              (status = 406, description = "Another form was asked for", body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn show_stats_summary(
    caller: Caller<scope::StatsRead>,
    app: web::Data<AppState>,
    meta: Meta,
    query: Query<StatsQuery>,
    request: RawRequest,
) -> Answer<HttpResponse> {
    let asked = Asked::new(&app, &caller.who, &meta, &query.0).await?;
    let view = service::summary(&asked).await?;
    let picture = super::table::wants_picture(&request.0);
    respond(&request.0, meta.lang, asked.period, &view, |view| Table {
        title: title(
            meta.lang,
            "Tin theo trạng thái xử lý",
            "Tips by where they stand",
        ),
        columns: &[
            ("figure", "/figure"),
            ("value", "/value"),
            ("previous_value", "/previous"),
        ],
        rows: if picture {
            statuses(&view)
        } else {
            figures(&view)
        },
        labels: &["/figure"],
        value: "/value",
        over_time: false,
    })
}

fn statuses(view: &Value) -> Vec<Value> {
    let statuses = view
        .pointer("/figures/by_status")
        .and_then(Value::as_object);
    let rows = statuses.into_iter().flatten();
    rows.map(|(name, value)| json!({"figure": name, "value": value}))
        .collect()
}

/// The summary as rows: nested figures by their path.
fn figures(view: &Value) -> Vec<Value> {
    let mut rows = Vec::new();
    let previous = view.pointer("/previous/figures");
    for (name, value) in view
        .get("figures")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let before = previous.and_then(|previous| previous.get(name));
        match value {
            Value::Object(parts) => {
                for (part, value) in parts {
                    let before = before.and_then(|before| before.get(part));
                    rows.push(json!({"figure": format!("{name}.{part}"), "value": value, "previous": before}));
                }
            }
            value => rows.push(json!({"figure": name, "value": value, "previous": before})),
        }
    }
    rows
}

/// List figures over time.
///
/// Every step of the period is listed, even where nothing was received. JSON, `text/csv` or `image/svg+xml` by
/// `Accept`.
#[utoipa::path(get, path = "/v1/stats/timeseries", tag = "statistics",
    responses((status = 200, description = "One row a step", content((Breakdown<GroupItem> = "application/json"), (String = "text/csv"), (String = "image/svg+xml"))),
              (status = 406, description = "Another form was asked for", body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn list_stats_timeseries(
    caller: Caller<scope::StatsRead>,
    app: web::Data<AppState>,
    meta: Meta,
    query: Query<StatsQuery>,
    request: RawRequest,
) -> Answer<HttpResponse> {
    let asked = Asked::new(&app, &caller.who, &meta, &query.0).await?;
    let view = service::series(&asked).await?;
    respond(&request.0, meta.lang, asked.period, &view, |view| Table {
        title: title(
            meta.lang,
            "Tin tiếp nhận theo thời gian",
            "Tips received over time",
        ),
        columns: GROUPS,
        rows: items(view),
        labels: &["/start"],
        value: "/tips",
        over_time: true,
    })
}

macro_rules! groups {
    ($($name:ident $path:literal $key:ident $summary:literal $about:literal $vi:literal / $en:literal;)*) => {$(
        #[doc = $summary]
        ///
        #[doc = $about]
        /// JSON, `text/csv` or `image/svg+xml` by `Accept`.
        #[utoipa::path(get, path = $path, tag = "statistics",
            responses((status = 200, description = "One row a group, the largest first", content((Breakdown<GroupItem> = "application/json"), (String = "text/csv"), (String = "image/svg+xml"))),
                      (status = 406, description = "Another form was asked for", body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
        async fn $name(
            caller: Caller<scope::StatsRead>,
            app: web::Data<AppState>,
            meta: Meta,
            query: Query<StatsQuery>,
            request: RawRequest,
        ) -> Answer<HttpResponse> {
            let asked = Asked::new(&app, &caller.who, &meta, &query.0).await?;
            let view = service::groups(&asked, Key::$key).await?;
            respond(&request.0, meta.lang, asked.period, &view, |view| Table {
                title: title(meta.lang, $vi, $en),
                columns: GROUPS,
                rows: items(view),
                labels: &["/name", "/code"],
                value: "/tips",
                over_time: false,
            })
        }
    )*};
}

groups! {
    list_stats_methods "/v1/stats/methods" Method "List figures by method."
        "The officer's methods count, else the reporter's; a tip with two methods counts in both."
        "Tin theo thủ đoạn" / "Tips by method";
    list_stats_units "/v1/stats/units" Unit "List figures by commune." "Counts by where it happened, as the reporter said."
        "Tin theo xã, phường" / "Tips by commune";
    list_stats_desks "/v1/stats/desks" Desk "List figures by desk." "Counts by the desk that a tip is at now."
        "Tin theo đơn vị xử lý" / "Tips by desk";
}

/// List figures of indicators by kind.
///
/// JSON, `text/csv` or `image/svg+xml` by `Accept`.
#[utoipa::path(get, path = "/v1/stats/indicators", tag = "statistics",
    responses((status = 200, description = "One row a kind", content((Breakdown<IndicatorItem> = "application/json"), (String = "text/csv"), (String = "image/svg+xml"))),
              (status = 406, description = "Another form was asked for", body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn list_stats_indicators(
    caller: Caller<scope::StatsRead>,
    app: web::Data<AppState>,
    meta: Meta,
    query: Query<StatsQuery>,
    request: RawRequest,
) -> Answer<HttpResponse> {
    let asked = Asked::new(&app, &caller.who, &meta, &query.0).await?;
    let view = service::indicators(&asked).await?;
    respond(&request.0, meta.lang, asked.period, &view, |view| Table {
        title: title(
            meta.lang,
            "Dấu vết được báo lần đầu",
            "Indicators first reported",
        ),
        columns: &[
            ("start", "/start"),
            ("kind", "/kind"),
            ("first_reported", "/first_reported"),
            ("confirmed", "/confirmed"),
            ("previous_first_reported", "/previous/first_reported"),
            ("previous_confirmed", "/previous/confirmed"),
        ],
        rows: items(view),
        labels: &["/kind"],
        value: "/first_reported",
        over_time: false,
    })
}

/// List how the deadlines were kept.
///
/// `classify` counts the tips received in the period; the other deadlines count the cases opened in it. JSON, `text/csv` or
/// `image/svg+xml` (what is late or overdue) by `Accept`.
#[utoipa::path(get, path = "/v1/stats/deadlines", tag = "statistics",
    responses((status = 200, description = "One row a deadline", content((Breakdown<DeadlineItem> = "application/json"), (String = "text/csv"), (String = "image/svg+xml"))),
              (status = 406, description = "Another form was asked for", body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn list_stats_deadlines(
    caller: Caller<scope::StatsRead>,
    app: web::Data<AppState>,
    meta: Meta,
    query: Query<StatsQuery>,
    request: RawRequest,
) -> Answer<HttpResponse> {
    let asked = Asked::new(&app, &caller.who, &meta, &query.0).await?;
    let view = service::deadlines(&asked).await?;
    respond(&request.0, meta.lang, asked.period, &view, |view| Table {
        title: title(
            meta.lang,
            "Thời hạn đã quá mà chưa thực hiện",
            "Deadlines past and not met",
        ),
        columns: &[
            ("code", "/code"),
            ("met", "/met"),
            ("late", "/late"),
            ("overdue", "/overdue"),
            ("pending", "/pending"),
            ("overdue_share", "/overdue_share"),
            ("previous_overdue_share", "/previous/overdue_share"),
        ],
        rows: items(view),
        labels: &["/code"],
        value: "/overdue",
        over_time: false,
    })
}

/// List how referrals were answered, by kind.
///
/// Counts those sent in the period; a bearer of another agency sees its own. JSON, `text/csv` or `image/svg+xml` (how
/// many were sent) by `Accept`.
#[utoipa::path(get, path = "/v1/stats/referrals", tag = "statistics",
    responses((status = 200, description = "One row a kind", content((Breakdown<ReferralItem> = "application/json"), (String = "text/csv"), (String = "image/svg+xml"))),
              (status = 406, description = "Another form was asked for", body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn list_stats_referrals(
    caller: Caller<scope::StatsRead>,
    app: web::Data<AppState>,
    meta: Meta,
    query: Query<StatsQuery>,
    request: RawRequest,
) -> Answer<HttpResponse> {
    let asked = Asked::new(&app, &caller.who, &meta, &query.0).await?;
    let view = service::referrals(&asked).await?;
    respond(&request.0, meta.lang, asked.period, &view, |view| Table {
        title: title(meta.lang, "Yêu cầu gửi các cơ quan", "Referrals sent"),
        columns: &[
            ("kind", "/kind"),
            ("sent", "/sent"),
            ("completed", "/completed"),
            ("declined", "/declined"),
            ("recalled", "/recalled"),
            ("overdue", "/overdue"),
            (
                "median_minutes_report_to_completed",
                "/median_minutes_report_to_completed",
            ),
            ("requested_vnd", "/requested_vnd"),
            ("frozen_vnd", "/frozen_vnd"),
            ("previous_sent", "/previous/sent"),
            ("previous_frozen_vnd", "/previous/frozen_vnd"),
        ],
        rows: items(view),
        labels: &["/kind"],
        value: "/sent",
        over_time: false,
    })
}
