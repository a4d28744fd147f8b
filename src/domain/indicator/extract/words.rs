//! What the words beside a number say about it.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::tokens::Token;
use super::view::View;

/// What a number is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// A telephone: "gọi", "liên hệ", "SĐT".
    Phone,
    /// An account: "STK", "số tài khoản".
    Account,
    /// An account if it follows at once: "tài khoản", "TK".
    MaybeAccount,
    /// An account if it is too long for a telephone and follows at once: "CK", "chuyển tiền tới".
    Transfer,
    /// Something that identifies nobody we look for: "CCCD", "OTP", "mã giao dịch".
    Other,
}

/// Labels of one to four words, without accents; the longest that ends at a place counts.
const LABELS: [(&[&str], Label); 83] = [
    (&["sdt"], Label::Phone),
    (&["dt"], Label::Phone),
    (&["dien", "thoai"], Label::Phone),
    (&["so", "may"], Label::Phone),
    (&["so", "lien", "he"], Label::Phone),
    (&["lien", "he"], Label::Phone),
    (&["lien", "lac"], Label::Phone),
    (&["lh"], Label::Phone),
    (&["hotline"], Label::Phone),
    (&["hot", "line"], Label::Phone),
    (&["tong", "dai"], Label::Phone),
    (&["goi"], Label::Phone),
    (&["call"], Label::Phone),
    (&["phone"], Label::Phone),
    (&["tel"], Label::Phone),
    (&["mobile"], Label::Phone),
    (&["alo"], Label::Phone),
    (&["nhan", "tin"], Label::Phone),
    (&["zalo"], Label::Phone),
    (&["viber"], Label::Phone),
    (&["whatsapp"], Label::Phone),
    (&["stk"], Label::Account),
    (&["sotk"], Label::Account),
    (&["so", "tk"], Label::Account),
    (&["so", "tai", "khoan"], Label::Account),
    (&["sotaikhoan"], Label::Account),
    (&["so", "the"], Label::Account),
    (&["account", "number"], Label::Account),
    (&["account", "no"], Label::Account),
    (&["tai", "khoan"], Label::MaybeAccount),
    (&["taikhoan"], Label::MaybeAccount),
    (&["tk"], Label::MaybeAccount),
    (&["account"], Label::MaybeAccount),
    (&["acc"], Label::MaybeAccount),
    (&["ck"], Label::Transfer),
    (&["chuyen", "khoan"], Label::Transfer),
    (&["chuyen", "tien"], Label::Transfer),
    (&["gui", "tien"], Label::Transfer),
    (&["cccd"], Label::Other),
    (&["cmnd"], Label::Other),
    (&["cmtnd"], Label::Other),
    (&["cmt"], Label::Other),
    (&["can", "cuoc"], Label::Other),
    (&["can", "cuoc", "cong", "dan"], Label::Other),
    (&["chung", "minh"], Label::Other),
    (&["chung", "minh", "nhan", "dan"], Label::Other),
    (&["dinh", "danh"], Label::Other),
    (&["ho", "chieu"], Label::Other),
    (&["passport"], Label::Other),
    (&["mst"], Label::Other),
    (&["ma", "so", "thue"], Label::Other),
    (&["bhxh"], Label::Other),
    (&["bhyt"], Label::Other),
    (&["so", "bao", "hiem"], Label::Other),
    (&["otp"], Label::Other),
    (&["ma", "xac", "nhan"], Label::Other),
    (&["ma", "xac", "thuc"], Label::Other),
    (&["ma", "xac", "minh"], Label::Other),
    (&["ma", "giao", "dich"], Label::Other),
    (&["so", "giao", "dich"], Label::Other),
    (&["ma", "gd"], Label::Other),
    (&["magd"], Label::Other),
    (&["so", "gd"], Label::Other),
    (&["ma", "tham", "chieu"], Label::Other),
    (&["tham", "chieu"], Label::Other),
    (&["ref"], Label::Other),
    (&["trace"], Label::Other),
    (&["so", "ct"], Label::Other),
    (&["ma", "don"], Label::Other),
    (&["don", "hang"], Label::Other),
    (&["van", "don"], Label::Other),
    (&["ma", "kh"], Label::Other),
    (&["ma", "khach", "hang"], Label::Other),
    (&["so", "khach", "hang"], Label::Other),
    (&["order"], Label::Other),
    (&["hoa", "don"], Label::Other),
    (&["hop", "dong"], Label::Other),
    (&["bien", "ban"], Label::Other),
    (&["quyet", "dinh"], Label::Other),
    (&["ho", "so"], Label::Other),
    (&["serial"], Label::Other),
    (&["imei"], Label::Other),
    (&["so", "du"], Label::Other),
];

/// Words that may stand between a label or a bank and a number.
pub(super) fn is_filler(folded: &str) -> bool {
    matches!(
        folded,
        "la" | "so"
            | "nay"
            | "sau"
            | "day"
            | "cua"
            | "toi"
            | "em"
            | "minh"
            | "a"
            | "chi"
            | "anh"
            | "nhan"
            | "tien"
            | "vao"
            | "qua"
            | "den"
            | "ngan"
            | "hang"
            | "nh"
            | "bank"
            | "tai"
            | "khoan"
            | "tk"
            | "stk"
            | "sdt"
            | "dt"
            | "dien"
            | "thoai"
            | "o"
            | "ben"
            | "thuoc"
            | "theo"
            | "mo"
            | "ca"
            | "vi"
            | "tu"
            | "no"
            | "number"
            | "ctk"
            | "nguoi"
            | "chuyen"
            | "cho"
    )
}

/// Whom something is told or sent to: the number after it is not what is told.
fn is_direction(folded: &str) -> bool {
    matches!(folded, "cho" | "qua" | "den" | "toi" | "vao" | "tu")
}

/// What the words before a number say it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said {
    pub(super) label: Label,
    /// Nothing but small words stands between, and none that leads elsewhere: "mã OTP cho số 09…".
    pub(super) close: bool,
}

/// For each token, the label that ends with it.
pub(super) struct Labels {
    ending_at: Vec<Option<Label>>,
}

impl Labels {
    pub(super) fn new(tokens: &[Token]) -> Self {
        let mut by_last: HashMap<&str, Vec<(&[&str], Label)>> = HashMap::new();
        for (words, label) in LABELS {
            if let Some(last) = words.last() {
                by_last.entry(last).or_default().push((words, label));
            }
        }
        for rows in by_last.values_mut() {
            rows.sort_by_key(|(words, _)| Reverse(words.len()));
        }
        let longest = |last: usize| {
            let token = tokens.get(last).filter(|token| token.is_word())?;
            let rows = by_last.get(token.text.as_str())?;
            let ends_here = |words: &[&str]| {
                let Some(first) = (last + 1).checked_sub(words.len()) else {
                    return false;
                };
                let run = tokens.get(first..=last).unwrap_or_default();
                run.iter()
                    .zip(words)
                    .all(|(token, word)| token.text == *word)
            };
            rows.iter()
                .find(|(words, _)| ends_here(words))
                .map(|(_, label)| *label)
        };
        Self {
            ending_at: (0..tokens.len()).map(longest).collect(),
        }
    }

    /// The label that the words before a number give it: the nearest within a few words of the
    /// same sentence. A weak label counts only where nothing but small words stands between.
    pub(super) fn before(&self, view: &View, tokens: &[Token], number: usize) -> Option<Said> {
        let mut only_fillers = true;
        let mut directed = false;
        for step in 1..=6 {
            let at = number.checked_sub(step)?;
            let token = tokens.get(at)?;
            let following = tokens.get(at + 1)?;
            if ends_sentence(view, token.end, following.start) {
                return None;
            }
            if token.is_number() {
                // "STK 1: 0011…" numbers its lines.
                if token.text.len() > 1 {
                    return None;
                }
                continue;
            }
            match self.ending_at.get(at).copied().flatten() {
                Some(Label::MaybeAccount | Label::Transfer)
                    if !only_fillers || is_owner(tokens, at) => {}
                // The words of "số tài khoản" are fillers as well: look no further.
                Some(label) => {
                    let close = only_fillers && !directed;
                    return Some(Said { label, close });
                }
                None => {}
            }
            only_fillers &= is_filler(&token.text);
            directed |= is_direction(&token.text);
        }
        None
    }
}

/// "chủ tài khoản NGUYEN VAN A", "tên TK": the name follows, not the number.
fn is_owner(tokens: &[Token], last: usize) -> bool {
    [1, 2].iter().any(|back| {
        last.checked_sub(*back)
            .and_then(|at| tokens.get(at))
            .is_some_and(|token| matches!(token.text.as_str(), "chu" | "ten"))
    })
}

/// Whether a sentence ends between two tokens.
pub(super) fn ends_sentence(view: &View, from: usize, to: usize) -> bool {
    if to.saturating_sub(from) > 12 {
        return true;
    }
    (from..to).any(|at| match view.ch(at) {
        Some('!' | '?' | ';') => true,
        Some('.') => view.ch(at + 1).is_some_and(char::is_whitespace),
        _ => false,
    })
}
