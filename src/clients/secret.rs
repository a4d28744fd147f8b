//! Client secrets: 256 random bits, stored as Argon2id.
//!
//! Beside the hash stands a check, by which a wrong secret is known at once: Argon2id takes 19 MiB and some hundredths
//! of a second, and whoever sends wrong secrets must not spend them. Its eight bytes of a SHA-256 help nobody to find
//! 256 random bits: what they leave is more than any search can cover.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::keys::random_bytes;

/// Bytes of each half of a check.
const HALF: usize = 8;

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

/// What is kept of a secret to know others by: which hash it is of, and some bytes of the secret's digest.
pub fn check(secret: &str, hash: &str) -> Vec<u8> {
    [half("hash", hash), half("secret", secret)].concat()
}

/// What a check says of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glance {
    /// It is another than the one that was hashed.
    Another,
    /// It is very likely the one; only the hash decides.
    Likely,
    /// Nothing: there is no check of this hash yet.
    Unknown,
}

/// What can be told of a secret without the slow hash.
pub fn glance(secret: &str, hash: &str, kept: Option<&[u8]>) -> Glance {
    match kept.and_then(|kept| kept.split_at_checked(HALF)) {
        // The hash was replaced since by who knows nothing of checks.
        Some((of, _)) if of != half("hash", hash) => Glance::Unknown,
        Some((_, known)) if known == half("secret", secret) => Glance::Likely,
        Some(_) => Glance::Another,
        None => Glance::Unknown,
    }
}

fn half(of: &str, text: &str) -> Vec<u8> {
    let digest = Sha256::new()
        .chain_update("check of a client's ")
        .chain_update(of)
        .chain_update([0])
        .chain_update(text)
        .finalize();
    digest.iter().take(HALF).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_secret_is_known_at_a_glance_and_a_right_one_by_the_hash() {
        let (secret, hash) = make().unwrap();
        let kept = check(&secret, &hash);
        assert_eq!(kept.len(), 16);
        assert!(matches(&secret, &hash) && !matches("x", &hash));
        let tell = |secret: &str, hash: &str| glance(secret, hash, Some(&kept));
        assert_eq!(tell(&secret, &hash), Glance::Likely);
        assert_eq!(tell("x", &hash), Glance::Another);
        // A check that is missing, or of another hash, tells nothing.
        let other = super::hash("x").unwrap();
        assert_eq!(tell("x", &other), Glance::Unknown);
        assert_eq!(glance("x", &hash, None), Glance::Unknown);
        assert_eq!(glance("x", &hash, Some(&[])), Glance::Unknown);
    }
}
