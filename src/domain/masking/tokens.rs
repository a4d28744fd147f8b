//! Cuts a text into words, numbers and signs, each with its place in code points.

use std::ops::Range;

use crate::domain::fold::fold_char;
use crate::domain::latin::is_alphabetic;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// Letters, folded.
    Word(&'a str),
    /// ASCII digits.
    Number(&'a str),
    /// One other visible character.
    Sign(char),
}

/// A piece of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub kind: Kind<'a>,
    /// First code point.
    pub start: usize,
    /// One past the last code point.
    pub end: usize,
}

impl<'a> Token<'a> {
    pub(super) fn word(&self) -> Option<&'a str> {
        match self.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<&'a str> {
        match self.kind {
            Kind::Number(digits) => Some(digits),
            _ => None,
        }
    }

    pub(super) fn sign(&self) -> Option<char> {
        match self.kind {
            Kind::Sign(sign) => Some(sign),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letters,
    Digits,
    Sign(char),
}

impl Class {
    fn of(c: char) -> Self {
        match c {
            '0'..='9' => Self::Digits,
            c if is_alphabetic(c) => Self::Letters,
            c => Self::Sign(c),
        }
    }
}

/// A text cut into pieces.
#[derive(Default)]
pub(super) struct Pieces {
    /// What is read of them, folded, one after the other.
    folded: String,
    pieces: Vec<Piece>,
}

struct Piece {
    class: Class,
    folded: Range<usize>,
    start: usize,
    end: usize,
}

impl Pieces {
    /// Cuts a text; white space only separates.
    pub(super) fn of(text: &str) -> Self {
        let mut cut = Self::default();
        let mut parted = true;
        for (at, c) in text.chars().enumerate() {
            fold_char(c, |c| {
                let between = c.is_whitespace() || c.is_control();
                if !between {
                    cut.add(c, at, parted);
                }
                parted = between;
            });
        }
        cut
    }

    fn add(&mut self, c: char, at: usize, parted: bool) {
        let class = Class::of(c);
        let from = self.folded.len();
        self.folded.push(c);
        let folded = from..self.folded.len();
        match self.pieces.last_mut() {
            Some(last) if !parted && last.class == class && !matches!(class, Class::Sign(_)) => {
                last.folded.end = folded.end;
                last.end = at + 1;
            }
            _ => self.pieces.push(Piece {
                class,
                folded,
                start: at,
                end: at + 1,
            }),
        }
    }

    /// The tokens, in order.
    pub(super) fn tokens(&self) -> Vec<Token<'_>> {
        let token = |piece: &Piece| {
            let folded = self.folded.get(piece.folded.clone()).unwrap_or_default();
            Token {
                kind: match piece.class {
                    Class::Letters => Kind::Word(folded),
                    Class::Digits => Kind::Number(folded),
                    Class::Sign(sign) => Kind::Sign(sign),
                },
                start: piece.start,
                end: piece.end,
            }
        };
        self.pieces.iter().map(token).collect()
    }
}
