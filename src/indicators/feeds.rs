//! Feeds of confirmed indicators for call blockers, DNS servers and browsers. Nothing unconfirmed and
//! nothing official enters one; what was corrected leaves a tombstone in the stream of changes.
//!
//! A whole feed is made once for each position of the journal at which it changed and kept in memory;
//! a request asks one index for that position. Changes are read from it on, whatever the table holds.

use std::sync::Arc;

use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use parking_lot::RwLock;
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

use super::public::month;
use super::store::{self, PublicRow};
use crate::auth::LocalKeys;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::http::conditional::{conditional, tag};
use crate::http::openapi::RawRequest;
use crate::http::params;
use crate::http::{Answer, Api, CallerOrPublic, Path, Query, scope};
use crate::journal;
use crate::state::AppState;

/// The endpoint of the feeds.
pub fn api() -> Api {
    crate::handlers![show_feed]
}

const PAGE: i64 = 5_000;
/// An answer of changes ends after so many.
const MOST: usize = 20_000;

#[derive(Deserialize, IntoParams)]
struct FeedQuery {
    /// For `indicators.ndjson`: only what changed after this position, tombstones included.
    #[param(minimum = 0, example = 0)]
    since: Option<i64>,
}

/// The files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum File {
    Indicators,
    Domains,
    Hosts,
    Phones,
}

impl File {
    const ALL: [Self; 4] = [Self::Indicators, Self::Domains, Self::Hosts, Self::Phones];

    const fn name(self) -> &'static str {
        match self {
            Self::Indicators => "indicators.ndjson",
            Self::Domains => "domains.txt",
            Self::Hosts => "hosts.txt",
            Self::Phones => "phones.csv",
        }
    }

    const fn content_type(self) -> &'static str {
        match self {
            Self::Indicators => "application/x-ndjson",
            Self::Phones => "text/csv; charset=utf-8",
            Self::Domains | Self::Hosts => "text/plain; charset=utf-8",
        }
    }
}

/// Bytes and their tag.
#[derive(Clone)]
struct Tagged {
    bytes: Bytes,
    tag: String,
}

impl Tagged {
    fn of(text: String) -> Self {
        Self {
            tag: tag(&[text.as_bytes()]),
            bytes: text.into(),
        }
    }
}

/// A text and its detached signature.
struct Signed {
    text: Tagged,
    jws: Tagged,
}

impl Signed {
    fn of(text: String, signer: &LocalKeys) -> Result<Self> {
        let jws = signer
            .sign_detached(text.as_bytes(), "tinbao-feed")
            .map_err(|e| Error::internal("signing a feed", e))?;
        Ok(Self {
            text: Tagged::of(text),
            jws: Tagged::of(jws),
        })
    }

    fn part(&self, signature: bool) -> Tagged {
        match signature {
            true => self.jws.clone(),
            false => self.text.clone(),
        }
    }
}

/// The whole feeds as they are at one position.
struct Snapshot {
    position: i64,
    files: Vec<(File, Signed)>,
}

impl Snapshot {
    fn of(position: i64, rows: &[PublicRow], signer: &LocalKeys) -> Result<Self> {
        let made = |file| Ok((file, Signed::of(render(file, rows, false), signer)?));
        Ok(Self {
            position,
            files: File::ALL.into_iter().map(made).collect::<Result<_>>()?,
        })
    }

    fn file(&self, file: File) -> Option<&Signed> {
        let found = self.files.iter().find(|(known, _)| *known == file);
        found.map(|(_, signed)| signed)
    }
}

/// Rendering, hashing and signing a long list: too long for a thread that serves others.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = web::block(work).await;
    done.map_err(|e| Error::internal("making a feed", e))?
}

/// The newest whole feeds of this replica.
#[derive(Clone, Default)]
pub struct Feeds {
    made: Arc<RwLock<Option<Arc<Snapshot>>>>,
    /// One at a time makes them anew.
    making: Arc<tokio::sync::Mutex<()>>,
}

impl Feeds {
    /// The feeds as they are now, made anew only where something changed.
    async fn current(&self, conn: &mut Conn, app: &AppState) -> Result<Arc<Snapshot>> {
        let newest = store::feed_position(conn).await?;
        let kept = || {
            self.made
                .read()
                .clone()
                .filter(|kept| kept.position >= newest)
        };
        if let Some(kept) = kept() {
            return Ok(kept);
        }
        let _making = self.making.lock().await;
        if let Some(kept) = kept() {
            return Ok(kept);
        }
        let rows = changed(conn, 0, usize::MAX).await?;
        let signer = app.signer.clone();
        let made = aside(move || Snapshot::of(position(&rows, 0), &rows, &signer)).await;
        let made = Arc::new(made?);
        *self.made.write() = Some(made.clone());
        Ok(made)
    }
}

/// Show a feed of confirmed indicators.
///
/// Files: `indicators.ndjson` (one JSON object a line: `kind`, `value`, `verdict`, `methods`,
/// `position`; a tombstone has `removed: true`), `domains.txt`, `hosts.txt` (for a hosts file, which blocks exact names: each
/// host also with `www.` before it),
/// `phones.csv`; each also with `.jws` behind it: a detached signature (RFC 7515, appendix F) over the
/// same bytes by a key of `/.well-known/jwks.json`. `Feed-Position` is what to send as `since` next time; after
/// twenty thousand changes an answer ends, and the next `since` goes on.
#[utoipa::path(get, path = "/v1/feeds/{file}", tag = "check",
    params(("file" = String, Path, description = "Name of the feed", example = "indicators.ndjson")),
    responses((status = 200, description = "The feed, or its detached signature", content((String = "text/plain"), (String = "text/csv"), (String = "application/x-ndjson"), (String = "application/jose")),
               headers(("Feed-Position" = i64, description = "What to send as `since` next time"),
                       ("ETag" = String, description = "Version of the feed"))),
              (status = 304, description = "Not changed since the ETag in If-None-Match")))]
async fn show_feed(
    _: CallerOrPublic<scope::CheckRead>,
    app: web::Data<AppState>,
    feeds: web::Data<Feeds>,
    file: Path<String>,
    query: Query<FeedQuery>,
    request: RawRequest,
) -> Answer<HttpResponse> {
    let (name, signed) = match file.0.strip_suffix(".jws") {
        Some(name) => (name, true),
        None => (file.0.as_str(), false),
    };
    let file = File::ALL
        .into_iter()
        .find(|file| file.name() == name)
        .ok_or(Error::not_found("feed"))?;
    let since = params::position("since", query.0.since)?;
    if query.0.since.is_some() && file != File::Indicators {
        let detail = "This feed is always whole; indicators.ndjson has the changes.";
        return Err(Error::invalid_parameter("since", "unknown_field", detail).into());
    }
    let mut conn = app.db.get().await?;
    journal::not_ahead(&mut conn, "since", since).await?;
    let (position, part) = match query.0.since.filter(|_| file == File::Indicators) {
        None => {
            let snapshot = feeds.current(&mut conn, &app).await?;
            let found = snapshot.file(file).ok_or(Error::not_found("feed"))?;
            (snapshot.position, found.part(signed))
        }
        Some(since) => {
            let rows = changed(&mut conn, since, MOST).await?;
            drop(conn);
            let (position, signer) = (position(&rows, since), app.signer.clone());
            let made = aside(move || Signed::of(render(file, &rows, true), &signer)).await?;
            (position, made.part(signed))
        }
    };
    let content_type = match signed {
        true => "application/jose",
        false => file.content_type(),
    };
    let mut answer = conditional(&request.0, &part.tag, content_type, || part.bytes.clone());
    answer.headers_mut().insert(
        actix_web::http::header::HeaderName::from_static("feed-position"),
        actix_web::http::header::HeaderValue::from(position),
    );
    Ok(answer)
}

/// Up to where these rows go.
fn position(rows: &[PublicRow], since: i64) -> i64 {
    rows.last().map_or(since, |row| row.position)
}

/// What changed in the feeds after a position, in that order.
async fn changed(conn: &mut Conn, since: i64, most: usize) -> Result<Vec<PublicRow>> {
    let mut all: Vec<PublicRow> = Vec::new();
    let mut after = (since, store::LAST_KEY.to_vec());
    loop {
        let rows = store::fed_after(conn, after.0, &after.1, PAGE).await?;
        let Some(last) = rows.last() else {
            return Ok(all);
        };
        after = (last.position, last.key.clone());
        all.extend(rows);
        // The rows of one position belong together: whoever goes on from it has them all.
        let whole = all.iter().rposition(|row| row.position < after.0);
        if let (true, Some(whole)) = (all.len() > most, whole) {
            all.truncate(whole + 1);
            return Ok(all);
        }
    }
}

fn confirmed(row: &&PublicRow) -> bool {
    row.verdict.as_deref() == Some("confirmed_scam")
}

fn render(file: File, rows: &[PublicRow], deltas: bool) -> String {
    match file {
        File::Indicators => rows
            .iter()
            .filter(|row| deltas || confirmed(row))
            .map(|row| format!("{}\n", line(row)))
            .collect(),
        File::Phones => {
            let mut phones: Vec<&str> = rows
                .iter()
                .filter(confirmed)
                .filter(|row| row.kind == "phone")
                .map(|row| row.value.as_str())
                .collect();
            phones.sort_unstable();
            std::iter::once("phone,verdict\r\n".to_owned())
                .chain(
                    phones
                        .into_iter()
                        .map(|phone| format!("{phone},confirmed_scam\r\n")),
                )
                .collect()
        }
        File::Hosts => hosts(rows)
            .into_iter()
            .flat_map(|host| std::iter::once(host.to_owned()).chain(www(host)))
            .map(|host| format!("0.0.0.0 {host}\n"))
            .collect(),
        File::Domains => hosts(rows)
            .into_iter()
            .map(|host| format!("{host}\n"))
            .collect(),
    }
}

/// One line of `indicators.ndjson`: what is confirmed, or the tombstone of what was.
fn line(row: &PublicRow) -> serde_json::Value {
    if confirmed(&row) {
        json!({"kind": row.kind, "value": row.value, "verdict": "confirmed_scam",
               "methods": row.methods, "last_reported": row.last_reported.map(month), "position": row.position})
    } else {
        json!({"kind": row.kind, "value": row.value, "removed": true, "position": row.position})
    }
}

/// Hosts that are confirmed as a whole, not for one page or port.
fn hosts(rows: &[PublicRow]) -> Vec<&str> {
    let mut hosts: Vec<&str> = rows
        .iter()
        .filter(confirmed)
        .filter(|row| row.kind == "url")
        .filter_map(|row| row.value.strip_suffix('/'))
        // A name server knows names alone.
        .filter(|host| !host.contains(['/', ':']) && host.parse::<std::net::IpAddr>().is_err())
        .collect();
    hosts.sort_unstable();
    hosts
}

/// The name under which victims opened it as well: the canonical value drops `www.`, and a hosts file blocks exactly
/// the names that it lists.
fn www(host: &str) -> Option<String> {
    let sister = format!("www.{host}");
    (!host.starts_with("www") && sister.len() <= 253).then_some(sister)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// The table as the journal's reader writes it, one row a key.
    #[derive(Default)]
    struct Table(BTreeMap<u8, PublicRow>);

    impl Table {
        fn set(&mut self, key: u8, verdict: Option<&str>, position: i64) {
            let before = self.0.get(&key).is_some_and(|row| row.was_confirmed);
            let row = PublicRow {
                key: vec![key],
                kind: if key.is_multiple_of(2) {
                    "phone"
                } else {
                    "url"
                }
                .to_owned(),
                value: format!("value-{key}/"),
                verdict: verdict.map(str::to_owned),
                reports: 0,
                methods: Vec::new(),
                last_reported: None,
                was_confirmed: before || verdict == Some("confirmed_scam"),
                position,
                changed_at: chrono::DateTime::UNIX_EPOCH,
                expires_at: None,
                confirmed_at: None,
                cleared: verdict.is_none(),
            };
            self.0.insert(key, row);
        }

        /// What the store's query answers.
        fn after(&self, since: i64) -> Vec<PublicRow> {
            let mut rows: Vec<PublicRow> = self
                .0
                .values()
                .filter(|row| row.was_confirmed && row.position > since)
                .cloned()
                .collect();
            rows.sort_by_key(|row| (row.position, row.key.clone()));
            rows
        }
    }

    fn apply(state: &mut BTreeMap<String, Value>, text: &str) {
        for line in text.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let name = format!("{} {}", line["kind"], line["value"]);
            if line["removed"] == true {
                state.remove(&name);
            } else {
                state.insert(name, line);
            }
        }
    }

    const VERDICTS: [Option<&str>; 5] = [
        None,
        Some("confirmed_scam"),
        Some("reported"),
        Some("suspected"),
        Some("official"),
    ];

    proptest! {
        #[test]
        fn a_snapshot_and_every_change_after_it_are_the_state_of_now(
            passes in prop::collection::vec(
                (prop::collection::vec((0_u8..8, 0_usize..5), 1..5), any::<bool>()), 1..40),
            joins in 0_usize..40,
        ) {
            let mut table = Table::default();
            // One starts from nothing, one from the whole feed somewhere on the way.
            let (mut first, mut first_at) = (BTreeMap::new(), 0);
            let mut late: Option<(BTreeMap<String, Value>, i64)> = None;
            for (n, (writes, reads)) in passes.iter().enumerate() {
                let at = i64::try_from(n).unwrap() + 1;
                for (key, verdict) in writes {
                    table.set(*key, VERDICTS[*verdict], at);
                }
                if n == joins {
                    let rows = table.after(0);
                    let mut state = BTreeMap::new();
                    apply(&mut state, &render(File::Indicators, &rows, false));
                    late = Some((state, position(&rows, 0)));
                }
                if *reads || n + 1 == passes.len() {
                    let rows = table.after(first_at);
                    apply(&mut first, &render(File::Indicators, &rows, true));
                    first_at = position(&rows, first_at);
                    if let Some((state, since)) = &mut late {
                        let rows = table.after(*since);
                        apply(state, &render(File::Indicators, &rows, true));
                        *since = position(&rows, *since);
                    }
                }
            }
            let mut whole = BTreeMap::new();
            apply(&mut whole, &render(File::Indicators, &table.after(0), false));
            prop_assert_eq!(&first, &whole);
            if let Some((state, _)) = &late {
                prop_assert_eq!(state, &whole);
            }
            prop_assert!(whole.values().all(|line| line["verdict"] == "confirmed_scam"));
        }
    }
}
