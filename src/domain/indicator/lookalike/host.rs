//! A host taken apart: labels left of the public suffix, each in a form that the rules can compare, and what kind
//! of suffix it is. Nothing is resolved.

use std::net::IpAddr;

use super::fold::{latin_look, toneless};

/// No DNS name is longer (RFC 1035 §2.3.4); longer input imitates nothing.
const MAX_HOST: usize = 253;

/// Who hands out names below a public suffix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuffixKind {
    /// `com`, `net`, `com.vn` and such.
    Neutral,
    /// A suffix that throw-away registrations favour.
    Abused,
    /// A generic suffix on no list.
    Generic,
    /// A free host such as `weebly.com`, where anyone is the owner of a subdomain.
    Hosted,
    /// Another country's suffix.
    Foreign,
}

/// A label in the forms the rules read.
#[derive(Debug)]
pub struct Label {
    /// As a browser would show it.
    pub shown: String,
    /// ASCII only, tone-less, foreign letters read by their look.
    pub plain: String,
    /// Whether the label is an internationalised one.
    pub idn: bool,
    /// Whether a foreign letter was read as a Latin one.
    pub confused: bool,
    /// Whether this is the label that was registered, not one below it.
    pub registered: bool,
}

/// A host name ready to be compared.
#[derive(Debug)]
pub struct Host {
    /// Lower case, in ASCII where IDNA allows.
    pub ascii: String,
    /// The labels left of the public suffix, from left to right.
    pub labels: Vec<Label>,
    /// The public suffix.
    pub suffix: String,
    /// Whether the suffix belongs to a private owner (a free host).
    pub hosted: bool,
}

impl Host {
    /// Takes a host apart; `None` for addresses, bare suffixes and what cannot be a host.
    ///
    /// `is_host` tells the free hosts that the public suffix list lacks.
    pub fn parse(host: &str, is_host: impl Fn(&str) -> bool) -> Option<Self> {
        let ascii = to_ascii(host)?;
        let domain = psl::domain(ascii.as_bytes())?;
        let listed = std::str::from_utf8(domain.suffix().as_bytes()).ok()?;
        let registered = std::str::from_utf8(domain.as_bytes()).ok()?;
        let free = is_host(registered) && registered != ascii;
        let suffix = if free { registered } else { listed }.to_owned();
        let hosted = free || domain.suffix().typ() == Some(psl::Type::Private);
        let owned = ascii.strip_suffix(suffix.as_str())?.strip_suffix('.')?;
        let count = owned.split('.').count();
        let labels = owned
            .split('.')
            .enumerate()
            .map(|(i, l)| Label::read(l, i.saturating_add(1) == count))
            .filter(|l| l.shown != "www")
            .collect();
        Some(Self {
            ascii,
            labels,
            suffix,
            hosted,
        })
    }
}

/// Lower case, without trailing dot or surrounding space, in ASCII where IDNA allows.
pub fn to_ascii(host: &str) -> Option<String> {
    let host = host.trim().trim_end_matches('.');
    if host.is_empty() || host.chars().count() > MAX_HOST {
        return None;
    }
    let lower = host.to_lowercase();
    // A label that IDNA refuses may still fool the eye, so the text itself is kept.
    let ascii = idna::domain_to_ascii(&lower).unwrap_or(lower);
    let bare = ascii.trim_start_matches('[').trim_end_matches(']');
    (!ascii.is_empty() && bare.parse::<IpAddr>().is_err()).then_some(ascii)
}

impl Label {
    fn read(label: &str, registered: bool) -> Self {
        let shown = match label.strip_prefix("xn--") {
            // Where the punycode is broken its readable beginning is what the eye catches.
            Some(code) => idna::punycode::decode_to_string(code).unwrap_or_else(|| {
                code.rsplit_once('-')
                    .map_or(code, |(head, _)| head)
                    .to_owned()
            }),
            None => label.to_owned(),
        };
        let (plain, confused) = latin_look(&toneless(&shown));
        let idn = label.starts_with("xn--") || !label.is_ascii();
        Self {
            shown,
            plain,
            idn,
            confused,
            registered,
        }
    }

    /// The parts between hyphens.
    pub fn pieces(&self) -> impl Iterator<Item = &str> {
        self.plain.split(['-', '_']).filter(|p| !p.is_empty())
    }

    /// The label with its hyphens taken out.
    pub fn joined(&self) -> String {
        self.pieces().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(host: &str) -> Vec<String> {
        Host::parse(host, |d| d == "weebly.com").map_or_else(Vec::new, |h| {
            h.labels.into_iter().map(|l| l.plain).collect()
        })
    }

    #[test]
    fn the_public_suffix_is_cut_off_private_ones_too() {
        assert_eq!(plain("www.a.vietcombank.com.vn."), ["a", "vietcombank"]);
        assert_eq!(plain("bidv-transfer.weebly.com"), ["bidv-transfer"]);
        assert!(
            Host::parse("bidv-transfer.weebly.com", |d| d == "weebly.com")
                .is_some_and(|h| h.hosted)
        );
    }

    #[test]
    fn internationalised_labels_are_read_without_tones() {
        assert_eq!(plain("ngânhàngvietcombank.com"), ["nganhangvietcombank"]);
        assert_eq!(
            plain("xn--cc-czx7886bca.vn"),
            plain("xn--cc-czx7886bca.vn.")
        );
        assert_eq!(plain("xn--vitcombank-w2b-.vn").len(), 1);
    }

    #[test]
    fn addresses_suffixes_and_rubbish_are_no_hosts() {
        for host in ["", ".", "com.vn", "10.0.0.1", "[::1]", &"a".repeat(300)] {
            assert!(Host::parse(host, |_| false).is_none(), "{host}");
        }
    }
}
