//! Text without case and accents, so that rules find Vietnamese words however they were typed
//! ("mật khẩu", "MAT KHAU", decomposed or full-width). Every folded character remembers which
//! code point of the text it came from.

use std::sync::LazyLock;

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

use super::latin::Latin;

/// The letters that fold into one.
static LETTERS: LazyLock<Latin> = LazyLock::new(|| {
    Latin::new(|c| {
        let mut folded = Vec::new();
        decompose(c, |c| folded.push(c));
        match folded.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    })
});

/// One folded character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Folded {
    /// Lower case, without accents.
    pub c: char,
    /// Index of the code point it came from.
    pub at: usize,
}

/// Folds a text; accents vanish, so the result may be shorter or, for ligatures, longer.
pub fn fold(text: &str) -> Vec<Folded> {
    let mut folded = Vec::with_capacity(text.len());
    for (at, c) in text.chars().enumerate() {
        fold_char(c, |c| folded.push(Folded { c, at }));
    }
    folded
}

/// The folded text alone.
pub fn fold_text(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        fold_char(c, |c| folded.push(c));
    }
    folded
}

/// Folds one character, which may become none or several.
pub fn fold_char(c: char, mut emit: impl FnMut(char)) {
    if c.is_ascii() {
        emit(c.to_ascii_lowercase());
        return;
    }
    match LETTERS.get(c) {
        Some(letter) => emit(letter),
        None => decompose(c, emit),
    }
}

fn decompose(c: char, mut emit: impl FnMut(char)) {
    decompose_compatible(c, |part| {
        if is_combining_mark(part) || is_invisible(part) {
            return;
        }
        match part {
            // A letter of its own, which Unicode does not decompose.
            'đ' | 'Đ' | 'ð' | 'Ð' => emit('d'),
            part => part
                .to_lowercase()
                .filter(|c| !is_combining_mark(*c))
                .for_each(&mut emit),
        }
    });
}

/// Zero-width characters that only hide a word from a search.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("Mật Khẩu", "mat khau")]
    #[case("Ma\u{323}\u{302}t kha\u{302}\u{309}u", "mat khau")]
    #[case("ĐƯỜNG đi", "duong di")]
    #[case("ＯＴＰ１２３", "otp123")]
    #[case("o\u{200B}tp", "otp")]
    #[case("kwv ưu ƠN", "kwv uu on")]
    fn vietnamese_is_folded(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(fold_text(text), expected);
    }

    #[test]
    fn every_character_folds_as_its_decomposition() {
        for c in '\0'..=char::MAX {
            let (mut quick, mut slow) = (Vec::new(), Vec::new());
            fold_char(c, |c| quick.push(c));
            decompose(c, |c| slow.push(c));
            assert_eq!(quick, slow, "{c:?}");
        }
    }

    proptest! {
        #[test]
        fn positions_rise_and_stay_inside(text: String) {
            let folded = fold(&text);
            let count = text.chars().count();
            prop_assert!(folded.iter().all(|folded| folded.at < count));
            prop_assert!(folded.is_sorted_by_key(|folded| folded.at));
            prop_assert_eq!(folded.iter().map(|folded| folded.c).collect::<String>(), fold_text(&text));
        }
    }
}
