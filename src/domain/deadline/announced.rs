//! Which deadlines are to be announced: that one is near, and that it is over, each once.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Code, Deadline, LegalProcess, State, Unit};

/// How long before its end a deadline is near.
const NEAR: TimeDelta = TimeDelta::hours(24);
/// A tip's limit of 24 hours: near in its last four, or every tip were announced as it comes.
const NEAR_OF_HOURS: TimeDelta = TimeDelta::hours(4);

/// How long before its end a deadline of a case is near.
pub fn near_of_case(_: Code) -> TimeDelta {
    NEAR
}

/// How long before its end a limit of a tip is near.
pub fn near_of_tip(process: &LegalProcess, code: Code) -> TimeDelta {
    match process.period(code).map(|period| period.unit) {
        Some(Unit::Hour) => NEAR_OF_HOURS,
        _ => NEAR,
    }
}

/// What is to be announced of a deadline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// Its code.
    pub code: Code,
    /// Its end.
    pub due_at: DateTime<Utc>,
    /// Whether it is over; near otherwise.
    pub over: bool,
}

impl News {
    /// Name of the event.
    pub const fn event(&self) -> &'static str {
        match self.over {
            true => "deadline.overdue",
            false => "deadline.near",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    due_at: DateTime<Utc>,
    over: bool,
}

/// What was announced so far. An end that has moved is announced anew.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Announced(BTreeMap<Code, Mark>);

impl Announced {
    /// What is to be announced now, which is noted, and when to look again. A deadline that is over when it is first
    /// looked at is not announced as near as well.
    pub fn look(
        &mut self,
        deadlines: &[Deadline],
        near: impl Fn(Code) -> TimeDelta,
        now: DateTime<Utc>,
    ) -> (Vec<News>, Option<DateTime<Utc>>) {
        let mut news = Vec::new();
        let mut next = None;
        for deadline in deadlines {
            let (Some(due_at), State::Pending | State::Overdue) = (deadline.due_at, deadline.state)
            else {
                continue;
            };
            let (code, near_at) = (deadline.code, due_at - near(deadline.code));
            let over = due_at <= now;
            let before = self.0.get(&code).filter(|mark| mark.due_at == due_at);
            let is_new = match before {
                Some(mark) => over && !mark.over,
                None => near_at <= now,
            };
            if is_new {
                self.0.insert(code, Mark { due_at, over });
                news.push(News { code, due_at, over });
            }
            let ahead = [near_at, due_at].into_iter().filter(|at| *at > now);
            next = next.into_iter().chain(ahead).min();
        }
        (news, next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hour)
    }

    fn ends(hour: i64, state: State) -> [Deadline; 1] {
        [Deadline {
            code: Code::Resolve,
            due_at: Some(at(hour)),
            legal_basis: String::new(),
            state,
            met_at: None,
            remaining_seconds: None,
        }]
    }

    #[test]
    fn each_deadline_is_near_once_and_over_once() {
        let mut said = Announced::default();
        for (now, end, state, announced, next) in [
            (0, 100, State::Pending, None, Some(76)),
            (76, 100, State::Pending, Some("deadline.near"), Some(100)),
            (77, 100, State::Pending, None, Some(100)),
            (100, 100, State::Pending, Some("deadline.overdue"), None),
            (101, 100, State::Overdue, None, None),
            // The end has moved.
            (101, 200, State::Pending, None, Some(176)),
            (190, 200, State::Pending, Some("deadline.near"), Some(200)),
            (201, 200, State::Met, None, None),
            // Over as it begins to run.
            (210, 150, State::Overdue, Some("deadline.overdue"), None),
            (211, 150, State::Overdue, None, None),
        ] {
            let (news, at_next) = said.look(&ends(end, state), near_of_case, at(now));
            assert_eq!(news.first().map(News::event), announced, "{now}");
            assert_eq!(at_next, next.map(at), "{now}");
        }
    }

    #[test]
    fn what_was_announced_is_read_back() {
        let mut said = Announced::default();
        said.look(&ends(10, State::Pending), near_of_case, at(0));
        let kept = serde_json::to_value(&said).unwrap();
        assert_eq!(kept["resolve"]["over"], false, "{kept}");
        assert_eq!(serde_json::from_value::<Announced>(kept).unwrap(), said);
    }
}
