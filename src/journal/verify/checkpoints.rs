//! The walk over the checkpoints: signed, counted without a gap, and each vouching for what is there.

use super::{Kept, PAGE, Start, Verification};
use crate::auth::LocalKeys;
use crate::db::Conn;
use crate::error::Result;
use crate::journal::chain::{Fields, link};
use crate::journal::store::{self, CheckpointRow};

/// Walks from a start to an end; comes after the walk over the entries.
pub(super) async fn walk(
    conn: &mut Conn,
    signer: &LocalKeys,
    start: &Start,
    end: i64,
    found: &mut Verification,
) -> Result<()> {
    let (mut number, mut covered) = (start.number, start.position);
    let mut vouched = found.last_position;
    loop {
        let rows = store::checkpoints_after(conn, covered, end, PAGE).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            found.checkpoints += 1;
            let stated = read(&row, signer);
            match stated {
                None => found.find(
                    row.position,
                    "checkpoint_altered",
                    "The checkpoint is not what was signed, or its key is no longer among ours.",
                ),
                Some(stated) => {
                    follows(&stated, number, covered, found);
                    vouched = vouched.max(stated.position);
                    vouches(conn, &row, &stated, found).await?;
                }
            }
            (number, covered) = (row.number.unwrap_or(number + 1), row.position);
        }
    }
    if vouched > found.last_position {
        let first = found.last_position + 1;
        let detail =
            format!("Entries {first} to {vouched}, for which checkpoints vouch, are gone.");
        found.find(first, "truncated", detail);
    }
    // Each pass of the sequencer ends with one.
    if covered < found.last_position {
        let detail = format!(
            "No checkpoint vouches for the entries after {covered}: it was removed, or they were slipped in."
        );
        found.find(covered + 1, "checkpoint_missing", detail);
    }
    Ok(())
}

/// What a checkpoint states, if that is what was signed: its time and its hash, too.
fn read(row: &CheckpointRow, signer: &LocalKeys) -> Option<Kept> {
    let stated = Kept::read(row.signature.as_deref()?, signer)?;
    let same = Some(stated.number) == row.number
        && stated.position == row.position
        && Some(stated.at) == row.at
        && stated.chain == hex::encode(row.chain.as_deref()?);
    same.then_some(stated)
}

/// Names the checkpoints before the first position there is.
pub(super) async fn before_the_first(conn: &mut Conn, found: &mut Verification) -> Result<()> {
    for row in store::checkpoints_after(conn, i64::MIN, 0, PAGE).await? {
        found.checkpoints += 1;
        let detail = "Positions begin at 1: the checkpoint here was slipped in.";
        found.find(row.position, "checkpoint_altered", detail);
    }
    Ok(())
}

/// A checkpoint follows the one before, in its number and in its entries.
fn follows(stated: &Kept, number: i64, covered: i64, found: &mut Verification) {
    if stated.number > number + 1 {
        let detail = format!(
            "Checkpoints {} to {} are gone, which vouch for entries {} to {}.",
            number + 1,
            stated.number - 1,
            covered + 1,
            stated.from - 1
        );
        found.find(covered + 1, "checkpoint_missing", detail);
    } else if stated.from > covered + 1 {
        let detail = format!(
            "Entries {} to {} stand between two checkpoints of which neither vouches for them.",
            covered + 1,
            stated.from - 1
        );
        found.find(covered + 1, "inserted", detail);
    }
}

/// What a checkpoint vouches for is there.
async fn vouches(
    conn: &mut Conn,
    row: &CheckpointRow,
    stated: &Kept,
    found: &mut Verification,
) -> Result<()> {
    let (from, to) = (stated.from, stated.position);
    let whole = row.entry_chain == row.chain;
    let accused = found.has_found_within(from, to);
    if (whole && !accused) || row.entry_chain.is_none() {
        // Right, or not there at all, which is noticed elsewhere.
        return Ok(());
    }
    // Begins at the signed hash, not at a stored one: what is wrong before does not count here.
    match recompute(conn, stated).await? {
        // Authentic, except for entries whose stored hash is not theirs.
        Some(odd) => found.findings_held.retain(|finding| {
            finding.kind != "altered"
                || !(from..=to).contains(&finding.position)
                || odd.contains(&finding.position)
        }),
        None if accused => {}
        None => {
            let detail = format!(
                "Entries {from} to {to} were rewritten with a new chain; the checkpoint signed another."
            );
            found.find(from, "forged", detail);
        }
    }
    Ok(())
}

/// Whether the entries give the signed hash from the signed hash before, and then the positions whose
/// stored hash differs.
async fn recompute(conn: &mut Conn, stated: &Kept) -> Result<Option<Vec<i64>>> {
    let mut chain = hex::decode(&stated.before).unwrap_or_default();
    let mut odd = Vec::new();
    let mut after = stated.from - 1;
    loop {
        let rows = store::sealed_after(conn, after, stated.position, PAGE).await?;
        let Some(last) = rows.last().map(|row| row.position) else {
            break;
        };
        for row in rows {
            let Ok(entry) = &row.entry else {
                return Ok(None);
            };
            chain = link(&chain, row.position, &Fields::from(entry)).to_vec();
            if chain != row.chain {
                odd.push(row.position);
            }
        }
        after = last;
    }
    Ok((hex::encode(&chain) == stated.chain).then_some(odd))
}
