//! Secret keys of the service and what is made with them: sealed bytes, keyed hashes.
//!
//! Randomness comes from the operating system, here and nowhere else.

mod envelope;
mod stream;

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub use envelope::{DataKey, SealError, SealedAlone, Wrapped};
pub use stream::{CHUNK, StreamSealer};

/// Fills an array from the operating system's random source.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    use rand::TryRng;
    let mut bytes = [0; N];
    // The source fails only where the system has none; then nothing may go on.
    if rand::rngs::SysRng.try_fill_bytes(&mut bytes).is_err() {
        std::process::abort();
    }
    bytes
}

/// A 256-bit secret; prints as dots.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// A fresh random secret.
    pub fn random() -> Self {
        Self(random_bytes())
    }

    /// From base64 (standard alphabet) of exactly 32 bytes.
    pub fn from_base64(text: &str) -> Option<Self> {
        STANDARD.decode(text.trim()).ok()?.try_into().ok().map(Self)
    }

    /// As base64.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// HMAC-SHA-256 over a label and the data, so that one secret serves several purposes apart.
    pub fn hash(&self, label: &str, data: &[u8]) -> [u8; 32] {
        let mut mac = keyed(&self.0);
        mac.update(label.as_bytes());
        mac.update(&[0]);
        mac.update(data);
        mac.finalize().into_bytes().into()
    }

    /// A secret for one purpose.
    pub fn derive(&self, label: &str) -> Self {
        Self(self.hash(label, b"derive"))
    }

    pub(crate) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(•••)")
    }
}

/// HMAC-SHA-256 under a 256-bit key, padded to the block as RFC 2104 has it.
pub fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    let mut block = [0; 64];
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    Hmac::new(&block.into())
}

/// The keys that wrap data keys: the first wraps, all unwrap (rotation with overlap).
#[derive(Clone, Debug)]
pub struct IdentityKeys(Vec<(String, Secret)>);

impl IdentityKeys {
    /// Reads `id:base64,id:base64`, the current one first.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut keys = Vec::new();
        for part in text
            .split([',', '\n'])
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let (id, key) = part
                .split_once(':')
                .ok_or("each key is written id:base64")?;
            let secret = Secret::from_base64(key)
                .ok_or_else(|| format!("key '{id}' is not base64 of 32 bytes"))?;
            if keys.iter().any(|(known, _)| known == id) {
                return Err(format!("key id '{id}' is given twice"));
            }
            keys.push((id.to_owned(), secret));
        }
        if keys.is_empty() {
            Err("no key given".to_owned())
        } else {
            Ok(Self(keys))
        }
    }

    /// One fresh key.
    pub fn generate(id: &str) -> Self {
        Self(vec![(id.to_owned(), Secret::random())])
    }

    /// As [`Self::parse`] reads it.
    pub fn to_text(&self) -> String {
        self.0
            .iter()
            .map(|(id, key)| format!("{id}:{}", key.to_base64()))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The key that wraps now.
    pub fn current(&self) -> Option<(&str, &Secret)> {
        self.0.first().map(|(id, key)| (id.as_str(), key))
    }

    fn get(&self, id: &str) -> Option<&Secret> {
        self.0
            .iter()
            .find(|(known, _)| known == id)
            .map(|(_, key)| key)
    }
}

/// Every secret of a running service.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Wraps the data keys of submissions and identities.
    pub identity: IdentityKeys,
    /// Hashes receipts.
    pub receipt: Secret,
    /// Seals list cursors.
    pub cursor: Secret,
    /// Seals stored idempotent answers.
    pub answers: Secret,
    /// Makes blind indexes of reporters' phones and ID numbers.
    pub blind: Secret,
    /// Seals the secrets that webhooks are signed with.
    pub webhooks: Secret,
}

impl Keys {
    /// From the three configured secrets; the others are derived.
    pub fn new(identity: IdentityKeys, receipt: Secret, cursor: Secret) -> Self {
        Self {
            answers: receipt.derive("idempotency answers"),
            blind: receipt.derive("blind index"),
            webhooks: receipt.derive("webhook secrets"),
            identity,
            receipt,
            cursor,
        }
    }

    /// Fresh random keys.
    pub fn random() -> Self {
        Self::new(
            IdentityKeys::generate("k1"),
            Secret::random(),
            Secret::random(),
        )
    }
}
