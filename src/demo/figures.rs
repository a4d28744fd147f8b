//! When and how much: the times of a story, and sums and dates in the words of the person who tells it.

use crate::domain::hanoi;
use chrono::{DateTime, Datelike, FixedOffset, SubsecRound, TimeDelta, Timelike, Utc};
use serde_json::{Value, json};

use super::dice::Dice;

const MILLION: i64 = 1_000_000;
const DAY: i64 = 24 * 60;

/// The times of one story.
pub struct Times {
    pub now: DateTime<Utc>,
    pub minutes_ago: i64,
}

impl Times {
    /// Something that happened `minutes_ago`.
    pub fn new(now: DateTime<Utc>, minutes_ago: i64) -> Self {
        let mut times = Self {
            now: now.trunc_subsecs(0),
            minutes_ago: minutes_ago.max(1),
        };
        // Few are called at night: what is not of this hour moves back to the afternoon or noon before.
        let hour = times.local().hour();
        if times.minutes_ago > 120 && !(7..22).contains(&hour) {
            times.minutes_ago += 10 * 60;
        }
        times
    }

    fn local(&self) -> DateTime<FixedOffset> {
        hanoi::local(self.occurred())
    }

    /// When it happened.
    pub fn occurred(&self) -> DateTime<Utc> {
        self.at(self.minutes_ago)
    }

    fn at(&self, minutes_ago: i64) -> DateTime<Utc> {
        self.now
            .checked_sub_signed(TimeDelta::try_minutes(minutes_ago).unwrap_or_default())
            .unwrap_or(self.now)
    }

    /// When the citizen wrote it down: within the month, and before now.
    pub fn written(&self, dice: &mut Dice) -> DateTime<Utc> {
        let earliest = dice.between(0, self.minutes_ago.min(30 * 24 * 60));
        self.at(dice.between(0, earliest))
    }

    /// When money went: after it began, before now.
    pub fn transfer(&self, dice: &mut Dice) -> DateTime<Utc> {
        let after = dice.between(0, self.minutes_ago.min(4 * 60));
        self.at((self.minutes_ago - after).max(1))
    }

    /// The time in words, as `tối qua` or `hôm 12/11`.
    pub fn spoken(&self, dice: &mut Dice) -> String {
        let then = self.local();
        let today = self.now.with_timezone(then.offset()).date_naive();
        let days = (today - then.date_naive()).num_days();
        let part = match then.hour() {
            4..11 => "sáng",
            11..14 => "trưa",
            14..18 => "chiều",
            _ => "tối",
        };
        let (day, month, year) = (then.day(), then.month(), then.year());
        let clock = if then.minute() < 10 {
            format!("{}h", then.hour())
        } else {
            format!("{}h{:02}", then.hour(), then.minute())
        };
        let dated = format!("khoảng {clock} ngày {day}/{month}");
        match days {
            _ if self.minutes_ago <= 30 => {
                let ago = format!("cách đây {} phút", self.minutes_ago);
                dice.word(&["vừa nãy", "vừa xong", "mới nãy", &ago])
                    .to_owned()
            }
            ..=0 => dice
                .word(&[format!("{part} nay"), format!("lúc {clock} hôm nay")])
                .to_owned(),
            1 => dice
                .word(&[format!("{part} hôm qua"), format!("{part} qua"), dated])
                .to_owned(),
            2..7 => dice
                .word(&["mấy hôm trước".into(), format!("hôm {day}/{month}"), dated])
                .to_owned(),
            7..32 => dice
                .word(&[
                    format!("hôm {day}/{month}"),
                    format!("ngày {day}/{month}/{year}"),
                    dated,
                ])
                .to_owned(),
            _ => dice
                .word(&[
                    format!("hồi tháng {month}"),
                    format!("ngày {day}/{month}/{year}"),
                    format!("cách đây {} tháng", (days / 30).max(1)),
                    format!("khoảng tháng {month}"),
                ])
                .to_owned(),
        }
    }
}

/// A loss in đồng, mostly a round sum.
pub fn loss(median_millions: f64, sigma: f64, dice: &mut Dice) -> i64 {
    let raw = dice
        .lognormal(median_millions * 1e6, sigma)
        .clamp(100_000, 12_000 * MILLION);
    let step = match raw / MILLION {
        0 => 10_000,
        1..10 => 100_000,
        10..100 => 500_000,
        100..500 => MILLION,
        _ => 10 * MILLION,
    };
    let step = match dice.below(10) {
        0 => step / 100,
        1..5 => step,
        _ => step * 2,
    };
    (raw / step).max(1) * step
}

/// A sum as people write it.
pub fn spoken(vnd: i64, dice: &mut Dice) -> String {
    if vnd < MILLION {
        let thousands = vnd / 1000;
        return match dice.below(4) {
            0 => format!("{thousands}.000đ"),
            1 => format!("{thousands} nghìn"),
            2 => format!("{thousands} ngàn"),
            _ => format!("{thousands}k"),
        };
    }
    if dice.percent(18) || vnd % 100_000 != 0 {
        let sum = dotted(vnd);
        return match dice.below(4) {
            0 => format!("{sum} đồng"),
            1 => format!("{sum} VNĐ"),
            2 => sum,
            _ => format!("{sum}đ"),
        };
    }
    let (millions, tenth) = (vnd / MILLION, vnd % MILLION / 100_000);
    if millions >= 1000 {
        let (billions, rest) = (millions / 1000, millions % 1000);
        return match rest {
            0 => format!("{billions} tỷ"),
            _ if rest % 100 == 0 => format!("{billions},{} tỷ", rest / 100),
            _ => format!("{billions} tỷ {rest} triệu"),
        };
    }
    match (tenth, dice.below(10)) {
        (0, 0..=4) => format!("{millions} triệu"),
        (0, 5..=6) => format!("{millions} triệu đồng"),
        (0, 7..=8) => format!("{millions}tr"),
        (0, _) => format!("{millions} củ"),
        (5, 0..=1) => format!("{millions} triệu rưỡi"),
        (1.., 0..=5) => format!("{millions},{tenth} triệu"),
        _ => format!("{millions}tr{tenth}"),
    }
}

fn dotted(vnd: i64) -> String {
    let digits = vnd.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('.');
        }
        out.push(c);
    }
    out
}

/// The `losses` of a tip: one or several transfers that add up to `total`.
pub fn transfers(total: i64, to: Option<usize>, times: &Times, dice: &mut Dice) -> Vec<Value> {
    let count = match dice.below(100) {
        0..66 => 1,
        66..84 => 2,
        84..94 => 3,
        _ => dice.between(4, 8),
    };
    let timed = dice.percent(88);
    let mut at: Vec<DateTime<Utc>> = (0..count).map(|_| times.transfer(dice)).collect();
    at.sort_unstable();
    let mut left = total;
    let referenced = dice.percent(30);
    (1..=count)
        .zip(at)
        .map(|(i, at)| {
            let step = if left > 20 * MILLION { MILLION } else { 50_000 };
            let part = left * dice.between(20, 80) / 100 / step * step;
            let amount = if i == count || part == 0 { left } else { part };
            left -= amount;
            let mut one = json!({"amount_vnd": amount});
            if let Some(fields) = one.as_object_mut() {
                if timed {
                    fields.insert("transferred_at".into(), stamp(at));
                }
                if let Some(to) = to {
                    fields.insert("to_indicator".into(), to.into());
                }
                if referenced {
                    let day = at.format("%y%j");
                    let number = format!("FT{day}{}", dice.digits(8));
                    fields.insert("reference".into(), number.into());
                }
            }
            one
        })
        .collect()
}

/// A time as the contract writes it.
pub fn stamp(at: DateTime<Utc>) -> Value {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string().into()
}

/// How long ago, in minutes: a few stories in a hundred are hot, the others as old as `usual` says.
pub fn age(usual: i64, dice: &mut Dice) -> i64 {
    match dice.below(100) {
        0..4 => dice.between(2, 30),
        4..9 => dice.between(31, 2 * 60),
        9..14 => dice.between(2 * 60, DAY),
        _ => usual,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_said_as_people_say_them() {
        let mut seen = std::collections::BTreeSet::new();
        for stream in 0..400 {
            seen.insert(spoken(48_500_000, &mut Dice::new(3, stream)));
        }
        for said in ["48,5 triệu", "48tr5", "48 triệu rưỡi", "48.500.000đ"] {
            assert!(seen.contains(said), "{said} not among {seen:?}");
        }
        assert_eq!(dotted(1_234_567), "1.234.567");
        assert_eq!(dotted(100), "100");
    }

    #[test]
    fn transfers_add_up() {
        let now = DateTime::parse_from_rfc3339("2026-11-24T03:00:00Z")
            .unwrap()
            .to_utc();
        for stream in 0..300 {
            let mut dice = Dice::new(5, stream);
            let total = loss(20.0, 1.2, &mut dice);
            let parts = transfers(total, Some(1), &Times::new(now, 90), &mut dice);
            let sum: i64 = parts
                .iter()
                .map(|p| p["amount_vnd"].as_i64().unwrap())
                .sum();
            assert_eq!(sum, total);
            assert!(parts.iter().all(|p| p["amount_vnd"].as_i64().unwrap() >= 0));
        }
    }
}
