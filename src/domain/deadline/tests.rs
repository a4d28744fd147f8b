//! Deadlines against examples worked by hand, and the reference file that they are read from.

mod course;
mod ends;

use super::*;

fn process() -> LegalProcess {
    serde_json::from_str(include_str!("../../reference/data/legal_process.json")).unwrap()
}

fn calendar() -> Calendar {
    serde_json::from_str(include_str!("../../reference/data/calendar.json")).unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A moment by the clock of Vietnam.
fn vn(text: &str) -> DateTime<Utc> {
    format!("{}+07:00", text.replace(' ', "T")).parse().unwrap()
}

struct Rules {
    process: LegalProcess,
    calendar: Calendar,
}

impl Rules {
    fn new() -> Self {
        Self {
            process: process(),
            calendar: calendar(),
        }
    }

    fn clock(&self) -> LegalClock<'_> {
        LegalClock {
            process: &self.process,
            calendar: &self.calendar,
            counting: Counting::default(),
        }
    }

    fn of(&self, code: Code, facts: &Facts, now: DateTime<Utc>) -> Deadline {
        let found = self.clock().for_case(facts, now);
        found
            .into_iter()
            .find(|deadline| deadline.code == code)
            .unwrap()
    }

    /// When a deadline ends, by the clock of Vietnam.
    fn due(&self, code: Code, facts: &Facts) -> String {
        let due_at = self.of(code, facts, facts.received_at).due_at;
        due_at.map_or("-".to_owned(), |due_at| {
            (due_at + TimeDelta::hours(7))
                .format("%Y-%m-%d %H:%M")
                .to_string()
        })
    }
}

/// Received on Tuesday, 24 November 2026, 08:20.
fn tip() -> Facts {
    Facts::received(vn("2026-11-24 08:20:00"))
}

#[test]
fn the_reference_file_says_whether_the_event_day_counts_and_which_communes_are_remote() {
    let process = process();
    assert_eq!(process.counting(), Counting::default());
    assert!(!process.is_remote("03334"));
    let mut file: serde_json::Value =
        serde_json::from_str(include_str!("../../reference/data/legal_process.json")).unwrap();
    file["time_rules"]["event_day_counted"] = true.into();
    file["remote_communes"] = serde_json::json!(["03334"]);
    let process: LegalProcess = serde_json::from_value(file).unwrap();
    assert!(process.counting().event_day_counted);
    assert!(process.is_remote("03334") && !process.is_remote("03127"));
}

#[test]
fn every_deadline_of_the_reference_file_is_known_and_the_other_way_round() {
    let process = process();
    let ids: Vec<&str> = process
        .deadlines
        .iter()
        .map(|period| period.id.as_str())
        .collect();
    let known: Vec<&str> = Code::ALL.into_iter().map(Code::as_str).collect();
    assert_eq!(ids, known);
    for code in Code::ALL {
        assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        assert_eq!(Code::parse(code.as_str()), Some(code));
    }
}

#[test]
fn two_hundred_million_make_a_crime_very_serious() {
    let process = process();
    assert!(!process.is_very_serious(199_999_999));
    assert!(process.is_very_serious(200_000_000));
    assert!(process.is_very_serious(i64::MAX));
    assert!(!process.is_very_serious(-1));
}
