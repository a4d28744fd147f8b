//! Telephone numbers that are spelled out: "không chín một hai ba bốn năm sáu bảy tám", "o chin mot hai ...", as
//! people dictate them, and as swindlers write them to slip past a filter.
//!
//! Each of these words means something else as well ("ba": father, "năm": year, "từ": from). So only a whole number
//! counts: ten or eleven digits one behind another, a nought first, and a number that can be dialled.

use super::super::catalog::Catalog;
use super::super::model::{Kind, Reading};
use super::super::phone;
use super::Search;
use super::numbers::State;
use super::tokens::{Sort, Token};
use super::view::View;

/// Digits of a mobile number, and of a number of the fixed network or an old one.
const LENGTHS: [usize; 2] = [11, 10];

/// Least words among them: "0912 ba bốn năm" is written in figures, and somebody's age besides.
const LEAST_WORDS: usize = 5;

/// Most cells between two of them.
const MAX_GAP: usize = 3;

/// Finds them, before figures are looked at.
pub(super) fn find(search: &mut Search<'_>, tokens: &[Token], state: &mut State) {
    let mut at = 0;
    while at < tokens.len() {
        if search.full() {
            return;
        }
        let Some((end, reading)) = number_at(search.catalog, &search.view, tokens, state, at)
        else {
            at += 1;
            continue;
        };
        let last = end.checked_sub(1).and_then(|last| tokens.get(last));
        if let (Some(first), Some(last)) = (tokens.get(at), last) {
            search.note(first.start, last.end, Kind::Phone, Ok(reading));
            state.use_up(at, end);
        }
        at = end;
    }
}

/// The number that begins with a token, and the token behind it.
fn number_at(
    catalog: &Catalog,
    view: &View,
    tokens: &[Token],
    state: &State,
    at: usize,
) -> Option<(usize, Reading)> {
    if !digits(tokens.get(at)?)?.starts_with('0') || goes_before(view, tokens, at) {
        return None;
    }
    let (mut number, mut words) = (String::new(), 0);
    let mut ends: Vec<(usize, usize)> = Vec::new();
    let mut index = at;
    while let Some(token) = tokens.get(index) {
        let joined = index == at || is_joined(view, tokens, index);
        let (more, taken) = match repeated(view, tokens, index) {
            Some(more) => (more, 3),
            None => (digits(token).unwrap_or_default().to_owned(), 1),
        };
        if more.is_empty() || !joined || state.is_used(index) {
            break;
        }
        number.push_str(&more);
        words += if token.is_word() { taken } else { 0 };
        index += taken;
        if number.len() > 11 {
            // More figures in words hang on: an account, of which this is the beginning.
            if token.is_word() && is_figure_in_words(view, tokens, index) {
                return None;
            }
            break;
        }
        if words >= LEAST_WORDS && LENGTHS.contains(&number.len()) {
            ends.push((index, number.len()));
        }
    }
    ends.iter().rev().find_map(|(end, length)| {
        let written = phone::with_prefix(false, number.get(..*length)?.to_owned());
        Some((*end, phone::certain(catalog, &written)?))
    })
}

/// "Số 5 không chín …", "một chín không ba …": figures right before it make it a part of something else; one
/// word alone may be prose ("từ không chín một …").
fn goes_before(view: &View, tokens: &[Token], at: usize) -> bool {
    let figure = |at: Option<usize>| {
        let token = at.and_then(|at| tokens.get(at))?;
        digits(token).map(|_| token)
    };
    let Some(before) = figure(at.checked_sub(1)).filter(|_| is_joined(view, tokens, at)) else {
        return false;
    };
    let further = || figure(at.checked_sub(2)).is_some() && is_joined(view, tokens, at - 1);
    before.is_number() || further()
}

/// Whether a figure in words stands close behind the token before it.
fn is_figure_in_words(view: &View, tokens: &[Token], at: usize) -> bool {
    tokens.get(at).is_some_and(|token| {
        token.is_word() && digits(token).is_some() && is_joined(view, tokens, at)
    })
}

/// "ba số bốn", "hai con tám": 444, 88.
pub(super) fn repeated(view: &View, tokens: &[Token], at: usize) -> Option<String> {
    let [count, of, figure] = tokens.get(at..at + 3)? else {
        return None;
    };
    let times = match count.text.as_str() {
        "hai" | "2" => 2,
        "ba" | "3" => 3,
        "bon" | "4" => 4,
        _ => return None,
    };
    let joined = is_joined(view, tokens, at + 1) && is_joined(view, tokens, at + 2);
    let said = joined && matches!(of.text.as_str(), "so" | "con") && figure.is_word();
    let figure = digits(figure).filter(|_| said)?;
    Some(figure.repeat(times))
}

/// Whether a token stands close behind the one before it.
pub(super) fn is_joined(view: &View, tokens: &[Token], at: usize) -> bool {
    let (Some(before), Some(here)) = (
        at.checked_sub(1).and_then(|before| tokens.get(before)),
        tokens.get(at),
    ) else {
        return false;
    };
    (1..=MAX_GAP).contains(&here.start.saturating_sub(before.end))
        && (before.end..here.start).all(|cell| {
            view.ch(cell)
                .is_some_and(|c| matches!(c, ' ' | ',' | '.' | '-' | '_' | '/'))
        })
}

/// What a token says of a number: one digit by its word, or figures.
pub(super) fn digits(token: &Token) -> Option<&str> {
    match token.sort {
        Sort::Number { letters: 0 } => Some(&token.text),
        // A lone "o" or "l" is read as a figure already.
        Sort::Number { letters: 1 } if token.text.len() == 1 => Some(&token.text),
        Sort::Word => Some(match token.text.as_str() {
            "khong" | "ko" | "o" | "zero" => "0",
            "mot" | "one" => "1",
            "hai" | "two" => "2",
            "ba" | "three" => "3",
            "bon" | "tu" | "four" => "4",
            "nam" | "lam" | "five" => "5",
            "sau" | "six" => "6",
            "bay" | "seven" => "7",
            "tam" | "eight" => "8",
            "chin" | "nine" => "9",
            _ => return None,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::contexts::check_values;

    #[test]
    fn numbers_in_words_are_read() {
        const MOBILE: &[&str] = &["phone +84912345678"];
        check_values(&[
            ("không chín một hai ba bốn năm sáu bảy tám", MOBILE),
            ("o chin mot hai ba bon nam sau bay tam", MOBILE),
            (
                "Gọi cho nó: Không chín một, hai ba bốn, năm sáu bảy tám nhé",
                MOBILE,
            ),
            ("khong chin mot hai ba tu lam sau bay tam", MOBILE),
            ("KHÔNG-CHÍN-MỘT-HAI-BA-BỐN-NĂM-SÁU-BẢY-TÁM", MOBILE),
            ("zalo 0 chín một 2 ba bốn năm 6 bảy tám", MOBILE),
            (
                "số không chín một hai ba bốn năm sáu bảy tám năm nay hay gọi",
                MOBILE,
            ),
            ("zero nine one two three four five six seven eight", MOBILE),
            ("từ không chín một hai ba bốn năm sáu bảy tám", MOBILE),
            (
                "không chín một hai, ba số bốn, ba số năm",
                &["phone +84912444555"],
            ),
            (
                "không hai một năm ba tám hai năm một hai ba",
                &["phone +842153825123"],
            ),
        ]);
    }

    #[test]
    fn ordinary_prose_holds_no_number_in_words() {
        check_values(&[
            (
                "Năm nay ba tôi sáu mươi tám tuổi, không biết một hai gì cả",
                &[],
            ),
            ("không chín một hai ba bốn năm", &[]),
            ("một hai ba bốn năm sáu bảy tám chín mười", &[]),
            ("không một hai ba bốn năm sáu bảy tám chín", &[]),
            (
                "Không. Chín người, một nhà, hai xe, ba bốn năm sáu bảy tám lần",
                &[],
            ),
            ("không chín một hai ba bốn\nnăm sáu bảy tám", &[]),
            (
                "tôi không có một hai ba trăm nghìn, từ năm sáu năm nay",
                &[],
            ),
            ("mã OTP không chín một hai ba bốn", &[]),
            ("Số 5 không chín một hai ba bốn năm sáu bảy tám", &[]),
            // Inside a longer number.
            (
                "mã số một chín không ba tám hai bảy bốn sáu năm không không một hai techcombank",
                &[],
            ),
            (
                "không chín một hai ba bốn năm sáu bảy tám chín một hai ba",
                &[],
            ),
        ]);
    }
}
