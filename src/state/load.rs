//! What a replica does at once: bounds for what costs it memory or connections, and who goes first.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use num_traits::ToPrimitive;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Exports that run at a time.
const EXPORTS: usize = 8;
/// Secrets that are checked at a time: each takes 19 MiB, so more at once would be a way to fill the memory.
const SECRETS: usize = 4;
/// How long work that can wait gives way at a time, and how often it looks.
const GIVES_WAY: Duration = Duration::from_millis(20);
const LOOKS: Duration = Duration::from_millis(2);
/// So many tips at hand at once are a flood.
const FLOOD: usize = 4;
/// From here on tips are stored more slowly the later what follows from them is, so that it stays less than 10 s
/// behind however long a flood lasts.
const LATE: Duration = Duration::from_secs(4);
/// For each second beyond that a writer rests for so many times the time that it worked, up to this:
/// work that stands still must not stop the intake.
const SLOWER: f64 = 1.25;
const SLOWEST: f64 = 4.0;
/// It rests no longer than this at a time: what took so long was no lack of cores.
const REST: Duration = Duration::from_millis(250);
/// How long an export waits for its turn: one whose database says nothing holds up no other.
const TURN: Duration = Duration::from_secs(1);

/// The load of one replica; its copies are one and the same.
#[derive(Clone, Debug)]
pub struct Load {
    /// Places for exports.
    pub exports: Arc<Semaphore>,
    /// The turn at reading for an export.
    export_turn: Arc<Semaphore>,
    /// Turns at checking a secret.
    pub secrets: Arc<Semaphore>,
    /// Tips that are being taken in.
    intake: Arc<AtomicUsize>,
    /// How long a writer rests, in thousandths of the time that it worked.
    pace: Arc<AtomicU32>,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            exports: Arc::new(Semaphore::new(EXPORTS)),
            export_turn: Arc::new(Semaphore::new(1)),
            secrets: Arc::new(Semaphore::new(SECRETS)),
            intake: Arc::default(),
            pace: Arc::default(),
        }
    }
}

impl Load {
    /// Counts a tip that is being taken in, until the guard is dropped.
    pub fn take_in(&self) -> TakenIn {
        self.intake.fetch_add(1, Ordering::Relaxed);
        TakenIn(self.intake.clone())
    }

    /// Whether no more than one tip is being taken in.
    pub fn is_one_tip(&self) -> bool {
        self.intake.load(Ordering::Relaxed) <= 1
    }

    /// Whether so many tips are being taken in that what can wait for seconds should.
    pub fn is_flooded(&self) -> bool {
        self.intake.load(Ordering::Relaxed) >= FLOOD
    }

    /// Takes over how late what follows from tips is.
    pub fn set_late(&self, late: Duration) {
        let part = (SLOWER * late.saturating_sub(LATE).as_secs_f64()).min(SLOWEST);
        let thousandths = (part * 1_000.0).to_u32().unwrap_or(0);
        self.pace.store(thousandths, Ordering::Relaxed);
    }

    /// How long a writer rests that has worked so long.
    pub fn rest_after(&self, worked: Duration) -> Duration {
        let rest = worked.saturating_mul(self.pace.load(Ordering::Relaxed)) / 1_000;
        rest.min(REST)
    }

    /// The turn at reading a piece of an export: side by side, exports are no sooner done and only take the cores from
    /// whoever waits in person.
    pub async fn export_turn(&self) -> Option<OwnedSemaphorePermit> {
        let turn = self.export_turn.clone().acquire_owned();
        tokio::time::timeout(TURN, turn).await.ok()?.ok()
    }

    /// Lets tips that are being taken in go first, for some milliseconds at most: called between two pieces of
    /// work that nobody waits for in person, which a flood of tips slows and never stops.
    pub async fn give_way(&self) {
        let _ = tokio::time::timeout(GIVES_WAY, async {
            while self.intake.load(Ordering::Relaxed) > 0 {
                tokio::time::sleep(LOOKS).await;
            }
        })
        .await;
    }
}

/// A tip that is being taken in.
pub struct TakenIn(Arc<AtomicUsize>);

impl Drop for TakenIn {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn exports_take_turns_and_none_waits_for_one_that_stands_still() {
        let load = Load::default();
        let stuck = load.export_turn().await;
        assert!(stuck.is_some());
        let begun = tokio::time::Instant::now();
        assert!(load.export_turn().await.is_none(), "goes on without");
        assert_eq!(begun.elapsed(), TURN);
        drop(stuck);
        assert!(load.export_turn().await.is_some());
    }

    #[test]
    fn writers_slow_down_with_what_is_late_and_never_stop() {
        let (load, worked) = (Load::default(), Duration::from_millis(10));
        for (late, rest) in [
            (0, 0),
            (4_000, 0),
            (5_000, 12_500),
            (6_000, 25_000),
            (8_000, 40_000),
        ] {
            load.set_late(Duration::from_millis(late));
            let rest = Duration::from_micros(rest);
            assert_eq!(load.clone().rest_after(worked), rest, "{late} ms late");
        }
        load.set_late(Duration::MAX);
        assert_eq!(load.rest_after(worked), worked * 4);
        assert_eq!(load.rest_after(Duration::MAX), REST);
        load.set_late(Duration::ZERO);
        assert_eq!(load.rest_after(worked), Duration::ZERO);
    }

    #[tokio::test]
    async fn work_that_can_wait_gives_way_while_a_tip_comes_in_but_not_for_ever() {
        let (load, other) = (Load::default(), Load::default());
        let tip = load.clone().take_in();
        let begun = Instant::now();
        load.give_way().await;
        assert!(begun.elapsed() >= GIVES_WAY);
        // Another replica in the same process has a load of its own.
        assert_eq!(other.intake.load(Ordering::Relaxed), 0);
        drop(tip);
        assert_eq!(load.intake.load(Ordering::Relaxed), 0);
    }
}
