//! Hears of new positions at once: one connection a process listens to the sequencers of all replicas and
//! wakes whoever waits for news.
//!
//! A notification can be lost with its connection, so the last position is also read again and again.

use std::pin::pin;
use std::time::Duration;

use diesel_async::SimpleAsyncConnection;
use futures_util::StreamExt;
use tokio::sync::watch;

use super::{Head, store};
use crate::db::Pool;
use crate::error::{Error, Result};

/// How often the last position is read without having been told.
const POLL: Duration = Duration::from_secs(5);
/// How long it waits before it connects anew.
const PAUSE: Duration = Duration::from_millis(500);

/// How the connection is called in `pg_stat_activity`.
const NAME: &str = "tinbao journal listener";

/// Keeps the head up to date until told to stop.
pub async fn listen(db: Pool, head: Head, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        tokio::select! {
            result = hear(&db, &head) => {
                if let Err(error) = result {
                    let fault = error.with_causes();
                    tracing::warn!(fault, "the journal's listener connects anew");
                }
            }
            _ = stopped.changed() => return,
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = stopped.changed() => {}
        }
    }
}

/// Listens on one connection; ends only with an error.
async fn hear(db: &Pool, head: &Head) -> Result<()> {
    let mut conn = db.dedicated().await?;
    let listen = format!("set application_name = '{NAME}'; listen {}", store::CHANNEL);
    conn.batch_execute(&listen).await?;
    loop {
        // What was numbered before the first notification could be heard, or while none came.
        head.set(store::last_position(&mut conn).await?);
        loop {
            let mut heard = pin!(conn.notifications_stream());
            match tokio::time::timeout(POLL, heard.next()).await {
                Ok(Some(Ok(told))) => head.set(told.payload.parse().unwrap_or(0)),
                Ok(Some(Err(error))) => return Err(error.into()),
                Ok(None) => return Err(Error::unavailable("listening", "the connection ended")),
                Err(_silence) => break,
            }
        }
    }
}
