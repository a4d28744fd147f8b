//! Banks and wallets named in a text.

use super::super::bank_account::Holder;
use super::super::catalog::Catalog;
use super::numbers::{State, phone_at};
use super::tokens::Token;
use super::view::View;

/// Most words of a name that is looked up.
const MAX_WORDS: usize = 16;

/// A bank or wallet named in the text.
#[derive(Debug)]
pub(super) struct Mention {
    pub(super) first: usize,
    pub(super) end: usize,
    pub(super) holder: Holder,
}

/// Every bank and wallet named in the text.
pub(super) fn find(
    catalog: &Catalog,
    view: &View,
    tokens: &[Token],
    state: &mut State,
) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match named_at(catalog, view, tokens, state, at) {
            Some((end, holder)) => {
                found.push(Mention {
                    first: at,
                    end,
                    holder,
                });
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// The name that begins with a token: where it ends, and whom it means.
fn named_at(
    catalog: &Catalog,
    view: &View,
    tokens: &[Token],
    state: &mut State,
    at: usize,
) -> Option<(usize, Holder)> {
    let run = tokens.get(at..)?;
    let lead = lead(run);
    let words = run
        .iter()
        .enumerate()
        .take(MAX_WORDS)
        .take_while(|(index, token)| {
            let joined = match index.checked_sub(1).and_then(|before| run.get(before)) {
                Some(before) => {
                    is_joined(view, before.end, token.start, lead > 0 && *index == lead)
                }
                None => true,
            };
            joined && !token.is_number()
        })
        .map(|(_, token)| token.text.as_str());
    let whole = catalog.names.longest(words.clone());
    if lead == 0 && whole.is_none() {
        return None;
    }
    let words: Vec<&str> = words.collect();
    // "NHTMCP Công thương", "Ngân hàng: Quân Đội": whatever the bank is called before its name.
    let led = match words.get(lead..) {
        Some(rest) if lead > 0 => catalog
            .names
            .longest(["ngan", "hang"].into_iter().chain(rest.iter().copied()))
            .filter(|(length, _)| *length > 2)
            .map(|(length, entry)| (lead + length - 2, entry)),
        _ => None,
    };
    if let Some((length, entry)) = led.filter(|(length, entry)| {
        entry.brand && whole.is_none_or(|(other, whole)| !whole.brand || *length >= other)
    }) {
        let country = match words.get(length..) {
            Some(["viet", "nam", ..]) => 2,
            Some(["vn", ..]) => 1,
            _ => 0,
        };
        return Some((at + length + country, Holder::named(entry.resolved())));
    }
    let (length, entry) = whole?;
    let end = at + length;
    let meant = entry.brand || entry.short && is_short_name(catalog, view, tokens, state, at, end);
    meant.then(|| (end, Holder::named(entry.resolved())))
}

/// How many words say only that a bank follows: "ngân hàng TMCP", "NH thụ hưởng".
fn lead(run: &[Token]) -> usize {
    const FIRST: [&[&str]; 5] = [
        &["ngan", "hang"],
        &["nh"],
        &["nhtmcp"],
        &["tmcp"],
        &["bank"],
    ];
    const MORE: [&[&str]; 8] = [
        &["tmcp"],
        &["thuong", "mai"],
        &["co", "phan"],
        &["tnhh"],
        &["mtv"],
        &["thu", "huong"],
        &["nhan"],
        &["la"],
    ];
    let begins = |from: usize, words: &[&str]| {
        run.get(from..from + words.len()).is_some_and(|part| {
            part.iter()
                .zip(words)
                .all(|(token, word)| token.text == *word)
        })
    };
    let Some(first) = FIRST.iter().find(|words| begins(0, words)) else {
        return 0;
    };
    let mut length = first.len();
    while length < MAX_WORDS / 2 {
        match MORE.iter().find(|words| begins(length, words)) {
            Some(words) => length += words.len(),
            None => break,
        }
    }
    length
}

/// Whether two words belong to one name; after "ngân hàng" a colon may stand.
fn is_joined(view: &View, from: usize, to: usize, after_lead: bool) -> bool {
    // "Sài Gòn - Hà Nội".
    let hyphen = to - from == 3 && view.ch(from + 1) == Some('-');
    let most = if after_lead { 3 } else { 2 };
    (to - from <= most || hyphen)
        && (from..to).all(|at| match view.ch(at) {
            Some(':') => after_lead,
            Some('\n' | ',' | ';' | '!' | '?' | '(' | ')') => false,
            _ => true,
        })
}

/// "Tech", "VP", "HD" are also other words: they mean the bank after "STK" or "NH", and right beside
/// a number that is long enough and no telephone.
fn is_short_name(
    catalog: &Catalog,
    view: &View,
    tokens: &[Token],
    state: &mut State,
    first: usize,
    end: usize,
) -> bool {
    let (Some(head), Some(tail)) = (
        tokens.get(first),
        end.checked_sub(1).and_then(|at| tokens.get(at)),
    ) else {
        return false;
    };
    // "HĐ" is a contract; a name of two words is told by its number.
    let single = end - first == 1;
    if single && (head.start..tail.end).any(|cell| !view.ch(cell).is_some_and(|c| c.is_ascii())) {
        return false;
    }
    let before = first.checked_sub(1).and_then(|at| tokens.get(at));
    match before.map(|token| token.text.as_str()) {
        Some("stk" | "sotk" | "tk" | "ck" | "nh" | "hang" | "bank" | "khoan") => return true,
        Some("so" | "ma" | "theo" | "ky" | "tai") => return false,
        _ => {}
    }
    let letters = tail.end - head.start;
    let least = if letters <= 2 || !single { 10 } else { 8 };
    let long = |range: std::ops::Range<usize>| {
        let digits: usize = tokens
            .get(range)
            .unwrap_or_default()
            .iter()
            .take_while(|token| token.is_number())
            .map(|token| token.text.len())
            .sum();
        digits >= least
    };
    let after = tokens.get(end).is_some_and(|next| {
        next.is_number() && next.start - tail.end <= 2 && long(end..tokens.len().min(end + 8))
    });
    if after {
        return phone_at(catalog, view, tokens, state, end).is_none();
    }
    // "1903 1234 5678 90 tech": all its groups.
    let groups = (0..first)
        .rev()
        .take(8)
        .take_while(|at| {
            tokens.get(*at).is_some_and(|token| {
                let next = tokens.get(at + 1).map_or(token.end, |next| next.start);
                token.is_number() && next - token.end <= 2
            })
        })
        .last();
    groups.is_some_and(|at| long(at..first) && phone_at(catalog, view, tokens, state, at).is_none())
}
