//! Whether a text calls an account the sender's own ("STK của tôi", "bị trừ từ tài khoản…", the balance
//! message of a bank): money left it, so it is nobody's to accuse and nobody's to freeze.
//!
//! The words just before a number count, the last of them most: "từ tài khoản của tôi sang 0011…" names
//! the account that the money went to. The few words behind it count where nothing before them says more.

use super::fold::fold_text;

/// Code points looked at before and behind a number.
const BEFORE: usize = 80;
const BEHIND: usize = 40;
/// Words looked at behind it.
const WORDS_BEHIND: usize = 4;

/// What says that the account is the sender's own.
const OWN: [&str; 35] = [
    "cua toi",
    "cua em",
    "cua minh",
    "cua chau",
    "cua con toi",
    "cua vo",
    "cua chong",
    "cua bo",
    "cua me",
    "cua chung toi",
    "cua gia dinh",
    "cua nan nhan",
    "cua bi hai",
    "tk toi",
    "stk toi",
    "tai khoan toi",
    "tk em",
    "stk em",
    "tai khoan em",
    "tk minh",
    "stk minh",
    "tai khoan minh",
    "tai khoan chau",
    "sd tk",
    "so du tk",
    "so du tai khoan",
    "tu tk",
    "tu stk",
    "tu tai khoan",
    "tu so tai khoan",
    "tien trong tk",
    "tien trong tai khoan",
    "my account",
    "my bank account",
    "from account",
];

/// What says that money goes to what follows.
const TOWARDS: [&str; 14] = [
    "vao",
    "sang",
    "den",
    "qua",
    "cho",
    "nhan",
    "nop",
    "chuyen",
    "chuyen khoan",
    "ck",
    "gui",
    "thu huong",
    "to",
    "into",
];

/// The same words as parts of others: "bị chuyển", "xác nhận", "hôm qua".
const NOT_TOWARDS: [&str; 6] = [
    "bi chuyen",
    "xac nhan",
    "hom qua",
    "vua qua",
    "cho biet",
    "den nay",
];

/// What, right behind a number, says that money left it whatever stands before.
const LEFT: [&str; 7] = [
    "bi tru",
    "tru tien",
    "bi mat",
    "mat tien",
    "bi rut",
    "bi hack",
    "bien dong",
];

/// Whether the account written at these code points of a text is called the sender's own there.
pub fn is_senders_own(text: &str, start: usize, end: usize) -> bool {
    let before: Vec<char> = text
        .chars()
        .skip(start.saturating_sub(BEFORE))
        .take(start.min(BEFORE))
        .collect();
    let behind: String = text.chars().skip(end).take(BEHIND).collect();
    let before = words(last_sentence(&before));
    let behind = words(first_sentence(&behind));
    let few = behind.len().min(WORDS_BEHIND);
    let behind = behind.get(..few).unwrap_or_default();
    if LEFT.iter().any(|phrase| last(behind, phrase).is_some()) {
        return true;
    }
    // "TK 0071… GD: -10,000,000VND": only the holder gets such a message.
    if behind.first().is_some_and(|word| word == "gd") {
        return true;
    }
    let own = latest(&before, &OWN);
    let towards = (0..before.len()).rev().find(|&at| {
        let upto = before.get(..=at).unwrap_or_default();
        TOWARDS.iter().any(|phrase| ends(upto, phrase))
            && !NOT_TOWARDS.iter().any(|phrase| {
                ends(upto, phrase) || before.get(..at + 2).is_some_and(|more| ends(more, phrase))
            })
    });
    match (own, towards) {
        (Some(own), Some(towards)) => own > towards,
        (Some(_), None) => true,
        (None, Some(_)) => false,
        (None, None) => latest(behind, &OWN).is_some(),
    }
}

/// What stands behind the last end of a sentence.
fn last_sentence(text: &[char]) -> String {
    let end = text
        .windows(2)
        .rposition(|pair| matches!(pair, ['.' | '!' | '?' | ';', after] if after.is_whitespace()));
    text.iter().skip(end.map_or(0, |at| at + 1)).collect()
}

fn first_sentence(text: &str) -> String {
    let all: Vec<char> = text.chars().collect();
    let end = all
        .windows(2)
        .position(|pair| matches!(pair, ['.' | '!' | '?' | ';', after] if after.is_whitespace()));
    all.iter().take(end.unwrap_or(all.len())).collect()
}

fn words(text: String) -> Vec<String> {
    fold_text(&text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Whether the words end with a phrase.
fn ends(words: &[String], phrase: &str) -> bool {
    let mut words = words.iter().rev();
    phrase
        .rsplit(' ')
        .all(|wanted| words.next().is_some_and(|word| word == wanted))
}

/// Where a phrase ends for the last time.
fn last(words: &[String], phrase: &str) -> Option<usize> {
    (0..words.len())
        .rev()
        .find(|&at| ends(words.get(..=at).unwrap_or_default(), phrase))
}

fn latest(words: &[String], phrases: &[&str]) -> Option<usize> {
    phrases
        .iter()
        .filter_map(|phrase| last(words, phrase))
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    /// The number between `<` and `>`.
    fn own(text: &str) -> bool {
        let start = text.chars().position(|c| c == '<').unwrap();
        let end = text.chars().position(|c| c == '>').unwrap() - 1;
        is_senders_own(&text.replace(['<', '>'], ""), start, end)
    }

    #[rstest]
    #[case("STK của tôi là <0071000333222> VCB bị trừ 10 triệu sau khi bấm link")]
    #[case("VCB: SD TK <0071000333223> -10,000,000VND luc 24-11-2026")]
    #[case("em bị trừ từ tài khoản Vietcombank của em <0071000333222>")]
    #[case("Tôi vào link rồi tài khoản <0071000333222> bị trừ 10 triệu")]
    #[case("TK <0071000333222> GD: -10,000,000VND 24/11 08:10")]
    #[case("Từ TK: <0071000333222> Đến TK: 0011002233445")]
    #[case("tai khoan toi <0071000333222> mat 10 trieu")]
    #[case("stk <0071000333222> của em mất 10 triệu")]
    #[case("bị trừ tiền trong tk <0071000333222>")]
    #[case("My account <0071000333222> was emptied")]
    #[case("Hôm qua số dư tài khoản VCB <0071000333222> còn 0 đồng")]
    fn the_senders_own(#[case] text: &str) {
        assert!(own(text));
    }

    #[rstest]
    #[case("Tôi vừa chuyển 50 triệu vào STK <0011002233445> VCB 10 phút trước")]
    #[case("tôi chuyển từ tài khoản của tôi sang <0011002233445> VCB")]
    #[case("Từ TK: 0071000333222 Đến TK: <0011002233445>")]
    #[case("từ stk 0071000333222 của em chuyển qua stk <0011002233445>")]
    #[case("STK nhận <0011002233445> MB của nó")]
    #[case("stk <0011002233445> vcb Le Van C")]
    #[case("Tài khoản của tôi bị trừ. STK nó đưa: <0011002233445>")]
    #[case("chuyen tien cho <0011002233445>")]
    #[case("tôi bị trừ 10 triệu, stk nó là <0011002233445>")]
    #[case("tài khoản của tôi không rút được, nó bảo nộp vào <0011002233445>")]
    #[case("em chuyển vào tk <0011002233445> của em gái nó")]
    #[case("I sent it from my account to <0011002233445>")]
    fn somebody_elses(#[case] text: &str) {
        assert!(!own(text));
    }
}
