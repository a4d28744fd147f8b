//! Messengers and wallets named beside a telephone number: "Zalo/Viber: 0912…", "0912… (momo)".

use std::ops::Range;

use super::super::catalog::{Catalog, Institution, Resolved};
use super::super::model::Reading;
use super::super::platform::{Account, Platform};
use super::super::{account, ewallet};
use super::handles::platform_ending;
use super::tokens::Token;
use super::view::View;
use super::words::ends_sentence;

/// How many words before a number are looked at.
const REACH: usize = 6;

/// Longest word of a wallet's name.
const MAX_WORD: usize = 20;

/// Where a telephone number is an account.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Messenger(Platform),
    Wallet(String),
}

/// A number with a messenger's name beside it is the account there; the number follows from it.
pub(super) fn number(
    catalog: &Catalog,
    view: &View,
    tokens: &[Token],
    number: Range<usize>,
    phone: Reading,
) -> Reading {
    if !phone.indicator.value.starts_with('+') {
        return phone;
    }
    let places = places(catalog, view, tokens, &number);
    // A wallet alone is looked for among the accounts.
    let first = match places.first() {
        Some(Place::Messenger(_)) => places.first(),
        _ => None,
    };
    let Some(mut reading) = first.and_then(|place| read(catalog, place, &phone)) else {
        return phone;
    };
    reading.warnings.extend(phone.warnings.iter().copied());
    also_at(catalog, &places, &phone, &mut reading);
    reading
}

/// What a wallet's number is besides, where other names are joined to the wallet's.
pub(super) fn wallet(
    catalog: &Catalog,
    view: &View,
    tokens: &[Token],
    number: Range<usize>,
    reading: &mut Reading,
) {
    let phone = reading.derived.first().cloned().map(Reading::plain);
    if let Some(phone) = phone.filter(|phone| phone.indicator.value.starts_with('+')) {
        let places = places(catalog, view, tokens, &number);
        also_at(catalog, &places, &phone, reading);
    }
}

/// "Zalo/Viber: 0912…" is an account on each.
fn also_at(catalog: &Catalog, places: &[Place], phone: &Reading, reading: &mut Reading) {
    for place in places {
        let Some(other) = read(catalog, place, phone) else {
            continue;
        };
        let known = std::iter::once(&reading.indicator)
            .chain(&reading.derived)
            .any(|known| {
                known.kind == other.indicator.kind && known.value == other.indicator.value
            });
        if !known {
            reading.derived.push(other.indicator);
        }
    }
}

fn read(catalog: &Catalog, place: &Place, phone: &Reading) -> Option<Reading> {
    let number = &phone.indicator.value;
    match place {
        Place::Messenger(platform) => Some(account::reading(
            catalog,
            Account::new(*platform, number.clone()),
        )),
        Place::Wallet(code) => ewallet::compose(catalog, code, number).ok(),
    }
}

/// The names beside a number, nearest first: those before it, else those in brackets after it.
fn places(catalog: &Catalog, view: &View, tokens: &[Token], number: &Range<usize>) -> Vec<Place> {
    let found = before(catalog, view, tokens, number.start);
    match found.is_empty() {
        true => after(catalog, view, tokens, number.end),
        false => found,
    }
}

fn before(catalog: &Catalog, view: &View, tokens: &[Token], number: usize) -> Vec<Place> {
    let mut found = Vec::new();
    let mut at = number;
    let mut and = false;
    while let Some(last) = at.checked_sub(1).filter(|last| number - last <= REACH) {
        let (Some(token), Some(next)) = (tokens.get(last), tokens.get(at)) else {
            break;
        };
        if ends_sentence(view, token.end, next.start) {
            break;
        }
        let listed = is_listed(view, token.end, next.start);
        if let Some((place, width)) = place_ending(catalog, tokens, last) {
            if !(found.is_empty() || listed || and) {
                break;
            }
            found.push(place);
            and = false;
            at -= width;
        } else if !found.is_empty() && matches!(token.text.as_str(), "va" | "hoac" | "hay") {
            and = true;
            at -= 1;
        } else if is_small(&token.text) && (found.is_empty() || listed) {
            at -= 1;
        } else {
            break;
        }
    }
    found
}

/// "0912… (Zalo)", "0912… (zalo/momo)".
fn after(catalog: &Catalog, view: &View, tokens: &[Token], end: usize) -> Vec<Place> {
    let mut found = Vec::new();
    let mut at = end;
    while let (Some(token), Some(before)) = (
        tokens.get(at).filter(|_| at < end + REACH),
        at.checked_sub(1).and_then(|before| tokens.get(before)),
    ) {
        let joined = match found.is_empty() {
            true => view.before(token.start) == Some('(') && token.start - before.end <= 2,
            false => is_listed(view, before.end, token.start),
        };
        let Some((place, width)) = joined
            .then(|| {
                // "Zalo Pay" before "Zalo".
                [1, 0].iter().find_map(|more| {
                    place_ending(catalog, tokens, at + more).filter(|(_, width)| *width == more + 1)
                })
            })
            .flatten()
        else {
            break;
        };
        found.push(place);
        at += width;
    }
    found
}

fn is_listed(view: &View, from: usize, to: usize) -> bool {
    to.saturating_sub(from) <= 3
        && (from..to).any(|at| matches!(view.ch(at), Some('/' | '+' | '&' | ',')))
}

/// The messenger or wallet whose name ends with a token, and how many words it takes.
fn place_ending(catalog: &Catalog, tokens: &[Token], last: usize) -> Option<(Place, usize)> {
    let wallet = |width: usize| {
        let words = tokens.get((last + 1).checked_sub(width)?..=last)?;
        let short = words
            .iter()
            .all(|token| token.is_word() && token.text.len() <= MAX_WORD);
        let name: String = words
            .iter()
            .filter(|_| short)
            .map(|token| token.text.as_str())
            .collect();
        match catalog.names.exactly(&name)?.resolved() {
            Resolved::One(Institution::Wallet(code)) => Some((Place::Wallet(code), width)),
            _ => None,
        }
    };
    wallet(2)
        .or_else(|| {
            let platform = platform_ending(tokens, last).filter(|found| is_by_number(*found))?;
            Some((Place::Messenger(platform), 1))
        })
        .or_else(|| wallet(1))
}

/// Messengers whose accounts are telephone numbers.
fn is_by_number(platform: Platform) -> bool {
    matches!(
        platform,
        Platform::Zalo
            | Platform::Telegram
            | Platform::WhatsApp
            | Platform::Viber
            | Platform::Signal
    )
}

/// Words that may stand between a messenger and a number.
fn is_small(folded: &str) -> bool {
    matches!(
        folded,
        "so" | "sdt"
            | "dt"
            | "la"
            | "qua"
            | "cua"
            | "em"
            | "nick"
            | "id"
            | "oa"
            | "theo"
            | "dien"
            | "thoai"
            | "minh"
            | "nay"
    )
}
