//! The Latin letters that Vietnamese is written with: what is asked of every letter of every text is
//! worked out once for these, and looked up after that.

use std::array;

/// À to ɏ.
const EXTENDED: (char, usize) = ('\u{C0}', 400);
/// Ḁ to ỿ, where the letters with two marks are.
const ADDITIONAL: (char, usize) = ('\u{1E00}', 256);
const LETTERS: usize = EXTENDED.1 + ADDITIONAL.1;

/// One character for each of these letters, where there is one.
pub struct Latin([Option<char>; LETTERS]);

impl Latin {
    /// Asks for each letter once.
    pub fn new(of: impl Fn(char) -> Option<char>) -> Self {
        Self(array::from_fn(|at| {
            let (first, at) = match at.checked_sub(EXTENDED.1) {
                Some(at) => (ADDITIONAL.0, at),
                None => (EXTENDED.0, at),
            };
            char::from_u32(u32::from(first) + u32::try_from(at).ok()?).and_then(&of)
        }))
    }

    /// What was answered for a letter; none for any other character.
    pub fn get(&self, c: char) -> Option<char> {
        self.0.get(place(c)?).copied().flatten()
    }
}

/// Where a letter stands among all of them.
fn place(c: char) -> Option<usize> {
    let within = |(first, count): (char, usize)| {
        let at = usize::try_from(u32::from(c).checked_sub(u32::from(first))?).ok()?;
        (at < count).then_some(at)
    };
    within(EXTENDED).or_else(|| Some(EXTENDED.1 + within(ADDITIONAL)?))
}

/// [`char::is_alphabetic`], soon answered for these letters.
pub fn is_alphabetic(c: char) -> bool {
    match place(c) {
        Some(_) => !matches!(c, '×' | '÷'),
        None => c.is_alphabetic(),
    }
}

/// [`char::is_alphanumeric`], soon answered for these letters.
pub fn is_alphanumeric(c: char) -> bool {
    match place(c) {
        Some(_) => !matches!(c, '×' | '÷'),
        None => c.is_alphanumeric(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_what_the_standard_library_says() {
        for c in '\0'..=char::MAX {
            assert_eq!(is_alphabetic(c), c.is_alphabetic(), "{c:?}");
            assert_eq!(is_alphanumeric(c), c.is_alphanumeric(), "{c:?}");
        }
    }

    #[test]
    fn each_letter_has_the_place_of_its_own() {
        let same = Latin::new(Some);
        for c in '\0'..='\u{2000}' {
            let letter = matches!(c, '\u{C0}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}');
            assert_eq!(same.get(c), letter.then_some(c), "{c:?}");
        }
    }
}
