//! Who looked lately: whoever looks again and again by one receipt is always answered, and noted now and then.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// For how long one note stands for all looks.
const STANDS: TimeDelta = TimeDelta::minutes(10);

/// When it was last noted that somebody looked, by what was looked at.
#[derive(Default)]
pub(super) struct Looks(Mutex<HashMap<u64, DateTime<Utc>>>);

/// A look that is to be noted.
#[must_use = "say that it was noted, once that is durable"]
pub struct Look<'a> {
    looks: &'a Looks,
    key: u64,
    at: DateTime<Utc>,
}

impl Looks {
    /// A look, where none of the last minutes was noted.
    pub(super) fn look(&self, key: u64, now: DateTime<Utc>) -> Option<Look<'_>> {
        let noted = self.lock().get(&key).copied();
        let due = noted.is_none_or(|at| now - at >= STANDS);
        due.then_some(Look {
            looks: self,
            key,
            at: now,
        })
    }

    /// Forgets notes that stand no more.
    pub(super) fn tidy(&self) {
        let mut all = self.lock();
        let newest = all.values().max().copied();
        all.retain(|_, at| newest.is_none_or(|newest| newest - *at < STANDS));
        all.shrink_to_fit();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, DateTime<Utc>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Look<'_> {
    /// It is noted: the next minutes need no other note.
    pub fn noted(self) {
        self.looks.lock().insert(self.key, self.at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_stands_for_ten_minutes_and_only_once_it_is_made() {
        let looks = Looks::default();
        let at = |seconds| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        assert!(looks.look(1, at(0)).is_some());
        // It was not written: the next look is to be noted.
        looks.look(1, at(1)).unwrap().noted();
        assert!(looks.look(1, at(600)).is_none());
        assert!(looks.look(2, at(600)).is_some());
        assert!(looks.look(1, at(601)).is_some());
        looks.look(2, at(600)).unwrap().noted();
        looks.tidy();
        assert!(looks.look(1, at(600)).is_none());
        looks.look(2, at(1_300)).unwrap().noted();
        looks.tidy();
        assert_eq!(looks.lock().len(), 1);
    }
}
