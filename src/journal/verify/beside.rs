//! What stands beside the journal says what must be in it: how far its readers had come, the numbers of the
//! register, the newest tips. Whoever empties it or cuts its tail has to know and change all of these.

use super::Verification;
use crate::db::Conn;
use crate::error::Result;
use crate::journal::store;

/// Newest tips whose entries are looked for.
const NEWEST: i64 = 1_000;

/// Names a tail that is gone, where nothing else has named it.
pub(super) async fn check(conn: &mut Conn, last: i64, found: &mut Verification) -> Result<()> {
    let furthest = store::furthest_reader(conn).await?;
    if furthest > last && !found.has_found_within(last + 1, furthest) {
        found.find(last + 1, "truncated", seen(last, furthest));
    }
    // Entries that were altered or removed one by one are named already, and are lacking here as well.
    if found.findings_held.is_empty()
        && let Some(detail) = unrecorded(conn).await?
    {
        found.find(last + 1, "truncated", detail);
    }
    Ok(())
}

/// What the journal lacks by what stands beside it, in one sentence; cheap at any length of the journal.
pub async fn lacking(conn: &mut Conn) -> Result<Option<String>> {
    let last = store::last_position(conn).await?;
    let furthest = store::furthest_reader(conn).await?;
    if furthest > last {
        return Ok(Some(seen(last, furthest)));
    }
    unrecorded(conn).await
}

fn seen(last: i64, furthest: i64) -> String {
    let first = last + 1;
    format!("Entries {first} to {furthest} are gone: a reader had seen them.")
}

async fn unrecorded(conn: &mut Conn) -> Result<Option<String>> {
    let beside = store::beside(conn, NEWEST).await?;
    let lacking = beside.numbered - beside.received;
    Ok(if lacking > 0 {
        Some(format!(
            "Entries are gone: the register has given {} numbers, and {} tips are recorded as received.",
            beside.numbered, beside.received
        ))
    } else if beside.unrecorded > 0 {
        Some(format!(
            "Entries are gone: of the newest tips {} are recorded nowhere as received.",
            beside.unrecorded
        ))
    } else {
        None
    })
}
