//! CSV that spreadsheet programs open without harm.

use std::borrow::Cow;

/// Says UTF-8 to spreadsheet programs, which else take Vietnamese for another encoding.
pub const BOM: &[u8] = "\u{feff}".as_bytes();

/// Writes lines as RFC 4180 wants them: each ends in CRLF.
pub fn writer(begin: Vec<u8>) -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(begin)
}

/// A cell whose text is not taken for a formula: a text that begins like one gets a quote before it.
///
/// Citizens write what they like, and an officer's program would run it (CWE-1236).
pub fn cell(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_like_a_formula_becomes_text() {
        for text in ["=1+1", "+84912345678", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(cell(text), format!("'{text}"));
        }
        for text in ["", "chuyển khoản", "1+1", "a=b", "'=1"] {
            assert_eq!(cell(text), text);
        }
    }
}
