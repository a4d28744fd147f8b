//! What was found, in order of position: the first findings are named, the others counted.

use std::collections::BTreeMap;

use super::Finding;

/// Findings named at most.
const NAMED: usize = 100;
/// Findings remembered at most while the verification lasts.
const HELD: usize = 1_000;

/// Findings by position; of those at one position the first found comes first.
#[derive(Debug, Default)]
pub(super) struct Findings {
    held: BTreeMap<(i64, u64), Finding>,
    found: u64,
    /// Those that there was no place for: how many, and where the first stands.
    dropped: Option<(i64, i64)>,
}

impl Findings {
    /// Notes a finding; the one at the last position gives way.
    pub(super) fn add(&mut self, finding: Finding) {
        self.found += 1;
        self.held.insert((finding.position, self.found), finding);
        if self.held.len() > HELD
            && let Some(((position, _), _)) = self.held.pop_last()
        {
            let (count, first) = self.dropped.unwrap_or((0, position));
            self.dropped = Some((count + 1, first.min(position)));
        }
    }

    /// Counts findings that are not even looked at, from a position on.
    pub(super) fn add_uncounted(&mut self, count: i64, from: i64) {
        let (before, first) = self.dropped.unwrap_or((0, from));
        self.dropped = Some((before + count, first.min(from)));
    }

    /// Whether nothing was found.
    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty() && self.dropped.is_none()
    }

    /// Whether something was found from one position to another.
    pub(super) fn any_within(&self, from: i64, to: i64) -> bool {
        let held = self.held.range((from, 0)..=(to, u64::MAX)).next();
        held.is_some() || self.dropped.is_some_and(|(_, first)| first <= to)
    }

    /// Takes back what turned out to be right.
    pub(super) fn retain(&mut self, keep: impl Fn(&Finding) -> bool) {
        self.held.retain(|_, finding| keep(finding));
    }

    /// The first ones, and how many more there are.
    pub(super) fn named(self) -> (Vec<Finding>, i64) {
        let beyond = i64::try_from(self.held.len().saturating_sub(NAMED)).unwrap_or(i64::MAX);
        let more = beyond + self.dropped.map_or(0, |(count, _)| count);
        (self.held.into_values().take(NAMED).collect(), more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(position: i64) -> Finding {
        Finding {
            position,
            kind: "altered",
            detail: String::new(),
        }
    }

    #[test]
    fn the_first_are_named_in_whatever_order_they_are_found() {
        let mut findings = Findings::default();
        for position in (33..=5_000).chain(1..=32) {
            findings.add(at(position));
        }
        assert!(findings.any_within(7, 7) && findings.any_within(4_900, 4_900));
        let (named, more) = findings.named();
        let positions: Vec<i64> = named.iter().map(|f| f.position).collect();
        assert_eq!(positions, (1..=100).collect::<Vec<i64>>());
        assert_eq!(more, 4_900);
    }

    #[test]
    fn what_was_taken_back_is_not_counted() {
        let mut findings = Findings::default();
        (1..=150).for_each(|position| findings.add(at(position)));
        findings.retain(|finding| finding.position % 2 == 0);
        let (named, more) = findings.named();
        assert_eq!((named.len(), more), (75, 0));
    }
}
