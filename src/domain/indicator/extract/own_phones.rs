//! Whose telephone it is: whoever tells writes down the own number, or that of somebody close, beside the
//! number that called.
//!
//! Only what the text says outright counts. Swindlers write "LH SĐT của em" of their own: where the words ask
//! for a call, the number is nobody's.

use super::super::model::Party;
use super::owners::is_speaker;
use super::tokens::Token;
use super::view::View;
use super::words::ends_sentence;

/// How many words before the number, and how many after it, are looked at.
const BEFORE: usize = 8;
const AFTER: usize = 6;
/// How many words after the number may ask for a call.
const ASKED: usize = 3;

/// Who holds the telephone in these tokens, if the words beside it say so.
pub(super) fn owner(view: &View, tokens: &[Token], first: usize, end: usize) -> Option<Party> {
    let own = said_before(view, tokens, first) || said_after(view, tokens, end);
    let asked = || asks_before(view, tokens, first) || asks_after(tokens, end);
    let own = own && !asked()
        || is_of_the_wronged(view, tokens, first)
        || asks_to_be_reached(view, tokens, first, end);
    own.then_some(Party::Sender)
}

fn word(tokens: &[Token], at: usize) -> &str {
    tokens.get(at).map_or("", |token| token.text.as_str())
}

/// The words before a number in its sentence, nearest first, as places.
fn before<'a>(
    view: &'a View,
    tokens: &'a [Token],
    first: usize,
) -> impl Iterator<Item = usize> + 'a {
    (1..=BEFORE).map_while(move |back| {
        let at = first.checked_sub(back)?;
        let (token, next) = (tokens.get(at)?, tokens.get(at + 1)?);
        let apart = !token.is_word() || ends_sentence(view, token.end, next.start);
        (!apart).then_some(at)
    })
}

/// "số của tôi 0912…", "sdt em 0912…", "SĐT mẹ tôi là 0912…".
fn said_before(view: &View, tokens: &[Token], first: usize) -> bool {
    let small = |word: &str| matches!(word, "la" | "so" | "nay" | "dang" | "dung" | "sdt" | "dt");
    let Some(last) = before(view, tokens, first).find(|at| !small(word(tokens, *at))) else {
        return false;
    };
    // "tôi" or "mẹ tôi"; "sdt của em 0912…", but "gọi tôi số 0912…" says nothing.
    [last.checked_sub(1), Some(last)]
        .into_iter()
        .flatten()
        .any(|speaker| {
            let pair = speaker + 1 == last && is_close(word(tokens, speaker));
            if !(speaker == last || pair) || !is_speaker(view, tokens, speaker) {
                return false;
            }
            let Some(named) = speaker.checked_sub(1) else {
                return false;
            };
            match word(tokens, named) {
                "cua" => named
                    .checked_sub(1)
                    .is_some_and(|at| is_telephone(word(tokens, at))),
                "sdt" | "dt" | "thoai" => last + 1 == first || word(tokens, last + 1) == "la",
                // "so toi" may be "số tới".
                "so" | "sim" => {
                    let towards = word(tokens, speaker) == "toi"
                        && tokens
                            .get(speaker)
                            .and_then(|token| view.ch(token.start + 1))
                            != Some('ô');
                    !towards && (last + 1 == first || word(tokens, last + 1) == "la")
                }
                _ => false,
            }
        })
}

/// "SĐT nạn nhân: 0912…", "người báo tin 0912…", "số của con trai tôi 0912…", and at the beginning of what is said
/// "mẹ em số 0912…"; "nó lừa nạn nhân 0912…" says nothing of whose it is.
fn is_of_the_wronged(view: &View, tokens: &[Token], first: usize) -> bool {
    let mut behind = before(view, tokens, first).peekable();
    let mut named = false;
    while let Some(at) = behind.next_if(|at| is_small(word(tokens, *at))) {
        named |= is_telephone(word(tokens, at));
    }
    let Some(last) = behind.next() else {
        return false;
    };
    let Some(begin) = person_ending_at(view, tokens, last) else {
        return false;
    };
    let Some(at) = begin.checked_sub(1) else {
        return true;
    };
    let (Some(previous), Some(next)) = (tokens.get(at), tokens.get(begin)) else {
        return false;
    };
    let opens = !previous.is_word()
        || ends_sentence(view, previous.end, next.start)
        || has_comma(view, previous.end, next.start);
    match word(tokens, at) {
        _ if opens => named || is_title(tokens, last),
        "cua" => at
            .checked_sub(1)
            .is_some_and(|at| is_telephone(word(tokens, at))),
        other => is_telephone(other),
    }
}

/// Words between whose number it is and the number.
fn is_small(word: &str) -> bool {
    matches!(
        word,
        "la" | "so" | "sdt" | "dt" | "dien" | "thoai" | "nay" | "dang" | "dung" | "hien"
    )
}

/// The one who was wronged, or who tells.
const TITLES: &[&[&str]] = &[
    &["nan", "nhan"],
    &["bi", "hai"],
    &["nguoi", "bi", "hai"],
    &["nguoi", "bi", "lua"],
    &["nguoi", "bao", "tin"],
    &["nguoi", "bao"],
    &["nguoi", "to", "giac"],
    &["nguoi", "to", "cao"],
];

fn is_title(tokens: &[Token], last: usize) -> bool {
    title_ending_at(tokens, last).is_some()
}

/// Where the longest of those words begins that ends there.
fn title_ending_at(tokens: &[Token], last: usize) -> Option<usize> {
    let fits = |title: &&&[&str]| {
        let begin = (last + 1).checked_sub(title.len())?;
        let there = tokens.get(begin..=last)?;
        let same = there
            .iter()
            .map(|token| token.text.as_str())
            .eq(title.iter().copied());
        same.then_some(begin)
    };
    TITLES.iter().filter_map(|title| fits(&title)).min()
}

/// Where the name of somebody close, or of the one who was wronged, begins that ends there.
fn person_ending_at(view: &View, tokens: &[Token], last: usize) -> Option<usize> {
    if let Some(begin) = title_ending_at(tokens, last) {
        return Some(begin);
    }
    if !matches!(word(tokens, last), "toi" | "em" | "minh" | "chau" | "tui") {
        return None;
    }
    if !is_speaker(view, tokens, last) {
        return None;
    }
    let kin = last.checked_sub(1)?;
    match (kin.checked_sub(1), word(tokens, kin)) {
        (_, close) if is_close(close) => Some(kin),
        (Some(elder), "trai" | "gai") => {
            matches!(word(tokens, elder), "con" | "em" | "anh" | "chi" | "chau").then_some(elder)
        }
        (Some(elder), "noi" | "ngoai") => {
            matches!(word(tokens, elder), "ong" | "ba").then_some(elder)
        }
        _ => None,
    }
}

/// "Liên hệ lại với tôi qua 0912…" at the end of a story that has named another number: how most tips end.
/// Swindlers write "liên hệ em", and it is the only number of their message.
fn asks_to_be_reached(view: &View, tokens: &[Token], first: usize, end: usize) -> bool {
    let mut words = before(view, tokens, first)
        .skip_while(|at| is_small(word(tokens, *at)) || word(tokens, *at) == "zalo")
        .peekable();
    words.next_if(|at| matches!(word(tokens, *at), "qua" | "theo" | "bang" | "tai"));
    let Some(speaker) = words.next() else {
        return false;
    };
    if word(tokens, speaker) != "toi" || !is_speaker(view, tokens, speaker) {
        return false;
    }
    words.next_if(|at| matches!(word(tokens, *at), "voi" | "cho"));
    words.next_if(|at| word(tokens, *at) == "lai");
    let called = match words.next().map(|at| word(tokens, at)) {
        Some("he" | "lac") => words.next().is_some_and(|at| word(tokens, at) == "lien"),
        Some("goi") => true,
        _ => false,
    };
    let is_other = |token: &Token| token.is_number() && token.text.len() >= MANY_DIGITS;
    let told = tokens.get(..first).unwrap_or_default().iter().any(is_other);
    let more = tokens.get(end..).unwrap_or_default().iter().any(is_other);
    called && told && !more
}

/// A number of so many digits is a telephone's or an account's.
const MANY_DIGITS: usize = 9;

fn is_close(word: &str) -> bool {
    matches!(
        word,
        "me" | "bo" | "vo" | "chong" | "ba" | "ong" | "cha" | "ma"
    )
}

fn is_telephone(word: &str) -> bool {
    matches!(
        word,
        "so" | "sdt" | "dt" | "thoai" | "may" | "sim" | "thue" | "bao" | "zalo" | "phone"
    )
}

/// "0912… là của chồng tôi", "0912… (số của em)".
fn said_after(view: &View, tokens: &[Token], end: usize) -> bool {
    for at in end..end + AFTER {
        let (Some(last), Some(token)) = (
            at.checked_sub(1).and_then(|before| tokens.get(before)),
            tokens.get(at),
        ) else {
            return false;
        };
        if ends_sentence(view, last.end, token.start) || has_comma(view, last.end, token.start) {
            return false;
        }
        match token.text.as_str() {
            "cua" => return is_speaker(view, tokens, at + 1),
            "la" | "so" | "sdt" | "dt" | "dien" | "thoai" | "may" | "nay" | "cung" | "chinh"
            | "sim" => {}
            _ => return false,
        }
    }
    false
}

fn has_comma(view: &View, from: usize, to: usize) -> bool {
    (from..to).any(|at| matches!(view.ch(at), Some(',' | '\n')))
}

fn asks_before(view: &View, tokens: &[Token], first: usize) -> bool {
    before(view, tokens, first).any(|at| {
        let next = word(tokens, at + 1);
        match word(tokens, at) {
            "lh" | "alo" | "ib" | "inbox" | "call" | "hotline" => true,
            "lien" => matches!(next, "he" | "lac"),
            "ket" => next == "ban",
            // "nó gọi vào số của tôi".
            "goi" | "nhan" => {
                let by = at.checked_sub(1).map_or("", |at| word(tokens, at));
                !is_somebody(by) && !matches!(next, "vao" | "den" | "toi" | "duoc" | "lien")
            }
            _ => false,
        }
    })
}

/// "SĐT của em 0912…, gọi em nhé".
fn asks_after(tokens: &[Token], end: usize) -> bool {
    (end..end + ASKED).any(|at| {
        let by = at.checked_sub(1).map_or("", |at| word(tokens, at));
        matches!(
            word(tokens, at),
            "goi" | "alo" | "ib" | "lh" | "inbox" | "kb"
        ) && !is_somebody(by)
    })
}

/// Whoever calls, or is called.
fn is_somebody(word: &str) -> bool {
    matches!(
        word,
        "no" | "ho"
            | "chung"
            | "ke"
            | "bi"
            | "duoc"
            | "co"
            | "la"
            | "nguoi"
            | "cuoc"
            | "lua"
            | "dao"
            | "lien"
            | "tuc"
            | "cu"
            | "bon"
            | "hay"
            | "da"
    )
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::super::catalog::shipped;
    use super::super::super::model::Party;
    use super::super::extract;

    /// Whether the telephone between `<` and `>` is called the sender's own; it must be found.
    fn own(text: &str) -> bool {
        let start = text.chars().position(|c| c == '<').unwrap();
        let found = extract(shipped(), &text.replace(['<', '>'], ""));
        let phone = found.iter().find(|found| found.start == start).unwrap();
        phone.belongs_to == Some(Party::Sender)
    }

    #[rstest]
    #[case("số của tôi <0912345679>, nó gọi từ 0987000112")]
    #[case("sdt em <0912345670>")]
    #[case("sđt của em là <0912345670>, nó gọi liên tục")]
    #[case("<0912345678> là của CHỒNG TÔI")]
    #[case("<0912345678> là số của tôi")]
    #[case("<0912345678> (số của mẹ em)")]
    #[case("Số điện thoại của tôi: <0912345678>")]
    #[case("so dien thoai cua toi la <0912345678>")]
    #[case("SĐT mẹ tôi <0912345678> bị nó nhắn tin")]
    #[case("nó gọi vào số mẹ tôi <0912345678>")]
    #[case("số tôi là <0912345678>")]
    #[case("my number? số của con <0912345678>")]
    #[case("mẹ em số <0966777001>, nó gọi từ 0987000112")]
    #[case("số của con trai tôi <0966777002>")]
    #[case("sdt em gai toi <0966777002> bi no goi")]
    #[case("SĐT bà ngoại em: <0966777002>")]
    #[case("SĐT nạn nhân: <0966777003>")]
    #[case("Nạn nhân: <0966777003>")]
    #[case("Số điện thoại của người bị hại là <0966777003>")]
    #[case("Số 0987000112 lừa tôi. Liên hệ lại với tôi qua <0966777004>")]
    #[case("nó dùng số 0987000112. Mong các anh gọi lại cho tôi số <0966777004>. Tôi cảm ơn")]
    #[case("Nó lấy 20 triệu vào stk 0011002233445. Lien he voi toi qua zalo <0966777004>")]
    #[case("người báo tin <0966777005>")]
    fn the_senders_own(#[case] text: &str) {
        assert!(own(text));
    }

    #[rstest]
    #[case("số của tôi 0912345679, nó gọi từ <0987000112>")]
    #[case("số của nó <0912345679>")]
    #[case("sdt em gái nó <0912345679>")]
    #[case("<0912345678> là của em gái nó")]
    #[case("<0912345678> gọi cho mẹ tôi")]
    #[case("số lừa mẹ tôi <0912345678>")]
    #[case("số nó cho tôi <0912345678>")]
    #[case("gửi về số tới <0912345678>")]
    #[case("Gọi lại cho tôi số <0912345678>")]
    #[case("Liên hệ SĐT của em <0912345678>")]
    #[case("SĐT của em <0912345678>, gọi em nhé")]
    #[case("LH sđt em <0912345678> nhận lương ngay")]
    #[case("tài khoản của tôi bị trừ, số gọi là <0912345678>")]
    #[case("nó lừa nạn nhân <0912345678>")]
    #[case("lừa mẹ em số <0912345678>")]
    #[case("Liên hệ với tôi qua <0912345678> để nhận quà")]
    #[case("nó nhắn: liên hệ với tôi qua <0912345678>. Số kia 0987000112 cũng là của nó")]
    #[case("STK 0011002233445, liên hệ với em qua <0912345678>")]
    #[case("con trai nó số <0912345678>")]
    #[case("người gọi <0912345678>")]
    #[case("người báo trúng thưởng <0912345678>")]
    fn somebody_elses(#[case] text: &str) {
        assert!(!own(text));
    }
}
