//! Background readers of the journal that keep what follows from tips: register numbers, search
//! documents, linked tips; and the priorities that fall as the recovery window closes.
//!
//! Any replica may run them; each reader's row lock lets one work at a time.

use chrono::{DateTime, Utc};

use super::store;
use crate::db::Conn;
use crate::domain::hanoi;
use crate::error::Result;
use crate::journal::{self, Reads, Tape};
use crate::state::AppState;

/// The reader that fills the search.
pub const SEARCH: &str = "search";
const PASS: i64 = 1_000;
/// Trials of one batch.
const TRIALS: i32 = 200;
/// Batches of trials in a round, a minute each.
const TRIAL_BATCHES: usize = 50;

/// Gives register numbers in the order of the journal; returns how many entries were read.
pub async fn number_register(conn: &mut Conn, app: &AppState, tape: &mut Tape) -> Result<usize> {
    journal::follow(
        conn,
        tape,
        "register",
        Reads::Everything,
        async |conn, records| {
            let received = received(records);
            if received.is_empty() {
                return Ok(());
            }
            let received = store::received_at(conn, &received).await?;
            for tips in received.chunk_by(|a, b| hanoi::year(a.1) == hanoi::year(b.1)) {
                let Some(first) = tips.first() else { continue };
                let (year, prefix) = (hanoi::year(first.1), &app.settings.number_prefix);
                store::insert_numbers(conn, tips, year, prefix).await?;
            }
            Ok(())
        },
    )
    .await
}

/// Fills search documents, and finds floods of copies.
pub async fn fill_search(conn: &mut Conn, tape: &mut Tape) -> Result<usize> {
    journal::follow(
        conn,
        tape,
        SEARCH,
        Reads::Everything,
        async |conn, records| {
            // Apart, so that an old tip that was added to does not keep new ones from meeting what lies between.
            for tips in [received(records), amended(records).collect()] {
                if !tips.is_empty() {
                    let texts = store::texts(conn, &tips).await?;
                    store::insert_documents(conn, &texts).await?;
                    super::likeness::sign(conn, &texts).await?;
                }
            }
            Ok(())
        },
    )
    .await
}

/// Reads again the texts whose search documents an earlier version made; returns how many.
pub async fn renew_search(conn: &mut Conn) -> Result<usize> {
    crate::db::transaction(conn, async |conn| {
        let stale = store::lock_stale(conn, PASS).await?;
        if !stale.is_empty() {
            let texts = store::texts(conn, &stale).await?;
            store::insert_documents(conn, &texts).await?;
        }
        Ok(stale.len())
    })
    .await
}

/// Recomputes priorities of new tips and of open tips that share an indicator with them.
pub async fn link_tips(conn: &mut Conn, app: &AppState, tape: &mut Tape) -> Result<usize> {
    let now = app.now();
    journal::follow(
        conn,
        tape,
        "links",
        Reads::Everything,
        async |conn, records| {
            let amended: Vec<_> = amended(records).collect();
            let mut new = received(records);
            new.extend(&amended);
            let decided = records.iter().filter(|r| r.type_ == "tip.decided");
            // The officer's methods say how urgent it is, too.
            let decided: Vec<_> = decided.filter_map(|r| r.subject_id).collect();
            recompute(conn, app, &decided, now).await?;
            if new.is_empty() {
                return Ok(());
            }
            // What was just received and is linked to nothing has the priority that it was given.
            let mut touched = store::open_linked(conn, &new).await?;
            touched.extend(amended);
            touched.sort_unstable();
            touched.dedup();
            recompute(conn, app, &touched, now).await
        },
    )
    .await
}

/// Lowers the priorities whose recovery window has closed a step; returns how many were due.
pub async fn reprioritise(conn: &mut Conn, app: &AppState) -> Result<usize> {
    let now = app.now();
    crate::db::transaction(conn, async |conn| {
        let due = store::due_for_priority(conn, now, PASS).await?;
        recompute(conn, app, &due, now).await?;
        Ok(due.len())
    })
    .await
}

/// Adds up what has changed in the numbers of open tips; returns how many changes there were.
pub async fn add_up_open(conn: &mut Conn) -> Result<usize> {
    store::add_up_open(conn, PASS).await
}

/// Keeps the numbers of open tips few: once a minute.
pub async fn tidy_open(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    store::put_old_together(conn, now).await
}

/// Recomputes the priorities of some tips.
pub(super) async fn recompute(
    conn: &mut Conn,
    app: &AppState,
    tips: &[uuid::Uuid],
    now: DateTime<Utc>,
) -> Result<()> {
    if tips.is_empty() {
        return Ok(());
    }
    let reference = app.reference.get();
    let rows = store::priority_facts(conn, tips).await?;
    let all: Vec<_> = rows
        .into_iter()
        .map(|row| {
            let (tip, facts) = row.into_domain(&reference);
            store::Recomputed {
                tip,
                priority: crate::domain::priority::score(&facts, &reference.priority, now),
                next: crate::domain::priority::next_change(&facts, &reference.priority, now),
            }
        })
        .collect();
    if all.is_empty() {
        Ok(())
    } else {
        store::set_priorities(conn, &all).await
    }
}

fn received(records: &[journal::Record]) -> Vec<uuid::Uuid> {
    records
        .iter()
        .filter(|r| r.type_ == "tip.received")
        .filter_map(|r| r.subject_id)
        .collect()
}

fn amended(records: &[journal::Record]) -> impl Iterator<Item = uuid::Uuid> {
    records
        .iter()
        .filter(|r| is_amendment(r))
        .filter_map(|r| r.subject_id)
}

/// Whether an entry tells of an addition by receipt.
pub fn is_amendment(record: &journal::Record) -> bool {
    let change = record.data.get("change");
    record.type_ == "tip.updated" && change.is_some_and(|change| change == super::amend::CHANGE)
}

/// Trials are gone after 24 hours (contract §3), batch by batch, so that no lock is held for long; returns
/// how many were deleted.
pub async fn delete_trials(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    let before = now - chrono::Duration::hours(24);
    let mut gone = 0;
    for _ in 0..TRIAL_BATCHES {
        let deleted = store::delete_trials(conn, before, TRIALS).await?;
        gone += deleted;
        if i32::try_from(deleted).is_ok_and(|deleted| deleted < TRIALS) {
            break;
        }
    }
    Ok(gone)
}
