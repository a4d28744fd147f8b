//! Decides whether a bearer token is genuine and who its bearer is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aws_lc_rs::digest;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::cache::Cache;
use super::issuers::Issuers;
use super::jws::{self, Jws, PublicKey};
use super::keys::LocalKeys;
use super::principal::Principal;
use super::token::{self, ACCESS_TOKEN_TYPE, Context};

/// Why a token is not accepted; deliberately without a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// 401 `invalid_token`: which part is wrong would only help an attacker.
    #[error("invalid token")]
    Invalid,
    /// 401 too: its client is not registered, or was not when the registry was read last.
    #[error("the client is not known")]
    UnknownClient,
    /// 503: the issuer's keys were never read, so that nothing can be said about the token.
    #[error("the issuer's keys cannot be read at present")]
    Unavailable,
}

/// The issuers believed, the audience we are, and what was verified a moment ago.
pub struct Verifier {
    local: Option<Arc<LocalKeys>>,
    local_issuer: String,
    issuers: Issuers,
    audience: String,
    cache: Cache,
    local_looked_at: AtomicI64,
}

impl Verifier {
    /// Believes the local keys (if any) under the name `issuer` and the foreign issuers under theirs.
    ///
    /// While there are local keys, their name is theirs alone.
    pub fn new(
        local: Option<Arc<LocalKeys>>,
        issuers: Issuers,
        audience: String,
        issuer: String,
    ) -> Self {
        Verifier {
            local,
            local_issuer: issuer,
            issuers,
            audience,
            cache: Cache::new(),
            local_looked_at: AtomicI64::new(0),
        }
    }

    /// The bearer of a genuine token.
    ///
    /// Ready at once for a token seen before and for a known key; it waits only
    /// for an issuer's key set.
    pub async fn verify(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<Arc<Principal>, Rejected> {
        if token.len() > jws::MAX_LENGTH {
            return Err(Rejected::Invalid);
        }
        let token_hash = token_hash(token);
        if let Some(who) = self.cache.get(&token_hash, now) {
            return Ok(who);
        }
        let who = Arc::new(self.check(token, token_hash, (now, now)).await?);
        self.cache.put(&who, now);
        Ok(who)
    }

    /// The bearer of a token of the local issuer that was genuine and may be over for as long as `grace`; for
    /// renewal alone.
    pub async fn verify_lapsed(
        &self,
        token: &str,
        now: DateTime<Utc>,
        grace: TimeDelta,
    ) -> Result<Arc<Principal>, Rejected> {
        if token.len() > jws::MAX_LENGTH {
            return Err(Rejected::Invalid);
        }
        // Read before the signature is checked, and used only to choose the time that its claims are read at. No
        // other issuer is asked for its keys, which anybody could make it do with a token of his own making.
        let claims = Jws::read(token).and_then(|jws| jws.payload());
        let end = claims
            .filter(|claims| claims.get("iss").and_then(Value::as_str) == Some(&self.local_issuer))
            .and_then(|claims| claims.get("exp").and_then(Value::as_i64))
            .and_then(|exp| DateTime::from_timestamp(exp, 0))
            .filter(|end| now - end <= grace)
            .ok_or(Rejected::Invalid)?;
        if self.local.is_none() {
            return Err(Rejected::Invalid);
        }
        let at = now.min(end - TimeDelta::seconds(1));
        let who = self.check(token, token_hash(token), (now, at)).await?;
        Ok(Arc::new(who))
    }

    /// Forgets that a token was verified, by [`token_hash`]; the next use is checked afresh.
    pub fn forget(&self, token_hash: &[u8; 32]) {
        self.cache.forget(token_hash);
    }

    /// Forgets all verified tokens.
    pub fn forget_all(&self) {
        self.cache.forget_all();
    }

    /// Whether tokens of an issuer of that name are accepted at all.
    pub fn believes(&self, issuer: &str) -> bool {
        let local = self.local.is_some() && issuer == self.local_issuer;
        local || self.issuers.contains(issuer)
    }

    /// Whether people of an issuer that has a prefix could be called so.
    pub fn is_of_an_issuer(&self, name: &str) -> bool {
        self.issuers.claims(name)
    }

    /// The local issuer's public keys as a JWK set; empty when it is switched off.
    pub fn jwks(&self) -> Value {
        self.local
            .as_ref()
            .map_or_else(|| json!({"keys": []}), |keys| keys.jwks())
    }

    /// `now` is when keys are looked for, `at` when the claims have to hold.
    async fn check(
        &self,
        token: &str,
        token_hash: [u8; 32],
        (now, at): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Principal, Rejected> {
        let jws = Jws::read(token).ok_or(Rejected::Invalid)?;
        let claims = jws.payload().ok_or(Rejected::Invalid)?;
        // Read before the signature is checked, and used only to choose whose keys must have made it.
        let issuer = claims
            .get("iss")
            .and_then(Value::as_str)
            .ok_or(Rejected::Invalid)?;
        let local = self
            .local
            .as_deref()
            .filter(|_| issuer == self.local_issuer);
        let foreign = self.issuers.get(issuer).filter(|_| local.is_none());
        let key = match (local, &foreign) {
            (Some(keys), _) if jws.typ == ACCESS_TOKEN_TYPE => self.local_key(keys, &jws.kid, now),
            (None, Some(issuer)) if issuer.takes(&jws.typ) => {
                Some(issuer.key(&jws.kid, jws.alg, now).await?)
            }
            _ => None,
        };
        if !jws.is_signed_by(&key.ok_or(Rejected::Invalid)?) {
            return Err(Rejected::Invalid);
        }
        let context = Context {
            audience: &self.audience,
            now: at,
            local: local.is_some(),
            token_hash,
        };
        let mut who = token::principal(&claims, &context).ok_or(Rejected::Invalid)?;
        let called = self.issuers.called(foreign.as_deref(), &who.sub);
        who.sub = called.ok_or(Rejected::Invalid)?;
        Ok(who)
    }

    /// A local key; for an unknown name the key files are read again, once a second at most.
    ///
    /// Another process (`tinbao keys rotate`, another replica on the same disk) may have added one.
    fn local_key(&self, keys: &LocalKeys, kid: &str, now: DateTime<Utc>) -> Option<PublicKey> {
        let known = keys.find(kid);
        if known.is_some()
            || self
                .local_looked_at
                .swap(now.timestamp(), Ordering::Relaxed)
                == now.timestamp()
        {
            return known;
        }
        if let Err(error) = keys.reload() {
            tracing::warn!(%error, "kept the signing keys as they were");
        }
        keys.find(kid)
    }
}

/// SHA-256 of a token: what a verification is remembered under.
pub fn token_hash(token: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    // SHA-256 has 32 bytes; zip cannot miss.
    for (to, from) in hash
        .iter_mut()
        .zip(digest::digest(&digest::SHA256, token.as_bytes()).as_ref())
    {
        *to = *from;
    }
    hash
}
