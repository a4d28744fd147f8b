//! The words of a text, as the search keeps them and asks for them.
//!
//! A word is a run of letters or a run of digits, in lower case and without accents ([`fold`](super::fold)). All
//! else parts words and is not kept: `lừa-đảo` is `lua` `dao`, `vietcom-bank.vn` is `vietcom` `bank` `vn`,
//! `5.000.000đ` is `5` `000` `000` `d`, `STK190` is `stk` `190`. What was typed together is searched for as a
//! phrase of the same words, so that it is found in any of these forms. Documents and searches are read here
//! alike: a change means that all documents have to be read again (`tip_search.stale`).

use std::ops::Range;

use super::fold::fold_char;

/// Letters of a word; a longer one goes on as the next. Postgres takes 2,046 bytes.
const LONGEST: usize = 255;
/// The last place of a word that Postgres keeps.
const LAST_PLACE: u16 = 16_383;
/// Places of one word that Postgres keeps.
const PLACES: usize = 255;
/// Bytes of all words and places together; Postgres takes a little over a million.
const LARGEST: usize = 900_000;

/// Texts as words with their places.
#[derive(Debug, Default)]
pub struct Document {
    letters: String,
    places: Vec<u16>,
    /// Each word once, in the order of their bytes: which letters, which places.
    words: Vec<(Range<usize>, Range<usize>)>,
}

impl Document {
    /// Reads texts one after the other; no phrase runs from one into the next.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let (mut letters, mut all, mut place) = (String::new(), Vec::new(), 0_u16);
        for text in texts {
            place = next(place);
            split(text, &mut letters, |word| {
                all.push((word, place));
                place = next(place);
            });
        }
        let text = |word: &Range<usize>| letters.get(word.clone()).unwrap_or_default();
        all.sort_unstable_by(|a, b| text(&a.0).cmp(text(&b.0)).then(a.1.cmp(&b.1)));
        // Only at the last place a word may be more than once.
        all.dedup_by(|b, a| a.1 == b.1 && text(&a.0) == text(&b.0));
        let (mut places, mut words, mut left) =
            (Vec::with_capacity(all.len()), Vec::new(), LARGEST);
        for same in all.chunk_by(|a, b| text(&a.0) == text(&b.0)) {
            let Some((word, _)) = same.first() else {
                continue;
            };
            let start = places.len();
            places.extend(same.iter().take(PLACES).map(|(_, place)| *place));
            let size = word.len() + 2 * (places.len() - start) + 4;
            let Some(rest) = left.checked_sub(size) else {
                break;
            };
            left = rest;
            words.push((word.clone(), start..places.len()));
        }
        Self {
            letters,
            places,
            words,
        }
    }

    /// The words in the order of their bytes, each with its places in rising order.
    pub fn words(&self) -> impl ExactSizeIterator<Item = (&str, &[u16])> {
        self.words.iter().map(|(letters, places)| {
            let letters = self.letters.get(letters.clone()).unwrap_or_default();
            (letters, self.places.get(places.clone()).unwrap_or_default())
        })
    }
}

fn next(place: u16) -> u16 {
    (place + 1).min(LAST_PLACE)
}

/// The words of a text in their order.
pub fn words(text: &str) -> Vec<String> {
    let (mut letters, mut found) = (String::new(), Vec::new());
    split(text, &mut letters, |word| found.push(word));
    let own = |word: Range<usize>| letters.get(word).unwrap_or_default().to_owned();
    found.into_iter().map(own).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Digit,
    Between,
}

impl Class {
    fn of(c: char) -> Self {
        match c {
            'a'..='z' => Self::Letter,
            '0'..='9' => Self::Digit,
            c if c.is_ascii() => Self::Between,
            c if c.is_alphabetic() => Self::Letter,
            c if c.is_numeric() => Self::Digit,
            _ => Self::Between,
        }
    }
}

/// Appends the letters of all words, and tells where each lies.
fn split(text: &str, letters: &mut String, mut found: impl FnMut(Range<usize>)) {
    let (mut start, mut count, mut before) = (letters.len(), 0, Class::Between);
    for c in text.chars() {
        fold_char(c, |c| {
            let class = Class::of(c);
            if (class != before || count == LONGEST) && count > 0 {
                found(start..letters.len());
                (start, count) = (letters.len(), 0);
            }
            before = class;
            if class != Class::Between {
                letters.push(c);
                count += 1;
            }
        });
    }
    if count > 0 {
        found(start..letters.len());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Bị LỪA chuyển khoản.", "bi lua chuyen khoan")]
    #[case("Chuye\u{302}\u{309}n ｋｈｏａ̉ｎ", "chuyen khoan")]
    #[case("lừa-đảo, lừa_đảo", "lua dao lua dao")]
    #[case("o\u{200B}tp", "otp")]
    #[case("5.000.000đ; 5tr", "5 000 000 d 5 tr")]
    #[case("STK1903-6789", "stk 1903 6789")]
    #[case("0901 234 567", "0901 234 567")]
    #[case("https://vietcom-bank.vn/a?b=1", "https vietcom bank vn a b 1")]
    #[case("nguoi.ban@gmail.com", "nguoi ban gmail com")]
    #[case("a'b:*&|!<->\\ 'c'", "a b c")]
    #[case("中文 ภาษา 😀 №5 ½", "中文 ภาษา no 5 1 2")]
    #[case("", "")]
    #[case("\0…", "")]
    fn a_word_is_a_run_of_letters_or_of_digits(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(words(text).join(" "), expected);
    }

    fn written(document: &Document) -> String {
        let words = document.words().map(|(word, places)| {
            let places: Vec<_> = places.iter().map(u16::to_string).collect();
            format!("{word}:{}", places.join(","))
        });
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_document_has_each_word_once_with_its_places() {
        let document = Document::of(["Chuyển khoản, chuyển tiền", "Khoản 2"]);
        // Between two texts a place is left free.
        assert_eq!(written(&document), "2:7 chuyen:1,3 khoan:2,6 tien:4");
        assert_eq!(written(&Document::of([])), "");
    }

    #[test]
    fn a_document_keeps_what_postgres_takes() {
        let long = "a".repeat(600);
        let lengths: Vec<_> = words(&long).iter().map(String::len).collect();
        assert_eq!(lengths, [255, 255, 90]);

        let many = Document::of([&*"a b ".repeat(20_000)]);
        let counts: Vec<_> = many.words().map(|(_, places)| places.len()).collect();
        assert_eq!(counts, [PLACES, PLACES]);

        let far = Document::of([&*format!("{}z y z y", "a b ".repeat(9_000))]);
        assert_eq!(far.words().last().unwrap(), ("z", &[LAST_PLACE][..]));

        // One character that folds to eighteen.
        let wide = Document::of([&*"\u{FDFA}1".repeat(60_000)]);
        let sizes = wide
            .words()
            .map(|(word, places)| word.len() + 2 * places.len());
        assert!(sizes.sum::<usize>() < LARGEST);
    }

    proptest! {
        #[test]
        fn words_are_folded_and_sorted(text in "\\PC{0,300}") {
            let document = Document::of([&*text]);
            let mut last = String::new();
            let mut count = 0;
            for (word, places) in document.words() {
                prop_assert!(word > &*last);
                prop_assert!(word.chars().all(char::is_alphanumeric), "{word}");
                prop_assert!(places.is_sorted_by(|a, b| a < b));
                count += places.len();
                word.clone_into(&mut last);
            }
            prop_assert_eq!(count, words(&text).len());
        }
    }
}
