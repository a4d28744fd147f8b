//! Where a request comes from, behind whichever proxies are believed.

use std::net::{IpAddr, Ipv6Addr};

use actix_web::http::header::{self, HeaderMap, HeaderName};
use ipnet::IpNet;

/// Networks whose `Forwarded` and `X-Forwarded-For` fields are believed.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(pub Vec<IpNet>);

impl TrustedProxies {
    /// Whether what this peer says of where a request came from is believed.
    pub fn trust(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.0.iter().any(|net| net.contains(&peer))
    }
}

/// The rightmost address that is not a trusted proxy; IPv6 by its /64.
pub fn client_address(
    peer: Option<IpAddr>,
    headers: &HeaderMap,
    proxies: &TrustedProxies,
) -> String {
    let trusted = |ip: IpAddr| proxies.trust(ip);
    let Some(peer) = peer.map(|ip| ip.to_canonical()) else {
        return "unknown".to_owned();
    };
    let mut client = peer;
    if trusted(peer) {
        for hop in forwarded(headers).into_iter().rev() {
            let Some(ip) = hop else { break };
            client = ip.to_canonical();
            if !trusted(client) {
                break;
            }
        }
    }
    match client {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => {
            let bits = ip.to_bits() & (u128::MAX << 64);
            format!("{}/64", Ipv6Addr::from_bits(bits))
        }
    }
}

/// The hops that proxies wrote down, oldest first; `None` for one that is not an address.
fn forwarded(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let all = |name: HeaderName| {
        headers
            .get_all(name)
            .filter_map(|value| value.to_str().ok())
            .collect::<Vec<_>>()
            .join(",")
    };
    let standard = all(header::FORWARDED);
    if !standard.is_empty() {
        return standard
            .split(',')
            .map(|hop| {
                // Names of parameters know no case (RFC 7239 §4).
                let value = hop.split(';').find_map(|pair| {
                    let (name, value) = pair.trim().split_once('=')?;
                    name.eq_ignore_ascii_case("for").then_some(value)
                })?;
                address(value.trim_matches('"'))
            })
            .collect();
    }
    let common = all(HeaderName::from_static("x-forwarded-for"));
    if common.is_empty() {
        Vec::new()
    } else {
        common.split(',').map(|hop| address(hop.trim())).collect()
    }
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`.
fn address(text: &str) -> Option<IpAddr> {
    text.parse()
        .ok()
        .or_else(|| text.parse::<std::net::SocketAddr>().ok().map(|a| a.ip()))
        .or_else(|| text.strip_prefix('[')?.strip_suffix(']')?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn seen(peer: &str, headers: &[(&str, &str)], trusted: &[&str]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        let proxies = TrustedProxies(trusted.iter().map(|net| net.parse().unwrap()).collect());
        client_address(Some(peer.parse().unwrap()), &map, &proxies)
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let xff = [("x-forwarded-for", "198.51.100.7, 203.0.113.9")];
        assert_eq!(seen("192.0.2.1", &xff, &[]), "192.0.2.1");
        assert_eq!(seen("10.0.0.2", &xff, &["10.0.0.0/8"]), "203.0.113.9");
        let two = [("x-forwarded-for", "198.51.100.7, 10.0.0.9")];
        assert_eq!(seen("10.0.0.2", &two, &["10.0.0.0/8"]), "198.51.100.7");
        let rfc = [(
            "forwarded",
            "for=198.51.100.7;proto=https, for=\"[2001:db8:1:2::9]:4711\"",
        )];
        assert_eq!(seen("10.0.0.2", &rfc, &["10.0.0.0/8"]), "2001:db8:1:2::/64");
        for name in ["For", "FOR", "fOR"] {
            let hop = format!("proto=https; {name}=198.51.100.7");
            let any_case = [("forwarded", hop.as_str())];
            assert_eq!(seen("10.0.0.2", &any_case, &["10.0.0.0/8"]), "198.51.100.7");
        }
        let junk = [("x-forwarded-for", "198.51.100.7, nonsense")];
        assert_eq!(seen("10.0.0.2", &junk, &["10.0.0.0/8"]), "10.0.0.2");
    }

    #[test]
    fn ipv6_counts_by_its_64_and_mapped_addresses_as_ipv4() {
        assert_eq!(seen("2001:db8:1:2:3:4:5:6", &[], &[]), "2001:db8:1:2::/64");
        assert_eq!(seen("::ffff:192.0.2.1", &[], &[]), "192.0.2.1");
    }
}
