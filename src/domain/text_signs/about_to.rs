//! Whether a text says that money is about to move, so that somebody can still stop it: "sắp chuyển 200tr", "mẹ em
//! đang nói chuyện với nó".

use super::paid::{is_money_behind, preceded, word};

/// What is about to be done with money. "Trả" and "đóng" are left out: bills are paid every day.
const PAYING: [&str; 9] = [
    "chuyen", "ck", "nop", "gui", "nap", "coc", "rut", "send", "transfer",
];
/// What is moved besides money: "sắp chuyển nhà", "chuẩn bị chuyển trường".
const OTHER_MOVES: [&str; 24] = [
    "nha", "truong", "cong", "viec", "lop", "vien", "khoa", "tro", "phong", "noi", "san", "gioi",
    "mua", "sang", "den", "ve", "hang", "phat", "bay", "ngu", "mang", "dang", "nganh", "doi",
];
/// Words between what says that it is about to happen and the verb.
const SMALL: [&str; 6] = ["phai", "di", "ra", "toi", "se", "lai"];
/// Who swindles.
const THEY: [&str; 7] = ["no", "chung", "bon", "ke", "ho", "thang", "lua"];
/// Who gets the money where it is the teller's to get.
const TELLERS: [&str; 4] = ["toi", "em", "minh", "tui"];
/// What somebody does who makes another pay.
const PRESSING: [&str; 11] = [
    "bat", "ep", "giuc", "thuc", "doi", "yeu", "bao", "du", "keu", "huong", "xui",
];
/// Words in which the verb stands behind who presses for it, or behind the bank where it is done.
const NEAR: usize = 6;
/// Words behind the verb in which it is said that it did not come to it.
const REACH: usize = 10;

/// Whether the words say so.
pub(super) fn is_about_to_pay(words: &[&str]) -> bool {
    (0..words.len()).any(|at| {
        (pays(words, at) && (is_ahead(words, at) || is_pressed(words, at)) && !is_over(words, at))
            || is_being_talked_to(words, at)
    })
}

/// Whether the verb here is about to happen, so that nothing was paid by it yet.
pub(super) fn is_ahead(words: &[&str], at: usize) -> bool {
    (0..=1).any(|small| {
        let Some(end) = at.checked_sub(small) else {
            return false;
        };
        (small == 0 || SMALL.contains(&word(words, end))) && is_marked(words, end)
    }) || is_at_the_bank(words, at)
}

/// "sắp", "chuẩn bị", "đang định", "đang" right before this place; not "không định", "suýt chuẩn bị".
fn is_marked(words: &[&str], end: usize) -> bool {
    let back = |n: usize| end.checked_sub(n).map_or("", |at| word(words, at));
    let length = match (back(2), back(1)) {
        ("chuan", "bi") | ("about" | "going", "to") => 2,
        (_, "sap" | "dinh") => 1,
        (_, "dang") => 1,
        _ => return false,
    };
    let before = back(length + 1);
    !matches!(
        before,
        "khong"
            | "ko"
            | "k"
            | "chua"
            | "chang"
            | "dung"
            | "suyt"
            | "not"
            | "gia"
            | "nhat"
            | "on"
            | "quyet"
            | "xac"
            | "chi"
            | "quy"
    )
}

/// "đang ra ngân hàng để rút tiền".
fn is_at_the_bank(words: &[&str], at: usize) -> bool {
    (3..=NEAR).any(|back| {
        let Some(bank) = at.checked_sub(back - 1) else {
            return false;
        };
        word(words, bank) == "ngan"
            && word(words, bank + 1) == "hang"
            && preceded(words, bank, &["ra", "den", "toi", "o", "vao"])
            && (2..=5).any(|before| {
                let marker = bank.checked_sub(before);
                marker.is_some_and(|marker| matches!(word(words, marker), "dang" | "sap"))
            })
    })
}

/// "nó đang giục em chuyển tiền".
fn is_pressed(words: &[&str], at: usize) -> bool {
    (1..=NEAR).any(|back| {
        let Some(pressing) = at.checked_sub(back) else {
            return false;
        };
        PRESSING.contains(&word(words, pressing)) && preceded(words, pressing, &["dang"])
    })
}

/// Whether the verb here moves money.
fn pays(words: &[&str], at: usize) -> bool {
    let verb = word(words, at);
    let next = word(words, at + 1);
    if !PAYING.contains(&verb) || verb == "chuyen" && OTHER_MOVES.contains(&next) {
        return false;
    }
    let them = next == "cho" && THEY.contains(&word(words, at + 2));
    let money = || (1..=3).any(|more| word(words, at + more) == "money");
    is_money_behind(words, at) || them || money()
}

/// "thì phát hiện", "nhưng dừng kịp": it did not come to it; or the money comes to whoever tells.
fn is_over(words: &[&str], at: usize) -> bool {
    (at + 1..at + 1 + REACH).any(|at| {
        let next = word(words, at + 1);
        match word(words, at) {
            "thi" => true,
            "may" => next == "ma",
            "nhung" | "but" => matches!(
                next,
                "da" | "kip" | "may" | "dung" | "duoc" | "ngan" | "stopped"
            ),
            "cho" => TELLERS.contains(&next),
            _ => false,
        }
    })
}

/// "mẹ em đang nói chuyện với nó", "bố đang nghe máy của bọn lừa đảo".
fn is_being_talked_to(words: &[&str], at: usize) -> bool {
    let [one, two, three, four, five] = [0, 1, 2, 3, 4].map(|more| word(words, at + more));
    let with = |link: &str, who: &str| matches!(link, "voi" | "cua") && THEY.contains(&who);
    if one != "dang" || preceded(words, at, &["khong", "chua"]) {
        return false;
    }
    match (two, three) {
        ("noi", "chuyen") | ("nghe", "may") | ("goi", "dien" | "video") | ("nhan", "tin") => {
            with(four, five)
        }
        ("nghe", "dien") => with(five, word(words, at + 5)),
        ("chat" | "goi" | "noi", _) => with(three, four),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{fold_text, read, words};
    use rstest::rstest;

    #[rstest]
    #[case("Mẹ em sắp chuyển 200tr cho nó")]
    #[case("sap chuyen 200tr")]
    #[case("sắp chuyển 200 triệu nhưng thấy nghi nên hỏi")]
    #[case("em chuẩn bị chuyển tiền")]
    #[case("Bố tôi chuẩn bị chuyển khoản 50 triệu")]
    #[case("mẹ em đang nói chuyện với nó")]
    #[case("me em dang noi chuyen voi bon lua dao")]
    #[case("bà đang nghe điện thoại của chúng nó, không cúp máy")]
    #[case("tôi đang định nộp 30 triệu vào sàn")]
    #[case("em đang định chuyển cho nó")]
    #[case("mẹ tôi đang ra ngân hàng để rút tiền tiết kiệm")]
    #[case("nó đang giục em chuyển tiền")]
    #[case("chúng đang bắt bố em phải nộp 100 triệu")]
    #[case("mẹ đang chuyển tiền cho nó")]
    #[case("tôi sắp phải chuyển 5tr tiền cọc")]
    #[case("đã chuyển 50 triệu, giờ sắp chuyển thêm 100 triệu")]
    #[case("my mother is about to send money to them")]
    #[case("I am going to transfer 20 million")]
    fn money_about_to_move(#[case] text: &str) {
        assert!(read([text]).about_to_pay, "{:?}", words(&fold_text(text)));
    }

    #[rstest]
    #[case("sắp chuyển nhà")]
    #[case("sắp chuyển nhà, mất 3 triệu tiền cọc")]
    #[case("sắp chuyển công tác")]
    #[case("chuẩn bị chuyển trường, đóng 5 triệu học phí")]
    #[case("con tôi sắp chuyển viện")]
    #[case("chuẩn bị gửi hồ sơ")]
    #[case("sắp đến hạn trả tiền điện")]
    #[case("em không định chuyển tiền")]
    #[case("chưa định chuyển tiền cho nó")]
    #[case("suýt chuẩn bị chuyển tiền")]
    #[case("sắp chuyển 200 triệu thì nhân viên ngân hàng ngăn lại")]
    #[case("em định chuyển tiền nhưng may mà kịp dừng")]
    #[case("nó hứa sắp chuyển tiền cho em")]
    #[case("tôi đang nói chuyện với bạn")]
    #[case("đang ra ngân hàng trình báo")]
    #[case("vừa chuyển 50 triệu")]
    #[case("bảo tôi chuyển 48 triệu")]
    #[case("nó nhất định bắt chuyển tiền")]
    #[case("gia đình chuyển 50 triệu rồi")]
    #[case("đang chuyển sang ứng dụng khác, mất 5 triệu")]
    #[case("")]
    fn nothing_about_to_move(#[case] text: &str) {
        assert!(!read([text]).about_to_pay, "{:?}", words(&fold_text(text)));
    }

    #[rstest]
    #[case("em chuẩn bị chuyển 50 triệu", None)]
    #[case("sắp chuyển 50 triệu", None)]
    #[case("đã chuyển 50 triệu, sắp chuyển thêm 100 triệu", Some(50_000_000))]
    fn what_is_ahead_was_not_paid(#[case] text: &str, #[case] paid: Option<i64>) {
        assert_eq!(read([text]).paid_vnd, paid);
    }
}
