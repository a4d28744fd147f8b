//! Ids that say something: what follows from a name, the same everywhere without a register, and what tells a time.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use chrono::{DateTime, Utc};
use uuid::{Builder, Uuid};

/// Under this namespace lies everything that this service names.
pub const NAMESPACE: Uuid = Uuid::from_u128(0x6f3c_1b62_5d0e_4c8a_9a57_2e41_70d3_b8f9);

/// The UUIDv5 of a name (RFC 9562 §5.5). SHA-1 is what the RFC asks for; nothing secret hangs on it.
pub fn name_based(namespace: Uuid, name: &str) -> Uuid {
    let bytes = [namespace.as_bytes().as_slice(), name.as_bytes()].concat();
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, &bytes);
    let mut first = [0; 16];
    for (to, from) in first.iter_mut().zip(hash.as_ref()) {
        *to = *from;
    }
    Builder::from_sha1_bytes(first).into_uuid()
}

/// The least UUIDv7 of a time's millisecond (RFC 9562 §5.7).
pub fn first_at(at: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}

/// The same with a place in the order of what was made within the millisecond: 26 bits of it, in front of the
/// random ones (RFC 9562 §6.2, method 1).
pub fn numbered(id: Uuid, place: u32) -> Uuid {
    let mut bytes = id.into_bytes();
    let [top, high, middle, low] = (place << 6).to_be_bytes();
    bytes[6] = 0x70 | (top >> 4);
    bytes[7] = (top << 4) | (high >> 4);
    bytes[8] = 0x80 | ((high & 0x0f) << 2) | (middle >> 6);
    bytes[9] = (middle << 2) | (low >> 6);
    Uuid::from_bytes(bytes)
}

/// Bits of a place within a millisecond; the time has the other 44.
const PLACE_BITS: u32 = 20;

/// What follows the last place given, time and place in one number: the next of the same millisecond, or the first of
/// another one. So places tell nothing of how many ids were made before.
pub fn next_place(last: u64, at: DateTime<Utc>) -> u64 {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
    if last >> PLACE_BITS == millis {
        last + 1
    } else {
        millis << PLACE_BITS
    }
}

/// The place alone.
pub fn place(placed: u64) -> u32 {
    u32::try_from(placed & ((1 << PLACE_BITS) - 1)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_begin_anew_with_each_millisecond() {
        let at: DateTime<Utc> = "2026-11-24T01:20:00.123Z".parse().unwrap();
        let later = at + chrono::Duration::milliseconds(1);
        let mut last = 0;
        let mut places = Vec::new();
        for at in [at, at, at, later, later, at] {
            last = next_place(last, at);
            places.push(place(last));
        }
        assert_eq!(places, [0, 1, 2, 0, 1, 0]);
    }

    #[test]
    fn ids_of_one_millisecond_go_by_their_place() {
        let at = "2026-11-24T01:20:00.123Z".parse().unwrap();
        let first = first_at(at);
        let mut before = first;
        for place in [0, 1, 2, 63, 64, 255, 256, 1 << 14, 1 << 22, (1 << 26) - 1] {
            let id = numbered(Uuid::max(), place);
            assert_eq!(
                (id.get_version_num(), id.get_variant()),
                (7, uuid::Variant::RFC4122)
            );
            let id = numbered(first, place);
            assert!(place == 0 || before < id, "{place}");
            assert_eq!(id.as_bytes()[..6], first.as_bytes()[..6]);
            before = id;
        }
        assert!(before < first_at(at + chrono::Duration::milliseconds(1)));
        assert_eq!(numbered(Uuid::max(), 0).as_bytes()[10..], [0xff; 6]);
    }

    #[test]
    fn the_example_of_the_rfc_comes_out() {
        // RFC 9562, appendix A.4.
        let id = name_based(Uuid::NAMESPACE_DNS, "www.example.com");
        assert_eq!(id.to_string(), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    }
}
