//! Finds receipts: who reads one in a text could withdraw the tip or read its messages.

use super::{SecretKind, Span};
use crate::domain::receipt::Receipt;

/// Code points of a receipt as it is given out: five groups of four and what parts them.
const LENGTH: usize = 24;
const GROUP: usize = 5;

/// The receipts of a text, in order. Only in groups: twenty characters in one piece are more often the
/// code of a transfer, and one in 37 of those would pass the check.
pub(super) fn receipts(text: &str) -> Vec<Span> {
    // A receipt in groups has four of the same sign; few texts have.
    if text.len() < LENGTH {
        return Vec::new();
    }
    let chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut start = 0;
    while let Some(piece) = chars.get(start..start + LENGTH) {
        let free = start
            .checked_sub(1)
            .and_then(|before| chars.get(before))
            .is_none_or(|c| !c.is_alphanumeric());
        let closed = chars
            .get(start + LENGTH)
            .is_none_or(|c| !c.is_alphanumeric());
        if free && closed && is_grouped(piece) && is_receipt(piece) {
            let end = start + LENGTH;
            let kind = SecretKind::Receipt;
            found.push(Span { start, end, kind });
            start = end;
        } else {
            start += 1;
        }
    }
    found
}

fn is_grouped(piece: &[char]) -> bool {
    let Some(sign) = piece
        .get(GROUP - 1)
        .filter(|c| matches!(c, '-' | ' ' | '–'))
    else {
        return false;
    };
    piece.iter().enumerate().all(|(at, c)| {
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
