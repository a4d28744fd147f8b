//! Working days and the counting of time limits in criminal procedure (BLTTHS art. 134).
//!
//! * Days and months end at 24:00 of their last day, in Asia/Ho_Chi_Minh (UTC+7, no summer time).
//! * The day of the event is not counted (a setting: the texts leave room).
//! * Months end on the same day number; a month without it ends on its last day.
//! * An end on a day off moves to the next working day; a limit counted backwards moves to the
//!   working day before, so that nothing is lost to the one for whom it is kept.
//! * Hours run by the clock, days off included.
//!
//! Which days are off is data: weekends, the holidays of each year's decision, and the weekends
//! that are worked in exchange.

use std::collections::{BTreeMap, BTreeSet};

use super::hanoi;
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc, Weekday};
use serde::{Deserialize, Serialize};

/// One holiday.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// The day off.
    pub date: NaiveDate,
    /// Its name, for readers.
    pub name: String,
    /// Whether the yearly decision names it.
    pub confirmed: bool,
}

/// The days off of one year, as they are edited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarYear {
    /// The year.
    pub year: i32,
    /// Days off beside weekends.
    pub holidays: Vec<Holiday>,
    /// Weekend days that are worked.
    #[serde(default)]
    pub working_weekends: Vec<NaiveDate>,
}

impl CalendarYear {
    /// What is wrong with an edited year: the place (a JSON pointer) and the reason.
    pub fn problems(&self) -> Vec<(String, &'static str)> {
        let mut problems = Vec::new();
        if !(2000..=2100).contains(&self.year) {
            problems.push(("/year".to_owned(), "a year from 2000 to 2100 is wanted"));
        }
        let mut seen = BTreeSet::new();
        for (index, holiday) in self.holidays.iter().enumerate() {
            let place = format!("/holidays/{index}/date");
            if holiday.date.year() != self.year {
                problems.push((place, "the day lies in another year"));
            } else if !seen.insert(holiday.date) {
                problems.push((place, "the day stands twice"));
            }
        }
        for (index, date) in self.working_weekends.iter().enumerate() {
            let place = format!("/working_weekends/{index}");
            if date.year() != self.year {
                problems.push((place, "the day lies in another year"));
            } else if !is_weekend(*date) {
                problems.push((place, "the day is not a Saturday or Sunday"));
            } else if seen.contains(date) {
                problems.push((place, "the day is also a holiday"));
            }
        }
        if self.holidays.len() > 60 {
            problems.push(("/holidays".to_owned(), "more than 60 holidays a year"));
        }
        problems
    }
}

/// The days off of all known years; in an unknown year only weekends are off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "CalendarFile")]
pub struct Calendar {
    years: BTreeMap<i32, CalendarYear>,
    holidays: BTreeSet<NaiveDate>,
    working_weekends: BTreeSet<NaiveDate>,
}

/// The shape of the reference file.
#[derive(Deserialize)]
struct CalendarFile {
    years: Vec<CalendarYear>,
}

impl From<CalendarFile> for Calendar {
    fn from(file: CalendarFile) -> Self {
        Self::new(file.years)
    }
}

/// Longest run of days off that is believed; ends the search in any table.
const MAX_DAYS_OFF: usize = 366;

impl Calendar {
    /// Puts years together; of two entries for one year the later counts.
    pub fn new(years: impl IntoIterator<Item = CalendarYear>) -> Self {
        let years: BTreeMap<i32, CalendarYear> =
            years.into_iter().map(|year| (year.year, year)).collect();
        let holidays = years
            .values()
            .flat_map(|year| year.holidays.iter().map(|holiday| holiday.date))
            .collect();
        let working_weekends = years
            .values()
            .flat_map(|year| year.working_weekends.iter().copied())
            .collect();
        Self {
            years,
            holidays,
            working_weekends,
        }
    }

    /// The table of a year, if there is one.
    pub fn year(&self, year: i32) -> Option<&CalendarYear> {
        self.years.get(&year)
    }

    /// All tables, by year.
    pub fn years(&self) -> impl Iterator<Item = &CalendarYear> {
        self.years.values()
    }

    /// Whether nobody works on a day.
    pub fn is_day_off(&self, date: NaiveDate) -> bool {
        self.holidays.contains(&date)
            || (is_weekend(date) && !self.working_weekends.contains(&date))
    }

    /// The day itself, or the first working day after it.
    pub fn on_or_after(&self, date: NaiveDate) -> NaiveDate {
        date.iter_days()
            .take(MAX_DAYS_OFF)
            .find(|day| !self.is_day_off(*day))
            .unwrap_or(date)
    }

    /// The day itself, or the last working day before it.
    pub fn on_or_before(&self, date: NaiveDate) -> NaiveDate {
        std::iter::successors(Some(date), NaiveDate::pred_opt)
            .take(MAX_DAYS_OFF)
            .find(|day| !self.is_day_off(*day))
            .unwrap_or(date)
    }

    /// The n-th working day, counted from a day that itself counts if it is one.
    fn nth_working_day(&self, from: NaiveDate, n: u32) -> NaiveDate {
        let mut day = self.on_or_after(from);
        for _ in 1..n {
            day = self.on_or_after(plus_days(day, 1));
        }
        day
    }

    /// The last day of a limit of calendar days that begins with an event; moved off days off.
    pub fn days_from(&self, event: NaiveDate, days: u32, counting: Counting) -> NaiveDate {
        self.on_or_after(plus_days(counting.first_day(event), days.saturating_sub(1)))
    }

    /// The last day of a limit of working days that begins with an event.
    pub fn working_days_from(&self, event: NaiveDate, days: u32, counting: Counting) -> NaiveDate {
        self.nth_working_day(counting.first_day(event), days)
    }

    /// The last day for an act that must be done some days before a limit's last day.
    pub fn days_before(&self, last_day: NaiveDate, days: u32) -> NaiveDate {
        let day = last_day.checked_sub_days(Days::new(u64::from(days)));
        self.on_or_before(day.unwrap_or(last_day))
    }
}

/// Whether the day of the event counts as the first day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counting {
    /// False by default: counting begins with the day after.
    pub event_day_counted: bool,
}

impl Counting {
    fn first_day(self, event: NaiveDate) -> NaiveDate {
        plus_days(event, u32::from(!self.event_day_counted))
    }
}

/// The moment at which a day of Vietnam ends (24:00).
pub fn end_of_day(date: NaiveDate) -> DateTime<Utc> {
    hanoi::midnight(plus_days(date, 1))
}

/// The same day number some months later, or the last day of a month that lacks it.
pub fn same_day_months_later(date: NaiveDate, months: u32) -> Option<NaiveDate> {
    date.checked_add_months(Months::new(months))
}

fn plus_days(date: NaiveDate, days: u32) -> NaiveDate {
    date.checked_add_days(Days::new(u64::from(days)))
        .unwrap_or(date)
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

#[cfg(test)]
mod tests;
