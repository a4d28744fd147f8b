//! Accounts that the words beside them name: "Telegram @ten", "@ten trên Telegram", "fb: ten.9".

use super::super::account;
use super::super::glued_host::is_syllable;
use super::super::model::Kind;
use super::super::platform::Platform;
use super::Search;
use super::senders::sender;
use super::tokens::Token;
use super::words::ends_sentence;

/// Shortest name that stands without `@`.
const MIN_NAME: usize = 5;

/// Words that stand after the name of a platform and are no accounts.
const NO_NAMES: [&str; 10] = [
    "admin", "channel", "group", "message", "online", "profile", "shop", "store", "support",
    "video",
];

/// Accounts by name, and the senders of messages.
pub(super) fn names(search: &mut Search<'_>, tokens: &[Token]) {
    let mut at = 0;
    while at < tokens.len() && !search.full() {
        let step = at_sign(search, tokens, at)
            .or_else(|| named(search, tokens, at))
            .or_else(|| sender(search, tokens, at));
        at = step.unwrap_or(at + 1).max(at + 1);
    }
}

/// A token after `@`, if a platform was named a few words before, or right after.
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
    let end = handle_end(search, token.start);
    if glued || end <= token.start {
        return None;
    }
    let before = |back: usize| platform_ending(tokens, at.checked_sub(back)?);
    let platform = before(1)
        .or_else(|| platform_after(search, tokens, end))
        .or_else(|| (2..=6).find_map(before))?;
    note(search, platform, token.start - 1, token.start, end)?;
    Some(tokens.partition_point(|token| token.start < end))
}

/// "@ten trên Telegram", "@ten (Telegram)".
fn platform_after(search: &Search<'_>, tokens: &[Token], end: usize) -> Option<Platform> {
    let first = tokens.partition_point(|token| token.start < end);
    let token = tokens.get(first)?;
    if ends_sentence(&search.view, end, token.start) {
        return None;
    }
    let named = |at: usize| platform_ending(tokens, at).or_else(|| platform_ending(tokens, at + 1));
    let bracket = token.start - end <= 2 && search.view.before(token.start) == Some('(');
    match token.text.as_str() {
        _ if bracket => named(first),
        "tren" | "o" | "ben" | "qua" | "cua" | "tai" => named(first + 1),
        _ => None,
    }
}

/// How a name is tied to the platform before it.
#[derive(Clone, Copy, Default)]
struct Tie {
    /// A colon stands between.
    colon: bool,
    /// "id" or "nick" stands between.
    id: bool,
    /// "OA" stands between.
    official: bool,
}

/// "fb: nguyen.van.a", "tele ten_9", "Zalo OA 7929…", "LINE ID: ten9": a name that is no word of
/// speech, or an id of digits that is called one.
fn named(search: &mut Search<'_>, tokens: &[Token], at: usize) -> Option<usize> {
    let token = tokens.get(at)?;
    let (platform, tie) = platform_tied(search, tokens, at)?;
    let end = handle_end(search, token.start);
    let handle = search.view.string(token.start, end);
    if end < token.end || !is_name(platform, tie, token, &handle) {
        return None;
    }
    note(search, platform, token.start, token.start, end)?;
    Some(tokens.partition_point(|token| token.start < end))
}

/// The platform named right before a token, with nothing but small words between.
fn platform_tied(search: &Search<'_>, tokens: &[Token], at: usize) -> Option<(Platform, Tie)> {
    let mut tie = Tie::default();
    for back in 1..=4 {
        let (token, next) = (
            tokens.get(at.checked_sub(back)?)?,
            tokens.get(at + 1 - back)?,
        );
        tie.colon |= between(search, token.end, next.start)? == Some(':');
        match token.text.as_str() {
            "id" | "nick" | "user" | "username" | "acc" => tie.id = true,
            "oa" => tie.official = true,
            "la" | "tk" => {}
            // "line" is also a word.
            "line" if tie.id => return Some((Platform::Line, tie)),
            _ => {
                let platform = platform_ending(tokens, at - back)?;
                // "ID Facebook 1000…".
                let before = at
                    .checked_sub(back + 1)
                    .and_then(|before| tokens.get(before));
                tie.id |= before.is_some_and(|before| before.text == "id");
                return Some((platform, tie));
            }
        }
    }
    None
}

/// The colon or hyphen between two words, which may have blanks round it, or no sign at all; nothing
/// where more stands between them.
fn between(search: &Search<'_>, from: usize, to: usize) -> Option<Option<char>> {
    let mut sign = None;
    for at in from..to {
        match search.view.ch(at)? {
            c @ (':' | '-') if sign.is_none() => sign = Some(c),
            c if c.is_whitespace() => {}
            _ => return None,
        }
    }
    let most = if sign.is_some() { 4 } else { 2 };
    (to - from <= most).then_some(sign)
}

/// Whether what stands after the name of a platform is an account's name or id there.
fn is_name(platform: Platform, tie: Tie, token: &Token, handle: &str) -> bool {
    let explicit = tie.colon || tie.id;
    let length = handle.len();
    if token.is_number() || handle.bytes().all(|b| b.is_ascii_digit()) {
        // Telephone numbers begin with a zero and are looked for later.
        let id = !handle.starts_with('0') && handle.bytes().all(|b| b.is_ascii_digit());
        return id
            && match platform {
                Platform::Zalo => tie.official && (10..=20).contains(&length),
                Platform::Facebook => {
                    tie.id && (8..=20).contains(&length)
                        || tie.colon && (14..=20).contains(&length)
                        || length == 15 && handle.starts_with("1000")
                }
                _ => false,
            };
    }
    let has = |wanted: fn(char) -> bool| handle.contains(wanted);
    if length < MIN_NAME || !has(|c| c.is_ascii_alphabetic()) {
        return false;
    }
    let odd = has(|c| c.is_ascii_digit() || c == '_');
    if explicit && (odd || has(|c| c == '.')) {
        return true;
    }
    let first = handle.starts_with(|c: char| c.is_ascii_alphabetic());
    match platform {
        // Names on Zalo are rare; without a colon the next word is a person's.
        Platform::Zalo => false,
        // "fb nguyenvana.1990": a year or a number behind the dot, and no word.
        Platform::Facebook if odd && first => handle.split_once('.').is_none_or(|(_, number)| {
            (2..=8).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit())
        }),
        _ if odd => first && !handle.contains('.'),
        Platform::Telegram | Platform::TikTok | Platform::Instagram | Platform::Line => {
            let lower = handle.to_ascii_lowercase();
            explicit && first && !is_syllable(&lower) && !NO_NAMES.contains(&lower.as_str())
        }
        _ => false,
    }
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
pub(super) fn platform_ending(tokens: &[Token], at: usize) -> Option<Platform> {
    let token = tokens.get(at).filter(|token| token.is_word())?;
    // "x" and "line" are also words.
    if matches!(token.text.as_str(), "x" | "line" | "face" | "yt" | "wa") {
        return None;
    }
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    match (before, token.text.as_str()) {
        (Some(before), "tok") if before.text == "tik" => Some(Platform::TikTok),
        _ => Platform::from_folded(&token.text),
    }
}
