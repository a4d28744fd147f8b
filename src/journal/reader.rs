//! Background readers of the journal: each goes on where it stood, one replica at a time.

use super::store::{self, Record};
use crate::db::Conn;
use crate::error::Result;

/// Entries of one pass.
const PASS: i64 = 1_000;

/// What a reader reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// All entries.
    Everything,
    /// What others may be told.
    Events,
}

/// Reads one pass as the named reader; returns how many entries were read. The work and the note of
/// how far it came are one transaction, so nothing is passed over and nothing done twice.
pub async fn follow(
    conn: &mut Conn,
    name: &str,
    reads: Reads,
    work: impl AsyncFnOnce(&mut Conn, &[Record]) -> Result<()>,
) -> Result<usize> {
    crate::db::transaction(conn, async |conn| {
        let Some(position) = store::lock_consumer(conn, name).await? else {
            return Ok(0);
        };
        let records = match reads {
            Reads::Everything => store::records_after(conn, position, PASS).await?,
            Reads::Events => store::events_after(conn, position, PASS).await?,
        };
        let Some(last) = records.last().map(|record| record.position) else {
            return Ok(0);
        };
        work(conn, &records).await?;
        store::advance_consumer(conn, name, last).await?;
        Ok(records.len())
    })
    .await
}
