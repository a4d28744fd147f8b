//! Feeds of confirmed indicators for call blockers, DNS servers and browsers. Nothing unconfirmed and
//! nothing official enters one; what was corrected leaves a tombstone in the stream of changes.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

use super::check::cached;
use super::store::{self, PublicRow};
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::http::openapi::RawRequest;
use crate::http::{Answer, Api, CallerOrPublic, Path, Query, scope};
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![show_feed]
}

const PAGE: i64 = 5_000;

#[derive(Deserialize, IntoParams)]
struct FeedQuery {
    /// For `indicators.ndjson`: only what changed after this position, tombstones included.
    #[param(minimum = 0, example = 0)]
    since: Option<i64>,
}

/// Show a feed of confirmed indicators.
///
/// Files: `indicators.ndjson` (one JSON object a line: `kind`, `value`, `verdict`, `methods`,
/// `position`; a tombstone has `removed: true`), `domains.txt`, `hosts.txt` (for a hosts file),
/// `phones.csv`; each also with `.jws` behind it: a detached signature (RFC 7515, appendix F) over the
/// same bytes by a key of `/.well-known/jwks.json`. `Feed-Position` is what to send as `since` next time.
#[utoipa::path(get, path = "/v1/feeds/{file}", tag = "check",
    params(("file" = String, Path, description = "Name of the feed", example = "indicators.ndjson")),
    responses((status = 200, description = "The feed", body = String, content_type = "text/plain"),
              (status = 304, description = "Not changed since the ETag in If-None-Match")))]
async fn show_feed(
    _: CallerOrPublic<scope::CheckRead>,
    app: web::Data<AppState>,
    file: Path<String>,
    query: Query<FeedQuery>,
    request: RawRequest,
) -> Answer<HttpResponse> {
    let (name, signed) = match file.0.strip_suffix(".jws") {
        Some(name) => (name, true),
        None => (file.0.as_str(), false),
    };
    let content_type = match name {
        "indicators.ndjson" => "application/x-ndjson",
        "phones.csv" => "text/csv; charset=utf-8",
        "domains.txt" | "hosts.txt" => "text/plain; charset=utf-8",
        _ => return Err(Error::not_found("feed").into()),
    };
    let since = query.0.since.filter(|_| name == "indicators.ndjson");
    let mut conn = app.db.get().await?;
    let rows = changed(&mut conn, since.unwrap_or(0)).await?;
    let position = rows
        .iter()
        .map(|row| row.position)
        .max()
        .or(since)
        .unwrap_or(0);
    let text = render(name, &rows, since.is_some());
    let mut answer = if signed {
        let jws = app
            .signer
            .sign_detached(text.as_bytes(), "tinbao-feed")
            .map_err(|e| Error::internal("signing a feed", e))?;
        HttpResponse::Ok()
            .content_type("application/jose")
            .body(jws)
    } else {
        cached(&request.0, text.into_bytes(), content_type)
    };
    let value = actix_web::http::header::HeaderValue::from(position);
    answer.headers_mut().insert(
        actix_web::http::header::HeaderName::from_static("feed-position"),
        value,
    );
    Ok(answer)
}

async fn changed(conn: &mut Conn, since: i64) -> Result<Vec<PublicRow>> {
    let mut all: Vec<PublicRow> = Vec::new();
    let mut after = (since, store::LAST_KEY.to_vec());
    loop {
        let rows = store::public_after(conn, after.0, &after.1, PAGE).await?;
        let Some(last) = rows.last() else {
            return Ok(all);
        };
        after = (last.position, last.key.clone());
        all.extend(rows.into_iter().filter(|row| row.was_confirmed));
    }
}

fn render(name: &str, rows: &[PublicRow], deltas: bool) -> String {
    let confirmed = |row: &&PublicRow| row.verdict.as_deref() == Some("confirmed_scam");
    let whole_hosts = || {
        let mut hosts: Vec<&str> = rows
            .iter()
            .filter(confirmed)
            .filter(|row| row.kind == "url")
            .filter_map(|row| row.value.strip_suffix('/'))
            .filter(|host| !host.contains(['/', ':']))
            .collect();
        hosts.sort_unstable();
        hosts
    };
    match name {
        "indicators.ndjson" => rows
            .iter()
            .filter(|row| deltas || confirmed(row))
            .map(|row| {
                let line = if confirmed(&row) {
                    json!({"kind": row.kind, "value": row.value, "verdict": "confirmed_scam",
                           "methods": row.methods, "last_reported": row.last_reported, "position": row.position})
                } else {
                    json!({"kind": row.kind, "value": row.value, "removed": true, "position": row.position})
                };
                format!("{line}\n")
            })
            .collect(),
        "phones.csv" => {
            let mut phones: Vec<&str> = rows
                .iter()
                .filter(confirmed)
                .filter(|row| row.kind == "phone")
                .map(|row| row.value.as_str())
                .collect();
            phones.sort_unstable();
            std::iter::once("phone,verdict\r\n".to_owned())
                .chain(phones.into_iter().map(|phone| format!("{phone},confirmed_scam\r\n")))
                .collect()
        }
        "hosts.txt" => whole_hosts().into_iter().map(|host| format!("0.0.0.0 {host}\n")).collect(),
        _ => whole_hosts().into_iter().map(|host| format!("{host}\n")).collect(),
    }
}
