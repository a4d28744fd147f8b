//! What single variables may hold, and what is said of anything else.

use std::net::{AddrParseError, SocketAddr};

use crate::auth::LocalKeys;
use crate::keys::Secret;

/// The provinces of today by their codes.
const PROVINCES: [&str; 34] = [
    "01", "04", "08", "11", "12", "14", "15", "19", "20", "22", "24", "25", "31", "33", "37", "38",
    "40", "42", "44", "46", "48", "51", "52", "56", "66", "68", "75", "79", "80", "82", "86", "91",
    "92", "96",
];

/// The code of a province.
pub fn province(text: &str) -> Result<String, &'static str> {
    if PROVINCES.contains(&text) {
        Ok(text.to_owned())
    } else {
        Err("must be the two digits of a province, such as 11 for Điện Biên")
    }
}

/// What register and case numbers begin with.
pub fn number_prefix(text: &str) -> Result<String, &'static str> {
    let fits = (1..=8).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if fits {
        Ok(text.to_owned())
    } else {
        Err("must be 1 to 8 of A–Z and 0–9")
    }
}

/// One of two words.
pub fn one_of<T>(text: &str, words: [(&str, T); 2]) -> Result<T, String> {
    let [(first, one), (second, other)] = words;
    match text {
        _ if text == first => Ok(one),
        _ if text == second => Ok(other),
        _ => Err(format!("must be {first} or {second}")),
    }
}

/// Where to listen, if anywhere.
pub fn address_or_off(text: &str) -> Result<Option<SocketAddr>, AddrParseError> {
    match text {
        "off" => Ok(None),
        _ => text.parse().map(Some),
    }
}

/// Signing keys, which stay the text that they are.
pub fn signing(text: &str) -> Result<String, String> {
    match LocalKeys::from_text(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(format!(
            "{error}; expected are the keys of a signing-….pem that 'tinbao dev' makes"
        )),
    }
}

/// A key or a secret of 32 bytes.
pub fn secret(text: &str) -> Result<Secret, &'static str> {
    Secret::from_base64(text).ok_or("must be base64 of 32 bytes")
}

/// Certificates in PEM; refused where there are none, or something else is among them.
pub fn certificates(text: &str) -> Result<Vec<reqwest::Certificate>, &'static str> {
    let all = reqwest::Certificate::from_pem_bundle(text.as_bytes());
    let all = all.unwrap_or_default();
    // Only a client reads what the PEM encloses.
    let client = reqwest::Client::builder().tls_certs_only(all.iter().cloned());
    if all.is_empty() || client.build().is_err() {
        return Err("must be certificates in PEM");
    }
    Ok(all)
}

/// A filter of the log that says a level in each part: a word alone would be taken for a part of the program, and
/// nothing else be logged.
pub fn log_filter(text: &str) -> Result<String, &'static str> {
    let levels = text.split(',').all(|part| {
        part.contains(['=', '['])
            || part
                .trim()
                .parse::<tracing::level_filters::LevelFilter>()
                .is_ok()
    });
    if levels && tracing_subscriber::EnvFilter::try_new(text).is_ok() {
        Ok(text.to_owned())
    } else {
        Err(
            "must be off, error, warn, info, debug or trace, or such a level for a part: \
             info,tinbao::webhooks=debug",
        )
    }
}

/// Where a browser app comes from: scheme, host and port, nothing after them.
pub struct Origin(pub String);

impl std::str::FromStr for Origin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let origin = url::Url::parse(text).map(|url| url.origin().ascii_serialization());
        match origin {
            Ok(origin) if origin == text => Ok(Self(origin)),
            _ => Err("is not an origin such as https://app.example.vn"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provinces_are_those_of_the_reference_data() {
        let shipped: serde_json::Value =
            serde_json::from_str(include_str!("../reference/data/provinces.json")).unwrap();
        let codes = shipped["provinces"].as_array().unwrap();
        assert!(
            codes
                .iter()
                .map(|one| one["code"].as_str().unwrap())
                .eq(PROVINCES)
        );
    }
}
