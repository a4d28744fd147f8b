//! Does a host imitate a Vietnamese bank, wallet, carrier, courier, marketplace or state body?
//!
//! The answer is a hint with a score, never a verdict: it tells a citizen "this is not the bank's own address".
//! Brands, their official domains and all word lists are reference data; the rules know no host by name.
//! `docs/lookalike.md` explains each technique.

mod brands;
mod fold;
mod gov;
mod host;
mod named;
mod near;
mod score;
mod typo;
mod words;

use serde::{Deserialize, Serialize};

pub use brands::{Brands, BrandsError};

/// The least score that is reported.
const REPORTED_FROM: i32 = 50;

/// By what means a host imitates a brand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Technique {
    /// Letters that look like others (UTS 39, or `rn` for `m`).
    Confusable,
    /// An internationalised label (`xn--…`) that reads as the brand.
    Punycode,
    /// The brand inside a longer registered name.
    Embedded,
    /// The brand below someone else's domain.
    Subdomain,
    /// The brand misspelt.
    Misspelling,
    /// The look of `gov.vn`.
    GovVn,
    /// An institution's Vietnamese name without tone marks.
    Toneless,
    /// Digits for letters.
    Leet,
    /// The brand's own name under another suffix.
    OtherSuffix,
}

/// What a host imitates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imitation {
    /// The brand's code in the reference data.
    pub brand: String,
    /// By what means.
    pub technique: Technique,
    /// How sure, 0 to 100.
    pub score: u8,
}

/// A candidate before the best one is chosen.
#[derive(Clone, Copy, Debug)]
struct Found {
    brand: usize,
    technique: Technique,
    score: i32,
    /// Length of the name that was read: of equal scores the longer name wins.
    length: usize,
}

impl Found {
    const fn new(brand: usize, technique: Technique, score: i32, length: usize) -> Self {
        Self {
            brand,
            technique,
            score,
            length,
        }
    }
}

/// The brand that a host imitates; `None` for the official domain itself and for unrelated words.
pub fn lookalike(brands: &Brands, host: &str) -> Option<Imitation> {
    let host = host::Host::parse(host, |domain| brands.is_free_host(domain))?;
    if brands.owner(&host.ascii).is_some() || brands.is_others(&host.ascii) {
        return None;
    }
    let mut found = named::find(brands, &host);
    found.extend(gov::borrowed_domain(brands, &host));
    found.extend(gov::state_look(brands, &host));
    let best = found
        .into_iter()
        .filter(|f| f.score >= REPORTED_FROM)
        .max_by_key(|f| (f.score, f.length))?;
    Some(Imitation {
        brand: brands.code(best.brand).to_owned(),
        technique: best.technique,
        score: u8::try_from(best.score.clamp(0, 100)).unwrap_or(100),
    })
}

/// Whether the host is an official domain of a brand, or lies below one.
pub fn official(brands: &Brands, host: &str) -> bool {
    host::to_ascii(host).is_some_and(|ascii| brands.owner(&ascii).is_some())
}

/// Whether an official entry with a checked source stands behind the host.
pub fn vouched(brands: &Brands, host: &str) -> bool {
    host::to_ascii(host)
        .and_then(|ascii| brands.owner(&ascii))
        .is_some_and(|(_, vouches)| vouches)
}
