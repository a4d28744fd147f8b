//! Private signing keys written as text: PKCS#8 in PEM (RFC 8410) or JWK (RFC 8037).

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;

use super::keys::KeyError;

/// All keys of a text; one that cannot be read fails the whole, because a silently lost key is found too late.
pub(super) fn read(text: &str, origin: &str) -> Result<Vec<Ed25519KeyPair>, KeyError> {
    let keys = if text.trim_start().starts_with('{') {
        read_jwks(text)
    } else {
        read_pem(text)
    };
    keys.filter(|keys| !keys.is_empty())
        .ok_or_else(|| KeyError::NotAKey(origin.to_owned()))
}

fn read_pem(text: &str) -> Option<Vec<Ed25519KeyPair>> {
    let blocks = pem::parse_many(text).ok()?;
    blocks
        .iter()
        .map(|block| {
            if block.tag() != "PRIVATE KEY" {
                return None;
            }
            Ed25519KeyPair::from_pkcs8(block.contents()).ok()
        })
        .collect()
}

fn read_jwks(text: &str) -> Option<Vec<Ed25519KeyPair>> {
    #[derive(Deserialize)]
    struct Private {
        kty: String,
        crv: String,
        x: String,
        d: String,
    }
    let mut document: Value = serde_json::from_str(text).ok()?;
    let keys = match document.get_mut("keys") {
        Some(Value::Array(keys)) => std::mem::take(keys),
        Some(_) => return None,
        None => vec![document],
    };
    keys.into_iter()
        .map(|key| {
            let key: Private = serde_json::from_value(key).ok()?;
            if key.kty != "OKP" || key.crv != "Ed25519" {
                return None;
            }
            let seed = URL_SAFE_NO_PAD.decode(&key.d).ok()?;
            let public = URL_SAFE_NO_PAD.decode(&key.x).ok()?;
            Ed25519KeyPair::from_seed_and_public_key(&seed, &public).ok()
        })
        .collect()
}

/// The PEM form of a key.
pub(super) fn write_pem(pair: &Ed25519KeyPair) -> Result<String, KeyError> {
    let der: Result<Pkcs8V1Der<'_>, _> = pair.as_der();
    match der {
        Ok(der) => Ok(pem::encode(&pem::Pem::new("PRIVATE KEY", der.as_ref()))),
        Err(_unspecified) => Err(KeyError::Failed("encode a signing key")),
    }
}
