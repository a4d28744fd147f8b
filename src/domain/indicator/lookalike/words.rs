//! The lexicon: words that stand beside a brand in a fraudster's host (`vay`, `cskh`, `vn`, `login`), and how what is
//! left of a label beside a brand's name reads.

use std::collections::HashMap;

/// The longest word looked up; longer ones are refused on loading.
pub const MAX_WORD: usize = 24;

/// How much a word says about an imitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Common on the web at large.
    Weak,
    /// Finance, service or Vietnam.
    Strong,
}

/// What stands beside a name inside a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Nothing.
    Empty,
    /// Digits only.
    Digits,
    /// Words of the lexicon, at least one of them strong.
    Strong,
    /// Words of the lexicon.
    Weak,
    /// A mangled `bank`: `bink`, `brnk`, `bauk`.
    Bankish,
    /// A few letters without a vowel, or with digits among them.
    Noise,
    /// One or two letters that could end a word.
    Few,
    /// Anything else.
    Unknown,
}

/// Words by weight.
#[derive(Debug, Default)]
pub struct Lexicon(HashMap<String, Weight>);

impl Lexicon {
    /// Adds a word; the greater weight stays.
    pub fn add(&mut self, word: &str, weight: Weight) {
        let known = self.0.entry(word.to_owned()).or_insert(weight);
        *known = (*known).max(weight);
    }

    /// The weight of exactly this word.
    pub fn weight(&self, word: &str) -> Option<Weight> {
        self.0.get(word).copied()
    }

    /// How `text` splits into words and digits; beside a strong word one last letter may be left over.
    pub fn cover(&self, text: &str) -> Option<Weight> {
        let reach = self.reach(text);
        let spare = || {
            let but_one = reach.len().checked_sub(2)?;
            (text.len() > 3)
                .then(|| reach.get(but_one).copied().flatten())?
                .filter(|w| *w == Weight::Strong)
        };
        reach.last().copied().flatten().or_else(spare)
    }

    /// For each byte position, the best weight of a split of everything before it (`None`: no split).
    pub fn reach(&self, text: &str) -> Vec<Option<Weight>> {
        let mut row = vec![None::<Weight>; text.len().saturating_add(1)];
        if let Some(first) = row.first_mut() {
            *first = Some(Weight::Weak);
        }
        for at in 0..text.len() {
            let Some(sofar) = row.get(at).copied().flatten() else {
                continue;
            };
            if text.as_bytes().get(at).is_some_and(u8::is_ascii_digit) {
                raise(&mut row, at.saturating_add(1), sofar);
            }
            for len in 1..=MAX_WORD {
                let end = at.saturating_add(len);
                let Some(word) = text.get(at..end) else {
                    continue;
                };
                if let Some(weight) = self.weight(word) {
                    raise(&mut row, end, sofar.max(weight));
                }
            }
        }
        row
    }

    /// For each byte position, whether everything from it on splits into words and digits.
    pub fn tails(&self, text: &str) -> Vec<bool> {
        let mut row = vec![false; text.len().saturating_add(1)];
        if let Some(last) = row.last_mut() {
            *last = true;
        }
        for at in (0..text.len()).rev() {
            let ends = |len: usize| row.get(at.saturating_add(len)).copied().unwrap_or(false);
            let digit = text.as_bytes().get(at).is_some_and(u8::is_ascii_digit) && ends(1);
            let splits = digit
                || (1..=MAX_WORD).any(|len| {
                    ends(len)
                        && text
                            .get(at..at.saturating_add(len))
                            .is_some_and(|w| self.weight(w).is_some())
                });
            if let Some(cell) = row.get_mut(at) {
                *cell = splits;
            }
        }
        row
    }

    /// How the text beside a name reads.
    pub fn rest(&self, text: &str) -> Rest {
        if text.is_empty() {
            return Rest::Empty;
        }
        if text.bytes().all(|b| b.is_ascii_digit()) {
            return Rest::Digits;
        }
        match self.cover(text) {
            Some(Weight::Strong) => return Rest::Strong,
            Some(Weight::Weak) => return Rest::Weak,
            None => {}
        }
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let vowels = text.bytes().filter(|b| b"aeiou".contains(b)).count();
        if is_bankish(text) {
            Rest::Bankish
        } else if (vowels == 0 && text.len() <= 8 && text.len() >= 2)
            || (digits > 0 && text.len() <= 5)
        {
            Rest::Noise
        } else if text.len() <= 2 {
            Rest::Few
        } else {
            Rest::Unknown
        }
    }
}

fn raise(row: &mut [Option<Weight>], at: usize, weight: Weight) {
    if let Some(cell) = row.get_mut(at) {
        *cell = (*cell).max(Some(weight));
    }
}

/// Whether a text holds near its end four letters that pass for `bank` at a glance (`bink`, `brnk`, `bauk`).
pub fn is_bankish(text: &str) -> bool {
    let bytes = text.as_bytes();
    let windows = bytes.windows(4).rev().take(4).enumerate();
    windows.into_iter().any(|(from_end, window)| match window {
        b"book" | b"back" => false,
        [b'b', a, n, k] => {
            let right = usize::from(*a == b'a') + usize::from(*n == b'n');
            match (from_end, k) {
                (_, b'k') => right >= 1 || from_end == 0,
                (0, b'g') => right >= 1,
                _ => false,
            }
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexicon() -> Lexicon {
        let mut words = Lexicon::default();
        for w in ["vay", "nhanh", "khach", "hang", "vn", "bank"] {
            words.add(w, Weight::Strong);
        }
        for w in ["shop", "app"] {
            words.add(w, Weight::Weak);
        }
        words
    }

    #[test]
    fn what_is_left_beside_a_name_reads_as_words_digits_or_noise() {
        for (text, rest) in [
            ("", Rest::Empty),
            ("247", Rest::Digits),
            ("vaynhanh24", Rest::Strong),
            ("khachhangx", Rest::Strong),
            ("appshop", Rest::Weak),
            ("shopx", Rest::Unknown),
            ("xdfvg", Rest::Noise),
            ("hgl45", Rest::Noise),
            ("diyrhbauk", Rest::Bankish),
            ("ye", Rest::Few),
            ("dacbiet", Rest::Unknown),
        ] {
            assert_eq!(lexicon().rest(text), rest, "{text}");
        }
    }

    #[test]
    fn a_text_is_split_from_either_end() {
        let words = lexicon();
        for text in ["vaynhanh", "vayxnhanh", "xvay", "24vay", "va", ""] {
            let (front, back) = (words.reach(text), words.tails(text));
            assert_eq!(
                front.last().is_some_and(Option::is_some),
                back.first() == Some(&true),
                "{text}"
            );
        }
        assert_eq!(
            words.tails("xvay24"),
            [false, true, false, false, true, true, true]
        );
    }

    #[test]
    fn a_mangled_bank_is_seen_and_other_words_are_not() {
        for yes in [
            "bink",
            "brnk",
            "baok",
            "digbinkad",
            "bing",
            "bivk",
            "bank",
            "xbonk",
        ] {
            assert!(is_bankish(yes), "{yes}");
        }
        for no in [
            "book", "cashback", "band", "link", "bet", "bios", "club", "rank",
        ] {
            assert!(!is_bankish(no), "{no}");
        }
    }
}
