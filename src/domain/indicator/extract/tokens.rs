//! Words and numbers of a text, in order.

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
            .is_some_and(|c| c.is_alphanumeric() || c == '|')
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
    // "sdt0912345678" and "0912345678nhe": one word and one number, long enough for a trace.
    if let Some(cut) = single_cut(start, end, is_digit) {
        let (letters, number) = if is_digit(start) {
            ((cut, end), (start, cut))
        } else {
            ((start, cut), (cut, end))
        };
        let label = token(view, letters.0, letters.1, Sort::Word);
        let splits = match is_digit(start) {
            true => number.1 - number.0 >= 9 && label.text.len() >= 2 && !is_currency(&label.text),
            false => number.1 - number.0 >= 8 && is_glued_label(&label.text),
        };
        if splits {
            let number = token(view, number.0, number.1, Sort::Number { letters: 0 });
            match is_digit(start) {
                true => tokens.extend([number, label]),
                false => tokens.extend([label, number]),
            }
            return;
        }
    }
    tokens.push(token(view, start, end, Sort::Mixed));
}

/// Where letters and digits meet, if they do so once.
fn single_cut(start: usize, end: usize, is_digit: impl Fn(usize) -> bool) -> Option<usize> {
    let mut cuts = (start + 1..end).filter(|at| is_digit(*at) != is_digit(at - 1));
    let cut = cuts.next()?;
    cuts.next().is_none().then_some(cut)
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
    let text = (start..end)
        .filter_map(|at| view.cell(at).map(|cell| cell.fold))
        .collect();
    Token {
        start,
        end,
        text,
        sort,
    }
}
