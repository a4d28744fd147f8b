//! The reference data of brands, read from JSON into a form that is quick to compare with.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::fold::{skeleton_of, visual};
use super::host::SuffixKind;
use super::words::{Lexicon, MAX_WORD, Weight};

/// Why brand data cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BrandsError {
    /// The JSON has another shape.
    #[error("brand data has another shape: {0}")]
    Shape(#[from] serde_json::Error),
    /// An entry contradicts the rules of the data.
    #[error("brand data, {entry}: {problem}")]
    Entry {
        /// The code, name or word meant.
        entry: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// How much a name needs beside it to mean its brand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Means the brand wherever it stands.
    Distinct,
    /// Means the brand unless other letters stand before it (`mbbank`, but `cimbbank`).
    Bordered,
    /// An acronym that no Vietnamese or English word holds (`vcb`).
    Rigid,
    /// A short acronym that needs a border and context (`acb`).
    Acronym,
    /// A brand that is also a word or a foreign company (`momo`).
    Word,
    /// The tone-less Vietnamese name of an institution (`dichvucong`).
    Phrase,
    /// A tone-less Vietnamese word for a service, which needs the look of an authority (`congan`).
    Topic,
    /// A short word or acronym of an authority, which counts only alone beside `gov` (`dvc`).
    Agency,
}

/// One way of writing a brand inside a host.
#[derive(Debug)]
pub struct Name {
    /// The position of its brand.
    pub brand: usize,
    /// Lower-case ASCII.
    pub text: String,
    /// How it is weighed.
    pub class: Class,
    /// Its form after [`visual`].
    pub visual: String,
    /// Its UTS 39 skeleton.
    pub skeleton: String,
}

/// The brands that hosts are compared with.
#[derive(Debug, Default)]
pub struct Brands {
    codes: Vec<String>,
    state: HashSet<usize>,
    pub(super) names: Vec<Name>,
    /// Official domain → whether it vouches.
    official: HashMap<String, (usize, bool)>,
    /// Domains of others that happen to bear a name.
    others: HashSet<String>,
    /// Words of others that hold a name.
    pub(super) other_words: Vec<String>,
    pub(super) lexicon: Lexicon,
    abused: HashSet<String>,
    hosted: HashSet<String>,
    neutral: HashSet<String>,
}

#[derive(Deserialize)]
struct File {
    brands: Vec<BrandRow>,
    lexicon: LexiconRow,
    others: OthersRow,
    suffixes: SuffixesRow,
}

#[derive(Deserialize)]
struct BrandRow {
    code: String,
    kind: String,
    names: Vec<NameRow>,
    domains: Vec<DomainRow>,
}

#[derive(Deserialize)]
struct NameRow {
    text: String,
    class: Class,
}

#[derive(Deserialize)]
struct DomainRow {
    domain: String,
    vouches: bool,
}

#[derive(Deserialize)]
struct LexiconRow {
    strong: Vec<String>,
    weak: Vec<String>,
    places: Vec<String>,
}

#[derive(Deserialize)]
struct OthersRow {
    words: Vec<String>,
    domains: Vec<String>,
}

#[derive(Deserialize)]
struct SuffixesRow {
    abused: Vec<String>,
    hosted: Vec<String>,
    neutral: Vec<String>,
}

impl Brands {
    /// Reads the reference data; refuses what the rules could not use.
    pub fn from_json(value: &serde_json::Value) -> Result<Self, BrandsError> {
        let file = File::deserialize(value)?;
        let mut all = Self {
            other_words: file.others.words,
            others: file.others.domains.into_iter().collect(),
            abused: file.suffixes.abused.into_iter().collect(),
            hosted: file.suffixes.hosted.into_iter().collect(),
            neutral: file.suffixes.neutral.into_iter().collect(),
            ..Self::default()
        };
        for (words, weight) in [
            (file.lexicon.strong, Weight::Strong),
            (file.lexicon.weak, Weight::Weak),
            (file.lexicon.places, Weight::Weak),
        ] {
            for word in words {
                plain(&word)?;
                if word.len() > MAX_WORD {
                    return Err(bad(&word, "a word of the lexicon is too long"));
                }
                all.lexicon.add(&word, weight);
            }
        }
        for row in file.brands {
            all.add(row)?;
        }
        Ok(all)
    }

    fn add(&mut self, row: BrandRow) -> Result<(), BrandsError> {
        if self.codes.contains(&row.code) {
            return Err(bad(&row.code, "the code stands twice"));
        }
        let brand = self.codes.len();
        for NameRow { text, class } in row.names {
            plain(&text)?;
            // Authorities and their services also give context to each other.
            if matches!(class, Class::Phrase | Class::Topic) && text.len() <= MAX_WORD {
                self.lexicon.add(&text, Weight::Strong);
            }
            let (visual, skeleton) = (visual(&text), skeleton_of(&text));
            self.names.push(Name {
                brand,
                text,
                class,
                visual,
                skeleton,
            });
        }
        for DomainRow { domain, vouches } in row.domains {
            if !domain.contains('.')
                || domain != domain.to_lowercase()
                || self.others.contains(&domain)
            {
                return Err(bad(
                    &domain,
                    "not a domain in lower case, or also another's",
                ));
            }
            self.official.insert(domain, (brand, vouches));
        }
        if row.kind == "state_agency" {
            self.state.insert(brand);
        }
        self.codes.push(row.code);
        Ok(())
    }

    /// The code of the brand at a position.
    pub(super) fn code(&self, brand: usize) -> &str {
        self.codes.get(brand).map_or("", String::as_str)
    }

    /// Whether the brand is a state agency.
    pub(super) fn is_state(&self, brand: usize) -> bool {
        self.state.contains(&brand)
    }

    /// The position of a code.
    pub(super) fn position(&self, code: &str) -> Option<usize> {
        self.codes.iter().position(|c| c == code)
    }

    /// The brand whose official domain this is or lies below, and whether the entry vouches.
    pub(super) fn owner(&self, ascii: &str) -> Option<(usize, bool)> {
        parents(ascii).find_map(|d| self.official.get(d)).copied()
    }

    /// Every official domain with a checked source.
    pub fn vouched_domains(&self) -> impl Iterator<Item = &str> {
        self.official
            .iter()
            .filter(|(_, (_, vouches))| *vouches)
            .map(|(domain, _)| domain.as_str())
    }

    /// The brand of exactly this official domain.
    pub(super) fn official_domain(&self, domain: &str) -> Option<usize> {
        self.official.get(domain).map(|(brand, _)| *brand)
    }

    /// Whether the host belongs to a known other owner of the same name.
    pub(super) fn is_others(&self, ascii: &str) -> bool {
        parents(ascii).any(|d| self.others.contains(d))
    }

    /// Whether anyone may own a subdomain of this domain.
    pub(super) fn is_free_host(&self, domain: &str) -> bool {
        self.hosted.contains(domain)
    }

    /// What kind of public suffix this is.
    pub(super) fn suffix_kind(&self, suffix: &str, hosted: bool) -> SuffixKind {
        let last = suffix.rsplit('.').next().unwrap_or(suffix);
        if hosted {
            SuffixKind::Hosted
        } else if self.neutral.contains(suffix) || last == "vn" {
            SuffixKind::Neutral
        } else if self.abused.contains(suffix) {
            SuffixKind::Abused
        } else if last.len() == 2 {
            SuffixKind::Foreign
        } else {
            SuffixKind::Generic
        }
    }
}

/// The host and the domains above it.
fn parents(ascii: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(ascii), |d| d.split_once('.').map(|(_, up)| up))
}

fn plain(text: &str) -> Result<(), BrandsError> {
    if !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    {
        Ok(())
    } else {
        Err(bad(text, "not lower-case ASCII letters and digits"))
    }
}

fn bad(entry: &str, problem: &'static str) -> BrandsError {
    BrandsError::Entry {
        entry: entry.to_owned(),
        problem,
    }
}
