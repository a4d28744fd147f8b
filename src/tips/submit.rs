//! Storing a prepared tip, once for each idempotency key.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::intake::{self, Sender, Submission};
use super::model::NewEdge;
use super::store::Stored;
use super::wire::KnownIndicator;
use super::writer::{Lane, Writer};
use crate::db::Pool;
use crate::domain::indicator::Kind;
use crate::error::{Error, Result};
use crate::idempotency::{self, Answer, Claim, Outcome};
use crate::indicators::{self, public::PublicIndex};
use crate::state::{AppState, Load};

/// After how long a repeat asks again whether the first is done.
const ASKED_AGAIN: Duration = Duration::from_millis(100);
/// How many writers share the work: more gain nothing on two cores.
const WRITERS: usize = 2;
/// How many HTTP workers have a connection for tips that come alone.
const LANES: usize = 2;

/// The way into the tips.
#[derive(Clone)]
pub struct Intake {
    writer: Arc<Writer>,
    /// That of the HTTP worker, where it has one.
    lane: Option<Lane>,
    /// How many workers have one.
    lanes: Arc<AtomicUsize>,
    public: PublicIndex,
}

impl Intake {
    /// Starts the writers.
    pub fn start(pool: &Pool, load: &Load, public: PublicIndex) -> Self {
        Self {
            writer: Arc::new(Writer::start(pool, load, WRITERS)),
            lane: None,
            lanes: Arc::default(),
            public,
        }
    }

    /// The same for an HTTP worker: the first of them have a lane each.
    pub fn for_worker(&self) -> Self {
        let given = self.lanes.fetch_add(1, Ordering::Relaxed);
        Self {
            lane: (given < LANES).then(Lane::default),
            ..self.clone()
        }
    }

    /// Stores what is queued and takes nothing more.
    pub async fn drain(&self) {
        self.writer.drain().await;
    }

    /// Returns only when a writer ends that nobody stopped: then this replica stores fewer tips than it should, or none.
    pub async fn failed(&self) {
        self.writer.ended().await;
    }

    /// Prepares and stores a submission; the answer is sent only after it is durable.
    pub async fn submit(
        &self,
        app: &AppState,
        sender: &Sender<'_>,
        submission: &Submission,
        claim: Option<Claim>,
    ) -> Result<Outcome> {
        let _taken_in = app.load.take_in();
        let claim = claim.map(|claim| claim.keyed(&app.keys.answers));
        let since = Instant::now();
        loop {
            let mut prepared = intake::prepare(app, sender, submission)?;
            prepared.answer.already_known = known(&self.public, &prepared.tip.indicators);
            let answer = prepared.answer()?;
            if let Some(claim) = claim.clone() {
                prepared.claimed(app, claim, &answer)?;
            }
            let lane = self.lane.as_ref().filter(|_| app.load.is_one_tip());
            match self.writer.store(prepared.tip, lane).await? {
                Stored::Yes => {
                    return Ok(Outcome {
                        answer,
                        replayed: false,
                    });
                }
                Stored::KeyTaken => return replay(app, claim).await,
                Stored::KeyBusy => {
                    let claim = claim.as_ref().ok_or(Error::KeyReused)?;
                    if let Some(kept) = first(app, claim, since).await? {
                        return replayed(app, claim, &kept);
                    }
                    // It came to nothing: this one may be the first.
                }
            }
        }
    }
}

/// What the public check would say of these indicators, where it would say anything.
fn known(public: &PublicIndex, edges: &[NewEdge]) -> Vec<KnownIndicator> {
    edges
        .iter()
        .filter_map(|edge| {
            let (kind, value) = (Kind::from_code(&edge.kind)?, edge.value.clone()?);
            let verdict = indicators::known(public, kind, &value)?;
            Some(KnownIndicator {
                kind: edge.kind.clone(),
                value,
                verdict: verdict.to_owned(),
            })
        })
        .collect()
}

/// What came of the request that is at a key, once it is done; 409 where that takes too long. Many repeats of one slow
/// tip wait here, so none of them holds a connection while it does.
async fn first(
    app: &AppState,
    claim: &Claim,
    since: Instant,
) -> Result<Option<idempotency::Stored>> {
    loop {
        if since.elapsed() >= idempotency::PATIENCE {
            return Err(idempotency::in_progress());
        }
        tokio::time::sleep(ASKED_AGAIN).await;
        let mut conn = app.db.get().await?;
        if let Some(kept) = idempotency::settled(&mut conn, claim).await? {
            return Ok(kept);
        }
    }
}

fn replayed(app: &AppState, claim: &Claim, kept: &idempotency::Stored) -> Result<Outcome> {
    if kept.request_hash != claim.request_hash {
        return Err(Error::KeyReused);
    }
    Ok(Outcome {
        answer: Answer::open(&app.keys.answers, &claim.id, &kept.answer)?,
        replayed: true,
    })
}

/// The answer kept under a key that was taken already.
async fn replay(app: &AppState, claim: Option<Claim>) -> Result<Outcome> {
    let claim = claim.ok_or(Error::KeyReused)?;
    let mut conn = app.db.get().await?;
    let kept = idempotency::find_many(&mut conn, &[claim.id.to_vec()]).await?;
    match kept.first() {
        Some(kept) => replayed(app, &claim, kept),
        // The request that had the key in the same batch came to nothing.
        None => Err(Error::unavailable(
            "replaying an answer",
            "the first request under the key was not stored",
        )),
    }
}
