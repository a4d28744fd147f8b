//! Telephone numbers among all the numbers of a text.

use super::super::catalog::Catalog;
use super::super::model::{Kind, Reading};
use super::super::phone;
use super::Search;
use super::behind;
use super::labels::Label;
use super::own_phones;
use super::tokens::{Sort, Token, is_currency};
use super::view::View;
use super::words::Labels;

/// Most ends that a foreign number is tried with.
const MAX_TRIES: usize = 4;

/// Most groups that one number is written in (spaced-out digits of an old one).
const MAX_GROUPS: usize = 13;

/// Which tokens are spoken for.
pub(super) struct State {
    pub(super) used: Vec<bool>,
    pub(super) labels: Labels,
    /// Up to this token, no foreign number begins: the run was tried from its start.
    foreign_tried: usize,
}

impl State {
    pub(super) fn new(tokens: &[Token]) -> Self {
        Self {
            used: vec![false; tokens.len()],
            labels: Labels::new(tokens),
            foreign_tried: 0,
        }
    }

    pub(super) fn is_used(&self, at: usize) -> bool {
        self.used.get(at).copied().unwrap_or(true)
    }

    pub(super) fn use_up(&mut self, first: usize, end: usize) {
        if let Some(range) = self.used.get_mut(first..end) {
            range.fill(true);
        }
    }
}

/// Takes dates and times out of the way: `24/11/2026 08:30`, `2026-11-24`, `24.11.26`.
pub(super) fn mark_dates_and_times(view: &View, tokens: &[Token], state: &mut State) {
    for at in 0..tokens.len() {
        let Some([first, second, rest @ ..]) = tokens.get(at..) else {
            return;
        };
        if !first.is_number() || !second.is_number() {
            continue;
        }
        let sign = only_sign(view, first.end, second.start);
        let small = |token: &Token, most: u32| {
            token.text.len() <= 2 && token.text.parse().is_ok_and(|n: u32| n <= most)
        };
        if sign == Some(':') && small(first, 24) && small(second, 59) {
            state.use_up(at, at + 2);
            continue;
        }
        let Some(third) = rest.first().filter(|third| third.is_number()) else {
            continue;
        };
        if !matches!(sign, Some('/' | '-' | '.'))
            || only_sign(view, second.end, third.start) != sign
        {
            continue;
        }
        // "09.12.34.56.78" goes on, so it is no date.
        let goes_on = rest
            .get(1)
            .is_some_and(|next| next.is_number() && only_sign(view, third.end, next.start) == sign);
        let year = |token: &Token| {
            token.text.len() == 4 && (token.text.starts_with("19") || token.text.starts_with("20"))
        };
        let day_first = small(first, 31)
            && small(second, 12)
            && (year(third) || third.text.len() == 2 && sign == Some('/'));
        let year_first = year(first) && small(second, 12) && small(third, 31);
        if !goes_on && (day_first || year_first) {
            state.use_up(at, at + 3);
        }
    }
}

/// The sign between two places, if there is one and nothing else.
fn only_sign(view: &View, from: usize, to: usize) -> Option<char> {
    (to == from + 1).then(|| view.ch(from)).flatten()
}

/// Whether two groups may belong to one number: a few separators, no line break.
pub(super) fn is_joined(view: &View, from: usize, to: usize) -> bool {
    let length = to.saturating_sub(from);
    (1..=3).contains(&length)
        && (from..to).all(|at| {
            view.ch(at).is_some_and(|c| {
                matches!(
                    c,
                    ' ' | '.' | '-' | '(' | ')' | '·' | '_' | '\u{2010}'..='\u{2015}'
                )
            })
        })
}

/// Signs between the groups of a number that can only be a telephone's: `0912,345,678`.
fn is_joined_loosely(view: &View, from: usize, to: usize) -> bool {
    to == from + 1 && matches!(view.ch(from), Some(',' | '/' | '~' | '*' | '•' | '−'))
}

/// A telephone number found at a token: where it ends, its first cell, what it is.
pub(super) struct Phone {
    /// The token after its last.
    pub(super) end: usize,
    /// Its first cell, the plus or bracket included.
    pub(super) first_cell: usize,
    pub(super) end_cell: usize,
    pub(super) reading: Reading,
    /// It is only possible: the words round it decide.
    weak: bool,
}

/// The number that starts with the token at `at`, by its form alone.
pub(super) fn phone_at(
    catalog: &Catalog,
    view: &View,
    tokens: &[Token],
    state: &mut State,
    at: usize,
) -> Option<Phone> {
    let start = tokens.get(at).filter(|token| token.is_number())?;
    if state.is_used(at) {
        return None;
    }
    let (plus, first_cell) = lead(view, start.start);
    let starts_well = plus || start.text.starts_with(['0', '8', '1']);
    if !starts_well || !is_free_before(view, tokens, state, at, first_cell) {
        return None;
    }
    // "0.912345678" is a fraction.
    let fraction = start.text.len() == 1
        && matches!(view.ch(start.end), Some('.' | ','))
        && tokens.get(at + 1).is_some_and(|next| next.text.len() > 3);
    if fraction {
        return None;
    }
    let national = start.text.starts_with('0') && (3..=5).contains(&start.text.len());
    let mut digits = String::new();
    let mut letters = 0;
    let mut ends = Vec::new();
    let mut last_cell = start.start;
    for (index, token) in tokens.iter().enumerate().skip(at).take(MAX_GROUPS) {
        let Sort::Number { letters: more } = token.sort else {
            break;
        };
        let joined = index == at
            || is_joined(view, last_cell, token.start)
            || national && is_joined_loosely(view, last_cell, token.start);
        if !joined || state.is_used(index) || digits.len() + token.text.len() > 17 {
            break;
        }
        digits.push_str(&token.text);
        letters += more;
        last_cell = token.end;
        let enough = digits.len() >= 8 && digits.len() - letters >= 6 && letters <= 4;
        if enough && is_free_after(view, tokens, index) {
            ends.push((index + 1, token.end, digits.len()));
        }
    }
    let phone = |(end, end_cell, reading, weak)| Phone {
        end,
        first_cell,
        end_cell,
        reading,
        weak,
    };
    // The longest first: a state number or an old one may begin like a shorter one.
    let own = ends.iter().rev().find_map(|(end, cell, length)| {
        let written = phone::with_prefix(plus, digits.get(..*length)?.to_owned());
        Some((*end, *cell, phone::certain(catalog, &written)?, false))
    });
    if own.is_some() {
        return own.map(phone);
    }
    // "0044…" in one piece; apart, the zeros mean nothing.
    let abroad = plus || start.text.starts_with("00") && start.text.len() >= 4;
    if !abroad || at < state.foreign_tried {
        return None;
    }
    let foreign = ends
        .iter()
        .rev()
        .take(MAX_TRIES)
        .find_map(|(end, cell, length)| {
            let written = phone::with_prefix(plus, digits.get(..*length)?.to_owned());
            let abroad = written.international && !written.digits.starts_with("84");
            let reading = abroad
                .then(|| phone::certain_foreign(&written.digits))
                .flatten()?;
            Some((*end, *cell, reading, false))
        });
    // Faked caller ids are often no valid numbers; a sum with a plus is shorter or round.
    let foreign = foreign.or_else(|| {
        let (end, cell, length) = ends.last().filter(|_| plus)?;
        let digits = digits.get(..*length)?;
        let odd = digits.len() >= 10 && !digits.ends_with("000") && !digits.starts_with("84");
        let reading = odd.then(|| phone::possible_foreign(digits)).flatten()?;
        Some((*end, *cell, reading, true))
    });
    if foreign.is_none() {
        state.foreign_tried = at + MAX_GROUPS;
    }
    foreign.map(phone)
}

/// The plus and the bracket that belong to a number.
fn lead(view: &View, start: usize) -> (bool, usize) {
    match view.before(start) {
        Some('+') => match start.checked_sub(2).and_then(|at| view.ch(at)) {
            Some('(') => (true, start - 2),
            _ => (true, start - 1),
        },
        Some('(') => (false, start - 1),
        _ => (false, start),
    }
}

/// Whether a number may start here: not in the middle of a longer one or of an id.
fn is_free_before(
    view: &View,
    tokens: &[Token],
    state: &State,
    at: usize,
    first_cell: usize,
) -> bool {
    let Some(before) = view.before(first_cell) else {
        return true;
    };
    if matches!(before, '#' | '$' | '=' | '*' | '&' | '%' | '@' | '_' | '\\') {
        return false;
    }
    let Some(previous) = at.checked_sub(1).and_then(|index| tokens.get(index)) else {
        return true;
    };
    let touches = previous.end + 1 == first_cell || previous.end == first_cell;
    if !touches || before == ' ' || before == '\n' || before == '(' {
        return true;
    }
    match previous.sort {
        Sort::Number { .. } => state.is_used(at - 1) && before != ':',
        Sort::Mixed => matches!(before, ':'),
        // "HD-0912345678" is an id, "Zalo-0912345678" a number.
        Sort::Word => {
            previous.end == first_cell || before != '-' && before != '.' || {
                !matches!(
                    previous.text.as_str(),
                    "hd" | "gd" | "dh" | "don" | "ma" | "so" | "id"
                )
            }
        }
    }
}

/// Whether a number may end here: no digits hang on to it.
fn is_free_after(view: &View, tokens: &[Token], at: usize) -> bool {
    let (Some(token), Some(next)) = (tokens.get(at), tokens.get(at + 1)) else {
        return true;
    };
    let sign = only_sign(view, token.end, next.start);
    let hangs = matches!(sign, Some('.' | ',' | '-' | '_' | '='));
    !hangs
        || !(next.is_number() || next.sort == Sort::Mixed)
        || next.text.starts_with('0') && next.text.len() >= 3
        || next.text.starts_with("84") && next.text.len() >= 9
}

/// Whether the words after a number make it an amount.
pub(super) fn is_amount(view: &View, tokens: &[Token], end: usize) -> bool {
    let Some(last) = end.checked_sub(1).and_then(|at| tokens.get(at)) else {
        return false;
    };
    if matches!(view.ch(last.end), Some('đ' | '₫' | '$' | '%')) {
        return true;
    }
    let Some(next) = tokens.get(end) else {
        return false;
    };
    let apart = next.start > last.end;
    let beside = !apart || next.start == last.end + 1 && view.ch(last.end) == Some(' ');
    // "ngân hàng" is no thousand, and after a long number "k" is "không".
    let bank = next.text == "ngan" && tokens.get(end + 1).is_some_and(|word| word.text == "hang");
    let doubtful = apart && next.text.len() == 1 && last.text.len() > 8;
    next.is_word() && beside && is_currency(&next.text) && !bank && !doubtful
}

/// Whether a number is written in thousands: `1.900.000.000`.
pub(super) fn is_in_thousands(view: &View, tokens: &[Token], first: usize, end: usize) -> bool {
    let Some([head, rest @ ..]) = tokens.get(first..end) else {
        return false;
    };
    let Some(last) = rest.last() else {
        return false;
    };
    head.text.len() <= 3
        && rest.iter().all(|token| token.text.len() == 3)
        && (head.end..last.start).any(|cell| view.ch(cell) == Some('.'))
}

/// "chuyển 0987654321 đồng": a sum by the word before it and its unit; "đồng ý" is none.
fn moved_dong(view: &View, tokens: &[Token], at: usize, end: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| tokens.get(at));
    let moved = before.is_some_and(|token| {
        matches!(
            token.text.as_str(),
            "chuyen" | "ck" | "nop" | "nap" | "gui" | "mat" | "tru" | "tien"
        )
    });
    let unit = tokens.get(end).is_some_and(|token| {
        let written = view.string(token.start, token.end).to_lowercase();
        matches!(written.as_str(), "đồng" | "vnd" | "vnđ")
    });
    let agrees = tokens
        .get(end + 1)
        .is_some_and(|next| matches!(next.text.as_str(), "y" | "chi" | "nghiep" | "thoi" | "bang"));
    moved && unit && !agrees
}

/// Telephone numbers, and the messengers that the words before them name.
pub(super) fn phones(search: &mut Search<'_>, tokens: &[Token], state: &mut State) {
    let mut at = 0;
    while at < tokens.len() && !search.full() {
        let Some(phone) = phone_at(search.catalog, &search.view, tokens, state, at) else {
            at += 1;
            continue;
        };
        let national = tokens
            .get(at)
            .is_some_and(|token| token.text.starts_with('0'));
        let certain = !phone.weak && (national || search.view.ch(phone.first_cell) == Some('+'));
        let dong = moved_dong(&search.view, tokens, at, phone.end);
        let amount = dong
            || !certain
                && (is_amount(&search.view, tokens, phone.end)
                    || is_in_thousands(&search.view, tokens, at, phone.end));
        // What can only be a telephone is one, unless it is called something else outright.
        let said = state.labels.before(&search.view, tokens, at);
        let otherwise = said.label == Some(Label::Other) && (said.close || !certain);
        if amount || otherwise {
            state.use_up(at, phone.end);
            at = phone.end;
            continue;
        }
        state.use_up(at, phone.end);
        let reading = behind::number(
            search.catalog,
            &search.view,
            tokens,
            at..phone.end,
            phone.reading,
        );
        let owner = own_phones::owner(&search.view, tokens, at, phone.end);
        let (first, end) = (phone.first_cell, phone.end_cell);
        search.note_of(first, end, Kind::Phone, Ok(reading), owner);
        at = phone.end;
    }
}
