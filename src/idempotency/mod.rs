//! Requests sent twice are done once: success answers kept by `Idempotency-Key`.
//!
//! The row is written in the transaction of the work itself, so both are there or neither, under an advisory lock a key.
//! A duplicate that comes while the first still runs waits for that lock and then replays. Writers of tips, who store
//! many at once, wait for nobody: where a key is locked they leave its tip out, and its request asks again and again,
//! holding no connection meanwhile, whether the first is done.

mod store;

use actix_web::HttpResponse;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::auth::Principal;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::http::idempotency::request_hash;
use crate::http::respond::{Kept, replayable};
use crate::http::{self, IdempotencyKey, Meta};
use crate::keys::Secret;
use crate::state::AppState;

pub use store::{PATIENCE, Stored, delete_expired, find_many, settled};

/// An answer that can be given again.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Answer {
    /// 200, 201, 202 or 204.
    pub status: u16,
    /// `Location`, where there is one.
    pub location: Option<String>,
    /// Version for the `ETag`, where there is one.
    pub version: Option<i32>,
    /// JSON body, empty for 204.
    pub body: String,
}

impl Answer {
    /// An answer with a JSON body.
    pub fn json<T: Serialize>(status: u16, body: &T) -> Result<Self> {
        let body =
            serde_json::to_string(body).map_err(|e| Error::internal("serialising an answer", e))?;
        Ok(Self {
            status,
            location: None,
            version: None,
            body,
        })
    }

    /// With its `Location`.
    #[must_use]
    pub fn at(mut self, location: String) -> Self {
        self.location = Some(location);
        self
    }

    /// With the version for its `ETag`.
    #[must_use]
    pub const fn versioned(mut self, version: i32) -> Self {
        self.version = Some(version);
        self
    }

    /// Sealed for the row of this key.
    pub fn seal(&self, secret: &Secret, id: &[u8; 32]) -> Result<Vec<u8>> {
        let plain =
            serde_json::to_vec(self).map_err(|e| Error::internal("serialising an answer", e))?;
        secret
            .seal(id, &plain)
            .map_err(|e| Error::internal("sealing an answer", e))
    }

    /// Opens a sealed answer.
    pub fn open(secret: &Secret, id: &[u8; 32], sealed: &[u8]) -> Result<Self> {
        let plain = secret
            .open(id, sealed)
            .map_err(|e| Error::internal("opening a stored answer", e))?;
        serde_json::from_slice(&plain).map_err(|e| Error::internal("reading a stored answer", e))
    }
}

/// A key in the scope of its sender, and what was sent under it.
#[derive(Clone, Debug)]
pub struct Claim {
    /// SHA-256 over client, subject (the device, for apps) and key.
    pub id: [u8; 32],
    /// Hash over method, path and body: keyed once it is [`Claim::keyed`].
    pub request_hash: [u8; 32],
}

impl Claim {
    /// The claim of a bearer.
    pub fn new(who: &Principal, key: &str, request_hash: [u8; 32]) -> Self {
        Self::scoped(&who.client_id, &who.sub, key, request_hash)
    }

    /// The claim of a bearer's request, if it carries a key.
    pub fn of(who: &Principal, key: &IdempotencyKey, meta: &Meta, raw: &[u8]) -> Option<Self> {
        let key = key.0.as_deref()?;
        Some(Self::new(
            who,
            key,
            request_hash(&meta.method, &meta.path, raw),
        ))
    }

    /// The number of the advisory lock that a writer of tips holds while it stores what was sent under this key:
    /// the first bytes of its id.
    pub const fn lock(&self) -> i64 {
        let [a, b, c, d, e, f, g, h, ..] = self.id;
        i64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    /// The claim as it is stored. What was sent holds a reporter's identity beside the body that is kept without it;
    /// an unkeyed hash would let who has the table guess a telephone number.
    #[must_use]
    pub fn keyed(self, secret: &Secret) -> Self {
        Self {
            request_hash: secret.hash("request", &self.request_hash),
            ..self
        }
    }

    /// The claim of somebody named otherwise than by a token.
    pub fn scoped(client: &str, subject: &str, key: &str, request_hash: [u8; 32]) -> Self {
        let mut hash = Sha256::new();
        for part in [client, subject, key] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        Self {
            id: hash.finalize().into(),
            request_hash,
        }
    }
}

/// An answer and whether it is given for the second time.
#[derive(Debug)]
pub struct Outcome {
    /// The answer.
    pub answer: Answer,
    /// Whether it was kept from an earlier request.
    pub replayed: bool,
}

/// What a repeat is told whose first comes to no end.
pub fn in_progress() -> Error {
    let detail = "The first request with this key is still running.";
    Error::conflict("in_progress", detail)
}

/// How long answers other than those to tips are kept.
const KEPT: Duration = Duration::hours(24);

/// Whether something was answered under a key already.
pub async fn is_taken(conn: &mut Conn, client: &str, subject: &str, key: &str) -> Result<bool> {
    let claim = Claim::scoped(client, subject, key, [0; 32]);
    Ok(store::find(conn, &claim.id).await?.is_some())
}

/// Forgets what was answered under a key before a time: it holds no more.
pub async fn forget(conn: &mut Conn, claim: &Claim, asked: DateTime<Utc>) -> Result<()> {
    store::forget(conn, &claim.id, asked).await
}

/// Does the work in a transaction, once for each key.
pub async fn once(
    conn: &mut Conn,
    secret: &Secret,
    claim: Option<Claim>,
    now: DateTime<Utc>,
    work: impl AsyncFnOnce(&mut Conn) -> Result<Answer>,
) -> Result<Outcome> {
    crate::db::transaction(conn, async |conn| {
        let Some(claim) = claim.map(|claim| claim.keyed(secret)) else {
            return Ok(Outcome {
                answer: work(conn).await?,
                replayed: false,
            });
        };
        if !store::reserve(conn, &claim, now, now + KEPT).await? {
            let stored = store::find(conn, &claim.id)
                .await?
                .ok_or_else(|| Error::conflict("in_progress", "Send the same request again."))?;
            if stored.request_hash != claim.request_hash {
                return Err(Error::KeyReused);
            }
            let answer = Answer::open(secret, &claim.id, &stored.answer)?;
            return Ok(Outcome {
                answer,
                replayed: true,
            });
        }
        let answer = work(conn).await?;
        store::complete(
            conn,
            &claim.id,
            answer.status,
            &answer.seal(secret, &claim.id)?,
        )
        .await?;
        Ok(Outcome {
            answer,
            replayed: false,
        })
    })
    .await
}

/// Answers a request, its work done once for each key on a connection of its own.
pub async fn respond(
    app: &AppState,
    claim: Option<Claim>,
    work: impl AsyncFnOnce(&mut Conn) -> Result<Answer>,
) -> http::Answer<HttpResponse> {
    let mut conn = app.db.get().await?;
    let outcome = once(&mut conn, &app.keys.answers, claim, app.now(), work).await?;
    Ok(outcome.into())
}

impl From<Outcome> for HttpResponse {
    fn from(outcome: Outcome) -> Self {
        replayable(outcome.answer.into(), outcome.replayed)
    }
}

impl From<Answer> for Kept {
    fn from(answer: Answer) -> Self {
        Self {
            status: answer.status,
            location: answer.location,
            version: answer.version,
            body: answer.body,
        }
    }
}
