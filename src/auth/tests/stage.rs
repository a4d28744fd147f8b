//! A verifier with a local issuer and two foreign ones, for tokens to be thrown at.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::forge::{Forger, claims, now};
use crate::auth::{Issuers, Rejected, Verifier};

pub(super) const LOCAL: &str = "https://tinbao.example";
pub(super) const IDP: &str = "https://idp.example";
pub(super) const PLAIN: &str = "https://plain.example";

/// The verifier and the keys of all three issuers.
pub(super) struct Stage {
    pub(super) verifier: Verifier,
    pub(super) local: Forger,
    pub(super) idp: Forger,
    pub(super) plain: Forger,
    _files: tempfile::TempDir,
}

impl Stage {
    pub(super) fn new() -> Stage {
        let local = Forger::ed25519("");
        let keys = local.as_local_keys();
        let local = local.named(&keys.signing_kid().unwrap());
        let (idp, plain) = (Forger::ed25519("idp-1"), Forger::es256("plain-1"));
        let files = tempfile::tempdir().unwrap();
        let (a, b) = (
            files.path().join("idp.json"),
            files.path().join("plain.json"),
        );
        std::fs::write(&a, idp.jwks()).unwrap();
        std::fs::write(&b, plain.jwks()).unwrap();
        let list = format!(
            "{IDP}={}, {PLAIN}=file://{};typ=JWT",
            a.display(),
            b.display()
        );
        let issuers = Issuers::parse(&list).unwrap();
        let verifier = Verifier::new(Some(Arc::new(keys)), issuers, "tinbao".into(), LOCAL.into());
        Stage {
            verifier,
            local,
            idp,
            plain,
            _files: files,
        }
    }

    pub(super) async fn outcome(&self, token: &str) -> Result<(), Rejected> {
        self.verifier.verify(token, now()).await.map(|_| ())
    }

    pub(super) async fn refuses(&self, what: &str, token: &str) {
        assert_eq!(
            self.outcome(token).await,
            Err(Rejected::Invalid),
            "{what}: {token}"
        );
        assert_eq!(
            self.outcome(token).await,
            Err(Rejected::Invalid),
            "{what}, the second time"
        );
    }
}

/// The object with one member set.
pub(super) fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

/// A verifier without a local issuer.
pub(super) fn foreign(list: &str) -> Verifier {
    Verifier::new(
        None,
        Issuers::parse(list).unwrap(),
        "tinbao".into(),
        "https://tinbao.example".into(),
    )
}

/// A key set of two keys.
pub(super) fn both(a: &Forger, b: &Forger) -> String {
    json!({"keys": [a.jwk(), b.jwk()]}).to_string()
}

/// So many seconds after the time of the tests.
pub(super) fn after(seconds: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(seconds)
}

/// A token that differs from the others, so that the cache does not know it.
pub(super) fn fresh(forger: &Forger, number: usize) -> String {
    let mut claims = claims(IDP);
    claims["jti"] = json!(number.to_string());
    claims["exp"] = json!(now().timestamp() + 100_000);
    forger.token(&claims)
}
