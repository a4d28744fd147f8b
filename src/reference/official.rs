//! What belongs to authorities, banks and companies themselves: no verdict may accuse it, no feed may list it.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use crate::domain::indicator::lookalike::{self, Brands};
use crate::domain::indicator::{self, Catalog, Input, Kind, parse};

/// The lists that name official numbers.
pub(super) struct Lists<'a> {
    /// Brands with their hotlines.
    pub brands: &'a Value,
    /// The numbers that advice tells people to call.
    pub guidance: &'a Value,
    /// Short codes of the whole country.
    pub prefixes: &'a Value,
}

/// Official numbers, names of senders and domains.
pub struct Official {
    phones: HashSet<String>,
    senders: HashSet<String>,
    /// Keys of the numbers and of the brands' domains that vouch, as clients hash them.
    pub keys: BTreeSet<[u8; 32]>,
}

impl Official {
    pub(super) fn read(catalog: &Catalog, lists: &Lists<'_>) -> Self {
        let canonical = |line: &Value| {
            let value = line.get("number")?.as_str()?;
            let kind = Kind::Phone;
            let read = parse(
                catalog,
                &Input {
                    kind,
                    value,
                    bank: None,
                },
            );
            Some(read.ok()?.indicator.value)
        };
        let brands = list(lists.brands, "brands");
        let vouched: HashSet<String> = brands
            .iter()
            .flat_map(|brand| list(brand, "hotlines"))
            .chain(list(lists.guidance, "numbers"))
            .filter(is_vouched)
            .filter_map(|line| canonical(&line))
            .chain(short_codes(lists.prefixes, |code| {
                code.get("confidence").is_none()
            }))
            .collect();
        let keys = vouched
            .iter()
            .map(|phone| indicator::key(Kind::Phone, phone))
            .collect();
        // A number may not be accused for less than it takes to vouch for it.
        let phones = vouched
            .into_iter()
            .chain(short_codes(lists.prefixes, |_| true))
            .collect();
        Self {
            phones,
            senders: brands.iter().flat_map(sender_names).collect(),
            keys,
        }
    }

    pub(super) fn with_domains(mut self, brands: &Brands) -> Self {
        let domains = brands.vouched_domains();
        self.keys
            .extend(domains.map(|domain| indicator::key(Kind::Url, &format!("{domain}/"))));
        self
    }

    /// Whether a telephone number in canonical form is official.
    pub fn phone(&self, value: &str) -> bool {
        self.phones.contains(value)
    }

    /// Whether a value is official, a link by its host. A sender's name proves nothing about who sent a message
    /// (fake base stations), but what bears it may be the real one: it may not be accused either.
    pub fn holds(&self, brands: &Brands, kind: &str, value: &str, host: Option<&str>) -> bool {
        let sender = Kind::SmsSender.as_str();
        host.is_some_and(|host| lookalike::official(brands, host))
            || self.phone(value)
            || (kind == sender && self.senders.contains(&plain(value)))
    }

    /// Whether a value stands on an official one, as a Zalo account on a number. Nothing vouches for who holds it, but
    /// it may be the authority itself.
    pub fn carries(&self, brands: &Brands, kind: &str, value: &str) -> bool {
        let below = Kind::from_code(kind).and_then(|kind| indicator::stands_on(kind, value));
        match below {
            Some((Kind::Url, link)) => indicator::is_on_official_host(brands, link),
            Some((_, value)) => self.phone(value),
            None => false,
        }
    }
}

fn list(value: &Value, name: &str) -> Vec<Value> {
    let list = value.get(name).and_then(Value::as_array);
    list.cloned().unwrap_or_default()
}

/// Only what has a source and a day of checking is vouched for.
fn is_vouched(line: &Value) -> bool {
    ["source", "checked_on"]
        .iter()
        .all(|name| line.get(name).is_some_and(Value::is_string))
}

fn short_codes(prefixes: &Value, wanted: impl Fn(&Value) -> bool) -> impl Iterator<Item = String> {
    let codes = list(prefixes, "special").into_iter().filter(wanted);
    codes
        .filter_map(|code| Some(code.get("number")?.as_str()?.to_owned()))
        .filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
        .collect::<Vec<_>>()
        .into_iter()
}

/// Names of a brand that mean nothing else, as senders write them.
fn sender_names(brand: &Value) -> Vec<String> {
    let text = |value: &Value, name: &str| Some(plain(value.get(name)?.as_str()?));
    let distinct = |name: &Value| {
        let class = name.get("class").and_then(Value::as_str);
        class.is_some_and(|class| ["distinct", "bordered", "rigid"].contains(&class))
    };
    list(brand, "names")
        .iter()
        .filter(|name| distinct(name))
        .filter_map(|name| text(name, "text"))
        .chain(text(brand, "code"))
        .collect()
}

fn plain(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.collect::<String>().to_ascii_lowercase()
}
