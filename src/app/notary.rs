//! Notes the journal's newest checkpoint in the store of evidence: a task of its own, so that neither the journal nor
//! anything else waits for the store.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::Running;
use crate::audit::notes::Notary;
use crate::state::AppState;

/// How often a replica notes at most.
const EVERY: Duration = Duration::from_secs(2);
/// How often it looks whether there is something new.
const LOOK: Duration = Duration::from_secs(1);
/// How long the last note of a replica that stops may take.
const LAST: Duration = Duration::from_secs(3);

/// Notes until told to stop; what cannot be noted is tried again.
pub async fn run(running: Running, mut stopped: watch::Receiver<bool>) {
    let mut notary = Notary::default();
    let (mut noted, mut tried) = (0, None::<Instant>);
    while !*stopped.borrow() {
        let rested = tried.is_none_or(|at| at.elapsed() >= EVERY);
        if rested && running.head.position() > noted {
            tried = Some(Instant::now());
            match notary.note(&running.state).await {
                Ok(position) => noted = position,
                Err(error) => {
                    let fault = error.with_causes();
                    tracing::warn!(fault, "the newest checkpoint could not be noted");
                }
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stopped.changed() => {}
        }
    }
}

/// The last note of a replica that stops, when its journal has made its last pass.
pub async fn last(app: &AppState) {
    let mut notary = Notary::default();
    let fault = match tokio::time::timeout(LAST, notary.note(app)).await {
        Ok(Ok(_)) => return,
        Ok(Err(error)) => error.with_causes(),
        Err(late) => late.to_string(),
    };
    tracing::warn!(fault, "the last checkpoint could not be noted");
}
