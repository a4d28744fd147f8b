//! Moments as people write them: in Vietnam's time, in the language of the reader.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::hanoi::local;
use super::lang::Lang;

/// The day: `3/12/2026` is read differently abroad, so English names the month.
pub fn day(at: DateTime<Utc>, lang: Lang) -> String {
    let pattern = lang.pick("%d/%m/%Y", "%-d %B %Y");
    local(at).format(pattern).to_string()
}

/// The time and the day.
pub fn moment(at: DateTime<Utc>, lang: Lang) -> String {
    let pattern = lang.pick("%H:%M ngày %d/%m/%Y", "%H:%M on %-d %B %Y (Vietnam time)");
    local(at).format(pattern).to_string()
}

/// The end of a term: the end of a day is written as that day.
pub fn limit(at: DateTime<Utc>, lang: Lang) -> String {
    let ends_a_day = local(at).time() == NaiveTime::MIN;
    if !ends_a_day {
        return moment(at, lang);
    }
    let last = day(at - TimeDelta::seconds(1), lang);
    lang.pick(format!("hết ngày {last}"), format!("the end of {last}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_their_readers_write_them() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let evening = at("2026-12-02T17:05:00Z");
        assert_eq!(day(evening, Lang::Vi), "03/12/2026");
        assert_eq!(day(evening, Lang::En), "3 December 2026");
        assert_eq!(moment(evening, Lang::Vi), "00:05 ngày 03/12/2026");
        assert_eq!(
            moment(evening, Lang::En),
            "00:05 on 3 December 2026 (Vietnam time)"
        );
        assert_eq!(limit(evening, Lang::Vi), moment(evening, Lang::Vi));
        let midnight = at("2026-12-14T17:00:00Z");
        assert_eq!(limit(midnight, Lang::Vi), "hết ngày 14/12/2026");
        assert_eq!(limit(midnight, Lang::En), "the end of 14 December 2026");
    }
}
