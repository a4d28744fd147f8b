//! Finds receipts: who reads one in a text could withdraw the tip or read its messages.
//!
//! The check symbol follows from the others, so that one with a wrong one is as good as a receipt; but
//! then only what is built like one counts, since codes of transfers stay.

use super::{SecretKind, Span};
use crate::domain::receipt::Receipt;

/// Code points of a receipt as it is given out: five groups of four and what parts them.
const LENGTH: usize = 24;
const GROUP: usize = 5;
/// Code points without what parts them.
const SYMBOLS: usize = 20;
/// Most receipts that somebody writes without a gap.
const MOST_JOINED: usize = 4;
/// Changes between letters and digits: codes of transfers are letters and then digits, receipts are random.
const CHANGES: usize = 2;
const MANY_CHANGES: usize = 5;

/// The receipts of a text, in order.
pub(super) fn receipts(text: &str) -> Vec<Span> {
    if text.len() < SYMBOLS {
        return Vec::new();
    }
    let chars: Vec<char> = text.chars().collect();
    let mut found = grouped(&chars);
    let groups = found.len();
    for span in joined(&chars) {
        // Both are in order.
        let after = found
            .get(..groups)
            .unwrap_or_default()
            .partition_point(|other| other.end <= span.start);
        if found
            .get(..groups)
            .and_then(|groups| groups.get(after))
            .is_none_or(|other| span.end <= other.start)
        {
            found.push(span);
        }
    }
    found.sort_by_key(|span| span.start);
    found
}

/// `XXXX-XXXX-XXXX-XXXX-XXXX`, with blanks or dashes.
fn grouped(chars: &[char]) -> Vec<Span> {
    let mut found = Vec::new();
    let mut start = 0;
    while let Some(piece) = chars.get(start..start + LENGTH) {
        let end = start + LENGTH;
        if !is_grouped(piece) {
            start += 1;
            continue;
        }
        let (before, after) = around(chars, start, end);
        // One right behind another has no gap between.
        let open = |at: usize| {
            let next = chars.get(at..at + LENGTH);
            next.is_some_and(|next| is_grouped(next) && is_receipt(next))
        };
        let follows = found.last().is_some_and(|last: &Span| last.end == start);
        let free = (follows || before.is_none_or(|c| !c.is_alphanumeric()))
            && (after.is_none_or(|c| !c.is_alphanumeric()) || open(end));
        let alone = || is_gap(before) && is_gap(after);
        if free && (is_receipt(piece) || is_mistyped(piece) && alone()) {
            let kind = SecretKind::Receipt;
            found.push(Span { start, end, kind });
            start = end;
        } else {
            start += 1;
        }
    }
    found
}

fn around(chars: &[char], start: usize, end: usize) -> (Option<char>, Option<char>) {
    let before = start.checked_sub(1).and_then(|at| chars.get(at));
    (before.copied(), chars.get(end).copied())
}

/// Whether what stands beside a code parts it from the rest: in a link it is a part of that.
fn is_gap(c: Option<char>) -> bool {
    c.is_none_or(|c| c.is_whitespace() || "()[]{}<>,;:!?.\"'“”".contains(c) || is_check_only(c))
}

/// What only the check symbol may be.
fn is_check_only(c: char) -> bool {
    matches!(c, '*' | '~' | '$' | '=')
}

fn is_grouped(piece: &[char]) -> bool {
    let Some(sign) = piece
        .get(GROUP - 1)
        .filter(|c| matches!(c, '-' | ' ' | '–'))
    else {
        return false;
    };
    piece.get(2 * GROUP - 1) == Some(sign)
        && piece.iter().enumerate().all(|(at, c)| {
            let parts = at % GROUP == GROUP - 1;
            parts == (c == sign)
        })
}

fn is_receipt(piece: &[char]) -> bool {
    // "1903 1234 5678 9012 3456" is a number in groups.
    let letters = piece.iter().filter(|c| c.is_ascii_alphabetic()).count();
    let code: String = piece
        .iter()
        .map(|c| if *c == '–' { '-' } else { *c })
        .collect();
    letters >= 4 && Receipt::parse(&code).is_some()
}

/// Groups that a receipt would have, most of them of letters and digits both: words and numbers are not.
fn is_mistyped(piece: &[char]) -> bool {
    let mixed = piece
        .chunks(GROUP)
        .filter(|group| {
            group.iter().any(char::is_ascii_alphabetic) && group.iter().any(char::is_ascii_digit)
        })
        .count();
    let symbols = piece
        .iter()
        .enumerate()
        .filter(|(at, _)| at % GROUP != GROUP - 1);
    mixed >= 3 && symbols.map(|(_, c)| *c).all(is_symbol) && is_one_case(piece)
}

fn is_symbol(c: char) -> bool {
    c.is_ascii_alphanumeric() || is_check_only(c)
}

fn is_one_case(piece: &[char]) -> bool {
    let has = |case: fn(&char) -> bool| piece.iter().any(case);
    !(has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase))
}

/// Receipts without a gap inside, one or several in one piece.
fn joined(chars: &[char]) -> Vec<Span> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < chars.len() {
        let run = chars.get(start..).unwrap_or_default();
        let run = run.iter().take_while(|c| c.is_ascii_alphanumeric()).count();
        if run == 0 {
            start += 1;
            continue;
        }
        let mut end = start + run;
        let short = run % SYMBOLS == SYMBOLS - 1;
        if short && chars.get(end).copied().is_some_and(is_check_only) {
            end += 1;
        }
        let (before, after) = around(chars, start, end);
        let piece = chars.get(start..end).unwrap_or_default();
        let whole = piece.len().is_multiple_of(SYMBOLS) && piece.len() <= SYMBOLS * MOST_JOINED;
        if whole && is_gap(before) && is_gap(after) && is_joined(piece) {
            let kind = SecretKind::Receipt;
            found.push(Span { start, end, kind });
        }
        start = end;
    }
    found
}

fn is_joined(piece: &[char]) -> bool {
    piece.chunks(SYMBOLS).any(|code| {
        let changes = code
            .windows(2)
            .filter(|pair| matches!(pair, [a, b] if a.is_ascii_digit() != b.is_ascii_digit()))
            .count();
        let valid = || Receipt::parse(&code.iter().collect::<String>()).is_some();
        let built = || changes >= MANY_CHANGES && is_one_case(code) && !is_hexadecimal(code);
        changes >= CHANGES && valid() || built()
    })
}

/// Half a checksum or an address: no letter behind F.
fn is_hexadecimal(code: &[char]) -> bool {
    code.iter().all(char::is_ascii_hexdigit)
}
