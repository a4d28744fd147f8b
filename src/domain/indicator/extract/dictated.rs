//! Accounts whose numbers are dictated: "tài khoản ngân hàng MB số không không một một hai hai ba ba …".
//!
//! Figures in words count only behind a word for an account, and only many of them: see `spelled` for why.

use super::super::catalog::{Catalog, Resolved};
use super::super::model::{Input, Kind, Reading};
use super::super::parse;
use super::Search;
use super::numbers::State;
use super::spelled::{digits, is_joined, repeated};
use super::tokens::Token;
use super::view::View;

/// Digits of an account that is dictated; a shorter one may be anything.
const LENGTHS: std::ops::RangeInclusive<usize> = 8..=19;

/// Least words among them.
const LEAST_WORDS: usize = 8;

/// Words before the number in which the account and its bank are named.
const REACH: usize = 8;

/// Words that are names of banks as little as they look like.
const NO_BANKS: [&str; 9] = [
    "so", "tai", "khoan", "stk", "ngan", "hang", "chu", "la", "vao",
];

/// Finds them, before telephone numbers in words.
pub(super) fn find(search: &mut Search<'_>, tokens: &[Token], state: &mut State) {
    let mut at = 0;
    while at < tokens.len() && !search.full() {
        let Some((end, number)) = number_at(&search.view, tokens, state, at) else {
            at += 1;
            continue;
        };
        let account = account(search.catalog, &search.view, tokens, (at, end), &number);
        let ends = (tokens.get(at), tokens.get(end - 1));
        if let (Some(reading), (Some(first), Some(last))) = (account, ends) {
            search.note(first.start, last.end, Kind::BankAccount, Ok(reading));
            state.use_up(at, end);
        }
        at = end;
    }
}

/// All figures from a token on, and the token behind them.
fn number_at(view: &View, tokens: &[Token], state: &State, at: usize) -> Option<(usize, String)> {
    let begins = |at: usize| tokens.get(at).is_some_and(|token| digits(token).is_some());
    let inside = at > 0 && begins(at - 1) && is_joined(view, tokens, at);
    if !begins(at) || inside {
        return None;
    }
    let (mut number, mut words, mut index) = (String::new(), 0, at);
    while let Some(token) = tokens.get(index) {
        if index > at && !is_joined(view, tokens, index) || state.is_used(index) {
            break;
        }
        let (more, taken) = match (repeated(view, tokens, index), digits(token)) {
            (Some(more), _) => (more, 3),
            (None, Some(more)) => (more.to_owned(), 1),
            (None, None) => break,
        };
        number.push_str(&more);
        words += if token.is_word() { taken } else { 0 };
        index += taken;
        if number.len() > *LENGTHS.end() {
            return None;
        }
    }
    (words >= LEAST_WORDS && LENGTHS.contains(&number.len())).then_some((index, number))
}

/// The account that the words round a number name.
fn account(
    catalog: &Catalog,
    view: &View,
    tokens: &[Token],
    (at, end): (usize, usize),
    number: &str,
) -> Option<Reading> {
    let before = tokens.get(at.saturating_sub(REACH)..at)?;
    let texts: Vec<&str> = before.iter().map(|token| token.text.as_str()).collect();
    let pair = |one: &str, two: &str| texts.windows(2).rposition(|pair| pair == [one, two]);
    let label = pair("tai", "khoan").or_else(|| texts.iter().rposition(|word| *word == "stk"))?;
    let first = before.get(label)?;
    let said = view.string(first.start, tokens.get(at)?.start);
    let other_sentence = said.contains('\n') || said.contains(". ");
    let own = ["toi", "em", "minh", "chau", "con", "me", "bo"]
        .iter()
        .any(|teller| pair("cua", teller).is_some());
    if other_sentence || own || pair("bi", "tru").is_some() {
        return None;
    }
    let behind: Vec<&str> = (end..end + 3)
        .filter(|index| is_joined(view, tokens, *index))
        .filter_map(|index| tokens.get(index))
        .map(|token| token.text.as_str())
        .collect();
    let named = texts.get(label..).and_then(|words| bank_in(catalog, words));
    let bank = named.or_else(|| {
        let starts = (1..=behind.len()).rev();
        starts
            .filter_map(|length| behind.get(..length))
            .find_map(|words| bank_of(catalog, words))
    });
    let input = Input {
        kind: Kind::BankAccount,
        value: number,
        bank: bank.as_deref(),
    };
    parse(catalog, &input).ok()
}

/// The bank that is named last among these words.
fn bank_in(catalog: &Catalog, words: &[&str]) -> Option<String> {
    (1..=words.len()).rev().find_map(|end| {
        let starts = end.saturating_sub(3)..end;
        starts
            .filter_map(|start| words.get(start..end))
            .find_map(|words| bank_of(catalog, words))
    })
}

/// The bank that these words name, all of them.
fn bank_of(catalog: &Catalog, words: &[&str]) -> Option<String> {
    let name = words.join(" ");
    let known = words.iter().all(|word| !NO_BANKS.contains(word))
        && matches!(catalog.resolve(&name), Resolved::One(_));
    known.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::super::contexts::check_values;

    #[test]
    fn a_dictated_account_is_found_with_its_bank() {
        check_values(&[
            (
                "vào tài khoản ngân hàng mb số không không một một hai hai ba ba bốn bốn năm năm em chuyển rồi",
                &["bank_account 970422:001122334455"],
            ),
            (
                "stk không chín một hai ba bốn năm sáu bảy tám vietcombank",
                &["bank_account 970436:0912345678"],
            ),
            (
                "so tai khoan mot chin khong ba tam hai bay bon sau nam khong khong mot hai techcombank",
                &["bank_account 970407:19038274650012"],
            ),
            (
                "tài khoản một chín không ba tám hai bảy bốn sáu năm",
                &["bank_account ?:1903827465"],
            ),
            // The teller's own, and what is none.
            (
                "tài khoản của tôi số một chín không ba tám hai bảy bốn sáu năm",
                &[],
            ),
            ("tài khoản một hai ba bốn năm sáu bảy", &[]),
            ("mở tài khoản. Đếm một hai ba bốn năm sáu bảy tám chín", &[]),
            ("đếm một hai ba bốn năm sáu bảy tám chín mười", &[]),
        ]);
    }
}
