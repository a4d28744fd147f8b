//! Reads from a streaming replica while it is near enough, else from the primary.
//!
//! How far it is behind is not asked of the replica alone: one cut off from its primary believes that it is
//! current. The primary's place in its log is noted at every look, and the replica is as old as the newest
//! place that it has replayed.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use diesel::QueryableByName;
use diesel::sql_types as st;
use parking_lot::Mutex;

use super::{Pool, Pooled};
use crate::error::Result;

/// Behind by more than this, the replica is not read from.
const MOST_BEHIND: Duration = Duration::from_secs(10);
/// Connections to the replica.
const CONNECTIONS: usize = 12;
/// How long a look may take.
const LOOK: Duration = Duration::from_secs(2);

/// Where reads go that may be seconds behind.
#[derive(Clone)]
pub struct Reads {
    primary: Pool,
    replica: Option<Arc<Replica>>,
}

struct Replica {
    pool: Pool,
    /// Near enough at the last look.
    fit: AtomicBool,
    progress: Mutex<Progress>,
}

/// What the looks saw.
#[derive(Debug, Default)]
struct Progress {
    /// Places of the primary that the replica had not replayed yet, oldest first.
    ahead: VecDeque<(i64, Instant)>,
    /// When the primary was where the replica is now, or later.
    caught_up: Option<Instant>,
}

impl Progress {
    /// Notes where the primary stands.
    fn primary_at(&mut self, place: i64, at: Instant) {
        self.ahead.push_back((place, at));
    }

    /// Notes where the replica stands.
    fn replica_at(&mut self, place: i64) {
        while let Some((noted, at)) = self.ahead.front().copied()
            && noted <= place
        {
            self.caught_up = Some(at);
            self.ahead.pop_front();
        }
        // Too far behind to be counted second by second.
        while self.ahead.len() > 1_000 {
            self.ahead.pop_front();
        }
    }

    fn behind(&self, now: Instant) -> Option<Duration> {
        self.caught_up.map(|at| now.saturating_duration_since(at))
    }
}

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = st::Nullable<st::BigInt>)]
    place: Option<i64>,
}

async fn place(pool: &Pool, sql: &'static str) -> Result<Option<i64>> {
    use diesel_async::RunQueryDsl;
    let row: Place = diesel::sql_query(sql)
        .get_result(&mut *pool.get().await?)
        .await?;
    Ok(row.place)
}

impl Reads {
    /// Reads go to the replica at `url`, where there is one, as soon as a look found it near enough.
    pub fn new(primary: &Pool, url: Option<&str>) -> Result<Self> {
        let replica = match url {
            None => None,
            Some(url) => Some(Arc::new(Replica {
                pool: Pool::new(url, CONNECTIONS)?,
                fit: AtomicBool::new(false),
                progress: Mutex::default(),
            })),
        };
        Ok(Self {
            primary: primary.clone(),
            replica,
        })
    }

    /// Whether a replica is configured.
    pub fn has_replica(&self) -> bool {
        self.replica.is_some()
    }

    /// A connection to read by.
    pub async fn get(&self) -> Result<Pooled> {
        Ok(self.source().await?.0)
    }

    /// A connection to read by, and the pool it is of: for what must read all its parts in one place.
    pub async fn source(&self) -> Result<(Pooled, &Pool)> {
        if let Some(replica) = &self.replica
            && replica.fit.load(Ordering::Relaxed)
        {
            match replica.pool.get().await {
                Ok(conn) => return Ok((conn, &replica.pool)),
                Err(error) => {
                    tracing::warn!(fault = error.with_causes(), "the replica for reads is away");
                    replica.fit.store(false, Ordering::Relaxed);
                }
            }
        }
        Ok((self.primary.get().await?, &self.primary))
    }

    /// Looks how far the replica is behind, and whether it is to be read from until the next look.
    pub async fn look(&self) -> bool {
        let Some(replica) = &self.replica else {
            return false;
        };
        let looked = tokio::time::timeout(LOOK, replica.look(&self.primary)).await;
        let fit = match looked {
            Ok(Ok(behind)) => behind.is_some_and(|behind| behind <= MOST_BEHIND),
            _ => false,
        };
        metrics::gauge!("read_replica_used").set(f64::from(u8::from(fit)));
        if replica.fit.swap(fit, Ordering::Relaxed) != fit {
            tracing::info!(fit, "the replica for reads changed");
        }
        fit
    }
}

impl Replica {
    async fn look(&self, primary: &Pool) -> Result<Option<Duration>> {
        const PRIMARY: &str = "select (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint as place";
        // Null where it is no replica (any more): then what it holds may be another history.
        const REPLICA: &str = "select case when pg_is_in_recovery()
            then (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint end as place";
        // The time first: what the primary writes meanwhile makes the replica seem older, never younger.
        let now = Instant::now();
        if let Ok(Some(place)) = place(primary, PRIMARY).await {
            self.progress.lock().primary_at(place, now);
        }
        let Some(place) = place(&self.pool, REPLICA).await? else {
            return Ok(None);
        };
        let mut progress = self.progress.lock();
        progress.replica_at(place);
        let behind = progress.behind(Instant::now());
        if let Some(behind) = behind {
            metrics::gauge!("read_replica_behind_seconds").set(behind.as_secs_f64());
        }
        Ok(behind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replica_is_as_old_as_the_newest_place_it_has_replayed() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut progress = Progress::default();
        assert_eq!(progress.behind(at(0)), None, "nothing is known yet");
        progress.primary_at(100, at(0));
        progress.primary_at(200, at(1));
        progress.replica_at(99);
        assert_eq!(progress.behind(at(1)), None, "behind all that was noted");
        progress.replica_at(150);
        assert_eq!(progress.behind(at(2)), Some(Duration::from_secs(2)));
        progress.replica_at(200);
        assert_eq!(progress.behind(at(2)), Some(Duration::from_secs(1)));
        progress.primary_at(300, at(3));
        progress.replica_at(200);
        assert_eq!(
            progress.behind(at(30)),
            Some(Duration::from_secs(29)),
            "one that stands still grows older"
        );
        progress.primary_at(300, at(30));
        progress.replica_at(300);
        assert_eq!(progress.behind(at(30)), Some(Duration::ZERO));
    }
}
