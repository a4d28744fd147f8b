//! Whether a run of characters with dots in free text is a host or only bad punctuation.
//!
//! People leave out the blank after a full stop (`nhanh.xin`), write abbreviations (`TP.HCM`) and
//! glue words to addresses (`vidu.icude`). Some two hundred country codes are Vietnamese words, so
//! the public suffix list alone does not decide.

use super::super::glued_host::{GLUED, GLUED_TO, is_syllable};
use super::super::text::fold;
use super::super::url;

/// Suffixes that a capital letter does not make doubtful.
const STRONG: [&str; 12] = [
    "com", "net", "org", "vn", "info", "xyz", "top", "icu", "vip", "club", "online", "shop",
];

/// Suffixes that are file endings, or units after a number.
const DOUBTFUL: [&str; 20] = [
    "zip", "mov", "py", "sh", "rs", "md", "pl", "ps", "tr", "ms", "cv", "bs", "am", "pm", "kg",
    "km", "cm", "mm", "ml", "mg",
];

/// Suffixes that are also Vietnamese words without their accents.
const WORDS: [&str; 60] = [
    "ai", "ba", "bao", "be", "bi", "bo", "ca", "cam", "ch", "chat", "ci", "co", "cu", "de", "do",
    "dad", "ga", "gap", "gi", "gu", "hiv", "hot", "im", "in", "is", "it", "la", "lat", "ly", "ma",
    "man", "may", "me", "men", "mo", "moi", "mu", "my", "na", "ngo", "no", "nu", "ong", "pa",
    "ren", "sa", "sao", "se", "si", "so", "st", "su", "tel", "tin", "to", "va", "van", "vi", "vu",
    "xin",
];

/// Words that begin the sentence after an address, without accents; none is a name.
const SENTENCES: [&str; 26] = [
    "bao", "cai", "chi", "chuc", "dung", "goi", "hotline", "ho", "ib", "inbox", "lh", "luu", "moi",
    "nhan", "quet", "sau", "sdt", "stk", "tham", "tk", "toi", "vay", "vui", "xem", "xin", "zalo",
];

/// Longest word that a sentence begins with.
pub(super) const MAX_WORD: usize = 8;

/// Whether a word with a capital that is stuck to an address begins the next sentence.
pub(super) fn begins_sentence(word: &str) -> bool {
    let folded = fold(word);
    word.starts_with(char::is_uppercase)
        && word.chars().all(char::is_alphabetic)
        && word.chars().count() <= MAX_WORD
        && (GLUED.contains(&folded.as_str()) || SENTENCES.contains(&folded.as_str()))
}

/// Products whose names look like hosts.
const PRODUCTS: [&str; 4] = ["asp.net", "ado.net", "ml.net", "vb.net"];

/// What stands round a host.
#[derive(Clone, Copy)]
pub(super) struct Around {
    /// A path or a port follows, or a mail's sign stands before.
    pub(super) more: bool,
    /// A mail's sign stands before.
    pub(super) mail: bool,
}

impl Around {
    /// Nothing but the text.
    pub(super) const TEXT: Self = Self {
        more: false,
        mail: false,
    };
}

/// The length in bytes of the host that `run` begins with, if it is one.
pub(super) fn host_length(run: &str, around: Around) -> Option<usize> {
    if run.len() > 253 {
        return None;
    }
    let run = run.trim_end_matches(['.', '-', '_']);
    if plausible(run, around) {
        return Some(run.len());
    }
    // "vidu.com.Neu" and "vidu.icude": the next word stuck to the host.
    let (host, last) = run.rsplit_once('.')?;
    if last.starts_with(char::is_uppercase) && !last.contains(char::is_numeric) {
        let bare = Around {
            more: around.mail,
            ..around
        };
        return plausible(host, bare).then_some(host.len());
    }
    let suffix = GLUED_TO.iter().find(|suffix| {
        last.strip_prefix(**suffix)
            .is_some_and(|word| GLUED.contains(&fold(word).as_str()))
    })?;
    let length = host.len() + 1 + suffix.len();
    let country_ok = *suffix != "vn" || host.rsplit('.').next().is_some_and(is_second_level);
    let distinctive = host.len() >= 6
        || host.contains(|c: char| c.is_ascii_digit())
        || host.len() >= 3 && !is_syllable(host);
    let whole = run.get(..length)?;
    (country_ok && distinctive && plausible(whole, around)).then_some(length)
}

fn is_second_level(label: &str) -> bool {
    matches!(label, "com" | "gov" | "net" | "org" | "edu")
}

fn plausible(host: &str, around: Around) -> bool {
    let Some((before, suffix)) = host.rsplit_once('.') else {
        return false;
    };
    let labels: Vec<&str> = before.split('.').collect();
    if labels
        .iter()
        .any(|label| label.is_empty() || label.len() > 63)
        || suffix.contains('_')
    {
        return false;
    }
    let lower = suffix.to_lowercase();
    if !url::is_known_suffix(&lower) {
        return false;
    }
    if lower != suffix && !STRONG.contains(&lower.as_str()) {
        return false;
    }
    if labels
        .first()
        .is_some_and(|label| label.eq_ignore_ascii_case("www"))
        && labels.len() > 1
    {
        return true;
    }
    if around.more {
        // "1.000.000/tháng": digits alone are no name, whatever follows.
        return labels
            .iter()
            .any(|label| label.contains(char::is_alphabetic))
            || labels.len() == 1 && lower.len() > 2 && !WORDS.contains(&lower.as_str());
    }
    if PRODUCTS.iter().any(|name| host.eq_ignore_ascii_case(name)) {
        return false;
    }
    let name = labels.last().copied().unwrap_or_default();
    // "tên miền .vn" speaks of all of them.
    if labels.len() == 1 && name.to_lowercase() == "miền" {
        return false;
    }
    if labels.iter().all(|label| label.chars().count() == 1) || DOUBTFUL.contains(&lower.as_str()) {
        return false;
    }
    let digits_only = labels
        .iter()
        .all(|label| label.bytes().all(|b| b.is_ascii_digit()));
    if digits_only && (labels.len() > 1 || lower.len() == 2 && name.len() < 3) {
        return false;
    }
    // "nhanh.xin", "hàng.co": two words and a full stop between them.
    let doubtful = WORDS.contains(&lower.as_str()) && labels.len() == 1;
    !(doubtful && (digits_only || is_syllable(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_from_punctuation() {
        let hosts = [
            ("vietcombank.top-vn.xyz", "vietcombank.top-vn.xyz"),
            ("clmm.me", "clmm.me"),
            ("b29tet.me", "b29tet.me"),
            ("789.club", "789.club"),
            ("VIETCOMBANK.COM.VN", "VIETCOMBANK.COM.VN"),
            ("cốccốc.vn", "cốccốc.vn"),
            ("www.nhanh.xin", "www.nhanh.xin"),
            ("vietcombank.icude", "vietcombank.icu"),
            ("dichvucong.com.vnde", "dichvucong.com.vn"),
            ("vidu-bank.com.Neu", "vidu-bank.com"),
            ("dichvucong.gov-vn.comđể", "dichvucong.gov-vn.com"),
            ("vidu-bank.topngay", "vidu-bank.top"),
            ("vidu.com.", "vidu.com"),
        ];
        for (run, host) in hosts {
            let length = host_length(run, Around::TEXT);
            assert_eq!(length.and_then(|end| run.get(..end)), Some(host), "{run}");
        }
        let prose = [
            "nhanh.xin",
            "hàng.co",
            "xong.to",
            "TP.HCM",
            "v.v",
            "U.S",
            "ThS.BS",
            "hoadon.pdf",
            "anh.zip",
            "1.500.000",
            "24.11.2026",
            "tien.Toi",
            "rồi.Sau",
            "GS.TS",
            "2.5.tr",
            "a.vn",
            "10.la",
            "baocao.doc",
            "chao.ai",
            "ASP.NET",
            "vb.net",
            "vidubank.comđẹp",
            "miền.vn",
        ];
        for run in prose {
            assert_eq!(host_length(run, Around::TEXT), None, "{run}");
        }
        assert_eq!(
            host_length(
                "t.me",
                Around {
                    more: true,
                    ..Around::TEXT
                }
            ),
            Some(4)
        );
        assert_eq!(
            host_length(
                "1.000.vn",
                Around {
                    more: true,
                    ..Around::TEXT
                }
            ),
            None
        );
    }
}
