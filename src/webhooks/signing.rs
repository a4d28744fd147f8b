//! Signatures according to Standard Webhooks: HMAC-SHA256 over id, time and body.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use hmac::Mac;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::keys::{Secret, keyed};

/// How long the secret before the last rotation signs as well.
pub const OVERLAP: TimeDelta = TimeDelta::hours(24);

/// As the receiver is shown it.
pub fn written(secret: &Secret) -> String {
    format!("whsec_{}", secret.to_base64())
}

/// Sealed for its webhook.
pub fn seal(secret: &Secret, keys: &Secret, webhook: Uuid) -> Result<Vec<u8>> {
    keys.seal(webhook.as_bytes(), secret.bytes())
        .map_err(|e| Error::internal("sealing a webhook secret", e))
}

/// Opens what [`seal`] made.
pub fn open(sealed: &[u8], keys: &Secret, webhook: Uuid) -> Result<[u8; 32]> {
    keys.open(webhook.as_bytes(), sealed)
        .map_err(|e| Error::internal("opening a webhook secret", e))?
        .try_into()
        .map_err(|_why: Vec<u8>| Error::internal("opening a webhook secret", "not 32 bytes"))
}

/// `webhook-signature`: one signature for each secret, the newest first.
pub fn signature(secrets: &[[u8; 32]], id: &str, at: DateTime<Utc>, body: &str) -> String {
    secrets
        .iter()
        .map(|secret| {
            let mut mac = keyed(secret);
            mac.update(format!("{id}.{}.{body}", at.timestamp()).as_bytes());
            format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
        })
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vector_of_standard_webhooks_holds() {
        // Its key is 24 bytes long; HMAC pads any short key with zeros.
        let short = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let mut secret = [0; 32];
        secret[..short.len()].copy_from_slice(&short);
        let at = DateTime::from_timestamp(1_614_265_330, 0).unwrap();
        let body = r#"{"test": 2432232314}"#;
        assert_eq!(
            signature(&[secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn a_secret_opens_only_for_its_webhook() {
        let (keys, secret, id) = (Secret::random(), Secret::random(), Uuid::from_u128(1));
        let sealed = seal(&secret, &keys, id).unwrap();
        assert_eq!(&open(&sealed, &keys, id).unwrap(), secret.bytes());
        assert!(open(&sealed, &keys, Uuid::from_u128(2)).is_err());
    }
}
