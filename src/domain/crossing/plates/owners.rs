//! Whose vehicle a plate belongs to, as far as the sentence says it: that of the teller, of kin, of a victim or of the
//! police is no transport of brokers.

/// Kin and friends.
const KIN: [&str; 20] = [
    "con", "chau", "vo", "chong", "me", "bo", "cha", "ba", "ong", "em", "anh", "chi", "ban", "di",
    "co", "cau", "chu", "bac", "gai", "trai",
];
/// Whoever tells.
const TELLERS: [&str; 6] = ["toi", "em", "minh", "chau", "tui", "nha"];
/// What somebody does with a vehicle of theirs, or one that they have.
const DRIVING: [&str; 15] = [
    "di", "lai", "chay", "cuoi", "dung", "de", "gui", "bo", "muon", "mat", "thue", "dat", "mua",
    "ban", "co",
];
/// What says that others carry them.
const CARRIED: [&str; 13] = [
    "cho", "don", "dua", "bat", "keo", "len", "theo", "chung", "no", "bon", "ho", "ru", "ep",
];
/// Vehicles that anybody rides in.
const PUBLIC: [&str; 10] = [
    "khach",
    "limousine",
    "bus",
    "taxi",
    "om",
    "tai",
    "ghep",
    "dich",
    "giuong",
    "hop",
];

/// "xe của tôi 27A-…", "chồng tôi lái xe …", "công an xã đi xe …", "27A-… là xe của tôi", "… bị chúng lấy".
pub(super) fn is_own(before: &[String], chars: &[char], end: usize) -> bool {
    let mut forward: Vec<&str> = before.iter().map(String::as_str).collect();
    forward.reverse();
    let tail: String = chars
        .get(end..)
        .unwrap_or_default()
        .iter()
        .take(30)
        .collect();
    let tail = tail
        .split(['.', '\n', ';', ','])
        .next()
        .unwrap_or_default()
        .to_owned();
    let behind: Vec<&str> = tail.split_whitespace().take(5).collect();
    names_owner(&forward) || names_owner(&behind) || is_driven(&forward) || is_taken(&behind)
}

/// Words that say somebody near, a victim or the police: how many they are.
fn somebody(words: &[&str]) -> Option<usize> {
    let of_teller = |word: Option<&&str>| {
        word.is_some_and(|word| {
            TELLERS.contains(word) || matches!(*word, "noi" | "ngoai" | "ruot" | "ho")
        })
    };
    match words {
        ["nan", "nhan", ..]
        | ["cong", "an", ..]
        | ["canh", "sat", ..]
        | ["bien", "phong", ..]
        | ["bo", "doi", ..]
        | ["dan", "phong", ..]
        | ["gia", "dinh", ..] => Some(2),
        [kin, gai_or_trai, teller, ..]
            if KIN.contains(kin)
                && matches!(*gai_or_trai, "gai" | "trai" | "ho" | "re" | "dau")
                && TELLERS.contains(teller) =>
        {
            Some(3)
        }
        [kin, ..] if KIN.contains(kin) && of_teller(words.get(1)) => Some(2),
        _ => None,
    }
}

fn names_owner(words: &[&str]) -> bool {
    let teller =
        |word: Option<&&str>| matches!(word, Some(&("toi" | "em" | "minh" | "chau" | "tui")));
    words.iter().enumerate().any(|(at, word)| {
        let next = words.get(at + 1);
        match *word {
            "cua" => {
                teller(next)
                    || matches!(next, Some(&("nha" | "con" | "bo" | "me" | "vo" | "chong")))
                        && teller(words.get(at + 2))
                    || words.get(at + 1..).and_then(somebody).is_some()
            }
            "nha" => at > 0 && teller(next),
            // "xe em đi": whose it is, is not said.
            "xe" => {
                let police = words.get(at + 1..).unwrap_or_default();
                matches!(
                    police,
                    ["cong", "an", ..] | ["canh", "sat", ..] | ["bien", "phong", ..]
                ) || teller(next)
                    && words
                        .get(at + 2)
                        .is_none_or(|then| matches!(*then, "bien" | "bks" | "so"))
            }
            _ => false,
        }
    })
}

/// "chồng tôi lái xe", "nạn nhân đi xe máy": and nobody carries them.
fn is_driven(words: &[&str]) -> bool {
    let Some(vehicle) = words.iter().rposition(|word| *word == "xe") else {
        return false;
    };
    let kind = words.get(vehicle + 1..).unwrap_or_default();
    if kind.iter().take(2).any(|word| PUBLIC.contains(word)) {
        return false;
    }
    (0..vehicle).any(|at| {
        let who = words.get(at..vehicle).and_then(somebody);
        let done = who.and_then(|length| words.get(at + length..vehicle));
        done.is_some_and(|done| {
            done.iter().any(|word| DRIVING.contains(word))
                && !done.iter().any(|word| CARRIED.contains(word))
        })
    })
}

/// "… bị chúng lấy", "… bị mất trộm".
fn is_taken(behind: &[&str]) -> bool {
    match behind {
        ["bi", "cong" | "canh" | "bien", ..] => false,
        ["bi", rest @ ..] => rest.iter().take(3).any(|word| {
            matches!(
                *word,
                "lay" | "cuop" | "mat" | "trom" | "giu" | "cam" | "thu"
            )
        }),
        _ => false,
    }
}
