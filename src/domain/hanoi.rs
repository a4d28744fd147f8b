//! Vietnam's time, Asia/Ho_Chi_Minh: UTC+7 all the year; it has had no summer time since 1945.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Utc};

/// By how much Vietnam's clocks are ahead of UTC.
pub const AHEAD: TimeDelta = TimeDelta::hours(7);

const ZONE: FixedOffset = FixedOffset::east_opt(7 * 3_600).unwrap();

/// A moment as Vietnam's clocks show it.
pub fn local(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.with_timezone(&ZONE)
}

/// The date at a moment.
pub fn date(at: DateTime<Utc>) -> NaiveDate {
    let utc = at.naive_utc();
    utc.checked_add_signed(AHEAD).unwrap_or(utc).date()
}

/// The year at a moment, as register numbers bear it.
pub fn year(at: DateTime<Utc>) -> i16 {
    i16::try_from(date(at).year()).unwrap_or(i16::MAX)
}

/// The moment at which a day begins.
pub fn midnight(day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    midnight
        .checked_sub_signed(AHEAD)
        .unwrap_or(midnight)
        .and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_ends_seven_hours_before_that_of_utc() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let last = at("2026-12-31T16:59:59Z");
        assert_eq!(year(last), 2026);
        assert_eq!(local(last).to_string(), "2026-12-31 23:59:59 +07:00");
        let first = at("2026-12-31T17:00:00Z");
        assert_eq!(year(first), 2027);
        assert_eq!(midnight(date(first)), first);
        for extreme in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            let _ = (year(extreme), midnight(date(extreme)));
        }
    }
}
