//! One live stream: what is ready, else what the journal has, else a heartbeat.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Bytes;
use chrono::TimeDelta;

use super::http::{known_at_once, visible};
use super::screens::{Live, Screen};
use super::tail::Tail;
use crate::auth::{Principal, Scope};
use crate::db::Class;
use crate::error::{Error, Result};
use crate::http::middleware::{Admission, Gate};
use crate::journal::{Head, cloud_event};
use crate::state::AppState;

/// A comment is sent so often, so that proxies do not cut a silent stream.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// After a read that was refused: there is more to do than there are connections.
const PAUSE: Duration = Duration::from_millis(500);
/// So often in turn a read may be refused before the stream ends, and its client comes back.
const REFUSALS: u32 = 20;

/// A stream and where it stands.
pub struct Stream {
    app: AppState,
    head: Head,
    tail: Tail,
    admission: Arc<dyn Admission>,
    /// Held as long as the stream lasts.
    _screen: Screen,
    who: Arc<Principal>,
    position: i64,
    ready: VecDeque<Bytes>,
    /// Nothing was heard for a while: the head may be the one of a replica that hears nothing.
    silent: bool,
    /// Reads refused in turn.
    refused: u32,
}

impl Stream {
    /// A stream that begins after a position.
    pub fn new(
        app: &AppState,
        live: &Live,
        gate: &Gate,
        (who, screen): (Arc<Principal>, Screen),
        position: i64,
    ) -> Self {
        Self {
            app: app.clone(),
            head: live.head.clone(),
            tail: live.tail.clone(),
            admission: gate.admission.clone(),
            _screen: screen,
            who,
            position,
            ready: VecDeque::from([Bytes::from_static(b"retry: 2000\n\n")]),
            silent: false,
            refused: 0,
        }
    }

    /// The next piece.
    pub async fn next(mut self) -> Option<(std::result::Result<Bytes, std::io::Error>, Self)> {
        loop {
            if let Some(bytes) = self.ready.pop_front() {
                return Some((Ok(bytes), self));
            }
            // Revoked since, disabled, or confined to less.
            match self.admission.admit(self.who.clone()) {
                Ok(who) if who.may(Scope::TipsRead) => self.who = who,
                _ => return None,
            }
            let head = self.head.position();
            let left = self.who.expires_at - self.app.now();
            if self.head.is_closed() || left <= TimeDelta::zero() {
                return None;
            }
            // A read like any other: claims and decisions do not wait for it.
            let read = Class::Read.run(self.read((head, self.silent))).await;
            self.silent = false;
            match read {
                Ok(true) => {
                    self.refused = 0;
                    continue;
                }
                // Up to the head there are only entries that are no events.
                Ok(false) => {
                    self.refused = 0;
                    self.position = self.position.max(head);
                }
                Err(Error::Unavailable { .. }) if self.refused < REFUSALS => {
                    self.refused += 1;
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
                // The client comes back with its last id.
                Err(_) => return None,
            }
            let at_most = left.to_std().map_or(HEARTBEAT, |left| left.min(HEARTBEAT));
            if !self.head.wait_beyond(self.position, at_most).await {
                self.silent = true;
                self.ready
                    .push_back(Bytes::from_static(b": still here\n\n"));
            }
        }
    }

    /// Reads what is new; returns whether there was anything.
    async fn read(&mut self, head: (i64, bool)) -> Result<bool> {
        let rows = self.tail.after(&self.app, self.position, head).await?;
        let Some(last) = rows.last().map(|row| row.position) else {
            return Ok(false);
        };
        let known = match known_at_once(&self.who, rows) {
            Ok(known) => known,
            Err(rows) => {
                let _turn = self.tail.turn().await;
                let mut conn = self.app.db.get().await?;
                visible(&mut conn, &self.who, rows).await?
            }
        };
        for record in known {
            let event = cloud_event(&record, &self.app.settings.issuer);
            let text = format!(
                "id: {}\nevent: {}\ndata: {event}\n\n",
                record.position, record.type_
            );
            self.ready.push_back(Bytes::from(text));
        }
        self.position = last;
        Ok(true)
    }
}
