//! Background readers of the journal: each goes on where it stood, one replica at a time.

use std::collections::HashMap;

use super::store::{self, Record};
use crate::db::Conn;
use crate::error::{Error, Result};

/// Entries of one pass: more would cost no less each, and take memory.
const PASS: i64 = 1_000;

/// What a reader reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// All entries.
    Everything,
    /// What others may be told.
    Events,
}

/// The journal as it stands at the beginning of a pass. Readers mostly stand at the same place: what
/// one has read serves the next, and who has read all need not even look.
pub struct Tape {
    head: i64,
    positions: HashMap<String, i64>,
    /// The entries after a position; entries never change.
    read: Option<(i64, Vec<Record>)>,
}

impl Tape {
    /// Looks where the journal ends and where its readers stand.
    pub async fn load(conn: &mut Conn) -> Result<Self> {
        Ok(Self {
            head: store::last_position(conn).await?,
            positions: store::positions(conn).await?,
            read: None,
        })
    }

    fn has_more_for(&self, name: &str) -> bool {
        self.positions.get(name).copied().unwrap_or(0) < self.head
    }

    async fn after(&mut self, conn: &mut Conn, position: i64) -> Result<&[Record]> {
        let records = match self.read.take() {
            Some((from, records)) if from == position => records,
            _ => store::records_after(conn, position, PASS).await?,
        };
        Ok(&self.read.insert((position, records)).1)
    }
}

/// Reads one pass as the named reader; returns how many entries were read. The work and the note of
/// how far it came are one transaction, so nothing is passed over and nothing done twice.
pub async fn follow(
    conn: &mut Conn,
    tape: &mut Tape,
    name: &str,
    reads: Reads,
    work: impl AsyncFnOnce(&mut Conn, &[Record]) -> Result<()>,
) -> Result<usize> {
    if !tape.has_more_for(name) {
        return Ok(0);
    }
    crate::db::transaction(conn, async |conn| {
        let Some(position) = store::lock_consumer(conn, name).await? else {
            return Ok(0);
        };
        let events;
        let records = match reads {
            Reads::Everything => tape.after(conn, position).await?,
            Reads::Events => {
                events = store::events_after(conn, position, PASS).await?;
                &events
            }
        };
        let Some(last) = records.last().map(|record| record.position) else {
            return Ok(0);
        };
        work(conn, records).await?;
        store::advance_consumer(conn, name, last).await?;
        Ok(records.len())
    })
    .await
}

/// 422 for a position that the journal has not reached, as after it was restored from a backup: whoever waited there
/// would miss all that comes until then.
pub async fn not_ahead(conn: &mut Conn, parameter: &'static str, since: i64) -> Result<()> {
    if since <= store::last_position(conn).await? {
        return Ok(());
    }
    let detail = "The journal has not come so far: it was restored. Begin anew, from 0.";
    Err(Error::invalid_parameter(parameter, "ahead", detail))
}
