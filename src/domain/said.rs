//! Whether what a reporter writes says more about the matter, or only asks how it stands, or thanks.
//!
//! Only a text that consists of nothing but such phrases is none; whatever else stands there is content, for what a
//! citizen says may not be lost.

use super::fold::fold_text;

/// What a text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Nothing at all.
    Nothing,
    /// How the matter stands.
    Asks,
    /// Thanks, or that it was understood.
    Thanks,
    /// Something about the matter.
    More,
}

/// Phrases without accents, and what a text of nothing else says. The longest that fits counts, so "co chua" is
/// none although "da co ket qua chua" is.
const PHRASES: &[(&str, Said)] = &[
    ("xem ket qua", Said::Asks),
    ("ket qua", Said::Asks),
    ("kq", Said::Asks),
    ("xem kq", Said::Asks),
    ("xem", Said::Asks),
    ("tra cuu", Said::Asks),
    ("kiem tra", Said::Asks),
    ("tinh trang", Said::Asks),
    ("trang thai", Said::Asks),
    ("ket qua the nao", Said::Asks),
    ("ket qua sao roi", Said::Asks),
    ("co ket qua", Said::Asks),
    ("co ket qua chua", Said::Asks),
    ("da co ket qua chua", Said::Asks),
    ("den dau roi", Said::Asks),
    ("the nao roi", Said::Asks),
    ("sao roi", Said::Asks),
    ("xong chua", Said::Asks),
    ("giai quyet chua", Said::Asks),
    ("giai quyet den dau roi", Said::Asks),
    ("khi nao co ket qua", Said::Asks),
    ("khi nao co kq", Said::Asks),
    ("bao gio co ket qua", Said::Asks),
    ("bao gio co kq", Said::Asks),
    ("khi nao xong", Said::Asks),
    ("bao gio xong", Said::Asks),
    ("bao lau", Said::Asks),
    ("bao lau nua", Said::Asks),
    ("bao lau co ket qua", Said::Asks),
    ("con bao lau nua", Said::Asks),
    ("da xu ly chua", Said::Asks),
    ("xu ly chua", Said::Asks),
    ("xu ly den dau roi", Said::Asks),
    ("xu ly the nao roi", Said::Asks),
    ("xu ly sao roi", Said::Asks),
    ("da giai quyet chua", Said::Asks),
    ("da xong chua", Said::Asks),
    ("bao gio giai quyet xong", Said::Asks),
    ("tt", Said::Asks),
    ("tinh hinh the nao roi", Said::Asks),
    ("tinh hinh sao roi", Said::Asks),
    ("status", Said::Asks),
    ("result", Said::Asks),
    ("check", Said::Asks),
    ("any news", Said::Asks),
    ("cam on", Said::Thanks),
    ("cam on nhieu", Said::Thanks),
    ("xin cam on", Said::Thanks),
    ("chan thanh cam on", Said::Thanks),
    ("cam on rat nhieu", Said::Thanks),
    ("thank you", Said::Thanks),
    ("thank you very much", Said::Thanks),
    ("thanks", Said::Thanks),
    ("thanks a lot", Said::Thanks),
    ("tks", Said::Thanks),
    ("ok", Said::Thanks),
    ("oke", Said::Thanks),
    ("okay", Said::Thanks),
    ("da", Said::Thanks),
    ("vang", Said::Thanks),
    ("da vang", Said::Thanks),
    ("da hieu", Said::Thanks),
    ("da nhan duoc", Said::Thanks),
    ("da ro", Said::Thanks),
    // Whom one speaks to, and how.
    ("toi", Said::Nothing),
    ("toi xin", Said::Nothing),
    ("em", Said::Nothing),
    ("minh", Said::Nothing),
    ("chau", Said::Nothing),
    ("cho toi", Said::Nothing),
    ("cho em", Said::Nothing),
    ("cho minh", Said::Nothing),
    ("cho hoi", Said::Nothing),
    ("cho toi hoi", Said::Nothing),
    ("cho em hoi", Said::Nothing),
    ("xin hoi", Said::Nothing),
    ("xin chao", Said::Nothing),
    ("chao", Said::Nothing),
    ("anh", Said::Nothing),
    ("chi", Said::Nothing),
    ("anh chi", Said::Nothing),
    ("ban", Said::Nothing),
    ("chu", Said::Nothing),
    ("bac", Said::Nothing),
    ("cac anh", Said::Nothing),
    ("cac anh chi", Said::Nothing),
    ("cac chu", Said::Nothing),
    ("can bo", Said::Nothing),
    ("cong an", Said::Nothing),
    ("cac dong chi", Said::Nothing),
    ("dong chi", Said::Nothing),
    ("tin bao", Said::Nothing),
    ("tin bao cua toi", Said::Nothing),
    ("ma tra cuu", Said::Nothing),
    ("ma", Said::Nothing),
    ("a", Said::Nothing),
    ("nhe", Said::Nothing),
    ("nha", Said::Nothing),
    ("nhieu", Said::Nothing),
    ("please", Said::Nothing),
    ("hello", Said::Nothing),
];

/// Words of the longest phrase.
const LONGEST: usize = 5;

/// Signs that say nothing by themselves; any other, as 🆘, may.
fn is_mute(c: char) -> bool {
    c.is_whitespace()
        || c.is_ascii_punctuation()
        || matches!(c, '…' | '–' | '—' | '“' | '”' | '‘' | '’' | '«' | '»')
        || matches!(
            c,
            '🙏' | '❤' | '👍' | '😊' | '🙂' | '🥰' | '🌹' | '\u{fe0f}' | '\u{200d}'
        )
        || matches!(c, '\u{200b}' | '\u{feff}')
}

/// What a text says.
pub fn said(text: &str) -> Said {
    let folded = fold_text(text);
    let words: Vec<&str> = folded.split(is_mute).filter(|w| !w.is_empty()).collect();
    let mut rest = words.as_slice();
    let mut whole = Said::Nothing;
    while !rest.is_empty() {
        let Some((length, one)) = phrase_at(rest) else {
            return Said::More;
        };
        whole = match (whole, one) {
            (Said::Asks, _) | (_, Said::Asks) => Said::Asks,
            (Said::Thanks, _) | (_, Said::Thanks) => Said::Thanks,
            _ => Said::Nothing,
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    whole
}

/// The longest phrase with which some words begin: how many words it has, and what it says.
fn phrase_at(words: &[&str]) -> Option<(usize, Said)> {
    (1..=LONGEST.min(words.len())).rev().find_map(|length| {
        let some = words.get(..length)?;
        let (_, said) = PHRASES
            .iter()
            .find(|(phrase, _)| phrase.split(' ').eq(some.iter().copied()))?;
        Some((length, *said))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thanks_and_questions_are_no_content_and_everything_else_is() {
        for (text, expected) in [
            ("", Said::Nothing),
            (" .-… ", Said::Nothing),
            ("🙏🙏", Said::Nothing),
            ("Xin chào anh chị", Said::Nothing),
            ("xem kết quả", Said::Asks),
            ("XEM KET QUA", Said::Asks),
            ("Cho em hỏi kết quả thế nào ạ?", Said::Asks),
            ("Đã có kết quả chưa?", Said::Asks),
            ("cảm ơn, cho tôi xem kết quả", Said::Asks),
            ("status", Said::Asks),
            ("Khi nào có kết quả?", Said::Asks),
            ("TT", Said::Asks),
            ("đã xử lý chưa ạ", Said::Asks),
            ("bao lâu nữa có kết quả", Said::Asks),
            ("bao lâu nay nó vẫn gọi", Said::More),
            ("Cảm ơn", Said::Thanks),
            (
                "Tôi xin cảm ơn các anh chị công an nhiều ạ 🙏",
                Said::Thanks,
            ),
            ("Dạ vâng ạ", Said::Thanks),
            ("Thank you!", Said::Thanks),
            ("OK", Said::Thanks),
            ("cảm ơn, nó vừa gọi lại", Said::More),
            ("cam on 0912345678", Said::More),
            ("kết quả tôi mất 30 triệu", Said::More),
            ("chưa", Said::More),
            ("có", Said::More),
            ("cứu", Said::More),
            ("🆘", Said::More),
            ("48000000", Said::More),
            ("Tôi em chưa chuyển", Said::More),
            ("谢谢", Said::More),
            ("LD (0912345678) (ok)", Said::More),
        ] {
            assert_eq!(said(text), expected, "{text}");
        }
    }

    #[test]
    fn every_phrase_is_written_as_it_is_compared_and_once() {
        for (n, (phrase, said_)) in PHRASES.iter().enumerate() {
            assert_eq!(fold_text(phrase), *phrase);
            assert!(phrase.split(' ').count() <= LONGEST, "{phrase}");
            assert_eq!(said(phrase), *said_, "{phrase}");
            let again = PHRASES.iter().skip(n + 1).any(|(other, _)| other == phrase);
            assert!(!again, "{phrase}");
        }
    }
}
