//! Verifying the journal: recomputes the chain, checks the signed checkpoints, names what is wrong.
//!
//! Entries and checkpoints are read once each, page by page: the memory needed does not grow with the
//! journal.

mod beside;
mod checkpoints;
mod entries;
mod findings;
mod noted;
mod suspects;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use self::findings::Findings;
use super::chain::GENESIS;
use super::sequencer::CHECKPOINT;
use super::store;
use crate::auth::LocalKeys;
use crate::db::{self, Conn};
use crate::error::Result;

/// Rows read at once.
const PAGE: i64 = 1_000;
/// Entries that a request verifies at most: far fewer seconds than it waits for.
pub const AT_ONCE: i64 = 500_000;

/// What is to be verified.
#[derive(Default)]
pub struct Wanted {
    /// First position; the pass that numbered it is verified from its beginning.
    pub from: Option<i64>,
    /// Last position; the pass that numbered it is verified to its end.
    pub to: Option<i64>,
    /// A checkpoint kept elsewhere.
    pub kept: Option<Kept>,
    /// What is noted in the evidence store; none where it could not be read.
    pub noted: Option<Vec<Noted>>,
}

/// What was found.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Verification {
    /// Whether nothing is wrong.
    pub intact: bool,
    /// First position looked at.
    pub first_position: i64,
    /// Last position looked at.
    pub last_position: i64,
    /// Entries looked at.
    pub entries: i64,
    /// Checkpoints looked at.
    pub checkpoints: i64,
    /// Committed entries that are not numbered yet: the unsealed tail.
    pub unsealed: i64,
    /// What is wrong, in order of position: the first 100 findings.
    pub findings: Vec<Finding>,
    /// How many findings there are behind these.
    pub more_findings: i64,
    /// How the journal compares with the checkpoints that the service notes in the evidence store.
    pub noted: Compared,
    #[serde(skip)]
    findings_held: Findings,
}

/// One thing that is wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct Finding {
    /// Where.
    pub position: i64,
    /// `missing`, `altered`, `reordered`, `inserted`, `forged` (altered, with a new chain over it),
    /// `truncated`, `checkpoint_altered`, `checkpoint_missing`.
    #[schema(example = "altered")]
    pub kind: &'static str,
    /// One sentence.
    pub detail: String,
}

impl Verification {
    fn find(&mut self, position: i64, kind: &'static str, detail: impl Into<String>) {
        self.findings_held.add(Finding {
            position,
            kind,
            detail: detail.into(),
        });
    }

    fn has_found_within(&self, from: i64, to: i64) -> bool {
        self.findings_held.any_within(from, to)
    }
}

/// What a signed checkpoint states.
#[derive(Clone, Debug)]
pub struct Kept {
    number: i64,
    from: i64,
    position: i64,
    before: String,
    chain: String,
    at: DateTime<Utc>,
}

impl Kept {
    /// Reads a checkpoint that these keys signed; `None` for anything else.
    pub fn read(jws: &str, signer: &LocalKeys) -> Option<Self> {
        let claims = signer.verify_jws(jws, CHECKPOINT)?;
        let number = |name: &str| claims.get(name).and_then(Value::as_i64);
        let text =
            |claims: &Map<String, Value>, name: &str| Some(claims.get(name)?.as_str()?.to_owned());
        Some(Self {
            number: number("number")?,
            from: number("from")?,
            position: number("position")?,
            before: text(&claims, "before")?,
            chain: text(&claims, "chain")?,
            at: text(&claims, "at")?.parse().ok()?,
        })
    }

    /// The last entry it vouches for.
    pub fn position(&self) -> i64 {
        self.position
    }

    /// The chain hash of that entry, in hexadecimal.
    pub fn chain(&self) -> &str {
        &self.chain
    }

    /// When it was made.
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }
}

/// Where the verification begins: behind what, vouched for by which checkpoint.
struct Start {
    position: i64,
    number: i64,
    chain: Vec<u8>,
}

/// Verifies the journal or a part of it.
///
/// Finds what was changed without the signing key. A tail cut off together with its checkpoints shows by what
/// stands beside the journal (`beside`); for certain only by a checkpoint that lies elsewhere: noted in the evidence
/// store (`noted`), or kept by whoever asks.
pub async fn verify(conn: &mut Conn, signer: &LocalKeys, wanted: &Wanted) -> Result<Verification> {
    crate::db::transaction(conn, async |conn| {
        // Entries and checkpoints of one moment, however busy the service is.
        db::one_snapshot(conn).await?;
        let start = start(conn, wanted.from.unwrap_or(1)).await?;
        let end = match wanted.to {
            Some(to) => store::sealed_with(conn, to).await?.unwrap_or(i64::MAX),
            None => i64::MAX,
        };
        let mut found = Verification {
            unsealed: store::count_pending(conn).await?,
            first_position: start.position + 1,
            last_position: start.position,
            ..Verification::default()
        };
        if start.position == 0 {
            entries::before_the_first(conn, &mut found).await?;
            checkpoints::before_the_first(conn, &mut found).await?;
        }
        entries::walk(conn, &start, end, &mut found).await?;
        checkpoints::walk(conn, signer, &start, end, &mut found).await?;
        anchors(conn, wanted, end, &mut found).await?;
        found.intact = found.findings_held.is_empty();
        (found.findings, found.more_findings) = std::mem::take(&mut found.findings_held).named();
        Ok(found)
    })
    .await
}

pub use beside::lacking;
pub use noted::{Compared, Contradiction, Noted, contradictions};

/// How many entries that would be at most.
pub async fn extent(conn: &mut Conn, wanted: &Wanted) -> Result<i64> {
    let last = store::last_position(conn).await?;
    let to = wanted.to.map_or(last, |to| to.min(last));
    Ok(to - wanted.from.unwrap_or(1) + 1)
}

/// Passes are verified whole: the one that numbered `from` begins behind the checkpoint before.
async fn start(conn: &mut Conn, from: i64) -> Result<Start> {
    if let Some(last) = store::checkpoint_before(conn, from).await?
        && let Some(chain) = store::chain_at(conn, last.position).await?
    {
        return Ok(Start {
            position: last.position,
            number: last.number,
            chain,
        });
    }
    Ok(Start {
        position: 0,
        number: 0,
        chain: GENESIS.to_vec(),
    })
}

/// What is known of the journal from elsewhere.
async fn anchors(
    conn: &mut Conn,
    wanted: &Wanted,
    end: i64,
    found: &mut Verification,
) -> Result<()> {
    let last = store::last_position(conn).await?;
    if let Some(kept) = &wanted.kept
        && let Some(wrong) = compare(conn, kept, KEPT, last).await?
    {
        found.findings_held.add(wrong);
    }
    noted::check(conn, wanted.noted.as_deref(), found).await?;
    if end == i64::MAX {
        beside::check(conn, last, found).await?;
    }
    Ok(())
}

/// What a checkpoint that whoever asks has kept is called.
const KEPT: &str = "the checkpoint you kept";

/// What a checkpoint that lies elsewhere vouches for and the journal has not.
async fn compare(conn: &mut Conn, kept: &Kept, which: &str, last: i64) -> Result<Option<Finding>> {
    let finding = |position, kind, detail| {
        Some(Finding {
            position,
            kind,
            detail,
        })
    };
    Ok(match store::chain_at(conn, kept.position).await? {
        Some(chain) if hex::encode(&chain) == kept.chain => None,
        Some(_) => finding(
            kept.position,
            "forged",
            format!("The entry here is not the one that {which} vouches for."),
        ),
        None if kept.position > last => finding(
            last + 1,
            "truncated",
            format!(
                "Entries {} to {} are gone: {which} vouches for them.",
                last + 1,
                kept.position
            ),
        ),
        None => finding(
            kept.position,
            "missing",
            format!("The entry that {which} vouches for is gone."),
        ),
    })
}
