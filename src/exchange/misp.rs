//! A MISP feed of the confirmed indicators: one event a month, by the month in which they were
//! confirmed. Same rows as `/v1/feeds/`; what was corrected stays as a deleted attribute.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use chrono::{DateTime, NaiveDate, Utc};
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::stix::{Web, is_confirmed};
use crate::auth::POLICE;
use crate::db::Conn;
use crate::domain::hanoi;
use crate::domain::ids::{NAMESPACE, name_based};
use crate::error::{Error, Result};
use crate::http::conditional::cached;
use crate::http::openapi::RawRequest;
use crate::http::{Answer, Api, Caller, Path, scope};
use crate::indicators::{FeedRow, feed_from};
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![show_misp_file]
}

/// Show a file of the MISP feed.
///
/// `manifest.json` lists the events, `hashes.csv` the MD5 of every value with its event, `{uuid}.json`
/// is an event. In MISP, add a feed of the format "MISP Feed" with the address `/v1/feeds/misp/` and a
/// header `Authorization: Bearer …`.
#[utoipa::path(get, path = "/v1/feeds/misp/{file}", tag = "exchange",
    params(("file" = String, Path, description = "Name of the file", example = "manifest.json")),
    responses((status = 200, description = "The file; `hashes.csv` as CSV",
               content((Object = "application/json"), (String = "text/csv"))),
              (status = 304, description = "Not changed since the ETag in If-None-Match")))]
async fn show_misp_file(
    _: Caller<scope::ExchangeRead>,
    app: web::Data<AppState>,
    file: Path<String>,
    request: RawRequest,
) -> Answer<HttpResponse> {
    const JSON: &str = "application/json";
    let mut conn = app.db.get().await?;
    let events = events(&mut conn, &app).await?;
    let (text, media) = match file.0.as_str() {
        "manifest.json" => {
            let all: Map<String, Value> = events
                .iter()
                .map(|event| (event.id.to_string(), event.head()))
                .collect();
            (Value::Object(all).to_string(), JSON)
        }
        "hashes.csv" => (
            events.iter().map(Event::hashes).collect(),
            "text/csv; charset=utf-8",
        ),
        name => {
            let id = name
                .strip_suffix(".json")
                .and_then(|id| Uuid::try_parse(id).ok());
            let event = events.iter().find(|event| Some(event.id) == id);
            let event = event.ok_or(Error::not_found("feed"))?;
            (event.whole().to_string(), JSON)
        }
    };
    Ok(cached(&request.0, text.into_bytes(), media))
}

/// What was confirmed in one month.
struct Event {
    id: Uuid,
    month: NaiveDate,
    org: Value,
    rows: Vec<FeedRow>,
}

async fn events(conn: &mut Conn, app: &AppState) -> Result<Vec<Event>> {
    const PAGE: i64 = 5_000;
    let reference = app.reference.get();
    let issuer = &app.settings.issuer;
    let name = reference
        .agencies
        .get(POLICE)
        .map_or(issuer.as_str(), |police| &police.name_en);
    let org = json!({"name": name, "uuid": name_based(NAMESPACE, &format!("identity {issuer}"))});
    let mut months: BTreeMap<NaiveDate, Vec<FeedRow>> = BTreeMap::new();
    let mut after = (DateTime::UNIX_EPOCH, Vec::new());
    loop {
        let rows = feed_from(conn, (after.0, &after.1), PAGE).await?;
        let Some(last) = rows.last() else { break };
        // The least key behind the last one.
        after = (last.changed_at, [last.key.as_slice(), &[0]].concat());
        for row in rows {
            months.entry(month(&row)).or_default().push(row);
        }
    }
    let event = |(month, rows): (NaiveDate, Vec<FeedRow>)| Event {
        id: name_based(NAMESPACE, &format!("misp event {issuer} {month}")),
        month,
        org: org.clone(),
        rows,
    };
    Ok(months.into_iter().map(event).collect())
}

fn month(row: &FeedRow) -> NaiveDate {
    use chrono::Datelike;
    let day = hanoi::date(row.confirmed_at.unwrap_or(row.changed_at));
    day.with_day(1).unwrap_or(day)
}

impl Event {
    fn changed_at(&self) -> DateTime<Utc> {
        let newest = self.rows.iter().map(|row| row.changed_at).max();
        newest.unwrap_or_default()
    }

    /// What the manifest and the event both say.
    fn head(&self) -> Value {
        json!({
            "info": format!("Confirmed online fraud, {}", self.month.format("%Y-%m")),
            "date": self.month,
            "timestamp": self.changed_at().timestamp().to_string(),
            "analysis": "2",
            "threat_level_id": "2",
            "Orgc": self.org,
            "Tag": [{"name": "tlp:clear", "colour": "#ffffff"}],
        })
    }

    fn whole(&self) -> Value {
        let mut event = self.head();
        if let Some(event) = event.as_object_mut() {
            let attributes: Vec<Value> = self.rows.iter().map(attribute).collect();
            event.insert("uuid".to_owned(), json!(self.id));
            event.insert("published".to_owned(), json!(true));
            event.insert(
                "publish_timestamp".to_owned(),
                json!(self.changed_at().timestamp().to_string()),
            );
            event.insert("Attribute".to_owned(), json!(attributes));
        }
        json!({"Event": event})
    }

    /// Lines of `hashes.csv`.
    fn hashes(&self) -> String {
        let standing = self.rows.iter().filter(|row| is_confirmed(row));
        let line = |row: &FeedRow| {
            let (_, _, value) = kind(&row.kind, &row.value);
            format!(
                "{},{}\n",
                hex::encode(Md5::digest(value.as_bytes())),
                self.id
            )
        };
        standing.map(line).collect()
    }
}

fn attribute(row: &FeedRow) -> Value {
    let (kind, category, value) = kind(&row.kind, &row.value);
    let confirmed = is_confirmed(row);
    let methods: Vec<&str> = row.methods.iter().flatten().map(String::as_str).collect();
    json!({
        "uuid": name_based(NAMESPACE, &format!("misp attribute {}:{}", row.kind, row.value)),
        "type": kind, "category": category, "value": value,
        "comment": format!("{} {}", row.kind, methods.join(" ")).trim_end(),
        "to_ids": confirmed,
        "deleted": !confirmed,
        "timestamp": row.changed_at.timestamp().to_string(),
    })
}

/// MISP's type, category and value of an indicator.
fn kind(kind: &str, value: &str) -> (&'static str, &'static str, String) {
    const FRAUD: &str = "Financial fraud";
    const NETWORK: &str = "Network activity";
    let behind = || {
        value
            .split_once(':')
            .map_or(value, |(_, rest)| rest)
            .to_owned()
    };
    match kind {
        "url" => match Web::of(value) {
            Web::Host(host) => ("hostname", NETWORK, host.to_owned()),
            Web::Address(address) => ("ip-dst", NETWORK, address.to_string()),
            Web::Page(page) => ("url", NETWORK, format!("https://{page}")),
        },
        "phone" => ("phone-number", FRAUD, value.to_owned()),
        "bank_account" | "payment_qr" => ("bank-account-nr", FRAUD, behind()),
        "crypto_address" if value.starts_with("btc:") => ("btc", FRAUD, behind()),
        "email" => ("email", NETWORK, value.to_owned()),
        _ => ("text", FRAUD, value.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_the_type_that_misp_gives_it() {
        for (own, value, expected) in [
            (
                "url",
                "scam.top/",
                ("hostname", "Network activity", "scam.top"),
            ),
            (
                "url",
                "203.0.113.7/",
                ("ip-dst", "Network activity", "203.0.113.7"),
            ),
            (
                "url",
                "scam.top/a?b=1",
                ("url", "Network activity", "https://scam.top/a?b=1"),
            ),
            (
                "phone",
                "+84912345678",
                ("phone-number", "Financial fraud", "+84912345678"),
            ),
            (
                "bank_account",
                "970436:0011002233445",
                ("bank-account-nr", "Financial fraud", "0011002233445"),
            ),
            (
                "crypto_address",
                "tron:TX",
                ("text", "Financial fraud", "tron:TX"),
            ),
            (
                "messaging_account",
                "zalo:+84912345678",
                ("text", "Financial fraud", "zalo:+84912345678"),
            ),
        ] {
            let (kind, category, made) = kind(own, value);
            assert_eq!((kind, category, made.as_str()), expected);
        }
    }
}
