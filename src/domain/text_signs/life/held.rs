//! People who are held, sold, or forced to work: "giữ con tôi, đòi 300 triệu mới thả", "thu hộ chiếu không cho về".

use super::Sign;
use super::told::{Told, is_number};

/// Words around a sign in which the next one is looked for.
const REACH: usize = 14;
/// What is done with money to have somebody let go.
const PAYING: [&str; 13] = [
    "nop", "dong", "chuyen", "doi", "dua", "tra", "tien", "trieu", "tr", "chuoc", "ty", "ck", "usd",
];

/// What one sign by itself is; two different ones near each other speak of somebody held.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    /// Not let go.
    Kept,
    /// Made to work, or to cheat.
    Forced,
    /// Papers taken away.
    Papers,
    /// Money wanted for it.
    Demand,
    /// A place where this is done.
    Place,
}

/// What stands at a place.
pub(super) fn sign(told: &Told<'_>, at: usize) -> Option<Sign> {
    let deed = is_locked_up(told, at)
        || is_kept_for(told, at)
        || is_let_go_for_money(told, at)
        || is_sold(told, at)
        || is_held(told, at);
    if deed && !told.is_denied(at) {
        return Some(Sign::Deed);
    }
    is_called_for(told, at).then_some(Sign::Cry)
}

/// "bị nhốt", "bọn nó nhốt": a person, where it is not money that an app will not pay out.
fn is_locked_up(told: &Told<'_>, at: usize) -> bool {
    matches!(told.word(at), "bi" | "no" | "chung" | "ho" | "bon")
        && told.word(at + 1) == "nhot"
        && !told.is_thing(at + 2)
        && !matches!(
            told.back(at, 1),
            "tien" | "von" | "lenh" | "coin" | "usdt" | "vi" | "tk" | "lai" | "het" | "khoan"
        )
}

/// "giữ con tôi, đòi 300tr mới thả".
fn is_kept_for(told: &Told<'_>, at: usize) -> bool {
    let kin = [
        "con", "chau", "vo", "chong", "me", "bo", "cha", "ba", "ong", "em", "anh", "chi", "nguoi",
        "gai",
    ];
    matches!(told.word(at), "giu" | "bat" | "nhot")
        && kin.contains(&told.word(at + 1))
        && (at + 2..at + 14)
            .any(|at| matches!(told.word(at), "chuoc" | "giet") || told.reads(at, "moi tha"))
}

/// "nộp tiền mới thả người", "đưa 200 triệu mới cho về": no goods, and no hearts for a video.
fn is_let_go_for_money(told: &Told<'_>, at: usize) -> bool {
    let phrases = [
        "moi chiu tha",
        "moi cho ve",
        "moi duoc ve",
        "moi duoc tha",
        "moi tha",
        "thi tha",
    ];
    let phrase = phrases.into_iter().find(|phrase| told.reads(at, phrase));
    // "Mới cho con em về".
    let back = told.reads(at, "moi cho") && told.is_person(at + 2);
    let back = (3..=4).find(|more| back && told.word(at + more) == "ve");
    let length = phrase.map(|phrase| phrase.split(' ').count());
    length.or(back.map(|more| more + 1)).is_some_and(|length| {
        let behind = told.word(at + length);
        let other = told.is_thing(at + length)
            || matches!(
                behind,
                "tim" | "thu" | "like" | "cam" | "ga" | "cua" | "que" | "tet"
            );
        !other && told.lately(at, 8, &PAYING) && !told.is_about_things(at, 14)
    })
}

/// "bị lừa bán sang Campuchia", "bị đưa qua Myanmar": to a place, so no goods.
fn is_sold(told: &Told<'_>, at: usize) -> bool {
    let verb = at + usize::from(told.word(at + 1) == "lua" && told.word(at + 2) == "ban");
    let sold = told.word(at) == "bi"
        && matches!(
            told.word(verb + 1),
            "ban" | "lua" | "dua" | "du" | "bat" | "ep" | "dan"
        )
        || matches!(told.word(at), "lua" | "dem" | "mang") && told.word(at + 1) == "ban";
    let to = (at + 1..at + 7).find(|at| matches!(told.word(*at), "sang" | "qua" | "vao" | "cho"));
    sold && to.is_some_and(|to| {
        !(verb + 2..to).any(|at| told.is_thing(at))
            && (to + 1..to + 6).any(|at| told.is_far_away(at))
    })
}

/// Two signs near each other, of which one says that somebody is not let go or forced.
fn is_held(told: &Told<'_>, at: usize) -> bool {
    let Some(first) = part(told, at).filter(|of| matches!(of, Of::Kept | Of::Forced)) else {
        return false;
    };
    let around = at.saturating_sub(REACH)..(at + REACH).min(told.len());
    around
        .filter_map(|near| part(told, near))
        .any(|other| match (first, other) {
            (one, other) if one == other => false,
            (Of::Forced, Of::Demand) => false,
            _ => true,
        })
}

fn part(told: &Told<'_>, at: usize) -> Option<Of> {
    let word = |more: usize| told.word(at + more);
    let of = match told.word(at) {
        "khong" | "chua" if is_not_let_go(told, at) => Of::Kept,
        "bi" if is_kept(told, at) => Of::Kept,
        "bat" | "ep" | "buoc" if is_forced(told, at) => Of::Forced,
        "thu" | "giu" | "lay" | "cam" if is_papers(told, at) => Of::Papers,
        "chuoc" => Of::Demand,
        "doi" if word(1) == "tien" || is_number(word(1)) || is_number(word(2)) => Of::Demand,
        "moi" if matches!(word(1), "tha" | "cho") => Of::Demand,
        _ if told.is_far_away(at) => Of::Place,
        _ => return None,
    };
    Some(of)
}

/// "không cho về", "không về được", "không thoát ra được": people, where no money or goods are spoken of.
fn is_not_let_go(told: &Told<'_>, at: usize) -> bool {
    let away = |word: &str| matches!(word, "ve" | "ra" | "thoat" | "roi" | "di");
    let next = told.word(at + 1);
    let may = matches!(next, "cho" | "duoc") && {
        let person = usize::from(told.is_person(at + 2));
        away(told.word(at + 2 + person)) && !told.is_thing(at + 3 + person)
    };
    let can = matches!(next, "ve" | "ra" | "thoat") && told.soon(at + 2, 3, &["duoc", "noi"]);
    (may || can) && !told.is_about_things(at, 5) && !told.lately(at, 3, &["tien", "von"])
}

/// "chồng tôi bị giữ ở …", "em bị giam trong …".
fn is_kept(told: &Told<'_>, at: usize) -> bool {
    // "Bị chúng nó giam".
    let by = |word: &str| matches!(word, "chung" | "no" | "bon" | "ho");
    let agents = told
        .from(at + 1)
        .take(2)
        .take_while(|word| by(word))
        .count();
    let verb = at + 1 + agents;
    matches!(told.word(verb), "giu" | "giam" | "ket")
        && !told.is_thing(verb + 1)
        && !matches!(told.word(verb + 1), "gia" | "diem" | "sut")
        && told.is_about_person(at)
}

/// "bắt làm việc 16 tiếng", "ép đi lừa đảo".
fn is_forced(told: &Told<'_>, at: usize) -> bool {
    let behind = at + 1 + if told.is_person(at + 1) { 1 } else { 0 };
    let behind = behind + usize::from(matches!(told.word(behind), "toi" | "em" | "phai" | "chau"));
    let works = [
        "lam viec",
        "lao dong",
        "di lua",
        "lua dao",
        "lam lua dao",
        "goi dien lua",
        "di khach",
    ];
    let hours = told.word(behind) == "lam"
        && is_number(told.word(behind + 1))
        && matches!(told.word(behind + 2), "tieng" | "gio" | "h");
    // "Bắt làm việc với công an qua điện thoại" is what false officers say.
    (hours || told.reads_any(behind, &works)) && !told.soon(behind, 6, &["cong", "online"])
}

/// "thu hộ chiếu", "giữ hết giấy tờ".
fn is_papers(told: &Told<'_>, at: usize) -> bool {
    let behind = at + 1 + usize::from(matches!(told.word(at + 1), "het" | "mat" | "luon" | "giu"));
    told.reads_any(
        behind,
        &[
            "ho chieu",
            "passport",
            "giay to",
            "dien thoai",
            "cccd",
            "cmnd",
        ],
    )
}

/// "cứu con tôi", "nhờ cứu người", "xin giải cứu".
fn is_called_for(told: &Told<'_>, at: usize) -> bool {
    if told.word(at) != "cuu" {
        return false;
    }
    let before = told.back(at, 1);
    let asks = |word: &str| {
        matches!(
            word,
            "xin" | "nho" | "mong" | "can" | "hay" | "giup" | "voi"
        )
    };
    let behind = told.word(at + 1);
    let whom = told.is_person(at + 1);
    match before {
        "tra" | "cap" | "nghien" | "yeu" => false,
        "giai" if matches!(told.back(at, 2), "duoc" | "da" | "nhan") => false,
        "giai" => {
            whom || asks(told.back(at, 2))
                && (behind.is_empty()
                    || matches!(behind, "voi" | "gap" | "nguoi" | "ngay" | "giup"))
        }
        _ if behind == "nguoi" => {
            let charity = ["benh", "ngheo", "kho", "ngap", "lu", "hoan", "dan"];
            asks(before) && !told.soon(at + 2, 2, &charity)
        }
        _ => {
            whom && matches!(
                behind,
                "chung" | "ban" | "chong" | "vo" | "em" | "anh" | "chi" | "me" | "bo" | "chau"
            ) && matches!(
                told.word(at + 2),
                "toi" | "em" | "minh" | "voi" | "chau" | "gai" | "trai"
            )
        }
    }
}
