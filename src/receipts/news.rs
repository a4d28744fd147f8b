//! News of a tip: what its reporter may read of what came of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::store::NewsRow;
use super::{results, store};
use crate::db::Conn;
use crate::domain::lang::Lang;
use crate::domain::news::News;
use crate::error::{Error, Result};
use crate::journal::{self, Actor, Entry};
use crate::tips::TipState;

/// Something that came of a tip.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutcomeView {
    /// Stable code: `funds_frozen`, `funds_partly_frozen`, `funds_moved_on`, `funds_withdrawn`,
    /// `funds_not_found`, `freeze_refused`, `hold_prolonged`, `hold_ended`, `number_blocked`, `content_removed`, `joined_case`,
    /// `case_result`.
    #[schema(example = "funds_partly_frozen")]
    pub code: String,
    /// The same in plain words.
    #[schema(
        example = "Ngân hàng đã tạm giữ 31.000.000 đồng; phần còn lại đang được truy tìm. Cơ quan điều tra sẽ quyết định việc trả lại; bạn không cần nộp bất kỳ khoản phí nào."
    )]
    pub text: String,
    /// In đồng, where it is about money; of money that is held on only the last news is shown.
    #[schema(required, example = 31000000)]
    pub amount_vnd: Option<i64>,
    /// Since when it is so.
    pub at: DateTime<Utc>,
    /// Until when a bank goes on holding the money, or held it.
    #[schema(required)]
    pub until: Option<DateTime<Utc>>,
}

/// What a reporter is to be told.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"code": "joined_case"}))]
pub struct ReleaseNews {
    /// Which news.
    pub code: ReleasedNews,
}

/// News that an officer releases for a tip; those of a referral are released there.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReleasedNews {
    /// The tip is examined together with others.
    JoinedCase,
    /// The case that it joined is decided: the notice of the result is on the receipt from now on.
    CaseResult,
}

/// What the reporter of a tip may read, oldest first.
pub async fn of_tip(
    conn: &mut Conn,
    tip: Uuid,
    now: DateTime<Utc>,
    lang: Lang,
) -> Result<Vec<OutcomeView>> {
    let rows = store::news(conn, tip).await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| view(row, now, lang))
        .collect())
}

fn view(row: NewsRow, now: DateTime<Utc>, lang: Lang) -> Option<OutcomeView> {
    let news = News::parse(&row.code)?;
    let over = row.until.filter(|at| *at <= now);
    // What is over is not told as if it went on.
    let lapsed = over.and_then(|at| news.lapsed(row.amount_vnd, at, lang));
    let until = row
        .until
        .filter(|_| news == News::HoldProlonged || lapsed.is_some());
    Some(OutcomeView {
        text: lapsed.unwrap_or_else(|| news.text(row.amount_vnd, until, lang)),
        code: row.code,
        amount_vnd: row.amount_vnd,
        at: row.at,
        until,
    })
}

/// Releases news of a tip.
pub async fn release(
    conn: &mut Conn,
    state: &TipState,
    wish: &ReleaseNews,
    actor: &Actor,
    now: DateTime<Utc>,
    lang: Lang,
) -> Result<OutcomeView> {
    let refused = |detail: &'static str| Err(Error::conflict("wrong_state", detail));
    let news = match wish.code {
        ReleasedNews::JoinedCase => News::JoinedCase,
        ReleasedNews::CaseResult => News::CaseResult,
    };
    let result = results::known(conn, state).await?;
    let decided = result.is_some_and(|result| result.case.is_some());
    match news {
        News::CaseResult if !decided => return refused("The case of the tip is not decided."),
        News::JoinedCase if state.case_id.is_none() => {
            return refused("The tip belongs to no case.");
        }
        _ => {}
    }
    if !store::insert_news(conn, state.tip_id, news.as_str(), now, &actor.name).await? {
        return Err(Error::conflict(
            "wrong_state",
            "The reporter was told already.",
        ));
    }
    let entry = Entry::audit("reporter.news_released", actor, now).on("tip", state.tip_id);
    journal::record(conn, &[entry.with(json!({"news": news.as_str()}))]).await?;
    let told = NewsRow {
        code: news.as_str().to_owned(),
        amount_vnd: None,
        at: now,
        until: None,
    };
    view(told, now, lang).ok_or_else(|| Error::internal("reading news", news.as_str()))
}
