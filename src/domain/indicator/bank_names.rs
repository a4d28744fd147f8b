//! The index from written names to banks and wallets.
//!
//! Three sorts of names: brands (`VCB`, `Techcombank`, `MoMo`), which mean the institution wherever
//! they stand; descriptions (`Hàng Hải`, `Sài Gòn`, `Quân đội`), which are ordinary words unless
//! "ngân hàng" stands before them; and short forms (`Tech`, `VP`), which need an account beside them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use rustc_hash::FxHashMap;

use super::catalog::{Bank, Institution, Resolved};
use super::text::{fold, fold_words};

/// Longest folded name that is looked up in text.
pub(super) const MAX_NAME: usize = 96;

#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) who: BTreeSet<Institution>,
    /// Means an institution without "ngân hàng" before it.
    pub(super) brand: bool,
    /// Means one where it stands alone, or in text where "STK", "NH" or an account is beside it.
    pub(super) short: bool,
}

/// Folded names and whom they mean.
#[derive(Debug, Default)]
pub(super) struct Names {
    entries: BTreeMap<String, Entry>,
    beginnings: Beginnings,
}

/// How names begin: of the words of a text, few need to be looked up.
#[derive(Debug, Default)]
struct Beginnings(FxHashMap<[u8; Beginnings::LENGTH], Begins>);

/// What begins like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begins {
    /// Names that are longer.
    Longer,
    /// Maybe a name that is just this.
    Whole,
}

impl Beginnings {
    /// Bytes that are compared.
    const LENGTH: usize = 8;

    fn of(word: &[u8]) -> [u8; Self::LENGTH] {
        let mut beginning = [0; Self::LENGTH];
        beginning
            .iter_mut()
            .zip(word)
            .for_each(|(to, from)| *to = *from);
        beginning
    }

    fn add(&mut self, name: &str) {
        for length in 1..name.len().min(Self::LENGTH) {
            let beginning = name.as_bytes().get(..length).unwrap_or_default();
            self.0.entry(Self::of(beginning)).or_insert(Begins::Longer);
        }
        self.0.insert(Self::of(name.as_bytes()), Begins::Whole);
    }

    /// What begins like this, as far as it is compared.
    fn get(&self, beginning: &str) -> Option<Begins> {
        self.0.get(&Self::of(beginning.as_bytes())).copied()
    }
}

impl Names {
    fn add(&mut self, name: &str, who: &Institution, brand: bool) {
        let folded = fold(name);
        // One letter or digits alone would match anything.
        if folded.len() < 2 || folded.len() > MAX_NAME || folded.bytes().all(|b| b.is_ascii_digit())
        {
            return;
        }
        self.beginnings.add(&folded);
        let entry = self.entries.entry(folded).or_default();
        entry.who.insert(who.clone());
        entry.brand |= brand;
    }

    pub(super) fn add_brand(&mut self, name: &str, who: &Institution) {
        self.add(name, who, true);
    }

    /// A name in common use: a description when it is plain Vietnamese, else a brand.
    pub(super) fn add_common(&mut self, name: &str, who: &Institution) {
        let brand = name.is_ascii();
        self.add(name, who, brand);
        self.add(&format!("Ngân hàng {name}"), who, true);
        self.add(&format!("{name} bank"), who, true);
    }

    /// A short form, which has other meanings as well.
    pub(super) fn add_short(&mut self, name: &str, who: &Institution) {
        self.add(name, who, false);
        if let Some(entry) = self.entries.get_mut(&fold(name)) {
            entry.short = true;
        }
        self.add(&format!("Ngân hàng {name}"), who, true);
    }

    pub(super) fn add_bank(&mut self, bank: &Bank, who: &Institution) {
        self.add_brand(&bank.short_name, who);
        self.add(&format!("{} bank", bank.short_name), who, true);
        self.add(&format!("ngan hang {}", bank.short_name), who, true);
        for code in &bank.codes {
            self.add_brand(code, who);
            self.add(&format!("ngan hang {code}"), who, true);
        }
        if let Some(swift) = &bank.swift {
            self.add_brand(swift, who);
        }
        for name in bank.aliases.iter().chain([&bank.full_name]) {
            let words = fold_words(name);
            let core = core_words(&words);
            let described = core.len() < words.len() && core.len() > 1;
            self.add(name, who, true);
            self.add(
                &format!("ngan hang {core}", core = core.concat()),
                who,
                true,
            );
            self.add(&core.concat(), who, !described && core.len() == words.len());
        }
    }

    /// Whom a whole field names: the name itself, without frills, or the only name inside.
    pub(super) fn resolve(&self, written: &str) -> Resolved {
        let whole = fold(written);
        if let Some(entry) = self.entries.get(&whole) {
            return entry.resolved();
        }
        let words = fold_words(written);
        if let Some(entry) = self.entries.get(&core_words(&words).concat()) {
            return entry.resolved();
        }
        let mut who = BTreeSet::new();
        let mut at = 0;
        while at < words.len() {
            let rest = words.get(at..).unwrap_or_default();
            let named = self.longest(rest.iter().map(String::as_str));
            match named.filter(|(_, entry)| entry.brand || !entry.short || at == 0) {
                Some((length, entry)) => {
                    who.extend(entry.who.iter().cloned());
                    at += length;
                }
                None => at += 1,
            }
        }
        let all = Entry {
            who,
            ..Entry::default()
        };
        all.resolved()
    }

    /// What is called exactly this, folded.
    pub(super) fn exactly(&self, folded: &str) -> Option<&Entry> {
        self.entries.get(folded)
    }

    /// The longest name that the words begin with, and how many words it takes.
    pub(super) fn longest<'a>(
        &self,
        words: impl Iterator<Item = &'a str>,
    ) -> Option<(usize, &Entry)> {
        let mut joined = String::new();
        let mut best = None;
        for (index, word) in words.enumerate() {
            if joined.len() + word.len() > MAX_NAME {
                break;
            }
            joined.push_str(word);
            match self.beginnings.get(&joined) {
                None => break,
                Some(Begins::Longer) => continue,
                Some(Begins::Whole) => {}
            }
            let mut following = self
                .entries
                .range::<str, _>((Bound::Included(joined.as_str()), Bound::Unbounded));
            match following.next() {
                Some((name, entry)) if *name == joined => best = Some((index + 1, entry)),
                Some((name, _)) if name.starts_with(&joined) => {}
                _ => break,
            }
        }
        best
    }
}

impl Entry {
    pub(super) fn resolved(&self) -> Resolved {
        let mut all = self.who.iter();
        match (all.next(), all.next()) {
            (None, _) => Resolved::Unknown,
            (Some(one), None) => Resolved::One(one.clone()),
            _ => Resolved::Several,
        }
    }
}

/// A name without "Ngân hàng TMCP" before it and "Việt Nam" or "Bank" after it.
fn core_words(words: &[String]) -> &[String] {
    const BEFORE: [&[&str]; 11] = [
        &["ngan", "hang"],
        &["vi", "dien", "tu"],
        &["thuong", "mai"],
        &["co", "phan"],
        &["nh"],
        &["nhtmcp"],
        &["tmcp"],
        &["tnhh"],
        &["mtv"],
        &["vi"],
        &["so"],
    ];
    const AFTER: [&[&str]; 3] = [&["viet", "nam"], &["vn"], &["bank"]];
    let mut core = words;
    loop {
        let before = BEFORE.iter().find(|lead| starts_with(core, lead));
        let after = AFTER.iter().find(|tail| ends_with(core, tail));
        let shorter = match (before, after) {
            (Some(lead), _) => core.get(lead.len()..),
            (None, Some(tail)) => core.get(..core.len().saturating_sub(tail.len())),
            (None, None) => None,
        };
        match shorter {
            Some(shorter) if !shorter.is_empty() => core = shorter,
            _ => return core,
        }
    }
}

fn starts_with(words: &[String], lead: &[&str]) -> bool {
    words.len() >= lead.len() && words.iter().zip(lead).all(|(word, part)| word == part)
}

fn ends_with(words: &[String], tail: &[&str]) -> bool {
    words.len() >= tail.len()
        && words
            .iter()
            .rev()
            .zip(tail.iter().rev())
            .all(|(word, part)| word == part)
}
