//! Checkpoints that the service notes outside the database, in the store of evidence: by them a tail is missed that was
//! cut off with its checkpoints and with all that stands beside it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Finding, Kept, Verification, compare};
use crate::db::Conn;
use crate::error::Result;
use crate::journal::store;

/// What a noted checkpoint is called.
const NOTED: &str = "a checkpoint noted in the evidence store";

/// A checkpoint as it is noted.
#[derive(Clone, Debug)]
pub struct Noted {
    /// The name of the note.
    pub name: String,
    /// The position that the name says.
    pub position: i64,
    /// What it states; none where that is nothing that these keys signed.
    pub stated: Option<Kept>,
}

/// How the journal compares with what is noted.
#[derive(Debug, Serialize, ToSchema)]
pub struct Compared {
    /// `agrees`; `contradicted`: the findings say by what; `none`: nothing is noted yet; `unavailable`: the store could
    /// not be read, and nothing was compared.
    #[schema(example = "agrees")]
    pub status: &'static str,
    /// The last position that the newest note vouches for: what came later nothing outside the database vouches for.
    #[schema(required)]
    pub position: Option<i64>,
    /// When that checkpoint was made.
    #[schema(required)]
    pub at: Option<DateTime<Utc>>,
}

impl Default for Compared {
    fn default() -> Self {
        Self {
            status: "unavailable",
            position: None,
            at: None,
        }
    }
}

/// A note that the journal does not agree with.
#[derive(Debug)]
pub struct Contradiction {
    /// The name of the note.
    pub name: String,
    /// In what.
    pub finding: Finding,
}

/// The notes that the journal does not agree with, in the order of the notes. They must have been read before the
/// journal is: what is noted was committed by then.
pub async fn contradictions(conn: &mut Conn, notes: &[Noted]) -> Result<Vec<Contradiction>> {
    let mut found = Vec::new();
    for note in notes {
        let finding = match &note.stated {
            None => Some(Finding {
                position: note.position,
                kind: "checkpoint_altered",
                detail: format!(
                    "What is noted in the evidence store as {} is not what was signed, or its key is no longer among ours.",
                    note.name
                ),
            }),
            Some(stated) => {
                let last = store::last_position(conn).await?;
                compare(conn, stated, NOTED, last).await?
            }
        };
        found.extend(finding.map(|finding| Contradiction {
            name: note.name.clone(),
            finding,
        }));
    }
    Ok(found)
}

/// Names what the notes vouch for and is not there.
pub(super) async fn check(
    conn: &mut Conn,
    notes: Option<&[Noted]>,
    found: &mut Verification,
) -> Result<()> {
    let Some(notes) = notes else {
        return Ok(());
    };
    let newest = notes.iter().filter_map(|note| note.stated.as_ref());
    let newest = newest.max_by_key(|stated| stated.position);
    let wrong = contradictions(conn, notes).await?;
    found.noted = Compared {
        status: match (wrong.is_empty(), newest) {
            (false, _) => "contradicted",
            (true, Some(_)) => "agrees",
            (true, None) => "none",
        },
        position: newest.map(Kept::position),
        at: newest.map(Kept::at),
    };
    let mut cut = false;
    for Contradiction { finding, .. } in wrong {
        // The newest note names all of a tail that is gone.
        if finding.kind == "truncated" && std::mem::replace(&mut cut, true) {
            continue;
        }
        found.findings_held.add(finding);
    }
    Ok(())
}
