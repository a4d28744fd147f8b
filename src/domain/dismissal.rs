//! What a reporter is told of a dismissal: the class of its reason in plain words, and where to complain.
//!
//! Only the class that an officer chose, never what was written about the case.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::calendar::{Calendar, Counting, end_of_day};
use super::hanoi;
use super::lang::{Lang, Text};

/// The class of a reason in plain words; of one that is not named here, what can be said of any.
pub fn reason_text(code: &str, lang: Lang) -> &'static str {
    let (vi, en) = match code {
        "insufficient" => (
            "Lý do: thông tin hiện có chưa đủ để xác định có dấu hiệu tội phạm. Nếu có thêm thông tin hoặc bằng chứng, hãy bổ sung.",
            "Reason: what is known so far is too little to see signs of a crime. If you have more facts or evidence, please add them.",
        ),
        "not_a_scam" => (
            "Lý do: qua xem xét, nội dung được báo không có dấu hiệu lừa đảo.",
            "Reason: what was reported shows no signs of a scam.",
        ),
        "spam" => (
            "Lý do: nội dung được xem là quảng cáo hoặc tin gửi hàng loạt, không phải tin báo về tội phạm.",
            "Reason: it was taken for advertising or a mass message, not for a report of a crime.",
        ),
        "test" => (
            "Lý do: nội dung được xem là tin gửi thử.",
            "Reason: it was taken for a message sent as a trial.",
        ),
        "out_of_competence" => (
            "Lý do: việc này không thuộc thẩm quyền giải quyết của cơ quan công an.",
            "Reason: the police are not competent for this matter.",
        ),
        "civil_matter" => (
            "Lý do: đây là tranh chấp dân sự, không phải tội phạm. Bạn có thể yêu cầu Toà án giải quyết.",
            "Reason: this is a dispute under civil law, not a crime. You may bring it before a court.",
        ),
        _ => (
            "Lý do: cán bộ xem xét và thấy không có căn cứ để xử lý tiếp. Bạn có thể hỏi thêm trong mục tin nhắn.",
            "Reason: an officer examined it and found no ground to take it further. You can ask more in the messages.",
        ),
    };
    lang.pick(vi, en)
}

/// How a decision on a tip can be complained of: known from a secondary source, so it is data.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ComplaintWay {
    /// Days from the day on which the reporter came to know of the decision.
    pub days: u32,
    /// The law that says so.
    pub legal_basis: String,
    /// To whom, and what follows, in plain words; `{days}` stands for the period.
    text: Text,
}

impl ComplaintWay {
    /// The way in plain words.
    pub fn text(&self, lang: Lang) -> String {
        self.text
            .in_lang(lang)
            .replace("{days}", &self.days.to_string())
    }

    /// Until when a decision can be complained of that became known at a time (BLTTHS art. 134).
    pub fn until(
        &self,
        known_at: DateTime<Utc>,
        calendar: &Calendar,
        counting: Counting,
    ) -> Option<DateTime<Utc>> {
        let before = self
            .days
            .checked_sub(u32::from(counting.event_day_counted))?;
        let last = hanoi::date(known_at).checked_add_days(chrono::Days::new(u64::from(before)))?;
        Some(end_of_day(calendar.on_or_after(last)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_words_of_its_own_in_both_languages() {
        let codes = [
            "insufficient",
            "not_a_scam",
            "spam",
            "test",
            "out_of_competence",
            "civil_matter",
            "other",
        ];
        for lang in [Lang::Vi, Lang::En] {
            let texts: std::collections::HashSet<&str> =
                codes.iter().map(|code| reason_text(code, lang)).collect();
            assert_eq!(texts.len(), codes.len());
        }
        assert_eq!(
            reason_text("never heard of", Lang::En),
            reason_text("other", Lang::En)
        );
    }
}
