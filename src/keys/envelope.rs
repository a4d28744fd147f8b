//! Envelope encryption: XChaCha20-Poly1305 under a data key, the data key wrapped by an identity key.
//!
//! 192-bit nonces are random; whose data it is goes in as associated data, so a sealed field cannot
//! be moved to another tip.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use hmac::Mac;

use super::{IdentityKeys, Secret, keyed, random_bytes};

const NONCE: usize = 24;

/// Sealing or opening failed; it never says more.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The key that wrapped it is not configured.
    #[error("identity key '{0}' is not configured")]
    UnknownKey(String),
    /// The bytes are not what was sealed under this key for this owner.
    #[error("sealed bytes do not open")]
    Broken,
}

/// A key for one tip's data.
#[derive(Clone, Debug)]
pub struct DataKey(Secret);

/// A data key as it is stored.
#[derive(Clone, Debug)]
pub struct Wrapped {
    /// Which identity key wrapped it.
    pub key_id: String,
    /// Nonce and ciphertext.
    pub bytes: Vec<u8>,
}

impl DataKey {
    /// A fresh key.
    pub fn random() -> Self {
        Self(Secret::random())
    }

    pub(super) const fn bytes(&self) -> &[u8; 32] {
        self.0.bytes()
    }

    /// Wraps the key for storage.
    pub fn wrap(&self, keys: &IdentityKeys, owner: &[u8]) -> Result<Wrapped, SealError> {
        let (id, key) = keys.current().ok_or(SealError::Broken)?;
        Ok(Wrapped {
            key_id: id.to_owned(),
            bytes: key.seal(owner, self.0.bytes())?,
        })
    }

    /// Unwraps a stored key.
    pub fn unwrap(keys: &IdentityKeys, owner: &[u8], wrapped: &Wrapped) -> Result<Self, SealError> {
        let key = keys
            .get(&wrapped.key_id)
            .ok_or_else(|| SealError::UnknownKey(wrapped.key_id.clone()))?;
        let bytes = key.open(owner, &wrapped.bytes)?;
        Ok(Self(Secret(
            bytes
                .try_into()
                .map_err(|_why: Vec<u8>| SealError::Broken)?,
        )))
    }

    /// Seals data for its owner.
    pub fn seal(&self, owner: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
        self.0.seal(owner, plain)
    }

    /// Opens sealed data of its owner.
    pub fn open(&self, owner: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        self.0.open(owner, sealed)
    }

    /// A commitment to data: who holds the key can tell that it is to these, and nobody else anything at all.
    pub fn commit(&self, data: &[u8]) -> [u8; 32] {
        let mut mac = keyed(self.0.bytes());
        mac.update(b"tinbao commitment");
        mac.update(data);
        mac.finalize().into_bytes().into()
    }
}

/// Data under a data key of its own, as it is stored beside that key.
#[derive(Clone, Debug)]
pub struct SealedAlone {
    /// The data key.
    pub key: Wrapped,
    /// Nonce and ciphertext.
    pub bytes: Vec<u8>,
}

impl SealedAlone {
    /// Seals data for its owner.
    pub fn seal(keys: &IdentityKeys, owner: &[u8], plain: &[u8]) -> Result<Self, SealError> {
        let key = DataKey::random();
        Ok(Self {
            bytes: key.seal(owner, plain)?,
            key: key.wrap(keys, owner)?,
        })
    }

    /// Opens what was sealed for the same owner.
    pub fn open(&self, keys: &IdentityKeys, owner: &[u8]) -> Result<Vec<u8>, SealError> {
        DataKey::unwrap(keys, owner, &self.key)?.open(owner, &self.bytes)
    }

    /// From its columns; `None` where the data has no key beside it.
    pub fn stored(key_id: Option<&str>, wrapped: Option<&[u8]>, bytes: &[u8]) -> Option<Self> {
        Some(Self {
            key: Wrapped {
                key_id: key_id?.to_owned(),
                bytes: wrapped?.to_vec(),
            },
            bytes: bytes.to_vec(),
        })
    }
}

impl Secret {
    /// Seals data: random nonce, then ciphertext.
    pub fn seal(&self, owner: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let nonce = random_bytes::<NONCE>();
        let cipher = XChaCha20Poly1305::new(self.bytes().into());
        let sealed = cipher
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: plain,
                    aad: owner,
                },
            )
            .map_err(|_why| SealError::Broken)?;
        let mut out = Vec::with_capacity(NONCE + sealed.len());
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    /// Opens what [`Self::seal`] made for the same owner.
    pub fn open(&self, owner: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (nonce, sealed) = sealed
            .split_first_chunk::<NONCE>()
            .ok_or(SealError::Broken)?;
        XChaCha20Poly1305::new(self.bytes().into())
            .decrypt(
                &XNonce::from(*nonce),
                Payload {
                    msg: sealed,
                    aad: owner,
                },
            )
            .map_err(|_why| SealError::Broken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_for_its_owner_and_its_keys() {
        let keys = IdentityKeys::generate("k1");
        let data = DataKey::random();
        let wrapped = data.wrap(&keys, b"tip-1").unwrap();
        let sealed = data.seal(b"tip-1", "họ tên".as_bytes()).unwrap();
        let again = DataKey::unwrap(&keys, b"tip-1", &wrapped).unwrap();
        assert_eq!(again.open(b"tip-1", &sealed).unwrap(), "họ tên".as_bytes());
        assert!(again.open(b"tip-2", &sealed).is_err());
        assert!(DataKey::unwrap(&keys, b"tip-2", &wrapped).is_err());
        assert!(DataKey::unwrap(&IdentityKeys::generate("k1"), b"tip-1", &wrapped).is_err());
        let unknown = DataKey::unwrap(&IdentityKeys::generate("k2"), b"tip-1", &wrapped);
        assert!(matches!(unknown, Err(SealError::UnknownKey(id)) if id == "k1"));
    }

    #[test]
    fn a_commitment_is_to_one_key_and_these_data() {
        let key = DataKey::random();
        assert_eq!(key.commit(b"a"), key.commit(b"a"));
        assert_ne!(key.commit(b"a"), key.commit(b"b"));
        assert_ne!(key.commit(b"a"), DataKey::random().commit(b"a"));
    }

    #[test]
    fn a_rotated_ring_still_opens_what_the_old_key_wrapped() {
        let old = IdentityKeys::generate("k1");
        let wrapped = DataKey::random().wrap(&old, b"t").unwrap();
        let new = IdentityKeys::generate("k2");
        let ring = IdentityKeys::parse(&format!("{},{}", new.to_text(), old.to_text())).unwrap();
        assert!(DataKey::unwrap(&ring, b"t", &wrapped).is_ok());
        assert_eq!(ring.current().unwrap().0, "k2");
    }

    #[test]
    fn nothing_prints_a_key() {
        let keys = IdentityKeys::generate("k1");
        let secret = keys.to_text();
        assert!(!format!("{keys:?}").contains(secret.split(':').nth(1).unwrap()));
    }
}
