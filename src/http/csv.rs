//! A list, or a page of it, as CSV (UTF-8 with BOM, for spreadsheets), for who asks by `Accept: text/csv`.

use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, Responder, http::header};
use futures_util::{Stream, StreamExt, stream};
use serde::Serialize;
use serde_json::Value;

use super::accept::preferred;
use super::page::ItemPage;
use crate::domain::spreadsheet;
use crate::error::{Error, Result};

/// Whether CSV is asked for rather than JSON.
pub fn is_wanted(request: &HttpRequest) -> bool {
    let accept = request.headers().get(header::ACCEPT);
    let accept = accept.and_then(|v| v.to_str().ok());
    preferred(accept, &["application/json", "text/csv"]) == Some("text/csv")
}

/// The page as JSON, or as CSV with these columns where that is asked for.
pub fn page<T: Serialize>(
    request: &HttpRequest,
    page: ItemPage<T>,
    columns: &[&str],
) -> Result<HttpResponse> {
    if !is_wanted(request) {
        return Ok(page.respond_to(request));
    }
    let mut answer = HttpResponse::Ok();
    if let Some(link) = page.link(request) {
        answer.insert_header((header::LINK, link));
    }
    let mut lines = head(columns)?;
    lines.extend(write(&page.items, columns)?);
    Ok(answer.content_type(CSV).body(lines))
}

/// A whole list as CSV, page after page as fast as the client takes them; a fault ends the answer without
/// its proper end, so that no client takes a part for the whole.
pub fn whole<T, S>(name: &str, columns: &'static [&'static str], pages: S) -> Result<HttpResponse>
where
    T: Serialize + 'static,
    S: Stream<Item = Result<Vec<T>>> + 'static,
{
    let head = head(columns)?;
    let lines = pages.map(|page| write(&page?, columns));
    let lines = stream::iter([Ok(head)]).chain(lines).map(|lines| {
        lines.map(Bytes::from).map_err(|error| {
            tracing::warn!(error = %error.with_causes(), "A list sent as CSV broke off");
            std::io::Error::other("the list broke off")
        })
    });
    Ok(HttpResponse::Ok()
        .content_type(CSV)
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}.csv\""),
        ))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(lines))
}

const CSV: &str = "text/csv; charset=utf-8";

fn failed(error: csv::Error) -> Error {
    Error::internal("writing CSV", error)
}

fn finished(writer: csv::Writer<Vec<u8>>) -> Result<Vec<u8>> {
    let bytes = writer.into_inner();
    bytes.map_err(|e| Error::internal("writing CSV", e.to_string()))
}

fn head(columns: &[&str]) -> Result<Vec<u8>> {
    let mut writer = spreadsheet::writer(spreadsheet::BOM.to_vec());
    writer.write_record(columns).map_err(failed)?;
    finished(writer)
}

fn write<T: Serialize>(items: &[T], columns: &[&str]) -> Result<Vec<u8>> {
    let mut writer = spreadsheet::writer(Vec::new());
    for item in items {
        let value = serde_json::to_value(item).map_err(|e| Error::internal("writing CSV", e))?;
        let cells = columns.iter().map(|name| cell(value.get(name)));
        writer.write_record(cells).map_err(failed)?;
    }
    finished(writer)
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => spreadsheet::cell(text).into_owned(),
        Some(Value::Array(all)) if all.iter().all(Value::is_string) => {
            let words: Vec<&str> = all.iter().filter_map(Value::as_str).collect();
            spreadsheet::cell(&words.join(" ")).into_owned()
        }
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn cells_are_text_and_never_formulas() {
        for (value, written) in [
            (json!(null), ""),
            (json!("=1+1"), "'=1+1"),
            (json!("@x"), "'@x"),
            (json!("Nguyễn, A"), "Nguyễn, A"),
            (json!(-5), "-5"),
            (json!(["tip.read", "notes.read"]), "tip.read notes.read"),
            (json!(["=x"]), "'=x"),
            (json!([{"a": 1}]), "[{\"a\":1}]"),
        ] {
            assert_eq!(cell(Some(&value)), written, "{value}");
        }
        let columns = ["a", "b", "c"];
        let mut csv = head(&columns).unwrap();
        csv.extend(write(&[json!({"a": "x,y", "b": 1})], &columns).unwrap());
        assert_eq!(
            String::from_utf8(csv).unwrap(),
            "\u{feff}a,b,c\r\n\"x,y\",1,\r\n"
        );
    }
}
