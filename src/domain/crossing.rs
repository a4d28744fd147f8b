//! What the words of a tip about illegal exit say of its trade: number plates, ways across the border, lures.
//!
//! Only plates, and codes from a closed list, come out: no other word of a tip, no person and no telephone. Whose
//! vehicle is called the teller's own is left out. Hints for the border register, nothing more.

mod plates;
mod soon;
mod wages;

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use super::fold::fold_text;
use super::lang::Lang;

pub use plates::{alone, shown};
pub use soon::is_soon;

/// The entries that are countries and places abroad.
const ABROAD: [&str; 6] = [
    "laos",
    "myanmar",
    "golden_triangle",
    "cambodia",
    "china",
    "thailand",
];

/// What a trace is in this trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// A vehicle, by its number plate.
    Transport,
    /// A crossing, a path, a country.
    Route,
    /// What is promised.
    Lure,
}

impl Part {
    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transport => "transport",
            Self::Route => "route",
            Self::Lure => "lure",
        }
    }
}

/// What was found: a plate without its marks, or the code of an entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trace {
    /// What it is.
    pub part: Part,
    /// `27A12345`, `tay_trang`, `easy_work`.
    pub value: String,
}

impl Trace {
    /// The vehicle that a plate written by itself names.
    pub fn vehicle(plate: &str) -> Option<Self> {
        let value = alone(plate)?;
        let part = Part::Transport;
        Some(Self { part, value })
    }

    /// What it is kept by.
    pub fn key(&self) -> String {
        format!("{}:{}", self.part.as_str(), self.value)
    }
}

/// The ways and lures that are known.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "File")]
pub struct Ways {
    entries: Vec<Entry>,
    /// By the folded word that it begins with: each phrase and the place of its entry.
    begins: FxHashMap<String, Vec<(usize, Phrase)>>,
    wage: Named,
}

#[derive(Deserialize)]
struct File {
    entries: Vec<Row>,
    wage: Named,
}

#[derive(Clone, Debug, Deserialize)]
struct Named {
    code: String,
    label_vi: String,
    label_en: String,
}

#[derive(Deserialize)]
struct Row {
    #[serde(flatten)]
    named: Named,
    part: Part,
    #[serde(default)]
    phrases: Vec<String>,
    #[serde(default)]
    exact: Vec<String>,
    #[serde(default)]
    near_way: bool,
    #[serde(default)]
    way: bool,
    #[serde(default)]
    not_before: Vec<String>,
}

#[derive(Clone, Debug)]
struct Entry {
    named: Named,
    part: Part,
    /// Counts only in a sentence that speaks of a way.
    near_way: bool,
    /// Speaks of a way.
    way: bool,
    not_before: Vec<String>,
}

#[derive(Clone, Debug)]
struct Phrase {
    words: Vec<Word>,
    /// Only with its accents.
    exact: bool,
}

/// A word as it is written and folded.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    said: String,
    fold: String,
}

impl TryFrom<File> for Ways {
    type Error = String;

    fn try_from(file: File) -> Result<Self, String> {
        let mut entries = Vec::with_capacity(file.entries.len());
        let mut begins: FxHashMap<String, Vec<_>> = FxHashMap::default();
        for (index, row) in file.entries.into_iter().enumerate() {
            let code = &row.named.code;
            if row.part == Part::Transport {
                return Err(format!("{code}: vehicles are read by their plates alone"));
            }
            let read = |exact: bool| {
                move |text: &String| Phrase {
                    words: sentences(text).into_iter().flatten().collect(),
                    exact,
                }
            };
            if row.phrases.is_empty() && row.exact.is_empty() {
                return Err(format!("{code}: there is no phrase"));
            }
            let folded = row.phrases.iter().map(read(false));
            for phrase in folded.chain(row.exact.iter().map(read(true))) {
                let Some(first) = phrase.words.first() else {
                    return Err(format!("{code}: a phrase says nothing"));
                };
                let first = meant(&first.fold).to_owned();
                begins.entry(first).or_default().push((index, phrase));
            }
            entries.push(Entry {
                named: row.named,
                part: row.part,
                near_way: row.near_way,
                way: row.way,
                not_before: row.not_before,
            });
        }
        Ok(Self {
            entries,
            begins,
            wage: file.wage,
        })
    }
}

impl Ways {
    /// What a text says; each thing once.
    pub fn read(&self, text: &str) -> BTreeSet<Trace> {
        let mut found = BTreeSet::new();
        let mut note = |part, value: &str| {
            found.insert(Trace {
                part,
                value: value.to_owned(),
            });
        };
        for plate in plates::find(text) {
            note(Part::Transport, &plate);
        }
        for sentence in sentences(text) {
            let said: Vec<&Entry> = self.said(&sentence).collect();
            let way = said.iter().any(|entry| entry.way);
            for entry in said.iter().filter(|entry| way || !entry.near_way) {
                note(entry.part, &entry.named.code);
            }
            if wages::is_named(&sentence) {
                note(Part::Lure, &self.wage.code);
            }
        }
        found
    }

    /// Whether a text speaks of a country abroad.
    pub fn names_abroad(&self, text: &str) -> bool {
        let abroad = |entry: &Entry| ABROAD.contains(&entry.named.code.as_str());
        sentences(text)
            .iter()
            .any(|sentence| self.said(sentence).any(abroad))
    }

    /// The entries that a sentence speaks of, as often as it does.
    fn said<'a>(&'a self, sentence: &'a [Word]) -> impl Iterator<Item = &'a Entry> {
        sentence.iter().enumerate().flat_map(|(at, word)| {
            let rest = sentence.get(at..).unwrap_or_default();
            let first = self.begins.get(meant(&word.fold));
            first.into_iter().flatten().filter_map(|(entry, phrase)| {
                let entry = self.entries.get(*entry)?;
                let next = rest.get(phrase.words.len());
                let ends_well = next.is_none_or(|next| !entry.not_before.contains(&next.fold));
                (phrase.begins(rest) && ends_well).then_some(entry)
            })
        })
    }

    /// The way or lure of a code.
    pub fn trace(&self, code: &str) -> Option<Trace> {
        let entry = self.entries.iter().find(|entry| entry.named.code == code);
        let part = match entry {
            Some(entry) => entry.part,
            None if self.wage.code == code => Part::Lure,
            None => return None,
        };
        let value = code.to_owned();
        Some(Trace { part, value })
    }

    /// What a way or a lure is called; the code where the list no longer knows it.
    pub fn label(&self, code: &str, lang: Lang) -> String {
        let entries = self.entries.iter().map(|entry| &entry.named);
        let mut all = entries.chain([&self.wage]);
        let named = all.find(|named| named.code == code);
        named.map_or_else(
            || code.to_owned(),
            |named| lang.pick(&named.label_vi, &named.label_en).clone(),
        )
    }
}

impl Phrase {
    /// Whether these words begin with it: with the same accents or, where that is allowed, with none.
    fn begins(&self, words: &[Word]) -> bool {
        let same = |(known, word): (&Word, &Word)| {
            let meant = meant(&word.fold);
            known.said == word.said
                || !self.exact && known.fold == word.said
                || meant != word.fold && meant == known.fold
        };
        self.words.len() <= words.len() && self.words.iter().zip(words).all(same)
    }
}

/// What a folded word is short for, or itself: "ko cần hộ chiếu".
fn meant(word: &str) -> &str {
    match word {
        "k" | "ko" | "kg" | "kh" | "hok" | "hong" | "khoi" => "khong",
        word => word,
    }
}

/// The words of each sentence; numbers part from the letters behind them, and keep the points inside them.
fn sentences(text: &str) -> Vec<Vec<Word>> {
    let text: String = text.nfc().flat_map(char::to_lowercase).collect();
    let mut all = vec![Vec::new()];
    let mut word = String::new();
    let end_word = |word: &mut String, all: &mut Vec<Vec<Word>>| {
        if !word.is_empty()
            && let Some(sentence) = all.last_mut()
        {
            let said = std::mem::take(word);
            let fold = fold_text(&said);
            sentence.push(Word { said, fold });
        }
    };
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let last_digit = word.ends_with(|c: char| c.is_ascii_digit());
        let inside =
            matches!(c, '.' | ',') && last_digit && rest.peek().is_some_and(char::is_ascii_digit);
        if c.is_alphanumeric() || inside {
            if !inside && !word.is_empty() && last_digit != c.is_ascii_digit() {
                end_word(&mut word, &mut all);
            }
            word.push(c);
            continue;
        }
        end_word(&mut word, &mut all);
        let ends = matches!(c, '\n' | '!' | '?' | ';')
            || c == '.' && rest.peek().is_none_or(|c| c.is_whitespace());
        if ends {
            all.push(Vec::new());
        }
    }
    end_word(&mut word, &mut all);
    all.retain(|sentence| !sentence.is_empty());
    all
}

#[cfg(test)]
mod tests;
