//! The receipt: the secret code that lets a reporter, even an anonymous one, follow a tip.
//!
//! A person reads it aloud, writes it on paper and types it back, so it is Crockford base 32
//! in groups of four with a check symbol, and reading it forgives what people do: case, spaces,
//! hyphens, O for 0, I and L for 1. Randomness and the keyed hash are the caller's business.

use std::fmt;
use std::ops::Range;

/// Crockford's alphabet: no I, L, O or U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// The five symbols that only the check position may hold (values 32–36).
const CHECK_ONLY: &[u8; 5] = b"*~$=U";
/// Symbols before the check symbol: 19 × 5 = 95 bits.
const SYMBOLS: usize = 19;
/// Groups that it is shown in.
const GROUPS: usize = 5;
/// Random bytes a receipt is made of.
pub const RECEIPT_BYTES: usize = 12;
/// Longest text that can still be a receipt; more is not looked at.
const MAX_INPUT: usize = 128;

/// A receipt code; the holder may read and add to one tip, so it is shown only to the reporter.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Receipt {
    /// 95 random bits, the first bit of the first byte always zero.
    bytes: [u8; RECEIPT_BYTES],
}

impl Receipt {
    /// Makes a receipt of random bytes; 95 of the 96 bits are used.
    pub fn from_bytes(mut bytes: [u8; RECEIPT_BYTES]) -> Self {
        if let Some(first) = bytes.first_mut() {
            *first &= 0x7F;
        }
        Self { bytes }
    }

    /// Reads what a person typed; `None` if it cannot be a receipt or the check symbol is wrong.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_INPUT {
            return None;
        }
        let mut value: u128 = 0;
        let mut symbols = 0_usize;
        let mut check = None;
        for c in text.chars().filter_map(meaningful) {
            if check.is_some() {
                return None;
            }
            if symbols == SYMBOLS {
                check = Some(check_value(c)?);
            } else {
                value = (value << 5) | u128::from(symbol_value(c)?);
                symbols += 1;
            }
        }
        if u128::from(check?) != value % 37 {
            return None;
        }
        let bytes = value.to_be_bytes().last_chunk().copied()?;
        Some(Self { bytes })
    }

    /// What may be receipts in a text that people write, and where each stands: in one word, or in the five
    /// groups that it is shown in. One has letters and digits, so that neither numbers nor words are taken for one.
    pub fn find_in(text: &str) -> Vec<(Range<usize>, Self)> {
        let mut found: Vec<(Range<usize>, Self)> = Vec::new();
        let words = words(text);
        for (index, word) in words.iter().enumerate() {
            if found.last().is_some_and(|(last, _)| word.start < last.end) {
                continue;
            }
            let groups = words.get(index..index + GROUPS).unwrap_or_default();
            let whole = match (groups.first(), groups.last()) {
                (Some(first), Some(last)) => Some(first.start..last.end),
                _ => None,
            };
            let candidates = [Some(word.clone()), whole];
            if let Some(hit) = candidates.into_iter().flatten().find_map(|range| {
                let written = text.get(range.clone())?;
                let mixed = written.contains(|c: char| c.is_ascii_digit())
                    && written.contains(char::is_alphabetic);
                let receipt = Self::parse(written).filter(|_| mixed)?;
                Some((range, receipt))
            }) {
                found.push(hit);
            }
        }
        found
    }

    /// The bytes to hash; equal receipts have equal bytes however they were typed.
    pub fn as_bytes(&self) -> &[u8; RECEIPT_BYTES] {
        &self.bytes
    }

    /// The code as it is given to the reporter, `XXXX-XXXX-XXXX-XXXX-XXXX`.
    pub fn to_code(&self) -> String {
        let value = self
            .bytes
            .iter()
            .fold(0_u128, |value, byte| (value << 8) | u128::from(*byte));
        let mut code = String::with_capacity(24);
        for position in 0..SYMBOLS {
            if position > 0 && position % 4 == 0 {
                code.push('-');
            }
            let shift = 5 * (SYMBOLS - 1 - position);
            code.push(symbol((value >> shift) & 31));
        }
        code.push(symbol(value % 37));
        code
    }
}

/// Never shows the code: a receipt in a log would open the tip.
impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receipt([redacted])")
    }
}

/// Where the words of a text stand, without the marks around them.
fn words(text: &str) -> Vec<Range<usize>> {
    let ends = |c: char| c.is_whitespace() || "()[]{}<>,;:!?\"'".contains(c);
    let mut words = Vec::new();
    let mut at = 0;
    for word in text.split_inclusive(ends) {
        let inside = word.trim_end_matches(ends);
        if !inside.is_empty() {
            words.push(at..at + inside.len());
        }
        at += word.len();
    }
    words
}

/// Drops separators and folds look-alikes; keeps everything else, so that junk is refused later.
fn meaningful(c: char) -> Option<char> {
    match c {
        c if c.is_whitespace() => None,
        // Hyphens and dashes of every keyboard, and what messengers insert invisibly.
        '-'
        | '_'
        | '.'
        | '\u{2010}'..='\u{2015}'
        | '\u{2212}'
        | '\u{200B}'..='\u{200D}'
        | '\u{2060}'
        | '\u{FEFF}' => None,
        // Full-width forms of ASCII, as some Asian keyboards type them.
        '\u{FF01}'..='\u{FF5E}' => {
            char::from_u32(u32::from(c) - 0xFEE0).map(|c| fold(c.to_ascii_uppercase()))
        }
        c => Some(fold(c.to_ascii_uppercase())),
    }
}

fn fold(c: char) -> char {
    match c {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    }
}

fn symbol(value: u128) -> char {
    let index = usize::try_from(value).unwrap_or_default();
    ALPHABET
        .iter()
        .chain(CHECK_ONLY)
        .nth(index)
        .map_or('0', |byte| char::from(*byte))
}

fn symbol_value(c: char) -> Option<u8> {
    position(ALPHABET, c)
}

fn check_value(c: char) -> Option<u8> {
    symbol_value(c).or_else(|| position(CHECK_ONLY, c).map(|value| value + 32))
}

fn position(symbols: &[u8], c: char) -> Option<u8> {
    let byte = u8::try_from(c).ok()?;
    let index = symbols.iter().position(|symbol| *symbol == byte)?;
    u8::try_from(index).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_known_code_is_written_in_groups_of_four_with_its_check_symbol() {
        let mut bytes = [0_u8; RECEIPT_BYTES];
        bytes[RECEIPT_BYTES - 1] = 35; // 13 in base 32, and 35 mod 37 is the symbol '='
        assert_eq!(
            Receipt::from_bytes(bytes).to_code(),
            "0000-0000-0000-0000-013="
        );
        assert_eq!(
            Receipt::from_bytes([0; RECEIPT_BYTES]).to_code(),
            "0000-0000-0000-0000-0000"
        );
    }

    #[test]
    fn a_receipt_is_found_in_what_people_write() {
        let code = Receipt::from_bytes([0x5A; RECEIPT_BYTES]).to_code();
        let receipt = Receipt::parse(&code);
        let (spaced, joined) = (code.replace('-', " "), code.replace('-', ""));
        for (text, rest) in [
            (
                format!("Mã {code}: tôi chuyển thêm."),
                "Mã : tôi chuyển thêm.",
            ),
            (format!("({})", code.to_lowercase()), "()"),
            (format!("them {spaced} nua"), "them  nua"),
            (
                format!("LD (0987654321) ({joined} goi lai)"),
                "LD (0987654321) ( goi lai)",
            ),
        ] {
            let found = Receipt::find_in(&text);
            assert_eq!(found.len(), 1, "{text}");
            for (place, found) in found {
                assert_eq!(Some(found), receipt, "{text}");
                let mut left = text.clone();
                left.replace_range(place, "");
                assert_eq!(left, rest);
            }
        }
        for text in [
            "",
            "0000-0000-0000-0000-0000",
            "0000 0000 0000 0000 0000",
            "Tôi bị lừa 48 triệu, số 0987 654 321",
            &code[..20],
        ] {
            assert!(Receipt::find_in(text).is_empty(), "{text}");
        }
        assert_eq!(Receipt::find_in(&format!("{code} {code}")).len(), 2);
    }

    #[test]
    fn debug_shows_nothing_of_the_code() {
        let receipt = Receipt::from_bytes([0x5A; RECEIPT_BYTES]);
        assert_eq!(format!("{receipt:?}"), "Receipt([redacted])");
    }

    #[test]
    fn what_people_write_instead_of_zero_and_one_is_understood() {
        let receipt = Receipt::parse("0000-0000-0000-0000-013=").unwrap();
        for typed in [
            "oooo oooo OOOO 0000 OI3=",
            "00000000000000000l3=",
            " 0000–0000–0000–0000–013＝ ",
            "0000.0000.0000.0000.Ol3=\n",
        ] {
            assert_eq!(Receipt::parse(typed).as_ref(), Some(&receipt), "{typed:?}");
        }
    }

    #[test]
    fn junk_is_refused() {
        for typed in [
            "",
            "0000-0000-0000-0000-013",   // no check symbol
            "0000-0000-0000-0000-0130",  // wrong check symbol
            "0000-0000-0000-0000-013=0", // too long
            "=000-0000-0000-0000-0000",  // check symbol in the middle
            "0000-0000-0000-0000-Ö00",
            "mã tra cứu của tôi",
        ] {
            assert_eq!(Receipt::parse(typed), None, "{typed:?}");
        }
        assert_eq!(Receipt::parse(&"0".repeat(1_000_000)), None);
    }

    proptest! {
        #[test]
        fn every_receipt_survives_being_typed_in_any_case(bytes: [u8; RECEIPT_BYTES], lower: bool) {
            let receipt = Receipt::from_bytes(bytes);
            let code = receipt.to_code();
            prop_assert_eq!(code.len(), 24);
            let typed = if lower { code.to_lowercase().replace('-', " ") } else { code };
            prop_assert_eq!(Receipt::parse(&typed), Some(receipt));
        }

        #[test]
        fn ninety_five_bits_make_different_codes(bytes: [u8; RECEIPT_BYTES], bit in 1_usize..96) {
            let mut other = bytes;
            other[bit / 8] ^= 0x80 >> (bit % 8);
            prop_assert_ne!(Receipt::from_bytes(bytes).to_code(), Receipt::from_bytes(other).to_code());
        }

        #[test]
        fn one_wrong_symbol_or_two_swapped_are_noticed(bytes: [u8; RECEIPT_BYTES], at in 0_usize..18, to in 0_u128..32) {
            let code = Receipt::from_bytes(bytes).to_code().replace('-', "");
            let mut wrong: Vec<char> = code.chars().collect();
            wrong[at] = symbol(to);
            let wrong: String = wrong.into_iter().collect();
            if wrong != code {
                prop_assert_eq!(Receipt::parse(&wrong), None);
            }
            let mut swapped: Vec<char> = code.chars().collect();
            swapped.swap(at, at + 1);
            let swapped: String = swapped.into_iter().collect();
            if swapped != code {
                prop_assert_eq!(Receipt::parse(&swapped), None);
            }
        }

        #[test]
        fn nothing_typed_makes_it_panic(text in "\\PC*") {
            let _ = Receipt::parse(&text);
        }
    }
}
