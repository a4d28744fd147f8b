//! The journal: audit and events in one order.
//!
//! Writers add entries inside the transaction of what they record (`record`); the sequencer numbers
//! them after commit. Readers go by position. Entries never hold reporter data, receipts or tokens.

mod chain;
mod events;
mod head;
mod lag;
mod listen;
mod reader;
pub mod sequencer;
mod settle;
mod store;
mod verify;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::auth::Principal;
use crate::db::Conn;
use crate::error::{Error, Result};

pub use events::cloud_event;
pub use head::Head;
pub use lag::unread_since;
pub use listen::listen;
pub use reader::{Reads, Tape, follow, not_ahead};
pub use settle::{is_pending, settled};
pub use store::{
    AuditRecord, AuditWanted, Checkpoint, Record, Told, acted_elsewhere, audit_page, events_after,
    last_checkpoint, last_position, newest_checkpoints, of_subject, settled_position, told,
};
pub use verify::{
    AT_ONCE, Compared, Contradiction, Finding, Kept, Noted, Verification, Wanted, contradictions,
    extent, lacking, verify,
};

/// What the journal calls those who act without a token.
pub const RESERVED: [&str; 3] = [REPORTER, PUBLIC, SYSTEM];
const REPORTER: &str = "reporter";
const PUBLIC: &str = "public";
const SYSTEM: &str = "system";

/// Who does something, as the journal names them.
#[derive(Clone, Debug)]
pub struct Actor {
    /// `sub` of the token, or `reporter`, `public`, `system`.
    pub name: String,
    /// `client_id` of the token.
    pub client_id: String,
    /// Agency of the token; none is the provincial police.
    pub agency: Option<String>,
    /// Request under which it was done.
    pub request_id: String,
}

impl Actor {
    /// The bearer of a token.
    pub fn bearer(who: &Principal, request_id: &str) -> Self {
        Self {
            name: who.sub.clone(),
            client_id: who.client_id.clone(),
            agency: who.agency.clone(),
            request_id: request_id.to_owned(),
        }
    }

    /// A reporter who acts by receipt.
    pub fn reporter(request_id: &str) -> Self {
        Self::named(REPORTER, request_id)
    }

    /// Anybody, without an account.
    pub fn public(request_id: &str) -> Self {
        Self::named(PUBLIC, request_id)
    }

    /// The service itself.
    pub fn system() -> Self {
        Self::named(SYSTEM, "")
    }

    fn named(name: &str, request_id: &str) -> Self {
        Self {
            name: name.to_owned(),
            client_id: String::new(),
            agency: None,
            request_id: request_id.to_owned(),
        }
    }
}

/// An entry on its way into the journal.
#[derive(Clone, Debug)]
pub struct Entry {
    /// UUIDv7; orders entries of one sequencer pass.
    pub id: Uuid,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// `tip.received`, `tip.read` …
    pub kind: &'static str,
    /// Whether changes, live events and webhooks carry it.
    pub is_event: bool,
    /// Who did it.
    pub actor: Actor,
    /// `tip`, `case`, `indicator` …
    pub subject_kind: &'static str,
    /// Which one.
    pub subject_id: Option<Uuid>,
    /// What else is to be known.
    pub data: Value,
}

impl Entry {
    /// An audit entry.
    #[expect(
        clippy::disallowed_methods,
        reason = "what waits for its number is told by the system's clock from what comes later: see settle.rs"
    )]
    pub fn audit(kind: &'static str, actor: &Actor, at: DateTime<Utc>) -> Self {
        Self {
            id: Uuid::now_v7(),
            at,
            kind,
            is_event: false,
            actor: actor.clone(),
            subject_kind: "none",
            subject_id: None,
            data: json!({}),
        }
    }

    /// An audit entry that is also an event for others.
    pub fn event(kind: &'static str, actor: &Actor, at: DateTime<Utc>) -> Self {
        Self {
            is_event: true,
            ..Self::audit(kind, actor, at)
        }
    }

    /// What it is about.
    #[must_use]
    pub fn on(mut self, kind: &'static str, id: Uuid) -> Self {
        self.subject_kind = kind;
        self.subject_id = Some(id);
        self
    }

    /// What else is to be known.
    #[must_use]
    pub fn with(mut self, data: Value) -> Self {
        self.data = data;
        self
    }
}

/// Adds entries in the caller's transaction.
pub async fn record(conn: &mut Conn, entries: &[Entry]) -> Result<()> {
    match store::insert_pending(conn, entries).await {
        // What is not written down is not done, and may be tried again (contract of the journal).
        Err(Error::Internal { source, .. }) => {
            Err(Error::unavailable("writing the journal", source))
        }
        other => other,
    }
}
