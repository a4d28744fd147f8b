//! Ways of writing that mean nothing: invisible characters, full-width forms, accents.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

use super::super::latin::Latin;

/// The letters without case and accents.
static LETTERS: LazyLock<Latin> = LazyLock::new(|| Latin::new(|c| Some(base(c))));

/// Whether a character leaves no mark on the screen and so cannot make two values different.
///
/// Unicode's Default_Ignorable_Code_Point property, without the ranges that are not assigned; and the
/// keycap that makes `0️⃣` of a digit.
pub(super) fn is_invisible(c: char) -> bool {
    if is_plain(c) {
        return false;
    }
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{20E3}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{E0000}'..='\u{E0FFF}')
        || (c.is_control() && !c.is_whitespace())
}

/// Whether a character stands for itself: what can be typed in ASCII, and Latin letters.
pub(super) fn is_plain(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}')
}

/// A full-width form as its ordinary one, and any blank as a space.
pub(super) fn narrow_char(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => u32::from(c)
            .checked_sub(0xFEE0)
            .and_then(char::from_u32)
            .unwrap_or(c),
        '\u{FF61}' | '\u{3002}' => '.',
        _ if c.is_whitespace() => ' ',
        _ => c,
    }
}

/// Drops what cannot be seen, narrows full-width forms and trims; everything else stays.
pub(super) fn narrow(text: &str) -> String {
    let narrowed: String = text
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(narrow_char)
        .collect();
    match narrowed.trim() {
        trimmed if trimmed.len() == narrowed.len() => narrowed,
        trimmed => trimmed.to_owned(),
    }
}

/// [`narrow`], with digits of any script as ASCII and accents composed (NFC).
pub(super) fn clean(text: &str) -> String {
    narrow(text).nfc().map(ascii_digit).collect()
}

/// The first code points of the runs of ten digits met on phones in and around Vietnam.
const DIGIT_ZEROES: [u32; 15] = [
    0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50, 0x0ED0, 0x1040, 0x17E0, 0x1810, 0x1D7CE, 0x1D7D8,
    0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1FBF0,
];

/// A decimal digit of another script as its ASCII form.
pub(super) fn ascii_digit(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    let code = u32::from(c);
    // ① to ⑨ in their forms, and ⓪.
    match c {
        '⓪' | '⓿' => return '0',
        '①'..='⑨' => return circled(code, 0x2460),
        '⓵'..='⓽' => return circled(code, 0x24F5),
        '❶'..='❾' => return circled(code, 0x2776),
        '➀'..='➈' => return circled(code, 0x2780),
        '➊'..='➒' => return circled(code, 0x278A),
        _ => {}
    }
    DIGIT_ZEROES
        .iter()
        .filter_map(|zero| code.checked_sub(*zero))
        .find_map(|offset| char::from_digit(offset, 10))
        .unwrap_or(c)
}

fn circled(code: u32, one: u32) -> char {
    code.checked_sub(one)
        .and_then(|offset| char::from_digit(offset + 1, 10))
        .unwrap_or('0')
}

/// A letter in lower case without accents: `Ế` is `e`, `Đ` is `d`.
pub(super) fn fold_char(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    LETTERS.get(c).unwrap_or_else(|| base(c))
}

fn base(c: char) -> char {
    if matches!(c, 'đ' | 'Đ') {
        return 'd';
    }
    let mut base = None;
    decompose_canonical(c, |part| {
        if base.is_none() {
            base = Some(part);
        }
    });
    base.unwrap_or(c).to_lowercase().next().unwrap_or(c)
}

/// Letters and digits only, lower case, without accents: the key under which names are compared.
pub(super) fn fold(text: &str) -> String {
    text.chars()
        .filter(|c| !is_invisible(*c) && !is_combining_mark(*c))
        .map(|c| fold_char(ascii_digit(narrow_char(c))))
        .filter(|c| c.is_alphanumeric())
        .collect()
}

/// [`fold`] word by word.
pub(super) fn fold_words(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_alphanumeric() || is_invisible(c) || is_combining_mark(c)))
        .map(fold)
        .filter(|word| !word.is_empty())
        .collect()
}

/// `prefix` removed without regard to ASCII case.
pub(super) fn strip_prefix_ignore_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, tail) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_of_writing_fold_into_one() {
        let cases = [
            ("Ngân hàng Đầu tư", "nganhangdautu"),
            ("NGÂN\u{200B} HÀNG đầu-tư", "nganhangdautu"),
            ("Nga\u{0302}n ha\u{0300}ng đầu tư", "nganhangdautu"),
            ("ＶＣＢ", "vcb"),
        ];
        for (written, folded) in cases {
            assert_eq!(fold(written), folded, "{written}");
        }
        assert_eq!(fold_words("TP. Hồ Chí Minh"), ["tp", "ho", "chi", "minh"]);
    }

    #[test]
    fn cleaning_narrows_and_drops_what_cannot_be_seen() {
        assert_eq!(clean("\u{FEFF}０９１２\u{00A0}３４５\u{200D}"), "0912 345");
        assert_eq!(clean("๐๙๑ ០៩ 𝟎𝟗"), "091 09 09");
        assert_eq!(narrow("ｈｔｔｐ：／／ａ．ｖｎ"), "http://a.vn");
        assert_eq!(narrow("a\u{0}b"), "ab");
    }
}
