//! The words that say what the next number is, folded: Vietnamese with or without accents, and English.

use std::sync::LazyLock;

use crate::domain::phrases::Phrases;

/// What a phrase announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    Otp,
    /// A code of some sort, if it has six digits and is read out or given.
    Code,
    Pin,
    Cvv,
    Card,
    Id,
    Password,
    /// The words that open a wallet.
    Wallet,
    /// Something that must stay readable: an account, a phone number, a code of a transfer.
    Evidence,
}

/// Phrases and what they announce; the longest that ends at a word counts.
const PHRASES: [(Label, &[&str]); 9] = [
    (
        Label::Otp,
        &[
            "otp",
            "o t p",
            "o te pe",
            "ma xac thuc",
            "ma xac nhan",
            "ma xac minh",
            "ma kich hoat",
            "ma dang nhap",
            "verification code",
            "your code",
            "login code",
            "zalo code",
            "passcode",
        ],
    ),
    (
        Label::Code,
        &[
            "doc", "doc ma", "hoi ma", "ma gom", "6 so", "6 chu so", "sau so", "gom 6 so", "chu so",
        ],
    ),
    (
        Label::Wallet,
        &[
            "seed phrase",
            "seed",
            "recovery phrase",
            "tu khoa",
            "tu khoi phuc",
            "cum tu bi mat",
            "tu bi mat",
        ],
    ),
    (Label::Pin, &["pin"]),
    (
        Label::Cvv,
        &[
            "cvv",
            "cvc",
            "ma bao mat",
            "security code",
            "mat sau",
            "sau the",
            "so bi mat",
        ],
    ),
    (
        Label::Card,
        &[
            "so the",
            "the atm",
            "the tin dung",
            "the ghi no",
            "card",
            "visa",
            "mastercard",
            "napas",
        ],
    ),
    (
        Label::Id,
        &[
            "cccd",
            "cmnd",
            "cmtnd",
            "cmt",
            "can cuoc",
            "chung minh nhan",
            "chung minh thu",
            "so chung minh",
            "so dinh danh",
            "ma dinh danh",
            "citizen id",
            "national id",
            "identity card",
        ],
    ),
    (
        Label::Password,
        &[
            "mat khau",
            "matkhau",
            "mat ma",
            "mk",
            "password",
            "pass",
            "pwd",
            "private key",
            "khoa rieng tu",
            "khoa bi mat",
        ],
    ),
    (
        Label::Evidence,
        &[
            "stk",
            "tk",
            "tai khoan",
            "account",
            "sdt",
            "dt",
            "dien thoai",
            "phone",
            "hotline",
            "tong dai",
            "dau so",
            "zalo",
            "ma giao dich",
            "ma don",
            "don hang",
            "van don",
            "bien lai",
            "mst",
            "ma so thue",
        ],
    ),
];

static BY_LAST: LazyLock<Phrases<Label>> = LazyLock::new(|| {
    let each = |(label, phrases): &(Label, &[&'static str])| {
        phrases
            .iter()
            .map(|phrase| (*phrase, *label))
            .collect::<Vec<_>>()
    };
    Phrases::new(PHRASES.iter().flat_map(each))
});

/// What the words read so far announce; `recent` holds the last three, newest last.
pub(super) fn label(recent: &[&str; 3]) -> Option<Label> {
    let [first, second, last] = *recent;
    BY_LAST.ending(last, [second, first].into_iter())
}

/// Words right before a number that make it a sum or a date.
pub(super) fn announces_sum_or_date(word: &str) -> bool {
    matches!(
        word,
        "tien"
            | "tru"
            | "mat"
            | "chuyen"
            | "nap"
            | "rut"
            | "phi"
            | "gia"
            | "vay"
            | "no"
            | "coc"
            | "nam"
            | "thang"
            | "ngay"
            | "luc"
            | "hon"
            | "gan"
            | "khoang"
            | "toi"
            | "usd"
            | "vnd"
    )
}

/// Words that name what must stay readable, wherever it is called so: "nhập mật khẩu vào app tên là …".
pub(super) fn names_evidence(word: &str) -> bool {
    matches!(
        word,
        "dich" | "don" | "stk" | "sdt" | "link" | "web" | "trang" | "bien" | "ten" | "vao" | "tren"
    )
}

/// Units right after a number that make it a sum or a count.
pub(super) fn is_unit(word: &str) -> bool {
    matches!(
        word,
        "d" | "dong"
            | "vnd"
            | "vnđ"
            | "k"
            | "ngan"
            | "nghin"
            | "ngh"
            | "tr"
            | "trieu"
            | "cu"
            | "ty"
            | "ti"
            | "usd"
            | "usdt"
            | "dola"
            | "do"
            | "nguoi"
            | "lan"
            | "ngay"
            | "thang"
            | "nam"
            | "gio"
            | "phut"
            | "tin"
    )
}

/// Words right before a code that is read out or given: "đọc mã 593821", "tôi trả lời 123456".
pub(super) fn gives_code(word: &str) -> bool {
    matches!(
        word,
        "doc" | "ma" | "so" | "loi" | "cap" | "la" | "gui" | "nhap"
    )
}

/// Words that may stand between a label and what it announces.
pub(super) fn is_connector(word: &str) -> bool {
    matches!(
        word,
        "la" | "is"
            | "e"
            | "t"
            | "tui"
            | "ngay"
            | "sinh"
            | "nick"
            | "acc"
            | "icloud"
            | "telegram"
            | "tiktok"
            | "so"
            | "ma"
            | "cua"
            | "toi"
            | "minh"
            | "em"
            | "anh"
            | "chi"
            | "bo"
            | "me"
            | "your"
            | "my"
            | "the"
            | "this"
            | "day"
            | "do"
            | "dang"
            | "nhap"
            | "app"
            | "ngan"
            | "hang"
            | "internet"
            | "smart"
            | "banking"
            | "facebook"
            | "fb"
            | "zalo"
            | "gmail"
            | "email"
            | "tai"
            | "khoan"
            | "moi"
            | "cu"
            | "vcb"
            | "vietcombank"
            | "mb"
            | "bidv"
            | "vneid"
            | "bank"
            | "vao"
            | "dat"
            | "hay"
            | "dung"
            | "wifi"
            | "google"
            | "whatsapp"
            | "van"
    )
}

/// Words that are never a password, though they may follow "mật khẩu là".
pub(super) fn is_plain_word(word: &str) -> bool {
    matches!(
        word,
        "gi" | "do"
            | "cua"
            | "cho"
            | "toi"
            | "ho"
            | "khong"
            | "minh"
            | "mot"
            | "de"
            | "va"
            | "se"
            | "bi"
            | "da"
            | "dang"
            | "ngay"
            | "nhung"
            | "nhu"
            | "ai"
            | "ma"
            | "rat"
            | "dung"
            | "sai"
            | "thi"
            | "em"
            | "anh"
            | "chi"
            | "no"
            | "sao"
            | "bao"
            | "duoc"
            | "chua"
            | "xong"
            | "mat"
            | "the"
            | "what"
            | "not"
            | "a"
            | "to"
            | "and"
            | "they"
            | "i"
            | "he"
            | "she"
            | "my"
            | "so"
            | "ten"
            | "phai"
            | "co"
            | "cai"
            | "chinh"
            | "bang"
            | "luc"
            | "khi"
            | "neu"
            | "vi"
            | "tu"
            | "ban"
            | "quy"
            | "ngan"
            | "otp"
            | "nhap"
            | "doi"
            | "mk"
            | "hoac"
            | "con"
            | "cung"
            | "voi"
            | "lien"
            | "sdt"
            | "goi"
            | "inbox"
            | "ib"
            | "zalo"
    )
}
