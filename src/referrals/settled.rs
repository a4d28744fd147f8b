//! Proposals that an answer has made needless: the bank was asked for the same account already.

use chrono::{DateTime, Utc};

use super::draft::close;
use super::record::record;
use super::store::{self, AboutRow, ReferralRow};
use crate::db::Conn;
use crate::domain::referral::{ReferralKind, Step};
use crate::error::Result;
use crate::journal::Actor;

/// Drops the freezes that were proposed for the same accounts of the same tip, or of tips of the same case,
/// before the bank was asked. What was reported since stays proposed.
pub async fn drop_settled(
    conn: &mut Conn,
    row: &ReferralRow,
    about: &[AboutRow],
    now: DateTime<Utc>,
) -> Result<()> {
    let (true, Some(sent)) = (row.kind == ReferralKind::FreezeFunds.as_str(), row.sent_at) else {
        return Ok(());
    };
    let keys: Vec<&[u8]> = about.iter().map(|one| one.key.as_slice()).collect();
    let actor = Actor::system();
    let why = format!(
        "Ngân hàng đã trả lời về tài khoản này ở yêu cầu {}.",
        row.id
    );
    for proposal in store::lock_proposed(conn, row, &keys, sent).await? {
        let dropped = close(proposal, Step::Discard, &actor, now, Some(&why))?;
        store::save(conn, &dropped).await?;
        record(conn, &actor, now, "referral.discarded", &dropped).await?;
    }
    Ok(())
}
