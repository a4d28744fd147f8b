//! The clocks of referrals: reminders, escalation, the end of a freeze that nobody answered, and of a hold.

use chrono::{DateTime, Utc};

use super::draft::close;
use super::record::{record, remind as set_next};
use super::store::{self, ReferralRow};
use crate::db::{self, Conn};
use crate::domain::referral::Step;
use crate::error::Result;
use crate::journal::Actor;
use crate::state::AppState;

const PASS: i64 = 500;

/// Calls to mind what is due; returns how many referrals were.
pub async fn remind(conn: &mut Conn, app: &AppState) -> Result<usize> {
    let now = app.now();
    db::transaction(conn, async |conn| {
        let due = store::to_remind(conn, now, PASS).await?;
        let count = due.len();
        for row in due {
            if row.holds() {
                call_hold(conn, app, row).await?;
            } else if row.expires_at.is_some_and(|end| end <= now) {
                let reason = "Thời hạn đề nghị tạm giữ đã hết. (The time of the request is over.)";
                let row = close(row, Step::Recall, &Actor::system(), now, Some(reason))?;
                store::save(conn, &row).await?;
                record(conn, &Actor::system(), now, "referral.recalled", &row).await?;
            } else {
                call(conn, app, row).await?;
            }
        }
        Ok(count)
    })
    .await
}

/// A hold is about to end and nobody has asked to prolong it: that is said once.
async fn call_hold(conn: &mut Conn, app: &AppState, mut row: ReferralRow) -> Result<()> {
    let now = app.now();
    row.remind_at = None;
    store::save(conn, &row).await?;
    let ending = store::ending(conn, &[row.id], DateTime::<Utc>::MAX_UTC).await?;
    if ending.is_empty() {
        return Ok(());
    }
    record(conn, &Actor::system(), now, "deadline.near", &row).await
}

/// One reminder, however many were missed meanwhile.
async fn call(conn: &mut Conn, app: &AppState, mut row: ReferralRow) -> Result<()> {
    let now = app.now();
    while row.remind_at.is_some_and(|at| at <= now) {
        row.reminders += 1;
        set_next(&mut row);
    }
    store::save(conn, &row).await?;
    let overdue = row.due_at.is_some_and(|at| at <= now);
    let kind = if overdue {
        "referral.overdue"
    } else {
        "deadline.near"
    };
    record(conn, &Actor::system(), now, kind, &row).await
}
