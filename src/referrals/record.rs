//! What every change of a referral leaves behind: its events, the timelines of its tip and case, the
//! next reminder.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::store::ReferralRow;
use crate::db::Conn;
use crate::domain::referral::{ReferralKind, ReferralState, hold_reminder, reminder};
use crate::error::Result;
use crate::journal::{self, Actor, Entry};

/// Records a change. The event is what the agency may get too: it names neither tip nor case.
pub async fn record(
    conn: &mut Conn,
    actor: &Actor,
    now: DateTime<Utc>,
    kind: &'static str,
    row: &ReferralRow,
) -> Result<()> {
    let mut data = json!({
        "agency": row.agency, "kind": row.kind, "state": row.state, "due_at": row.due_at,
        "outcome": row.outcome, "amount_vnd": row.answer_amount_vnd, "reopened": row.reopened,
    });
    // Of one that is not answered what was asked for, of an answered one what came of it.
    let amount = match row.outcome {
        Some(_) => row.answer_amount_vnd,
        None => row.amount_vnd,
    };
    let about = json!({
        "referral_id": row.id, "change": kind, "kind": row.kind, "agency": row.agency,
        "outcome": row.outcome, "amount_vnd": amount, "requested_vnd": row.amount_vnd,
    });
    // A hold is about to end.
    if kind == "deadline.near"
        && row.holds()
        && let Some(data) = data.as_object_mut()
    {
        data.insert("expires_at".to_owned(), json!(row.expires_at));
    }
    let mut entry = Entry::event(kind, actor, now)
        .on("referral", row.id)
        .with(data);
    entry.is_event = row.sent_at.is_some() && kind != "referral.updated";
    let mut entries = vec![entry];
    if let Some(tip) = row.tip_id {
        let entry = Entry::audit("tip.referral", actor, now).on("tip", tip);
        entries.push(entry.with(about.clone()));
    }
    if let Some(case) = row.case_id {
        let entry = Entry::audit("case.referral", actor, now).on("case", case);
        entries.push(entry.with(about));
    }
    journal::record(conn, &entries).await
}

/// Sets when an open referral is called to mind next, or ends by itself; or when the end of a hold is.
pub fn remind(row: &mut ReferralRow) {
    let open = ReferralState::parse(&row.state).is_some_and(ReferralState::is_open);
    let next = match (ReferralKind::parse(&row.kind), row.sent_at, row.due_at) {
        (Some(kind), Some(sent), Some(due)) if open => reminder(kind, sent, due, row.reminders),
        _ => None,
    };
    if row.holds() {
        let ends = row.expires_at.filter(|end| *end > row.updated_at);
        row.remind_at = ends.map(|end| hold_reminder(row.updated_at, end));
        return;
    }
    row.remind_at = match (next, row.expires_at.filter(|_| open)) {
        (Some(next), Some(end)) => Some(next.min(end)),
        (next, end) => next.or(end),
    };
}
