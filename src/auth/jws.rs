//! Compact JWS (RFC 7515): inspection of the header before anything in it is
//! believed, signature check, signing.
//!
//! The JWT library checks signatures; the header is inspected here, because it
//! parses `crit` without acting on it and lets a header carry its own key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};

use super::strict_json;

/// The longest token or attestation that is looked at.
pub(super) const MAX_LENGTH: usize = 8 * 1024;

/// Header members that would change how the token is read or bring a key of the sender's own.
///
/// RFC 8725 §3.10 (do not trust received claims); `b64` is RFC 7797, `zip` and `enc` are encryption's.
const REFUSED: [&str; 8] = ["crit", "jwk", "jku", "x5u", "x5c", "b64", "zip", "enc"];

/// The signature algorithms accepted; each key has exactly one (RFC 8725 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Alg {
    EdDsa,
    Es256,
    Rs256,
}

impl Alg {
    pub(super) fn from_name(name: &str) -> Option<Alg> {
        match name {
            "EdDSA" => Some(Alg::EdDsa),
            "ES256" => Some(Alg::Es256),
            "RS256" => Some(Alg::Rs256),
            _ => None,
        }
    }

    fn algorithm(self) -> Algorithm {
        match self {
            Alg::EdDsa => Algorithm::EdDSA,
            Alg::Es256 => Algorithm::ES256,
            Alg::Rs256 => Algorithm::RS256,
        }
    }
}

/// A public key with the one algorithm it is for.
#[derive(Clone, Debug)]
pub(super) struct PublicKey {
    pub(super) alg: Alg,
    pub(super) key: DecodingKey,
}

/// A compact JWS whose header was found acceptable; its signature is not checked yet.
pub(super) struct Jws<'a> {
    pub(super) alg: Alg,
    pub(super) kid: String,
    /// In lower case, without `application/` (RFC 7515 §4.1.9).
    pub(super) typ: String,
    signed: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> Jws<'a> {
    /// Takes a token apart; `None` for whatever is not exactly as it should be.
    pub(super) fn read(token: &'a str) -> Option<Jws<'a>> {
        if token.len() > MAX_LENGTH {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        if payload.contains('.') || signature.is_empty() {
            return None;
        }
        let header = strict_json::object(&URL_SAFE_NO_PAD.decode(header).ok()?)?;
        if REFUSED.iter().any(|name| header.contains_key(*name)) {
            return None;
        }
        let typ = text(&header, "typ")?.to_ascii_lowercase();
        let typ = typ
            .strip_prefix("application/")
            .map(str::to_owned)
            .unwrap_or(typ);
        Some(Jws {
            alg: Alg::from_name(text(&header, "alg")?)?,
            kid: text(&header, "kid")?.to_owned(),
            typ,
            signed,
            payload,
            signature,
        })
    }

    /// Whether the signature is this key's; a key of another algorithm never fits.
    pub(super) fn is_signed_by(&self, key: &PublicKey) -> bool {
        key.alg == self.alg
            && jsonwebtoken::crypto::verify(
                self.signature,
                self.signed.as_bytes(),
                &key.key,
                self.alg.algorithm(),
            )
            .unwrap_or(false)
    }

    /// The payload as JSON, believed only after [`Jws::is_signed_by`].
    pub(super) fn payload(&self) -> Option<Map<String, Value>> {
        strict_json::object(&URL_SAFE_NO_PAD.decode(self.payload).ok()?)
    }
}

/// The first two parts of a JWS, `header.payload`, ready to be signed with an Ed25519 key.
pub(super) fn signing_input(kid: &str, typ: &str, payload: &[u8]) -> String {
    let header = serde_json::json!({ "alg": "EdDSA", "kid": kid, "typ": typ }).to_string();
    let mut input = URL_SAFE_NO_PAD.encode(header);
    input.push('.');
    URL_SAFE_NO_PAD.encode_string(payload, &mut input);
    input
}

fn text<'m>(members: &'m Map<String, Value>, name: &str) -> Option<&'m str> {
    members.get(name)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn token(header: &str) -> String {
        format!(
            "{}.{}.c2ln",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode("{}")
        )
    }

    #[test]
    fn types_are_compared_without_case_and_prefix() {
        for (typ, read) in [
            ("at+jwt", "at+jwt"),
            ("AT+JWT", "at+jwt"),
            ("application/at+jwt", "at+jwt"),
            ("Application/AT+jwt", "at+jwt"),
            ("JWT", "jwt"),
        ] {
            let token = token(&format!(r#"{{"alg":"EdDSA","kid":"k","typ":"{typ}"}}"#));
            assert_eq!(
                Jws::read(&token).map(|jws| jws.typ).as_deref(),
                Some(read),
                "{typ}"
            );
        }
    }

    #[test]
    fn only_three_parts_of_plain_base64url_are_a_token() {
        let good = token(r#"{"alg":"EdDSA","kid":"k","typ":"at+jwt"}"#);
        assert!(Jws::read(&good).is_some());
        let parts: Vec<&str> = good.split('.').collect();
        for bad in [
            String::new(),
            ".".into(),
            "..".into(),
            format!("{}.{}", parts[0], parts[1]),
            format!("{}.{}.", parts[0], parts[1]),
            format!("{good}.{}", parts[2]),
            format!("{good}.a.b"),
            format!("{}=.{}.{}", parts[0], parts[1], parts[2]),
            format!(" {good}"),
        ] {
            assert!(Jws::read(&bad).is_none(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_it_never_panics(token in "[ -~đ.]{0,80}", header in "\\PC{0,60}") {
            let _ = Jws::read(&token);
            let framed = format!("{}.e30.AA", URL_SAFE_NO_PAD.encode(header));
            if let Some(jws) = Jws::read(&framed) {
                prop_assert!(jws.payload().is_some());
            }
        }
    }
}
