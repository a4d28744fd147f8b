//! How people really type: without diacritics, in lower case, in teencode, with slips; and how scam messages
//! are written to slip past filters.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::dice::Dice;
use super::library::Voices;

/// Part of a text: words may be misspelt, a trace (a number, an address, a name) stays as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Words(String),
    Trace(String),
    /// A trace whose following space scammers sometimes leave out.
    Link(String),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    AsIs,
    Sentence,
    Lower,
    Upper,
}

/// One person's way of typing.
#[derive(Clone, Copy)]
pub struct Style {
    case: Case,
    folded: bool,
    decomposed: bool,
    leet: bool,
    glue: bool,
    teen: u32,
    slips: u32,
}

impl Style {
    /// As it stands: a note in another language.
    pub fn plain() -> Self {
        Self {
            case: Case::AsIs,
            folded: false,
            decomposed: false,
            leet: false,
            glue: false,
            teen: 0,
            slips: 0,
        }
    }

    /// A citizen: mostly careful, about one in seven without diacritics.
    pub fn citizen(dice: &mut Dice) -> Self {
        let case = match dice.below(100) {
            0..72 => Case::Sentence,
            72..98 => Case::Lower,
            _ => Case::Upper,
        };
        Self {
            case,
            folded: dice.percent(15),
            decomposed: dice.percent(2),
            leet: false,
            glue: dice.percent(3),
            teen: if case == Case::Lower && dice.percent(55) {
                500
            } else {
                0
            },
            slips: if dice.percent(22) { 120 } else { 4 },
        }
    }

    /// A scam message: as sent by machine, often without diacritics, sometimes in leetspeak.
    pub fn scammer(dice: &mut Dice) -> Self {
        let kind = dice.below(100);
        Self {
            case: if kind >= 92 {
                Case::Upper
            } else {
                Case::Sentence
            },
            folded: kind >= 45,
            decomposed: false,
            leet: (72..88).contains(&kind),
            glue: kind >= 45 && dice.percent(25),
            teen: 0,
            slips: 0,
        }
    }

    /// The text of `pieces` in this style.
    pub fn write(self, pieces: Vec<Piece>, voices: &Voices, dice: &mut Dice) -> String {
        let mut out = String::new();
        let mut fresh = true;
        let mut glued = false;
        for piece in pieces {
            match piece {
                Piece::Words(words) => {
                    let words = self.words(&words, &mut fresh, voices, dice);
                    out.push_str(if glued { words.trim_start() } else { &words });
                    glued = false;
                }
                Piece::Trace(trace) => {
                    out.push_str(&trace);
                    fresh = false;
                }
                Piece::Link(link) => {
                    out.push_str(&link);
                    fresh = false;
                    glued = self.glue;
                }
            }
        }
        tidy(&out)
    }

    fn words(self, text: &str, fresh: &mut bool, voices: &Voices, dice: &mut Dice) -> String {
        let mut out = String::with_capacity(text.len());
        for (i, word) in text.split(' ').enumerate() {
            if i > 0 {
                out.push(' ');
            }
            let mut word = self.respell(word, voices, dice);
            if self.case == Case::Sentence && *fresh {
                word = capitalise(&word);
            }
            if word.chars().any(char::is_alphanumeric) {
                *fresh = false;
            }
            if word.ends_with(['.', '?', '!']) {
                *fresh = true;
            }
            out.push_str(&word);
        }
        out = match self.case {
            Case::AsIs | Case::Sentence => out,
            Case::Lower => out.to_lowercase(),
            Case::Upper => out.to_uppercase(),
        };
        if self.folded {
            out = fold(&out);
        }
        if self.decomposed {
            out = out.nfd().collect();
        }
        if self.leet {
            out = leetspeak(&out, dice);
        }
        out
    }

    fn respell(self, word: &str, voices: &Voices, dice: &mut Dice) -> String {
        let core = word.trim_matches(|c: char| !c.is_alphanumeric());
        let habit = if dice.permille(self.teen) {
            Some(&voices.teencode)
        } else if dice.permille(self.slips) {
            Some(&voices.misspelt)
        } else {
            None
        };
        let swap = habit.and_then(|table: &BTreeMap<String, Vec<String>>| table.get(core));
        match swap {
            Some(options) => word.replacen(core, dice.word(options), 1),
            // A slip of the finger: one letter typed twice.
            None if core.chars().count() > 3 && dice.permille(self.slips / 8) => {
                let at = dice.between(1, 3);
                let mut out = String::new();
                for (i, c) in (0_i64..).zip(word.chars()) {
                    out.push(c);
                    if i == at {
                        out.push(c);
                    }
                }
                out
            }
            None => word.to_owned(),
        }
    }
}

/// Vietnamese without its diacritics.
pub fn fold(text: &str) -> String {
    text.nfd()
        .filter(|c| !is_combining_mark(*c))
        .map(|c| match c {
            'đ' => 'd',
            'Đ' => 'D',
            c => c,
        })
        .collect()
}

/// Replaces some letters by figures and signs, as `Th0ng ba0` or `d!eu k!en`.
fn leetspeak(text: &str, dice: &mut Dice) -> String {
    text.chars()
        .map(|c| {
            if !dice.percent(45) {
                return c;
            }
            match c {
                'o' | 'O' => '0',
                'i' => '!',
                'l' | 'I' => '1',
                'a' => '@',
                'e' => '3',
                c => c,
            }
        })
        .collect()
}

fn capitalise(word: &str) -> String {
    let mut chars = word.chars();
    let mut out = String::new();
    for c in chars.by_ref() {
        if c.is_alphanumeric() {
            out.extend(c.to_uppercase());
            break;
        }
        out.push(c);
    }
    out.extend(chars);
    out
}

/// Takes out what empty alternatives leave behind: double spaces, a space before a comma.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.trim().chars() {
        if matches!(c, ' ' | ',' | '.') && out.ends_with(' ') {
            if c == ' ' {
                continue;
            }
            // A full stop after a link keeps its distance, or the link would swallow it.
            let before = out.trim_end();
            let token = before.rsplit(' ').next().unwrap_or_default();
            let dotted = token.contains('.') && token.contains(|c: char| c.is_ascii_alphabetic());
            if c == ',' || !(dotted || token.len() > 30) {
                out.truncate(before.len());
            }
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_vietnamese_in_either_normal_form() {
        assert_eq!(fold("Đường dây đánh bạc"), "Duong day danh bac");
        let decomposed: String = "Nguyễn ƯƠNG".nfd().collect();
        assert_eq!(fold(&decomposed), "Nguyen UONG");
    }

    #[test]
    fn tidies_what_empty_alternatives_leave() {
        assert_eq!(tidy(" gọi  cho mẹ , rồi tắt "), "gọi cho mẹ, rồi tắt");
        assert_eq!(tidy("app VNeID 2.0 . Xong"), "app VNeID 2.0. Xong");
        assert_eq!(tidy("vào vn-vcb.top . Xong"), "vào vn-vcb.top . Xong");
    }

    #[test]
    fn capitalises_behind_quotes() {
        assert_eq!(capitalise("\"được\""), "\"Được\"");
    }
}
