//! Periods of statistics: days, weeks and months of Asia/Ho_Chi_Minh (UTC+7 all the year).

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};

use super::hanoi::{date, midnight};

/// From a moment to before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first moment.
    pub from: DateTime<Utc>,
    /// The first moment that no longer belongs to it.
    pub to: DateTime<Utc>,
}

impl Period {
    /// The period of the same length just before.
    pub fn previous(&self) -> Self {
        Self {
            from: self.from - (self.to - self.from),
            to: self.from,
        }
    }

    /// The last days, today included.
    pub fn last_days(count: u64, now: DateTime<Utc>) -> Self {
        let today = date(now);
        let first = today.checked_sub_days(Days::new(count.saturating_sub(1)));
        Self {
            from: midnight(first.unwrap_or(today)),
            to: midnight(after(today)),
        }
    }

    /// A whole month, named by any of its days.
    pub fn month_of(day: NaiveDate) -> Self {
        let first = Step::Month.start(day);
        Self {
            from: midnight(first),
            to: midnight(Step::Month.next(first)),
        }
    }
}

fn after(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(day)
}

/// Which end of a period a text names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// Its beginning.
    From,
    /// Its end.
    To,
}

/// Reads a day (`2026-11-30`, meant whole) or a moment (RFC 3339) as an end of a period.
pub fn parse(text: &str, edge: Edge) -> Option<DateTime<Utc>> {
    let moment = match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        Ok(date) if edge == Edge::To => midnight(after(date)),
        Ok(date) => midnight(date),
        Err(_) => DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc),
    };
    // Beyond these years there is nothing to count, and Postgres has its own limits.
    (1900..=2200).contains(&moment.year()).then_some(moment)
}

/// Steps of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Days.
    Day,
    /// Weeks, from Monday.
    Week,
    /// Months.
    Month,
}

impl Step {
    /// As `date_trunc` calls it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The first day of the step that a day is in.
    pub fn start(self, day: NaiveDate) -> NaiveDate {
        let back = match self {
            Self::Day => 0,
            Self::Week => day.weekday().num_days_from_monday(),
            Self::Month => day.day0(),
        };
        day.checked_sub_days(Days::new(back.into())).unwrap_or(day)
    }

    /// The first day of the step after.
    pub fn next(self, start: NaiveDate) -> NaiveDate {
        match self {
            Self::Day => start.checked_add_days(Days::new(1)),
            Self::Week => start.checked_add_days(Days::new(7)),
            Self::Month => start.checked_add_months(Months::new(1)),
        }
        .unwrap_or(start)
    }

    /// The first days of all steps that a period touches, at most `most` of them; `None` where there are more.
    pub fn starts(self, period: Period, most: usize) -> Option<Vec<NaiveDate>> {
        let mut starts = Vec::new();
        let mut at = self.start(date(period.from));
        while midnight(at) < period.to {
            if starts.len() == most {
                return None;
            }
            starts.push(at);
            let next = self.next(at);
            if next == at {
                break;
            }
            at = next;
        }
        Some(starts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_is_meant_whole_and_begins_at_midnight_in_hanoi() {
        for (text, edge, moment) in [
            ("2026-11-01", Edge::From, "2026-10-31T17:00:00Z"),
            ("2026-11-30", Edge::To, "2026-11-30T17:00:00Z"),
            ("2026-11-30T00:00:00Z", Edge::To, "2026-11-30T00:00:00Z"),
            (
                "2026-11-30T00:00:00+07:00",
                Edge::From,
                "2026-11-29T17:00:00Z",
            ),
        ] {
            assert_eq!(parse(text, edge), Some(at(moment)), "{text}");
        }
        for wrong in [
            "",
            "yesterday",
            "2026-02-30",
            "2026-11",
            "9999-12-31",
            "0001-01-01",
        ] {
            assert_eq!(parse(wrong, Edge::From), None, "{wrong}");
        }
        assert_eq!(date(at("2026-11-23T17:00:00Z")).to_string(), "2026-11-24");
        assert_eq!(date(at("2026-11-23T16:59:59Z")).to_string(), "2026-11-23");
    }

    #[test]
    fn steps_cover_a_period_without_a_gap() {
        let period = Period {
            from: at("2026-10-28T17:00:00Z"),
            to: at("2026-11-09T17:00:00Z"),
        };
        let starts = |step: Step| -> Vec<String> {
            let all = step.starts(period, 100).unwrap();
            all.iter().map(ToString::to_string).collect()
        };
        assert_eq!(starts(Step::Day).len(), 12);
        assert_eq!(
            starts(Step::Week),
            ["2026-10-26", "2026-11-02", "2026-11-09"]
        );
        assert_eq!(starts(Step::Month), ["2026-10-01", "2026-11-01"]);
        assert_eq!(Step::Day.starts(period, 11), None);
        assert_eq!(period.previous().from, at("2026-10-16T17:00:00Z"));
        assert_eq!(period.previous().to, period.from);
    }

    #[test]
    fn the_last_days_include_today() {
        let now = at("2026-11-24T01:20:00Z");
        let week = Period::last_days(7, now);
        assert_eq!(week.from, at("2026-11-17T17:00:00Z"));
        assert_eq!(week.to, at("2026-11-24T17:00:00Z"));
        assert_eq!(Period::month_of(date(now)).to, at("2026-11-30T17:00:00Z"));
    }
}
