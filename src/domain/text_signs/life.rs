//! Whether a text speaks of a life in danger: suicide, threats to kill or maim, people held.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use super::super::phrases::Phrases;

/// Folded: only what means nothing else without its accents.
const LIFE: [&str; 101] = [
    "muon tu tu",
    "dinh tu tu",
    "doa tu tu",
    "se tu tu",
    "di tu tu",
    "tu tu cho xong",
    "y dinh tu sat",
    "muon tu sat",
    "tu ket lieu",
    "ket lieu doi",
    "chi muon chet",
    "toi muon chet",
    "em muon chet",
    "con muon chet",
    "chau muon chet",
    "minh muon chet",
    "chet cho xong",
    "khong muon song",
    "khong thiet song",
    "kill myself",
    "suicide",
    "end my life",
    "bi bat coc",
    "bi giam long",
    "bi ban sang",
    "tien chuoc",
    "cuu toi",
    "cuu em voi",
    "cuu con toi",
    "cuu con voi",
    "kidnapped",
    "held for ransom",
    "muon chet qua",
    "het muon song",
    "khong con muon song",
    "toi chan song",
    "em chan song",
    "uong thuoc tru sau",
    "uong thuoc diet co",
    "uong thuoc chuot",
    "uong thuoc doc",
    "uong nhieu thuoc ngu",
    "muon nhay cau",
    "dinh nhay cau",
    "nhay lau tu",
    "muon treo co",
    "dinh treo co",
    "quyen sinh",
    "tuyet menh",
    "tim den cai chet",
    "doa giet",
    "doa jet",
    "doa zet",
    "se giet",
    "doi giet",
    "giet ca nha",
    "giet con toi",
    "giet chet",
    "danh chet",
    "dam chet",
    "chem chet",
    "doa chem",
    "doa chat tay",
    "doa chat chan",
    "chat tay con",
    "chat ngon tay",
    "cat ngon tay",
    "doa xu ca nha",
    "xu ca nha",
    "thue nguoi xu",
    "den xu con",
    "tat axit",
    "tat a xit",
    "tat acid",
    "dot nha toi",
    "doa dot nha",
    "se dot nha",
    "doa lay mang",
    "lay mang ca nha",
    "lay noi tang",
    "doa ban noi tang",
    "bi danh dap",
    "bi chich dien",
    "bi tra tan",
    "doa bat coc",
    "bat coc con toi",
    "bat coc con em",
    "kill me",
    "kill us",
    "going to kill",
    "threaten to kill",
    "threatened to kill",
    "threatening to kill",
    "death threat",
    "death threats",
    "want to die",
    "take my own life",
    "throw acid",
    "held hostage",
    "held captive",
    "kidnap my",
];

/// With their accents, without which they mean "slowly" and "advice".
const LIFE_ACCENTED: [&str; 3] = ["tự tử", "tự sát", "tự vẫn"];

/// Those near to whoever tells.
const KIN: [&str; 14] = [
    "con", "chau", "vo", "chong", "me", "bo", "cha", "ba", "ong", "em", "anh", "chi", "nguoi",
    "gai",
];
/// In English.
const FAMILY: [&str; 14] = [
    "son", "daughter", "wife", "husband", "mother", "father", "family", "child", "children",
    "parents", "kids", "brother", "sister", "kid",
];
/// Words behind "giữ con tôi" in which it is said what for.
const REACH: usize = 12;

static BY_LAST: LazyLock<Phrases<()>> =
    LazyLock::new(|| Phrases::new(LIFE.iter().map(|phrase| (*phrase, ()))));

/// Whether a text, given as it is and as folded words, speaks of a life in danger.
pub(super) fn is_at_risk(text: &str, words: &[&str]) -> bool {
    let phrase = |last: usize| {
        let before = words.get(..last).unwrap_or_default();
        let before = before.iter().rev().map(|word| spelled_out(word));
        let last = words.get(last).map_or("", |word| spelled_out(word));
        BY_LAST.ending(last, before).is_some()
    };
    if (0..words.len()).any(phrase) || is_held(words) || is_locked_up(words) {
        return true;
    }
    let may_be = |pair: &[&str]| matches!(pair, ["tu", "tu" | "sat" | "van"]);
    words.windows(2).any(may_be) && {
        let accented: String = text.nfc().flat_map(char::to_lowercase).collect();
        LIFE_ACCENTED.iter().any(|word| accented.contains(word))
    }
}

/// "k muốn sống", "hông muốn sống".
fn spelled_out(word: &str) -> &str {
    match word {
        "k" | "ko" | "kg" | "kh" | "hok" | "hong" => "khong",
        other => other,
    }
}

/// "bị nhốt": a person, where it is not money that an app will not pay out.
fn is_locked_up(words: &[&str]) -> bool {
    let word = |at: Option<usize>| at.and_then(|at| words.get(at)).copied().unwrap_or_default();
    let money = |word: &str| {
        matches!(
            word,
            "tien" | "von" | "lenh" | "coin" | "usdt" | "vi" | "tk" | "lai" | "het"
        ) || word.starts_with(|c: char| c.is_ascii_digit())
    };
    words.iter().enumerate().any(|(at, verb)| {
        let by = at.checked_sub(1);
        *verb == "nhot"
            && word(by) == "bi"
            && !money(word(Some(at + 1)))
            && !money(word(at.checked_sub(2)))
    })
}

/// "giữ con tôi, đòi 300tr mới thả", "kill my son".
fn is_held(words: &[&str]) -> bool {
    let word = |at: usize| words.get(at).copied().unwrap_or_default();
    words.iter().enumerate().any(|(at, verb)| match *verb {
        "giu" | "bat" | "nhot" => {
            KIN.contains(&word(at + 1))
                && (at + 2..at + 2 + REACH).any(|at| {
                    matches!(word(at), "chuoc" | "giet")
                        || word(at) == "moi" && word(at + 1) == "tha"
                })
        }
        "kill" | "murder" | "kidnap" | "hurt" => {
            matches!(word(at + 1), "my" | "our") && FAMILY.contains(&word(at + 2))
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use rstest::rstest;

    #[rstest]
    #[case("Tôi muốn tự tử")]
    #[case("toi muon tu tu")]
    #[case("cháu nghĩ đến TỰ TỬ")]
    #[case("Con toi bi bat coc, cuu toi")]
    #[case("em bị nhốt bên Campuchia, đòi tiền chuộc")]
    #[case("I want to kill myself")]
    #[case("nó đang đứng trước cửa nhà tôi, dọa giết")]
    #[case("nó dọa giết cả nhà tôi")]
    #[case("no dang giu con toi, doi 300tr moi tha")]
    #[case("Nó đang giữ con tôi, đòi 300 triệu mới thả")]
    #[case("chung doa chat tay con toi")]
    #[case("chúng doạ chặt tay con tôi")]
    #[case("tôi uống thuốc trừ sâu rồi")]
    #[case("k muốn sống nữa")]
    #[case("hok muon song nua")]
    #[case("sẽ cho người đến xử cả nhà, tạt axit")]
    #[case("doa tat a xit")]
    #[case("con tôi bị nhốt trong phòng")]
    #[case("they will kill my son if I do not pay")]
    #[case("They threatened to kill me")]
    #[case("bên đó bị chích điện, bị đánh đập")]
    fn a_life_in_danger(#[case] text: &str) {
        assert!(read([text]).life_at_risk);
    }

    #[rstest]
    #[case("cứ từ từ chuyển tiền")]
    #[case("cu tu tu chuyen tien")]
    #[case("gọi tư vấn viên")]
    #[case("thấy quảng cáo việc nhẹ lương cao ở nước ngoài")]
    #[case("họ nói tôi liên quan đến vụ giết người, rửa tiền")]
    #[case("lãi suất giết người, chơi game giết thời gian")]
    #[case("bà ngoại giữ con tôi ở nhà, tôi không biết gì")]
    #[case("shop giữ tiền cọc, đòi 300k mới gửi hàng")]
    #[case("bán thuốc trừ sâu giả trên mạng")]
    #[case("doạ khởi tố, doạ cắt điện, doạ khoá SIM")]
    #[case("chat zalo với nó, nó xử lý hồ sơ")]
    #[case("treo cờ trước nhà")]
    #[case("bị nhốt tiền trong app không rút được")]
    #[case("tiền bị nhốt trong sàn")]
    #[case("it is a killer deal, they killed my account")]
    #[case("ransomware khoá máy tính")]
    fn nobody_in_danger(#[case] text: &str) {
        assert!(!read([text]).life_at_risk);
    }
}
