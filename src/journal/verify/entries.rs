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
    let mut expected = start.position + 1;
    loop {
        let rows = store::sealed_after(conn, expected - 1, end, PAGE).await?;
        let Some(last) = rows.last().map(|row| row.position) else {
            break;
        };
        for row in rows {
            let (position, chain) = (row.position, row.chain.clone());
            let computed = link(&before, position, &Fields::from(&row));
            let follows =
                |before: &[u8; 32]| link(before, position, &Fields::from(&row)).as_slice() == chain;
            let mut differs = None;
            if position > expected {
                // The first entry behind a gap cannot be checked: one gap is one finding.
                let detail = format!("Entries {expected} to {} are gone.", position - 1);
                found.find(expected, "missing", detail);
            } else if computed.as_slice() != chain && !computed_before.as_ref().is_some_and(follows)
            {
                differs = Some(computed);
                suspects.add(Suspect { row, before }, found);
            }
            computed_before = differs;
            before = chain;
            expected = position + 1;
            found.entries += 1;
        }
        found.last_position = last;
    }
    suspects.name(found);
    Ok(())
}
