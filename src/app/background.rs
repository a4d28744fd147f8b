//! Background work of a replica: the sequencer, the journal's readers, tidying.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Running;
use crate::db::Conn;
use crate::error::Result;
use crate::journal::{self, Tape, sequencer};
use crate::state::AppState;
use crate::{
    border, cases, clients, evidence, idempotency, indicators, privacy, referrals, reveals, stats,
    tips, triage, webhooks,
};

/// How long the loop rests after a pass: what comes meanwhile is done together, which costs less than
/// one by one, beside the intake of the next tip.
const REST: Duration = Duration::from_millis(250);
/// A pass that had so much to do, all readers together, is followed by the next at once.
const BUSY: usize = 2_000;
/// How many rounds of tidying, a minute each, lie between two checkpoints in the log.
const ROUNDS_A_CHECKPOINT: u64 = 10;
/// How long it waits after a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// Running background work.
pub struct Background {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Background {
    /// Stops after the pass at hand.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        for task in self.tasks {
            let _ = tokio::time::timeout(Duration::from_secs(5), task).await;
        }
    }
}

/// Starts all background work.
pub fn start(running: Running) -> Background {
    let (stop, stopped) = watch::channel(false);
    let tasks = vec![
        tokio::spawn(journal_loop(running.clone(), stopped.clone())),
        tokio::spawn(journal::listen(
            running.state.db.clone(),
            running.head.clone(),
            stopped.clone(),
        )),
        tokio::spawn(registry_loop(running.clone(), stopped.clone())),
        tokio::spawn(replica_loop(running.state.clone(), stopped.clone())),
        tokio::spawn(running.dispatcher.clone().run(stopped.clone())),
        tokio::spawn(tidy_loop(running, stopped)),
    ];
    Background { stop, tasks }
}

async fn journal_loop(running: Running, mut stopped: watch::Receiver<bool>) {
    let mut conn: Option<Conn> = None;
    while !*stopped.borrow() {
        let result = match &mut conn {
            Some(conn) => run(conn, &running).await,
            None => match running.state.db.dedicated().await {
                Ok(fresh) => {
                    conn = Some(fresh);
                    continue;
                }
                Err(error) => Err(error),
            },
        };
        let rest = match result {
            Ok(done) if done >= BUSY => continue,
            Ok(_) => REST,
            Err(error) => {
                let fault = error.with_causes();
                tracing::warn!(fault, "a pass of the background work failed");
                conn = None;
                PAUSE
            }
        };
        // What another replica numbers is taken over at once.
        let known = running.head.position();
        tokio::select! {
            _ = running.head.wait_beyond(known, rest) => {}
            _ = stopped.changed() => {}
        }
    }
}

/// One pass, and what it makes known taken over into this replica's memory.
pub async fn run(conn: &mut Conn, running: &Running) -> Result<usize> {
    if !running.public.is_loaded() {
        running.public.refresh(conn).await?;
    }
    let done = pass(conn, &running.state).await?;
    if done > 0 {
        running.dispatcher.wake();
    }
    running.public.refresh(conn).await?;
    running.head.set(journal::last_position(conn).await?);
    Ok(done)
}

/// One pass of everything; returns how much there was to do.
async fn pass(conn: &mut Conn, app: &AppState) -> Result<usize> {
    let mut done = sequencer::pass(conn, app.now(), &app.settings.issuer, &app.signer).await?;
    let mut tape = Tape::load(conn).await?;
    done += tips::background::number_register(conn, app, &mut tape).await?;
    done += tips::background::link_tips(conn, app, &mut tape).await?;
    done += indicators::figures::count(conn, app, &mut tape).await?;
    done += indicators::figures::expire_verdicts(conn, app).await?;
    done += tips::background::fill_search(conn, &mut tape).await?;
    done += tips::background::renew_search(conn).await?;
    done += tips::background::reprioritise(conn, app).await?;
    done += tips::background::add_up_open(conn).await?;
    done += cases::clock::announce(conn, app).await?;
    done += triage::call_for_unclaimed(conn, app).await?;
    // After the figures: a rule looks at them.
    done += referrals::draw_up(conn, app, &mut tape).await?;
    done += referrals::remind(conn, app).await?;
    done += border::collect(conn, app, &mut tape).await?;
    done += webhooks::fan_out(conn, app, &mut tape).await?;
    Ok(done)
}

/// Clients and revocations of other replicas are taken over within seconds.
async fn registry_loop(running: Running, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        let result = match running.state.db.get().await {
            Ok(mut conn) => running.registry.refresh(&mut conn).await,
            Err(error) => Err(error),
        };
        if let Err(error) = result {
            tracing::warn!(
                fault = error.with_causes(),
                "the registry could not be read"
            );
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(5)) => {}
            _ = stopped.changed() => {}
        }
    }
}

/// Looks every second how far the replica for reads is behind.
async fn replica_loop(app: AppState, mut stopped: watch::Receiver<bool>) {
    while app.reads.has_replica() && !*stopped.borrow() {
        app.reads.look().await;
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
            _ = stopped.changed() => {}
        }
    }
}

async fn tidy_loop(running: Running, mut stopped: watch::Receiver<bool>) {
    let mut round = 0_u64;
    let mut told = 0;
    while !*stopped.borrow() {
        // Listing a bucket costs: once an hour is enough.
        if round.is_multiple_of(60)
            && let Err(error) = sweep(&running.state).await
        {
            tracing::warn!(%error, "sweeping the evidence failed");
        }
        if round.is_multiple_of(ROUNDS_A_CHECKPOINT)
            && let Err(error) = tell_checkpoint(&running.state, &mut told).await
        {
            tracing::warn!(%error, "the newest checkpoint could not be read");
        }
        round += 1;
        running.limits().tidy();
        if let Err(error) = tidy(&running.state).await {
            tracing::warn!(error = error.with_causes(), "tidying failed");
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(60)) => {}
            _ = stopped.changed() => {}
        }
    }
}

/// Writes the newest checkpoint to the log: a copy out of reach of whoever can cut the journal's tail
/// off together with its checkpoints.
async fn tell_checkpoint(app: &AppState, told: &mut i64) -> Result<()> {
    let mut conn = app.db.get().await?;
    if let Some(last) = journal::last_checkpoint(&mut conn).await?
        && last.position > *told
    {
        *told = last.position;
        let (position, checkpoint) = (last.position, last.signature);
        tracing::info!(position, checkpoint, "the journal's newest checkpoint");
    }
    Ok(())
}

async fn sweep(app: &AppState) -> Result<usize> {
    let mut conn = app.db.get().await?;
    evidence::sweep(&mut conn, app, app.now()).await
}

/// What is done once a minute: what has had its time goes.
pub async fn tidy(app: &AppState) -> Result<()> {
    // Outside the pool: what has piled up may take longer to delete than a request may last.
    let mut conn = app.db.dedicated().await?;
    let (conn, now) = (&mut conn, app.now());
    // One that fails holds up none of the others.
    let done = [
        app.reference.refresh(conn).await.map(drop),
        idempotency::delete_expired(conn, now).await.map(drop),
        clients::delete_expired(conn, now).await.map(drop),
        tips::background::tidy_open(conn, now).await.map(drop),
        tips::background::delete_trials(conn, now).await.map(drop),
        reveals::erase_due(conn, now).await.map(drop),
        stats::publish(conn, app).await.map(drop),
        privacy::scheduled(conn, app).await.map(drop),
        webhooks::delete_old(conn, now).await.map(drop),
    ];
    done.into_iter().collect()
}
