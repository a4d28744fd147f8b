//! How alike two texts are: MinHash signatures over runs of three words.
//!
//! Tone marks, case and punctuation do not count, so a message that was copied, retyped without accents
//! or given another greeting keeps nearly the same signature (Broder, "On the resemblance and
//! containment of documents", 1997). Digits count as one and the same: a flood that changes only the
//! account number is one flood.

use sha2::{Digest, Sha256};

use super::fold::fold_text;

/// Hashes of a signature: the estimate is right to about a tenth.
const HASHES: usize = 32;
/// Hashes of a band. Five bands of three find nine in ten texts that are alike to 0.75.
const BAND: usize = 3;
/// Bands by which candidates are looked up.
pub const BANDS: usize = 5;
/// Words of a run.
const RUN: usize = 3;
/// Shorter texts say too little: "bị lừa tiền" of two citizens is not one message.
const WORDS: usize = 8;
/// Words that are looked at; what follows changes nothing.
const LONGEST: usize = 4_000;

/// From here on two texts count as copies of one message.
pub const COPY: f64 = 0.75;
/// From here on two texts are worth being shown together.
pub const ALIKE: f64 = 0.4;

/// What is kept of a text to compare it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature([u32; HASHES]);

impl Signature {
    /// The signature of a text; none where it is too short to tell anything.
    pub fn of(text: &str) -> Option<Self> {
        let folded = fold_text(text);
        let words: Vec<String> = folded
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .take(LONGEST)
            .map(without_digits)
            .collect();
        if words.len() < WORDS {
            return None;
        }
        let mut least = [u32::MAX; HASHES];
        for run in words.windows(RUN) {
            let start = hash(&run.join(" "));
            for (slot, n) in least.iter_mut().zip(1_u64..) {
                let high = mixed(start.wrapping_add(n.wrapping_mul(GOLDEN))) >> 32;
                *slot = (*slot).min(u32::try_from(high).unwrap_or(u32::MAX));
            }
        }
        Some(Self(least))
    }

    /// How alike the texts are, from 0 to 1.
    pub fn likeness(&self, other: &Self) -> f64 {
        let equal = self.0.iter().zip(&other.0).filter(|(a, b)| a == b).count();
        f64::from(u32::try_from(equal).unwrap_or(0)) / f64::from(u32::try_from(HASHES).unwrap_or(1))
    }

    /// Texts that share one of these are candidates for being alike.
    pub fn bands(&self) -> [i64; BANDS] {
        let mut bands = [0; BANDS];
        for (band, (hashes, n)) in bands.iter_mut().zip(self.0.chunks(BAND).zip(1_u64..)) {
            let mixed = hashes
                .iter()
                .fold(n, |sum, hash| mixed(sum ^ u64::from(*hash)));
            *band = i64::from_be_bytes(mixed.to_be_bytes());
        }
        bands
    }

    /// As it is stored.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|hash| hash.to_be_bytes()).collect()
    }

    /// From how it is stored; none where these are not the bytes of a signature.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (chunks, rest) = bytes.as_chunks::<4>();
        let hashes: Vec<u32> = chunks.iter().map(|c| u32::from_be_bytes(*c)).collect();
        let hashes = hashes.try_into().ok()?;
        rest.is_empty().then_some(Self(hashes))
    }
}

fn without_digits(word: &str) -> String {
    if word.chars().any(|c| c.is_numeric()) {
        "0".to_owned()
    } else {
        word.to_owned()
    }
}

/// The odd number nearest to 2^64 over the golden ratio.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

fn hash(text: &str) -> u64 {
    let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let [a, b, c, d, e, f, g, h, ..] = digest;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// The finaliser of SplitMix64: makes one hash into many independent ones.
const fn mixed(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CALL: &str = "Có người xưng là công an gọi từ số 0912 345 678, nói tôi liên quan đường dây \
        rửa tiền và bắt chuyển hết tiền tiết kiệm vào tài khoản 0011223344 để kiểm tra.";

    fn likeness(a: &str, b: &str) -> f64 {
        Signature::of(a)
            .unwrap()
            .likeness(&Signature::of(b).unwrap())
    }

    #[test]
    fn copies_are_known_whatever_was_done_to_accents_case_and_numbers() {
        for copy in [
            CALL.to_uppercase(),
            fold_text(CALL),
            CALL.replace("0011223344", "9988776655"),
            CALL.replace(',', " — "),
            format!("Chào anh chị. {CALL}"),
        ] {
            let found = likeness(CALL, &copy);
            assert!(found >= COPY, "{found}: {copy}");
        }
    }

    #[test]
    fn other_stories_are_other_texts() {
        for other in [
            "Tôi đặt mua điện thoại trên mạng, đã chuyển khoản cọc năm triệu nhưng người bán chặn liên lạc.",
            "Con tôi bị dụ sang Campuchia làm việc nhẹ lương cao rồi bị giữ lại đòi tiền chuộc.",
        ] {
            let found = likeness(CALL, other);
            assert!(found < ALIKE, "{found}: {other}");
        }
    }

    #[test]
    fn a_short_text_has_none() {
        for short in ["", "lừa đảo", "bị lừa mất tiền qua zalo", "!!! ??? … 。"] {
            assert_eq!(Signature::of(short), None, "{short}");
        }
    }

    #[test]
    fn copies_share_a_band_and_other_stories_do_not() {
        let one = Signature::of(CALL).unwrap().bands();
        let copy = Signature::of(&format!("Alo. {CALL}")).unwrap().bands();
        let other = Signature::of(&CALL.split(' ').rev().collect::<Vec<_>>().join(" "));
        assert!(one.iter().zip(copy).any(|(a, b)| *a == b));
        let other = other.unwrap().bands();
        assert!(!one.iter().zip(other).any(|(a, b)| *a == b));
    }

    proptest! {
        #[test]
        fn any_text_is_like_itself_and_survives_being_stored(text in ".{0,400}") {
            if let Some(signature) = Signature::of(&text) {
                prop_assert_eq!(signature.likeness(&signature), 1.0);
                prop_assert_eq!(signature.to_bytes().len(), 128);
                let back = Signature::from_bytes(&signature.to_bytes());
                prop_assert_eq!(back, Some(signature));
            }
        }

        #[test]
        fn other_bytes_are_no_signature(bytes in proptest::collection::vec(any::<u8>(), 0..127)) {
            prop_assert_eq!(Signature::from_bytes(&bytes), None);
        }
    }
}
