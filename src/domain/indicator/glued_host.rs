//! Words of the text stuck to a host: `vidu.icude`, `https://vidu.com.Vui`.
//!
//! People leave out the blank behind an address. A browser would open another host, or none, and a
//! stranger would be accused.

use super::text::{fold, fold_char};
use super::url::{has_known_suffix, is_known_suffix};

/// Suffixes to which the next word is often glued.
pub(super) const GLUED_TO: [&str; 14] = [
    "online", "website", "shop", "club", "info", "site", "com", "net", "org", "xyz", "top", "icu",
    "vip", "vn",
];

/// Words that follow an address in messages, without accents.
pub(super) const GLUED: [&str; 48] = [
    "ban", "bam", "cap", "cho", "chuyen", "click", "co", "cua", "dang", "de", "den", "dky", "duoc",
    "gui", "hay", "hoac", "hoan", "huy", "khi", "kiem", "la", "lam", "lay", "lien", "mo", "neu",
    "ngay", "nhan", "nhap", "nhe", "qua", "quy", "rut", "se", "tai", "thanh", "the", "theo", "thi",
    "tra", "trong", "truoc", "truy", "tu", "va", "vao", "voi", "xac",
];

/// The length in bytes of a host after a scheme without the words stuck to it, if there are any. Only
/// for a host that nothing follows: what a path follows was meant.
pub(super) fn without_word(host: &str) -> Option<usize> {
    let mut bare = host;
    while let Some(length) = shorter(bare) {
        bare = bare.get(..length)?;
    }
    (bare.len() < host.len()).then_some(bare.len())
}

fn shorter(host: &str) -> Option<usize> {
    let (before, last) = host.rsplit_once('.')?;
    let lower = last.to_lowercase();
    let known = is_known_suffix(&lower);
    if has_known_suffix(&before.to_lowercase()) {
        // "vidu.com.Me": a capital where none was before. "VIDU.COM.VN" and "Vidu.com.Vn" are hosts.
        let name = before.rsplit('.').next().unwrap_or(before);
        let sentence = last.starts_with(char::is_uppercase)
            && last.chars().all(char::is_alphabetic)
            && !name.starts_with(char::is_uppercase)
            && lower != "vn";
        // "vidu.com.vui": no such suffix exists, and the word does.
        let word = !known && last.chars().all(char::is_alphabetic) && is_syllable(&lower);
        return (sentence || word).then_some(before.len());
    }
    if known {
        return None;
    }
    // "vidu.icude", "vidu.comđể".
    let suffix = GLUED_TO.iter().find(|suffix| {
        lower.strip_prefix(**suffix).is_some_and(|word| {
            GLUED.contains(&fold(word).as_str())
                || word
                    .chars()
                    .next()
                    .is_some_and(|c| !c.is_ascii() && c.is_alphabetic())
        })
    })?;
    Some(before.len() + 1 + suffix.len())
}

/// Whether a word could be a Vietnamese syllable: consonants, vowels, consonants.
pub(super) fn is_syllable(word: &str) -> bool {
    let folded: String = word.chars().map(fold_char).collect();
    if !word.is_ascii() {
        // Accents in a name of one part: far more often prose than an address.
        return true;
    }
    let vowel = |c: char| "aeiouy".contains(c);
    let onset = folded.trim_end_matches(|c: char| !vowel(c));
    let Some(first) = folded.find(vowel) else {
        return false;
    };
    let (head, rest) = folded.split_at_checked(first).unwrap_or((&folded, ""));
    let nucleus = rest.find(|c: char| !vowel(c)).unwrap_or(rest.len());
    let (vowels, coda) = rest.split_at_checked(nucleus).unwrap_or((rest, ""));
    let heads = [
        "", "b", "c", "ch", "d", "g", "gh", "h", "k", "kh", "l", "m", "n", "ng", "ngh", "nh", "p",
        "ph", "q", "r", "s", "t", "th", "tr", "v", "x",
    ];
    let codas = ["", "c", "ch", "m", "n", "ng", "nh", "p", "t"];
    !onset.is_empty() && vowels.len() <= 3 && heads.contains(&head) && codas.contains(&coda)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stuck_to_a_host_come_off() {
        let cases = [
            ("vcb-digibank.com.Vui", "vcb-digibank.com"),
            ("vcb-digi.icude", "vcb-digi.icu"),
            ("vay-nhanh.vip.LH", "vay-nhanh.vip"),
            ("vay-nhanh.vip.lien", "vay-nhanh.vip"),
            ("vcb.com.Me", "vcb.com"),
            ("vidu.com.Co", "vidu.com"),
            ("vcb-digi.comđể", "vcb-digi.com"),
        ];
        for (host, bare) in cases {
            assert_eq!(
                without_word(host).and_then(|length| host.get(..length)),
                Some(bare),
                "{host}"
            );
        }
        for host in [
            "vidu.com",
            "vcb.com.me",
            "VIDU.COM.VN",
            "vidu.com.Vn",
            "Vidu.Com.Co",
            "vidu.topsecret",
            "vidu.onion",
            "nhanh.xin",
            "localhost",
            "103.20.1.5",
        ] {
            assert_eq!(without_word(host), None, "{host}");
        }
    }
}
