//! A page of a list as CSV (UTF-8 with BOM, for spreadsheets), for who asks by `Accept: text/csv`.

use actix_web::{HttpRequest, HttpResponse, Responder, http::header};
use serde::Serialize;
use serde_json::Value;

use super::accept::preferred;
use super::page::ItemPage;
use crate::domain::spreadsheet;
use crate::error::{Error, Result};

/// The page as JSON, or as CSV with these columns where that is asked for.
pub fn page<T: Serialize>(
    request: &HttpRequest,
    page: ItemPage<T>,
    columns: &[&str],
) -> Result<HttpResponse> {
    let accept = request.headers().get(header::ACCEPT);
    let accept = accept.and_then(|v| v.to_str().ok());
    if preferred(accept, &["application/json", "text/csv"]) != Some("text/csv") {
        return Ok(page.respond_to(request));
    }
    let mut answer = HttpResponse::Ok();
    if let Some(link) = page.link(request) {
        answer.insert_header((header::LINK, link));
    }
    Ok(answer
        .content_type("text/csv; charset=utf-8")
        .body(write(&page.items, columns)?))
}

fn write<T: Serialize>(items: &[T], columns: &[&str]) -> Result<Vec<u8>> {
    let failed = |e: csv::Error| Error::internal("writing CSV", e);
    let mut writer = csv::Writer::from_writer(spreadsheet::BOM.to_vec());
    writer.write_record(columns).map_err(failed)?;
    for item in items {
        let value = serde_json::to_value(item).map_err(|e| Error::internal("writing CSV", e))?;
        let cells = columns.iter().map(|name| cell(value.get(name)));
        writer.write_record(cells).map_err(failed)?;
    }
    writer
        .into_inner()
        .map_err(|e| Error::internal("writing CSV", e.to_string()))
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
        let csv = write(&[json!({"a": "x,y", "b": 1})], &["a", "b", "c"]).unwrap();
        assert_eq!(
            String::from_utf8(csv).unwrap(),
            "\u{feff}a,b,c\n\"x,y\",1,\n"
        );
    }
}
