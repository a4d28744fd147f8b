//! Client secrets: 256 random bits, stored as Argon2id.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::error::{Error, Result};
use crate::keys::random_bytes;

/// A fresh secret and its hash; slow by design, so run it where it may block.
pub fn make() -> Result<(String, String)> {
    let secret = format!("tbs_{}", URL_SAFE_NO_PAD.encode(random_bytes::<32>()));
    let hash = hash(&secret)?;
    Ok((secret, hash))
}

/// The hash of a secret under a fresh salt; slow by design.
pub fn hash(secret: &str) -> Result<String> {
    Argon2::default()
        .hash_password_with_salt(secret.as_bytes(), &random_bytes::<16>())
        .map(|hash| hash.to_string())
        .map_err(|e| Error::internal("hashing a secret", e.to_string()))
}

/// Whether a secret is the one that was hashed; slow by design.
pub fn matches(secret: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(secret.as_bytes(), &hash)
            .is_ok()
    })
}
