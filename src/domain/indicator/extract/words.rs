//! What the words beside a number say about it.

use std::sync::LazyLock;

use super::super::super::phrases::Phrases;
use super::labels::{LABELS, Label};
use super::tokens::Token;
use super::view::View;

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
            | "thu"
            | "huong"
    )
}

/// Whom something is told or sent to: the number after it is not what is told.
fn is_direction(folded: &str) -> bool {
    matches!(folded, "cho" | "qua" | "den" | "toi" | "vao" | "tu")
}

/// What the words before a number say it is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said {
    pub(super) label: Option<Label>,
    /// A word for a sum stands nearer than the label: "STK nhận tiền vay 19…", "số tiền 50000000".
    pub(super) sum: bool,
    /// Nothing but small words stands between, and none that leads elsewhere: "mã OTP cho số 09…".
    pub(super) close: bool,
}

static PHRASES: LazyLock<Phrases<Label>> = LazyLock::new(|| {
    Phrases::new(
        LABELS
            .iter()
            .flat_map(|(label, phrases)| phrases.iter().map(|phrase| (*phrase, *label))),
    )
});

/// For each token, the label that ends with it.
pub(super) struct Labels {
    ending_at: Vec<Option<Label>>,
}

impl Labels {
    pub(super) fn new(tokens: &[Token]) -> Self {
        let ending = |last: usize| {
            let token = tokens.get(last).filter(|token| token.is_word())?;
            let before = tokens.get(..last).unwrap_or_default().iter().rev();
            PHRASES.ending(&token.text, before.map(|token| token.text.as_str()))
        };
        Self {
            ending_at: (0..tokens.len()).map(ending).collect(),
        }
    }

    /// The label that the words before a number give it: the nearest within a few words of the
    /// same sentence. A weak label counts only where nothing but small words stands between.
    pub(super) fn before(&self, view: &View, tokens: &[Token], number: usize) -> Said {
        let mut said = Said::default();
        let mut only_fillers = true;
        let mut directed = false;
        for step in 1..=6 {
            let Some(at) = number.checked_sub(step) else {
                break;
            };
            let (Some(token), Some(following)) = (tokens.get(at), tokens.get(at + 1)) else {
                break;
            };
            // "acc no. 2576…".
            let abbreviated = step == 1 && token.text == "no";
            if !abbreviated && ends_sentence(view, token.end, following.start) {
                break;
            }
            if token.is_number() {
                // "STK 1: 0011…" numbers its lines.
                if token.text.len() > 1 {
                    break;
                }
                continue;
            }
            match self.ending_at.get(at).copied().flatten() {
                // "số dư TK VCB 0451…", "số dư TK 1500000": of the account, or the balance itself.
                Some(Label::MaybeAccount) if is_balance(tokens, at) => {
                    said.sum = true;
                    said.label = only_fillers.then_some(Label::MaybeAccount);
                    break;
                }
                // "Xin số thẻ rồi bảo chuyển vào 0011…" goes on to something else.
                Some(Label::Card) if !only_fillers || directed => {}
                Some(Label::Card) => {
                    said.label = Some(Label::Other);
                    said.close = true;
                    break;
                }
                Some(Label::MaybeAccount | Label::Transfer)
                    if !only_fillers || is_owner(tokens, at) => {}
                Some(Label::Sum) => said.sum |= only_fillers && !directed,
                // The words of "số tài khoản" are fillers as well: look no further.
                Some(label) => {
                    // "stk là sđt", "STK trùng số ĐT": the number is both.
                    let both = label == Label::Phone && is_also_account(tokens, at);
                    said.label = Some(if both { Label::Account } else { label });
                    said.close = only_fillers && !directed && !said.sum;
                    break;
                }
                None => {}
            }
            only_fillers &= is_filler(&token.text);
            directed |= is_direction(&token.text);
        }
        said
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

fn is_balance(tokens: &[Token], last: usize) -> bool {
    let word = |back: usize| {
        last.checked_sub(back)
            .and_then(|at| tokens.get(at))
            .map_or("", |token| token.text.as_str())
    };
    (1..=3).any(|back| word(back) == "du" && word(back + 1) == "so")
}

fn is_also_account(tokens: &[Token], last: usize) -> bool {
    let word = |back: usize| {
        last.checked_sub(back)
            .and_then(|at| tokens.get(at))
            .map_or("", |token| token.text.as_str())
    };
    (1..=3).any(|back| {
        matches!(word(back), "la" | "trung" | "cung")
            && matches!(word(back + 1), "stk" | "tk" | "khoan")
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
