//! The public face of an indicator: what is told of it, and what is shielded from being told.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Utc};
use serde_json::json;

use super::check::bucket;
use super::figures::{Figures, THRESHOLD};
use super::store::{self, FigureRow, IndicatorRow, OF_ONE_CHANGE, PublicRow, VerdictRow};
use super::verdicts;
use crate::db::Conn;
use crate::domain::indicator::{self, Kind, is_everybodys_site};
use crate::error::Result;
use crate::journal::{self, Actor, Entry};
use crate::reference::Reference;
use crate::state::AppState;

/// The key of an indicator and the keys of all that may stand on it, which its verdict decides on too.
pub fn with_what_stands_on_it(row: &IndicatorRow, reference: &Reference) -> Vec<Vec<u8>> {
    let wallets = reference.catalog.wallets().map(|w| w.code.as_str());
    let above = Kind::from_code(&row.kind)
        .map(|kind| indicator::standing_on(kind, &row.value, wallets))
        .unwrap_or_default();
    std::iter::once(row.key.clone())
        .chain(
            above
                .iter()
                .map(|(kind, value)| indicator::key(*kind, value).to_vec()),
        )
        .collect()
}

/// Brings the public rows of these indicators up to date.
pub async fn publish(
    conn: &mut Conn,
    keys: &BTreeSet<Vec<u8>>,
    figures: &Figures,
    position: i64,
    reference: &Reference,
    now: DateTime<Utc>,
) -> Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    let list: Vec<Vec<u8>> = keys.iter().cloned().collect();
    let by = |rows: Vec<VerdictRow>| -> BTreeMap<Vec<u8>, VerdictRow> {
        rows.into_iter().map(|row| (row.key.clone(), row)).collect()
    };
    let given = by(store::current_verdicts(conn, &list).await?);
    let published: BTreeMap<_, _> = store::public_rows(conn, &list)
        .await?
        .into_iter()
        .map(|r| (r.key.clone(), r))
        .collect();
    let candidates: Vec<Vec<u8>> = list
        .into_iter()
        .filter(|key| {
            given.contains_key(key)
                || published.contains_key(key)
                || figures.get(key).is_some_and(|f| f.independent >= THRESHOLD)
        })
        .collect();
    if candidates.is_empty() {
        return Ok(());
    }
    let mut changed_at = store::next_change(conn, now).await?;
    let rows = store::rows_by_key(conn, &candidates).await?;
    let below: Vec<Vec<u8>> = rows
        .iter()
        .filter_map(|row| verdicts::key_below(&row.kind, &row.value))
        .map(|key| key.to_vec())
        .collect();
    let below = match below.is_empty() {
        true => BTreeMap::new(),
        false => by(store::current_verdicts(conn, &below).await?),
    };
    for row in rows {
        let before = published.get(&row.key);
        let figure = figures.get(&row.key);
        let given = given.get(&row.key);
        // What became official after it was accused leaves the lists.
        let under =
            verdicts::key_below(&row.kind, &row.value).and_then(|key| below.get(key.as_slice()));
        let entries = given.into_iter().chain(under);
        let official = verdicts::is_official(&row, entries, reference, now);
        let shielded = official || is_everybodys_site(&row.value);
        let verdict = public_verdict(given, figure, now).filter(|v| !shielded || *v == "official");
        let confirmed = verdict == Some("confirmed_scam");
        let next = PublicRow {
            was_confirmed: confirmed || before.is_some_and(|b| b.was_confirmed),
            // As the public is told it, so that a row moves only when that does: a feed must not tell of a single report.
            reports: verdict.and(figure).map_or(0, |f| bucket(f.independent).1),
            // Nothing more is said of what nobody has confirmed.
            methods: figure
                .filter(|_| confirmed)
                .map(|f| f.methods.clone())
                .unwrap_or_default(),
            last_reported: figure
                .filter(|_| confirmed)
                .map(|f| crate::domain::hanoi::date(f.last_reported))
                .and_then(|day| day.with_day(1)),
            verdict: verdict.map(str::to_owned),
            position: before.map_or(0, |b| b.position),
            changed_at: before.map_or(changed_at, |b| b.changed_at),
            confirmed_at: before
                .and_then(|b| b.confirmed_at)
                .or(confirmed.then_some(changed_at)),
            expires_at: given.filter(|_| confirmed).and_then(|v| v.expires_at),
            // A row of its own, so that what it stands on does not warn of it.
            cleared: verdict.is_none() && given.is_some_and(|v| is_cleared(v, now)),
            key: row.key,
            kind: row.kind,
            value: row.value,
        };
        let says = next.verdict.is_some() || next.cleared;
        if before != Some(&next) && (before.is_some() || says) {
            let row = PublicRow {
                position,
                changed_at,
                ..next
            };
            store::save_public(conn, &row).await?;
            // No two changes have the same time: a reader by time goes on behind the one that he saw last.
            changed_at += OF_ONE_CHANGE;
        }
    }
    Ok(())
}

/// Corrects what the public is told of what stands on an official value: from before that was shielded, or since the
/// reference data know the value. Returns how many there were.
pub async fn correct_shielded(conn: &mut Conn, app: &AppState) -> Result<usize> {
    let kinds = Kind::ALL.into_iter().filter(|kind| kind.may_stand());
    let kinds: Vec<&str> = kinds.map(Kind::as_str).collect();
    let reference = app.reference.get();
    let (now, system) = (app.now(), Actor::system());
    let entries: Vec<Entry> = store::warned_of(conn, &kinds)
        .await?
        .into_iter()
        .filter(|(_, kind, value)| reference.is_shielded(kind, value, None))
        .map(|(id, ..)| {
            Entry::event("indicator.corrected", &system, now)
                .on("indicator", id)
                .with(json!({"change": "official"}))
        })
        .collect();
    if !entries.is_empty() {
        journal::record(conn, &entries).await?;
    }
    Ok(entries.len())
}

fn is_in_force(verdict: &VerdictRow, now: DateTime<Utc>) -> bool {
    verdict.expires_at.is_none_or(|at| at > now)
}

fn is_cleared(verdict: &VerdictRow, now: DateTime<Utc>) -> bool {
    verdict.verdict == "cleared" && is_in_force(verdict, now)
}

/// What the public is told: an officer's word first, then the number of independent reports.
fn public_verdict(
    verdict: Option<&VerdictRow>,
    figure: Option<&FigureRow>,
    now: DateTime<Utc>,
) -> Option<&'static str> {
    let reported = figure
        .is_some_and(|f| f.independent >= THRESHOLD)
        .then_some("reported");
    let Some(verdict) = verdict.filter(|v| is_in_force(v, now)) else {
        return reported;
    };
    match verdict.verdict.as_str() {
        "confirmed_scam" if verdict.approved_at.is_some() => Some("confirmed_scam"),
        "suspected" => Some("suspected"),
        "cleared" => None,
        "official" if verdict.source.is_some() && verdict.checked_at.is_some() => Some("official"),
        "official" => None,
        _ => reported,
    }
}
