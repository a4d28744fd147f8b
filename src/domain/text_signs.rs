//! What the words of a tip tell that its fields do not: a life in danger, money sent.
//!
//! Hints for the queue and for the advice, nothing more. Folded words, a few phrases: what is missed is
//! asked for, and what is found wrongly only has the tip looked at sooner.

mod life;
mod paid;
mod sums;

use serde::{Deserialize, Serialize};

use super::fold::fold_char;

/// What the words tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TextSigns {
    /// Somebody's life is in danger.
    pub life_at_risk: bool,
    /// Money was sent: how much in đồng, 0 where no sum stands beside it.
    pub paid_vnd: Option<i64>,
}

/// Reads the texts of a tip.
pub fn read<'a>(texts: impl IntoIterator<Item = &'a str>) -> TextSigns {
    let mut signs = TextSigns::default();
    for text in texts {
        let words = words(text);
        signs.life_at_risk |= life::is_at_risk(text, &words);
        signs.paid_vnd = signs.paid_vnd.max(paid::paid(&words));
    }
    signs
}

/// Whether the words speak of paying at all, done or asked for.
pub fn speaks_of_paying<'a>(texts: impl IntoIterator<Item = &'a str>) -> bool {
    texts
        .into_iter()
        .any(|text| paid::is_spoken_of(&words(text)))
}

/// Folded words; numbers keep the marks inside them, and part from the letters behind them.
fn words(text: &str) -> Vec<String> {
    let mut folded = String::with_capacity(text.len());
    text.chars().for_each(|c| fold_char(c, |c| folded.push(c)));
    let mut words = Vec::new();
    let mut word = String::new();
    let mut rest = folded.chars().peekable();
    while let Some(c) = rest.next() {
        let last = word.chars().last();
        let in_number = last.is_some_and(|last| last.is_ascii_digit());
        let inside = matches!(c, '.' | ',' | '-')
            && in_number
            && rest.peek().is_some_and(char::is_ascii_digit);
        let breaks = !inside && !c.is_alphanumeric()
            || in_number && c.is_alphabetic()
            || c.is_ascii_digit() && last.is_some_and(char::is_alphabetic);
        if breaks && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if inside || c.is_alphanumeric() {
            word.push(c);
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
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
