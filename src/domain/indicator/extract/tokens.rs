//! Words and numbers of a text, in order.

use super::super::super::latin::is_alphanumeric;
use super::super::phone::look_alike;
use super::view::View;

/// A maximal run of letters and digits outside what is claimed, or a part of one.
#[derive(Clone, Debug)]
pub(super) struct Token {
    /// Its first cell.
    pub(super) start: usize,
    /// The cell after its last.
    pub(super) end: usize,
    /// Lower case without accents; for numbers, the digits.
    pub(super) text: String,
    /// How it may be used.
    pub(super) sort: Sort,
}

/// What a token can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// Letters.
    Word,
    /// Digits, or digits and letters that look like digits.
    Number {
        /// How many of its characters are only look-alikes.
        letters: usize,
    },
    /// Letters and digits.
    Mixed,
}

impl Token {
    pub(super) fn is_number(&self) -> bool {
        matches!(self.sort, Sort::Number { .. })
    }

    pub(super) fn is_word(&self) -> bool {
        self.sort == Sort::Word
    }
}

/// Splits the unclaimed text into tokens.
pub(super) fn tokenise(view: &View) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < view.len() {
        let mut end = at;
        while view
            .ch(end)
            .is_some_and(|c| is_alphanumeric(c) || c == '|' && !parts(view, end))
            && !view.is_claimed(end)
        {
            end += 1;
        }
        if end == at {
            at += 1;
            continue;
        }
        push_run(view, at, end, &mut tokens);
        at = end;
    }
    tokens
}

/// "MBBank|9999…", " | ": a line beside a word or a blank parts columns; in a number it may be a one.
fn parts(view: &View, at: usize) -> bool {
    let beside = |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || is_letter(c));
    let (before, after) = (view.before(at), view.ch(at + 1));
    beside(before) && beside(after) || before.is_some_and(is_letter) || after.is_some_and(is_letter)
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic() && look_alike(c).is_none()
}

fn push_run(view: &View, start: usize, end: usize, tokens: &mut Vec<Token>) {
    if let Some(token) = number(view, start, end) {
        tokens.push(token);
        return;
    }
    let is_digit = |at: usize| view.ch(at).is_some_and(|c| c.is_ascii_digit());
    let digits = (start..end).filter(|at| is_digit(*at)).count();
    if digits == 0 {
        tokens.push(token(view, start, end, Sort::Word));
        return;
    }
    if let Some(parts) = word_and_number(view, start, end, is_digit) {
        tokens.extend(parts);
        return;
    }
    tokens.push(token(view, start, end, Sort::Mixed));
}

/// `sdt0912345678`, `0912345678nhe`, `goi0912345678ngay`: a label, a number long enough for a
/// trace, a word. Anything else with letters and digits is an id of some sort.
fn word_and_number(
    view: &View,
    start: usize,
    end: usize,
    is_digit: impl Fn(usize) -> bool,
) -> Option<Vec<Token>> {
    let first = (start..end).find(|at| is_digit(*at))?;
    let last = (first..end).find(|at| !is_digit(*at)).unwrap_or(end);
    if (last..end).any(is_digit) {
        return None;
    }
    let mut parts = Vec::new();
    if first > start {
        let label = token(view, start, first, Sort::Word);
        if !is_glued_label(&label.text) || last - first < 8 {
            return None;
        }
        parts.push(label);
    }
    parts.push(token(view, first, last, Sort::Number { letters: 0 }));
    if last < end {
        let word = token(view, last, end, Sort::Word);
        if last - first < 9 || word.text.len() < 2 || is_currency(&word.text) {
            return None;
        }
        parts.push(word);
    }
    Some(parts)
}

/// Words to which people glue a number.
fn is_glued_label(folded: &str) -> bool {
    matches!(
        folded,
        "sdt"
            | "dt"
            | "tel"
            | "phone"
            | "zalo"
            | "lh"
            | "lienhe"
            | "lienlac"
            | "nhantin"
            | "goi"
            | "hotline"
            | "call"
            | "alo"
            | "so"
            | "stk"
            | "tk"
            | "sotk"
            | "momo"
            | "mb"
            | "vcb"
            | "tcb"
            | "acb"
            | "vpb"
            | "bidv"
    )
}

/// Words and signs that make the number before them an amount.
pub(super) fn is_currency(folded: &str) -> bool {
    matches!(
        folded,
        "d" | "dong"
            | "vnd"
            | "k"
            | "tr"
            | "trieu"
            | "ty"
            | "ti"
            | "nghin"
            | "ngan"
            | "usd"
            | "usdt"
    )
}

/// A run of digits and look-alikes.
fn number(view: &View, start: usize, end: usize) -> Option<Token> {
    let is_digit = |c: char| c.is_ascii_digit() || look_alike(c).is_some();
    if view.run(start, end - start, is_digit) < end {
        return None;
    }
    let mut text = String::new();
    let mut letters = 0;
    for at in start..end {
        let c = view.ch(at)?;
        if c.is_ascii_digit() {
            text.push(c);
        } else {
            text.push(look_alike(c)?);
            letters += 1;
        }
    }
    // A lone letter may be a digit of a spaced-out number; "Ol" is a word.
    let plausible = letters == 0 || letters < text.len() || text.len() == 1;
    plausible.then_some(Token {
        start,
        end,
        text,
        sort: Sort::Number { letters },
    })
}

fn token(view: &View, start: usize, end: usize, sort: Sort) -> Token {
    // One folded letter may take two bytes, hardly ever more.
    let mut text = String::with_capacity(2 * (end - start));
    text.extend((start..end).filter_map(|at| view.cell(at).map(|cell| cell.fold)));
    Token {
        start,
        end,
        text,
        sort,
    }
}
