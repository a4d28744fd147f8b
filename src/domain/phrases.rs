//! Phrases of folded words, found by the word that ends them.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;

/// What each phrase means.
pub struct Phrases<M> {
    // The words are ours: nobody chooses them so that they collide.
    /// For each last word: the words before it, nearest first, and the meaning; long ones first.
    by_last: FxHashMap<&'static str, Vec<(Vec<&'static str>, M)>>,
}

impl<M: Copy> Phrases<M> {
    /// Phrases of words parted by blanks.
    pub fn new(phrases: impl IntoIterator<Item = (&'static str, M)>) -> Self {
        let mut by_last: FxHashMap<_, Vec<_>> = FxHashMap::default();
        for (phrase, meaning) in phrases {
            let mut words = phrase.rsplit(' ');
            if let Some(last) = words.next() {
                let rows = by_last.entry(last).or_default();
                rows.push((words.collect::<Vec<_>>(), meaning));
            }
        }
        for rows in by_last.values_mut() {
            rows.sort_by_key(|(before, _)| Reverse(before.len()));
        }
        Self { by_last }
    }

    /// What the longest phrase means that ends with `last`; `before` gives the words before it,
    /// nearest first.
    pub fn ending<'a>(
        &self,
        last: &str,
        before: impl Iterator<Item = &'a str> + Clone,
    ) -> Option<M> {
        let rows = self.by_last.get(last)?;
        let mut longest = rows.iter().filter(|(words, _)| {
            let mut before = before.clone();
            words.iter().all(|word| before.next() == Some(*word))
        });
        longest.next().map(|(_, meaning)| *meaning)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_phrase_that_ends_at_a_word_counts() {
        let phrases = Phrases::new([("the", 1), ("so the", 2), ("ma so the", 3), ("so", 4)]);
        let ending = |text: &str| {
            let mut words = text.rsplit(' ');
            phrases.ending(words.next().unwrap(), words)
        };
        assert_eq!(ending("the"), Some(1));
        assert_eq!(ending("nha so the"), Some(2));
        assert_eq!(ending("cho ma so the"), Some(3));
        assert_eq!(ending("ma the"), Some(1));
        assert_eq!(ending("ma so"), Some(4));
        assert_eq!(ending("so thes"), None);
    }
}
