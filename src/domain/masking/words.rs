//! Secrets written in words: a code read out, the words that open a wallet.

use super::tokens::Kind;
use super::{Scan, SecretKind};

/// How many tokens after its label a code in words may begin.
const NEAR: usize = 5;
/// Fewest and most digits of a code in words.
const DIGITS: std::ops::RangeInclusive<usize> = 4..=8;
/// Words that open a wallet come in twelves at least (BIP 39), each of three to eight letters.
const MIN_WORDS: usize = 12;
const MAX_WORDS: usize = 24;

impl Scan<'_> {
    /// "mã OTP là tám tám bốn hai": hides the words; answers the token to go on with.
    pub(super) fn spelled_code(&mut self, index: usize) -> Option<usize> {
        let near = |label: Option<usize>| label.filter(|label| index - label <= NEAR);
        let (label, kind) = match (near(self.seen.otp), near(self.seen.pin)) {
            (Some(otp), pin) if pin.is_none_or(|pin| pin < otp) => (otp, SecretKind::Otp),
            (_, pin) => (pin?, SecretKind::Password),
        };
        let count = (self.tokens.iter().skip(index))
            .take(DIGITS.end() + 1)
            .take_while(|token| token.word().is_some_and(is_digit))
            .count();
        let (first, last) = (
            self.tokens.get(index)?,
            self.tokens.get(index + count.checked_sub(1)?)?,
        );
        if !DIGITS.contains(&count) || label == index {
            return None;
        }
        self.hide(first.start, last.end, kind);
        Some(index + count)
    }

    /// "12 từ khoá: apple banana …": hides the words behind the label.
    pub(super) fn wallet_words(&mut self, label: usize) -> Option<usize> {
        let begins = (label + 1..label + 8).find(|at| self.run_of_words(*at) >= MIN_WORDS)?;
        let count = self.run_of_words(begins).min(MAX_WORDS);
        let (first, last) = (
            self.tokens.get(begins)?,
            self.tokens.get(begins + count - 1)?,
        );
        self.hide(first.start, last.end, SecretKind::Password);
        Some(begins + count)
    }

    fn run_of_words(&self, from: usize) -> usize {
        (self.tokens.iter().skip(from))
            .take(MAX_WORDS)
            .take_while(|token| match token.kind {
                Kind::Word(word) => {
                    (3..=8).contains(&word.len())
                        && self
                            .chars()
                            .get(token.start..token.end)
                            .is_some_and(|written| written.iter().all(char::is_ascii_alphabetic))
                }
                _ => false,
            })
            .count()
    }
}

fn is_digit(word: &str) -> bool {
    matches!(
        word,
        "khong"
            | "mot"
            | "hai"
            | "ba"
            | "bon"
            | "tu"
            | "nam"
            | "lam"
            | "sau"
            | "bay"
            | "tam"
            | "chin"
    )
}
