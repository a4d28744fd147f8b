//! What may stand between a bank's name and the number beside it.

use super::account_numbers::could_be_sum;
use super::tokens::Token;
use super::view::View;
use super::words::{ends_sentence, is_filler};

/// Most words of a holder's name with what leads to it.
pub(super) const MAX_NAME: usize = 7;

/// Most words that say whose an account is: "của bà ngoại tôi là".
const MAX_POSSESSOR: usize = 5;

/// Most small words between a name and the number beside it.
pub(super) const MAX_BETWEEN: usize = 4;

/// Only small words, a branch or a holder's name stand between the name and the number after it.
pub(super) fn leads_to(view: &View, tokens: &[Token], name_end: usize, number: usize) -> bool {
    let between = tokens.get(name_end..number).unwrap_or_default();
    let near = close(view, tokens, name_end, number) || is_column(view, tokens, name_end, number);
    let named = is_name(view, between) || is_possessor(between);
    near && (are_fillers(between) || is_long(tokens, number) && named)
}

/// Only small words or a holder's name stand between the number and the name after it.
pub(super) fn belongs_to(view: &View, tokens: &[Token], number_end: usize, name: usize) -> bool {
    let between = tokens.get(number_end..name).unwrap_or_default();
    let near = close(view, tokens, number_end, name) || is_column(view, tokens, number_end, name);
    let number = number_end.checked_sub(1);
    near && (are_fillers(between)
        || number.is_some_and(|number| is_long(tokens, number)) && is_name(view, between))
}

fn are_fillers(between: &[Token]) -> bool {
    between.len() <= MAX_BETWEEN
        && between
            .iter()
            .all(|token| token.is_word() && is_filler(&token.text))
}

/// "LE VAN C", "tên Giàng A Sử tại", "chi nhánh Điện Biên": words with capitals, and what leads to them.
fn is_name(view: &View, between: &[Token]) -> bool {
    let leads = |word: &str| {
        matches!(
            word,
            "ten" | "chu" | "ctk" | "cn" | "chi" | "nhanh" | "pgd" | "acc" | "no"
        ) || is_filler(word)
    };
    let capital = |token: &Token| view.ch(token.start).is_some_and(char::is_uppercase);
    let names = between.iter().filter(|token| capital(token)).count();
    between.len() <= MAX_NAME
        && (1..=5).contains(&names)
        && between.iter().all(|token| {
            token.is_word()
                && token.end - token.start <= 7
                && (capital(token) || leads(&token.text))
        })
}

/// "của mẹ tôi", "của nó", "của chị Lan là": whose the account is, with small words round it.
fn is_possessor(between: &[Token]) -> bool {
    let of = between.iter().position(|token| token.text == "cua");
    let Some((before, whose)) = of.and_then(|of| between.split_at_checked(of)) else {
        return false;
    };
    are_fillers(before)
        && (2..=MAX_POSSESSOR).contains(&whose.len())
        && whose.iter().all(Token::is_word)
}

/// Long enough for an account and no telephone: only then may a name stand between.
fn is_long(tokens: &[Token], at: usize) -> bool {
    let text = |at: usize| {
        tokens
            .get(at)
            .filter(|token| token.is_number())
            .map_or("", |token| token.text.as_str())
    };
    let number = text(at);
    let national = number.starts_with('0') && !number.starts_with("00");
    number.len() >= 12 || number.len() >= 9 && !national && !could_be_sum(number)
}

/// "MBBank; 9999…", "NGUYEN VAN A | 9999… | VCB": columns of a form in one line.
pub(super) fn is_column(view: &View, tokens: &[Token], left: usize, right: usize) -> bool {
    let (Some(before), Some(after)) = (
        left.checked_sub(1).and_then(|at| tokens.get(at)),
        tokens.get(right),
    ) else {
        return false;
    };
    left == right
        && after.start.saturating_sub(before.end) <= 3
        && (before.end..after.start)
            .all(|at| matches!(view.ch(at), Some(' ' | ';' | '|' | ':' | ',' | '-' | '*')))
}

/// No sentence ends between the token before `from` and the token at `to`.
fn close(view: &View, tokens: &[Token], from: usize, to: usize) -> bool {
    let (Some(left), Some(right)) = (
        from.checked_sub(1).and_then(|at| tokens.get(at)),
        tokens.get(to),
    ) else {
        return false;
    };
    right.start.saturating_sub(left.end) <= 40
        && (from..=to).all(|at| {
            let (Some(before), Some(after)) = (tokens.get(at - 1), tokens.get(at)) else {
                return false;
            };
            !ends_sentence(view, before.end, after.start)
        })
}
