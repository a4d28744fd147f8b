//! Observables and the patterns that match them, by kind of indicator.

use std::net::IpAddr;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{TLP_WHITE, TRACE, extension_id};
use crate::domain::ids::name_based;

/// The namespace that STIX 2.1 (§2.9) prescribes for observables.
const OBSERVABLES: Uuid = Uuid::from_u128(0x00ab_edb4_aa42_466c_9c01_fed2_3315_a9b7);

/// What kind of web trace a canonical link is.
pub enum Web<'a> {
    /// A whole host.
    Host(&'a str),
    /// A whole host that is an address.
    Address(IpAddr),
    /// One page.
    Page(&'a str),
}

impl<'a> Web<'a> {
    /// Reads a canonical link: `host[:port]/path?query`.
    pub fn of(value: &'a str) -> Self {
        let whole = value.strip_suffix('/').filter(|host| !host.contains('/'));
        let Some(host) = whole else {
            return Self::Page(value);
        };
        match host.trim_matches(['[', ']']).parse() {
            Ok(address) => Self::Address(address),
            Err(_) if host.contains(':') => Self::Page(value),
            Err(_) => Self::Host(host),
        }
    }
}

/// A string of the pattern language, quoted.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

fn address_type(address: IpAddr) -> &'static str {
    if address.is_ipv4() {
        "ipv4-addr"
    } else {
        "ipv6-addr"
    }
}

/// The pattern that matches an indicator.
pub fn pattern(kind: &str, value: &str) -> String {
    match kind {
        "url" => match Web::of(value) {
            Web::Host(host) => format!("[domain-name:value = {}]", quoted(host)),
            Web::Address(address) => {
                format!(
                    "[{}:value = {}]",
                    address_type(address),
                    quoted(&address.to_string())
                )
            }
            // The canonical form has no scheme: http and https are one.
            Web::Page(page) => {
                let with = |scheme: &str| quoted(&format!("{scheme}://{page}"));
                format!(
                    "[url:value = {} OR url:value = {}]",
                    with("http"),
                    with("https")
                )
            }
        },
        "email" => format!("[email-addr:value = {}]", quoted(value)),
        _ => format!(
            "[{TRACE}:kind = {} AND {TRACE}:value = {}]",
            quoted(kind),
            quoted(value)
        ),
    }
}

/// What is observed where it is met.
pub fn observable(kind: &str, value: &str) -> Value {
    let plain = |kind: &str, value: String| {
        let key = json!({"value": value}).to_string();
        let id = format!("{kind}--{}", name_based(OBSERVABLES, &key));
        json!({"type": kind, "spec_version": "2.1", "id": id, "value": value, "object_marking_refs": [TLP_WHITE]})
    };
    match kind {
        "url" => match Web::of(value) {
            Web::Host(host) => plain("domain-name", host.to_owned()),
            Web::Address(address) => plain(address_type(address), address.to_string()),
            Web::Page(page) => plain("url", format!("https://{page}")),
        },
        "email" => plain("email-addr", value.to_owned()),
        _ => {
            let key = json!({"kind": kind, "value": value}).to_string();
            let id = format!("{TRACE}--{}", name_based(OBSERVABLES, &key));
            json!({
                "type": TRACE, "spec_version": "2.1", "id": id, "kind": kind, "value": value,
                "object_marking_refs": [TLP_WHITE],
                "extensions": {extension_id(): {"extension_type": "new-sco"}},
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_say_what_each_kind_is() {
        for (kind, value, expected) in [
            ("url", "scam.top/", "[domain-name:value = 'scam.top']"),
            ("url", "203.0.113.7/", "[ipv4-addr:value = '203.0.113.7']"),
            ("url", "[2001:db8::1]/", "[ipv6-addr:value = '2001:db8::1']"),
            (
                "url",
                "scam.top:8080/",
                "[url:value = 'http://scam.top:8080/' OR url:value = 'https://scam.top:8080/']",
            ),
            (
                "url",
                "scam.top/a'b\\c",
                "[url:value = 'http://scam.top/a\\'b\\\\c' OR url:value = 'https://scam.top/a\\'b\\\\c']",
            ),
            ("email", "a@scam.top", "[email-addr:value = 'a@scam.top']"),
            (
                "phone",
                "+84912345678",
                "[x-tinbao-trace:kind = 'phone' AND x-tinbao-trace:value = '+84912345678']",
            ),
        ] {
            assert_eq!(pattern(kind, value), expected);
        }
    }

    #[test]
    fn an_observable_has_the_id_that_others_give_it() {
        // From the STIX 2.1 specification's rule: UUIDv5 of {"value":"…"} in its namespace.
        let expected = name_based(OBSERVABLES, "{\"value\":\"scam.top\"}");
        let made = observable("url", "scam.top/");
        assert_eq!(made["id"], format!("domain-name--{expected}"));
    }
}
