//! What the words of a tip tell that its fields do not: a life in danger, money sent.
//!
//! Hints for the queue and for the advice, nothing more. Folded words, a few phrases: what is missed is
//! asked for, and what is found wrongly only has the tip looked at sooner.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::fold::fold_char;
use super::money::MOST_VND;

/// What the words tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TextSigns {
    /// Somebody's life is in danger.
    pub life_at_risk: bool,
    /// Money was sent: how much in đồng, 0 where no sum stands beside it.
    pub paid_vnd: Option<i64>,
}

/// Folded, with a blank at both ends: only what means nothing else without its accents.
const LIFE: [&str; 33] = [
    " muon tu tu ",
    " dinh tu tu ",
    " doa tu tu ",
    " se tu tu ",
    " di tu tu ",
    " tu tu cho xong ",
    " y dinh tu sat ",
    " muon tu sat ",
    " tu ket lieu ",
    " ket lieu doi ",
    " chi muon chet ",
    " toi muon chet ",
    " em muon chet ",
    " con muon chet ",
    " chau muon chet ",
    " minh muon chet ",
    " chet cho xong ",
    " khong muon song ",
    " khong thiet song ",
    " kill myself ",
    " suicide ",
    " end my life ",
    " bi bat coc ",
    " bi nhot ",
    " bi giam long ",
    " bi ban sang ",
    " tien chuoc ",
    " cuu toi ",
    " cuu em voi ",
    " cuu con toi ",
    " cuu con voi ",
    " kidnapped ",
    " held for ransom ",
];

/// With their accents, without which they mean "slowly" and "advice".
const LIFE_ACCENTED: [&str; 3] = ["tự tử", "tự sát", "tự vẫn"];

/// What says that it has happened.
const DONE: [&str; 8] = ["vua", "moi", "da", "lo", "trot", "bi", "just", "have"];
/// What is done with money.
const PAYING: [&str; 13] = [
    "chuyen", "ck", "nop", "gui", "dong", "tra", "coc", "nap", "mat", "tru", "sent", "paid", "lost",
];
/// What says that it is money.
const MONEY: [&str; 14] = [
    "tien", "khoan", "trieu", "tr", "cu", "ty", "nghin", "ngan", "k", "vnd", "usdt", "stk", "tk",
    "coc",
];
/// What says that it has not happened.
const NOT: [&str; 4] = ["chua", "khong", "dung", "not"];
/// Words between the parts of such a phrase.
const NEAR: usize = 5;

/// Reads the texts of a tip.
pub fn read<'a>(texts: impl IntoIterator<Item = &'a str>) -> TextSigns {
    let mut signs = TextSigns::default();
    for text in texts {
        let words = words(text);
        signs.life_at_risk |= life_at_risk(text, &words);
        signs.paid_vnd = signs.paid_vnd.max(paid(&words));
    }
    signs
}

/// Whether the words speak of paying at all, done or asked for.
pub fn speaks_of_paying<'a>(texts: impl IntoIterator<Item = &'a str>) -> bool {
    texts.into_iter().any(|text| {
        let words = words(text);
        words.iter().enumerate().any(|(at, word)| {
            PAYING.contains(&word.as_str()) && is_money_behind(&words, at)
                || word == "khoan" && preceded(&words, at, &["chuyen"])
                || word == "coc" && preceded(&words, at, &["dat"])
                || word == "toan" && preceded(&words, at, &["thanh"])
        })
    })
}

fn life_at_risk(text: &str, words: &[String]) -> bool {
    let line = format!(" {} ", words.join(" "));
    if LIFE.iter().any(|phrase| line.contains(phrase)) {
        return true;
    }
    let accented: String = text.nfc().flat_map(char::to_lowercase).collect();
    LIFE_ACCENTED.iter().any(|word| accented.contains(word))
}

/// The largest sum that the words say was paid; 0 where they name none.
fn paid(words: &[String]) -> Option<i64> {
    let said = words.iter().enumerate().filter(|(at, word)| {
        let lost = *word == "mat"
            && words.get(at + 1..).and_then(sum).is_some()
            && !preceded(words, *at, &["se", "the"]);
        let done = (1..=2).any(|back| {
            let done = at.checked_sub(back).and_then(|at| words.get(at));
            done.is_some_and(|done| DONE.contains(&done.as_str()))
        });
        PAYING.contains(&word.as_str())
            && (lost || done)
            && !preceded(words, *at, &NOT)
            && !preceded(words, at.saturating_sub(1), &NOT)
            && is_money_behind(words, *at)
    });
    said.map(|(at, _)| {
        let behind = words.get(at + 1..).unwrap_or_default();
        (0..behind.len().min(NEAR + 4))
            .filter_map(|at| sum(behind.get(at..)?))
            .max()
            .unwrap_or(0)
    })
    .max()
}

fn preceded(words: &[String], at: usize, by: &[&str]) -> bool {
    at.checked_sub(1)
        .and_then(|at| words.get(at))
        .is_some_and(|word| by.contains(&word.as_str()))
}

fn is_money_behind(words: &[String], at: usize) -> bool {
    let behind = words.get(at + 1..).unwrap_or_default();
    (0..behind.len().min(NEAR)).any(|at| {
        let money = behind
            .get(at)
            .is_some_and(|word| MONEY.contains(&word.as_str()));
        money || behind.get(at..).and_then(sum).is_some()
    })
}

/// The sum that begins at the first word: `50 trieu`, `1,2 ty`, `50.000.000`, `500 k`.
fn sum(words: &[String]) -> Option<i64> {
    let [number, rest @ ..] = words else {
        return None;
    };
    let unit = match rest.first().map(String::as_str) {
        Some("ty" | "ti") => 1_000_000_000,
        Some("trieu" | "tr" | "cu") => 1_000_000,
        Some("nghin" | "ngan" | "k") => 1_000,
        _ => 1,
    };
    let mut parts = number.split(['.', ',']);
    let whole = parts.next()?;
    let groups: Vec<&str> = parts.collect();
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty();
    if !digits(whole) || !groups.iter().all(|group| digits(group)) {
        return None;
    }
    let grouped = !groups.is_empty() && groups.iter().all(|group| group.len() == 3);
    let amount = match (unit, groups.as_slice()) {
        (1, groups) if grouped => format!("{whole}{}", groups.concat()).parse().ok()?,
        (1, _) => return None,
        (unit, []) => whole.parse::<i64>().ok()?.checked_mul(unit)?,
        (unit, [part]) if part.len() <= 3 => {
            let scale = [1, 10, 100, 1_000].get(part.len())?;
            let part = part.parse::<i64>().ok()?.checked_mul(unit / scale)?;
            let whole = whole.parse::<i64>().ok()?.checked_mul(unit)?;
            whole.checked_add(part)?
        }
        _ => return None,
    };
    (10_000..=MOST_VND).contains(&amount).then_some(amount)
}

/// Folded words; numbers keep the marks inside them, and part from the letters behind them.
fn words(text: &str) -> Vec<String> {
    let mut folded = String::with_capacity(text.len());
    text.chars().for_each(|c| fold_char(c, |c| folded.push(c)));
    let mut words = Vec::new();
    let mut word = String::new();
    let mut rest = folded.chars().peekable();
    while let Some(c) = rest.next() {
        let last = word.chars().last();
        let in_number = last.is_some_and(|last| last.is_ascii_digit());
        let inside =
            matches!(c, '.' | ',') && in_number && rest.peek().is_some_and(char::is_ascii_digit);
        let breaks = !inside && !c.is_alphanumeric()
            || in_number && c.is_alphabetic()
            || c.is_ascii_digit() && last.is_some_and(char::is_alphabetic);
        if breaks && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if inside || c.is_alphanumeric() {
            word.push(c);
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case(
        "Tôi vừa chuyển 50 triệu vào STK 0011002233445 VCB 10 phút trước",
        Some(50_000_000)
    )]
    #[case("toi da ck 5tr cho no", Some(5_000_000))]
    #[case("Em lỡ nộp 1,2 tỷ vào sàn", Some(1_200_000_000))]
    #[case("đã chuyển cho họ 48.000.000 đồng", Some(48_000_000))]
    #[case("bị trừ 500k trong thẻ", Some(500_000))]
    #[case("em mất 20tr", Some(20_000_000))]
    #[case("đã chuyển tiền rồi", Some(0))]
    #[case("vừa chuyển khoản cho nó", Some(0))]
    #[case("tôi chưa chuyển 50 triệu", None)]
    #[case("bảo tôi chuyển 48 triệu", None)]
    #[case("họ đã chuyển máy cho cán bộ khác", None)]
    #[case("đã gửi đường link lạ", None)]
    #[case("", None)]
    fn money_sent(#[case] text: &str, #[case] paid: Option<i64>) {
        assert_eq!(read([text]).paid_vnd, paid, "{:?}", words(text));
    }

    #[rstest]
    #[case("Tôi muốn tự tử", true)]
    #[case("toi muon tu tu", true)]
    #[case("cháu nghĩ đến TỰ TỬ", true)]
    #[case("Con toi bi bat coc, cuu toi", true)]
    #[case("em bị nhốt bên Campuchia, đòi tiền chuộc", true)]
    #[case("I want to kill myself", true)]
    #[case("cứ từ từ chuyển tiền", false)]
    #[case("cu tu tu chuyen tien", false)]
    #[case("gọi tư vấn viên", false)]
    #[case("thấy quảng cáo việc nhẹ lương cao ở nước ngoài", false)]
    fn a_life_in_danger(#[case] text: &str, #[case] danger: bool) {
        assert_eq!(read([text]).life_at_risk, danger);
    }

    #[rstest]
    #[case("bảo tôi chuyển 48 triệu", true)]
    #[case("yêu cầu đặt cọc trước", true)]
    #[case("đòi nộp phí 2 triệu", true)]
    #[case("bắt chuyển khoản", true)]
    #[case("gửi link lạ qua Zalo", false)]
    fn words_for_paying(#[case] text: &str, #[case] paying: bool) {
        assert_eq!(speaks_of_paying([text]), paying);
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text: String) {
            let _ = (read([text.as_str()]), speaks_of_paying([text.as_str()]));
        }
    }
}
