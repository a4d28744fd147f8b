//! How long a body may take: a phone on a bad network is waited for, a sender that drips is not.

use std::time::Duration;

use futures_util::{Stream, StreamExt};
use tokio::time::{Instant, timeout_at};

use super::problem::Problem;

/// Every body has this much time.
const GRACE: Duration = Duration::from_secs(60);
/// And so many bytes buy one second more: less than the worst mobile network carries.
const BYTES_A_SECOND: u64 = 1024;

/// Keeps time over one body.
pub struct Pace {
    began: Instant,
    bytes: u64,
}

impl Pace {
    /// The body begins.
    pub fn begin() -> Self {
        Self {
            began: Instant::now(),
            bytes: 0,
        }
    }

    /// Counts what has come.
    pub fn came(&mut self, bytes: usize) {
        self.bytes += u64::try_from(bytes).unwrap_or(u64::MAX);
    }

    /// The next piece, or 408 when the sender is too slow.
    pub async fn next<S: Stream + Unpin>(
        &self,
        pieces: &mut S,
    ) -> Result<Option<S::Item>, Problem> {
        let until = self.began + GRACE + Duration::from_secs(self.bytes / BYTES_A_SECOND);
        timeout_at(until, pieces.next())
            .await
            .map_err(|_elapsed| Problem::new("request_timeout", "The body did not come in time."))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    /// Reads pieces of so many bytes, one each so many seconds; says how many came and whether all did.
    async fn read(pieces: usize, bytes: usize, every: u64) -> (usize, bool) {
        let mut source = Box::pin(stream::iter(0..pieces).then(|_| async move {
            tokio::time::sleep(Duration::from_secs(every)).await;
        }));
        let mut pace = Pace::begin();
        let mut came = 0;
        loop {
            match pace.next(&mut source).await {
                Ok(Some(())) => {
                    pace.came(bytes);
                    came += 1;
                }
                Ok(None) => return (came, true),
                Err(problem) => {
                    assert_eq!(problem.slug, "request_timeout");
                    return (came, false);
                }
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn slow_networks_are_waited_for_and_dripping_senders_are_not() {
        assert_eq!(read(1_000, 4_096, 2).await, (1_000, true), "2 KiB a second");
        assert_eq!(read(5, 10, 10).await, (5, true), "a short body in time");
        assert_eq!(
            read(1_000, 1, 11).await,
            (5, false),
            "a byte each eleven seconds"
        );
        assert_eq!(read(1, 1, 600).await, (0, false), "silence");
    }
}
