//! How far the journal has come, as this replica knows it: wakes whoever waits for news.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// Set when the replica stops, so that streams end.
const CLOSED: i64 = i64::MAX;

/// The last position, shared by all streams of a replica.
#[derive(Clone)]
pub struct Head(Arc<watch::Sender<i64>>);

impl Default for Head {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Head {
    /// Notes the last position.
    pub fn set(&self, position: i64) {
        self.0.send_if_modified(|known| {
            let news = *known != CLOSED && *known < position;
            if news {
                *known = position;
            }
            news
        });
    }

    /// Ends all streams.
    pub fn close(&self) {
        self.0.send_replace(CLOSED);
    }

    /// Whether streams are to end.
    pub fn is_closed(&self) -> bool {
        *self.0.borrow() == CLOSED
    }

    /// The last position, as known.
    pub fn position(&self) -> i64 {
        *self.0.borrow()
    }

    /// Waits until there is more than `position` or the replica stops; `false` if the time is over
    /// before.
    pub async fn wait_beyond(&self, position: i64, at_most: Duration) -> bool {
        let mut watcher = self.0.subscribe();
        let news = watcher.wait_for(|known| *known > position);
        tokio::time::timeout(at_most, news).await.is_ok()
    }

    /// How many wait for what comes next.
    pub fn waiting(&self) -> usize {
        self.0.receiver_count()
    }
}
