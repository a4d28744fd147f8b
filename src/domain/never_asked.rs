//! What no officer ever asks of a reporter: an OTP, a password, money. The receipt promises it, and a
//! stolen token would make the perfect false police.
//!
//! A text is refused where it bids ("gửi cho tôi mã OTP", "chuyển 5.000.000 vào tài khoản…"), not where it
//! warns ("đừng đọc mã OTP cho ai"), asks about what has happened ("bạn đã chuyển tiền lúc nào?") or wants
//! papers ("gửi ảnh biên lai chuyển tiền").

use super::fold::fold_text;

/// What a text asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forbidden {
    /// A code, a password, the secrets of a card.
    Secret,
    /// Money.
    Money,
}

impl Forbidden {
    /// Code of the problem.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Secret => "asks_for_secret",
            Self::Money => "asks_for_money",
        }
    }

    /// Why the text is refused.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::Secret => {
                "No officer ever asks a reporter for an OTP, a password, a PIN or the numbers of a card: the \
                 receipt promises it, and its reader must take this for a scam."
            }
            Self::Money => {
                "No officer ever asks a reporter to send money: the receipt promises it, and its reader must take \
                 this for a scam."
            }
        }
    }
}

const SECRETS: [&str; 17] = [
    "otp",
    "mat khau",
    "password",
    "passcode",
    "ma pin",
    "pin code",
    "ma xac thuc",
    "ma xac nhan",
    "ma xac minh",
    "ma bao mat",
    "smart otp",
    "cvv",
    "cvc",
    "so the",
    "card number",
    "ten dang nhap",
    "verification code",
];
/// What hands a secret over.
const GIVING: [&str; 15] = [
    "gui", "cung cap", "doc", "nhap", "nhan", "bao", "dien", "cho", "chup", "send", "give", "tell",
    "provide", "enter", "share",
];
/// What moves money.
const MOVING: [&str; 13] = [
    "chuyen",
    "chuyen khoan",
    "ck",
    "nop",
    "dong",
    "nap",
    "thanh toan",
    "dat coc",
    "gui",
    "transfer",
    "pay",
    "deposit",
    "tra",
];
const MONEY: [&str; 13] = [
    "tien", "khoan", "trieu", "tr", "nghin", "ngan", "ty", "vnd", "usdt", "phi", "le phi", "money",
    "fee",
];
/// What makes a bidding of the verb behind it.
const BIDDING: [&str; 16] = [
    "hay", "vui long", "xin", "can", "phai", "de nghi", "yeu cau", "moi", "nho", "lam on",
    "please", "must", "should", "kindly", "to", "va",
];
/// Whom it bids, and how fast: words that may stand between.
const BETWEEN: [&str; 23] = [
    "ong", "ba", "anh", "chi", "ban", "em", "chu", "bac", "chau", "quy", "vi", "nguoi", "dan",
    "ngay", "gap", "nhanh", "chong", "lai", "hay", "giup", "you", "me", "us",
];
/// What turns a bidding into a warning.
const NOT: [&str; 12] = [
    "khong",
    "dung",
    "cho co",
    "chua",
    "tuyet doi",
    "never",
    "not",
    "don",
    "ai",
    "ke",
    "neu",
    "bi",
];
/// What has happened already.
const DONE: [&str; 9] = ["da", "lo", "co", "tung", "vua", "duoc", "nao", "ho", "have"];
/// What is wanted or done instead: a picture, to know something, to have a card blocked.
const ELSE: [&str; 9] = [
    "biet", "anh", "man", "khoa", "doi", "huy", "chan", "ngan", "bank",
];
/// Words between a verb and what it asks for.
const NEAR: usize = 6;

/// Whether a text asks for what no officer asks for.
pub fn asks_for(text: &str) -> Option<Forbidden> {
    let folded = fold_text(text);
    let mut sentences = folded.split(['!', '?', ';', '\n']).flat_map(|part| {
        part.split(". ")
            .flat_map(|sentence| sentence.split(", "))
            .collect::<Vec<_>>()
    });
    sentences.find_map(in_sentence)
}

fn in_sentence(sentence: &str) -> Option<Forbidden> {
    let words: Vec<&str> = sentence
        .split(|c: char| !c.is_alphanumeric() && c != '.')
        .map(|word| word.trim_matches('.'))
        .filter(|word| !word.is_empty())
        .collect();
    let question = is_question(&words);
    // Before the first word nothing is said.
    let mut bidden = Some(Bidden::Unsaid);
    for (at, word) in words.iter().enumerate() {
        if let Some(bidden) = bidden {
            let verb = |verbs: &[&str]| {
                verbs
                    .iter()
                    .filter_map(|verb| begins(&words, at, verb))
                    .max()
            };
            let secret = verb(&GIVING).and_then(|end| secret_behind(words.get(end..)?));
            let money = || verb(&MOVING).and_then(|end| money_behind(words.get(end..)?));
            let asked = secret.or_else(|| {
                let about = question && bidden == Bidden::Unsaid;
                money().filter(|_| !about)
            });
            if asked.is_some() {
                return asked;
            }
        }
        let before = words.get(..=at).unwrap_or_default();
        if NOT.contains(word) {
            return None;
        }
        bidden = bidding(before).or(bidden.filter(|_| BETWEEN.contains(word)));
    }
    None
}

/// Where a phrase ends that begins at a word.
fn begins(words: &[&str], at: usize, phrase: &str) -> Option<usize> {
    let mut end = at;
    for wanted in phrase.split(' ') {
        if words.get(end) != Some(&wanted) {
            return None;
        }
        end += 1;
    }
    Some(end)
}

/// How a verb comes to be a bidding.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bidden {
    /// "hãy", "vui lòng", "phải" stands before it.
    Outright,
    /// It begins the sentence, or nothing but the one spoken to stands before it.
    Unsaid,
}

/// How the words bid that end here, if they do.
fn bidding(before: &[&str]) -> Option<Bidden> {
    let bids = |phrase: &&&str| {
        let mut words = before.iter().rev();
        phrase.rsplit(' ').all(|word| words.next() == Some(&word))
    };
    let phrase = BIDDING.iter().find(bids)?;
    Some(match *phrase {
        "va" => Bidden::Unsaid,
        _ => Bidden::Outright,
    })
}

/// Words that end a question without asking.
const PARTICLES: [&str; 8] = ["vay", "a", "the", "nhi", "day", "roi", "ha", "co"];

/// "Chuyển tiền lúc nào", "chuyển tiền vào tài khoản nào", "chuyển tiền cho ai": asked about, where the
/// asking word ends it and it names no account to send to. "Lúc nào cũng được" is no question.
fn is_question(words: &[&str]) -> bool {
    let names_account = words
        .iter()
        .any(|word| word.bytes().filter(u8::is_ascii_digit).count() >= 5);
    let mut rest = words;
    while let [more @ .., last] = rest
        && PARTICLES.contains(last)
    {
        rest = more;
    }
    let asks = matches!(
        rest,
        [.., "nao" | "ai" | "dau"]
            | [.., "may", "gio" | "lan" | "ngay"]
            | [.., "bao", "nhieu"]
            | [.., "bao", "nhieu", "tien" | "lan"]
    );
    asks && !names_account
}

fn secret_behind(behind: &[&str]) -> Option<Forbidden> {
    let found = (0..behind.len().min(NEAR)).find(|at| {
        SECRETS
            .iter()
            .any(|secret| begins(behind, *at, secret).is_some())
    })?;
    let between = behind.get(..found)?;
    let asked_about = between
        .iter()
        .any(|word| DONE.contains(word) || NOT.contains(word) || ELSE.contains(word));
    // The number of an ID card is no bank's.
    let id_card = ["so the can cuoc", "so the cccd"]
        .iter()
        .any(|phrase| begins(behind, found, phrase).is_some());
    let asked_about = asked_about || id_card;
    (!asked_about || between.starts_with(&["biet"]) && between.len() <= 2)
        .then_some(Forbidden::Secret)
}

fn money_behind(behind: &[&str]) -> Option<Forbidden> {
    let few = behind.get(..behind.len().min(3))?;
    let money = few.iter().position(|word| {
        let sum = word.starts_with(|c: char| c.is_ascii_digit());
        MONEY.contains(word) || sum
    })?;
    let filler = [
        "ngay", "so", "them", "khoan", "gap", "truoc", "lai", "toan", "bo", "a", "the",
    ];
    let only_filler = few.get(..money)?.iter().all(|word| filler.contains(word));
    only_filler.then_some(Forbidden::Money)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("Gửi cho tôi mã OTP và mật khẩu ngân hàng", Forbidden::Secret)]
    #[case("Vui lòng đọc mã OTP vừa nhận được", Forbidden::Secret)]
    #[case("Đề nghị anh cung cấp số thẻ và CVV", Forbidden::Secret)]
    #[case("Cho biết mật khẩu ngân hàng", Forbidden::Secret)]
    #[case("Chào bạn. Bạn hãy nhập mã xác thực vào trang này.", Forbidden::Secret)]
    #[case("Please send me the OTP", Forbidden::Secret)]
    #[case(
        "Chuyển 5.000.000 vào tài khoản 0011002233445 để xác minh",
        Forbidden::Money
    )]
    #[case("Yêu cầu bạn nộp phí thẩm tra", Forbidden::Money)]
    #[case("Anh cần chuyển ngay 5 triệu để phong toả", Forbidden::Money)]
    #[case("vui long chuyen khoan tien vao tai khoan an toan", Forbidden::Money)]
    #[case("Bạn phải trả phí trước", Forbidden::Money)]
    #[case("Bạn chuyển tiền lúc nào cũng được", Forbidden::Money)]
    #[case("Chuyển tiền vào tài khoản 0011002233445 lúc nào?", Forbidden::Money)]
    #[case("Hãy chuyển tiền cho ai?", Forbidden::Money)]
    #[case(
        "Bạn chuyển tiền lúc nào? Chuyển thêm 5 triệu vào tài khoản an toàn",
        Forbidden::Money
    )]
    #[case("Chuyển tiền vào tài khoản nào tôi gửi", Forbidden::Money)]
    #[case("You must pay a fee", Forbidden::Money)]
    fn what_only_a_scammer_asks(#[case] text: &str, #[case] asked: Forbidden) {
        assert_eq!(asks_for(text), Some(asked));
    }

    #[rstest]
    #[case("Bạn còn giữ biên lai chuyển tiền không? Bạn có thể gửi ảnh ở đây.")]
    #[case("Đừng đọc mã OTP cho ai, kể cả người xưng là công an.")]
    #[case("Tuyệt đối không chuyển tiền, không gửi mật khẩu.")]
    #[case("Bạn đã chuyển tiền lúc nào, vào tài khoản nào?")]
    #[case("Bạn chuyển tiền lúc nào?")]
    #[case("Chuyển tiền lúc nào?")]
    #[case("ban chuyen tien luc nao vay a")]
    #[case("Anh chuyển tiền vào tài khoản nào?")]
    #[case("Bạn chuyển tiền qua ngân hàng nào")]
    #[case("Chuyển khoản lúc mấy giờ, vào tài khoản nào?")]
    #[case("Bạn chuyển tiền khi nào và chuyển tiền cho ai?")]
    #[case("Khi nào bạn chuyển tiền?")]
    #[case("Bạn nộp tiền mấy lần?")]
    #[case("Cho biết bạn đã đọc mã OTP cho họ chưa")]
    #[case("Bạn có đọc mã OTP cho họ không?")]
    #[case("Vui lòng gửi ảnh biên lai chuyển tiền và số tài khoản nhận.")]
    #[case("Vui lòng chuyển hồ sơ này cho người nhà ký.")]
    #[case("Hãy đổi mật khẩu ngay và khoá thẻ.")]
    #[case("Hãy báo ngân hàng khoá số thẻ và đổi mật khẩu.")]
    #[case("Vui lòng cung cấp số thẻ căn cước của người nhận.")]
    #[case("Xin cho biết họ có hỏi mật khẩu không")]
    #[case("Vui lòng cung cấp số tài khoản đã nhận tiền, số tiền, thời gian.")]
    #[case("Hãy trả lời khi bạn có thể.")]
    #[case("Cần biết số tiền, giờ chuyển và mã giao dịch.")]
    #[case("Nếu ai bảo bạn chuyển tiền, hãy gọi 113.")]
    #[case("Hãy gọi ngân hàng để chặn việc chuyển tiền.")]
    #[case("Please send the transfer slip.")]
    #[case("Do not send money to anybody.")]
    #[case("")]
    fn what_an_officer_may_write(#[case] text: &str) {
        assert_eq!(asks_for(text), None);
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text: String) {
            let _ = asks_for(&text);
        }
    }
}
