//! Small counts in public figures: who is one of two victims in a commune is known there.
//!
//! A count under five is suppressed, nought as well: that somebody reported at all can be telling.
//! It is not enough where the table's total is known, because the total less the counts shown is what
//! the suppressed ones add up to. So further counts are suppressed until every small count could, for
//! all that sum says, be another one. Which further ones depends on their places alone: were it the
//! smallest ones, a reader who knows the rule would learn that they are no larger than what is shown.

/// Counts below this are never shown.
pub const SMALLEST: i64 = 5;

/// Whether a table of this total can be shown at all: below, the total itself says too much.
pub const fn presentable(total: i64) -> bool {
    total >= 2 * SMALLEST
}

/// Which counts of a table are shown whose total is known; what is told last, of the least use to
/// readers, comes first.
pub fn shown(counts: &[i64]) -> Vec<bool> {
    let mut shown: Vec<bool> = counts.iter().map(|count| *count >= SMALLEST).collect();
    let mut further = false;
    loop {
        let hidden: Vec<i64> = counts
            .iter()
            .zip(&shown)
            .filter(|(_, shown)| !**shown)
            .map(|(count, _)| *count)
            .collect();
        if is_safe(&hidden, further) {
            return shown;
        }
        let Some(next) = shown.iter_mut().find(|shown| **shown) else {
            return shown;
        };
        *next = false;
        further = true;
    }
}

/// Whether the sum of the suppressed counts says nothing of any of them.
fn is_safe(hidden: &[i64], further: bool) -> bool {
    let most = SMALLEST - 1;
    let sum: i64 = hidden.iter().sum();
    let others = i64::try_from(hidden.len())
        .unwrap_or(i64::MAX)
        .saturating_sub(1);
    if sum == 0 {
        // That nobody reported harms nobody.
        return true;
    }
    if further {
        // One of them is five or more, nobody knows how much.
        return others >= 1 && sum >= SMALLEST + most;
    }
    sum >= most && sum <= most.saturating_mul(others)
}

/// The figures of a month that still runs go in steps of five: else one more report would show at once.
pub const fn coarse(count: i64) -> i64 {
    count - count % SMALLEST
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap};

    use super::*;

    #[test]
    fn a_count_that_would_follow_takes_others_with_it() {
        for (counts, expected) in [
            (vec![], vec![]),
            (vec![12, 30], vec![true, true]),
            (vec![0, 12, 30], vec![false, true, true]),
            (vec![30, 2, 12], vec![false, false, true]),
            (vec![8, 1, 1, 30], vec![false, false, false, true]),
            // Six in three counts of nought to four: nothing follows.
            (vec![50, 2, 3, 1], vec![true, false, false, false]),
            (vec![50, 4, 4, 4], vec![false, false, false, false]),
            (
                vec![5, 6, 40, 1, 0, 0],
                vec![false, false, true, false, false, false],
            ),
        ] {
            assert_eq!(shown(&counts), expected, "{counts:?}");
        }
        assert!(!presentable(9) && presentable(10));
        assert_eq!([coarse(4), coarse(5), coarse(23)], [0, 5, 20]);
    }

    /// What a reader sees: the counts shown, and the total.
    type Seen = (Vec<Option<i64>>, i64);

    #[test]
    fn no_small_count_follows_from_what_a_reader_sees() {
        const MOST: i64 = 13;
        let mut tables: HashMap<Seen, Vec<Vec<i64>>> = HashMap::new();
        for n in 0..MOST.pow(4) {
            let counts: Vec<i64> = (0..4).map(|at| n / MOST.pow(at) % MOST).collect();
            let total: i64 = counts.iter().sum();
            if presentable(total) {
                let shown = shown(&counts);
                let seen = counts
                    .iter()
                    .zip(shown)
                    .map(|(count, shown)| shown.then_some(*count))
                    .collect();
                tables.entry((seen, total)).or_default().push(counts);
            }
        }
        for ((seen, total), possible) in tables {
            assert!(
                seen.iter().flatten().all(|count| *count >= SMALLEST),
                "{seen:?}"
            );
            let hidden = total - seen.iter().flatten().sum::<i64>();
            // All tables with this sum are among those tried, as no count can be larger than it.
            if hidden == 0 || hidden >= MOST {
                continue;
            }
            for (at, _) in seen.iter().enumerate().filter(|(_, count)| count.is_none()) {
                let values: BTreeSet<i64> = possible.iter().map(|counts| counts[at]).collect();
                assert!(
                    values.len() >= 3,
                    "{seen:?} of {total}: {at} is one of {values:?}"
                );
            }
        }
    }
}
