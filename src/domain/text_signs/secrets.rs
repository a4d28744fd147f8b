//! Whether a text says that a password or a one-time code was given away.

/// What is done with a secret.
const TELLING: [&str; 12] = [
    "doc", "gui", "dua", "nhap", "cap", "khai", "noi", "bao", "cho", "dien", "lo", "gave",
];
/// What says that it has happened.
const DONE: [&str; 7] = ["da", "lo", "vua", "trot", "moi", "bi", "lam"];
/// What says that it has not, or that somebody only wants it.
const NOT: [&str; 13] = [
    "chua", "khong", "ko", "dung", "suyt", "not", "never", "yeu", "doi", "bat", "bao", "hoi", "se",
];
/// Words between the parts of such a phrase.
const NEAR: usize = 4;

/// "đã đọc mã OTP cho nó", "lỡ nhập mật khẩu vào trang đó", "bị lộ mật khẩu".
pub(super) fn were_told(words: &[&str]) -> bool {
    (0..words.len()).any(|at| is_secret(words, at) && was_told(words, at))
}

fn is_secret(words: &[&str], at: usize) -> bool {
    let next = word(words, at + 1);
    match word(words, at) {
        "otp" => true,
        "mat" => next == "khau",
        "ma" => {
            matches!(next, "pin")
                || next == "xac" && matches!(word(words, at + 2), "nhan" | "thuc" | "minh")
        }
        "password" | "passcode" => true,
        _ => false,
    }
}

/// A verb stands shortly before the secret, and before that the word that says it is done.
fn was_told(words: &[&str], secret: usize) -> bool {
    let told = (1..=NEAR).filter_map(|back| secret.checked_sub(back));
    told.into_iter().any(|verb| {
        let before = || (1..=NEAR).filter_map(|back| Some(word(words, verb.checked_sub(back)?)));
        let marked = before().take(2).any(|word| DONE.contains(&word));
        let english = word(words, verb) == "gave";
        TELLING.contains(&word(words, verb))
            && (marked || english)
            && !before().any(|word| NOT.contains(&word))
    })
}

fn word<'a>(words: &[&'a str], at: usize) -> &'a str {
    words.get(at).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use rstest::rstest;

    #[rstest]
    #[case("em đã đọc mã OTP cho nó rồi", true)]
    #[case("lỡ nhập mật khẩu ngân hàng vào trang đó", true)]
    #[case("tôi vừa gửi cho họ mã xác nhận", true)]
    #[case("bị lộ mật khẩu", true)]
    #[case("I gave him the OTP", true)]
    #[case("nó đòi đọc mã OTP", false)]
    #[case("em chưa đọc mã OTP", false)]
    #[case("họ yêu cầu cung cấp mã OTP nhưng tôi không đưa", false)]
    #[case("không ai được hỏi mật khẩu của bạn", false)]
    #[case("đã gửi đường link lạ", false)]
    #[case("", false)]
    fn a_secret_that_was_given_away(#[case] text: &str, #[case] told: bool) {
        assert_eq!(read([text]).told_secret, told, "{text}");
    }
}
