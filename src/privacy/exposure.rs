//! Whose data was read by whom: for the notice of a breach within 72 hours (law 91/2025 art. 23).

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::store::exposure::{self as store, ExposureRow, Wanted};
use crate::error::Error;
use crate::http::openapi::RawRequest;
use crate::http::page::Listing;
use crate::http::{Answer, Api, Caller, ItemPage, Meta, Province, csv, scope};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![list_exposure]
}

/// The longest time asked about at once.
const DAYS: i64 = 31;

/// Which reads to list.
#[derive(Debug, Deserialize, IntoParams)]
struct ExposureQuery {
    /// At or after (RFC 3339).
    #[param(example = "2026-11-21T00:00:00Z")]
    #[serde(deserialize_with = "crate::http::moment::required")]
    from: DateTime<Utc>,
    /// Before (RFC 3339); at most 31 days later.
    #[param(example = "2026-11-24T00:00:00Z")]
    #[serde(deserialize_with = "crate::http::moment::required")]
    to: DateTime<Utc>,
    /// `sub` of the reader: the stolen token, the curious insider.
    #[param(example = "analyst-7")]
    actor: Option<String>,
    /// Client that was read with.
    client_id: Option<String>,
    /// Only reads of this tip.
    tip_id: Option<Uuid>,
}

/// What one reader saw of one tip.
#[derive(Debug, Serialize, ToSchema)]
struct Exposure {
    /// The tip whose data was read.
    tip_id: Uuid,
    /// Its number in the register, which stays when the tip is gone.
    #[schema(required, example = "DB-T-2026-000123")]
    number: Option<String>,
    /// Who read it: `sub` of the token.
    #[schema(example = "analyst-7")]
    reader: String,
    /// With which client.
    client_id: String,
    /// By what: types of audit entries. `reporter.revealed` means that the identity was seen.
    #[schema(example = json!(["reporter.revealed", "tip.listed", "tip.read"]))]
    kinds: Vec<String>,
    /// The first time.
    first_at: DateTime<Utc>,
    /// The last time.
    last_at: DateTime<Utc>,
    /// How many times.
    count: i64,
}

impl From<ExposureRow> for Exposure {
    fn from(row: ExposureRow) -> Self {
        Self {
            tip_id: row.tip_id,
            number: row.number,
            reader: row.reader,
            client_id: row.client_id,
            kinds: row.kinds,
            first_at: row.first_at,
            last_at: row.last_at,
            count: row.count,
        }
    }
}

/// The columns of the CSV.
const COLUMNS: [&str; 8] = [
    "tip_id",
    "number",
    "reader",
    "client_id",
    "kinds",
    "first_at",
    "last_at",
    "count",
];

/// List whose data was read by whom, by tip and reader.
///
/// Drawn from the audit, at most seconds behind: tips shown, claimed and listed, rows of the register,
/// cases with their tips, files, notes, messages, submissions, reporters' requests about their data, revealed
/// identities. CSV by
/// `Accept: text/csv`.
#[utoipa::path(get, path = "/v1/privacy/exposure", tag = "privacy",
    responses((status = 200, description = "One page; `text/csv` where it is asked for",
               content((ItemPage<Exposure> = "application/json"), (String = "text/csv")))))]
async fn list_exposure(
    caller: Caller<Province<scope::AuditRead>>,
    app: web::Data<AppState>,
    meta: Meta,
    request: RawRequest,
    listing: Listing<ExposureQuery>,
) -> Answer<HttpResponse> {
    let q = &listing.filters;
    if q.to <= q.from || q.to - q.from > Duration::days(DAYS) {
        let detail = format!("to must be later than from, by at most {DAYS} days.");
        return Err(Error::invalid_parameter("to", "out_of_range", detail).into());
    }
    let mut conn = app.db.get().await?;
    let wanted = Wanted {
        from: q.from,
        to: q.to,
        actor: q.actor.as_deref(),
        client_id: q.client_id.as_deref(),
        tip: q.tip_id,
        after: listing.page.after()?,
        limit: listing.page.limit,
    };
    let rows = store::page(&mut conn, &wanted).await?;
    let page = listing.page.page(rows, |row| {
        (row.tip_id, row.reader.clone(), row.client_id.clone())
    });
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("exposure.read", &actor, app.now()).with(json!({
        "from": q.from, "to": q.to, "actor": q.actor, "client_id": q.client_id, "tip_id": q.tip_id,
    }));
    journal::record(&mut conn, &[entry]).await?;
    Ok(csv::page(&request.0, page.map(Exposure::from), &COLUMNS)?)
}
