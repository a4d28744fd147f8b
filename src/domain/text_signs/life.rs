//! Whether a text speaks of a life in danger: suicide, threats to kill or maim, violence, people held, sold or forced.
//!
//! Phrases that mean nothing else, and a few rules for what needs its neighbours: whom somebody holds or hits, and what
//! for. What the text itself calls long past, over, or hearsay counts no more; a wish to die and a call for help always do.

mod ago;
mod english;
mod harm;
mod held;
mod phrases;
#[cfg(test)]
mod tests;
mod told;

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use super::super::phrases::Phrases;
use phrases::{CRIES, DEEDS, THREATS};
use told::Told;

/// What a place in a text speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    /// A wish to die, or a call for help.
    Cry,
    /// What somebody says that they will do.
    Threat,
    /// What is done to somebody.
    Deed,
}

/// With their accents, without which they mean "slowly" and "advice".
const ACCENTED: [&str; 4] = ["tự tử", "tự sát", "tự vẫn", "nghĩ quẩn"];

/// For each phrase what it is, and of how many words.
static BY_LAST: LazyLock<Phrases<(Sign, usize)>> = LazyLock::new(|| {
    let of = |sign: Sign, phrases: &'static [&'static str]| {
        phrases
            .iter()
            .map(move |phrase| (*phrase, (sign, phrase.split(' ').count())))
    };
    let cries = of(Sign::Cry, CRIES);
    Phrases::new(
        cries
            .chain(of(Sign::Threat, THREATS))
            .chain(of(Sign::Deed, DEEDS)),
    )
});

/// Whether a text, given as it is, folded and as folded words, speaks of a life in danger.
pub(super) fn is_at_risk(text: &str, folded: &str, words: &[&str]) -> bool {
    let told = Told::new(words);
    let mut ago = None;
    (0..words.len()).any(|at| {
        let rules = [phrase, held::sign, harm::sign, english::sign];
        let signs = rules.into_iter().filter_map(|rule| rule(&told, at));
        let mut signs = signs.chain(accented(text, &told, at));
        signs.any(|sign| {
            sign == Sign::Cry
                || !ago
                    .get_or_insert_with(|| ago::Ago::new(folded, &told))
                    .is_past(&told, at, sign)
        })
    })
}

/// A phrase that ends here.
fn phrase(told: &Told<'_>, at: usize) -> Option<Sign> {
    let (sign, length) = BY_LAST.ending(told.word(at), told.before(at))?;
    let first = (at + 1).checked_sub(length)?;
    let before = told.back(first, 1);
    let other = match told.word(first) {
        // "Tra cứu", "cấp cứu", "nghiên cứu".
        "cuu" => matches!(before, "tra" | "cap" | "nghien"),
        // "Thuốc sau bữa ăn" is read by another rule; "máy chích điện" is a thing.
        "dui" => matches!(before, "may" | "ban" | "mua"),
        _ => sign == Sign::Deed && told.is_denied(first),
    };
    (!other).then_some(sign)
}

/// "tự tử" and such, written with their accents.
fn accented(text: &str, told: &Told<'_>, at: usize) -> Option<Sign> {
    let pair = (told.back(at, 1), told.word(at));
    matches!(pair, ("tu", "tu" | "sat" | "van") | ("nghi", "quan"))
        .then(|| text.nfc().flat_map(char::to_lowercase).collect::<String>())
        .filter(|text| ACCENTED.iter().any(|word| text.contains(word)))
        .map(|_| Sign::Deed)
}
