//! What is said of an indicator, and the eight bytes that it takes in a run.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate};

use super::run::Packed;
use crate::indicators::check::bucket;
use crate::indicators::store::Published;

/// What is said of one indicator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// `confirmed_scam`, `suspected`, `reported` or `official`.
    pub verdict: Verdict,
    /// The least number of independent reports in the range that is told.
    pub reports: i32,
    /// Methods; none unless confirmed.
    pub methods: Arc<[String]>,
    /// First day of the month of the last report.
    pub last_reported: Option<NaiveDate>,
}

/// What the public may be told of an indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// An officer confirmed it and a second one approved.
    ConfirmedScam,
    /// An officer suspects it.
    Suspected,
    /// Enough reports.
    Reported,
    /// Official, with a checked source.
    Official,
}

/// What is at hand of an indicator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said<T = Entry> {
    /// Nothing: what it stands on may still be known.
    Nothing,
    /// An officer cleared it: nothing is told of it, nor by what it stands on.
    Cleared,
    /// This.
    Told(T),
}

impl Verdict {
    const ALL: [Self; 4] = [
        Self::Reported,
        Self::Suspected,
        Self::ConfirmedScam,
        Self::Official,
    ];

    /// As the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConfirmedScam => "confirmed_scam",
            Self::Suspected => "suspected",
            Self::Reported => "reported",
            Self::Official => "official",
        }
    }

    /// Whether it warns more than another does: reports of a value do not weaken what officers said of what it stands
    /// on. What is official stays so.
    pub fn outweighs(self, other: Self) -> bool {
        let weight = |verdict| match verdict {
            Self::Official => 0,
            Self::Reported => 1,
            Self::Suspected => 2,
            Self::ConfirmedScam => 3,
        };
        other != Self::Official && weight(self) > weight(other)
    }

    /// What is not known says the least.
    pub fn from_code(code: &str) -> Self {
        let known = Self::ALL.into_iter().find(|v| v.as_str() == code);
        known.unwrap_or(Self::Reported)
    }
}

/// The sets of methods that occur; an entry bears the number of its own. The first is the empty one.
pub struct MethodSets(Vec<Arc<[String]>>);

impl Default for MethodSets {
    fn default() -> Self {
        Self(vec![Arc::new([])])
    }
}

impl MethodSets {
    pub fn number(&mut self, methods: Vec<String>) -> u32 {
        let found = self.0.iter().position(|known| **known == *methods);
        let number = found.unwrap_or_else(|| {
            self.0.push(methods.into());
            self.0.len() - 1
        });
        u32::try_from(number).unwrap_or_default()
    }

    pub fn of(&self, number: u32) -> Arc<[String]> {
        let at = usize::try_from(number).unwrap_or_default();
        self.0.get(at).cloned().unwrap_or_default()
    }
}

/// In the place of a verdict where there is none: an officer cleared it.
const CLEARED: u8 = u8::MAX;

/// Verdict, reports, month and set of methods.
pub fn pack(row: Published, methods: &mut MethodSets) -> Option<Packed> {
    let Some(verdict) = row.verdict else {
        return row.cleared.then_some([CLEARED, 0, 0, 0, 0, 0, 0, 0]);
    };
    let verdict = Verdict::from_code(&verdict);
    let code = Verdict::ALL.iter().position(|v| *v == verdict);
    let code = u8::try_from(code.unwrap_or_default()).unwrap_or_default();
    let reports = u8::try_from(bucket(row.reports).1).unwrap_or_default();
    let month = row.last_reported.map_or(0, |day| {
        u16::try_from(day.year() * 12 + day.month0().cast_signed()).unwrap_or_default()
    });
    let [m0, m1] = month.to_be_bytes();
    let set = methods.number(row.methods.into_iter().flatten().collect());
    let [s0, s1, s2, s3] = set.to_be_bytes();
    Some([code, reports, m0, m1, s0, s1, s2, s3])
}

/// The verdict; none of what was cleared.
pub fn verdict(packed: Packed) -> Option<Verdict> {
    let [code, ..] = packed;
    let verdict = Verdict::ALL.get(usize::from(code)).copied();
    (code != CLEARED).then(|| verdict.unwrap_or(Verdict::Reported))
}

pub fn unpack(packed: Packed, methods: &MethodSets) -> Said {
    let Some(verdict) = verdict(packed) else {
        return Said::Cleared;
    };
    let [_, reports, m0, m1, s0, s1, s2, s3] = packed;
    let month = u16::from_be_bytes([m0, m1]);
    Said::Told(Entry {
        verdict,
        reports: reports.into(),
        methods: methods.of(u32::from_be_bytes([s0, s1, s2, s3])),
        last_reported: NaiveDate::from_ymd_opt((month / 12).into(), u32::from(month % 12) + 1, 1)
            .filter(|_| month > 0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(verdict: &str, reports: i32, methods: &[&str], day: Option<NaiveDate>) -> Published {
        Published {
            key: vec![1; 32],
            kind: "phone".to_owned(),
            value: "+84912345678".to_owned(),
            verdict: Some(verdict.to_owned()),
            reports,
            methods: methods.iter().map(|m| Some((*m).to_owned())).collect(),
            last_reported: day,
            cleared: false,
            position: 1,
        }
    }

    #[test]
    fn what_is_packed_comes_out_as_the_public_may_see_it() {
        let mut sets = MethodSets::default();
        let day = NaiveDate::from_ymd_opt(2026, 12, 24);
        let first = pack(row("confirmed_scam", 12, &["fake_shop"], day), &mut sets).unwrap();
        let second = pack(row("reported", 3, &[], None), &mut sets).unwrap();
        let third = pack(row("confirmed_scam", 700, &["fake_shop"], day), &mut sets).unwrap();
        let told = |packed| match unpack(packed, &sets) {
            Said::Told(entry) => entry,
            other => panic!("{other:?}"),
        };
        let entry = told(first);
        assert_eq!(entry.verdict, Verdict::ConfirmedScam);
        assert_eq!(entry.reports, 10);
        assert_eq!(*entry.methods, ["fake_shop".to_owned()]);
        assert_eq!(entry.last_reported, NaiveDate::from_ymd_opt(2026, 12, 1));
        let entry = told(second);
        assert_eq!((entry.verdict, entry.reports), (Verdict::Reported, 3));
        assert_eq!((entry.methods.len(), entry.last_reported), (0, None));
        assert_eq!(told(third).reports, 50);
        assert_eq!(sets.0.len(), 2);
        let untold = |cleared| Published {
            verdict: None,
            cleared,
            ..row("", 0, &[], None)
        };
        let cleared = pack(untold(true), &mut sets).unwrap();
        assert_eq!(unpack(cleared, &sets), Said::Cleared);
        assert_eq!(pack(untold(false), &mut sets), None);
    }

    #[test]
    fn the_stronger_warning_counts_and_what_is_official_stays_so() {
        let rising = [
            Verdict::Reported,
            Verdict::Suspected,
            Verdict::ConfirmedScam,
        ];
        for (n, verdict) in rising.into_iter().enumerate() {
            for (m, other) in rising.into_iter().enumerate() {
                assert_eq!(verdict.outweighs(other), n > m);
            }
            assert!(!verdict.outweighs(Verdict::Official));
            assert!(!Verdict::Official.outweighs(verdict));
        }
    }
}
