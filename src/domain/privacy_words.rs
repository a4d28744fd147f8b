//! What the person who asked about their own data reads: where the request stands, what follows, by which law.

use chrono::{DateTime, TimeDelta, Utc};

use super::hanoi;
use super::lang::Lang;
use super::privacy_clock::RequestKind;

/// The decree that sets the terms of the answers.
const TERMS: &str = "NĐ 356/2025/NĐ-CP, Điều 5";

/// Where a request stands, as far as words depend on it.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// What was asked.
    pub kind: RequestKind,
    /// `received`, `acknowledged`, `granted` or `refused`.
    pub state: &'a str,
    /// By when it must be acknowledged.
    pub acknowledge_by: DateTime<Utc>,
    /// By when it must be answered.
    pub due_at: DateTime<Utc>,
    /// Whether the restriction that it led to has ended.
    pub lifted: bool,
    /// The law that a refusal rests on.
    pub ground: Option<&'a str>,
}

impl Standing<'_> {
    /// Where it stands, in one sentence.
    pub fn status_text(&self, lang: Lang) -> String {
        let (vi, en) = match self.state {
            "granted" => self.granted().0,
            "refused" => (
                "Yêu cầu không được chấp thuận; lý do và căn cứ pháp luật ghi kèm theo.",
                "The request was refused; the reason and the law are stated with it.",
            ),
            "acknowledged" => (
                "Cơ quan công an đã xác nhận yêu cầu và đang xem xét.",
                "The police have acknowledged the request and are looking at it.",
            ),
            _ => (
                "Yêu cầu của bạn đã được tiếp nhận.",
                "Your request was received.",
            ),
        };
        lang.pick(vi, en).to_owned()
    }

    /// What follows, and by when.
    pub fn next_step(&self, lang: Lang) -> String {
        let answer = last_day(self.due_at);
        let (vi, en) = match self.state {
            "granted" => self.granted().1,
            "refused" => (
                "Nếu không đồng ý, bạn có quyền khiếu nại; hãy hỏi nơi nhận khiếu nại trong mục tin nhắn.",
                "If you do not agree you have the right to complain; ask in the messages where to.",
            ),
            "acknowledged" => {
                return lang.pick(
                    format!("Bạn được trả lời chậm nhất vào ngày {answer}."),
                    format!("You are answered by {answer} at the latest."),
                );
            }
            _ => {
                let acknowledged = last_day(self.acknowledge_by);
                return lang.pick(
                    format!(
                        "Cơ quan công an xác nhận chậm nhất vào ngày {acknowledged} và trả lời chậm nhất vào ngày \
                         {answer}."
                    ),
                    format!(
                        "The police acknowledge it by {acknowledged} and answer by {answer} at the latest."
                    ),
                );
            }
        };
        lang.pick(vi, en).to_owned()
    }

    /// The law that it goes by.
    pub fn legal_basis(&self) -> &str {
        self.ground
            .filter(|_| self.state == "refused")
            .unwrap_or(TERMS)
    }

    /// What was done, and what follows.
    const fn granted(&self) -> ((&'static str, &'static str), (&'static str, &'static str)) {
        match self.kind {
            RequestKind::Access => (
                ("Yêu cầu được chấp thuận.", "The request was granted."),
                (
                    "Cán bộ sẽ giao cho bạn dữ liệu đang lưu giữ về tin báo này; hãy hỏi trong mục tin nhắn.",
                    "An officer will hand you the data that are held of this report; ask in the messages.",
                ),
            ),
            RequestKind::Correction => (
                ("Dữ liệu đã được sửa.", "The data were put right."),
                ("Bạn không cần làm gì thêm.", "You need do nothing more."),
            ),
            RequestKind::Restriction if self.lifted => (
                (
                    "Việc hạn chế xử lý đã kết thúc; lý do ghi kèm theo.",
                    "The restriction has ended; the reason is stated with it.",
                ),
                (
                    "Tin báo lại được sử dụng. Bạn có thể gửi yêu cầu mới.",
                    "The report is used again. You may ask anew.",
                ),
            ),
            RequestKind::Restriction => (
                (
                    "Dữ liệu của tin báo đang được hạn chế xử lý: được lưu giữ và không sử dụng.",
                    "The use of the report's data is restricted: they are kept and not used.",
                ),
                (
                    "Khi việc hạn chế kết thúc, bạn đọc được lý do tại đây.",
                    "When the restriction ends you read why here.",
                ),
            ),
            RequestKind::Erasure => (
                (
                    "Danh tính của bạn và bản gốc bạn đã gửi đã được xoá.",
                    "Your identity and the original that you sent were erased.",
                ),
                (
                    "Tin báo vẫn được giải quyết mà không kèm danh tính. Hãy giữ mã tra cứu này.",
                    "The report is worked on without an identity. Keep this receipt code.",
                ),
            ),
            RequestKind::Withdrawal => (
                (
                    "Việc rút lại sự đồng ý đã được ghi nhận.",
                    "That you withdraw your consent was noted.",
                ),
                (
                    "Tin báo về tội phạm được giải quyết theo luật, không dựa trên sự đồng ý.",
                    "A report of a crime is worked on by law, not by consent.",
                ),
            ),
        }
    }
}

/// The last whole day of a term that ends at midnight in Vietnam.
fn last_day(end: DateTime<Utc>) -> String {
    let last = hanoi::local(end - TimeDelta::seconds(1));
    last.format("%d/%m/%Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(kind: RequestKind, state: &str) -> Standing<'_> {
        Standing {
            kind,
            state,
            acknowledge_by: "2026-11-26T17:00:00Z".parse().unwrap(),
            due_at: "2026-12-14T17:00:00Z".parse().unwrap(),
            lifted: false,
            ground: Some("Luật 91/2025, Điều 19"),
        }
    }

    #[test]
    fn every_standing_says_what_it_is_and_what_follows_in_both_languages() {
        let mut seen = std::collections::BTreeSet::new();
        for kind in RequestKind::ALL {
            let standing = standing(kind, "granted");
            for lang in [Lang::Vi, Lang::En] {
                let texts = [standing.status_text(lang), standing.next_step(lang)];
                assert!(texts.iter().all(|text| text.ends_with('.')), "{texts:?}");
                assert!(seen.insert(texts), "{kind:?} says what another says");
            }
            assert_eq!(standing.legal_basis(), TERMS);
        }
        let lifted = Standing {
            lifted: true,
            ..standing(RequestKind::Restriction, "granted")
        };
        assert!(lifted.status_text(Lang::En).contains("has ended"));
    }

    #[test]
    fn terms_are_told_by_their_last_day() {
        let received = standing(RequestKind::Erasure, "received").next_step(Lang::Vi);
        assert!(
            received.contains("26/11/2026") && received.contains("14/12/2026"),
            "{received}"
        );
        let known = standing(RequestKind::Erasure, "acknowledged").next_step(Lang::En);
        assert!(
            known.contains("14/12/2026") && !known.contains("26/11"),
            "{known}"
        );
        let refused = standing(RequestKind::Erasure, "refused");
        assert_eq!(refused.legal_basis(), "Luật 91/2025, Điều 19");
    }
}
