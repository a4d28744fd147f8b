//! The words that say what the next number is, folded: Vietnamese with or without accents, and English.

/// What a phrase announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    Otp,
    Pin,
    Cvv,
    Card,
    Id,
    Password,
    /// Something that must stay readable: an account, a phone number, a code of a transfer.
    Evidence,
}

/// Phrases by their last words; the first that fits wins.
const PHRASES: &[(&[&str], Label)] = &[
    (&["otp"], Label::Otp),
    (&["ma", "xac", "thuc"], Label::Otp),
    (&["ma", "xac", "nhan"], Label::Otp),
    (&["ma", "xac", "minh"], Label::Otp),
    (&["ma", "kich", "hoat"], Label::Otp),
    (&["ma", "dang", "nhap"], Label::Otp),
    (&["verification", "code"], Label::Otp),
    (&["login", "code"], Label::Otp),
    (&["passcode"], Label::Otp),
    (&["pin"], Label::Pin),
    (&["cvv"], Label::Cvv),
    (&["cvc"], Label::Cvv),
    (&["ma", "bao", "mat"], Label::Cvv),
    (&["security", "code"], Label::Cvv),
    (&["mat", "sau"], Label::Cvv),
    (&["so", "the"], Label::Card),
    (&["the", "atm"], Label::Card),
    (&["the", "tin", "dung"], Label::Card),
    (&["the", "ghi", "no"], Label::Card),
    (&["card"], Label::Card),
    (&["visa"], Label::Card),
    (&["mastercard"], Label::Card),
    (&["napas"], Label::Card),
    (&["cccd"], Label::Id),
    (&["cmnd"], Label::Id),
    (&["cmtnd"], Label::Id),
    (&["cmt"], Label::Id),
    (&["can", "cuoc"], Label::Id),
    (&["chung", "minh", "nhan"], Label::Id),
    (&["chung", "minh", "thu"], Label::Id),
    (&["so", "chung", "minh"], Label::Id),
    (&["so", "dinh", "danh"], Label::Id),
    (&["ma", "dinh", "danh"], Label::Id),
    (&["citizen", "id"], Label::Id),
    (&["national", "id"], Label::Id),
    (&["identity", "card"], Label::Id),
    (&["mat", "khau"], Label::Password),
    (&["matkhau"], Label::Password),
    (&["mk"], Label::Password),
    (&["password"], Label::Password),
    (&["pass"], Label::Password),
    (&["pwd"], Label::Password),
    (&["stk"], Label::Evidence),
    (&["tk"], Label::Evidence),
    (&["tai", "khoan"], Label::Evidence),
    (&["account"], Label::Evidence),
    (&["sdt"], Label::Evidence),
    (&["dt"], Label::Evidence),
    (&["dien", "thoai"], Label::Evidence),
    (&["phone"], Label::Evidence),
    (&["hotline"], Label::Evidence),
    (&["tong", "dai"], Label::Evidence),
    (&["dau", "so"], Label::Evidence),
    (&["zalo"], Label::Evidence),
    (&["ma", "giao", "dich"], Label::Evidence),
    (&["ma", "don"], Label::Evidence),
    (&["don", "hang"], Label::Evidence),
    (&["van", "don"], Label::Evidence),
    (&["bien", "lai"], Label::Evidence),
    (&["mst"], Label::Evidence),
    (&["ma", "so", "thue"], Label::Evidence),
];

/// What the words read so far announce; `recent` holds the last three, newest last.
pub(super) fn label(recent: &[&str; 3]) -> Option<Label> {
    PHRASES
        .iter()
        .find(|(phrase, _)| recent.ends_with(phrase))
        .map(|(_, label)| *label)
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
            | "wifi"
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
    )
}
