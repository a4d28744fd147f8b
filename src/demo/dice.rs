//! Seeded chance: one small wrapper over ChaCha, so that the same seed tells the same stories on every machine.

use num_traits::ToPrimitive;
use rand::distr::Distribution;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::LogNormal;

/// A stream of chance, wholly given by its seed and stream number.
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// Opens stream `stream` of `seed`.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self(rng)
    }

    /// True in `share` of 1000 throws.
    pub fn permille(&mut self, share: u32) -> bool {
        self.0.random_range(0..1000) < share
    }

    /// True in `share` of 100 throws.
    pub fn percent(&mut self, share: u32) -> bool {
        self.permille(share.saturating_mul(10))
    }

    /// A number from 0 up to but not including `end` (0 where `end` is 0).
    pub fn below(&mut self, end: u64) -> u64 {
        if end == 0 {
            0
        } else {
            self.0.random_range(0..end)
        }
    }

    /// A number between both ends, which may themselves come up.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        if low >= high {
            low
        } else {
            self.0.random_range(low..=high)
        }
    }

    /// One of `items`, or nothing where there is none.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let end = u64::try_from(items.len()).unwrap_or(u64::MAX);
        items.get(usize::try_from(self.below(end)).unwrap_or(0))
    }

    /// One of `items` by weight, or nothing where all weights are 0.
    pub fn weighted<'a, T>(&mut self, items: &'a [T], weight: impl Fn(&T) -> u64) -> Option<&'a T> {
        let mut left = self.below(items.iter().map(&weight).sum());
        items.iter().find(|item| {
            let here = left < weight(item);
            left = left.saturating_sub(weight(item));
            here
        })
    }

    /// One of `items` as text, or "" where there is none.
    pub fn word<'a, S: AsRef<str>>(&mut self, items: &'a [S]) -> &'a str {
        self.pick(items).map_or("", AsRef::as_ref)
    }

    /// `count` decimal digits.
    pub fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| self.digit('0')).collect()
    }

    /// One digit not below `low`.
    pub fn digit(&mut self, low: char) -> char {
        self.0.random_range(low..='9')
    }

    /// `count` lower-case hexadecimal digits.
    pub fn hex(&mut self, count: usize) -> String {
        (0..count)
            .filter_map(|_| char::from_digit(self.0.random_range(0..16), 16))
            .collect()
    }

    /// A lognormal amount with the given median: many small, few very large.
    pub fn lognormal(&mut self, median: f64, sigma: f64) -> i64 {
        LogNormal::new(median.max(1.0).ln(), sigma)
            .ok()
            .and_then(|curve| curve.sample(&mut self.0).to_i64())
            .unwrap_or_default()
    }
}
