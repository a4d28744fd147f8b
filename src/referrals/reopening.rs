//! Removed content that is reported anew: its takedown goes out again.

use chrono::Duration;
use uuid::Uuid;

use super::draft::step;
use super::reach::Reach;
use super::record::{record, remind};
use super::store::{self, rules};
use crate::db::Conn;
use crate::domain::referral::Step;
use crate::error::Result;
use crate::journal::Actor;
use crate::state::AppState;

/// Reopens the takedowns of what these tips report again.
pub async fn reopen(conn: &mut Conn, app: &AppState, tips: &[Uuid]) -> Result<()> {
    let now = app.now();
    let reference = app.reference.get();
    for back in rules::back_again(conn, tips).await? {
        let mut row = store::lock(conn, back.referral_id, &Reach::all()).await?;
        // Another of its pages may have reopened it a moment ago.
        if let Ok(state) = step(&row, Step::Reopen) {
            let agency = reference.agencies.get(&row.agency);
            let hours = agency.map_or(72, |agency| agency.expected_hours);
            row.state = state.as_str().to_owned();
            row.sent_by = Some(Actor::system().name);
            row.sent_at = Some(now);
            row.due_at = Some(now + Duration::hours(i64::from(hours)));
            row.reminders = 0;
            row.acknowledged_at = None;
            row.closed_by = None;
            row.closed_at = None;
            row.outcome = None;
            row.answer = None;
            row.evidence_url = None;
            row.reopened = row.reopened.saturating_add(1);
            row.version += 1;
            row.updated_at = now;
            remind(&mut row);
            store::save(conn, &row).await?;
            record(conn, &Actor::system(), now, "referral.sent", &row).await?;
        }
        store::clear_result(conn, back.referral_id, &back.key).await?;
    }
    Ok(())
}
