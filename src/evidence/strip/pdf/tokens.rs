//! The words of a PDF (ISO 32000-2 §7.2): where each stands.

use std::ops::Range;

/// A word, with where it lies; of texts and comments what is inside.
#[derive(Debug, PartialEq, Eq)]
pub enum Token {
    /// Behind its slash.
    Name(Range<usize>),
    /// Between its delimiters.
    Text(Range<usize>),
    /// From its sign to the end of the line.
    Comment(Range<usize>),
    /// A number or a keyword.
    Word(Range<usize>),
    /// `<<`, `>>`, `[`, `]`.
    Open,
    Close,
    OpenList,
    CloseList,
    /// A delimiter that belongs to nothing.
    Stray(Range<usize>),
}

/// The word at or behind a place, and where it ends; `None` at the end, and where a text does not end.
pub fn token(file: &[u8], at: usize) -> Option<(Token, usize)> {
    let start = at + file.get(at..)?.iter().position(|byte| !is_space(*byte))?;
    let one = |token| Some((token, start + 1));
    match (*file.get(start)?, file.get(start + 1)) {
        (b'/', _) => {
            let end = regular(file, start + 1);
            Some((Token::Name(start + 1..end), end))
        }
        (b'%', _) => {
            let rest = file.get(start..)?;
            let end = memchr::memchr2(b'\r', b'\n', rest).map_or(file.len(), |n| start + n);
            Some((Token::Comment(start..end), end))
        }
        (b'(', _) => text(file, start + 1),
        (b'<', Some(b'<')) => Some((Token::Open, start + 2)),
        (b'>', Some(b'>')) => Some((Token::Close, start + 2)),
        (b'<', _) => {
            let end = start + 1 + memchr::memchr(b'>', file.get(start + 1..)?)?;
            Some((Token::Text(start + 1..end), end + 1))
        }
        (b'[', _) => one(Token::OpenList),
        (b']', _) => one(Token::CloseList),
        (b')' | b'>' | b'{' | b'}', _) => one(Token::Stray(start..start + 1)),
        _ => {
            let end = regular(file, start);
            Some((Token::Word(start..end), end))
        }
    }
}

/// Whether nothing but space follows.
pub fn is_over(file: &[u8], at: usize) -> bool {
    file.get(at..)
        .is_none_or(|rest| rest.iter().all(|byte| is_space(*byte)))
}

pub fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

fn regular(file: &[u8], at: usize) -> usize {
    let rest = file.get(at..).unwrap_or_default();
    let ends = |byte: &u8| is_space(*byte) || b"()<>[]{}/%".contains(byte);
    at + rest.iter().position(ends).unwrap_or(rest.len())
}

/// Brackets inside count, but not behind a backslash.
fn text(file: &[u8], start: usize) -> Option<(Token, usize)> {
    let (mut at, mut open) = (start, 1_usize);
    loop {
        at += memchr::memchr3(b'(', b')', b'\\', file.get(at..)?)?;
        match *file.get(at)? {
            b'\\' => at += 1,
            b'(' => open += 1,
            _ => open -= 1,
        }
        at += 1;
        if open == 0 {
            return Some((Token::Text(start..at - 1), at));
        }
    }
}
