//! When a webhook delivery that failed is tried again (contract §7).

use chrono::{DateTime, TimeDelta, Utc};

/// Waits after the first failures, in seconds; each later one is [`LATER`].
const FIRST: [i64; 6] = [1, 5, 20, 120, 600, 3_600];
const LATER: i64 = 4 * 3_600;
/// How long a delivery is tried before it is dead.
const GIVE_UP: TimeDelta = TimeDelta::days(3);

/// When to try again after `failed` attempts, the first of them at `first`; none when it is dead.
///
/// `dice` is any random number: it moves the wait by up to 20 % either way, so that deliveries that
/// failed together do not come back together.
pub fn next_attempt(
    failed: u32,
    first: DateTime<Utc>,
    now: DateTime<Utc>,
    dice: u32,
) -> Option<DateTime<Utc>> {
    let seconds = usize::try_from(failed.saturating_sub(1))
        .ok()
        .and_then(|index| FIRST.get(index))
        .copied()
        .unwrap_or(LATER);
    // 800 to 1200 thousandths of the wait.
    let thousandths = 800 + i64::from(dice % 401);
    let next = now + TimeDelta::milliseconds(seconds * thousandths);
    (next <= first + GIVE_UP).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> DateTime<Utc> {
        "2026-11-24T01:20:00Z".parse().unwrap()
    }

    /// No jitter at all.
    const MIDDLE: u32 = 200;

    #[test]
    fn the_waits_are_those_of_the_contract() {
        for (failed, seconds) in [
            (1, 1),
            (2, 5),
            (3, 20),
            (4, 120),
            (5, 600),
            (6, 3_600),
            (7, 14_400),
            (8, 14_400),
            (20, 14_400),
        ] {
            let next = next_attempt(failed, start(), start(), MIDDLE).unwrap();
            assert_eq!((next - start()).num_seconds(), seconds, "after {failed}");
        }
    }

    #[test]
    fn jitter_stays_within_a_fifth() {
        for (dice, milliseconds) in [(0, 800), (400, 1_200), (401, 800), (u32::MAX, 1_054)] {
            let next = next_attempt(1, start(), start(), dice).unwrap();
            assert_eq!((next - start()).num_milliseconds(), milliseconds, "{dice}");
        }
    }

    #[test]
    fn three_days_hold_some_two_dozen_attempts_and_then_it_is_dead() {
        let (mut now, mut failed) = (start(), 1);
        while let Some(next) = next_attempt(failed, start(), now, MIDDLE) {
            assert!(next > now);
            (now, failed) = (next, failed + 1);
        }
        assert_eq!(failed, 24);
        assert!(now <= start() + GIVE_UP && now > start() + TimeDelta::hours(67));
    }
}
