//! Accounts that the words beside them name: "Telegram @ten", "Zalo 0912…", "tin nhắn từ VCB".

use super::super::account;
use std::ops::Range;

use super::super::catalog::Catalog;
use super::super::model::{Indicator, Kind, Reading};
use super::super::platform::{Account, Platform};
use super::Search;
use super::tokens::Token;
use super::view::View;
use super::words::ends_sentence;

/// `@ten` after the name of a platform, and `fb: ten.9`.
pub(super) fn names(search: &mut Search<'_>, tokens: &[Token]) {
    let mut at = 0;
    while at < tokens.len() && !search.full() {
        let step = at_sign(search, tokens, at)
            .or_else(|| after_colon(search, tokens, at))
            .or_else(|| sender(search, tokens, at));
        at = step.unwrap_or(at + 1).max(at + 1);
    }
}

/// A token after `@`, if a platform was named a few words before.
fn at_sign(search: &mut Search<'_>, tokens: &[Token], at: usize) -> Option<usize> {
    let token = tokens.get(at)?;
    if search.view.before(token.start) != Some('@') {
        return None;
    }
    let glued = token
        .start
        .checked_sub(2)
        .and_then(|before| search.view.ch(before))
        .is_some_and(char::is_alphanumeric);
    let platform = (1..=6).find_map(|back| platform_ending(tokens, at.checked_sub(back)?))?;
    let end = handle_end(search, token.start);
    if glued || end <= token.start {
        return None;
    }
    note(search, platform, token.start - 1, token.start, end)?;
    Some(tokens.partition_point(|token| token.start < end))
}

/// "fb: nguyen.van.a", "telegram: ten_9": a colon, and a name that is no word of speech.
fn after_colon(search: &mut Search<'_>, tokens: &[Token], at: usize) -> Option<usize> {
    let name = at.checked_sub(1).and_then(|before| tokens.get(before))?;
    let token = tokens.get(at)?;
    let between = search.view.string(name.end, token.start);
    if !matches!(between.trim(), ":" | "là:" | "id:") {
        return None;
    }
    let platform = platform_ending(tokens, at - 1)?;
    let end = handle_end(search, token.start);
    let handle = search.view.string(token.start, end);
    let odd = handle.contains(|c: char| c.is_ascii_digit() || matches!(c, '.' | '_'))
        && handle.contains(|c: char| c.is_ascii_alphabetic());
    if !odd || handle.len() < 5 || !handle.is_ascii() {
        return None;
    }
    note(search, platform, token.start, token.start, end)?;
    Some(tokens.partition_point(|token| token.start < end))
}

/// Notes the handle in the cells from `start` to `end`; the trace may begin with its sign.
fn note(
    search: &mut Search<'_>,
    platform: Platform,
    first: usize,
    start: usize,
    end: usize,
) -> Option<()> {
    let handle = search.view.string(start, end);
    let account = platform.handle(search.catalog, &handle)?;
    let reading = account::reading(search.catalog, account);
    search.note(first, end, Kind::SocialAccount, Ok(reading));
    Some(())
}

fn handle_end(search: &Search<'_>, start: usize) -> usize {
    let mut end = search.view.run(start, 64, |c| {
        c.is_ascii_alphanumeric() || matches!(c, '.' | '_')
    });
    while end > start && matches!(search.view.before(end), Some('.')) {
        end -= 1;
    }
    end
}

/// The platform whose name ends with this token ("tik tok" takes two).
fn platform_ending(tokens: &[Token], at: usize) -> Option<Platform> {
    let token = tokens.get(at).filter(|token| token.is_word())?;
    // "x" and "line" are also words.
    if matches!(token.text.as_str(), "x" | "line" | "face" | "yt" | "wa") {
        return None;
    }
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    match (before, token.text.as_str()) {
        (Some(before), "tok") if before.text == "tik" => Some(Platform::TikTok),
        _ => Platform::from_name(&token.text),
    }
}

/// A number with a messenger's name beside it is the account there; the number follows from it.
pub(super) fn behind_number(
    catalog: &Catalog,
    view: &View,
    tokens: &[Token],
    number: Range<usize>,
    phone: Reading,
) -> Reading {
    if !phone.indicator.value.starts_with('+') {
        return phone;
    }
    let mut platforms = messengers_before(view, tokens, number.start);
    if platforms.is_empty() {
        platforms.extend(messenger_after(view, tokens, number.end));
    }
    let mut accounts = platforms.into_iter().map(|platform| {
        account::reading(
            catalog,
            Account::new(platform, phone.indicator.value.clone()),
        )
    });
    let Some(mut reading) = accounts.next() else {
        return phone;
    };
    // "Zalo/Viber: 0912…" is an account on each.
    reading
        .derived
        .extend(accounts.map(|other| other.indicator));
    reading.warnings.extend(phone.warnings);
    reading
}

/// The messengers that the words right before a number name, nearest first.
fn messengers_before(view: &View, tokens: &[Token], number: usize) -> Vec<Platform> {
    let mut found = Vec::new();
    for back in 1..=4 {
        let Some(at) = number.checked_sub(back) else {
            break;
        };
        let (Some(token), Some(next)) = (tokens.get(at), tokens.get(at + 1)) else {
            break;
        };
        if ends_sentence(view, token.end, next.start) {
            break;
        }
        let listed = matches!(view.ch(token.end), Some('/' | '+' | '&'));
        match platform_ending(tokens, at).filter(|platform| is_by_number(*platform)) {
            Some(platform) if found.is_empty() || listed => found.push(platform),
            Some(_) => break,
            None if found.is_empty() && !listed && is_small(&token.text) => {}
            None => break,
        }
    }
    found
}

/// "0912… (Zalo)".
fn messenger_after(view: &View, tokens: &[Token], end: usize) -> Option<Platform> {
    let token = tokens.get(end)?;
    let number = tokens.get(end.checked_sub(1)?)?;
    let bracket = view.before(token.start) == Some('(') && token.start - number.end <= 2;
    bracket
        .then(|| platform_ending(tokens, end))
        .flatten()
        .filter(|platform| is_by_number(*platform))
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
            | "theo"
            | "dien"
            | "thoai"
            | "minh"
            | "nay"
    )
}

/// "brandname VIDU", "tin nhắn từ VIDU", "đầu số 8077", "gửi 8077".
fn sender(search: &mut Search<'_>, tokens: &[Token], at: usize) -> Option<usize> {
    let token = tokens.get(at)?;
    let said = |words: &[&str]| {
        at.checked_sub(words.len())
            .and_then(|first| tokens.get(first..at))
            .is_some_and(|run| {
                run.iter()
                    .zip(words)
                    .all(|(token, word)| token.text == *word)
            })
    };
    if token.is_number() {
        let code = (3..=5).contains(&token.text.len());
        let short = code && (said(&["dau", "so"]) || said(&["soan", "tin", "gui"]));
        return short
            .then(|| {
                let indicator =
                    Indicator::new(Kind::SmsSender, token.text.clone(), token.text.clone());
                search.note(
                    token.start,
                    token.end,
                    Kind::SmsSender,
                    Ok(Reading::plain(indicator)),
                );
            })
            .map(|()| at + 1);
    }
    let brandname = said(&["brandname"]) || said(&["brand", "name"]);
    let named = brandname || said(&["tin", "nhan", "tu"]) || said(&["sms", "tu"]);
    let end = search.view.run(token.start, 12, |c| {
        c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
    });
    let written = search.view.string(token.start, end);
    let brand = written.starts_with(|c: char| c.is_ascii_uppercase())
        && written.len() >= 3
        && (brandname
            || written
                .chars()
                .skip(1)
                .any(|c| c.is_ascii_uppercase() || c.is_ascii_digit()))
        && end >= token.end;
    (named && brand).then(|| {
        let value = written.to_ascii_uppercase();
        let reading = Reading::plain(Indicator::new(Kind::SmsSender, value, written));
        search.note(token.start, end, Kind::SmsSender, Ok(reading));
        tokens.partition_point(|token| token.start < end)
    })
}
