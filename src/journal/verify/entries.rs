//! The walk over the entries: each must follow from the one before.

use super::suspects::{Suspect, Suspects};
use super::{PAGE, Start, Verification};
use crate::db::Conn;
use crate::error::Result;
use crate::journal::chain::{Fields, link};
use crate::journal::store;

/// Walks from a start to an end, and names what does not follow.
pub(super) async fn walk(
    conn: &mut Conn,
    start: &Start,
    end: i64,
    found: &mut Verification,
) -> Result<()> {
    let mut suspects = Suspects::default();
    let mut before = start.chain.clone();
    // What the hash before should have been, where that is not what is stored.
    let mut computed_before: Option<[u8; 32]> = None;
    let mut expected = start.position.saturating_add(1);
    loop {
        let rows = store::sealed_after(conn, expected - 1, end, PAGE).await?;
        let Some(last) = rows.last().map(|row| row.position) else {
            break;
        };
        for row in rows {
            let (position, chain) = (row.position, row.chain);
            let gap = position > expected;
            if gap {
                // The first entry behind a gap cannot be checked: one gap is one finding.
                let detail = format!("Entries {expected} to {} are gone.", position - 1);
                found.find(expected, "missing", detail);
            }
            let mut differs = None;
            match row.entry {
                Err(column) => {
                    let detail = format!("What stands in {column} was never sealed.");
                    found.find(position, "altered", detail);
                }
                Ok(entry) if !gap => {
                    let fields = Fields::from(&entry);
                    let computed = link(&before, position, &fields);
                    let follows =
                        |before: &[u8; 32]| link(before, position, &fields).as_slice() == chain;
                    if computed.as_slice() != chain
                        && !computed_before.as_ref().is_some_and(follows)
                    {
                        differs = Some(computed);
                        let suspect = Suspect {
                            position,
                            entry,
                            chain: chain.clone(),
                            before,
                        };
                        suspects.add(suspect, found);
                    }
                }
                Ok(_) => {}
            }
            computed_before = differs;
            before = chain;
            expected = position.saturating_add(1);
            found.entries += 1;
        }
        found.last_position = last;
        if last == i64::MAX {
            break;
        }
    }
    suspects.name(found);
    Ok(())
}

/// Names the entries before the first position there is.
pub(super) async fn before_the_first(conn: &mut Conn, found: &mut Verification) -> Result<()> {
    let (positions, count) = store::before_the_first(conn, PAGE).await?;
    if let Some(first) = positions.first() {
        found.first_position = found.first_position.min(*first);
    }
    found.entries += count;
    let named = i64::try_from(positions.len()).unwrap_or(count);
    for position in &positions {
        let detail = "Positions begin at 1: the entry here was slipped in.";
        found.find(*position, "inserted", detail);
    }
    if let Some(last) = positions.last().filter(|_| count > named) {
        found.findings_held.add_uncounted(count - named, *last);
    }
    Ok(())
}
