//! How long an agency has for its answer where the officer names no time.

use chrono::{DateTime, Duration, Utc};

use super::store::{self, ReferralRow, ToldRow};
use crate::db::Conn;
use crate::domain::crossing;
use crate::domain::priority::told;
use crate::domain::referral::ReferralKind;
use crate::error::Result;
use crate::reference::Reference;

/// So long after it was told "tonight" still means something.
const FRESH: Duration = Duration::hours(24);
/// Of an agency that states none.
const USUAL: u32 = 72;

/// The hours of the agency; of a border alert fewer, where a tip says that the crossing is about to happen.
pub async fn given(
    conn: &mut Conn,
    reference: &Reference,
    row: &ReferralRow,
    now: DateTime<Utc>,
) -> Result<Duration> {
    let agency = reference.agencies.get(&row.agency);
    let usual = i64::from(agency.map_or(USUAL, |agency| agency.expected_hours));
    if row.kind != ReferralKind::BorderAlert.as_str() {
        return Ok(Duration::hours(usual));
    }
    let tips = match (row.tip_id, row.case_id) {
        (Some(tip), _) => vec![tip],
        (None, Some(case)) => store::members(conn, case).await?,
        (None, None) => Vec::new(),
    };
    let told = store::told(conn, &tips).await?;
    let soon = told.iter().any(|tip| is_soon(tip, now));
    let hours = match soon {
        true => usual.min(reference.referrals.border_alert.soon_hours),
        false => usual,
    };
    Ok(Duration::hours(hours))
}

fn is_soon(tip: &ToldRow, now: DateTime<Utc>) -> bool {
    let fresh = now - told::told_at(&tip.details, tip.received_at) < FRESH;
    let ahead = |at: DateTime<Utc>| at > now && at - now < FRESH;
    let mut texts = [&tip.narrative, &tip.raw_message].into_iter().flatten();
    tip.occurred_at.is_some_and(ahead) || fresh && texts.any(|text| crossing::is_soon(text))
}
