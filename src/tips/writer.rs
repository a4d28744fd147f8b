//! Group commit: concurrent intakes share one statement and one flush to disk.
//!
//! No timer: while one batch commits, the next collects; only where what follows from tips is late do the writers rest
//! in between. A tip that comes alone waits for no other thread: it is
//! stored from the thread that read it. A tip is acknowledged only after commit; a client that goes away does not
//! cancel its tip; one bad tip never fails its neighbours; a lost connection is made again and the batch tried once
//! more, without storing anything twice.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use super::model::NewTip;
use super::store::{self, Stored};
use crate::db::{Conn, Pool};
use crate::error::{Error, Result};
use crate::state::Load;

/// Tips waiting at most; beyond that the service answers 503 at once.
const QUEUE: usize = 4_096;
/// Tips stored by one statement at most.
const BATCH: usize = 200;
/// How long a request waits for its commit.
const PATIENCE: Duration = Duration::from_secs(4);

struct Job {
    tip: Box<NewTip>,
    done: oneshot::Sender<Result<Stored>>,
}

/// The connection of one HTTP worker, made there when it is first needed, so that its work is done on that thread.
#[derive(Clone, Default)]
pub struct Lane(Arc<Mutex<Option<Conn>>>);

/// Takes tips and stores them in batches.
pub struct Writer {
    pool: Pool,
    queue: mpsc::Sender<Job>,
    stop: watch::Sender<bool>,
    workers: Mutex<Vec<JoinHandle<()>>>,
    /// Whether one of them has ended.
    ended: watch::Receiver<bool>,
}

/// Says when a worker ends, by a panic as well.
struct Alive(watch::Sender<bool>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.send_replace(true);
    }
}

impl Writer {
    /// Starts `workers` writers, each with a connection of its own.
    pub fn start(pool: &Pool, load: &Load, workers: usize) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let jobs = Arc::new(Mutex::new(jobs));
        let (stop, stopped) = watch::channel(false);
        let (gone, ended) = watch::channel(false);
        let work = |_| {
            let alive = Alive(gone.clone());
            let work = run(pool.clone(), load.clone(), jobs.clone(), stopped.clone());
            tokio::spawn(async move {
                let _alive = alive;
                work.await;
            })
        };
        let workers = (0..workers).map(work).collect();
        Self {
            pool: pool.clone(),
            queue,
            stop,
            workers: Mutex::new(workers),
            ended,
        }
    }

    /// Returns when a worker has ended, which none does before it is told to.
    pub async fn ended(&self) {
        let _ = self.ended.clone().wait_for(|ended| *ended).await;
    }

    /// Stores a tip, on a lane where it comes alone; returns once it is durable.
    pub async fn store(&self, tip: NewTip, lane: Option<&Lane>) -> Result<Stored> {
        let (done, answer) = oneshot::channel();
        let tip = Box::new(tip);
        let job = Job { tip, done };
        let free = lane.filter(|_| !*self.stop.borrow());
        match free.and_then(|lane| lane.0.clone().try_lock_owned().ok()) {
            Some(mut conn) => {
                let pool = self.pool.clone();
                // A task of its own: a client that goes away must not cancel it.
                tokio::spawn(async move { store_batch(&pool, &mut conn, vec![job]).await });
            }
            None => self
                .queue
                .try_send(job)
                .map_err(|_why| Error::unavailable("storing a tip", "the intake takes no more"))?,
        }
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(Error::unavailable(
                "storing a tip",
                "the writer has stopped",
            )),
            Err(_) => Err(Error::unavailable("storing a tip", "no commit in time")),
        }
    }

    /// Stores what is queued and takes nothing more.
    pub async fn drain(&self) {
        self.stop.send_replace(true);
        for worker in self.workers.lock().await.drain(..) {
            let _ = tokio::time::timeout(Duration::from_secs(10), worker).await;
        }
    }
}

async fn run(
    pool: Pool,
    load: Load,
    jobs: Arc<Mutex<mpsc::Receiver<Job>>>,
    mut stopped: watch::Receiver<bool>,
) {
    let mut conn: Option<Conn> = None;
    loop {
        let mut batch = Vec::with_capacity(BATCH);
        let mut queue = jobs.lock().await;
        let taken = tokio::select! {
            taken = queue.recv_many(&mut batch, BATCH) => taken,
            () = async { let _ = stopped.wait_for(|told| *told).await; } => {
                queue.close();
                queue.recv_many(&mut batch, BATCH).await
            }
        };
        drop(queue);
        if taken == 0 {
            return;
        }
        let begun = Instant::now();
        store_batch(&pool, &mut conn, batch).await;
        let rest = load.rest_after(begun.elapsed());
        if !rest.is_zero() && !*stopped.borrow() {
            tokio::time::sleep(rest).await;
        }
    }
}

async fn store_batch(pool: &Pool, conn: &mut Option<Conn>, batch: Vec<Job>) {
    let tips = u32::try_from(batch.len()).unwrap_or(u32::MAX);
    metrics::histogram!("intake_batch_tips").record(f64::from(tips));
    let (first, repeats) = split_repeats(batch);
    let tips: Vec<&NewTip> = first.iter().map(|job| job.tip.as_ref()).collect();
    let mut outcome = attempt(pool, conn, &tips).await;
    if let Err(error) = &outcome {
        // Deadlock, serialisation failure, or a connection that is gone: once more, on a new one.
        tracing::warn!(tips = tips.len(), %error, "storing a batch failed, trying again");
        *conn = None;
        outcome = again(pool, conn, &tips).await;
    }
    let mut busy = HashSet::new();
    match outcome {
        Ok(stored) => {
            for (job, stored) in first.into_iter().zip(stored) {
                note(&mut busy, &job, stored);
                let _ = job.done.send(Ok(stored));
            }
        }
        Err(error @ Error::Unavailable { .. }) => {
            tracing::error!(tips = first.len(), %error, "tips could not be stored");
            *conn = None;
            for job in first {
                let _ = job.done.send(Err(Error::unavailable(
                    "storing a tip",
                    "the database is away",
                )));
            }
        }
        // One of them is bad: store the others.
        Err(_) => {
            for job in first {
                let result = again(pool, conn, &[job.tip.as_ref()])
                    .await
                    .map(|stored| stored.first().copied().unwrap_or(Stored::Yes));
                match &result {
                    Ok(stored) => note(&mut busy, &job, *stored),
                    Err(_) => *conn = None,
                }
                let _ = job.done.send(result);
            }
        }
    }
    // The same key twice in one batch: the first is decided now, the repeat replays it.
    for job in repeats {
        let decided = match &job.tip.claim {
            Some((claim, _)) if busy.contains(&claim.id) => Stored::KeyBusy,
            _ => Stored::KeyTaken,
        };
        let _ = job.done.send(Ok(decided));
    }
}

/// Notes the key of a tip that another transaction is about to store.
fn note(busy: &mut HashSet<[u8; 32]>, job: &Job, stored: Stored) {
    if let (Stored::KeyBusy, Some((claim, _))) = (stored, &job.tip.claim) {
        busy.insert(claim.id);
    }
}

/// Sets apart tips whose idempotency key another tip of the batch has.
fn split_repeats(batch: Vec<Job>) -> (Vec<Job>, Vec<Job>) {
    let mut seen = HashSet::new();
    batch.into_iter().partition(|job| match &job.tip.claim {
        Some((claim, _)) => seen.insert(claim.id),
        None => true,
    })
}

async fn connected<'a>(pool: &Pool, conn: &'a mut Option<Conn>) -> Result<&'a mut Conn> {
    if conn.is_none() {
        *conn = Some(pool.for_intake().await?);
    }
    conn.as_mut()
        .ok_or_else(|| Error::unavailable("connecting", "no connection"))
}

async fn attempt(pool: &Pool, conn: &mut Option<Conn>, tips: &[&NewTip]) -> Result<Vec<Stored>> {
    let conn = connected(pool, conn).await?;
    in_time(store::insert_tips(conn, tips)).await
}

/// No writer waits for ever for a database that says nothing: the queue is behind it.
async fn in_time<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(PATIENCE, work)
        .await
        .map_err(|_why| Error::unavailable("storing a batch", "no answer in time"))?
}

/// Tries again; what the attempt before stored although its answer was lost is not stored twice.
async fn again(pool: &Pool, conn: &mut Option<Conn>, tips: &[&NewTip]) -> Result<Vec<Stored>> {
    let ids: Vec<_> = tips.iter().map(|tip| tip.id).collect();
    let new = connected(pool, conn).await?;
    let there: HashSet<_> = in_time(store::stored_ids(new, &ids))
        .await?
        .into_iter()
        .collect();
    let rest: Vec<&NewTip> = tips
        .iter()
        .copied()
        .filter(|tip| !there.contains(&tip.id))
        .collect();
    let stored: HashMap<_, _> = if rest.is_empty() {
        HashMap::new()
    } else {
        let outcome = attempt(pool, conn, &rest).await?;
        rest.iter().map(|tip| tip.id).zip(outcome).collect()
    };
    Ok(ids
        .iter()
        .map(|id| stored.get(id).copied().unwrap_or(Stored::Yes))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_writer_that_ends_by_itself_is_noticed() {
        // Nothing is sent, so nobody connects.
        let pool = Pool::new("postgres://nobody@127.0.0.1:1/none", 1).unwrap();
        let writer = Writer::start(&pool, &Load::default(), 2);
        let soon = Duration::from_millis(50);
        assert!(tokio::time::timeout(soon, writer.ended()).await.is_err());
        writer.workers.lock().await[1].abort();
        let later = Duration::from_secs(5);
        tokio::time::timeout(later, writer.ended()).await.unwrap();
    }
}
