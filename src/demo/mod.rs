//! Made-up tips for `tinbao demo`: a small world of swindlers' rings and the people of Điện Biên who report
//! them, so that a new user sees what the service is for. The same seed gives the same tips.
//!
//! Names, numbers and accounts are invented; the hosts are text from public blocklists, never to be opened.

mod dice;
mod figures;
mod form;
mod library;
mod people;
mod places;
mod ring;
mod story;
mod style;
mod template;
mod written;

use chrono::{DateTime, Utc};
use serde_json::Value;

use dice::Dice;
use library::Library;
pub use library::References;
use ring::Ring;

/// Everything that happens in the demonstration.
pub struct World {
    seed: u64,
    rings: u64,
    mules: u64,
    lib: Library,
    viral: Ring,
}

/// Each kind of thing draws from chance streams of its own.
const RINGS: u64 = 1 << 60;
const MULES: u64 = 2 << 60;
const LONERS: u64 = 3 << 60;

/// One campaign that everybody gets, 2.5 % of all tips.
const VIRAL_PERMILLE: u32 = 25;
/// Swindlers seen once, who share nothing with anyone.
const LONE_PERMILLE: u32 = 150;
const ODD_PERMILLE: u32 = 10;
const TIPS_PER_RING: usize = 12;

impl World {
    /// Sets up a world for about `tips` tips.
    ///
    /// # Errors
    /// Fails where a reference list is not the JSON it should be.
    pub fn new(
        seed: u64,
        tips: usize,
        references: &References<'_>,
    ) -> Result<Self, serde_json::Error> {
        let lib = Library::read(references)?;
        let count = |each: usize| u64::try_from(tips / each).unwrap_or(u64::MAX).max(1);
        let mules = count(TIPS_PER_RING * 15);
        let method = [
            "impersonate_vneid",
            "fake_sms_brandname",
            "social_insurance_benefit",
        ];
        let mut dice = Dice::new(seed, RINGS - 1);
        let code = dice.word(&method);
        let only = lib.methods.iter().position(|(c, _)| c == code);
        let mut viral = Ring::draw(&lib, &mut dice, only, |_| Dice::new(seed, MULES));
        (viral.began, viral.lasts) = (4 * 24 * 60, 4 * 24 * 60);
        Ok(Self {
            seed,
            rings: count(TIPS_PER_RING),
            mules,
            lib,
            viral,
        })
    }

    /// The body of `POST /v1/tips` for tip `index`, as if it came in at `now`.
    pub fn tip(&self, index: usize, now: DateTime<Utc>) -> Value {
        let index = u64::try_from(index).unwrap_or(u64::MAX) & (RINGS - 1);
        let mut dice = Dice::new(self.seed, index);
        let drawn;
        let ring = if dice.permille(VIRAL_PERMILLE) {
            &self.viral
        } else {
            let stream = if dice.permille(LONE_PERMILLE) {
                LONERS + index
            } else {
                // The smaller of two throws: some rings are busy, most are not.
                RINGS + dice.below(self.rings).min(dice.below(self.rings))
            };
            drawn = self.ring(stream);
            &drawn
        };
        let odd = dice.permille(ODD_PERMILLE);
        let mut tip = story::compose(&self.lib, ring, now, &mut dice);
        if odd {
            self.distort(&mut tip, &mut dice);
        }
        tip
    }

    /// Rings are drawn anew each time they are needed, so that a million tips take no more memory than ten.
    fn ring(&self, stream: u64) -> Ring {
        Ring::draw(&self.lib, &mut Dice::new(self.seed, stream), None, |dice| {
            Dice::new(self.seed, MULES + dice.below(self.mules))
        })
    }

    /// Lays something odd or hostile over a tip: reception refuses none for its content.
    fn distort(&self, tip: &mut Value, dice: &mut Dice) {
        let (Some(odd), Some(fields)) = (dice.pick(&self.lib.voices.odd), tip.as_object_mut())
        else {
            return;
        };
        for (key, value) in &odd.patch {
            let value = match value {
                Value::String(text) if odd.repeat > 0 && key == "narrative" => {
                    text.repeat(odd.repeat).into()
                }
                value => value.clone(),
            };
            fields.insert(key.clone(), value);
        }
        // A loss may point at an indicator that the patch has taken away.
        if let Some(losses) = fields.get_mut("losses").and_then(Value::as_array_mut) {
            for loss in losses.iter_mut().filter_map(Value::as_object_mut) {
                loss.remove("to_indicator");
            }
        }
    }
}

#[cfg(test)]
mod tests;
