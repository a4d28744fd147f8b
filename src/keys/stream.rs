//! Sealing of what is too long for memory: STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015) with
//! XChaCha20-Poly1305. Each chunk is sealed with its index and whether it is the last, so that none
//! can be dropped, moved or cut off unseen.

use aead_stream::{DecryptorBE32, EncryptorBE32};
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::Payload;

use super::{DataKey, SealError, random_bytes};

/// Plain bytes of every chunk but the last.
pub const CHUNK: usize = 64 * 1024;
const TAG: usize = 16;
const PREFIX: usize = 19;

/// Seals chunk after chunk for one owner.
pub struct StreamSealer {
    inner: EncryptorBE32<XChaCha20Poly1305>,
    owner: Vec<u8>,
}

impl DataKey {
    /// Starts to seal; the bytes returned go before the first chunk.
    pub fn seal_stream(&self, owner: &[u8]) -> (StreamSealer, [u8; PREFIX]) {
        let prefix = random_bytes::<PREFIX>();
        let sealer = StreamSealer {
            inner: EncryptorBE32::new(self.bytes().into(), &prefix.into()),
            owner: owner.to_vec(),
        };
        (sealer, prefix)
    }

    /// Opens a whole sealed stream.
    pub fn open_stream(&self, owner: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (prefix, rest) = sealed
            .split_first_chunk::<PREFIX>()
            .ok_or(SealError::Broken)?;
        let mut opener: DecryptorBE32<XChaCha20Poly1305> =
            DecryptorBE32::new(self.bytes().into(), &(*prefix).into());
        let mut plain = Vec::with_capacity(rest.len());
        let mut chunks = rest.chunks(CHUNK + TAG).peekable();
        while let Some(chunk) = chunks.next() {
            let payload = Payload {
                msg: chunk,
                aad: owner,
            };
            if chunks.peek().is_none() {
                let last = opener
                    .decrypt_last(payload)
                    .map_err(|_why| SealError::Broken)?;
                plain.extend(last);
                return Ok(plain);
            }
            let next = opener
                .decrypt_next(payload)
                .map_err(|_why| SealError::Broken)?;
            plain.extend(next);
        }
        Err(SealError::Broken)
    }
}

impl StreamSealer {
    /// Seals a chunk of exactly [`CHUNK`] bytes that is not the last.
    pub fn next(&mut self, chunk: &[u8]) -> Result<Vec<u8>, SealError> {
        let payload = Payload {
            msg: chunk,
            aad: &self.owner,
        };
        self.inner
            .encrypt_next(payload)
            .map_err(|_why| SealError::Broken)
    }

    /// Seals the last chunk, of at most [`CHUNK`] bytes.
    pub fn last(self, chunk: &[u8]) -> Result<Vec<u8>, SealError> {
        let payload = Payload {
            msg: chunk,
            aad: &self.owner,
        };
        self.inner
            .encrypt_last(payload)
            .map_err(|_why| SealError::Broken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(key: &DataKey, owner: &[u8], plain: &[u8]) -> Vec<u8> {
        let (mut sealer, prefix) = key.seal_stream(owner);
        let mut out = prefix.to_vec();
        let mut rest = plain;
        while rest.len() > CHUNK {
            let (chunk, more) = rest.split_at(CHUNK);
            out.extend(sealer.next(chunk).unwrap());
            rest = more;
        }
        out.extend(sealer.last(rest).unwrap());
        out
    }

    #[test]
    fn opens_only_whole_in_order_and_for_its_owner() {
        let key = DataKey::random();
        for length in [0, 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 5] {
            let plain: Vec<u8> = (0..251).cycle().take(length).collect();
            let whole = sealed(&key, b"file", &plain);
            assert_eq!(key.open_stream(b"file", &whole).unwrap(), plain);
            assert!(key.open_stream(b"other", &whole).is_err());
            assert!(DataKey::random().open_stream(b"file", &whole).is_err());
            let cut = &whole[..whole.len() - 1];
            assert!(key.open_stream(b"file", cut).is_err());
        }
        let step = CHUNK + TAG;
        let plain = vec![7; 3 * CHUNK];
        let whole = sealed(&key, b"file", &plain);
        let mut moved = whole[..PREFIX].to_vec();
        moved.extend(&whole[PREFIX + step..PREFIX + 2 * step]);
        moved.extend(&whole[PREFIX..PREFIX + step]);
        moved.extend(&whole[PREFIX + 2 * step..]);
        assert!(key.open_stream(b"file", &moved).is_err(), "moved");
        let cut = &whole[..PREFIX + 2 * step];
        assert!(key.open_stream(b"file", cut).is_err(), "cut off");
        assert!(key.open_stream(b"file", &[]).is_err());
    }
}
