//! An identity provider whose keys lie in a file, and its tokens with any claims.

use serde_json::{Value, json};
use tinbao::auth::LocalKeys;
use uuid::Uuid;

use super::{Client, TestApp};

/// The provider.
pub struct Provider {
    /// `iss` of its tokens.
    pub issuer: String,
    keys: LocalKeys,
    dir: tempfile::TempDir,
}

impl Provider {
    /// With keys of its own.
    pub fn new(issuer: &str) -> Self {
        let provider = Self {
            issuer: issuer.to_owned(),
            keys: LocalKeys::generate().unwrap(),
            dir: tempfile::tempdir().unwrap(),
        };
        let set = provider.keys.jwks().to_string();
        std::fs::write(provider.dir.path().join("keys.json"), set).unwrap();
        provider
    }

    /// How `TINBAO_JWKS` names it.
    pub fn entry(&self) -> String {
        let file = self.dir.path().join("keys.json");
        format!("{}={}", self.issuer, file.to_str().unwrap())
    }

    /// A token of the client `desk-app` for an hour, with further claims or others.
    pub fn token(&self, t: &TestApp, sub: &str, scope: &str, claims: &Value) -> String {
        let now = t.clock.now().timestamp();
        let mut all = json!({"iss": self.issuer, "aud": "tinbao", "sub": sub, "client_id": "desk-app",
            "iat": now, "exp": now + 3_600, "jti": Uuid::now_v7(), "scope": scope});
        for (name, value) in claims.as_object().unwrap() {
            all[name] = value.clone();
        }
        self.keys.sign_jws(&all, "at+jwt").unwrap()
    }

    /// The bearer of such a token.
    pub fn bearer(&self, t: &TestApp, sub: &str, scope: &str) -> Client {
        t.anyone()
            .with_token(&self.token(t, sub, scope, &json!({})))
    }
}
