//! Whether a telephone number beside a bank's name is somebody who calls in that name.

use super::tokens::Token;
use super::view::View;
use super::words::ends_sentence;

/// How many words before the number, and how many after it, are looked at.
const BEFORE: usize = 8;
const AFTER: usize = 4;

/// What the words before a number are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    Call,
    Payment,
}

/// "Nhân viên Vietcombank 0912…", "0912… bên MB gọi tới": a call is what the words are about.
pub(super) fn is_caller(view: &View, tokens: &[Token], first: usize, end: usize) -> bool {
    match about(view, tokens, first) {
        Some(about) => about == About::Call,
        None => calls_after(view, tokens, end),
    }
}

/// Whether the nearest word that tells is one of a call or of a payment: "gọi bảo ck vào MB 0912…" is about a
/// payment.
pub(super) fn about(view: &View, tokens: &[Token], first: usize) -> Option<About> {
    for back in 1..=BEFORE {
        let at = first.checked_sub(back)?;
        let (token, next) = (tokens.get(at)?, tokens.get(at + 1)?);
        if ends_sentence(view, token.end, next.start) {
            return None;
        }
        if is_payment(&token.text) {
            return Some(About::Payment);
        }
        if is_call(&token.text, &next.text) {
            return Some(About::Call);
        }
    }
    None
}

/// "0912… gọi", "0912… bên MB gọi tới": nothing but blanks stands between.
fn calls_after(view: &View, tokens: &[Token], end: usize) -> bool {
    for at in end..end + AFTER {
        let (Some(before), Some(token)) = (
            at.checked_sub(1).and_then(|before| tokens.get(before)),
            tokens.get(at),
        ) else {
            return false;
        };
        let apart = token.start - before.end > 2
            || (before.end..token.start).any(|cell| view.ch(cell) != Some(' '));
        if apart || is_payment(&token.text) {
            return false;
        }
        let next = tokens.get(at + 1).map_or("", |next| next.text.as_str());
        if is_call(&token.text, next) {
            return true;
        }
    }
    false
}

fn is_call(word: &str, next: &str) -> bool {
    // "Gọi là" says a name.
    matches!(word, "alo" | "call" | "cskh" | "hotline" | "lh" | "xung")
        || word == "goi" && next != "la"
        || matches!(
            (word, next),
            ("nhan", "vien")
                | ("can", "bo")
                | ("tu", "xung")
                | ("gia" | "mao", "danh")
                | ("lien", "he" | "lac")
                | ("tong", "dai")
                | ("nhan", "tin")
        )
}

fn is_payment(word: &str) -> bool {
    matches!(
        word,
        "chuyen"
            | "ck"
            | "nap"
            | "coc"
            | "gui"
            | "dong"
            | "nop"
            | "stk"
            | "tk"
            | "khoan"
            | "vao"
            | "tien"
    )
}
