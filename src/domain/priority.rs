//! How urgent a tip is, and why: danger to life, then money that can still be stopped, then the
//! size of the loss, then how many others report the same, then the rest.
//!
//! The score explains itself: the points of the reasons add up to it. Points and levels are data
//! (`Rules`); their default makes each tier outweigh all the tiers below it together.
//! A transfer ages, so `next_change` says when the score must be computed again: whoever stores
//! the priority stores that time beside it and needs no scan of the backlog.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::hanoi;
use super::text_signs::TextSigns;

mod reason;
pub mod told;

pub use reason::{Reason, ReasonCode};

/// One loss that a reporter states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LossFact {
    /// As stated; zero or less says nothing about the size.
    pub amount_vnd: i64,
    /// When the money was sent, as stated.
    pub transferred_at: Option<DateTime<Utc>>,
}

/// What the priority of a tip is drawn from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The reporter says that somebody is in danger now.
    pub in_danger_now: bool,
    /// The method's `urgency_hint` is `life_at_risk`.
    pub urgency_hint_life: bool,
    /// The method carries another urgency hint (`live_coercion`, `high_loss`, `victim_distress`, …).
    pub urgency_hint_other: bool,
    /// The victim is under 16 or 60 and over.
    pub vulnerable_victim: bool,
    /// The stated losses.
    pub losses: Vec<LossFact>,
    /// The method distresses its victim, and the victim is a child.
    pub child_in_distress: bool,
    /// What the text tells.
    pub signs: TextSigns,
    /// When it happened, as stated: no money was sent before.
    pub occurred_at: Option<DateTime<Utc>>,
    /// When the tip was received, by our clock.
    pub received_at: DateTime<Utc>,
    /// When the reporter last told something: nothing told can have happened after.
    pub told_at: DateTime<Utc>,
    /// Independent tips that share an indicator with this one.
    pub linked_tips: u32,
}

impl Facts {
    /// Facts of a tip that says nothing about danger, loss or others.
    pub fn received(received_at: DateTime<Utc>) -> Self {
        Self {
            in_danger_now: false,
            urgency_hint_life: false,
            urgency_hint_other: false,
            vulnerable_victim: false,
            losses: Vec::new(),
            child_in_distress: false,
            signs: TextSigns::default(),
            occurred_at: None,
            received_at,
            told_at: received_at,
            linked_tips: 0,
        }
    }
}

/// Points from a threshold on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Minutes, đồng or tips, by where the step stands.
    pub limit: i64,
    /// Points given.
    pub points: u8,
}

/// The numbers of the priority, as data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Points for danger to life.
    pub life_at_risk: u8,
    /// Minutes since the last transfer, up to which each step's points are given.
    pub recovery: Vec<Step>,
    /// Total loss in đồng, from which each step's points are given (bands of BLHS art. 174).
    pub loss: Vec<Step>,
    /// Number of linked tips, from which each step's points are given.
    pub linked: Vec<Step>,
    /// Points for another urgency or a vulnerable victim.
    pub other: u8,
    /// A transfer dated at most so many hours ahead was written in local time with the mark of UTC, and was
    /// made seven hours earlier; one further ahead says nothing.
    pub future_tolerance_hours: u32,
    /// Least score of the level `critical`.
    pub critical_from: u8,
    /// Least score of the level `high`.
    pub high_from: u8,
    /// Least score of the level `normal`.
    pub normal_from: u8,
}

impl Default for Rules {
    fn default() -> Self {
        let step = |limit, points| Step { limit, points };
        Self {
            life_at_risk: 52,
            recovery: vec![step(30, 36), step(120, 28), step(360, 20), step(1_440, 13)],
            loss: vec![
                step(2_000_000, 1),
                step(50_000_000, 3),
                step(200_000_000, 5),
                step(500_000_000, 7),
            ],
            linked: vec![step(1, 1), step(2, 2), step(3, 3), step(10, 4)],
            other: 1,
            future_tolerance_hours: 7,
            critical_from: 28,
            high_from: 13,
            normal_from: 3,
        }
    }
}

/// How soon an analyst should look at a tip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// When there is time.
    Low,
    /// In turn.
    Normal,
    /// Before the others.
    High,
    /// Now: life or recoverable money.
    Critical,
}

impl Level {
    /// All levels, the most urgent first.
    pub const ALL: [Self; 4] = [Self::Critical, Self::High, Self::Normal, Self::Low];

    /// The code on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// The priority of a tip at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Priority {
    /// The level that the score reaches.
    pub level: Level,
    /// 0 to 100: the sum of the reasons' points.
    pub score: u8,
    /// Why, weightiest tier first.
    pub reasons: Vec<Reason>,
}

const MAX_SCORE: u8 = 100;
/// What the clock of a phone may be ahead.
const DRIFT: TimeDelta = TimeDelta::minutes(10);

/// The priority of a tip as things stand at `now`.
pub fn score(facts: &Facts, rules: &Rules, now: DateTime<Utc>) -> Priority {
    let mut sum = Sum::default();
    if facts.in_danger_now {
        sum.add(ReasonCode::InDangerNow, rules.life_at_risk, 0);
    } else if facts.urgency_hint_life {
        sum.add(ReasonCode::MethodLifeAtRisk, rules.life_at_risk, 0);
    } else if facts.child_in_distress {
        sum.add(ReasonCode::ChildInDistress, rules.life_at_risk, 0);
    } else if facts.signs.life_at_risk {
        sum.add(ReasonCode::TextLifeAtRisk, rules.life_at_risk, 0);
    }
    if let Some(step) = open_window(facts, rules, now) {
        sum.add(ReasonCode::RecentTransfer, step.points, step.limit);
    }
    let loss = total_loss(facts);
    sum.add(ReasonCode::Loss, reached(&rules.loss, loss), loss);
    // What only the words say weighs as a loss of that size, until it is stated.
    let told = facts.signs.paid_vnd.filter(|_| facts.losses.is_empty());
    let told_points = told.map_or(0, |paid| reached(&rules.loss, paid));
    sum.add(
        ReasonCode::PaidInText,
        told_points,
        told.unwrap_or_default(),
    );
    let linked = i64::from(facts.linked_tips);
    sum.add(
        ReasonCode::LinkedTips,
        reached(&rules.linked, linked),
        linked,
    );
    if facts.vulnerable_victim {
        sum.add(ReasonCode::VulnerableVictim, rules.other, 0);
    } else if facts.urgency_hint_other {
        sum.add(ReasonCode::MethodUrgency, rules.other, 0);
    } else if told.is_some() && told_points == 0 {
        sum.add(
            ReasonCode::PaidInText,
            rules.other,
            told.unwrap_or_default(),
        );
    }
    Priority {
        level: level(sum.score, rules),
        score: sum.score,
        reasons: sum.reasons,
    }
}

/// When the score next changes by time alone; `None` once the recovery window is closed.
pub fn next_change(facts: &Facts, rules: &Rules, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let sent = last_transfer(facts, rules)?;
    let open = open_window(facts, rules, now)?;
    // Of two steps with the same points the later one counts: nothing changes between them.
    let limit = rules
        .recovery
        .iter()
        .filter(|step| step.points == open.points)
        .map(|step| step.limit)
        .max()?;
    closes_at(sent, limit)
}

/// The total of the stated losses; amounts that are not positive add nothing.
pub fn total_loss(facts: &Facts) -> i64 {
    facts
        .losses
        .iter()
        .map(|loss| loss.amount_vnd.max(0))
        .fold(0, i64::saturating_add)
}

#[derive(Default)]
struct Sum {
    score: u8,
    reasons: Vec<Reason>,
}

impl Sum {
    /// Gives points, but never past 100, so that they keep adding up under any rules.
    fn add(&mut self, code: ReasonCode, points: u8, value: i64) {
        let points = points.min(MAX_SCORE - self.score);
        if points > 0 {
            self.score += points;
            self.reasons.push(Reason {
                code,
                points,
                value,
            });
        }
    }
}

fn level(score: u8, rules: &Rules) -> Level {
    match score {
        score if score >= rules.critical_from => Level::Critical,
        score if score >= rules.high_from => Level::High,
        score if score >= rules.normal_from => Level::Normal,
        _ => Level::Low,
    }
}

/// The most points among the steps whose limit the value reaches.
fn reached(steps: &[Step], value: i64) -> u8 {
    steps
        .iter()
        .filter(|step| value >= step.limit)
        .map(|step| step.points)
        .max()
        .unwrap_or(0)
}

/// The best step of the recovery window that is still open.
fn open_window(facts: &Facts, rules: &Rules, now: DateTime<Utc>) -> Option<Step> {
    let sent = last_transfer(facts, rules)?;
    rules
        .recovery
        .iter()
        .filter(|step| closes_at(sent, step.limit).is_some_and(|end| now < end))
        .max_by_key(|step| (step.points, -step.limit))
        .copied()
}

/// The first moment that is more than `minutes` after the transfer, by whole seconds.
fn closes_at(sent: DateTime<Utc>, minutes: i64) -> Option<DateTime<Utc>> {
    let minutes = TimeDelta::try_minutes(minutes)?;
    sent.checked_add_signed(minutes)?
        .checked_add_signed(TimeDelta::seconds(1))
}

/// The last believable transfer. Where no time is stated it was not before the event.
pub fn last_transfer(facts: &Facts, rules: &Rules) -> Option<DateTime<Utc>> {
    let event = facts.occurred_at;
    facts
        .losses
        .iter()
        .filter_map(|loss| {
            let event = event.filter(|_| loss.amount_vnd > 0);
            sent_at(loss.transferred_at, event, facts.told_at, rules)
        })
        .max()
}

/// When money was sent, as far as it can be believed: it cannot have been after it was told.
/// Clocks drift a little; what lies hours ahead was written in local time with the mark of UTC.
pub fn sent_at(
    stated: Option<DateTime<Utc>>,
    event: Option<DateTime<Utc>>,
    told_at: DateTime<Utc>,
    rules: &Rules,
) -> Option<DateTime<Utc>> {
    let tolerance = TimeDelta::hours(i64::from(rules.future_tolerance_hours));
    let believed = |at: DateTime<Utc>| {
        let ahead = at.signed_duration_since(told_at);
        if ahead <= DRIFT {
            Some(at.min(told_at))
        } else if ahead <= tolerance + DRIFT {
            Some((at - hanoi::AHEAD).min(told_at))
        } else {
            None
        }
    };
    stated.and_then(believed).or(event.and_then(believed))
}

#[cfg(test)]
mod tests;
