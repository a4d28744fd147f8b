//! The end of the journal, read once for all streams of a replica: nearly all of them stand at the same place,
//! and all are woken at once.

use std::sync::Arc;

use tokio::sync::{Mutex, Semaphore, SemaphorePermit};

use crate::error::Result;
use crate::journal::{self, Record};
use crate::state::AppState;

/// Events read at once.
const PAGE: i64 = 200;
/// Streams that read for themselves at the same time; the others wait for their turn, so that no number of open
/// screens takes the place of other reads.
const TURNS: usize = 4;

/// What was read last.
#[derive(Clone)]
pub struct Tail(Arc<Inner>);

struct Inner {
    window: Mutex<Window>,
    turns: Semaphore,
}

/// All events from a position on.
#[derive(Default)]
struct Window {
    /// After this position.
    after: i64,
    /// Up to this one.
    through: i64,
    rows: Vec<Record>,
}

impl Default for Tail {
    fn default() -> Self {
        Self(Arc::new(Inner {
            window: Mutex::default(),
            turns: Semaphore::new(TURNS),
        }))
    }
}

impl Tail {
    /// Waits for a turn to read.
    pub async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed.
        self.0.turns.acquire().await.ok()
    }

    /// The next events after a position, of a journal that has come as far as `head`, as far as is known; asked
    /// whether it is so where that is `doubted`.
    pub async fn after(
        &self,
        app: &AppState,
        position: i64,
        (head, doubted): (i64, bool),
    ) -> Result<Vec<Record>> {
        let mut window = self.0.window.lock().await;
        if position < window.after {
            // A stream that catches up.
            drop(window);
            let _turn = self.turn().await;
            return read(app, position).await;
        }
        let news = window.rows.iter().any(|row| row.position > position);
        if !news && (doubted || window.through < head) {
            let rows = read(app, position).await?;
            let whole = i64::try_from(rows.len()).unwrap_or(PAGE) < PAGE;
            let last = rows.last().map_or(position, |row| row.position);
            *window = Window {
                after: position,
                through: if whole { head.max(last) } else { last },
                rows,
            };
        }
        let later = window.rows.iter().filter(|row| row.position > position);
        Ok(later.cloned().collect())
    }
}

async fn read(app: &AppState, position: i64) -> Result<Vec<Record>> {
    let mut conn = app.db.get().await?;
    journal::events_after(&mut conn, position, PAGE).await
}
