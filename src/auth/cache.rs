//! Tokens verified a moment ago.
//!
//! A signature check costs 15 to 40 µs, more than an empty request; a look in
//! here a fraction of one. What it holds says only that a token was genuine, so
//! the time in it is short: a key withdrawn by its issuer ends within a minute.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use parking_lot::RwLock;

use super::principal::Principal;

/// How long a verification is believed.
const KEPT_SECONDS: i64 = 60;
/// Shards keep writers from stopping all readers; a power of two, for a mask.
const SHARDS: usize = 16;
/// At most 10,240 tokens in all.
const SHARD_CAPACITY: usize = 640;

type Shard = RwLock<HashMap<[u8; 32], Entry, BuildHasherDefault<FirstBytes>>>;

pub(super) struct Cache {
    shards: [Shard; SHARDS],
}

struct Entry {
    who: Arc<Principal>,
    from: i64,
    until: i64,
}

impl Cache {
    pub(super) fn new() -> Cache {
        Cache {
            shards: std::array::from_fn(|_| RwLock::default()),
        }
    }

    pub(super) fn get(&self, token_hash: &[u8; 32], now: DateTime<Utc>) -> Option<Arc<Principal>> {
        let shard = self.shard(token_hash)?.read();
        let entry = shard.get(token_hash)?;
        // `from` matters when the clock was set back: the token may not be valid yet.
        (entry.from..entry.until)
            .contains(&now.timestamp())
            .then(|| Arc::clone(&entry.who))
    }

    pub(super) fn put(&self, who: &Arc<Principal>, now: DateTime<Utc>) {
        let from = now.timestamp();
        let until = who
            .expires_at
            .timestamp()
            .min(from.saturating_add(KEPT_SECONDS));
        let Some(shard) = self.shard(&who.token_hash).filter(|_| from < until) else {
            return;
        };
        let mut shard = shard.write();
        if shard.len() >= SHARD_CAPACITY {
            shard.retain(|_, entry| from < entry.until);
            if shard.len() >= SHARD_CAPACITY {
                // Cheaper than order: each token thrown out costs one more signature check.
                shard.clear();
            }
        }
        shard.insert(
            who.token_hash,
            Entry {
                who: Arc::clone(who),
                from,
                until,
            },
        );
    }

    pub(super) fn forget(&self, token_hash: &[u8; 32]) {
        if let Some(shard) = self.shard(token_hash) {
            shard.write().remove(token_hash);
        }
    }

    pub(super) fn forget_all(&self) {
        for shard in &self.shards {
            shard.write().clear();
        }
    }

    fn shard(&self, token_hash: &[u8; 32]) -> Option<&Shard> {
        let [.., last] = *token_hash;
        self.shards.get(usize::from(last) & (SHARDS - 1))
    }
}

/// Takes the first eight bytes of a SHA-256 for its hash: it is one already.
///
/// Only genuine tokens get in, so nobody can aim at one bucket.
#[derive(Default)]
struct FirstBytes(u64);

impl Hasher for FirstBytes {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk::<8>() {
            self.0 = u64::from_le_bytes(*first);
        }
    }

    fn write_usize(&mut self, _length: usize) {}

    // The length prefix of an array; nightly and stable differ in which they call.
    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::ScopeSet;

    fn who(number: u32, expires: i64) -> Arc<Principal> {
        let mut token_hash = [0; 32];
        token_hash[..4].copy_from_slice(&number.to_be_bytes());
        token_hash[31] = number.to_le_bytes()[0];
        Arc::new(Principal {
            issuer: "i".into(),
            sub: number.to_string(),
            client_id: "c".into(),
            jti: "j".into(),
            scopes: ScopeSet::EMPTY,
            agency: None,
            desk: None,
            units: None,
            issued_at: at(0),
            expires_at: at(expires),
            login: crate::auth::Login::default(),
            local: false,
            command_line: false,
            device: false,
            token_hash,
        })
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn a_token_is_kept_until_it_expires_and_at_most_a_minute() {
        let cache = Cache::new();
        let (short, long) = (who(1, 1_030), who(2, 9_000));
        cache.put(&short, at(1_000));
        cache.put(&long, at(1_000));
        for (now, short_kept, long_kept) in [
            (999, false, false),
            (1_000, true, true),
            (1_029, true, true),
            (1_030, false, true),
            (1_059, false, true),
            (1_060, false, false),
        ] {
            assert_eq!(
                cache.get(&short.token_hash, at(now)).is_some(),
                short_kept,
                "{now}"
            );
            assert_eq!(
                cache.get(&long.token_hash, at(now)).is_some(),
                long_kept,
                "{now}"
            );
        }
        cache.put(&who(3, 1_000), at(1_010));
        assert!(
            cache.get(&who(3, 1_000).token_hash, at(1_010)).is_none(),
            "within the leeway it is not kept"
        );
    }

    #[test]
    fn forgetting_one_leaves_the_others() {
        let cache = Cache::new();
        cache.put(&who(1, 9_000), at(1_000));
        cache.put(&who(2, 9_000), at(1_000));
        cache.forget(&who(1, 0).token_hash);
        assert!(cache.get(&who(1, 0).token_hash, at(1_000)).is_none());
        assert_eq!(
            cache.get(&who(2, 0).token_hash, at(1_000)).unwrap().sub,
            "2"
        );
        cache.forget_all();
        assert!(cache.get(&who(2, 0).token_hash, at(1_000)).is_none());
    }

    #[test]
    fn a_flood_of_tokens_does_not_grow_it() {
        let cache = Cache::new();
        for number in 0..50_000 {
            cache.put(&who(number, 9_000), at(1_000));
        }
        let kept: usize = cache.shards.iter().map(|shard| shard.read().len()).sum();
        assert!(kept <= SHARDS * SHARD_CAPACITY, "{kept}");
        assert!(
            cache.get(&who(49_999, 0).token_hash, at(1_000)).is_some(),
            "the newest is always there"
        );
    }
}
