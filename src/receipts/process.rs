//! The notices of the process of a case besides its result: that it was suspended, and that it was resumed
//! (BLTTHS arts. 148(2), 149(2)).

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::notices::{Notice, NoticeCode};
use super::{results, store};
use crate::db::Conn;
use crate::domain::dates;
use crate::domain::lang::Lang;
use crate::error::Result;
use crate::tips::TipState;

/// A notice that the reporter of a tip is owed, or was told.
#[derive(Clone, Copy)]
pub struct Due {
    pub code: NoticeCode,
    pub since: DateTime<Utc>,
    pub told_at: Option<DateTime<Utc>>,
    /// Whether the reporter may read it.
    pub released: bool,
}

impl Due {
    /// What a row says.
    pub fn of(row: &store::Process) -> Option<Self> {
        Some(Self {
            code: NoticeCode::PROCESS
                .into_iter()
                .find(|code| code.as_str() == row.code)?,
            since: row.since,
            told_at: row.told_at,
            released: row.released,
        })
    }

    /// The notice in words.
    pub fn notice(self, has_receipt: bool, lang: Lang) -> Notice {
        let at = dates::moment(self.since, lang);
        let text = match (self.code, lang) {
            (NoticeCode::NotifyResumption, Lang::Vi) => format!(
                "Việc giải quyết tin báo của bạn đã được phục hồi lúc {at} (Điều 149 Bộ luật Tố tụng hình sự)."
            ),
            (NoticeCode::NotifyResumption, Lang::En) => format!(
                "The examination of your report was resumed at {at} (Criminal Procedure Code art. 149)."
            ),
            (_, Lang::Vi) => format!(
                "Việc giải quyết tin báo của bạn đã bị tạm đình chỉ lúc {at} (Điều 148 Bộ luật Tố tụng hình sự). \
                 Việc giải quyết được tiếp tục khi lý do tạm đình chỉ không còn."
            ),
            (_, Lang::En) => format!(
                "The examination of your report was suspended at {at} (Criminal Procedure Code art. 148). It goes \
                 on when the reason for the suspension has ended."
            ),
        };
        Notice {
            code: self.code,
            text,
            since: self.since,
            told_at: self.told_at,
            on_receipt: has_receipt && self.released,
        }
    }
}

/// The notices for the reporter of a tip, in their order.
pub async fn of_tip(conn: &mut Conn, state: &TipState) -> Result<Vec<Due>> {
    let Some(case) = results::case_of(conn, state).await? else {
        return Ok(Vec::new());
    };
    let rows = store::process(conn, case, &[state.tip_id]).await?;
    Ok(rows.iter().filter_map(Due::of).collect())
}

/// The codes of those that the reporter of a tip reads for the first time.
pub async fn unread(conn: &mut Conn, state: &TipState) -> Result<Vec<NoticeCode>> {
    let all = of_tip(conn, state).await?;
    let unread = all
        .iter()
        .filter(|due| due.released && due.told_at.is_none());
    Ok(unread.map(|due| due.code).collect())
}

/// Notes that the reporter of a tip was told.
pub async fn told(
    conn: &mut Conn,
    tip: Uuid,
    codes: &[NoticeCode],
    at: DateTime<Utc>,
) -> Result<()> {
    for code in codes {
        store::set_process_told(conn, &[tip], code.as_str(), at).await?;
    }
    Ok(())
}
