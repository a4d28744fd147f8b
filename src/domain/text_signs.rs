//! What the words of a tip tell that its fields do not: a life in danger, money sent or about to be.
//!
//! Hints for the queue and for the advice, nothing more. Folded words, a few phrases: what is missed is
//! asked for, and what is found wrongly only has the tip looked at sooner.

mod about_to;
mod life;
mod paid;
mod secrets;
mod sums;

use serde::{Deserialize, Serialize};

use super::fold::fold_text;
use super::latin::{is_alphabetic, is_alphanumeric};

/// What the words tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TextSigns {
    /// Somebody's life is in danger.
    pub life_at_risk: bool,
    /// Money was sent: how much in đồng, 0 where no sum stands beside it.
    pub paid_vnd: Option<i64>,
    /// Money is about to be sent: it can still be stopped.
    pub about_to_pay: bool,
    /// A password or a one-time code was given away.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub told_secret: bool,
}

/// Reads the texts of a tip; answers besides whether they speak of paying at all, done or asked for.
pub fn read_all<'a>(texts: impl IntoIterator<Item = &'a str>) -> (TextSigns, bool) {
    let (mut signs, mut paying) = (TextSigns::default(), false);
    for text in texts {
        let folded = fold_text(text);
        let words = words(&folded);
        signs.life_at_risk |= life::is_at_risk(text, &folded, &words);
        let paid = paid::paid(&words);
        signs.paid_vnd = signs.paid_vnd.max(paid);
        signs.about_to_pay |= about_to::is_about_to_pay(&words);
        signs.told_secret |= secrets::were_told(&words);
        paying |= paid.is_some() || paid::is_spoken_of(&words);
    }
    (signs, paying)
}

/// Reads the texts of a tip.
pub fn read<'a>(texts: impl IntoIterator<Item = &'a str>) -> TextSigns {
    read_all(texts).0
}

/// Whether the words speak of paying at all, done or asked for.
pub fn speaks_of_paying<'a>(texts: impl IntoIterator<Item = &'a str>) -> bool {
    read_all(texts).1
}

/// The words of a folded text; numbers keep the marks inside them, and part from the letters behind them.
fn words(folded: &str) -> Vec<&str> {
    let mut words = Vec::with_capacity(folded.len() / 4);
    // Where the word at hand begins, and its last character.
    let mut word: Option<(usize, char)> = None;
    let mut rest = folded.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let last = word.map(|(_, last)| last);
        let in_number = last.is_some_and(|last| last.is_ascii_digit());
        let inside = matches!(c, '.' | ',' | '-')
            && in_number
            && rest.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        let belongs = inside || is_alphanumeric(c);
        let breaks = !belongs
            || in_number && is_alphabetic(c)
            || c.is_ascii_digit() && last.is_some_and(is_alphabetic);
        if breaks && let Some((begin, _)) = word.take() {
            words.extend(folded.get(begin..at));
        }
        if belongs {
            word = Some((word.map_or(at, |(begin, _)| begin), c));
        }
    }
    words.extend(word.and_then(|(begin, _)| folded.get(begin..)));
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_breaks_it(text: String) {
            let _ = (read([text.as_str()]), speaks_of_paying([text.as_str()]));
        }

        #[test]
        fn no_sums_break_it(text in "((da |em |chuyen |mat |hai |ba |muoi |tram |ty |trieu |ruoi |[0-9]{1,20}|[.,-]| |lan |moi )){0,30}") {
            let _ = read([text.as_str()]);
        }
    }
}
