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
/// Looks of somebody who asks once, and the time between them.
const LOOKS: u8 = 5;
const BETWEEN: Duration = Duration::from_millis(500);
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
    /// Why it was not at the last look, and why as far as that was told.
    told: Mutex<(Option<Unused>, Option<Unused>)>,
    progress: Mutex<Progress>,
}

/// Why a replica that is configured is not read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unused {
    /// It does not answer.
    Away,
    /// It answers, and is in no recovery: a database of its own, or a standby that was promoted.
    NoReplica,
    /// It has not caught up yet, or falls behind by more than is allowed: what it replays may come from elsewhere.
    Behind,
}

impl Unused {
    const ALL: [Self; 3] = [Self::Away, Self::NoReplica, Self::Behind];

    /// In metrics and the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::NoReplica => "no_replica",
            Self::Behind => "behind",
        }
    }

    /// For an operator.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Away => {
                "it does not answer: check TINBAO_READ_DATABASE_URL, and that the standby runs"
            }
            Self::NoReplica => {
                "the database that TINBAO_READ_DATABASE_URL names is no standby: it was promoted, or it is another one"
            }
            Self::Behind => {
                "it is more than 10 seconds behind the primary: see whether it streams (pg_stat_replication)"
            }
        }
    }
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
                told: Mutex::default(),
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

    /// Why the replica is not read from, if it is not; looks a few times, as one look says nothing of a lag.
    pub async fn unused(&self) -> Option<Unused> {
        let replica = self.replica.as_ref()?;
        let mut unused = replica.unused(&self.primary).await;
        for _ in 0..LOOKS {
            if unused != Some(Unused::Behind) {
                break;
            }
            tokio::time::sleep(BETWEEN).await;
            unused = replica.unused(&self.primary).await;
        }
        unused
    }

    /// Looks how far the replica is behind, and whether it is to be read from until the next look.
    pub async fn look(&self) -> bool {
        let Some(replica) = &self.replica else {
            return false;
        };
        let unused = replica.unused(&self.primary).await;
        let fit = unused.is_none();
        metrics::gauge!("read_replica_used").set(f64::from(u8::from(fit)));
        for why in Unused::ALL {
            let is = f64::from(u8::from(unused == Some(why)));
            metrics::gauge!("read_replica_unused", "why" => why.as_str()).set(is);
        }
        replica.tell(unused);
        if replica.fit.swap(fit, Ordering::Relaxed) != fit {
            tracing::info!(fit, "the replica for reads changed");
        }
        fit
    }
}

impl Replica {
    /// Looks once.
    async fn unused(&self, primary: &Pool) -> Option<Unused> {
        match tokio::time::timeout(LOOK, self.look(primary)).await {
            Err(_) | Ok(Err(_)) => Some(Unused::Away),
            Ok(Ok(None)) => Some(Unused::NoReplica),
            Ok(Ok(Some(behind))) => {
                let near = behind.is_some_and(|behind| behind <= MOST_BEHIND);
                (!near).then_some(Unused::Behind)
            }
        }
    }

    /// Tells the log once why it is not used, as soon as two looks agree: the first can know of no lag.
    fn tell(&self, unused: Option<Unused>) {
        let mut told = self.told.lock();
        let before = std::mem::replace(&mut told.0, unused);
        if before != unused || told.1 == unused {
            return;
        }
        told.1 = unused;
        if let Some(why) = unused {
            tracing::warn!(
                why = why.as_str(),
                "the replica for reads is not used, and reads go to the primary: {}",
                why.advice()
            );
        }
    }

    /// How far it is behind, if that is known, of one that is a replica.
    async fn look(&self, primary: &Pool) -> Result<Option<Option<Duration>>> {
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
        Ok(Some(behind))
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
