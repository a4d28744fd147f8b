//! Cuts a text into words, numbers and signs, each with its place in code points.

use crate::domain::fold::{Folded, fold};

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters, folded.
    Word(String),
    /// ASCII digits.
    Number(String),
    /// One other visible character.
    Sign(char),
}

/// A piece of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    /// First code point.
    pub start: usize,
    /// One past the last code point.
    pub end: usize,
}

impl Token {
    pub(super) fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<&str> {
        match &self.kind {
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

/// The tokens of a text, in order; white space only separates.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut broken = true;
    for Folded { c, at } in fold(text) {
        if c.is_whitespace() || c.is_control() {
            broken = true;
            continue;
        }
        let joined = tokens.last_mut().filter(|_| !broken);
        broken = false;
        match joined {
            Some(Token {
                kind: Kind::Word(word),
                end,
                ..
            }) if c.is_alphabetic() => {
                word.push(c);
                *end = at + 1;
            }
            Some(Token {
                kind: Kind::Number(digits),
                end,
                ..
            }) if c.is_ascii_digit() => {
                digits.push(c);
                *end = at + 1;
            }
            _ => {
                let kind = match c {
                    c if c.is_ascii_digit() => Kind::Number(c.to_string()),
                    c if c.is_alphabetic() => Kind::Word(c.to_string()),
                    c => Kind::Sign(c),
                };
                tokens.push(Token {
                    kind,
                    start: at,
                    end: at + 1,
                });
            }
        }
    }
    tokens
}
