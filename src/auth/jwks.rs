//! JWK sets (RFC 7517): which of an issuer's published keys may verify a token.

use std::collections::HashMap;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use serde_json::Value;

use super::jws::{Alg, PublicKey};

/// The largest key set that is read.
pub(super) const MAX_SET_BYTES: usize = 256 * 1024;

/// Moduli below 2048 bits are too weak (RFC 7518 §3.3); above 8192 they only cost time.
const RSA_MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;

/// The usable public keys of one issuer.
#[derive(Debug, Default)]
pub(super) struct KeySet {
    keys: HashMap<String, Vec<PublicKey>>,
}

impl KeySet {
    /// Reads a JWK set; keys of other kinds are passed over, a set without a usable key is an error.
    pub(super) fn read(document: &[u8]) -> Result<KeySet, String> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<Value>,
        }
        if document.len() > MAX_SET_BYTES {
            return Err(format!("larger than {MAX_SET_BYTES} bytes"));
        }
        let document: Document =
            serde_json::from_slice(document).map_err(|error| format!("not a JWK set: {error}"))?;
        let mut set = KeySet::default();
        for key in document.keys {
            // A key type of tomorrow must not lock out the keys of today (RFC 7517 §5).
            if let Ok(jwk) = serde_json::from_value::<Jwk>(key)
                && let Some(key) = jwk.verifying_key()
            {
                set.keys.entry(jwk.kid()).or_default().push(key);
            }
        }
        if set.keys.is_empty() {
            return Err("no EdDSA, ES256 or RS256 signature key in it".to_owned());
        }
        Ok(set)
    }

    /// The key of that name and algorithm.
    pub(super) fn find(&self, kid: &str, alg: Alg) -> Option<&PublicKey> {
        self.keys.get(kid)?.iter().find(|key| key.alg == alg)
    }
}

/// The members of a JWK that we look at.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    r#use: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    /// Present only in private keys.
    d: Option<Value>,
}

impl Jwk {
    fn verifying_key(&self) -> Option<PublicKey> {
        let not_for_signatures = self
            .r#use
            .as_deref()
            .is_some_and(|used_for| used_for != "sig")
            || self
                .key_ops
                .as_ref()
                .is_some_and(|ops| !ops.iter().any(|op| op == "verify"));
        if not_for_signatures {
            return None;
        }
        if self.d.is_some() {
            // Whoever reads a published private key can sign with it.
            tracing::warn!(
                kid = self.kid,
                "passed over a JWK that contains its private part"
            );
            return None;
        }
        let key = self.by_type()?;
        match (self.alg.as_deref(), key.alg) {
            // "Ed25519" is RFC 9864's name for the same.
            (None, _) | (Some("EdDSA" | "Ed25519"), Alg::EdDsa) => Some(key),
            (Some(name), alg) => (Alg::from_name(name) == Some(alg)).then_some(key),
        }
    }

    fn by_type(&self) -> Option<PublicKey> {
        match (self.kty.as_str(), self.crv.as_deref()) {
            ("OKP", Some("Ed25519")) => Some(PublicKey {
                alg: Alg::EdDsa,
                key: DecodingKey::from_ed_der(&coordinate(self.x.as_deref())?),
            }),
            ("EC", Some("P-256")) => {
                let point = [
                    &[4],
                    &*coordinate(self.x.as_deref())?,
                    &*coordinate(self.y.as_deref())?,
                ]
                .concat();
                Some(PublicKey {
                    alg: Alg::Es256,
                    key: DecodingKey::from_ec_der(&point),
                })
            }
            ("RSA", _) => {
                let n = number(self.n.as_deref())?;
                let e = number(self.e.as_deref())?;
                RSA_MODULUS_BYTES.contains(&n.len()).then(|| PublicKey {
                    alg: Alg::Rs256,
                    key: DecodingKey::from_rsa_raw_components(&n, &e),
                })
            }
            _ => None,
        }
    }

    /// The key's own name, else its thumbprint (RFC 7638).
    fn kid(&self) -> String {
        let part = |text: &Option<String>| text.clone().unwrap_or_default();
        self.kid.clone().unwrap_or_else(|| match self.kty.as_str() {
            "RSA" => thumbprint(&[("e", &part(&self.e)), ("kty", "RSA"), ("n", &part(&self.n))]),
            "EC" => thumbprint(&[
                ("crv", &part(&self.crv)),
                ("kty", "EC"),
                ("x", &part(&self.x)),
                ("y", &part(&self.y)),
            ]),
            _ => ed25519_thumbprint(&part(&self.x)),
        })
    }
}

/// The RFC 7638 thumbprint of an Ed25519 public key given in base64url.
pub(super) fn ed25519_thumbprint(x: &str) -> String {
    thumbprint(&[("crv", "Ed25519"), ("kty", "OKP"), ("x", x)])
}

/// SHA-256 over the required members in lexicographic order, without white space (RFC 7638 §3).
fn thumbprint(members: &[(&str, &str)]) -> String {
    let members: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("\"{name}\":{}", Value::from(*value)))
        .collect();
    let text = format!("{{{}}}", members.join(","));
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

/// One coordinate of a 256-bit curve: always its full 32 bytes (RFC 7518 §6.2.1.2, RFC 8037 §2).
fn coordinate(text: Option<&str>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD
        .decode(text?)
        .ok()
        .filter(|bytes| bytes.len() == 32)
}

/// An unsigned integer without leading zero bytes; some issuers write one too many.
fn number(text: Option<&str>) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text?).ok()?;
    let start = bytes.iter().position(|byte| *byte != 0)?;
    bytes.get(start..).map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::tests::forge::Forger;
    use serde_json::json;

    #[test]
    fn thumbprints_are_those_of_the_rfcs() {
        // RFC 8037 appendix A.3.
        assert_eq!(
            ed25519_thumbprint("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
        // RFC 7638 §3.1.
        let rsa: Jwk = serde_json::from_value(json!({"kty": "RSA", "e": "AQAB", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"})).unwrap();
        assert_eq!(rsa.kid(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        assert!(rsa.verifying_key().is_some());
    }

    #[test]
    fn only_fit_keys_are_taken() {
        let ed = Forger::ed25519("k").jwk();
        let ec = Forger::es256("k").jwk();
        let with = |key: &Value, name: &str, value: Value| {
            let mut key = key.clone();
            key[name] = value;
            key
        };
        for (what, key, fit) in [
            ("Ed25519", ed.clone(), true),
            ("P-256", ec.clone(), true),
            ("for signatures", with(&ed, "use", json!("sig")), true),
            ("with its algorithm", with(&ed, "alg", json!("EdDSA")), true),
            ("for encryption", with(&ed, "use", json!("enc")), false),
            (
                "for signing only",
                with(&ed, "key_ops", json!(["sign"])),
                false,
            ),
            (
                "of another algorithm",
                with(&ed, "alg", json!("RS256")),
                false,
            ),
            ("of HMAC", with(&ec, "alg", json!("HS256")), false),
            (
                "with its private part",
                with(&ed, "d", json!("AAAA")),
                false,
            ),
            ("on another curve", with(&ed, "crv", json!("X25519")), false),
            (
                "with a short coordinate",
                with(&ec, "y", json!("AAAA")),
                false,
            ),
            (
                "padded",
                with(
                    &ed,
                    "x",
                    json!("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo="),
                ),
                false,
            ),
            (
                "symmetric",
                json!({"kty": "oct", "kid": "k", "k": "c2VjcmV0"}),
                false,
            ),
            (
                "weak RSA",
                json!({"kty": "RSA", "kid": "k", "e": "AQAB", "n": URL_SAFE_NO_PAD.encode([255; 128])}),
                false,
            ),
            (
                "huge RSA",
                json!({"kty": "RSA", "kid": "k", "e": "AQAB", "n": URL_SAFE_NO_PAD.encode([255; 2048])}),
                false,
            ),
            ("no object", json!(7), false),
        ] {
            let set = KeySet::read(json!({"keys": [key]}).to_string().as_bytes());
            assert_eq!(set.is_ok(), fit, "{what}");
            // The unfit beside a fit one does no harm.
            let set = KeySet::read(
                json!({"keys": [key, with(&ed, "kid", json!("good"))]})
                    .to_string()
                    .as_bytes(),
            );
            assert!(set.unwrap().find("good", Alg::EdDsa).is_some(), "{what}");
        }
    }

    #[test]
    fn a_key_is_found_by_name_and_algorithm() {
        let set =
            json!({"keys": [Forger::ed25519("a").jwk(), Forger::es256("a").jwk()]}).to_string();
        let set = KeySet::read(set.as_bytes()).unwrap();
        assert!(set.find("a", Alg::EdDsa).is_some() && set.find("a", Alg::Es256).is_some());
        assert!(set.find("a", Alg::Rs256).is_none() && set.find("b", Alg::EdDsa).is_none());
    }

    #[test]
    fn what_is_no_key_set_is_an_error() {
        for bad in [
            "",
            "[]",
            "{}",
            r#"{"keys":{}}"#,
            r#"{"keys":[]}"#,
            "<html>gateway timeout</html>",
        ] {
            assert!(KeySet::read(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(
            KeySet::read(&vec![b' '; MAX_SET_BYTES + 1])
                .unwrap_err()
                .contains("larger")
        );
    }
}
