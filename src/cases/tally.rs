//! How the deadlines of cases are kept, counted for the statistics.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::clock;
use super::store::{self, ActRow};
use crate::db::Conn;
use crate::domain::deadline::State;
use crate::error::Result;
use crate::state::AppState;
use crate::tips::Visibility;

/// Cases looked at together.
const PAGE: i64 = 500;

/// How often a deadline was kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// In time.
    pub met: i64,
    /// Done, but late.
    pub late: i64,
    /// Past and not done.
    pub overdue: i64,
    /// Still running.
    pub pending: i64,
}

/// The deadlines of the cases opened in a time, by code. They follow from the acts and the calendar,
/// which only the domain knows, so every case is looked at: 20 µs each.
pub async fn tally(
    conn: &mut Conn,
    app: &AppState,
    visible: &Visibility,
    opened: (DateTime<Utc>, DateTime<Utc>),
) -> Result<BTreeMap<&'static str, Tally>> {
    let (reference, now) = (app.reference.get(), app.now());
    let mut tallies: BTreeMap<&'static str, Tally> = BTreeMap::new();
    let mut after = Uuid::nil();
    loop {
        let cases = store::opened_between(conn, visible, opened, after, PAGE).await?;
        let Some(last) = cases.last() else {
            return Ok(tallies);
        };
        after = last.id;
        let ids: Vec<Uuid> = cases.iter().map(|case| case.id).collect();
        let mut acts: BTreeMap<Uuid, Vec<ActRow>> = BTreeMap::new();
        for act in store::acts_of(conn, &ids).await? {
            acts.entry(act.case_id).or_default().push(act);
        }
        let tips = store::from_tips(conn, &ids).await?;
        for case in &cases {
            let own = acts.get(&case.id).map_or(&[][..], Vec::as_slice);
            let of_tips = tips.get(&case.id).cloned().unwrap_or_default();
            for deadline in clock::deadlines(case, own, &of_tips, &reference, now) {
                let tally = tallies.entry(deadline.code.as_str()).or_default();
                match deadline.state {
                    State::Met if deadline.met_at > deadline.due_at => tally.late += 1,
                    State::Met => tally.met += 1,
                    State::Overdue => tally.overdue += 1,
                    State::Pending => tally.pending += 1,
                    State::NotApplicable => {}
                }
            }
        }
        tokio::task::yield_now().await;
    }
}
