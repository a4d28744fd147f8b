//! What the search field asks for: words of the texts, or a trace that may be written differently there.

use std::collections::BTreeSet;

use crate::domain::indicator::{self, Indicator, Kind};
use crate::domain::number::{self, Numbered};
use crate::domain::search_query::SearchQuery;
use crate::reference::Reference;

/// What the search field of a list, the queue or a claim asks for.
pub enum Search {
    /// A number of the register or of a case.
    Number(Numbered),
    /// Words, or a trace.
    Words(Words),
}

impl Search {
    /// Reads what somebody wrote.
    pub fn read(reference: &Reference, text: &str) -> Self {
        match number::read(text) {
            Some(number) => Self::Number(number),
            None => Self::Words(Words::read(reference, text)),
        }
    }
}

/// A search as the database takes it.
pub struct Words {
    /// As text of a `tsquery`.
    pub tsquery: String,
    /// Keys of the indicators that a bare number, link or account may mean.
    pub keys: Vec<Vec<u8>>,
    /// The host, where a host is all that was written: any link of it is meant.
    pub host: Option<String>,
    /// Keys of the indicators that must not be there.
    pub without_keys: Vec<Vec<u8>>,
    /// The hosts of which no link may be there.
    pub without_hosts: Vec<String>,
}

/// What a trace may mean that was written alone.
#[derive(Default)]
struct Meant {
    keys: BTreeSet<[u8; 32]>,
    host: Option<String>,
}

impl Words {
    /// Reads what somebody wrote. A trace is meant only where it is all that was written, or where it must not be
    /// there; it is read as the public check reads it.
    pub fn read(reference: &Reference, text: &str) -> Self {
        let SearchQuery { tsquery, without } = SearchQuery::parse(text);
        let without: Vec<Meant> = without
            .iter()
            .filter(|text| !text.contains('*'))
            .map(|text| Meant::by(reference, text))
            .collect();
        let text = text.trim();
        let alone = without.is_empty() && !text.starts_with('-') && !text.contains(['"', '*']);
        let meant = if alone {
            Meant::by(reference, text)
        } else {
            Meant::default()
        };
        let bytes = |keys: &BTreeSet<[u8; 32]>| keys.iter().copied().map(Vec::from).collect();
        Self {
            tsquery,
            keys: bytes(&meant.keys),
            host: meant.host,
            without_keys: bytes(&without.iter().flat_map(|one| one.keys.clone()).collect()),
            without_hosts: without.into_iter().filter_map(|one| one.host).collect(),
        }
    }

    /// Whether a trace is meant besides the words.
    pub fn names_something(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Whether a trace must not be there.
    pub fn excludes_something(&self) -> bool {
        !self.without_keys.is_empty()
    }
}

impl Meant {
    fn by(reference: &Reference, text: &str) -> Self {
        let (mut keys, mut host) = (BTreeSet::new(), None);
        if let Some(reading) = indicator::recognise(&reference.catalog, text) {
            let found = reading.indicator;
            host = bare_host(&found);
            if found.kind == Kind::Phone {
                // A wallet's or a Zalo account's number is written alone as well.
                for wallet in reference.catalog.wallets() {
                    let value = format!("{}:{}", wallet.code, found.value);
                    keys.insert(indicator::key(Kind::Ewallet, &value));
                }
                let zalo = format!("zalo:{}", found.value);
                keys.insert(indicator::key(Kind::MessagingAccount, &zalo));
            }
            keys.insert(found.key());
            keys.extend(reading.derived.iter().map(Indicator::key));
        }
        if let Some(number) = bare_number(text) {
            let banks = reference.catalog.banks().map(|bank| bank.bin.as_str());
            for bank in banks.chain(["?"]) {
                let value = format!("{bank}:{number}");
                keys.insert(indicator::key(Kind::BankAccount, &value));
            }
        }
        Self { keys, host }
    }
}

/// The host of a link that is nothing but its host.
fn bare_host(found: &Indicator) -> Option<String> {
    let host = found.attributes.get("host")?.as_str()?;
    let bare = found.kind == Kind::Url && found.value.strip_suffix('/') == Some(host);
    bare.then(|| host.to_owned())
}

/// The digits of what may be an account, whatever the bank.
fn bare_number(text: &str) -> Option<String> {
    let digits: String = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '.' | '-' | '\u{A0}'))
        .collect();
    let is_number = (6..=19).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn means(text: &str, kind: Kind, value: &str) -> bool {
        let search = Words::read(&Reference::shipped().unwrap(), text);
        search.keys.contains(&indicator::key(kind, value).to_vec())
    }

    #[test]
    fn a_trace_alone_is_meant_as_well_as_its_words() {
        for (text, kind, value) in [
            ("0912345678", Kind::Phone, "+84912345678"),
            ("+84 912.345.678", Kind::Phone, "+84912345678"),
            ("0912345678", Kind::Ewallet, "momo:+84912345678"),
            ("0912345678", Kind::MessagingAccount, "zalo:+84912345678"),
            ("0912345678", Kind::BankAccount, "970422:0912345678"),
            ("0011002233445", Kind::BankAccount, "970436:0011002233445"),
            ("0011 0022 33445", Kind::BankAccount, "?:0011002233445"),
            (
                "VCB 0011002233445",
                Kind::BankAccount,
                "970436:0011002233445",
            ),
            ("vcb-xacthuc.top", Kind::Url, "vcb-xacthuc.top/"),
        ] {
            assert!(means(text, kind, value), "{text}");
        }
        let reference = Reference::shipped().unwrap();
        for text in [
            "chuyển khoản",
            "công an",
            "-0912345678",
            "\"0912345678\"",
            "091234*",
        ] {
            assert!(!Words::read(&reference, text).names_something(), "{text}");
        }
    }

    #[test]
    fn a_trace_that_must_not_be_there_is_read_in_all_its_spellings() {
        let reference = Reference::shipped().unwrap();
        let search = Words::read(&reference, "lừa -0912.345.678 -vcb-xacthuc.top");
        let key = indicator::key(Kind::Phone, "+84912345678").to_vec();
        assert!(search.without_keys.contains(&key) && search.keys.is_empty());
        assert_eq!(search.without_hosts, ["vcb-xacthuc.top"]);
        for text in ["-đùa", "-0912*", "lừa or -0912345678", "0912345678"] {
            assert!(
                !Words::read(&reference, text).excludes_something(),
                "{text}"
            );
        }
    }

    #[test]
    fn a_host_alone_means_its_links() {
        let reference = Reference::shipped().unwrap();
        for (text, host) in [
            ("vcb-xacthuc.top", Some("vcb-xacthuc.top")),
            ("https://www.vcb-xacthuc.top/", Some("vcb-xacthuc.top")),
            ("vcb-xacthuc.top/login", None),
            ("0912345678", None),
        ] {
            assert_eq!(
                Words::read(&reference, text).host.as_deref(),
                host,
                "{text}"
            );
        }
    }
}
