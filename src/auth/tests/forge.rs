//! Keys and tokens for tests, as honest and as crooked as a test needs them.

use aws_lc_rs::encoding::{AsBigEndian as _, AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaKeyPair, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::auth::LocalKeys;

/// The time at which the tests are played.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_500_000, 0).unwrap()
}

pub(crate) fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

enum Pair {
    Ed25519(Ed25519KeyPair),
    Es256(EcdsaKeyPair),
    Rs256(RsaKeyPair),
}

/// A private key that signs whatever it is given.
pub(crate) struct Forger {
    pub(crate) kid: String,
    pair: Pair,
}

impl Forger {
    pub(crate) fn ed25519(kid: &str) -> Forger {
        Forger {
            kid: kid.into(),
            pair: Pair::Ed25519(Ed25519KeyPair::generate().unwrap()),
        }
    }

    pub(crate) fn es256(kid: &str) -> Forger {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Forger {
            kid: kid.into(),
            pair: Pair::Es256(pair),
        }
    }

    pub(crate) fn rs256(kid: &str) -> Forger {
        Forger {
            kid: kid.into(),
            pair: Pair::Rs256(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()),
        }
    }

    /// The same key under another name.
    pub(crate) fn named(mut self, kid: &str) -> Forger {
        self.kid = kid.into();
        self
    }

    pub(crate) fn alg(&self) -> &'static str {
        match self.pair {
            Pair::Ed25519(_) => "EdDSA",
            Pair::Es256(_) => "ES256",
            Pair::Rs256(_) => "RS256",
        }
    }

    pub(crate) fn jwk(&self) -> Value {
        match &self.pair {
            Pair::Ed25519(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": b64(pair.public_key()), "kid": self.kid})
            }
            Pair::Es256(pair) => {
                let point = pair.public_key().as_ref();
                json!({"kty": "EC", "crv": "P-256", "x": b64(&point[1..33]), "y": b64(&point[33..]), "kid": self.kid})
            }
            Pair::Rs256(pair) => {
                let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({"kty": "RSA", "n": b64(public.n), "e": b64(public.e), "kid": self.kid})
            }
        }
    }

    pub(crate) fn jwks(&self) -> String {
        json!({"keys": [self.jwk()]}).to_string()
    }

    /// The Ed25519 private key as local signing keys, which then know this key.
    pub(crate) fn as_local_keys(&self) -> LocalKeys {
        let Pair::Ed25519(pair) = &self.pair else {
            panic!("local keys are Ed25519")
        };
        let seed = b64(pair.seed().unwrap().as_be_bytes().unwrap().as_ref());
        LocalKeys::from_text(
            &json!({"kty": "OKP", "crv": "Ed25519", "x": b64(pair.public_key()), "d": seed})
                .to_string(),
        )
        .unwrap()
    }

    pub(crate) fn pem(&self) -> String {
        let Pair::Ed25519(pair) = &self.pair else {
            panic!("local keys are Ed25519")
        };
        let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        pem::encode(&pem::Pem::new("PRIVATE KEY", der.as_ref()))
    }

    /// Signs header and claims as they are written.
    pub(crate) fn sign(&self, header: &str, claims: &str) -> String {
        let input = format!("{}.{}", b64(header), b64(claims));
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Ed25519(pair) => pair.sign(input.as_bytes()).as_ref().to_vec(),
            Pair::Es256(pair) => pair
                .sign(&random, input.as_bytes())
                .unwrap()
                .as_ref()
                .to_vec(),
            Pair::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, input.as_bytes(), &mut signature)
                    .unwrap();
                signature
            }
        };
        format!("{input}.{}", b64(signature))
    }

    pub(crate) fn header(&self) -> Value {
        json!({"alg": self.alg(), "kid": self.kid, "typ": "at+jwt"})
    }

    /// An honest token with these claims.
    pub(crate) fn token(&self, claims: &Value) -> String {
        self.sign(&self.header().to_string(), &claims.to_string())
    }
}

/// The claims of an honest token.
pub(crate) fn claims(issuer: &str) -> Value {
    let now = now().timestamp();
    json!({"iss": issuer, "aud": "tinbao", "exp": now + 600, "iat": now, "sub": "analyst-7", "client_id": "desk-app",
           "jti": "0193b5a4", "scope": "tips:read tips:triage"})
}
