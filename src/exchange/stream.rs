//! A running export: reads page after page, encodes, and hands the bytes to whoever fetches them.

use std::time::Duration;

use actix_web::web::Bytes;
use futures_util::TryStreamExt;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use uuid::Uuid;

use super::encode::{Encoder, Format};
use super::store::{Dataset, PAGE, Pages};
use crate::db::Reader;
use crate::error::{Error, Result};
use crate::http::resume::Resume;
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;

/// Bytes handed over at once.
const PIECE: usize = 64 * 1024;
/// Pieces that wait for a slow client; then the export waits too.
const AHEAD: usize = 8;
/// A client that takes nothing for so long is given up: it can go on by cursor, and a page's snapshot
/// must not stay open for it.
const STALLED: Duration = Duration::from_secs(30);
/// A place among the running exports, or 503.
pub fn place(app: &AppState) -> Result<OwnedSemaphorePermit> {
    let places = app.load.exports.clone();
    places
        .try_acquire_owned()
        .map_err(|why| Error::unavailable("starting an export", why))
}

/// What a cursor holds: the key behind which to go on, and what the first request had fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Key of the last row that was sent.
    pub after: Uuid,
    /// Key of the last row that the export may hold.
    pub last: Uuid,
    /// Position of the journal when the export began.
    pub position: i64,
}

impl Mark {
    /// As the cursor carries it.
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(40);
        bytes.extend_from_slice(self.after.as_bytes());
        bytes.extend_from_slice(self.last.as_bytes());
        bytes.extend_from_slice(&self.position.to_be_bytes());
        bytes
    }

    /// Reads it back.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (after, rest) = bytes.split_first_chunk()?;
        let (last, rest) = rest.split_first_chunk()?;
        Some(Self {
            after: Uuid::from_bytes(*after),
            last: Uuid::from_bytes(*last),
            position: i64::from_be_bytes(rest.try_into().ok()?),
        })
    }
}

/// An export that is ready to run.
pub struct Export {
    /// Shared state.
    pub app: AppState,
    /// Who asked for it.
    pub actor: Actor,
    /// What is exported.
    pub dataset: &'static Dataset,
    /// How.
    pub format: Format,
    /// Its connection.
    pub reader: Reader,
    /// Its statements.
    pub pages: Pages,
    /// Where it stands.
    pub mark: Mark,
    /// Makes the cursors.
    pub resume: Resume,
    /// Its place among the running ones.
    pub _place: OwnedSemaphorePermit,
}

type Piece = std::result::Result<Bytes, std::io::Error>;

/// Starts it. A client that leaves ends it; a fault ends the answer without its proper end, so that
/// no client takes a part for the whole.
pub fn start(export: Export) -> mpsc::Receiver<Piece> {
    let (pieces, fetched) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        let (app, actor, dataset) = (export.app.clone(), export.actor.clone(), export.dataset);
        let format = export.format;
        let mut rows = 0;
        let outcome = run(export, &pieces, &mut rows).await;
        if let Err(error) = &outcome {
            tracing::warn!(export = dataset.name, rows, error = %error.with_causes(), "An export broke off");
            let _ = pieces
                .send(Err(std::io::Error::other("the export broke off")))
                .await;
        }
        metrics::counter!("export_rows_total", "export" => dataset.name).increment(rows);
        let entry = Entry::audit("export.ended", &actor, app.now()).with(json!({
            "export": dataset.name, "format": format.name(), "rows": rows, "complete": outcome.is_ok()}));
        let recorded = async { journal::record(&mut *app.db.get().await?, &[entry]).await };
        if let Err(error) = recorded.await {
            tracing::error!(error = %error.with_causes(), "The end of an export could not be recorded");
        }
    });
    fetched
}

async fn run(mut export: Export, pieces: &mpsc::Sender<Piece>, rows: &mut u64) -> Result<()> {
    let mut encoder = Encoder::new(export.dataset, export.format)?;
    loop {
        let Mark { after, last, .. } = export.mark;
        let (page, changed) = export.pages.after(&export.reader, after, last).await?;
        let mut page = std::pin::pin!(page);
        let mut read = 0_i64;
        let mut turn = export.app.load.export_turn().await;
        while let Some(row) = page.try_next().await? {
            export.mark.after = row.try_get(0)?;
            encoder.push(&row, &export.resume.seal(&export.mark.to_bytes()))?;
            read += 1;
            *rows += 1;
            if encoder.waiting() >= PIECE {
                // While nothing is read here, Postgres waits as well; a slow client holds no turn.
                drop(turn.take());
                hand_over(pieces, &mut encoder).await?;
                export.app.load.give_way().await;
                turn = export.app.load.export_turn().await;
            }
        }
        drop(turn);
        let full = match &changed {
            None => read == PAGE,
            Some(changed) => i64::try_from(changed.looked_at).unwrap_or(PAGE) == PAGE,
        };
        if let Some(key) = changed.and_then(|changed| changed.last) {
            export.mark.after = key;
        }
        if !full {
            break;
        }
    }
    hand_over(pieces, &mut encoder).await
}

async fn hand_over(pieces: &mpsc::Sender<Piece>, encoder: &mut Encoder) -> Result<()> {
    let piece = encoder.take()?;
    if piece.is_empty() {
        return Ok(());
    }
    pieces
        .send_timeout(Ok(Bytes::from(piece)), STALLED)
        .await
        .map_err(|_why| Error::unavailable("sending an export", "the client takes no more"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_survives_its_cursor_and_nothing_else_is_one() {
        let mark = Mark {
            after: Uuid::from_u128(7),
            last: Uuid::max(),
            position: 123_456,
        };
        assert_eq!(Mark::from_bytes(&mark.to_bytes()), Some(mark));
        for length in [0, 15, 39, 41] {
            assert_eq!(Mark::from_bytes(&vec![0; length]), None, "{length}");
        }
    }
}
