//! The calendar against hand-worked examples and the seed of 2025–2030.

use super::*;
use proptest::prelude::*;
use rstest::rstest;

fn calendar() -> Calendar {
    serde_json::from_str(include_str!("../../reference/data/calendar.json")).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

const DEFAULT: Counting = Counting {
    event_day_counted: false,
};

#[rstest]
#[case::new_year("2026-01-01", true)]
#[case::saturday("2026-11-28", true)]
#[case::sunday("2026-11-29", true)]
#[case::monday("2026-11-30", false)]
#[case::worked_saturday("2026-08-22", false)]
#[case::eve_of_tet("2026-02-16", true)]
#[case::tet("2026-02-17", true)]
#[case::fourth_of_tet("2026-02-20", true)]
#[case::after_tet("2026-02-23", false)]
#[case::hung_kings_on_sunday_moves("2026-04-27", true)]
#[case::unknown_year_weekday("2042-01-01", false)]
fn days_off(#[case] date: &str, #[case] off: bool) {
    assert_eq!(calendar().is_day_off(day(date)), off);
}

/// Each line worked by hand on a wall calendar.
#[rstest]
#[case::contract("2026-11-24", 20, "2026-12-14")]
#[case::three_days("2026-11-24", 3, "2026-11-27")]
#[case::saturday_to_monday("2026-11-25", 3, "2026-11-30")]
#[case::sunday_to_monday("2026-11-26", 3, "2026-11-30")]
#[case::into_a_worked_saturday("2026-08-19", 3, "2026-08-22")]
// 20 days from 31 January 2026 end on 20 February, the fourth day of Tết; then a weekend.
#[case::tet("2026-01-31", 20, "2026-02-23")]
#[case::new_year_2027("2026-12-12", 20, "2027-01-04")]
#[case::leap_day("2028-02-09", 20, "2028-02-29")]
// 28 August + 7 = 4 September 2028, the substitute day for 2 September (a Saturday).
#[case::substitute_day("2028-08-28", 7, "2028-09-05")]
fn limits_of_days(#[case] event: &str, #[case] days: u32, #[case] last: &str) {
    assert_eq!(calendar().days_from(day(event), days, DEFAULT), day(last));
}

#[rstest]
#[case::tuesday("2026-11-24", 3, "2026-11-27")]
#[case::over_a_weekend("2026-11-26", 3, "2026-12-01")]
#[case::received_on_saturday("2026-11-28", 3, "2026-12-02")]
// Friday 13 February 2026: Tết from Monday to Friday, so Monday 23 is the first working day.
#[case::over_tet("2026-02-13", 3, "2026-02-25")]
#[case::over_a_worked_saturday("2026-08-20", 3, "2026-08-24")]
fn limits_of_working_days(#[case] event: &str, #[case] days: u32, #[case] last: &str) {
    assert_eq!(
        calendar().working_days_from(day(event), days, DEFAULT),
        day(last)
    );
}

#[rstest]
#[case::plain("2026-12-14", 5, "2026-12-09")]
#[case::saturday_to_friday("2026-12-17", 5, "2026-12-11")]
#[case::sunday_to_friday("2026-12-18", 5, "2026-12-11")]
// 7 days before 25 February 2026 is 18 February, in Tết: Friday the 13th is the last working day.
#[case::tet("2026-02-25", 7, "2026-02-13")]
fn limits_backwards(#[case] last_day: &str, #[case] days: u32, #[case] last: &str) {
    assert_eq!(calendar().days_before(day(last_day), days), day(last));
}

#[rstest]
#[case("2026-11-24", 2, "2027-01-24")]
#[case("2026-12-31", 2, "2027-02-28")]
#[case("2027-12-31", 2, "2028-02-29")]
#[case("2028-02-29", 12, "2029-02-28")]
#[case("2026-08-31", 1, "2026-09-30")]
fn months_end_on_the_same_number_or_the_last_day(
    #[case] event: &str,
    #[case] months: u32,
    #[case] last: &str,
) {
    assert_eq!(same_day_months_later(day(event), months), Some(day(last)));
}

#[test]
fn the_event_day_can_be_counted() {
    let counted = Counting {
        event_day_counted: true,
    };
    // 24 November is day 1, so day 20 is 13 December, a Sunday.
    assert_eq!(
        calendar().days_from(day("2026-11-24"), 20, counted),
        day("2026-12-14")
    );
    assert_eq!(
        calendar().days_from(day("2026-11-23"), 20, counted),
        day("2026-12-14")
    );
    assert_eq!(
        calendar().days_from(day("2026-11-22"), 20, counted),
        day("2026-12-11")
    );
    assert_eq!(
        calendar().working_days_from(day("2026-11-24"), 3, counted),
        day("2026-11-26")
    );
}

#[test]
fn days_begin_and_end_by_the_clock_of_vietnam() {
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    assert_eq!(hanoi::date(at("2026-11-24T16:59:59Z")), day("2026-11-24"));
    assert_eq!(hanoi::date(at("2026-11-24T17:00:00Z")), day("2026-11-25"));
    assert_eq!(end_of_day(day("2026-12-14")), at("2026-12-14T17:00:00Z"));
    for extreme in [DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::MIN_UTC] {
        let _ = end_of_day(hanoi::date(extreme));
    }
    let _ = calendar().days_from(NaiveDate::MAX, 20, DEFAULT);
    let _ = calendar().days_before(NaiveDate::MIN, 20);
}

#[test]
fn the_seed_is_sound_and_says_what_is_not_confirmed() {
    let calendar = calendar();
    assert_eq!(
        calendar.years().map(|year| year.year).collect::<Vec<_>>(),
        [2025, 2026, 2027, 2028, 2029, 2030]
    );
    for year in calendar.years() {
        assert_eq!(year.problems(), [], "{}", year.year);
        let tet: Vec<_> = year
            .holidays
            .iter()
            .filter(|holiday| holiday.name == "Tết Nguyên đán")
            .collect();
        assert_eq!(tet.len(), 5, "{}", year.year);
        assert!(tet.iter().all(|holiday| !holiday.confirmed));
        let confirmed: Vec<String> = year
            .holidays
            .iter()
            .filter(|holiday| holiday.confirmed)
            .map(|holiday| holiday.date.format("%m-%d").to_string())
            .collect();
        assert_eq!(confirmed, ["01-01", "04-30", "05-01", "09-02"]);
    }
    // In 2030 the new moon falls before midnight in Hanoi and after midnight in Beijing.
    assert!(calendar.is_day_off(day("2030-02-01")) && !calendar.is_day_off(day("2030-01-31")));
}

#[test]
fn an_edited_year_names_its_problems() {
    let year: CalendarYear = serde_json::from_str(
        r#"{"year": 2027, "holidays": [{"date": "2026-01-01", "name": "a", "confirmed": true},
             {"date": "2027-01-01", "name": "b", "confirmed": true}, {"date": "2027-01-01", "name": "c", "confirmed": true},
             {"date": "2027-01-02", "name": "d", "confirmed": false}],
            "working_weekends": ["2027-01-04", "2027-01-02", "2028-01-01"]}"#,
    )
    .unwrap();
    let places: Vec<String> = year
        .problems()
        .into_iter()
        .map(|(place, _)| place)
        .collect();
    assert_eq!(
        places,
        [
            "/holidays/0/date",
            "/holidays/2/date",
            "/working_weekends/0",
            "/working_weekends/1",
            "/working_weekends/2"
        ]
    );
}

#[test]
fn a_table_without_any_working_day_ends_too() {
    let holidays = day("2027-01-01")
        .iter_days()
        .take(365)
        .map(|date| Holiday {
            date,
            name: String::new(),
            confirmed: false,
        })
        .collect();
    let all_off = Calendar::new([CalendarYear {
        year: 2027,
        holidays,
        working_weekends: Vec::new(),
    }]);
    let _ = all_off.working_days_from(day("2026-12-31"), 20, DEFAULT);
}

proptest! {
    #[test]
    fn a_limit_never_ends_on_a_day_off_and_backwards_never_later(days in 0_u32..4_000, amount in 1_u32..60) {
        let calendar = calendar();
        let event = plus_days(day("2025-01-01"), days % 2_000);
        let last = calendar.days_from(event, amount, DEFAULT);
        prop_assert!(!calendar.is_day_off(last));
        prop_assert!(last >= plus_days(event, amount));
        prop_assert!(calendar.working_days_from(event, amount, DEFAULT) >= plus_days(event, amount));
        let before = calendar.days_before(last, amount);
        prop_assert!(!calendar.is_day_off(before) && plus_days(before, amount) <= last);
    }
}
