//! Entries that do not follow from the one before: altered, or sealed at another place?

use std::collections::HashMap;

use super::Verification;
use crate::journal::chain::{Fields, link};
use crate::journal::store::Pending;

/// Entries compared with each other at most; further ones only with their neighbours.
const COMPARED: usize = 32;
/// How far an entry is looked for that all others moved with.
const SHIFT: i64 = 32;
/// How many entries are looked for at every such distance.
const SHIFTS_TRIED: usize = 256;

/// An entry that does not follow.
pub(super) struct Suspect {
    pub(super) position: i64,
    pub(super) entry: Pending,
    /// The hash stored with it.
    pub(super) chain: Vec<u8>,
    /// The hash stored before it.
    pub(super) before: Vec<u8>,
}

impl Suspect {
    fn fields(&self) -> Fields<'_> {
        Fields::from(&self.entry)
    }

    /// Whether it follows from the entry before it when both stand so much further on.
    fn follows_at(&self, shift: i64) -> bool {
        let position = self.position.saturating_add(shift);
        link(&self.before, position, &self.fields()).as_slice() == self.chain
    }
}

/// All of them, up to a bound.
#[derive(Default)]
pub(super) struct Suspects {
    compared: Vec<Suspect>,
    /// How far the entries stand from where they were sealed, as far as is known.
    shift: Option<i64>,
    tried: usize,
}

impl Suspects {
    pub(super) fn add(&mut self, suspect: Suspect, found: &mut Verification) {
        if self.compared.len() < COMPARED {
            self.compared.push(suspect);
            return;
        }
        match self.moved(&suspect) {
            Some(shift) => {
                let detail = sealed_at(suspect.position.saturating_add(shift));
                found.find(suspect.position, "reordered", detail);
            }
            None => found.find(suspect.position, "altered", ALTERED),
        }
    }

    /// How far a suspect was moved, together with the entry before it.
    fn moved(&mut self, suspect: &Suspect) -> Option<i64> {
        if let Some(shift) = self.shift
            && suspect.follows_at(shift)
        {
            return Some(shift);
        }
        if self.tried >= SHIFTS_TRIED {
            return None;
        }
        self.tried += 1;
        let shift = (1..=SHIFT)
            .flat_map(|far| [far, -far])
            .find(|shift| suspect.follows_at(*shift))?;
        self.shift = Some(shift);
        Some(shift)
    }

    /// Names each: one that follows from a hash stored elsewhere was sealed at another place, or its
    /// neighbour was; one that follows from none was altered.
    pub(super) fn name(&mut self, found: &mut Verification) {
        let compared = std::mem::take(&mut self.compared);
        let sealed: Vec<Option<i64>> = compared
            .iter()
            .map(|suspect| {
                let at = place(suspect, &compared);
                at.or_else(|| Some(suspect.position.saturating_add(self.moved(suspect)?)))
            })
            .collect();
        let displaced: Vec<i64> = compared
            .iter()
            .zip(&sealed)
            .filter_map(|(s, at)| at.filter(|at| *at != s.position))
            .collect();
        for (suspect, at) in compared.iter().zip(sealed) {
            let position = suspect.position;
            match at {
                Some(at) if at == position => {}
                Some(at) => found.find(position, "reordered", sealed_at(at)),
                None if displaced.contains(&position) => {
                    let detail =
                        "An entry that was never sealed stands here, and the sealed one elsewhere.";
                    found.find(position, "inserted", detail);
                }
                None => found.find(position, "altered", ALTERED),
            }
        }
    }
}

/// The position at which a suspect gives a hash that is stored, from any hash that is stored.
fn place(suspect: &Suspect, all: &[Suspect]) -> Option<i64> {
    let stored: HashMap<&[u8], i64> = all
        .iter()
        .map(|s| (s.chain.as_slice(), s.position))
        .collect();
    let fields = suspect.fields();
    let befores = || {
        all.iter()
            .flat_map(|s| [s.before.as_slice(), s.chain.as_slice()])
    };
    all.iter().map(|s| s.position).find(|position| {
        befores().any(|before| stored.contains_key(link(before, *position, &fields).as_slice()))
    })
}

fn sealed_at(position: i64) -> String {
    format!("The entry here was sealed at position {position}.")
}

const ALTERED: &str = "The entry or its chain hash is not what was sealed.";
