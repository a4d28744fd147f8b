//! The reader that counts reports and keeps the public face of each indicator.

use std::collections::{BTreeSet, HashMap};

use chrono::Duration;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::publishing::{publish, with_what_stands_on_it};
use super::store::{self, Addition, Counted, FigureRow, ReportRow, VerdictRow};
use super::verdicts;
use crate::db::{self, Conn};
use crate::domain::device::Device;
use crate::error::Result;
use crate::journal::{self, Actor, Entry, Reads, Record, Tape};
use crate::state::AppState;

/// Independent reports from which on the public is told (contract §4).
pub const THRESHOLD: i32 = 3;

/// Counts one pass of the journal; returns how many entries were read.
pub async fn count(conn: &mut Conn, app: &AppState, tape: &mut Tape) -> Result<usize> {
    let now = app.now();
    journal::follow(
        conn,
        tape,
        "indicators",
        Reads::Everything,
        async |conn, records| {
            let last = records.last().map_or(0, |r| r.position);
            let of = |kind: &str| -> Vec<Uuid> {
                records
                    .iter()
                    .filter(|r| r.type_ == kind)
                    .filter_map(|r| r.subject_id)
                    .collect()
            };
            let later: Vec<Addition> = records.iter().filter_map(addition).collect();
            let mut figures = count_reports(conn, &of("tip.received"), &later).await?;
            let mut touched: BTreeSet<Vec<u8>> = figures.keys().cloned().collect();
            touched.extend(take_back(conn, &mut figures, &later).await?);
            let judged = [of("indicator.verdict"), of("indicator.corrected")].concat();
            if !judged.is_empty() {
                let judged = store::rows_of(conn, &judged).await?;
                let reference = app.reference.get();
                let keys: Vec<Vec<u8>> = judged
                    .iter()
                    .flat_map(|row| with_what_stands_on_it(row, &reference))
                    .collect();
                for row in store::figures(conn, &keys).await? {
                    figures.entry(row.key.clone()).or_insert(row);
                }
                touched.extend(keys);
            }
            publish(conn, &touched, &figures, last, &app.reference.get(), now).await
        },
    )
    .await
}

/// Figures by key.
pub type Figures = HashMap<Vec<u8>, FigureRow>;

/// What an entry says was added to a tip.
fn addition(record: &Record) -> Option<Addition> {
    let id = record.data.get("addition")?.as_str()?.parse().ok()?;
    Some((record.subject_id?, id, record.at))
}

/// Adds the reports of new tips and of additions; returns the figures of the indicators they name.
async fn count_reports(conn: &mut Conn, tips: &[Uuid], later: &[Addition]) -> Result<Figures> {
    if tips.is_empty() && later.is_empty() {
        return Ok(Figures::new());
    }
    let mut reports = store::reports(conn, tips).await?;
    reports.extend(store::later_reports(conn, later).await?);
    reports.sort_by_key(|report| report.received_at);
    let keys: BTreeSet<Vec<u8>> = reports.iter().map(|r| r.key.clone()).collect();
    if keys.is_empty() {
        return Ok(Figures::new());
    }
    let list: Vec<Vec<u8>> = keys.into_iter().collect();
    let known = store::figures(conn, &list).await?;
    let mut figures: Figures = known
        .into_iter()
        .map(|row| (row.key.clone(), row))
        .collect();
    let pairs: BTreeSet<Counted> = reports.iter().flat_map(pairs).collect();
    let mut seen: BTreeSet<Counted> = BTreeSet::new();
    for some in pairs.into_iter().collect::<Vec<_>>().chunks(5_000) {
        seen.extend(store::counted(conn, some).await?);
    }
    let before = seen.clone();
    for report in &reports {
        add(&mut figures, &mut seen, report);
    }
    let fresh: Vec<Counted> = seen.difference(&before).cloned().collect();
    store::note_counted(conn, &fresh).await?;
    let mut rows: Vec<&FigureRow> = figures.values().collect();
    rows.sort_by(|a, b| a.key.cmp(&b.key));
    store::save_figures(conn, &rows).await?;
    Ok(figures)
}

/// Takes back the reports of numbers that their reporters have named as the own; returns the indicators.
async fn take_back(
    conn: &mut Conn,
    figures: &mut Figures,
    later: &[Addition],
) -> Result<Vec<Vec<u8>>> {
    if later.is_empty() {
        return Ok(Vec::new());
    }
    let reports = store::withdrawn(conn, later).await?;
    store::forget_withdrawn(conn, later).await?;
    if reports.is_empty() {
        return Ok(Vec::new());
    }
    let withdrawn: Vec<Vec<u8>> = reports.iter().map(|report| report.key.clone()).collect();
    for row in store::figures(conn, &withdrawn).await? {
        figures.entry(row.key.clone()).or_insert(row);
    }
    for report in &reports {
        if let Some(row) = figures.get_mut(&report.key) {
            row.tips -= 1;
            // Whether it was this one that counted is not known; never more than there are.
            row.independent = row.independent.min(row.tips);
            row.loss_vnd = row.loss_vnd.saturating_sub(report.loss_vnd.max(0)).max(0);
        }
    }
    for left in store::left(conn, &withdrawn).await? {
        // Of tips that are deleted nobody knows the method any more.
        if let Some(row) = figures.get_mut(&left.key)
            && left.tips >= i64::from(row.tips)
        {
            row.methods
                .retain(|method| method.as_ref().is_none_or(|m| left.methods.contains(m)));
        }
    }
    let (gone, left): (Vec<&FigureRow>, Vec<&FigureRow>) = withdrawn
        .iter()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .filter_map(|key| figures.get(key))
        .partition(|row| row.tips <= 0);
    store::save_figures(conn, &left).await?;
    let gone: Vec<&[u8]> = gone.iter().map(|row| row.key.as_slice()).collect();
    store::delete_figures(conn, &gone).await?;
    figures.retain(|_, row| row.tips > 0);
    Ok(withdrawn)
}

/// Counts a report; `seen` are those counted before. Who reports within an hour of another is not
/// counted and not used up: a report once the hour has passed counts.
fn add(figures: &mut Figures, seen: &mut BTreeSet<Counted>, report: &ReportRow) {
    let row = figures
        .entry(report.key.clone())
        .or_insert_with(|| FigureRow {
            key: report.key.clone(),
            tips: 0,
            independent: 0,
            last_counted_at: None,
            loss_vnd: 0,
            first_reported: report.received_at,
            last_reported: report.received_at,
            methods: Vec::new(),
        });
    row.tips = row.tips.saturating_add(1);
    row.loss_vnd = row.loss_vnd.saturating_add(report.loss_vnd.max(0));
    row.last_reported = row.last_reported.max(report.received_at);
    if let Some(method) = &report.method
        && row.methods.len() < 20
        && !row.methods.iter().flatten().any(|known| known == method)
    {
        row.methods.push(Some(method.clone()));
    }
    let apart = row
        .last_counted_at
        .is_none_or(|last| report.received_at - last >= Duration::hours(1));
    let known = pairs(report).any(|pair| seen.contains(&pair));
    if !known && apart {
        row.independent = row.independent.saturating_add(1);
        row.last_counted_at = Some(report.received_at);
    }
    if known || apart {
        // All markers of a person who is counted, so that none of them counts alone later.
        seen.extend(pairs(report));
    }
}

/// The markers of a report, each with its indicator.
fn pairs(report: &ReportRow) -> impl Iterator<Item = Counted> {
    let markers = markers(report).into_iter();
    markers.map(|marker| (report.key.clone(), marker))
}

/// Who a report counts for: a device known for a day, else the reporter, else the client and day.
/// A reporter has a marker for each phone number, address or document; one seen before is enough
/// to know the person again.
fn markers(report: &ReportRow) -> BTreeSet<Vec<u8>> {
    let known_device = report.device_id.as_deref().filter(|device| {
        Device::parse(device)
            .and_then(Device::first_seen)
            .is_some_and(|at| report.received_at - at >= Duration::hours(24))
    });
    let one = |kind: &str, name: &[u8]| {
        let hash = Sha256::new_with_prefix(format!("{kind} ")).chain_update(name);
        hash.finalize().to_vec()
    };
    match known_device {
        Some(device) => BTreeSet::from([one("device", device.as_bytes())]),
        None if report.reporters.is_empty() => {
            let day = crate::domain::hanoi::date(report.received_at);
            let client = format!("{} {day}", report.client_id);
            BTreeSet::from([one("client", client.as_bytes())])
        }
        None => {
            let blind = report.reporters.iter();
            blind.map(|blind| one("reporter", blind)).collect()
        }
    }
}

/// Ends verdicts whose time is over. One that was in force is a correction that every feed carries; one that
/// nobody approved was never told.
pub async fn expire_verdicts(conn: &mut Conn, app: &AppState) -> Result<usize> {
    let now = app.now();
    db::transaction(conn, async |conn| {
        let ended = store::end_expired(conn, now).await?;
        let keys: Vec<Vec<u8>> = ended.iter().map(|verdict| verdict.key.clone()).collect();
        let ids: HashMap<Vec<u8>, Uuid> = store::ids(conn, &keys).await?.into_iter().collect();
        let entry = |verdict: &VerdictRow| {
            let system = Actor::system();
            let entry = match verdicts::is_agreed(verdict) {
                true => Entry::event("indicator.corrected", &system, now),
                false => Entry::audit("indicator.proposal_expired", &system, now),
            };
            Some(
                entry
                    .on("indicator", *ids.get(&verdict.key)?)
                    .with(serde_json::json!({"change": "verdict_expired"})),
            )
        };
        let entries: Vec<Entry> = ended.iter().filter_map(entry).collect();
        if !entries.is_empty() {
            journal::record(conn, &entries).await?;
        }
        Ok(entries.len())
    })
    .await
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn report(hours: i64, client: &str, reporters: &[&[u8]]) -> ReportRow {
        ReportRow {
            key: vec![1; 32],
            received_at: DateTime::UNIX_EPOCH + Duration::hours(hours),
            client_id: client.to_owned(),
            device_id: None,
            method: None,
            loss_vnd: 0,
            reporters: reporters.iter().map(|r| r.to_vec()).collect(),
        }
    }

    #[test]
    fn tips_of_nobody_known_count_once_a_day_and_client() {
        assert_eq!(
            markers(&report(1, "app", &[])),
            markers(&report(9, "app", &[]))
        );
        assert_ne!(
            markers(&report(1, "app", &[])),
            markers(&report(30, "app", &[]))
        );
        assert_ne!(
            markers(&report(1, "app", &[])),
            markers(&report(1, "other", &[]))
        );
        assert_ne!(
            markers(&report(1, "app", &[b"a"])),
            markers(&report(1, "app", &[b"b"]))
        );
    }

    /// Tips and independent reports after reports `(minute, reporter's markers)`.
    fn counted(reports: &[(i64, &[&[u8]])]) -> (i32, i32) {
        let (mut figures, mut seen) = (HashMap::new(), BTreeSet::new());
        for (minutes, markers) in reports {
            let mut report = report(0, "app", markers);
            report.received_at += Duration::minutes(*minutes);
            add(&mut figures, &mut seen, &report);
        }
        let row = &figures[&vec![1; 32]];
        (row.tips, row.independent)
    }

    #[test]
    fn reports_less_than_an_hour_apart_are_one() {
        let five: [(i64, &[&[u8]]); 5] = [
            (0, &[b"a"]),
            (30, &[b"b"]),
            (61, &[b"c"]),
            (90, &[b"d"]),
            (125, &[b"e"]),
        ];
        assert_eq!(counted(&five), (5, 3));
    }

    #[test]
    fn who_reported_too_soon_after_another_counts_once_the_hour_has_passed() {
        let again: [(i64, &[&[u8]]); 3] = [(0, &[b"a"]), (30, &[b"b"]), (60, &[b"b"])];
        assert_eq!(counted(&again), (3, 2));
        let never_twice: [(i64, &[&[u8]]); 4] =
            [(0, &[b"a"]), (30, &[b"b"]), (60, &[b"b"]), (120, &[b"b"])];
        assert_eq!(counted(&never_twice), (4, 2));
    }

    #[test]
    fn a_counted_person_with_another_marker_is_known_by_that_one_too() {
        let one: [(i64, &[&[u8]]); 3] = [
            (0, &[b"phone", b"m1"]),
            (70, &[b"phone", b"m2"]),
            (140, &[b"m2"]),
        ];
        assert_eq!(counted(&one), (3, 1));
    }
}
