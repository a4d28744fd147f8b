//! One answer in three forms: JSON, CSV for spreadsheets, a chart.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use serde_json::Value;

use super::labels;
use crate::domain::chart::{Chart, Point, svg};
use crate::domain::hanoi;
use crate::domain::lang::Lang;
use crate::domain::period::Period;
use crate::domain::spreadsheet;
use crate::error::{Error, Result};
use crate::http::accept::preferred;
use crate::http::{Answer, Problem};

const JSON: &str = "application/json";
const CSV: &str = "text/csv";
const SVG: &str = "image/svg+xml";

/// The rows of an answer, and what a chart of them shows.
pub struct Table {
    /// What it shows.
    pub title: String,
    /// Names of the columns with the places of their values in a row.
    pub columns: &'static [(&'static str, &'static str)],
    /// The rows.
    pub rows: Vec<Value>,
    /// Places of the label, the first that has one.
    pub labels: &'static [&'static str],
    /// Place of the value.
    pub value: &'static str,
    /// Whether the rows follow one another in time.
    pub over_time: bool,
}

impl Table {
    fn csv(&self) -> Result<Vec<u8>> {
        let failed = |e: csv::Error| Error::internal("writing CSV", e);
        let mut writer = spreadsheet::writer(spreadsheet::BOM.to_vec());
        writer
            .write_record(self.columns.iter().map(|(name, _)| name))
            .map_err(failed)?;
        for row in &self.rows {
            let cells = self
                .columns
                .iter()
                .map(|(_, place)| match row.pointer(place) {
                    None | Some(Value::Null) => String::new(),
                    Some(Value::String(text)) => spreadsheet::cell(text).into_owned(),
                    Some(other) => other.to_string(),
                });
            writer.write_record(cells).map_err(failed)?;
        }
        writer
            .into_inner()
            .map_err(|e| Error::internal("writing CSV", e.to_string()))
    }

    fn chart(&self, period: Period, lang: Lang) -> String {
        let unknown = match lang {
            Lang::Vi => "không rõ",
            Lang::En => "unknown",
        };
        let points: Vec<Point> = self
            .rows
            .iter()
            .map(|row| Point {
                label: self
                    .labels
                    .iter()
                    .find_map(|place| row.pointer(place).and_then(Value::as_str))
                    .map_or(unknown, |code| labels::name(code, lang))
                    .to_owned(),
                value: row.pointer(self.value).and_then(Value::as_i64).unwrap_or(0),
            })
            .collect();
        let last = hanoi::date(period.to - chrono::TimeDelta::microseconds(1));
        let axis = match lang {
            Lang::Vi => format!(
                "Số lượng, từ {} đến {}",
                shown(hanoi::date(period.from)),
                shown(last)
            ),
            Lang::En => format!("Number, from {} to {last}", hanoi::date(period.from)),
        };
        svg(&Chart {
            title: &self.title,
            axis: &axis,
            points: &points,
            over_time: self.over_time,
        })
    }
}

fn wanted(request: &HttpRequest) -> Option<&'static str> {
    let accept = request.headers().get(header::ACCEPT);
    preferred(
        accept.and_then(|value| value.to_str().ok()),
        &[JSON, CSV, SVG],
    )
}

/// Whether a chart is wanted.
pub fn wants_picture(request: &HttpRequest) -> bool {
    wanted(request) == Some(SVG)
}

fn shown(day: chrono::NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}

/// Answers in the form that the client wants.
pub fn respond<T: Serialize>(
    request: &HttpRequest,
    lang: Lang,
    period: Period,
    view: &T,
    table: impl FnOnce(Value) -> Table,
) -> Answer<HttpResponse> {
    let Some(wanted) = wanted(request) else {
        let detail = "Figures come as application/json, text/csv or image/svg+xml.";
        return Err(Problem::new("not_acceptable", detail));
    };
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::VARY, "Accept, Accept-Language"));
    answer.insert_header((header::CACHE_CONTROL, "no-store"));
    if wanted == JSON {
        return Ok(answer.json(view));
    }
    let value = serde_json::to_value(view).map_err(|e| Error::internal("writing figures", e))?;
    let table = table(value);
    if wanted == CSV {
        return Ok(answer
            .content_type("text/csv; charset=utf-8")
            .body(table.csv()?));
    }
    // A picture that somebody opens by itself must run nothing.
    answer.insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'"));
    Ok(answer.content_type(SVG).body(table.chart(period, lang)))
}
