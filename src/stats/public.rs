//! What the public is told: tips of each month by method and commune, small counts suppressed.
//!
//! A month that is over is counted once and stays as it is: nothing follows from a difference between
//! two days. The month that runs goes in steps of five.

use std::collections::BTreeMap;

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::store::public::{self as store, MonthRow};
use super::store::{GroupRow, Key, Scope, grouped};
use crate::db::Conn;
use crate::domain::hanoi;
use crate::domain::lang::Lang;
use crate::domain::period::{Period, Step};
use crate::domain::suppression;
use crate::error::{Error, Result};
use crate::http::{Answer, Anyone, Api, Meta, Query};
use crate::reference::Reference;
use crate::state::AppState;
use crate::tips::Visibility;

pub fn api() -> Api {
    crate::handlers![show_public_stats]
}

/// Months shown at most.
const MOST_MONTHS: i64 = 36;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PublicQuery {
    /// How many of the newest months.
    #[param(minimum = 1, maximum = 36, example = 12)]
    months: Option<i64>,
}

/// Figures for the public, the newest month first.
#[derive(Serialize, ToSchema)]
struct PublicFigures {
    /// The months.
    items: Vec<PublicMonth>,
}

/// A month.
#[derive(Serialize, ToSchema)]
struct PublicMonth {
    /// The month in Asia/Ho_Chi_Minh.
    #[schema(example = "2026-10")]
    month: String,
    /// The month still runs: its counts go in steps of five and rise.
    provisional: bool,
    /// Tips received; null where that is suppressed.
    #[schema(required, example = 128)]
    tips: Option<i64>,
    /// Whether the count is suppressed.
    suppressed: bool,
    /// By method.
    methods: Vec<PublicCount>,
    /// By commune.
    units: Vec<PublicCount>,
}

/// Tips of a group.
#[derive(Serialize, ToSchema)]
struct PublicCount {
    /// Code; null where it is not known.
    #[schema(required, example = "impersonate_police_court")]
    code: Option<String>,
    /// Name in the language asked for.
    #[schema(required, example = "Giả danh công an, viện kiểm sát, toà án")]
    name: Option<String>,
    /// Tips; null where that is suppressed.
    #[schema(required, example = 40)]
    tips: Option<i64>,
    /// Whether the count is suppressed: it is under five, or it would give away one that is.
    suppressed: bool,
}

/// A month as it is kept.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    tips: Option<i64>,
    methods: Vec<Cell>,
    units: Vec<Cell>,
}

/// A count as it is kept.
#[derive(Serialize, Deserialize)]
struct Cell {
    code: Option<String>,
    tips: Option<i64>,
}

/// Show figures for the public.
///
/// Counts under five are suppressed, and as many more as needed so that none follows from a total.
#[utoipa::path(get, path = "/v1/public/stats", tag = "statistics",
    responses((status = 200, description = "Tips by month, method and commune", body = PublicFigures,
        headers(("Cache-Control" = String, description = "May be kept for five minutes")))))]
async fn show_public_stats(
    _: Anyone,
    app: web::Data<AppState>,
    meta: Meta,
    query: Query<PublicQuery>,
) -> Answer<HttpResponse> {
    let months = query.0.months.unwrap_or(12);
    if !(1..=MOST_MONTHS).contains(&months) {
        let detail = format!("months must be between 1 and {MOST_MONTHS}.");
        return Err(Error::invalid_parameter("months", "out_of_range", detail).into());
    }
    let mut conn = app.db.get().await?;
    let rows = store::newest(&mut conn, months).await?;
    let reference = app.reference.get();
    let items = rows
        .into_iter()
        .map(|row| shown(row, &reference, meta.lang))
        .collect::<Result<_>>()?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .insert_header((header::VARY, "Accept-Language"))
        .json(PublicFigures { items }))
}

fn shown(row: MonthRow, reference: &Reference, lang: Lang) -> Result<PublicMonth> {
    let kept: Kept = serde_json::from_value(row.figures)
        .map_err(|e| Error::internal("reading public figures", e))?;
    let counts = |cells: Vec<Cell>, name: &dyn Fn(&str) -> Option<String>| {
        let count = |cell: Cell| PublicCount {
            name: cell.code.as_deref().and_then(name),
            code: cell.code,
            suppressed: cell.tips.is_none(),
            tips: cell.tips,
        };
        cells.into_iter().map(count).collect()
    };
    Ok(PublicMonth {
        month: row.month.format("%Y-%m").to_string(),
        provisional: !row.settled,
        tips: kept.tips,
        suppressed: kept.tips.is_none(),
        methods: counts(kept.methods, &|code| {
            let method = reference.methods.get(code)?;
            Some(method.label(lang).to_owned())
        }),
        units: counts(kept.units, &|code| {
            Some(reference.units.get(code)?.full_name.clone())
        }),
    })
}

/// Counts the months that are not settled yet; returns how many.
pub async fn publish(conn: &mut Conn, app: &AppState) -> Result<usize> {
    let now = app.now();
    let running = Step::Month.start(hanoi::date(now));
    let months = store::unpublished(conn, running).await?;
    for month in &months {
        let scope = Scope {
            visible: &Visibility::all(),
            period: Period::month_of(*month),
            now,
        };
        let methods = grouped(conn, &scope, Key::MainMethod, None).await?;
        let units = grouped(conn, &scope, Key::Unit, None).await?;
        let settled = *month < running;
        let reference = app.reference.get();
        let figures = kept(
            every(methods, reference.methods.keys()),
            every(units, reference.units.keys()),
            settled,
        );
        let figures = serde_json::to_value(figures)
            .map_err(|e| Error::internal("writing public figures", e))?;
        let row = MonthRow {
            month: *month,
            figures,
            settled,
            made_at: now,
        };
        store::save(conn, &row).await?;
    }
    Ok(months.len())
}

/// The counts of all groups that there are, also of those without a tip.
fn every<'a>(
    rows: Vec<GroupRow>,
    known: impl Iterator<Item = &'a String>,
) -> BTreeMap<Option<String>, i64> {
    let mut counts: BTreeMap<_, _> = known.map(|code| (Some(code.clone()), 0)).collect();
    counts.extend(rows.into_iter().map(|row| (row.code, row.tips)));
    counts
}

fn kept(
    methods: BTreeMap<Option<String>, i64>,
    units: BTreeMap<Option<String>, i64>,
    settled: bool,
) -> Kept {
    let total: i64 = units.values().sum();
    let told = |count: i64| {
        if settled {
            count
        } else {
            suppression::coarse(count)
        }
    };
    let presentable = suppression::presentable(total);
    let cells = |counts: BTreeMap<Option<String>, i64>| {
        let (codes, counts): (Vec<_>, Vec<i64>) = counts.into_iter().unzip();
        let shown = suppression::shown(&counts);
        let cell = |((code, count), shown): ((_, i64), bool)| Cell {
            code,
            tips: (shown && presentable).then(|| told(count)),
        };
        let mut cells: Vec<Cell> = codes.into_iter().zip(counts).zip(shown).map(cell).collect();
        // The order by size must not tell which of the suppressed counts is the larger.
        cells.sort_by(|a, b| b.tips.cmp(&a.tips).then_with(|| a.code.cmp(&b.code)));
        cells
    };
    Kept {
        tips: presentable.then(|| told(total)),
        methods: cells(methods),
        units: cells(units),
    }
}
