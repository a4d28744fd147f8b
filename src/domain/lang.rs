//! The two languages in which texts are shown to people, and how a client asks for one.
//!
//! Codes never change with the language. Vietnamese is the default (the service stands in
//! Điện Biên); English is for visitors and for authors of client programs.

use serde::{Deserialize, Serialize};

/// A language in which texts are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Vietnamese.
    #[default]
    Vi,
    /// English.
    En,
}

/// A text in both languages, as it stands in reference data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Vietnamese, with diacritics.
    pub vi: String,
    /// English.
    pub en: String,
}

impl Text {
    /// The text in one language.
    pub fn in_lang(&self, lang: Lang) -> &str {
        lang.pick(&self.vi, &self.en)
    }
}

/// Longest header that is looked at, and most ranges in it.
const MAX_HEADER: usize = 1_000;

impl Lang {
    /// Chooses by an `Accept-Language` field (RFC 9110, 12.5.4); Vietnamese when nothing else is wanted.
    pub fn from_accept_language(header: Option<&str>) -> Self {
        let Some(header) = header.filter(|header| header.len() <= MAX_HEADER) else {
            return Self::Vi;
        };
        let mut best = (0, Self::Vi);
        for range in header.split(',') {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or_default().trim();
            let weight = parts.find_map(weight).unwrap_or(1_000);
            let primary = tag.split(['-', '_']).next().unwrap_or_default();
            let lang = match primary.to_ascii_lowercase().as_str() {
                "vi" | "*" => Self::Vi,
                "en" => Self::En,
                _ => continue,
            };
            // Strictly more: among equals the one named first wins.
            if weight > best.0 {
                best = (weight, lang);
            }
        }
        best.1
    }

    /// The language tag (BCP 47), fit for `Content-Language`.
    pub fn as_str(self) -> &'static str {
        self.pick("vi", "en")
    }

    /// One of two texts.
    pub fn pick<T>(self, vi: T, en: T) -> T {
        match self {
            Self::Vi => vi,
            Self::En => en,
        }
    }
}

/// A quality value in thousandths; nonsense counts as absent.
fn weight(parameter: &str) -> Option<u32> {
    let value = parameter
        .trim()
        .strip_prefix("q=")
        .or_else(|| parameter.trim().strip_prefix("Q="))?;
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if fraction.len() > 3 || !digits(fraction) {
        return None;
    }
    match whole {
        "1" => Some(1_000),
        "0" => format!("{fraction:0<3}").parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case::absent(None, Lang::Vi)]
    #[case::empty(Some(""), Lang::Vi)]
    #[case::plain_english(Some("en"), Lang::En)]
    #[case::browser_in_vietnam(Some("vi-VN,vi;q=0.9,en-US;q=0.8,en;q=0.7"), Lang::Vi)]
    #[case::browser_of_a_visitor(Some("fr-FR,fr;q=0.9,en;q=0.8"), Lang::En)]
    #[case::weights_beat_order(Some("vi;q=0.1, en;q=0.2"), Lang::En)]
    #[case::refused(Some("en;q=0"), Lang::Vi)]
    #[case::anything(Some("*"), Lang::Vi)]
    #[case::unknown_only(Some("lo, zh-CN"), Lang::Vi)]
    #[case::upper_case(Some("EN-gb"), Lang::En)]
    #[case::first_of_equals(Some("en, vi"), Lang::En)]
    fn accept_language_chooses(#[case] header: Option<&str>, #[case] expected: Lang) {
        assert_eq!(Lang::from_accept_language(header), expected);
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(header in "\\PC*") {
            let _ = Lang::from_accept_language(Some(&header));
        }
    }
}
