//! Tips by text message: the public grammar of 156/5656, and the reply.
//!
//! `LD (source) (content)` reports a scam call, `V` a spam call, `S` a spam message; brackets are
//! round or square, case and accents are ignored. Whatever does not fit is free text: a message
//! is never refused for its form. The reply has at most 160 GSM-7 characters.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::case_flow::CaseState;
use super::fold::fold_text;
use super::lang::Lang;
use super::receipt::Receipt;
use super::status::{TipStatus, status_text, transferred_to};

/// What a message reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// `LD`: a scam call.
    ScamCall,
    /// `V`: a spam call.
    SpamCall,
    /// `S`: a spam message.
    SpamMessage,
}

impl Report {
    /// The channel of the tip it makes.
    pub fn channel(self) -> &'static str {
        match self {
            Self::ScamCall | Self::SpamCall => "call",
            Self::SpamMessage => "sms",
        }
    }
}

/// A message as it was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// It followed the grammar.
    Structured {
        /// What is reported.
        report: Report,
        /// The number or sender reported.
        source: &'a str,
        /// What was said.
        content: &'a str,
    },
    /// Anything else.
    Free(&'a str),
}

/// Reads a message.
pub fn parse(text: &str) -> Message<'_> {
    let text = text.trim();
    structured(text).unwrap_or(Message::Free(text))
}

fn structured(text: &str) -> Option<Message<'_>> {
    let head = text.find(|c: char| c.is_whitespace() || matches!(c, '(' | '[' | '（' | '［'))?;
    let (keyword, rest) = text.split_at_checked(head)?;
    // A keyword has one or two letters; folding anything long would be waste.
    if keyword.len() > 8 {
        return None;
    }
    let report = match fold_text(keyword.trim_end_matches([':', '.', ','])).as_str() {
        "ld" => Report::ScamCall,
        "v" => Report::SpamCall,
        "s" => Report::SpamMessage,
        _ => return None,
    };
    let (source, rest) = bracketed(rest.trim_start())?;
    let rest = rest.trim();
    // The content may lack its brackets, or the closing one; its inner brackets are its own.
    let content = match rest.strip_prefix(['(', '[', '（', '［']) {
        Some(inside) => inside
            .strip_suffix([')', ']', '）', '］'])
            .unwrap_or(inside),
        None => rest,
    };
    let source = source.trim();
    (!source.is_empty()).then_some(Message::Structured {
        report,
        source,
        content: content.trim(),
    })
}

/// What stands in the first pair of brackets, and what follows; the pair must match.
fn bracketed(text: &str) -> Option<(&str, &str)> {
    let (inside, close) = [('(', ')'), ('[', ']'), ('（', '）'), ('［', '］')]
        .into_iter()
        .find_map(|(open, close)| Some((text.strip_prefix(open)?, close)))?;
    inside.split_once(close)
}

/// Most characters of a reply.
pub const MAX_REPLY: usize = 160;

/// The reply to a received message, without accents so that it fits one GSM-7 message. Where a life is in
/// danger it names the number to call, if there is one to show.
pub fn reply(receipt: &Receipt, danger: Option<&str>) -> String {
    let urgent = danger.map(|number| {
        format!(
            "NGUY HIEM: GOI NGAY {number}. Cong an da nhan tin. Ma tra cuu: {}. Giu kin ma nay. Cong an khong bao gio hoi OTP.",
            receipt.to_code()
        )
    });
    let fits = |text: &String| gsm7_length(text).is_some_and(|length| length <= MAX_REPLY);
    urgent.filter(fits).unwrap_or_else(|| usual(receipt))
}

fn usual(receipt: &Receipt) -> String {
    format!(
        "Cong an da nhan tin bao. Ma tra cuu: {}. Giu kin ma nay. Neu da chuyen tien, goi ngay ngan hang. Cong an khong bao gio hoi OTP.",
        receipt.to_code()
    )
}

/// The reply to a message that was received before and whose receipt can no longer be shown.
pub fn reply_without_receipt() -> &'static str {
    "Cong an da nhan tin bao nay truoc do. Neu da chuyen tien, goi ngay ngan hang theo so in tren the. Cong an khong bao gio hoi OTP."
}

/// The reply to a message that was added to an earlier tip. The receipt is not said again: who has this number
/// now need not be who was given it.
pub fn reply_to_addition(danger: Option<&str>) -> String {
    let said = "Cong an da nhan them noi dung cho tin bao truoc.";
    let urgent = danger.map(|number| {
        format!("NGUY HIEM: GOI NGAY {number}. {said} Cong an khong bao gio hoi OTP.")
    });
    let fits = |text: &String| gsm7_length(text).is_some_and(|length| length <= MAX_REPLY);
    urgent.filter(fits).unwrap_or_else(|| {
        format!("{said} Neu da chuyen tien, goi ngay ngan hang. Cong an khong bao gio hoi OTP.")
    })
}

/// Where to read more.
const DETAILS: &str = "Chi tiet: xem bang ma tra cuu.";

/// The reply to who asks how a tip stands: what the receipt says, without accents, with the body that a tip was
/// transferred to where its name fits, and as much of what else is to be known.
///
/// Where a life is in danger the number to call comes first, and only where to read more behind it if the rest does
/// not fit.
pub fn reply_of_status(
    status: TipStatus,
    case: Option<CaseState>,
    body: Option<&str>,
    danger: Option<&str>,
) -> String {
    let mut reply = body
        .filter(|_| status == TipStatus::Transferred)
        .and_then(named)
        .unwrap_or_else(|| without_accents(status_text(status, case, Lang::Vi)));
    if let Some(number) = danger {
        let urgent = format!("NGUY HIEM: GOI NGAY {number}.");
        reply = match format!("{urgent} {reply}") {
            whole if whole.len() <= MAX_REPLY => whole,
            _ => urgent,
        };
    }
    let more = match (status, case) {
        (TipStatus::InfoRequested, _) => "De tra loi, nhan tin: ma tra cuu, roi noi dung.",
        (TipStatus::Dismissed, _) | (_, Some(CaseState::DecidedNoProsecution)) => {
            "Ly do va cach khieu nai: xem bang ma tra cuu."
        }
        _ => DETAILS,
    };
    for said in [more, "Cong an khong bao gio hoi OTP."] {
        if reply.len() + 1 + said.len() <= MAX_REPLY {
            reply.push(' ');
            reply.push_str(said);
        }
    }
    reply
}

/// That a tip goes to a body, in as many words as leave room to say where to read more.
fn named(body: &str) -> Option<String> {
    let texts = [
        transferred_to(body, Lang::Vi),
        format!("Tin báo của bạn được chuyển tới: {body}."),
        format!("Tin báo được chuyển tới {body}."),
    ];
    let room = MAX_REPLY - 1 - DETAILS.len();
    texts
        .iter()
        .map(|text| without_accents(text))
        .find(|text| gsm7_length(text).is_some_and(|length| length <= room))
}

/// The letters that GSM-7 has, for those of Vietnamese.
fn without_accents(text: &str) -> String {
    text.nfd()
        .filter(|c| !is_combining_mark(*c))
        .map(|c| match c {
            'đ' => 'd',
            'Đ' => 'D',
            c => c,
        })
        .collect()
}

/// Length in GSM-7 septets; `None` if a character is not in that alphabet (3GPP TS 23.038).
pub fn gsm7_length(text: &str) -> Option<usize> {
    text.chars().try_fold(0, |length, c| {
        let septets = match c {
            'A'..='Z' | 'a'..='z' | '0'..='9' => 1,
            ' ' | '\n' | '\r' | '@' | '$' | '_' | '!' | '"' | '#' | '%' | '&' | '\'' | '('
            | ')' | '*' | '+' | ',' | '-' | '.' | '/' | ':' | ';' | '<' | '=' | '>' | '?' => 1,
            '£' | '¥' | 'è' | 'é' | 'ù' | 'ì' | 'ò' | 'Ç' | 'Ø' | 'ø' | 'Å' | 'å' | 'Δ' | 'Φ'
            | 'Γ' | 'Λ' | 'Ω' | 'Π' | 'Ψ' | 'Σ' | 'Θ' | 'Ξ' | 'Æ' | 'æ' | 'ß' | 'É' | '¤' | '¡'
            | 'Ä' | 'Ö' | 'Ñ' | 'Ü' | '§' | '¿' | 'ä' | 'ö' | 'ñ' | 'ü' | 'à' => 1,
            // The extension table costs an escape.
            '^' | '{' | '}' | '\\' | '[' | '~' | ']' | '|' | '€' => 2,
            _ => return None,
        };
        Some(length + septets)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case(
        "LD (0987654321) (gia danh cong an yeu cau chuyen tien)",
        Report::ScamCall,
        "0987654321",
        "gia danh cong an yeu cau chuyen tien"
    )]
    #[case(
        "V [0985931054][quang cao bat dong san]",
        Report::SpamCall,
        "0985931054",
        "quang cao bat dong san"
    )]
    #[case(
        "S (VCB-Digi) (tai khoan bi khoa, dang nhap vcb-xx.com)",
        Report::SpamMessage,
        "VCB-Digi",
        "tai khoan bi khoa, dang nhap vcb-xx.com"
    )]
    #[case(
        "ld(0987 654 321)(giả danh công an)",
        Report::ScamCall,
        "0987 654 321",
        "giả danh công an"
    )]
    #[case(
        "  lđ: ( 0987654321 ) doa khoa sim",
        Report::ScamCall,
        "0987654321",
        "doa khoa sim"
    )]
    #[case(
        "LD (0987654321) (noi (rat) nhieu)",
        Report::ScamCall,
        "0987654321",
        "noi (rat) nhieu"
    )]
    #[case(
        "LD (0987654321) (bi cat ngang",
        Report::ScamCall,
        "0987654321",
        "bi cat ngang"
    )]
    #[case("V (0987654321)", Report::SpamCall, "0987654321", "")]
    #[case(
        "S\n[VIETTEL]\n[trung thuong]",
        Report::SpamMessage,
        "VIETTEL",
        "trung thuong"
    )]
    fn the_public_grammar(
        #[case] text: &str,
        #[case] report: Report,
        #[case] source: &str,
        #[case] content: &str,
    ) {
        assert_eq!(
            parse(text),
            Message::Structured {
                report,
                source,
                content
            }
        );
    }

    #[rstest]
    #[case("Toi bi lua 48 trieu, so 0987654321")]
    #[case("LD 0987654321 gia danh cong an")]
    #[case("LD () (khong co so)")]
    #[case("LD (0987654321] (ngoac sai")]
    #[case("LDX (0987654321) (sai cu phap)")]
    #[case("S")]
    #[case("")]
    #[case("(0987654321) (thieu chu)")]
    fn anything_else_is_free_text(#[case] text: &str) {
        assert_eq!(parse(text), Message::Free(text));
    }

    #[test]
    fn vietnamese_needs_more_than_gsm7() {
        assert_eq!(gsm7_length("Cong an"), Some(7));
        assert_eq!(gsm7_length("a~b"), Some(4));
        assert_eq!(gsm7_length("Công an"), None);
        for danger in [None, Some("113")] {
            let reply = reply_to_addition(danger);
            assert_eq!(reply.contains("GOI NGAY 113"), danger.is_some());
            assert!(gsm7_length(&reply).is_some_and(|length| length <= MAX_REPLY));
        }
        assert!(gsm7_length(reply_without_receipt()).is_some_and(|length| length <= MAX_REPLY));
    }

    #[test]
    fn every_status_fits_one_message() {
        for status in TipStatus::ALL {
            for case in CaseState::ALL.into_iter().map(Some).chain([None]) {
                let reply = reply_of_status(status, case, None, None);
                assert!(
                    gsm7_length(&reply).is_some_and(|length| length <= MAX_REPLY),
                    "{reply}"
                );
                assert!(reply.contains("ma tra cuu"), "{reply}");
                let reply = reply_of_status(status, case, None, Some("113"));
                assert!(
                    gsm7_length(&reply).is_some_and(|length| length <= MAX_REPLY),
                    "{reply}"
                );
                assert!(reply.starts_with("NGUY HIEM: GOI NGAY 113."), "{reply}");
            }
        }
        assert_eq!(
            reply_of_status(TipStatus::Dismissed, None, Some("Công an"), None),
            "Tin bao da duoc xem xet va khong duoc xu ly tiep. Ly do va cach khieu nai: xem bang ma tra cuu. \
             Cong an khong bao gio hoi OTP."
        );
    }

    #[rstest]
    #[case(
        "Công an tỉnh Sơn La",
        "Tin bao dang duoc lam thu tuc chuyen toi noi co tham quyen giai quyet: Cong an tinh Son La. \
         Chi tiet: xem bang ma tra cuu. Cong an khong bao gio hoi OTP."
    )]
    #[case(
        "Cơ quan Cảnh sát điều tra Công an thành phố Hải Phòng, cơ sở hai",
        "Tin bao cua ban duoc chuyen toi: Co quan Canh sat dieu tra Cong an thanh pho Hai Phong, co so hai. \
         Chi tiet: xem bang ma tra cuu. Cong an khong bao gio hoi OTP."
    )]
    fn a_transfer_names_its_body(#[case] body: &str, #[case] said: &str) {
        assert_eq!(
            reply_of_status(TipStatus::Transferred, None, Some(body), None),
            said
        );
        assert!(gsm7_length(said).is_some_and(|length| length <= MAX_REPLY));
    }

    #[test]
    fn a_body_whose_name_does_not_fit_is_not_named() {
        let usual = reply_of_status(TipStatus::Transferred, None, None, None);
        for body in ["Công an ".repeat(20), "Cơ quan – Đơn vị".to_owned()] {
            let reply = reply_of_status(TipStatus::Transferred, None, Some(&body), None);
            assert_eq!(reply, usual);
        }
    }

    proptest! {
        #[test]
        fn every_reply_fits_one_message_and_its_receipt_reads_back(bytes: [u8; 12]) {
            let receipt = Receipt::from_bytes(bytes);
            let urgent = reply(&receipt, Some("113"));
            prop_assert!(urgent.contains("GOI NGAY 113. "), "{}", urgent);
            prop_assert!(gsm7_length(&urgent).is_some_and(|length| length <= MAX_REPLY), "{}", urgent);
            let reply = reply(&receipt, None);
            prop_assert!(gsm7_length(&reply).is_some_and(|length| length <= MAX_REPLY), "{}", reply);
            let code = reply.split("cuu: ").nth(1).and_then(|rest| rest.split(". Giu").next()).unwrap();
            prop_assert_eq!(Receipt::parse(code), Some(receipt));
        }

        #[test]
        fn no_message_breaks_the_reader(text in "(LD|V|S|lđ)?[ (\\[]{0,3}\\PC{0,40}[)\\]]{0,2}\\PC{0,40}") {
            match parse(&text) {
                Message::Structured { source, .. } => prop_assert!(!source.is_empty()),
                Message::Free(free) => prop_assert_eq!(free, text.trim()),
            }
        }
    }
}
