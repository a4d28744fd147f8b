//! The legal clocks of a tip and of a case: which deadlines there are, when each ends, and
//! whether it is met.
//!
//! Amounts, units and laws come from the reference file of the legal process; which act starts a
//! clock and which act meets it stands in `clocks`. Counting is `calendar`'s business.

mod announced;
mod clocks;
mod facts;
mod process;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, Counting, end_of_day, same_day_months_later};
use super::hanoi;

pub use announced::{Announced, News, near_of_case, near_of_tip};
pub use facts::{Act, Acted, Commune, Facts};
pub use process::{Code, LegalProcess, Period, Unit};

/// Whether a deadline is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Running.
    Pending,
    /// What it asks for was done; late if `met_at` is after `due_at`.
    Met,
    /// Past, and not done.
    Overdue,
    /// It does not run here, or not yet.
    NotApplicable,
}

/// One deadline of a tip or a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// Code of the reference file.
    pub code: Code,
    /// When it ends; absent while its clock has not started.
    pub due_at: Option<DateTime<Utc>>,
    /// The law that sets it.
    pub legal_basis: String,
    /// Whether it is kept.
    pub state: State,
    /// When it was met.
    pub met_at: Option<DateTime<Utc>>,
    /// Seconds to its end, below zero when overdue; absent unless it runs.
    pub remaining_seconds: Option<i64>,
}

/// The rules by which deadlines are computed.
#[derive(Clone, Copy, Debug)]
pub struct LegalClock<'a> {
    /// Amounts and laws.
    pub process: &'a LegalProcess,
    /// Days off.
    pub calendar: &'a Calendar,
    /// Whether the day of the event counts.
    pub counting: Counting,
}

/// What a clock says before it is compared with `now`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// It does not run.
    Off,
    /// It runs from a moment, and was perhaps met.
    From(DateTime<Utc>, Option<DateTime<Utc>>),
    /// It ends on a given last day, and was perhaps met.
    Until(NaiveDate, Option<DateTime<Utc>>),
}

/// The limit within which a case must be decided: the last day as counted, and as moved off days off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Limit {
    counted: NaiveDate,
    moved: NaiveDate,
    since: DateTime<Utc>,
}

impl LegalClock<'_> {
    /// The deadlines of reception, which every tip has.
    pub fn for_tip(&self, facts: &Facts, now: DateTime<Utc>) -> Vec<Deadline> {
        self.read(&Code::OF_TIP, facts, now)
    }

    /// All deadlines of a case, from the reception of its earliest tip on.
    pub fn for_case(&self, facts: &Facts, now: DateTime<Utc>) -> Vec<Deadline> {
        self.read(&Code::ALL, facts, now)
    }

    /// The first limit for deciding.
    pub fn resolution(&self, facts: &Facts, now: DateTime<Utc>) -> Option<Deadline> {
        self.read(&[Code::Resolve], facts, now).pop()
    }

    /// Until when the head of the body may extend the limit and the procuracy once more: the ends of
    /// the two months from reception and of the four (BLTTHS art. 147(2)).
    pub fn extensions_end_at(&self, facts: &Facts) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let two = self.extended(facts.received_at, facts.received_at)?;
        let four = self.period(Code::VksExtension, two.counted, two.since)?;
        Some((end_of_day(two.moved), end_of_day(four.moved)))
    }

    /// When the limit in force for deciding the case runs out (24:00 of its last day).
    pub fn limit_ends_at(&self, facts: &Facts) -> Option<DateTime<Utc>> {
        self.limit(facts).map(|limit| end_of_day(limit.moved))
    }

    fn read(&self, codes: &[Code], facts: &Facts, now: DateTime<Utc>) -> Vec<Deadline> {
        codes
            .iter()
            .filter_map(|code| {
                let period = self.process.period(*code)?;
                Some(self.deadline(*code, period, self.reading(*code, facts), facts, now))
            })
            .collect()
    }

    fn deadline(
        &self,
        code: Code,
        period: &Period,
        reading: Reading,
        facts: &Facts,
        now: DateTime<Utc>,
    ) -> Deadline {
        let (due_at, met_at) = match reading {
            Reading::Off => (None, None),
            Reading::From(start, met_at) => (self.due(code, period, start, facts), met_at),
            Reading::Until(last_day, met_at) => (Some(end_of_day(last_day)), met_at),
        };
        let state = match (due_at, met_at) {
            (None, _) => State::NotApplicable,
            (_, Some(_)) => State::Met,
            (Some(due_at), None) if now > due_at => State::Overdue,
            _ => State::Pending,
        };
        let runs = matches!(state, State::Pending | State::Overdue);
        Deadline {
            code,
            due_at,
            legal_basis: period.law.clone(),
            state,
            met_at,
            remaining_seconds: due_at
                .filter(|_| runs)
                .map(|due_at| due_at.signed_duration_since(now).num_seconds()),
        }
    }

    /// When a period that starts with an event ends.
    fn due(
        &self,
        code: Code,
        period: &Period,
        start: DateTime<Utc>,
        facts: &Facts,
    ) -> Option<DateTime<Utc>> {
        let remote =
            code == Code::CommuneUrgent && facts.commune.is_some_and(|commune| commune.remote);
        let amount = period
            .remote_amount
            .filter(|_| remote)
            .unwrap_or(period.amount);
        let event = hanoi::date(start);
        match period.unit {
            Unit::Hour => start.checked_add_signed(TimeDelta::try_hours(i64::from(amount))?),
            _ => self
                .last_day(period.unit, amount, event)
                .map(|(_, moved)| end_of_day(moved)),
        }
    }

    /// The last day of a period, as counted and as moved off days off.
    fn last_day(
        &self,
        unit: Unit,
        amount: i32,
        event: NaiveDate,
    ) -> Option<(NaiveDate, NaiveDate)> {
        let amount = u32::try_from(amount).ok()?;
        let counted = match unit {
            Unit::Hour => return None,
            Unit::WorkingDay => {
                let day = self
                    .calendar
                    .working_days_from(event, amount, self.counting);
                return Some((day, day));
            }
            Unit::Day => {
                let before = amount.checked_sub(u32::from(self.counting.event_day_counted))?;
                event.checked_add_days(chrono::Days::new(u64::from(before)))?
            }
            // Art. 134 ends months on the same day number, whether or not the first day counts.
            Unit::Month => same_day_months_later(event, amount)?,
        };
        Some((counted, self.calendar.on_or_after(counted)))
    }

    /// The limit in force: the first 20 days, the two months of the head, the procuracy's two
    /// months more, or the month after a resumption.
    fn limit(&self, facts: &Facts) -> Option<Limit> {
        if let Some(resumed) = facts.resumed_at() {
            return self.period(Code::ResumeLimit, hanoi::date(resumed), resumed);
        }
        if let Some(extended) = facts.last(&[Act::ExtendedByProcuracy]) {
            // From the end as counted, so that 2 + 2 stay four months from reception
            // (147(2)) and a day off is not given twice.
            let first = self.extended(facts.received_at, facts.received_at)?;
            return self.period(Code::VksExtension, first.counted, extended);
        }
        if let Some(extended) = facts.last(&[Act::Extended]) {
            return self.extended(facts.received_at, extended);
        }
        // What was done before a reception that moved later counts.
        let since = DateTime::<Utc>::MIN_UTC;
        self.period(Code::Resolve, hanoi::date(facts.received_at), since)
    }

    /// The two months of the head, from reception.
    fn extended(&self, received: DateTime<Utc>, since: DateTime<Utc>) -> Option<Limit> {
        self.period(Code::ResolveExtended, hanoi::date(received), since)
    }

    /// A limit that starts with a day; what was done since a moment meets it.
    fn period(&self, code: Code, event: NaiveDate, since: DateTime<Utc>) -> Option<Limit> {
        let period = self.process.period(code)?;
        let (counted, moved) = self.last_day(period.unit, period.amount, event)?;
        Some(Limit {
            counted,
            moved,
            since,
        })
    }
}

/// The earliest end among the deadlines that run: what a queue sorts by.
pub fn next_due(deadlines: &[Deadline]) -> Option<DateTime<Utc>> {
    deadlines
        .iter()
        .filter(|deadline| matches!(deadline.state, State::Pending | State::Overdue))
        .filter_map(|deadline| deadline.due_at)
        .min()
}

#[cfg(test)]
mod tests;
