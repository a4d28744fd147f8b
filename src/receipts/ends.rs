//! What the holder of a receipt that opens nothing any more may still read: that the tip was erased, or taken back, and
//! when. Only the hash of the receipt is kept for it, for 90 days.

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::store;
use crate::db::Conn;
use crate::domain::hanoi;
use crate::domain::lang::Lang;
use crate::error::Result;

/// How long it can be read.
const DAYS: i64 = 90;

/// How a receipt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The whole tip was erased, as its reporter had asked.
    Erased,
    /// Its reporter took the tip back.
    Withdrawn,
}

impl How {
    /// As it is stored and told.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Erased => "erased",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// That a tip was erased or taken back.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndedView {
    /// `erased` or `withdrawn`.
    #[schema(example = "erased")]
    how: &'static str,
    /// When.
    at: DateTime<Utc>,
    /// The same in words.
    status_text: String,
    /// What the reporter can do.
    next_step: String,
    /// The law that it goes by.
    #[schema(required, example = "NĐ 356/2025/NĐ-CP, Điều 5")]
    legal_basis: Option<&'static str>,
}

impl EndedView {
    pub(super) fn of((how, at): (How, DateTime<Utc>), lang: Lang) -> Self {
        let when = hanoi::local(at).format("%H:%M ngày %d/%m/%Y").to_string();
        let when_en = hanoi::local(at).format("%H:%M on %d/%m/%Y").to_string();
        let again = lang.pick(
            "Bạn luôn có thể gửi tin báo mới.",
            "You can always send a new report.",
        );
        Self {
            how: how.as_str(),
            at,
            status_text: match how {
                How::Erased => lang.pick(
                    format!("Toàn bộ tin báo và các tệp kèm theo đã được xoá lúc {when}, theo yêu cầu của bạn."),
                    format!("The whole report with its files was erased at {when_en}, as you asked."),
                ),
                How::Withdrawn => lang.pick(
                    format!("Bạn đã rút tin báo lúc {when}; mã tra cứu không còn mở được tin."),
                    format!("You took the report back at {when_en}; the receipt code no longer opens it."),
                ),
            },
            next_step: again.to_owned(),
            legal_basis: (how == How::Erased).then_some("NĐ 356/2025/NĐ-CP, Điều 5"),
        }
    }
}

/// Notes how the receipts of a tip end, before the tip does.
pub async fn note(conn: &mut Conn, tip: Uuid, how: How, at: DateTime<Utc>) -> Result<()> {
    store::insert_ends(conn, tip, how.as_str(), at).await
}

/// Forgets what nobody may read any more.
pub async fn forget(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    store::delete_ends(conn, now - Duration::days(DAYS)).await
}

/// How a receipt ended, if that may still be read.
pub(super) async fn find(
    conn: &mut Conn,
    hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<(How, DateTime<Utc>)>> {
    let found = store::find_end(conn, hash, now - Duration::days(DAYS)).await?;
    Ok(found.and_then(|(how, at)| {
        let all = [How::Erased, How::Withdrawn];
        let how = all.into_iter().find(|known| known.as_str() == how)?;
        Some((how, at))
    }))
}
