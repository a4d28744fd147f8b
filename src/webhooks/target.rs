//! Where webhooks may be sent: never into the networks that the service itself stands in.
//!
//! An address is judged three times: as it is written when the webhook is made, as it is resolved, and
//! the connection is opened to the very addresses that were judged. A name that resolves differently a
//! moment later (DNS rebinding) therefore gains nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::{Host, Url};

use crate::error::{Error, Result};

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6(a: u16, b: u16, length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), length)
}

/// IPv4 that is no public host (IANA special-purpose registry), metadata services included.
const SPECIAL_V4: [Ipv4Net; 16] = [
    v4(0, 0, 0, 0, 8),
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(127, 0, 0, 0, 8),
    v4(169, 254, 0, 0, 16),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 31, 196, 0, 24),
    v4(192, 52, 193, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(192, 168, 0, 0, 16),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    // Multicast, reserved and broadcast.
    v4(224, 0, 0, 0, 3),
];

/// All global unicast there is; loopback, unique local (`fd00:ec2::254`), link-local, multicast and
/// translated addresses (`64:ff9b::/96`) lie outside.
const GLOBAL_V6: Ipv6Net = v6(0x2000, 0, 3);

/// What inside it is no public host: protocol assignments with Teredo, 6to4, documentation.
const SPECIAL_V6: [Ipv6Net; 4] = [
    v6(0x2001, 0, 23),
    v6(0x2001, 0x0db8, 32),
    v6(0x2002, 0, 16),
    v6(0x3fff, 0, 20),
];

/// Whether an address belongs to the public internet.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => !SPECIAL_V4.iter().any(|net| net.contains(&address)),
        IpAddr::V6(address) => {
            GLOBAL_V6.contains(&address) && !SPECIAL_V6.iter().any(|net| net.contains(&address))
        }
    }
}

/// How a target is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// `https`: public addresses and the allowed networks.
    Secure,
    /// `http`: the allowed networks alone.
    Plain,
}

impl Transport {
    /// Of a URL.
    pub fn of(url: &Url) -> Option<Self> {
        match url.scheme() {
            "https" => Some(Self::Secure),
            "http" => Some(Self::Plain),
            _ => None,
        }
    }
}

/// Judges targets by the configuration (`TINBAO_WEBHOOK_ALLOWED_NETWORKS`).
#[derive(Clone, Debug, Default)]
pub struct Targets {
    allowed: Arc<[IpNet]>,
}

impl Targets {
    /// Public addresses, and these networks.
    pub fn new(allowed: Vec<IpNet>) -> Self {
        Self {
            allowed: allowed.into(),
        }
    }

    /// Whether a connection to the address may be opened.
    pub fn admits(&self, transport: Transport, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.allowed.iter().any(|net| net.contains(&address))
            || (transport == Transport::Secure && is_public(address))
    }

    /// Reads the URL of a webhook; what can be seen to be wrong without asking DNS is refused.
    pub fn parse(&self, text: &str) -> Result<Url> {
        let refused = |code, detail: &str| Error::invalid("/url", code, detail);
        let url = Url::parse(text)
            .map_err(|_why| refused("invalid_url", "This is not an absolute URL."))?;
        let transport = Transport::of(&url).ok_or_else(|| {
            refused(
                "https_required",
                "The URL of a webhook begins with https://.",
            )
        })?;
        if !url.username().is_empty() || url.password().is_some() {
            let detail = "Leave user name and password out: verify the signature instead.";
            return Err(refused("credentials_in_url", detail));
        }
        if url.fragment().is_some() {
            return Err(refused("fragment_in_url", "Leave the fragment (#…) out."));
        }
        let private = "Webhooks are sent to public addresses alone, and to networks that the operator allows.";
        match url.host() {
            None => return Err(refused("invalid_url", "The URL names no host.")),
            Some(Host::Ipv4(address)) if !self.admits(transport, address.into()) => {
                return Err(self.why_not(transport, address.into(), private));
            }
            Some(Host::Ipv6(address)) if !self.admits(transport, address.into()) => {
                return Err(self.why_not(transport, address.into(), private));
            }
            Some(Host::Domain(_)) if self.allowed.is_empty() => {
                if transport == Transport::Plain {
                    return Err(refused(
                        "https_required",
                        "The URL of a webhook begins with https://.",
                    ));
                }
                if is_local_name(url.host_str().unwrap_or_default()) {
                    return Err(refused("target_not_allowed", private));
                }
            }
            Some(_) => {}
        }
        Ok(url)
    }

    fn why_not(&self, transport: Transport, address: IpAddr, private: &str) -> Error {
        if transport == Transport::Plain && is_public(address) {
            let detail = "The URL of a webhook begins with https://.";
            Error::invalid("/url", "https_required", detail)
        } else {
            Error::invalid("/url", "target_not_allowed", private)
        }
    }
}

/// Names that never lead to the public internet (RFC 6761, RFC 6762, RFC 9476, ICANN's `.internal`).
fn is_local_name(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    let last = host.rsplit('.').next().unwrap_or_default();
    !host.contains('.')
        || [
            "localhost",
            "local",
            "internal",
            "test",
            "invalid",
            "alt",
            "onion",
        ]
        .contains(&last)
        || host.ends_with(".home.arpa")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(targets: &Targets, url: &str) -> String {
        match targets.parse(url) {
            Ok(_) => "ok".to_owned(),
            Err(Error::Invalid(problems)) => problems[0].code.to_string(),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn targets_that_are_not_public_are_refused_however_they_are_written() {
        let targets = Targets::default();
        for (url, expected) in [
            ("https://bank.example.vn/hooks?x=1", "ok"),
            ("https://8.8.8.8/", "ok"),
            ("https://[2606:4700:4700::1111]/", "ok"),
            ("https://[::ffff:8.8.8.8]/", "ok"),
            ("http://bank.example.vn/", "https_required"),
            ("http://8.8.8.8/", "https_required"),
            ("ftp://bank.example.vn/", "https_required"),
            ("bank.example.vn", "invalid_url"),
            ("https://user@bank.example.vn/", "credentials_in_url"),
            ("https://user:pw@bank.example.vn/", "credentials_in_url"),
            ("https://bank.example.vn/#part", "fragment_in_url"),
            ("https://127.0.0.1/", "target_not_allowed"),
            ("https://2130706433/", "target_not_allowed"),
            ("https://0x7f.1/", "target_not_allowed"),
            ("https://017700000001/", "target_not_allowed"),
            ("https://0/", "target_not_allowed"),
            ("https://10.1.2.3/", "target_not_allowed"),
            ("https://172.31.255.255/", "target_not_allowed"),
            ("https://192.168.1.1/", "target_not_allowed"),
            ("https://100.127.0.1/", "target_not_allowed"),
            ("https://169.254.169.254/latest/", "target_not_allowed"),
            ("https://198.19.0.1/", "target_not_allowed"),
            ("https://224.0.0.1/", "target_not_allowed"),
            ("https://255.255.255.255/", "target_not_allowed"),
            ("https://[::]/", "target_not_allowed"),
            ("https://[::1]/", "target_not_allowed"),
            ("https://[::ffff:127.0.0.1]/", "target_not_allowed"),
            ("https://[::7f00:1]/", "target_not_allowed"),
            ("https://[64:ff9b::7f00:1]/", "target_not_allowed"),
            ("https://[64:ff9b:1::1]/", "target_not_allowed"),
            ("https://[2002:7f00:1::]/", "target_not_allowed"),
            ("https://[2001:0:1::]/", "target_not_allowed"),
            ("https://[fe80::1]/", "target_not_allowed"),
            ("https://[fd00:ec2::254]/", "target_not_allowed"),
            ("https://[fec0::1]/", "target_not_allowed"),
            ("https://[ff02::1]/", "target_not_allowed"),
            ("https://localhost/", "target_not_allowed"),
            ("https://LOCALHOST./", "target_not_allowed"),
            ("https://db.internal/", "target_not_allowed"),
            ("https://printer.local/", "target_not_allowed"),
            ("https://postgres:5432/", "target_not_allowed"),
        ] {
            assert_eq!(code(&targets, url), expected, "{url}");
        }
    }

    #[test]
    fn allowed_networks_open_exactly_themselves_also_for_http() {
        let targets = Targets::new(vec!["10.20.0.0/16".parse().unwrap()]);
        for (url, expected) in [
            ("http://10.20.0.7:8080/", "ok"),
            ("https://10.20.0.7/", "ok"),
            ("http://[::ffff:10.20.0.7]/", "ok"),
            // The name is judged when it is resolved.
            ("http://hooks.police.vn/", "ok"),
            ("http://10.21.0.7/", "target_not_allowed"),
            ("https://127.0.0.1/", "target_not_allowed"),
            ("http://8.8.8.8/", "https_required"),
        ] {
            assert_eq!(code(&targets, url), expected, "{url}");
        }
        let public: IpAddr = [8, 8, 8, 8].into();
        assert!(targets.admits(Transport::Secure, public));
        assert!(!targets.admits(Transport::Plain, public));
    }
}
