//! What a text says of money: that it was paid, how much, or that somebody wants it.

use super::about_to::is_ahead;
use super::sums::sum;

/// What says that it has happened.
const DONE: [&str; 8] = ["vua", "moi", "da", "lo", "trot", "bi", "just", "have"];
/// What is done with money.
const PAYING: [&str; 16] = [
    "chuyen",
    "ck",
    "nop",
    "gui",
    "dong",
    "tra",
    "coc",
    "nap",
    "mat",
    "tru",
    "lua",
    "bay",
    "sent",
    "paid",
    "lost",
    "transferred",
];
/// What says that it is money.
const MONEY: [&str; 14] = [
    "tien", "khoan", "trieu", "tr", "cu", "ty", "nghin", "ngan", "k", "vnd", "usdt", "stk", "tk",
    "coc",
];
/// What says that it has not happened.
const NOT: [&str; 8] = ["chua", "khong", "ko", "dung", "not", "never", "be", "get"];
/// Who wants it, and what is only thought of.
const WANTED: [&str; 26] = [
    "bao", "yeu", "cau", "bat", "ep", "doi", "keu", "nho", "noi", "du", "xui", "khuyen", "muon",
    "can", "phai", "se", "neu", "dinh", "cho", "de", "giup", "dan", "hoi", "moi", "if", "hua",
];
/// Whoever tells.
const SPEAKERS: [&str; 10] = [
    "toi", "em", "minh", "chau", "con", "tui", "e", "t", "me", "chong",
];
/// Words between the parts of such a phrase.
const NEAR: usize = 5;
/// Words behind a verb in which its sum is looked for.
const REACH: usize = 9;

/// Whether the words speak of paying at all, done or asked for.
pub(super) fn is_spoken_of(words: &[&str]) -> bool {
    words.iter().enumerate().any(|(at, &word)| {
        !matches!(word, "lua" | "bay") && PAYING.contains(&word) && is_money_behind(words, at)
            || word == "khoan" && preceded(words, at, &["chuyen"])
            || word == "coc" && preceded(words, at, &["dat"])
            || word == "toan" && preceded(words, at, &["thanh"])
    })
}

/// The largest sum that the words say was paid; 0 where they name none.
pub(super) fn paid(words: &[&str]) -> Option<i64> {
    let mut most: Option<i64> = None;
    // "Bắt chuyển 350 triệu. Tôi chuyển rồi": what was asked for before it was paid.
    let mut asked = None;
    for (at, word) in words.iter().enumerate() {
        if !PAYING.contains(word) || is_denied(words, at) || is_ahead(words, at) {
            continue;
        }
        let named = amount_behind(words, at);
        if is_done(words, at, named.is_some()) {
            let amount = named.or(asked).unwrap_or(0);
            most = most.max(Some(amount));
        } else {
            asked = asked.max(named);
        }
    }
    most
}

/// Whether what the verb says has happened.
fn is_done(words: &[&str], at: usize, named: bool) -> bool {
    let verb = word(words, at);
    let marked = (1..=2).any(|back| is_marked(words, at, back)) && is_money_behind(words, at);
    let close = sum_within(words, at + 1, 3);
    match verb {
        // "mất sạch 1 tỷ 2", "bị lừa 1 tỷ rưỡi": the sum stands right behind it.
        "mat" => marked || close && !preceded(words, at, &["se", "the"]),
        // "bị lừa đảo mua hàng 2tr5".
        "lua" => {
            let after = at + 1 + usize::from(word(words, at + 1) == "dao");
            let bought = word(words, after) == "mua" && word(words, after + 1) == "hang";
            let close = sum_within(words, after + if bought { 2 } else { 0 }, 3);
            close && (1..=2).any(|back| is_marked(words, at, back))
        }
        // "bay 10 củ": gone. "Bảy trăm" and "vé máy bay" read the same without accents.
        "bay" => {
            let gone = begins_with_digit(word(words, at + 1)) && word(words, at + 1) != "7";
            let lost = matches!(word(words, at + 1), "mat" | "mau" | "sach" | "luon");
            (gone || lost) && close && !preceded(words, at, &["may", "ve", "chuyen"])
        }
        // "nó trừ 48 triệu luôn": gone.
        "tru" => {
            let gone = || {
                let mut behind = (at + 2..at + 6).map(|at| word(words, at));
                behind.any(|word| matches!(word, "luon" | "roi" | "sach"))
            };
            marked || close && preceded(words, at, &["no", "chung", "app", "may"]) && gone()
        }
        "sent" | "paid" | "lost" | "transferred" => marked || close,
        _ => {
            let told = is_told(words, at);
            let often = word(words, at + 2) == "lan" && begins_with_digit(word(words, at + 1));
            marked || named && (told || often) || has_ended(words, at, named) && (named || told)
        }
    }
}

/// "đã", "vừa", "mới" before the verb; "mỗi tháng" is no "mới".
fn is_marked(words: &[&str], at: usize, back: usize) -> bool {
    let Some(marker) = at.checked_sub(back) else {
        return false;
    };
    let each = word(words, marker) == "moi"
        && matches!(
            word(words, marker + 1),
            "thang" | "ngay" | "lan" | "nam" | "tuan" | "ky"
        );
    DONE.contains(&word(words, marker)) && !each
}

/// "chưa chuyển", "không mất"; a fee that somebody takes; what was read in a message and not done.
fn is_denied(words: &[&str], at: usize) -> bool {
    if preceded(words, at, &NOT) || preceded(words, at.saturating_sub(1), &NOT) {
        return true;
    }
    let taken = matches!(word(words, at), "tru" | "mat");
    let behind = || {
        (at + 1..)
            .take(REACH)
            .map(|at| (word(words, at), word(words, at + 1)))
    };
    let fee = || {
        behind()
            .take(4)
            .any(|(one, _)| matches!(one, "phi" | "cuoc"))
            && word(words, at) == "tru"
    };
    let monthly = || {
        let each = |one: &str, two: &str| {
            matches!(one, "moi" | "hang" | "mot") && matches!(two, "thang" | "nam" | "tuan" | "ky")
        };
        behind().take(6).any(|(one, two)| each(one, two))
            || (1..=3).any(|back| {
                let before = at.checked_sub(back);
                before.is_some_and(|before| each(word(words, before), word(words, before + 1)))
            })
    };
    let untouched = || {
        behind().any(|(one, two)| {
            one == "chua"
                && matches!(
                    two,
                    "bam" | "click" | "nhap" | "lam" | "mat" | "chuyen" | "vao"
                )
        })
    };
    taken && (fee() || monthly() || untouched())
}

/// "em ck cho stk … 15tr": the one who tells, and nobody who wants it.
fn is_told(words: &[&str], at: usize) -> bool {
    let Some(speaker) = at.checked_sub(1) else {
        return false;
    };
    SPEAKERS.contains(&word(words, speaker))
        && !(1..=4).any(|back| {
            speaker
                .checked_sub(back)
                .is_some_and(|before| WANTED.contains(&word(words, before)))
        })
}

/// "nạp 200 triệu không rút được", "chuyển lúc 9h rồi".
fn has_ended(words: &[&str], at: usize, named: bool) -> bool {
    (at + 1..).take(if named { REACH } else { NEAR }).any(|at| {
        let [one, two, three] = [0, 1, 2].map(|more| word(words, at + more));
        matches!(one, "khong" | "ko" | "k")
            && (two == "rut" && matches!(three, "duoc" | "dc") || two == "cho" && three == "rut")
            || matches!(one, "roi" | "xong") && !matches!(two, "se" | "moi")
    })
}

/// The sums behind a verb, up to where somebody wants more: the largest, or all where there were several
/// transfers.
fn amount_behind(words: &[&str], at: usize) -> Option<i64> {
    let times = match (word(words, at + 1).parse::<i64>(), word(words, at + 2)) {
        (Ok(times @ 2..=20), "lan") => Some(times),
        _ => None,
    };
    let (mut most, mut all, mut each) = (None, 0_i64, false);
    let mut next = at + 1;
    let end = at + 1 + REACH + if times.is_some() { REACH } else { 0 };
    while next < end.min(words.len()) {
        let wanted = matches!(word(words, next), "bat" | "doi" | "ep" | "bao" | "yeu");
        let again = PAYING.contains(&word(words, next)) && is_ahead(words, next);
        if again || wanted && (next + 1..next + 5).any(|at| PAYING.contains(&word(words, at))) {
            break;
        }
        each |= word(words, next) == "moi";
        match words.get(next..).and_then(sum) {
            Some((amount, taken)) => {
                most = most.max(Some(amount));
                all = all.saturating_add(amount);
                next += taken.max(1);
            }
            None => next += 1,
        }
    }
    match (times, most) {
        (Some(times), Some(amount)) if each => amount.checked_mul(times).or(most),
        (Some(_), Some(_)) => Some(all),
        _ => most,
    }
}

pub(super) fn word<'a>(words: &[&'a str], at: usize) -> &'a str {
    words.get(at).copied().unwrap_or_default()
}

fn begins_with_digit(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}

pub(super) fn preceded(words: &[&str], at: usize, by: &[&str]) -> bool {
    at.checked_sub(1)
        .is_some_and(|at| by.contains(&word(words, at)))
}

/// Whether a sum begins at one of the next words, with nothing but small words before it.
fn sum_within(words: &[&str], from: usize, reach: usize) -> bool {
    let small = |word: &str| {
        matches!(
            word,
            "sach"
                | "het"
                | "tong"
                | "cong"
                | "khoang"
                | "gan"
                | "hon"
                | "tren"
                | "luon"
                | "trang"
                | "toi"
                | "mat"
                | "so"
                | "tien"
                | "about"
                | "over"
                | "them"
                | "may"
                | "vai"
                | "ca"
                | "em"
                | "me"
                | "tam"
                | "nearly"
                | "a"
        )
    };
    for at in from..from + reach {
        if words.get(at..).and_then(sum).is_some() {
            return true;
        }
        if !small(word(words, at)) {
            return false;
        }
    }
    false
}

pub(super) fn is_money_behind(words: &[&str], at: usize) -> bool {
    let behind = words.get(at + 1..).unwrap_or_default();
    (0..behind.len().min(NEAR))
        .any(|at| MONEY.contains(&word(behind, at)) || behind.get(at..).and_then(sum).is_some())
}

#[cfg(test)]
mod tests {
    use super::super::{fold_text, read, speaks_of_paying, words};
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
    #[case("chị vào link rồi nó trừ 48 triệu luôn", Some(48_000_000))]
    #[case("không huỷ thì nó trừ 3tr5", None)]
    #[case("em mất 20tr", Some(20_000_000))]
    #[case("đã chuyển tiền rồi", Some(0))]
    #[case("vừa chuyển khoản cho nó", Some(0))]
    #[case("mất sạch 1 tỷ 2 rồi", Some(1_200_000_000))]
    #[case("Tôi mất một trăm hai mươi triệu đồng", Some(120_000_000))]
    #[case("mất hai tỷ ba trăm triệu", Some(2_300_000_000))]
    #[case("em ck cho stk 102874563921 vietinbank 15tr", Some(15_000_000))]
    #[case("bắt chuyển 350 triệu. Tôi chuyển lúc 9h rồi", Some(350_000_000))]
    #[case("nạp 200 triệu không rút được", Some(200_000_000))]
    #[case("mất khoảng 6-7 triệu", Some(6_000_000))]
    #[case("bị lừa 1 tỷ rưỡi", Some(1_500_000_000))]
    #[case("bị lừa mất 20 triệu", Some(20_000_000))]
    #[case("vừa bị lừa 500 triệu qua app sàn vàng", Some(500_000_000))]
    #[case("bị lừa đảo mua hàng 2tr5", Some(2_500_000))]
    #[case("bị lừa đảo 5 triệu", Some(5_000_000))]
    #[case("bay 10 củ", Some(10_000_000))]
    #[case("bay mất 10 củ rồi", Some(10_000_000))]
    #[case("vé máy bay 2 triệu", None)]
    #[case("bảy trăm triệu", None)]
    #[case("không bị lừa đảo mua hàng 2tr5", None)]
    #[case("chuyển 2 lần 20tr và 30tr", Some(50_000_000))]
    #[case("tôi chuyển 3 lần mỗi lần 10tr", Some(30_000_000))]
    #[case("I lost 30,000,000 VND", Some(30_000_000))]
    #[case("I sent 5 million dong to him", Some(5_000_000))]
    #[case("mat 2 tr ruoi", Some(2_500_000))]
    #[case("đã chuyển 5tr, giờ nó bắt nộp thêm 50 triệu", Some(5_000_000))]
    #[case("tôi chưa chuyển 50 triệu", None)]
    #[case("bảo tôi chuyển 48 triệu", None)]
    #[case("họ yêu cầu em ck 15tr", None)]
    #[case("nó nói nếu tôi nộp 2tr thì cho vay", None)]
    #[case("họ đã chuyển máy cho cán bộ khác", None)]
    #[case("đã gửi đường link lạ", None)]
    #[case("tk bị trừ 2.500.000d phí, tôi chưa bấm", None)]
    #[case("mỗi tháng trừ 3,5tr", None)]
    #[case("bị trừ 3,5tr mỗi tháng", None)]
    #[case("không bị lừa 5 triệu", None)]
    #[case("nạp 200 triệu sẽ được thưởng", None)]
    #[case("to be paid 5,000,000 VND a day", None)]
    #[case("", None)]
    fn money_sent(#[case] text: &str, #[case] paid: Option<i64>) {
        assert_eq!(read([text]).paid_vnd, paid, "{:?}", words(&fold_text(text)));
    }

    #[rstest]
    #[case("bảo tôi chuyển 48 triệu", true)]
    #[case("yêu cầu đặt cọc trước", true)]
    #[case("đòi nộp phí 2 triệu", true)]
    #[case("bắt chuyển khoản", true)]
    #[case("vừa bị lừa 500 triệu qua app sàn vàng", true)]
    #[case("chồng em vừa bị lừa 500 củ qua app sàn vàng", true)]
    #[case("chuyến bay bị huỷ", false)]
    #[case("gửi link lạ qua Zalo", false)]
    #[case("lừa bán hàng", false)]
    fn words_for_paying(#[case] text: &str, #[case] paying: bool) {
        assert_eq!(speaks_of_paying([text]), paying);
    }
}
