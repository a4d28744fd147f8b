//! Who an SMS says it is from: "brandname VIDU", "tin nhắn từ Vietcombank", "đầu số 8077".

use super::super::model::{Indicator, Kind, Reading};
use super::super::sms_sender;
use super::Search;
use super::tokens::Token;
use super::view::View;
use super::words::ends_sentence;

/// Longest name between quotation marks.
const MAX_NAME: usize = 20;

/// Most words of a sender's name.
const MAX_WORDS: usize = 4;

/// The sender that a token begins; where the search goes on.
pub(super) fn sender(search: &mut Search<'_>, tokens: &[Token], at: usize) -> Option<usize> {
    let token = tokens.get(at)?;
    if token.is_number() {
        let code = (3..=5).contains(&token.text.len());
        let short = code
            && (ends_with(tokens, at, &["dau", "so"])
                || ends_with(tokens, at, &["soan", "tin", "gui"]));
        return short.then(|| {
            let indicator = Indicator::new(Kind::SmsSender, token.text.clone(), token.text.clone());
            let reading = Ok(Reading::plain(indicator));
            search.note(token.start, token.end, Kind::SmsSender, reading);
            at + 1
        });
    }
    let lead = lead(&search.view, tokens, at)?;
    let end = quoted(&search.view, token.start)
        .or_else(|| known(search, tokens, at))
        .or_else(|| odd(&search.view, token, lead))?;
    let written = search.view.string(token.start, end);
    let reading = sms_sender::exactly(search.catalog, &written).ok()?;
    if reading.indicator.kind != Kind::SmsSender || !written.is_ascii() {
        return None;
    }
    search.note(token.start, end, Kind::SmsSender, Ok(reading));
    Some(tokens.partition_point(|token| token.start < end))
}

/// What announces a sender.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lead {
    /// "brandname", "tin nhắn thương hiệu": a name follows.
    Brandname,
    /// "tin nhắn từ": a name or a person follows.
    Message,
}

fn lead(view: &View, tokens: &[Token], at: usize) -> Option<Lead> {
    if is_between(&tokens.get(at)?.text) {
        return None;
    }
    let mut end = at;
    for _ in 0..4 {
        let (before, next) = (tokens.get(end.checked_sub(1)?)?, tokens.get(end)?);
        if ends_sentence(view, before.end, next.start) {
            return None;
        }
        if !is_lead_end(&before.text) && !is_between(&before.text) {
            return None;
        }
        let ends = |phrases: &[&[&str]]| phrases.iter().any(|words| ends_with(tokens, end, words));
        if ends(&[
            &["brandname"],
            &["brand", "name"],
            &["tin", "nhan", "thuong", "hieu"],
            &["sms", "thuong", "hieu"],
        ]) {
            return Some(Lead::Brandname);
        }
        if ends(&[
            &["tin", "nhan", "tu"],
            &["tin", "nhan", "cua"],
            &["tin", "nhan", "ten"],
            &["tin", "nhan", "mang", "ten"],
            &["tin", "nhan", "hien", "thi"],
            &["sms", "tu"],
            &["sms", "cua"],
        ]) {
            return Some(Lead::Message);
        }
        if !is_between(&before.text) {
            return None;
        }
        end -= 1;
    }
    None
}

/// The last words of what announces a sender.
fn is_lead_end(folded: &str) -> bool {
    matches!(
        folded,
        "brandname" | "name" | "hieu" | "tu" | "cua" | "ten" | "thi"
    )
}

/// Words between "tin nhắn từ" and the name.
fn is_between(folded: &str) -> bool {
    matches!(
        folded,
        "ngan" | "hang" | "nh" | "dau" | "so" | "mang" | "nha" | "ten" | "la"
    )
}

fn ends_with(tokens: &[Token], end: usize, words: &[&str]) -> bool {
    end.checked_sub(words.len())
        .and_then(|first| tokens.get(first..end))
        .is_some_and(|run| {
            run.iter()
                .zip(words)
                .all(|(token, word)| token.text == *word)
        })
}

/// A name between quotation marks.
fn quoted(view: &View, start: usize) -> Option<usize> {
    let close = match view.before(start)? {
        '"' => '"',
        '“' => '”',
        '«' => '»',
        '\'' => '\'',
        _ => return None,
    };
    let end = view.run(start, MAX_NAME, |c| {
        c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_' | '&' | '/')
    });
    (view.ch(end) == Some(close)).then_some(end)
}

/// The name of a bank, a wallet, a carrier or another known sender, with what hangs on to it.
fn known(search: &Search<'_>, tokens: &[Token], at: usize) -> Option<usize> {
    let run = tokens.get(at..)?;
    let words = || {
        run.iter()
            .take(MAX_WORDS)
            .take_while(|token| token.is_word())
            .map(|token| token.text.as_str())
    };
    let named = search.catalog.names.longest(words());
    let named = named
        .filter(|(_, entry)| entry.brand)
        .map(|(length, _)| length);
    let length = named.or_else(|| {
        (1..=words().count()).rev().find(|length| {
            let name: String = words().take(*length).collect();
            search.catalog.senders.contains(&name)
        })
    })?;
    let end = tokens.get(at + length - 1)?.end;
    Some(search.view.run(end, MAX_NAME, |c| {
        c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
    }))
    .filter(|with| search.view.before(*with).is_some_and(char::is_alphanumeric))
    .or(Some(end))
}

/// A name that no word of speech looks like: capitals or digits behind its first letter.
fn odd(view: &View, token: &Token, lead: Lead) -> Option<usize> {
    let end = view.run(token.start, 12, |c| {
        c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
    });
    let written = view.string(token.start, end);
    let capitals = || {
        written
            .chars()
            .skip(1)
            .any(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    };
    let fits = written.starts_with(|c: char| c.is_ascii_uppercase())
        && written.len() >= 3
        && end >= token.end
        && (lead == Lead::Brandname || capitals());
    fits.then_some(end)
}
