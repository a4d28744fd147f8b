//! The little language of the story templates: `{one|another}` alternatives, which may nest, and `$slots`.

use std::str::Chars;

use super::dice::Dice;
use super::style::Piece;

/// Chooses one of each `{a|b}`.
pub fn choose(template: &str, dice: &mut Dice) -> String {
    sequence(&mut template.chars(), false, dice).0
}

/// Reads to the end of this alternative; the second value says what ended it.
fn sequence(chars: &mut Chars<'_>, nested: bool, dice: &mut Dice) -> (String, Option<char>) {
    let mut out = String::new();
    while let Some(c) = chars.next() {
        match c {
            '{' => {
                let mut options = Vec::new();
                loop {
                    let (option, end) = sequence(chars, true, dice);
                    options.push(option);
                    if end != Some('|') {
                        break;
                    }
                }
                out.push_str(dice.word(&options));
            }
            '|' | '}' if nested => return (out, Some(c)),
            c => out.push(c),
        }
    }
    (out, None)
}

/// The names of all slots in `text`.
pub fn slots(text: &str) -> impl Iterator<Item = &str> {
    text.split('$').skip(1).map(|rest| name(rest).0)
}

/// Cuts `text` at its slots and fills each; an unknown slot stays as it stands.
///
/// `value` is given the slot's name and the words just before it.
pub fn fill(text: &str, mut value: impl FnMut(&str, &str) -> Option<Piece>) -> Vec<Piece> {
    let mut parts = text.split('$');
    let mut out: Vec<Piece> = parts
        .next()
        .map(|s| Piece::Words(s.to_owned()))
        .into_iter()
        .collect();
    let mut before = text.split('$').next().unwrap_or_default();
    for part in parts {
        let (slot, rest) = name(part);
        match value(slot, before) {
            Some(piece) => out.extend([piece, Piece::Words(rest.to_owned())]),
            None => out.push(Piece::Words(format!("${part}"))),
        }
        before = rest;
    }
    out
}

fn name(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit()))
        .unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// What stands before the text: `!` danger, `@channel`, `#victim` or `#one+another`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Marks<'a> {
    pub danger: bool,
    pub channel: Option<&'a str>,
    pub who: Option<&'a str>,
}

/// Parts the marks from the text.
pub fn marks(template: &str) -> (Marks<'_>, &str) {
    let mut marks = Marks::default();
    let mut rest = template;
    while let Some((word, tail)) = rest.split_once(' ') {
        if word == "!" {
            marks.danger = true;
        } else if let Some(channel) = word.strip_prefix('@') {
            marks.channel = Some(channel);
        } else if let Some(who) = word.strip_prefix('#') {
            marks.who = Some(who);
        } else {
            break;
        }
        rest = tail;
    }
    (marks, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chooses_nested_alternatives() {
        for stream in 0..50 {
            let text = choose("a {b|c {d|e}} f{|!}", &mut Dice::new(1, stream));
            assert!(
                [
                    "a b f", "a c d f", "a c e f", "a b f!", "a c d f!", "a c e f!"
                ]
                .contains(&text.as_str()),
                "{text}"
            );
        }
    }

    #[test]
    fn fills_slots_and_leaves_money_signs() {
        let pieces = fill("lương 1200$, gọi $sdt2.", |slot, _| {
            (slot == "sdt2").then(|| Piece::Trace("0900".into()))
        });
        let text: String = pieces
            .into_iter()
            .map(|p| match p {
                Piece::Words(s) | Piece::Trace(s) | Piece::Link(s) => s,
            })
            .collect();
        assert_eq!(text, "lương 1200$, gọi 0900.");
        assert_eq!(slots("$a b$c1d-$").collect::<Vec<_>>(), ["a", "c1d", ""]);
    }

    #[test]
    fn reads_marks() {
        let (marks, text) = marks("! @call #elder Mẹ $nb");
        assert_eq!(
            marks,
            Marks {
                danger: true,
                channel: Some("call"),
                who: Some("elder")
            }
        );
        assert_eq!(text, "Mẹ $nb");
    }
}
