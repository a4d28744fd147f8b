//! Ids that follow from a name: the same thing has the same id everywhere, without a register.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_rfc_comes_out() {
        // RFC 9562, appendix A.4.
        let id = name_based(Uuid::NAMESPACE_DNS, "www.example.com");
        assert_eq!(id.to_string(), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    }
}
