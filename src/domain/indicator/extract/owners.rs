//! Whose account it is: the money that a citizen lost left one account and went to another, and both
//! stand in the same story.
//!
//! Only what the text says outright counts, and a word for where money goes outweighs it: sellers write
//! "STK của em" of their own account.

use super::super::model::Party;
use super::tokens::Token;
use super::view::View;
use super::words::ends_sentence;

/// How many words before the number, and how many after it, are looked at.
const BEFORE: usize = 10;
const AFTER: usize = 8;

/// Who holds the account in these tokens, if the words beside it say so.
pub(super) fn owner(view: &View, tokens: &[Token], first: usize, end: usize) -> Option<Party> {
    let before = said_before(view, tokens, first);
    let own = match before {
        // "vào link rồi tài khoản 0071… bị trừ": right behind it, this outweighs all before.
        _ if is_lost(tokens, end) => true,
        Some(Said::Own) => true,
        Some(Said::Destination) => false,
        None => is_booked(view, tokens, end) || said_after(view, tokens, end),
    };
    own.then_some(Party::Sender)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    Own,
    Destination,
}

/// What the words before a number say, the nearest first; a number before it ends them.
fn said_before(view: &View, tokens: &[Token], first: usize) -> Option<Said> {
    let word = |at: Option<usize>| {
        at.and_then(|at| tokens.get(at))
            .map_or("", |token| token.text.as_str())
    };
    let mut own = false;
    for back in 1..=BEFORE {
        let Some(at) = first.checked_sub(back) else {
            break;
        };
        let (Some(token), Some(next)) = (tokens.get(at), tokens.get(at + 1)) else {
            break;
        };
        if !token.is_word() || ends_sentence(view, token.end, next.start) {
            break;
        }
        let previous = word(at.checked_sub(1));
        match token.text.as_str() {
            // "nhận tiền từ tài khoản …" is a stranger's.
            "tu" if is_account_word(&next.text) || at + 1 == first => {
                let received = (1..=4).any(|back| word(at.checked_sub(back)) == "nhan");
                return (!received).then_some(Said::Own);
            }
            // "SD TK 0071…", "số dư tài khoản": a bank writes so to whom it belongs.
            "sd" if is_account_word(&next.text) => return Some(Said::Own),
            "du" if previous == "so" && is_account_word(&next.text) => return Some(Said::Own),
            "tru" if previous == "bi" && !own => own = true,
            // "Hoàn tiền vào tài khoản của tôi".
            "hoan" if own => return Some(Said::Own),
            "my" if matches!(next.text.as_str(), "account" | "bank") => return Some(Said::Own),
            "to" | "into" => return Some(Said::Destination),
            "vao" | "sang" | "den" | "nhan" | "huong" | "ck" | "nap" | "gui" => {
                let refunded =
                    own && (1..=4).any(|back| matches!(word(at.checked_sub(back)), "hoan"));
                return Some(if refunded {
                    Said::Own
                } else {
                    Said::Destination
                });
            }
            "chuyen" | "cho" | "ve" if !own || is_seller(tokens, at, first) => {
                return Some(Said::Destination);
            }
            _ if is_kins_account(view, tokens, at, first) => own = true,
            "toi" if at + 1 == first && is_account_word(previous_word(previous)) => own = true,
            "toi" if is_towards(view, tokens, at) => return Some(Said::Destination),
            "cua" => own |= is_speaker(view, tokens, at + 1),
            _ => {}
        }
    }
    let asked = own && asks_for_money(tokens, first);
    (own && !asked).then_some(Said::Own)
}

/// "tk mẹ tôi 1903…", "tài khoản bố em là 1903…": the word that ends it.
fn is_kins_account(view: &View, tokens: &[Token], at: usize, first: usize) -> bool {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let beside = at + 1 == first || at + 2 == first && word(at + 1) == "la";
    let (Some(kin), Some(named)) = (at.checked_sub(1), at.checked_sub(2)) else {
        return false;
    };
    beside
        && matches!(
            word(kin),
            "me" | "bo" | "vo" | "chong" | "ba" | "ong" | "cha" | "ma"
        )
        && is_speaker(view, tokens, kin)
        && is_account_word(previous_word(word(named)))
}

/// "STK của em: 0451…, chị ck giúp em".
fn asks_for_money(tokens: &[Token], first: usize) -> bool {
    let after = tokens.get(first + 1..).unwrap_or_default();
    let words = after.iter().take(AFTER).map(|token| token.text.as_str());
    words
        .take_while(|word| *word != "bi")
        .any(|word| matches!(word, "ck" | "chuyen" | "gui"))
}

/// "tai khoan toi": the last word of the name of an account.
fn previous_word(word: &str) -> &str {
    match word {
        "khoan" => "tai",
        other => other,
    }
}

/// "0071… bị trừ", "0071… bị mất".
fn is_lost(tokens: &[Token], end: usize) -> bool {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    word(end) == "bi" && matches!(word(end + 1), "tru" | "mat" | "rut" | "hack")
}

fn is_account_word(word: &str) -> bool {
    matches!(word, "tk" | "stk" | "tai" | "so" | "the")
}

/// "chuyển cho em vào STK của em": whoever asks for money names an account that is theirs.
fn is_seller(tokens: &[Token], at: usize, first: usize) -> bool {
    let between = tokens.get(at + 1..first).unwrap_or_default();
    !between.iter().any(|token| token.text == "bi")
}

/// "tới", not "tôi"; without accents where it follows a verb of payment or leads to the account.
fn is_towards(view: &View, tokens: &[Token], at: usize) -> bool {
    let Some(token) = tokens.get(at) else {
        return false;
    };
    let vowel = view.ch(token.start + 1);
    let previous = at.checked_sub(1).and_then(|at| tokens.get(at));
    let possessive = previous.is_some_and(|token| token.text == "cua");
    match vowel {
        Some('ớ' | 'Ớ') => true,
        Some('o' | 'O') => {
            !possessive
                && tokens
                    .get(at + 1)
                    .is_none_or(|next| next.is_number() || is_account_word(&next.text))
        }
        _ => false,
    }
}

/// "tôi", "em", "mẹ tôi": the one who tells, or somebody close whose story it is.
pub(super) fn is_speaker(view: &View, tokens: &[Token], at: usize) -> bool {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    match word(at) {
        "toi" => !matches!(
            tokens.get(at).and_then(|token| view.ch(token.start + 1)),
            Some('ớ')
        ),
        "em" | "minh" | "tui" | "chau" | "con" => {
            !matches!(word(at + 1), "gai" | "trai" | "ay" | "do" | "no")
        }
        "me" | "bo" | "vo" | "chong" | "ba" | "ong" | "cha" | "ma" | "gia" => {
            matches!(word(at + 1), "toi" | "em" | "minh" | "chau" | "con" | "tui")
        }
        "my" => true,
        _ => false,
    }
}

/// "0071… của tôi", "0071… VCB bị trừ 10 triệu": behind the number, in the same sentence.
fn said_after(view: &View, tokens: &[Token], end: usize) -> bool {
    for at in end..end + AFTER {
        let (Some(before), Some(token)) = (
            at.checked_sub(1).and_then(|before| tokens.get(before)),
            tokens.get(at),
        ) else {
            return false;
        };
        if !token.is_word() || ends_sentence(view, before.end, token.start) {
            return false;
        }
        let next = tokens.get(at + 1).map_or("", |next| next.text.as_str());
        match token.text.as_str() {
            "cua" if is_speaker(view, tokens, at + 1) => return true,
            "bi" if matches!(next, "tru" | "mat" | "rut" | "hack") => return true,
            "tu" | "vao" | "sang" | "den" | "stk" | "chuyen" | "ck" => return false,
            _ => {}
        }
    }
    false
}

/// "TK 0071… -10,000,000VND": a bank's message to the holder.
fn is_booked(view: &View, tokens: &[Token], end: usize) -> bool {
    let Some(last) = end.checked_sub(1).and_then(|at| tokens.get(at)) else {
        return false;
    };
    let gap = view.run(last.end, 14, |c| {
        c.is_alphabetic() || matches!(c, ' ' | ':' | '|')
    });
    let said = tokens
        .get(end..)
        .unwrap_or_default()
        .iter()
        .take_while(|token| token.start < gap)
        .all(|token| matches!(token.text.as_str(), "thay" | "doi" | "gd" | "ps"));
    if !said {
        return false;
    }
    let sign = matches!(view.ch(gap), Some('-' | '+' | '−'));
    let digits = view.run(gap + 1, 3, |c| c.is_ascii_digit());
    gap > last.end && sign && digits > gap + 1 && matches!(view.ch(digits), Some(',' | '.'))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::super::catalog::shipped;
    use super::super::super::model::Party;
    use super::super::extract;

    /// Whether the account between `<` and `>` is called the sender's own.
    fn own(text: &str) -> bool {
        let start = text.chars().position(|c| c == '<').unwrap();
        let found = extract(shipped(), &text.replace(['<', '>'], ""));
        let account = found.iter().find(|found| found.start == start);
        account.is_some_and(|found| found.belongs_to == Some(Party::Sender))
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
    #[case("TK VCB của mẹ tôi <0011002233445> bị rút hết tiền")]
    #[case("TK VCB của mẹ tôi <0011002233445>")]
    #[case("tk mẹ tôi <19034567890123> techcombank bị trừ hết")]
    #[case("tk me toi <19034567890123> techcombank")]
    #[case("tài khoản bố em là <19034567890123> tech")]
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
    #[case("chuyển vào tk mẹ nó <0011002233445> VCB")]
    #[case("TK VCB của nó là <0011002233445>")]
    #[case("chuyển vào TK VCB của chị Lan <0011002233445>")]
    #[case("I sent it from my account to <0011002233445>")]
    fn somebody_elses(#[case] text: &str) {
        assert!(!own(text));
    }
}
