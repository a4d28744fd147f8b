//! Proposals fall with the tip that they come from, and rise again with it.
//!
//! Nobody's account is frozen for a tip that was dismissed or withdrawn, nor twice for what two tips tell alike. A tip
//! of a case is another matter: there the case is the ground.

use uuid::Uuid;

use super::draft::{close, step};
use super::record::record;
use super::store::{self, ReferralRow};
use crate::db::Conn;
use crate::domain::referral::Step;
use crate::error::{Error, Result};
use crate::journal::{Actor, Record};
use crate::state::AppState;
use crate::tips::{self, Visibility};

/// Why it fell, for officers to read.
const WHY: &str = "Tin báo đã bị loại, được rút hoặc trùng với tin đã có cùng yêu cầu.";

/// A proposal whose ground has ended is not sent.
pub async fn check(conn: &mut Conn, row: &ReferralRow) -> Result<()> {
    if let Some(tip) = row.tip_id {
        tips::find_state(conn, tip, &Visibility::all())
            .await?
            .not_restricted()?;
    }
    if store::ended(conn, row).await? {
        let detail = "The tip that it comes from was dismissed or withdrawn, or repeats one for which the same is asked; \
                      reopen it first.";
        return Err(Error::conflict("wrong_state", detail));
    }
    Ok(())
}

/// No account is frozen for a tip that was dismissed or withdrawn, not by hand either.
pub async fn check_freeze(conn: &mut Conn, tip: Option<Uuid>) -> Result<()> {
    match tip {
        Some(tip) if store::tip_ended(conn, tip).await? => Err(Error::conflict(
            "wrong_state",
            "The tip was dismissed or withdrawn: no account is frozen for it; reopen it first.",
        )),
        _ => Ok(()),
    }
}

/// Whether an entry of the journal may tell that the work on a tip ended, or that it goes on.
pub fn may_end_or_begin(record: &Record) -> bool {
    matches!(
        record.type_.as_str(),
        "tip.decided" | "tip.updated" | "tip.claimed"
    )
}

/// Discards the open proposals of those of these tips that ended, and proposes again what fell with those that
/// are worked on.
pub async fn follow(conn: &mut Conn, app: &AppState, tips: &[Uuid]) -> Result<()> {
    if tips.is_empty() {
        return Ok(());
    }
    let (now, actor) = (app.now(), Actor::system());
    let tips = &store::with_duplicates(conn, tips).await?;
    for row in store::lock_lapsing(conn, tips).await? {
        let row = close(row, Step::Discard, &actor, now, Some(WHY))?;
        store::save(conn, &row).await?;
        store::insert_lapse(conn, row.id, now).await?;
        record(conn, &actor, now, "referral.discarded", &row).await?;
    }
    for mut row in store::lock_reviving(conn, tips).await? {
        row.state = step(&row, Step::Revive)?.as_str().to_owned();
        row.closed_by = None;
        row.closed_at = None;
        row.answer = None;
        row.version += 1;
        row.updated_at = now;
        store::save(conn, &row).await?;
        store::delete_lapse(conn, row.id).await?;
        record(conn, &actor, now, "referral.proposed", &row).await?;
    }
    Ok(())
}
