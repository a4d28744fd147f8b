//! Entries that do not follow from the one before: altered, or sealed at another place?

use std::collections::HashMap;

use super::Verification;
use crate::journal::chain::{Fields, link};
use crate::journal::store::Sealed;

/// Entries compared with each other at most; further ones are plainly called altered.
const COMPARED: usize = 32;

/// An entry that does not follow.
pub(super) struct Suspect {
    pub(super) row: Sealed,
    /// The hash stored before it.
    pub(super) before: Vec<u8>,
}

/// All of them, up to a bound.
#[derive(Default)]
pub(super) struct Suspects(Vec<Suspect>);

impl Suspects {
    pub(super) fn add(&mut self, suspect: Suspect, found: &mut Verification) {
        if self.0.len() < COMPARED {
            self.0.push(suspect);
        } else {
            found.find(suspect.row.position, "altered", ALTERED);
        }
    }

    /// Names each: one that follows from a hash stored elsewhere was sealed at another place, or its
    /// neighbour was; one that follows from none was altered.
    pub(super) fn name(&self, found: &mut Verification) {
        let sealed_at: Vec<Option<i64>> = self.0.iter().map(|s| self.sealed_at(s)).collect();
        let displaced: Vec<i64> = self
            .0
            .iter()
            .zip(&sealed_at)
            .filter_map(|(s, at)| at.filter(|at| *at != s.row.position))
            .collect();
        for (suspect, at) in self.0.iter().zip(sealed_at) {
            let position = suspect.row.position;
            match at {
                Some(at) if at == position => {}
                Some(at) => {
                    let detail = format!("The entry here was sealed at position {at}.");
                    found.find(position, "reordered", detail);
                }
                None if displaced.contains(&position) => {
                    let detail =
                        "An entry that was never sealed stands here, and the sealed one elsewhere.";
                    found.find(position, "inserted", detail);
                }
                None => found.find(position, "altered", ALTERED),
            }
        }
    }

    /// The position at which a suspect gives a hash that is stored, from any hash that is stored.
    fn sealed_at(&self, suspect: &Suspect) -> Option<i64> {
        let stored: HashMap<&[u8], i64> = self
            .0
            .iter()
            .map(|s| (s.row.chain.as_slice(), s.row.position))
            .collect();
        let fields = Fields::from(&suspect.row);
        let befores = || {
            self.0
                .iter()
                .flat_map(|s| [s.before.as_slice(), s.row.chain.as_slice()])
        };
        self.0.iter().map(|s| s.row.position).find(|position| {
            befores().any(|before| stored.contains_key(link(before, *position, &fields).as_slice()))
        })
    }
}

const ALTERED: &str = "The entry or its chain hash is not what was sealed.";
