//! What a reporter reads behind the receipt: where the tip stands, what comes next and by when.
//!
//! Plain words, no case secrets: a case state is passed in only after an officer released it.
//! A date is promised only while its deadline still runs; one that has passed is owned up to.

mod danger;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::case_flow::CaseState;
use super::dates;
use super::deadline::{Code, Deadline, State};
use super::lang::Lang;

pub use danger::{danger_text, is_undecided};

/// The state of a tip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TipStatus {
    /// Waiting for an analyst.
    Received,
    /// An analyst is looking at it.
    Claimed,
    /// A question waits for the reporter.
    InfoRequested,
    /// Accepted: it belongs to a case.
    Accepted,
    /// Dismissed.
    Dismissed,
    /// Joined to an earlier tip.
    Duplicate,
    /// Sent to another competent body.
    Transferred,
    /// Taken back by the reporter.
    Withdrawn,
}

impl TipStatus {
    /// All states.
    pub const ALL: [Self; 8] = [
        Self::Received,
        Self::Claimed,
        Self::InfoRequested,
        Self::Accepted,
        Self::Dismissed,
        Self::Duplicate,
        Self::Transferred,
        Self::Withdrawn,
    ];

    /// The code on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Claimed => "claimed",
            Self::InfoRequested => "info_requested",
            Self::Accepted => "accepted",
            Self::Dismissed => "dismissed",
            Self::Duplicate => "duplicate",
            Self::Transferred => "transferred",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads the code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == code)
    }
}

/// Where the tip stands, in one sentence.
pub fn status_text(status: TipStatus, case: Option<CaseState>, lang: Lang) -> &'static str {
    let (vi, en) = match (status, case) {
        (TipStatus::Received, _) => (
            "Tin báo của bạn đã được tiếp nhận và đang chờ cán bộ xem.",
            "Your report has been received and waits for an officer.",
        ),
        (TipStatus::Claimed, _) => (
            "Cán bộ đang xem tin báo của bạn.",
            "An officer is looking at your report.",
        ),
        (TipStatus::InfoRequested, _) => (
            "Cán bộ cần bạn cho biết thêm thông tin.",
            "An officer needs more information from you.",
        ),
        (TipStatus::Dismissed, _) => (
            "Tin báo đã được xem xét và không được xử lý tiếp.",
            "Your report was examined and will not be taken further.",
        ),
        (TipStatus::Duplicate, _) => (
            "Tin báo của bạn được xem cùng một tin khác về cùng vụ việc.",
            "Your report is handled together with another one about the same matter.",
        ),
        (TipStatus::Transferred, _) => (
            "Tin báo thuộc thẩm quyền giải quyết của cơ quan khác và đang được làm thủ tục chuyển đi.",
            "Another body is competent for your report; it is being passed on to that body.",
        ),
        (TipStatus::Withdrawn, _) => ("Bạn đã rút tin báo này.", "You have withdrawn this report."),
        (TipStatus::Accepted, None | Some(CaseState::Accepted | CaseState::Assigned)) => (
            "Tin báo đã được thụ lý để giải quyết.",
            "Your report has been accepted for examination.",
        ),
        (TipStatus::Accepted, Some(CaseState::Verifying)) => (
            "Cơ quan công an đang kiểm tra, xác minh.",
            "The police are checking and verifying the facts.",
        ),
        (TipStatus::Accepted, Some(CaseState::Extended | CaseState::ExtendedByVks)) => (
            "Vụ việc phức tạp nên thời hạn kiểm tra, xác minh đã được gia hạn.",
            "The matter is complex, so the time for checking it has been extended.",
        ),
        (TipStatus::Accepted, Some(CaseState::Suspended)) => (
            "Việc giải quyết đang tạm đình chỉ theo quy định của pháp luật.",
            "The examination is suspended as the law provides.",
        ),
        (TipStatus::Accepted, Some(CaseState::Resumed)) => (
            "Việc giải quyết đã được phục hồi.",
            "The examination has been resumed.",
        ),
        (TipStatus::Accepted, Some(CaseState::DecidedProsecute)) => (
            "Cơ quan điều tra đã quyết định khởi tố vụ án.",
            "The investigating body has decided to prosecute.",
        ),
        (TipStatus::Accepted, Some(CaseState::DecidedNoProsecution)) => (
            "Cơ quan điều tra đã quyết định không khởi tố vụ án.",
            "The investigating body has decided not to prosecute.",
        ),
        (TipStatus::Accepted, Some(CaseState::TransferredOut)) => (
            "Vụ việc đã được chuyển tới cơ quan có thẩm quyền.",
            "The case was sent to the body that is competent for it.",
        ),
        (TipStatus::Accepted, Some(CaseState::Closed)) => (
            "Việc giải quyết tin báo đã kết thúc.",
            "The examination of your report has ended.",
        ),
        (TipStatus::Accepted, Some(CaseState::Archived)) => (
            "Hồ sơ được lưu và vẫn được xem lại khi có thông tin mới.",
            "The file is archived and will be reviewed when there is news.",
        ),
    };
    lang.pick(vi, en)
}

/// That the law's date for what comes next has passed, and nothing of it is done.
pub fn lateness(status: TipStatus, deadlines: &[Deadline], lang: Lang) -> Option<String> {
    let due_at = first(deadlines, promised(status), State::Overdue)?;
    let date = dates::limit(due_at, lang);
    Some(lang.pick(
        format!("Hạn theo luật ({date}) đã qua mà việc này chưa xong: cơ quan công an đang chậm."),
        format!("By law this was due by {date}; it is not done yet, and the police are late."),
    ))
}

/// Where a tip stands that was transferred, with the name of the body.
pub fn transferred_to(body: &str, lang: Lang) -> String {
    lang.pick(
        format!("Tin báo đang được làm thủ tục chuyển tới nơi có thẩm quyền giải quyết: {body}."),
        format!("Another body is competent for your report; it is being passed on to: {body}."),
    )
}

/// That messages of officers wait to be read.
pub fn unread_text(count: i64, lang: Lang) -> Option<String> {
    let english = match count {
        ..=0 => return None,
        1 => "A message from an officer waits for you: please read it.".to_owned(),
        _ => format!("{count} messages from officers wait for you: please read them."),
    };
    let vietnamese = format!("Bạn có {count} tin nhắn của cán bộ chưa đọc, vui lòng mở xem.");
    Some(lang.pick(vietnamese, english))
}

/// What happens next, as the case stands and whether its result was told, with the date by which the law wants it;
/// where that has passed, the next one that lies ahead.
pub fn next_step(
    status: TipStatus,
    (case, told): (Option<CaseState>, bool),
    deadlines: &[Deadline],
    lang: Lang,
) -> String {
    let (vi, en) = step(status, case, told);
    let text = lang.pick(vi, en);
    let late = first(deadlines, promised(status), State::Overdue).is_some();
    let ahead = first(deadlines, promised(status), State::Pending);
    let ahead = ahead.or_else(|| first(deadlines, RESOLVING, State::Pending).filter(|_| late));
    match ahead.map(|due_at| dates::limit(due_at, lang)) {
        Some(date) if late => lang.pick(
            format!("{text} Hạn tiếp theo theo luật: {date}."),
            format!("{text} The next date that the law sets is {date}."),
        ),
        Some(date) => lang.pick(
            format!("{text} Hạn theo luật: {date}."),
            format!("{text} By law this is due by {date}."),
        ),
        None if late => lang.pick(
            format!("{text} Bạn có thể hỏi cán bộ trong mục tin nhắn, và có quyền khiếu nại."),
            format!(
                "{text} You can ask the officer in the messages, and have the right to complain."
            ),
        ),
        None => text.to_owned(),
    }
}

/// The first end among some deadlines in a state.
fn first(deadlines: &[Deadline], codes: &[Code], state: State) -> Option<DateTime<Utc>> {
    deadlines
        .iter()
        .filter(|deadline| deadline.state == state && codes.contains(&deadline.code))
        .filter_map(|deadline| deadline.due_at)
        .min()
}

/// The limits within which the police decide.
pub const RESOLVING: &[Code] = &[
    Code::Resolve,
    Code::ResolveExtended,
    Code::VksExtension,
    Code::ResumeLimit,
];

/// The deadlines that a reporter in this state waits for.
fn promised(status: TipStatus) -> &'static [Code] {
    match status {
        TipStatus::Received | TipStatus::Claimed => &[Code::Classify],
        TipStatus::Accepted => &[
            Code::Resolve,
            Code::ResolveExtended,
            Code::VksExtension,
            Code::ResumeLimit,
            Code::NotifyReporterResult,
        ],
        TipStatus::Dismissed => &[Code::NotifyReporterResult],
        TipStatus::InfoRequested
        | TipStatus::Duplicate
        | TipStatus::Transferred
        | TipStatus::Withdrawn => &[],
    }
}

fn step(status: TipStatus, case: Option<CaseState>, told: bool) -> (&'static str, &'static str) {
    match (status, case) {
        (TipStatus::Received | TipStatus::Claimed, _) => (
            "Cán bộ sẽ phân loại tin báo và quyết định bước xử lý.",
            "An officer will classify your report and decide what follows.",
        ),
        (TipStatus::InfoRequested, _) => (
            "Hãy mở mục tin nhắn và trả lời câu hỏi của cán bộ.",
            "Open the messages and answer the officer's question.",
        ),
        (TipStatus::Dismissed, _) => (
            "Nếu có thông tin hoặc bằng chứng mới, hãy bổ sung bằng mã tra cứu này. Bạn có quyền khiếu nại.",
            "If you have new facts or evidence, add them with this receipt code. You have the right to complain.",
        ),
        (TipStatus::Duplicate, _) => (
            "Bạn không cần gửi lại. Cán bộ sẽ báo kết quả cho bạn tại đây. Có thông tin mới, hãy bổ sung bằng mã tra cứu này.",
            "You need not send it again. An officer will tell you the result here. If you have news, add it with this receipt code.",
        ),
        (TipStatus::Transferred, _) | (_, Some(CaseState::TransferredOut)) => (
            "Cơ quan đó sẽ xem xét giải quyết. Có thông tin mới hoặc cần hỏi thêm, hãy dùng mã tra cứu này.",
            "That body will examine it. If you have news or a question, use this receipt code.",
        ),
        (TipStatus::Withdrawn, _) => (
            "Cơ quan công an vẫn có thể phải giải quyết nếu có dấu hiệu tội phạm. Bạn luôn có thể gửi tin báo mới.",
            "The police may still have to act if there are signs of a crime. You can always send a new report.",
        ),
        (TipStatus::Accepted, Some(CaseState::Suspended | CaseState::Archived)) => (
            "Việc giải quyết được tiếp tục khi lý do tạm đình chỉ không còn. Có thông tin mới, hãy bổ sung bằng mã tra cứu này.",
            "It goes on when the reason for the suspension has ended. If you have news, add it with this receipt code.",
        ),
        (TipStatus::Accepted, Some(CaseState::DecidedProsecute)) => (
            "Cơ quan điều tra tiến hành điều tra. Khi vụ án đã khởi tố, bị hại và người làm chứng được gọi bằng giấy \
             triệu tập (BLTTHS 185, 188). Nhận giấy, hãy gọi số công khai của cơ quan ghi trên giấy để hỏi lại; không \
             ai bị triệu tập qua điện thoại hay Zalo.",
            "The investigation follows. Once a case is opened, victims and witnesses are called by a written summons \
             (BLTTHS 185, 188). If one reaches you, ask the unit that it names at its public number; nobody is summoned \
             by telephone or Zalo.",
        ),
        (TipStatus::Accepted, Some(CaseState::DecidedNoProsecution | CaseState::Closed))
            if told =>
        {
            (
                "Bạn đã được thông báo kết quả. Nếu không đồng ý, bạn có quyền khiếu nại.",
                "You have been told the result. If you do not agree, you have the right to complain.",
            )
        }
        (TipStatus::Accepted, Some(CaseState::DecidedNoProsecution | CaseState::Closed)) => (
            "Bạn được thông báo kết quả và có quyền khiếu nại.",
            "You will be told the result and have the right to complain.",
        ),
        (TipStatus::Accepted, _) => (
            "Cơ quan công an kiểm tra, xác minh rồi quyết định khởi tố, không khởi tố hoặc tạm đình chỉ.",
            "The police check the facts and then decide to prosecute, not to prosecute or to suspend.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deadline(code: Code, due_at: &str, state: State) -> Deadline {
        Deadline {
            code,
            due_at: Some(due_at.parse().unwrap()),
            legal_basis: String::new(),
            state,
            met_at: None,
            remaining_seconds: None,
        }
    }

    #[test]
    fn every_state_has_plain_words_in_both_languages() {
        let cases = CaseState::ALL.into_iter().map(Some).chain([None]);
        for case in cases {
            for status in TipStatus::ALL {
                let vi = status_text(status, case, Lang::Vi);
                let en = status_text(status, case, Lang::En);
                assert!(!vi.is_ascii() && en.is_ascii(), "{status:?} {case:?}");
                assert_ne!(
                    next_step(status, (case, false), &[], Lang::Vi),
                    next_step(status, (case, false), &[], Lang::En)
                );
            }
        }
    }

    #[test]
    fn what_the_case_says_is_told_only_of_accepted_tips() {
        let told = status_text(
            TipStatus::Received,
            Some(CaseState::DecidedProsecute),
            Lang::Vi,
        );
        assert!(!told.contains("khởi tố"));
        let told = status_text(TipStatus::Accepted, None, Lang::Vi);
        assert_eq!(told, "Tin báo đã được thụ lý để giải quyết.");
    }

    #[test]
    fn the_date_of_the_law_is_named_while_it_lies_ahead() {
        let deadlines = [
            deadline(Code::Classify, "2026-11-25T01:20:00Z", State::Pending),
            deadline(Code::Resolve, "2026-12-14T17:00:00Z", State::Pending),
        ];
        let step = |status, deadlines: &[Deadline], lang| {
            next_step(status, (None, false), deadlines, lang)
        };
        assert!(
            step(TipStatus::Received, &deadlines, Lang::Vi)
                .ends_with("Hạn theo luật: 08:20 ngày 25/11/2026.")
        );
        assert!(
            step(TipStatus::Accepted, &deadlines, Lang::Vi)
                .ends_with("Hạn theo luật: hết ngày 14/12/2026.")
        );
        assert!(
            step(TipStatus::Accepted, &deadlines, Lang::En)
                .ends_with("due by the end of 14 December 2026.")
        );
        let late = [deadline(
            Code::Resolve,
            "2026-12-14T17:00:00Z",
            State::Overdue,
        )];
        assert!(step(TipStatus::Accepted, &late, Lang::Vi).ends_with("và có quyền khiếu nại."));
    }

    #[test]
    fn a_date_that_has_passed_is_owned_up_to_and_the_next_one_named() {
        let late = deadline(Code::Classify, "2026-11-25T01:20:00Z", State::Overdue);
        let next = deadline(Code::Resolve, "2026-12-14T17:00:00Z", State::Pending);
        let deadlines = [late, next];
        let said = |status, lang| lateness(status, &deadlines, lang);
        assert_eq!(
            said(TipStatus::Received, Lang::En).unwrap(),
            "By law this was due by 08:20 on 25 November 2026 (Vietnam time); it is not done yet, and the police are late."
        );
        let vi = said(TipStatus::Received, Lang::Vi).unwrap();
        assert!(
            vi.starts_with("Hạn theo luật (08:20 ngày 25/11/2026) đã qua"),
            "{vi}"
        );
        let step = next_step(TipStatus::Received, (None, false), &deadlines, Lang::Vi);
        assert!(
            step.ends_with("Hạn tiếp theo theo luật: hết ngày 14/12/2026."),
            "{step}"
        );
        // What was classified late is late no more; and nobody waits for it in another state.
        assert_eq!(said(TipStatus::Accepted, Lang::Vi), None);
        assert_eq!(said(TipStatus::Dismissed, Lang::Vi), None);
        let step = next_step(TipStatus::Accepted, (None, false), &deadlines, Lang::En);
        assert!(
            step.ends_with("By law this is due by the end of 14 December 2026."),
            "{step}"
        );
    }

    #[test]
    fn codes_are_the_contracts() {
        for status in TipStatus::ALL {
            assert_eq!(TipStatus::parse(status.as_str()), Some(status));
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        assert_eq!(TipStatus::parse("lost"), None);
    }
}
