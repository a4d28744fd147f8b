//! Takes the reporter out of a narrative before it goes to another agency: what identifies the
//! reporter, phone numbers, e-mail addresses and ID numbers become `[…]`.
//!
//! Only the reporter's own values are known for sure, so they are hidden in every written form.
//! Other phone numbers, e-mails and ID numbers are hidden too, except the values that the
//! referral discloses: those are what it is about. Bank accounts and sums stay. One linear pass.

use std::collections::HashSet;

use super::fold::{Folded, fold};
use super::masking::secrets;

/// What the reporter gave of themselves, to be hidden wherever it stands.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Identity<'a> {
    /// Full name.
    pub name: Option<&'a str>,
    /// Telephone number.
    pub phone: Option<&'a str>,
    /// E-mail address.
    pub email: Option<&'a str>,
    /// ID-card number.
    pub national_id: Option<&'a str>,
    /// Address.
    pub address: Option<&'a str>,
}

/// Never shows what it holds.
impl std::fmt::Debug for Identity<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity([redacted])")
    }
}

const NAME: &str = "[reporter]";
const PHONE: &str = "[phone]";
const EMAIL: &str = "[email]";
const ID: &str = "[id number]";
const ADDRESS: &str = "[address]";
const SECRET: &str = "[secret]";

/// The narrative as another agency may read it; `disclosed` are values it may see (phone numbers
/// in any form, e-mail addresses).
pub fn redact(text: &str, reporter: &Identity<'_>, disclosed: &[&str]) -> String {
    let chars: Vec<char> = text.chars().collect();
    let folded = fold(text);
    let mut spans: Vec<(usize, usize, &'static str)> = secrets(text)
        .iter()
        .map(|span| (span.start, span.end, SECRET))
        .collect();

    let shown_numbers: HashSet<String> = disclosed
        .iter()
        .filter_map(|value| national(value))
        .collect();
    let shown_emails: HashSet<String> = disclosed
        .iter()
        .filter(|value| value.contains('@'))
        .map(|value| value.trim().to_lowercase())
        .collect();
    let own_phone = reporter.phone.and_then(national);
    let own_id = reporter
        .national_id
        .map(digits_of)
        .filter(|id| id.len() >= 8);
    let is_own_id = |digits: &str| own_id.as_deref() == Some(digits);
    hide_numbers(&chunks(&folded), &mut spans, |digits| {
        if is_own_id(digits) {
            return Some(ID);
        }
        let value = national(digits)?;
        let own = own_phone.as_ref() == Some(&value);
        (own || !shown_numbers.contains(&value)).then_some(PHONE)
    });
    for (start, end) in emails(&chars) {
        let value: String = chars.get(start..end).unwrap_or_default().iter().collect();
        let value = value.to_lowercase();
        let own = reporter
            .email
            .is_some_and(|email| email.trim().to_lowercase() == value);
        if own || !shown_emails.contains(&value) {
            spans.push((start, end, EMAIL));
        }
    }
    for (value, word) in [(reporter.name, NAME), (reporter.address, ADDRESS)] {
        if let Some(value) = value {
            find_words(&folded, value, word, &mut spans);
        }
    }
    replace(&chars, spans)
}

/// The text with what its writer gave of themselves hidden, and nothing else: other people's numbers are what it
/// is about. `None` where there is nothing of it in the text.
pub fn hide_own(text: &str, own: &Identity<'_>) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let folded = fold(text);
    let mut spans = Vec::new();
    let phone = own.phone.and_then(national);
    let id = own.national_id.map(digits_of).filter(|id| id.len() >= 8);
    hide_numbers(&chunks(&folded), &mut spans, |digits| {
        if id.as_deref() == Some(digits) {
            return Some(ID);
        }
        (phone.is_some() && national(digits) == phone).then_some(PHONE)
    });
    let email = own.email.map(|email| email.trim().to_lowercase());
    for (start, end) in emails(&chars) {
        let value: String = chars.get(start..end).unwrap_or_default().iter().collect();
        if email.as_ref() == Some(&value.to_lowercase()) {
            spans.push((start, end, EMAIL));
        }
    }
    for (value, word) in [(own.name, NAME), (own.address, ADDRESS)] {
        if let Some(value) = value {
            find_words(&folded, value, word, &mut spans);
        }
    }
    (!spans.is_empty()).then(|| replace(&chars, spans))
}

/// The text with a `•` for each code point of these names, which are found as whole words whatever their case and
/// accents; a name of one word is too common to hide.
pub fn mask_names(text: &str, names: &[&str]) -> String {
    let spans = spans_of_names(text, names, "");
    let hidden = |at: usize| {
        spans
            .iter()
            .any(|(start, end, _)| (*start..*end).contains(&at))
    };
    if spans.is_empty() {
        return text.to_owned();
    }
    let chars = text.chars().enumerate();
    chars
        .map(|(at, c)| if hidden(at) { '•' } else { c })
        .collect()
}

/// The text with a word in place of each of these names; `None` where there is none of them in it.
pub fn withhold_names(text: &str, names: &[&str], word: &'static str) -> Option<String> {
    let spans = spans_of_names(text, names, word);
    (!spans.is_empty()).then(|| replace(&text.chars().collect::<Vec<_>>(), spans))
}

fn spans_of_names(
    text: &str,
    names: &[&str],
    word: &'static str,
) -> Vec<(usize, usize, &'static str)> {
    let mut spans = Vec::new();
    if !names.is_empty() {
        let folded = fold(text);
        for name in names {
            find_words(&folded, name, word, &mut spans);
        }
    }
    spans
}

/// Writes the text anew; of overlapping spans the union is hidden, under the first one's word.
fn replace(chars: &[char], mut spans: Vec<(usize, usize, &'static str)>) -> String {
    spans.sort_unstable();
    let mut redacted = String::with_capacity(chars.len());
    let mut at = 0;
    for (start, end, word) in spans {
        if end <= at {
            continue;
        }
        if start >= at {
            redacted.extend(chars.get(at..start).unwrap_or_default());
            redacted.push_str(word);
        }
        at = end;
    }
    redacted.extend(chars.get(at..).unwrap_or_default());
    redacted
}

/// A run of digits; `joined` if only a space, dot or such parts it from the run before.
struct Chunk {
    digits: String,
    start: usize,
    end: usize,
    joined: bool,
}

/// Most digits of a number that is looked for, with an international prefix.
const MAX_DIGITS: usize = 14;

fn chunks(folded: &[Folded]) -> Vec<Chunk> {
    let mut found: Vec<Chunk> = Vec::new();
    let mut inside = false;
    let mut separators = usize::MAX;
    for (index, Folded { c, at }) in folded.iter().enumerate() {
        let open = found.last_mut().filter(|_| inside);
        match (open, c) {
            (Some(chunk), c) if c.is_ascii_digit() => {
                chunk.digits.push(*c);
                chunk.end = at + 1;
            }
            (None, c) if c.is_ascii_digit() => {
                let before = index.checked_sub(1).and_then(|before| folded.get(before));
                // Digits glued to letters are part of a code, not a phone number.
                let glued = before.is_some_and(|before| before.c.is_alphabetic());
                let plus = before.is_some_and(|before| before.c == '+');
                found.push(Chunk {
                    digits: if glued {
                        format!("#{c}")
                    } else {
                        c.to_string()
                    },
                    start: if plus { at.saturating_sub(1) } else { *at },
                    end: at + 1,
                    joined: separators <= 2 && !plus,
                });
                inside = true;
            }
            (_, ' ' | '.' | '-' | '(' | ')') => {
                separators = if inside {
                    1
                } else {
                    separators.saturating_add(1)
                };
                inside = false;
            }
            _ => {
                separators = usize::MAX;
                inside = false;
            }
        }
    }
    found
}

/// Hides every number that `word` names; of the numbers that begin with a chunk, the longest.
fn hide_numbers(
    chunks: &[Chunk],
    spans: &mut Vec<(usize, usize, &'static str)>,
    word: impl Fn(&str) -> Option<&'static str>,
) {
    let mut index = 0;
    while let Some(first) = chunks.get(index) {
        let mut digits = String::new();
        let mut best = None;
        for (count, chunk) in chunks.iter().skip(index).enumerate() {
            let fits = digits.len() + chunk.digits.len() <= MAX_DIGITS;
            if !fits || (count > 0 && !chunk.joined) {
                break;
            }
            digits.push_str(&chunk.digits);
            if let Some(word) = word(&digits) {
                best = Some((count + 1, chunk.end, word));
            }
        }
        if let Some((_, end, word)) = best {
            spans.push((first.start, end, word));
        }
        index += best.map_or(1, |(count, ..)| count);
    }
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// The national digits of a Vietnamese phone number in any usual form.
fn national(text: &str) -> Option<String> {
    if text.contains(|c: char| c.is_alphabetic() || matches!(c, '#' | '@')) {
        return None;
    }
    let digits = digits_of(text);
    let rest = digits
        .strip_prefix("0084")
        .or_else(|| digits.strip_prefix("84").filter(|rest| rest.len() >= 9))
        .unwrap_or(&digits);
    let rest = rest.strip_prefix('0').unwrap_or(rest);
    let foreign_form = digits.len() != rest.len();
    let mobile = rest.len() == 9 && rest.starts_with(['3', '5', '7', '8', '9']);
    let fixed_or_old = rest.len() == 10 && rest.starts_with(['1', '2']);
    (foreign_form && (mobile || fixed_or_old)).then(|| rest.to_owned())
}

/// E-mail addresses, as spans in code points.
fn emails(chars: &[char]) -> Vec<(usize, usize)> {
    let local = |c: &char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '%');
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (at, _) in chars.iter().enumerate().filter(|(_, c)| **c == '@') {
        // Bounded by what RFC 5321 allows, so that many signs in a row stay cheap.
        let before = chars.get(..at).unwrap_or_default();
        let length = before
            .iter()
            .rev()
            .take(64)
            .take_while(|c| local(c))
            .count();
        let after = chars.get(at + 1..).unwrap_or_default();
        let domain = after.iter().take(253).take_while(|c| local(c)).count();
        let domain: Vec<char> = after.iter().take(domain).copied().collect();
        let trailing = domain
            .iter()
            .rev()
            .take_while(|c| !c.is_alphanumeric())
            .count();
        let domain = domain.get(..domain.len() - trailing).unwrap_or_default();
        if length > 0 && domain.contains(&'.') {
            found.push((at - length, at + 1 + domain.len()));
        }
    }
    found
}

/// Finds a name or address as whole words, whatever its case and accents; a name of one word is
/// too common to hide.
fn find_words(
    folded: &[Folded],
    value: &str,
    word: &'static str,
    spans: &mut Vec<(usize, usize, &'static str)>,
) {
    let wanted: Vec<String> = words(&fold(value))
        .into_iter()
        .map(|word| word.text)
        .collect();
    if wanted.len() < 2 || wanted.len() > 24 {
        return;
    }
    let text = words(folded);
    for window in text.windows(wanted.len()) {
        let same = window
            .iter()
            .zip(&wanted)
            .all(|(here, wanted)| here.text == *wanted);
        if let (true, Some(first), Some(last)) = (same, window.first(), window.last()) {
            spans.push((first.start, last.end, word));
        }
    }
}

struct Word {
    text: String,
    start: usize,
    end: usize,
}

fn words(folded: &[Folded]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut inside = false;
    for Folded { c, at } in folded {
        if !c.is_alphanumeric() {
            inside = false;
            continue;
        }
        match words.last_mut().filter(|_| inside) {
            Some(word) => {
                word.text.push(*c);
                word.end = at + 1;
            }
            None => words.push(Word {
                text: c.to_string(),
                start: *at,
                end: at + 1,
            }),
        }
        inside = true;
    }
    words
}

#[cfg(test)]
mod tests;
