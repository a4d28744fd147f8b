//! Sends what is due: any number of replicas, many receivers at once, one delivery a subject.
//!
//! A lane is leased, the request is made without any transaction, then the outcome is noted. A replica
//! that dies in between leaves a lease that runs out, and another sends again: at least once.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use reqwest::Certificate;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::sender::{Attempt, Message, Sender};
use super::store::lanes::{self, After, Leased, Wanted};
use super::{Targets, signing, store};
use crate::db;
use crate::domain::retry::next_attempt;
use crate::error::Result;
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;

/// Requests of one replica at once.
const AT_ONCE: usize = 64;
/// Of them to one webhook: a receiver that hangs takes no more than these.
const EACH: i64 = 8;
/// How long a lane is leased; longer than any request may take.
const LEASE: TimeDelta = TimeDelta::seconds(30);
/// How long the loop rests when nothing is due.
const REST: Duration = Duration::from_millis(250);
/// How long it waits after a failure.
const PAUSE: Duration = Duration::from_secs(1);
/// How long answers are waited for when the replica stops.
const GRACE: Duration = Duration::from_secs(4);

/// Sends deliveries; cheap to clone.
#[derive(Clone)]
pub struct Dispatcher {
    app: AppState,
    sender: Sender,
    news: Arc<Notify>,
}

/// A delivery and the token it is leased under.
struct Work {
    leased: Leased,
    token: Uuid,
}

impl Dispatcher {
    /// Sends to what `targets` admits and the system or these authorities vouch for.
    pub fn new(app: AppState, targets: Targets, authorities: &[Certificate]) -> Self {
        Self {
            app,
            sender: Sender::new(targets, authorities),
            news: Arc::default(),
        }
    }

    /// Has the loop look at once: something may have become due.
    pub fn wake(&self) {
        self.news.notify_one();
    }

    /// Sends what is due once and waits for all answers; returns how many were sent.
    pub async fn pass(&self) -> Result<usize> {
        let mut sending = JoinSet::new();
        for work in self.claim(&[]).await? {
            sending.spawn(self.clone().deliver(work));
        }
        Ok(sending.join_all().await.len())
    }

    /// Sends until told to stop; what is unanswered then is sent again when its lease is over.
    pub async fn run(self, mut stopped: watch::Receiver<bool>) {
        let mut sending = JoinSet::new();
        let mut busy: HashMap<tokio::task::Id, Uuid> = HashMap::new();
        while !*stopped.borrow() {
            let under_way: Vec<Uuid> = busy.values().copied().collect();
            let rest = match self.claim(&under_way).await {
                Ok(due) => {
                    for work in due {
                        let webhook = work.leased.webhook_id;
                        let task = sending.spawn(self.clone().deliver(work));
                        busy.insert(task.id(), webhook);
                    }
                    REST
                }
                Err(error) => {
                    let fault = error.with_causes();
                    tracing::warn!(fault, "deliveries could not be claimed");
                    PAUSE
                }
            };
            let mut ended = tokio::select! {
                ended = sending.join_next_with_id(), if !sending.is_empty() => ended,
                () = tokio::time::sleep(rest) => None,
                () = self.news.notified() => None,
                _ = stopped.changed() => None,
            };
            while let Some(task) = ended {
                busy.remove(&task.map_or_else(|lost| lost.id(), |(id, ())| id));
                ended = sending.try_join_next_with_id();
            }
        }
        let answers = async { while sending.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(GRACE, answers).await;
    }

    /// Leases what is due while these webhooks' requests are under way.
    async fn claim(&self, busy: &[Uuid]) -> Result<Vec<Work>> {
        let free = AT_ONCE.saturating_sub(busy.len());
        if free == 0 {
            return Ok(Vec::new());
        }
        let (token, now) = (self.app.new_id(), self.app.now());
        let wanted = Wanted {
            lanes: i64::try_from(free).unwrap_or(i64::MAX),
            each: EACH,
            busy,
        };
        let mut conn = self.app.db.get().await?;
        let leased = db::transaction(&mut conn, async |conn| {
            lanes::lease(conn, &wanted, token, now, now + LEASE).await
        })
        .await?;
        Ok(leased
            .into_iter()
            .map(|leased| Work { leased, token })
            .collect())
    }

    async fn deliver(self, work: Work) {
        let attempt = match self.message(&work.leased) {
            Ok(message) => self.sender.send(&work.leased.url, message).await,
            Err(error) => {
                let fault = error.with_causes();
                tracing::error!(fault, webhook = %work.leased.webhook_id, "cannot sign for a webhook");
                Attempt::unsigned()
            }
        };
        metrics::counter!("webhook_attempts_total", "outcome" => attempt.error.unwrap_or("delivered"))
            .increment(1);
        if let Err(error) = self.note(&work, attempt).await {
            let fault = error.with_causes();
            tracing::warn!(fault, delivery = %work.leased.id, "an attempt could not be noted");
        }
    }

    fn message(&self, leased: &Leased) -> Result<Message> {
        let now = self.app.now();
        let open =
            |sealed: &[u8]| signing::open(sealed, &self.app.keys.webhooks, leased.webhook_id);
        let mut secrets = vec![open(&leased.secret)?];
        let overlap = leased
            .previous_secret_until
            .is_some_and(|until| now < until);
        // One that no longer opens must not keep the new one from signing.
        secrets.extend(
            leased
                .previous_secret
                .as_deref()
                .filter(|_| overlap)
                .and_then(|sealed| open(sealed).ok()),
        );
        let id = leased.event_id.to_string();
        Ok(Message {
            signature: signing::signature(&secrets, &id, now, &leased.body),
            timestamp: now.timestamp(),
            body: leased.body.clone(),
            id,
        })
    }

    async fn note(&self, work: &Work, attempt: Attempt) -> Result<()> {
        let (leased, now) = (&work.leased, self.app.now());
        let after = if attempt.delivered() {
            After::Delivered
        } else if attempt.gone() {
            After::Dead
        } else {
            let failed = u32::try_from(leased.attempts).unwrap_or(0) + 1;
            let first = leased.first_attempt_at.unwrap_or(now);
            let dice = u32::from_be_bytes(crate::keys::random_bytes());
            next_attempt(failed, first, now, dice).map_or(After::Dead, After::Again)
        };
        let mut conn = self.app.db.get().await?;
        db::transaction(&mut conn, async |conn| {
            // The webhook before its lanes, as whoever deletes one takes them.
            if attempt.gone() && store::disable_gone(conn, leased.webhook_id, now).await? {
                let entry = Entry::audit("webhook.disabled", &Actor::system(), now)
                    .on("webhook", leased.webhook_id)
                    .with(serde_json::json!({"reason": "gone"}));
                journal::record(conn, &[entry]).await?;
            }
            lanes::finish(conn, leased, work.token, attempt, &after, now).await?;
            Ok(())
        })
        .await
    }
}
