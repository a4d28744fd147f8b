//! The terms of data subjects' requests (NĐ 356/2025 art. 5).
//!
//! The decree sets working days for the acknowledgement and days for the answer, and does not say how
//! they are counted, so the Civil Code's rules hold (2015, arts. 147(2), 148(5) and (6)): the day of the
//! request is not counted, a term ends at 24:00 of its last day in Vietnam, and an end on a day off
//! moves to the next working day. The lengths are data: they are known from secondary sources only.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, Counting, end_of_day};
use super::hanoi;

/// What a person may ask about their own data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestKind {
    /// To see it.
    Access,
    /// To have it corrected.
    Correction,
    /// To have its use restricted.
    Restriction,
    /// To have it erased.
    Erasure,
    /// To withdraw consent.
    Withdrawal,
}

impl RequestKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [
        Self::Access,
        Self::Correction,
        Self::Restriction,
        Self::Erasure,
        Self::Withdrawal,
    ];

    /// The code on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Correction => "correction",
            Self::Restriction => "restriction",
            Self::Erasure => "erasure",
            Self::Withdrawal => "withdrawal",
        }
    }

    /// Reads the code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == code)
    }
}

/// The term of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Term {
    /// Days from the request.
    pub days: u32,
    /// Days more, once.
    pub extension_days: u32,
}

/// All terms, as the reference list holds them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RequestTerms {
    /// Working days to acknowledge.
    pub acknowledge_working_days: u32,
    /// To answer.
    pub answer: Answers,
}

/// The terms of the answers, by kind.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Answers {
    access: Term,
    correction: Term,
    restriction: Term,
    erasure: Term,
    withdrawal: Term,
}

/// The day of the request is not counted.
const COUNTING: Counting = Counting {
    event_day_counted: false,
};

impl RequestTerms {
    /// By when a request must be acknowledged.
    pub fn acknowledge_by(&self, calendar: &Calendar, received: DateTime<Utc>) -> DateTime<Utc> {
        let days = self.acknowledge_working_days;
        end_of_day(calendar.working_days_from(hanoi::date(received), days, COUNTING))
    }

    /// By when it must be answered.
    pub fn due_at(
        &self,
        calendar: &Calendar,
        kind: RequestKind,
        received: DateTime<Utc>,
        extended: bool,
    ) -> DateTime<Utc> {
        let term = match kind {
            RequestKind::Access => self.answer.access,
            RequestKind::Correction => self.answer.correction,
            RequestKind::Restriction => self.answer.restriction,
            RequestKind::Erasure => self.answer.erasure,
            RequestKind::Withdrawal => self.answer.withdrawal,
        };
        let more = if extended { term.extension_days } else { 0 };
        let days = term.days.saturating_add(more);
        end_of_day(calendar.days_from(hanoi::date(received), days, COUNTING))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn calendar() -> Calendar {
        serde_json::from_str(include_str!("../reference/data/calendar.json")).unwrap()
    }

    fn terms() -> RequestTerms {
        serde_json::from_str(include_str!("../reference/data/privacy_terms.json")).unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// Worked by hand on a wall calendar; days end at 17:00 UTC.
    #[rstest]
    #[case::tuesday("2026-11-24T01:20:00Z", "2026-11-26T17:00:00Z")]
    #[case::late_evening_is_the_next_day_in_hanoi("2026-11-24T17:30:00Z", "2026-11-27T17:00:00Z")]
    #[case::thursday_over_the_weekend("2026-11-26T02:00:00Z", "2026-11-30T17:00:00Z")]
    #[case::saturday("2026-11-28T02:00:00Z", "2026-12-01T17:00:00Z")]
    #[case::over_new_year("2026-12-30T02:00:00Z", "2027-01-04T17:00:00Z")]
    #[case::over_tet("2026-02-13T02:00:00Z", "2026-02-24T17:00:00Z")]
    fn acknowledgements_count_working_days(#[case] received: &str, #[case] by: &str) {
        assert_eq!(terms().acknowledge_by(&calendar(), at(received)), at(by));
    }

    #[rstest]
    #[case::access(RequestKind::Access, "2026-12-04", "2026-12-14")]
    #[case::correction(RequestKind::Correction, "2026-12-04", "2026-12-14")]
    #[case::restriction(RequestKind::Restriction, "2026-12-09", "2026-12-24")]
    #[case::withdrawal(RequestKind::Withdrawal, "2026-12-09", "2026-12-24")]
    #[case::erasure(RequestKind::Erasure, "2026-12-14", "2027-01-04")]
    fn answers_count_days_and_move_off_days_off(
        #[case] kind: RequestKind,
        #[case] day: &str,
        #[case] extended: &str,
    ) {
        let received = at("2026-11-24T01:20:00Z");
        let due = |extended| terms().due_at(&calendar(), kind, received, extended);
        let end = |day: &str| at(&format!("{day}T17:00:00Z"));
        assert_eq!((due(false), due(true)), (end(day), end(extended)));
    }

    proptest! {
        #[test]
        fn terms_come_in_order(seconds in 1_700_000_000_i64..2_000_000_000, n in 0_usize..5) {
            let received = DateTime::from_timestamp(seconds, 0).unwrap();
            let kind = RequestKind::ALL[n];
            let (terms, calendar) = (terms(), calendar());
            let acknowledge = terms.acknowledge_by(&calendar, received);
            let due = terms.due_at(&calendar, kind, received, false);
            let extended = terms.due_at(&calendar, kind, received, true);
            prop_assert!(received < acknowledge && received < due && due < extended);
            prop_assert_eq!(RequestKind::parse(kind.as_str()), Some(kind));
        }
    }
}
