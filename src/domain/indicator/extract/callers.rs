//! Whether a telephone number beside a bank's name is somebody who calls in that name.

use super::tokens::Token;
use super::view::View;
use super::words::ends_sentence;

/// How many words before the number, and how many after it, are looked at.
const BEFORE: usize = 6;
const AFTER: usize = 4;

/// "Nhân viên Vietcombank 0912… gọi": words of a call are near, and none of a payment before it.
pub(super) fn is_caller(view: &View, tokens: &[Token], first: usize, end: usize) -> bool {
    let mut called = calls_after(view, tokens, end);
    for back in 1..=BEFORE {
        let Some(at) = first.checked_sub(back) else {
            break;
        };
        let (Some(token), Some(next)) = (tokens.get(at), tokens.get(at + 1)) else {
            break;
        };
        if ends_sentence(view, token.end, next.start) {
            break;
        }
        if is_payment(&token.text) {
            return false;
        }
        called |= is_call(&token.text, &next.text);
    }
    called
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
    matches!(word, "goi" | "alo" | "cskh")
        || matches!(
            (word, next),
            ("nhan", "vien") | ("can", "bo") | ("tu", "xung") | ("gia", "danh") | ("mao", "danh")
        )
}

fn is_payment(word: &str) -> bool {
    matches!(
        word,
        "chuyen" | "ck" | "nap" | "coc" | "gui" | "dong" | "nop" | "stk" | "vao" | "tien"
    )
}
