//! The account number that begins at a place of a text, in however many groups.

use super::numbers::{State, is_amount, is_in_thousands, is_joined};
use super::tokens::{Sort, Token, is_currency};
use super::view::View;

/// Most digits of an account whose groups are not alike.
const MAX_UNEVEN: usize = 16;

/// Most digits of a group that is no account by itself where another hangs on to it.
const MAX_REMAINDER: usize = 7;

/// The account number that starts at a token: one long group, or several short ones.
pub(super) fn number_at(
    view: &View,
    tokens: &[Token],
    state: &State,
    at: usize,
) -> Option<(usize, String)> {
    let first = tokens.get(at).filter(|_| !state.is_used(at))?;
    if is_inside(view, first.start) {
        return None;
    }
    if first.sort == Sort::Mixed {
        let ascii = first.text.is_ascii() && (6..=19).contains(&first.text.len());
        let digits = first.text.bytes().filter(|b| b.is_ascii_digit()).count();
        // "xxx4567" is what a bank leaves out.
        let hidden = first.text.contains("xx");
        return (ascii && digits >= 4 && !hidden && !has_unit(&first.text))
            .then(|| (at + 1, first.text.to_ascii_uppercase()));
    }
    if first.sort != (Sort::Number { letters: 0 }) {
        return None;
    }
    // "1234 0912…": what hangs on to a number that was no account is not one either.
    if is_remainder(view, tokens, state, at) {
        return None;
    }
    let mut number = first.text.clone();
    let mut end = at + 1;
    let mut last = first;
    while let Some(next) = tokens.get(end) {
        let apart = next.sort != (Sort::Number { letters: 0 })
            || state.is_used(end)
            || !is_joined(view, last.end, next.start);
        if apart {
            break;
        }
        let even = last.text.len() <= 6 && next.text.len() <= 6;
        let amount = is_amount(view, tokens, end + 1);
        let joins =
            number.len() + next.text.len() <= 19 && !amount && (even || goes_on(&number, next));
        if !joins {
            // "001100 0912345678": too short to be whole, and nothing says what it goes on with.
            if number.len() <= MAX_REMAINDER && !amount && next.text.len() > 2 {
                return None;
            }
            break;
        }
        number.push_str(&next.text);
        last = next;
        end += 1;
    }
    let amount = is_amount(view, tokens, end)
        || matches!(view.ch(last.end), Some(',' | '.'))
            && view.ch(last.end + 1).is_some_and(|c| c.is_ascii_digit());
    (number.len() >= 6 && !amount && !is_in_thousands(view, tokens, at, end))
        .then_some((end, number))
}

/// "001100 2233445", "19031234 567890": a long group and a short one are one account, unless the first
/// is a mobile number or the second is a number of its own: a telephone, a year, a round sum, a count.
fn goes_on(number: &str, next: &Token) -> bool {
    let next = next.text.as_str();
    let mobile = number.len() == 10 && number.starts_with('0') && !number.starts_with("00");
    let own = match next.len() {
        1 | 2 => true,
        4 => matches!(next.get(..2), Some("19" | "20")),
        8 => is_date(next),
        10 | 11 => next.starts_with('0') || next.starts_with("84"),
        _ => next.ends_with("000"),
    };
    !mobile
        && !own
        && number.len() <= 10
        && number.len().min(next.len()) <= 6
        && (8..=MAX_UNEVEN).contains(&(number.len() + next.len()))
}

/// Whether a number too short for an account stands right before this one, with nothing that parts them.
fn is_remainder(view: &View, tokens: &[Token], state: &State, at: usize) -> bool {
    let (Some(before), Some(here)) = (
        at.checked_sub(1).and_then(|before| tokens.get(before)),
        tokens.get(at),
    ) else {
        return false;
    };
    before.sort == (Sort::Number { letters: 0 })
        && (3..=MAX_REMAINDER).contains(&before.text.len())
        && !state.is_used(at - 1)
        && is_joined(view, before.end, here.start)
        && !(before.end..here.start).any(|cell| view.ch(cell) == Some('('))
}

/// `+500000`, `#123456`, `1,500000`: parts of something else.
fn is_inside(view: &View, start: usize) -> bool {
    match view.before(start) {
        // "stk=0234…", "Tpbank*0234…".
        Some('=' | '*') => !start
            .checked_sub(2)
            .and_then(|at| view.ch(at))
            .is_some_and(char::is_alphabetic),
        Some('+' | '#' | '$' | '/') => true,
        Some('.' | ',' | '-') => start
            .checked_sub(2)
            .and_then(|at| view.ch(at))
            .is_some_and(|c| c.is_ascii_digit()),
        _ => false,
    }
}

/// `500000vnd`, `20h30`: a number with its unit.
fn has_unit(text: &str) -> bool {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    unit.len() < text.len() && (is_currency(unit) || unit.contains('h') && text.len() <= 6)
}

/// `20241124`, `24112024`.
pub(super) fn is_date(number: &str) -> bool {
    let part = |from: usize, to: usize| number.get(from..to).and_then(|part| part.parse().ok());
    let date = |year: Option<u16>, month: Option<u16>, day: Option<u16>| {
        year.is_some_and(|year| (1930..=2099).contains(&year))
            && month.is_some_and(|month| (1..=12).contains(&month))
            && day.is_some_and(|day| (1..=31).contains(&day))
    };
    number.len() == 8
        && (date(part(0, 4), part(4, 6), part(6, 8)) || date(part(4, 8), part(2, 4), part(0, 2)))
}

/// A sum has no zero before it, and nobody loses a thousand billions.
pub(super) fn could_be_sum(number: &str) -> bool {
    number.len() <= 12 && !number.starts_with('0') && number.bytes().all(|b| b.is_ascii_digit())
}
