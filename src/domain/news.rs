//! News that a reporter may read behind the receipt, in plain words and without case secrets.

use chrono::{DateTime, Utc};

use super::dates;
use super::lang::Lang;
use super::money::dong;
use super::referral::Outcome;

/// What came of a tip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// The whole amount is frozen.
    FundsFrozen,
    /// A part of it is.
    FundsPartlyFrozen,
    /// The money went on.
    FundsMovedOn,
    /// The money was taken out.
    FundsWithdrawn,
    /// The bank found nothing.
    FundsNotFound,
    /// The bank refused.
    FreezeRefused,
    /// The bank goes on holding money.
    HoldProlonged,
    /// The bank no longer holds it.
    HoldEnded,
    /// A reported number is blocked.
    NumberBlocked,
    /// A reported page or account is removed.
    ContentRemoved,
    /// The tip is examined together with others.
    JoinedCase,
    /// The case is decided.
    CaseResult,
}

impl News {
    /// All news.
    pub const ALL: [Self; 12] = [
        Self::FundsFrozen,
        Self::FundsPartlyFrozen,
        Self::FundsMovedOn,
        Self::FundsWithdrawn,
        Self::FundsNotFound,
        Self::FreezeRefused,
        Self::HoldProlonged,
        Self::HoldEnded,
        Self::NumberBlocked,
        Self::ContentRemoved,
        Self::JoinedCase,
        Self::CaseResult,
    ];

    /// Code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FundsFrozen => "funds_frozen",
            Self::FundsPartlyFrozen => "funds_partly_frozen",
            Self::FundsMovedOn => "funds_moved_on",
            Self::FundsWithdrawn => "funds_withdrawn",
            Self::FundsNotFound => "funds_not_found",
            Self::FreezeRefused => "freeze_refused",
            Self::HoldProlonged => "hold_prolonged",
            Self::HoldEnded => "hold_ended",
            Self::NumberBlocked => "number_blocked",
            Self::ContentRemoved => "content_removed",
            Self::JoinedCase => "joined_case",
            Self::CaseResult => "case_result",
        }
    }

    /// Reads a code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|news| news.as_str() == code)
    }

    /// The news of a freeze, which goes out by itself; `None` for the outcome of something else.
    pub const fn of_freeze(outcome: Outcome) -> Option<Self> {
        match outcome {
            Outcome::Frozen => Some(Self::FundsFrozen),
            Outcome::PartlyFrozen => Some(Self::FundsPartlyFrozen),
            Outcome::MovedOn => Some(Self::FundsMovedOn),
            Outcome::Withdrawn => Some(Self::FundsWithdrawn),
            Outcome::NotFound => Some(Self::FundsNotFound),
            Outcome::Refused => Some(Self::FreezeRefused),
            _ => None,
        }
    }

    /// The news of a renewal of a freeze; what is not frozen again is held no more.
    pub const fn of_renewal(outcome: Outcome) -> Option<Self> {
        match Self::of_freeze(outcome) {
            Some(_) if outcome.freezes() => Some(Self::HoldProlonged),
            Some(_) => Some(Self::HoldEnded),
            None => None,
        }
    }

    /// The news that an officer may release of an outcome.
    pub const fn to_release(outcome: Outcome) -> Option<Self> {
        match outcome {
            Outcome::Blocked => Some(Self::NumberBlocked),
            Outcome::Removed | Outcome::Gone => Some(Self::ContentRemoved),
            _ => None,
        }
    }

    /// The news of money that a bank held until a time that is over, in words; `None` where it tells of something else.
    pub fn lapsed(
        self,
        amount_vnd: Option<i64>,
        until: DateTime<Utc>,
        lang: Lang,
    ) -> Option<String> {
        if !matches!(
            self,
            Self::FundsFrozen | Self::FundsPartlyFrozen | Self::HoldProlonged
        ) {
            return None;
        }
        let end = dates::limit(until, lang);
        Some(match lang {
            Lang::Vi => format!(
                "Ngân hàng đã tạm giữ {} đến {end}; thời hạn tạm giữ theo đề nghị của Công an đã hết. Vụ việc vẫn \
                 được giải quyết theo quy định.",
                amount_vnd.map_or(
                    "tiền trong tài khoản đã nhận tiền".to_owned(),
                    |vnd| dong(vnd, lang)
                )
            ),
            Lang::En => format!(
                "The bank held {} until {end}; the term that the police had asked for is over. The matter goes on as \
                 the law provides.",
                amount_vnd.map_or("money in the account that received it".to_owned(), |vnd| {
                    dong(vnd, lang)
                })
            ),
        })
    }

    /// The news in words; `until` is the end of a hold.
    pub fn text(self, amount_vnd: Option<i64>, until: Option<DateTime<Utc>>, lang: Lang) -> String {
        let sum = |vi: &str, en: &str| match amount_vnd {
            Some(amount) => dong(amount, lang),
            None => lang.pick(vi, en).to_owned(),
        };
        match (self, lang) {
            (Self::FundsFrozen, Lang::Vi) => format!(
                "Ngân hàng đã tạm giữ {}. Cơ quan có thẩm quyền sẽ quyết định việc xử lý số tiền; bạn không cần \
                 nộp bất kỳ khoản phí nào.",
                sum("số tiền bạn đã chuyển, trong tài khoản đã nhận tiền", "")
            ),
            (Self::FundsFrozen, Lang::En) => format!(
                "The bank has frozen {}. The competent body will decide what becomes of it; you never have to \
                 pay a fee for it.",
                sum("", "the money that you sent, in the account that received it")
            ),
            (Self::FundsPartlyFrozen, Lang::Vi) => format!(
                "Ngân hàng đã tạm giữ {}. Cơ quan có thẩm quyền sẽ quyết định việc xử lý số tiền; bạn không cần \
                 nộp bất kỳ khoản phí nào.",
                sum("một phần số tiền trong tài khoản đã nhận tiền", "")
            ),
            (Self::FundsPartlyFrozen, Lang::En) => format!(
                "The bank has frozen {}. The competent body will decide what becomes of it; you never have to \
                 pay a fee for it.",
                sum("", "a part of the money in the account that received it")
            ),
            (Self::FundsMovedOn, _) => lang.pick(
                "Tiền đã bị chuyển sang tài khoản khác trước khi ngân hàng kịp tạm giữ. Vụ việc vẫn được giải quyết.",
                "The money went on to other accounts before the bank could freeze it. The matter goes on.",
            )
            .to_owned(),
            (Self::FundsWithdrawn, _) => lang.pick(
                "Tiền đã bị rút khỏi tài khoản trước khi ngân hàng kịp tạm giữ. Vụ việc vẫn được giải quyết.",
                "The money was taken out before the bank could freeze it. The matter goes on.",
            )
            .to_owned(),
            (Self::FundsNotFound, _) => lang.pick(
                "Ngân hàng không tìm thấy giao dịch hoặc tài khoản này. Nếu bạn có biên lai, hãy gửi bổ sung.",
                "The bank did not find this transfer or account. If you have the transfer slip, please add it.",
            )
            .to_owned(),
            (Self::FreezeRefused, _) => lang.pick(
                "Ngân hàng chưa tạm giữ được tiền. Vụ việc vẫn được giải quyết theo quy định.",
                "The bank did not freeze the money. The matter goes on as the law provides.",
            )
            .to_owned(),
            (Self::HoldProlonged, Lang::Vi) => format!(
                "Ngân hàng tiếp tục tạm giữ {}{}. Cơ quan có thẩm quyền sẽ quyết định việc xử lý số tiền; bạn không \
                 cần nộp bất kỳ khoản phí nào.",
                sum("số tiền đã tạm giữ trong tài khoản đã nhận tiền", ""),
                until.map(|at| format!(" đến {}", dates::limit(at, lang))).unwrap_or_default()
            ),
            (Self::HoldProlonged, Lang::En) => format!(
                "The bank goes on holding {}{}. The competent body will decide what becomes of it; you never have \
                 to pay a fee for it.",
                sum("", "the money that it froze in the account that received it"),
                until.map(|at| format!(" until {}", dates::limit(at, lang))).unwrap_or_default()
            ),
            (Self::HoldEnded, _) => lang.pick(
                "Ngân hàng không còn tạm giữ số tiền đã tạm giữ trước đây. Vụ việc vẫn được giải quyết theo quy định.",
                "The bank no longer holds the money that it had frozen. The matter goes on as the law provides.",
            )
            .to_owned(),
            (Self::NumberBlocked, _) => lang.pick(
                "Số điện thoại bạn báo đã bị chặn.",
                "The number that you reported has been blocked.",
            )
            .to_owned(),
            (Self::ContentRemoved, _) => lang.pick(
                "Trang hoặc tài khoản bạn báo đã bị gỡ bỏ.",
                "The page or account that you reported has been removed.",
            )
            .to_owned(),
            (Self::JoinedCase, _) => lang.pick(
                "Tin báo của bạn đang được giải quyết cùng các tin báo khác về cùng vụ việc.",
                "Your report is examined together with other reports of the same matter.",
            )
            .to_owned(),
            (Self::CaseResult, _) => lang.pick(
                "Vụ việc mà bạn báo đã có kết quả giải quyết; xem trong phần thông báo.",
                "The matter that you reported has been decided; see the notices.",
            )
            .to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_news_of_a_renewal_say_until_when() {
        let until = "2026-11-30T10:00:00Z".parse().ok();
        for (lang, said) in [
            (
                Lang::Vi,
                "tạm giữ 31.000.000 đồng đến 17:00 ngày 30/11/2026. ",
            ),
            (Lang::En, "until 17:00 on 30 November 2026 (Vietnam time). "),
        ] {
            let text = News::HoldProlonged.text(Some(31_000_000), until, lang);
            assert!(text.contains(said), "{text}");
        }
        for (outcome, news) in [
            (Outcome::Frozen, Some(News::HoldProlonged)),
            (Outcome::PartlyFrozen, Some(News::HoldProlonged)),
            (Outcome::MovedOn, Some(News::HoldEnded)),
            (Outcome::Refused, Some(News::HoldEnded)),
            (Outcome::Blocked, None),
        ] {
            assert_eq!(News::of_renewal(outcome), news);
        }
    }

    #[test]
    fn the_news_of_a_freeze_say_how_much() {
        let text = News::FundsPartlyFrozen.text(Some(31_000_000), None, Lang::Vi);
        assert!(text.contains("31.000.000 đồng"), "{text}");
        for news in News::ALL {
            assert_eq!(News::parse(news.as_str()), Some(news));
            for lang in [Lang::Vi, Lang::En] {
                let text = news.text(None, None, lang);
                assert!(text.ends_with('.'));
                // What a part of a pooled account is frozen for is not one reporter's, and nothing is promised.
                for promise in ["truy tìm", "trả lại", "trac", "return", "bạn đã chuyển;"]
                {
                    assert!(!text.contains(promise), "{text}");
                }
            }
        }
    }
}
