//! Background work of a replica: the sequencer, the journal's readers, tidying.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{Running, notary};
use crate::auth::notes_size;
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::journal::{self, Tape, sequencer};
use crate::state::AppState;
use crate::{
    border, cases, clients, evidence, idempotency, indicators, privacy, receipts, referrals,
    reveals, stats, tips, triage, webhooks,
};

/// How long the loop rests after a pass: what comes meanwhile is done together, which costs less than
/// one by one, beside the intake of the next tip.
const REST: Duration = Duration::from_millis(250);
/// A pass that had so much to do, all readers together, is followed by the next at once.
const BUSY: usize = 2_000;
/// What follows from tips may be so late while many come at once, before it is done beside them.
const LATE: chrono::Duration = chrono::Duration::seconds(3);
/// How many rounds of tidying, a minute each, lie between two checkpoints in the log.
const ROUNDS_A_CHECKPOINT: u64 = 10;
/// How long it waits after a failure.
const PAUSE: Duration = Duration::from_secs(1);
/// How long work may go on after it was told to stop.
const LAST_PASS: Duration = Duration::from_secs(5);

/// Running background work.
pub struct Background {
    app: AppState,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Background {
    /// Returns only when a piece of it ends that nobody stopped: then the replica is not whole any more.
    pub async fn failed(&mut self) -> anyhow::Error {
        match self.tasks.join_next().await {
            Some(Err(panic)) => anyhow::Error::new(panic).context("background work failed"),
            _ => anyhow::anyhow!("background work ended by itself"),
        }
    }

    /// Stops after a last pass, and notes how far the journal came.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        let ends = async { while self.tasks.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(LAST_PASS, ends).await;
        notary::last(&self.app).await;
    }
}

/// Starts all background work.
pub fn start(running: Running) -> Background {
    let (stop, stopped) = watch::channel(false);
    let (app, mut tasks) = (running.state.clone(), JoinSet::new());
    tasks.spawn(journal_loop(running.clone(), stopped.clone()));
    tasks.spawn(journal::listen(
        running.state.db.clone(),
        running.head.clone(),
        stopped.clone(),
    ));
    tasks.spawn(registry_loop(running.clone(), stopped.clone()));
    tasks.spawn(notary::run(running.clone(), stopped.clone()));
    if running.state.reads.has_replica() {
        tasks.spawn(replica_loop(running.state.clone(), stopped.clone()));
    }
    tasks.spawn(running.dispatcher.clone().run(stopped.clone()));
    tasks.spawn(watch_intake(running.intake.clone(), stopped.clone()));
    tasks.spawn(tidy_loop(running, stopped));
    Background { app, stop, tasks }
}

/// Ends when a writer of tips does: a replica that takes no tips must not call itself ready.
async fn watch_intake(intake: tips::Intake, mut stopped: watch::Receiver<bool>) {
    tokio::select! {
        () = intake.failed() => tracing::error!("a writer of tips ended by itself"),
        _ = stopped.wait_for(|told| *told) => {}
    }
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
    // What was taken in since the last pass is numbered too, before its note goes to the store of evidence.
    if let Some(conn) = &mut conn
        && let Err(error) = run(conn, &running).await
    {
        let fault = error.with_causes();
        tracing::warn!(fault, "the last pass of the background work failed");
    }
}

/// One pass, and what it makes known taken over into this replica's memory.
pub async fn run(conn: &mut Conn, running: &Running) -> Result<usize> {
    if !running.public.is_loaded() {
        running.public.refresh(conn).await?;
    }
    let done = pass(conn, &running.state).await;
    if !matches!(done, Ok(0)) {
        running.dispatcher.wake();
    }
    running.public.refresh(conn).await?;
    running.head.set(journal::last_position(conn).await?);
    done
}

/// One pass of everything; returns how much there was to do. A step that fails holds up none of the others: the
/// first failure is returned when all have had their turn.
async fn pass(conn: &mut Conn, app: &AppState) -> Result<usize> {
    let mut steps = Steps::default();
    let numbered = sequencer::pass(conn, app.now(), &app.settings.issuer, &app.signer).await;
    steps.note("numbering the journal", numbered, conn)?;
    let mut tape = Tape::load(conn).await?;
    let done = tips::background::number_register(conn, app, &mut tape).await;
    steps.note("numbering the register", done, conn)?;
    // While many citizens wait for an answer, this waits until it is late.
    if late(conn, app).await >= LATE || !app.load.is_flooded() {
        derive(&mut steps, conn, app, &mut tape).await?;
    }
    let done = indicators::figures::expire_verdicts(conn, app).await;
    steps.note("ending verdicts", done, conn)?;
    let done = tips::background::renew_search(conn).await;
    steps.note("renewing the search", done, conn)?;
    let done = tips::background::reprioritise(conn, app).await;
    steps.note("setting priorities anew", done, conn)?;
    let done = tips::background::add_up_open(conn).await;
    steps.note("adding up what is open", done, conn)?;
    let done = cases::clock::announce(conn, app).await;
    steps.note("announcing deadlines", done, conn)?;
    let done = tips::announcing::announce(conn, app).await;
    steps.note("announcing the limits of tips", done, conn)?;
    let done = triage::call_for_unclaimed(conn, app).await;
    steps.note("calling for unclaimed tips", done, conn)?;
    let done = referrals::remind(conn, app).await;
    steps.note("reminding agencies", done, conn)?;
    let done = webhooks::fan_out(conn, app, &mut tape).await;
    steps.note("handing out webhooks", done, conn)?;
    steps.end()
}

/// How late what follows from tips is.
async fn late(conn: &mut Conn, app: &AppState) -> chrono::Duration {
    // A fault here shows itself in the next step; the clock of the replica that wrote it may go wrong either way.
    let since = journal::unread_since(conn, tips::background::SEARCH).await;
    let since = since.ok().flatten();
    let late = since.map_or_else(chrono::Duration::zero, |since| (app.now() - since).abs());
    metrics::gauge!("background_late_seconds").set(late.as_seconds_f64());
    app.load.set_late(late.to_std().unwrap_or_default());
    late
}

/// What follows from tips, and costs as much as taking them in.
async fn derive(steps: &mut Steps, conn: &mut Conn, app: &AppState, tape: &mut Tape) -> Result<()> {
    let done = tips::background::link_tips(conn, app, tape).await;
    steps.note("linking tips", done, conn)?;
    let done = indicators::figures::count(conn, app, tape).await;
    steps.note("counting", done, conn)?;
    let done = tips::announcing::follow(conn, app, tape).await;
    steps.note("looking at the limits of tips", done, conn)?;
    // After the figures: a rule looks at them.
    let done = referrals::draw_up(conn, app, tape).await;
    steps.note("drawing up referrals", done, conn)?;
    let done = border::collect(conn, app, tape).await;
    steps.note("collecting for the border guard", done, conn)?;
    let done = tips::background::fill_search(conn, tape).await;
    steps.note("filling the search", done, conn).map(drop)
}

/// What the steps of a pass have come to.
#[derive(Default)]
struct Steps {
    done: usize,
    fault: Option<Error>,
}

impl Steps {
    /// Notes how a step went; an error only where the connection is of no use to the next.
    fn note(&mut self, step: &str, result: Result<usize>, conn: &mut Conn) -> Result<()> {
        match result {
            Ok(done) => self.done += done,
            Err(error) if db::is_broken(conn) => return Err(error),
            Err(error) => {
                let fault = error.with_causes();
                tracing::warn!(step, fault, "a step of the background work failed");
                self.fault.get_or_insert(error);
            }
        }
        Ok(())
    }

    fn end(self) -> Result<usize> {
        self.fault.map_or(Ok(self.done), Err)
    }
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
    while !*stopped.borrow() {
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
    let mut audited = 0;
    while !*stopped.borrow() {
        // Listing a bucket costs: once an hour is enough.
        if round.is_multiple_of(60)
            && let Err(error) = sweep(&running.state).await
        {
            tracing::warn!(%error, "sweeping the evidence failed");
        }
        if round.is_multiple_of(60)
            && let Err(error) = shield(&running.state).await
        {
            let fault = error.with_causes();
            tracing::warn!(fault, "what became official could not be shielded");
        }
        if round.is_multiple_of(ROUNDS_A_CHECKPOINT)
            && let Err(error) = tell_checkpoint(&running.state, &mut told).await
        {
            tracing::warn!(%error, "the newest checkpoint could not be read");
        }
        round += 1;
        running.limits().tidy();
        if let Err(error) = audit_issued(&running, &mut audited).await {
            tracing::warn!(
                fault = error.with_causes(),
                "issued tokens could not be audited yet"
            );
        }
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

/// Takes the notes of what `tinbao token` issued into the audit; each once.
/// Takes notes of tokens into the audit where there are more bytes of them than were `audited`.
async fn audit_issued(running: &Running, audited: &mut u64) -> Result<()> {
    let size = notes_size(&running.data_dir);
    if size != *audited {
        let (app, mut conn) = (&running.state, running.state.db.get().await?);
        clients::audit_notes(&mut conn, &running.data_dir, app.now()).await?;
        *audited = size;
    }
    Ok(())
}

/// What the lists call official now is warned of no longer.
async fn shield(app: &AppState) -> Result<usize> {
    let mut conn = app.db.dedicated().await?;
    app.reference.refresh(&mut conn).await?;
    indicators::publishing::correct_shielded(&mut conn, app).await
}

async fn sweep(app: &AppState) -> Result<usize> {
    // Outside the pool: listing a bucket takes its time.
    let mut conn = app.db.dedicated().await?;
    evidence::sweep(&mut conn, app, app.now()).await
}

/// What is done once a minute: what has had its time goes.
pub async fn tidy(app: &AppState) -> Result<()> {
    // Outside the pool: what has piled up may take longer to delete than a request may last.
    let mut conn = app.db.dedicated().await?;
    let now = app.now();
    let mut steps = Steps::default();
    let done = app.reference.refresh(&mut conn).await.map(|_| 0);
    steps.note("reading the lists anew", done, &mut conn)?;
    let done = idempotency::delete_expired(&mut conn, now).await.map(|_| 0);
    steps.note("forgetting idempotency keys", done, &mut conn)?;
    let done = clients::delete_expired(&mut conn, now).await.map(|_| 0);
    steps.note("forgetting revocations", done, &mut conn)?;
    let done = tips::background::tidy_open(&mut conn, now).await.map(|_| 0);
    steps.note("tidying what is open", done, &mut conn)?;
    let done = tips::background::delete_trials(&mut conn, now)
        .await
        .map(|_| 0);
    steps.note("deleting trials", done, &mut conn)?;
    let done = reveals::erase_due(&mut conn, now).await.map(|_| 0);
    steps.note("erasing identities", done, &mut conn)?;
    let done = stats::publish(&mut conn, app).await.map(|_| 0);
    steps.note("publishing figures", done, &mut conn)?;
    let done = privacy::scheduled(&mut conn, app).await.map(|_| 0);
    steps.note("keeping the terms of retention", done, &mut conn)?;
    let done = receipts::ends::forget(&mut conn, now).await.map(|_| 0);
    steps.note("forgetting how receipts ended", done, &mut conn)?;
    let done = webhooks::delete_old(&mut conn, now).await.map(|_| 0);
    steps.note("forgetting deliveries", done, &mut conn)?;
    steps.end().map(drop)
}
