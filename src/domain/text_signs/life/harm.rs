//! Violence done or about to be done: "nó đang đánh con tôi", "cầm dao trước cửa", "uống thuốc sâu".

use super::Sign;
use super::told::{Told, is_number};

/// What stands at a place.
pub(super) fn sign(told: &Told<'_>, at: usize) -> Option<Sign> {
    let deed = match told.word(at) {
        "danh" => is_beaten(told, at),
        "chich" | "giat" => is_shocked(told, at),
        "thuoc" => is_poison(told, at),
        "hiep" => is_raped(told, at),
        // "Bắt con bé cởi đồ".
        "coi" => {
            matches!(told.word(at + 1), "do" | "quan" | "ao" | "het")
                && told.lately(at, 4, &["bat", "ep", "doa", "buoc"])
        }
        _ => false,
    };
    if deed && !told.is_denied(at) {
        return Some(Sign::Deed);
    }
    (is_armed(told, at) || is_at_the_door(told, at)).then_some(Sign::Threat)
}

/// "đánh con tôi", "bị đánh": no "đánh giá", "đánh cắp", "giả danh", "danh bạ".
fn is_beaten(told: &Told<'_>, at: usize) -> bool {
    let before = told.back(at, 1);
    if before == "bi" {
        let behind = told.word(at + 1);
        let hard = matches!(
            behind,
            "dam" | "nhu" | "te" | "gay" | "den" | "suot" | "boi" | "hoai"
        );
        let other = is_number(behind)
            || matches!(
                behind,
                "gia"
                    | "cap"
                    | "lua"
                    | "dau"
                    | "mat"
                    | "trao"
                    | "sap"
                    | "thuc"
                    | "gen"
                    | "bac"
                    | "doi"
                    | "tung"
                    | "bay"
                    | "ban"
                    | "thue"
                    | "dong"
                    | "boc"
                    | "rot"
                    | "tut"
                    | "bai"
                    | "hack"
                    | "pha"
                    | "lo"
                    | "de"
                    | "vao"
                    | "report"
                    | "spam"
            );
        let first = at.saturating_sub(1);
        let whose = told.is_about_person(first)
            || matches!(told.back(first, 1), "thi" | "bao" | "va" | "deu" | "la");
        return hard || !other && whose;
    }
    let who = matches!(
        before,
        "no" | "chung"
            | "ho"
            | "bon"
            | "dang"
            | "cu"
            | "han"
            | "va"
            | "roi"
            | "chong"
            | "bo"
            | "cha"
            | "duong"
    );
    who && told.is_person(at + 1) && !is_number(told.word(at + 2))
}

/// "bị nó cưỡng hiếp": no case of it that a false officer speaks of, and no bullying.
fn is_raped(told: &Told<'_>, at: usize) -> bool {
    let rape = told.back(at, 1) == "cuong" || told.word(at + 1) == "dam";
    rape && told.lately(at, 5, &["bi"]) && !told.lately(at, 6, &["vu", "an", "quan"])
}

/// "chích điện con em": no fish, and no thing that does so.
fn is_shocked(told: &Told<'_>, at: usize) -> bool {
    let things = [
        "may", "sung", "roi", "binh", "gay", "bo", "den", "bua", "vot",
    ];
    let others = ["ca", "tom", "muoi", "nhe"];
    let done = told.word(at) == "chich" || told.back(at, 1) == "bi";
    let hurt =
        told.is_person(at + 2) || told.lately(at, 2, &["bi", "no", "chung", "ho", "bon", "dang"]);
    done && hurt
        && told.word(at + 1) == "dien"
        && !things.contains(&told.back(at, 1))
        && !others.contains(&told.word(at + 2))
}

/// "uống thuốc sâu", and none after a meal.
fn is_poison(told: &Told<'_>, at: usize) -> bool {
    let behind = told.word(at + 2);
    told.back(at, 1) == "uong"
        && told.word(at + 1) == "sau"
        && !is_number(behind)
        && !matches!(
            behind,
            "khi" | "an" | "do" | "bua" | "nay" | "moi" | "sinh" | "mo" | "phau" | "dot" | "cung"
        )
}

/// "cầm dao", "rút súng".
fn is_armed(told: &Told<'_>, at: usize) -> bool {
    let held = matches!(
        told.word(at),
        "cam" | "vac" | "xach" | "mang" | "ke" | "rut" | "vung" | "dem" | "chia"
    ) || told.word(at) == "di" && told.word(at + 1) == "sung";
    let behind = at + 1 + usize::from(matches!(told.word(at + 1), "theo" | "con" | "ca"));
    let arm = match told.word(behind) {
        // "Rút đáo hạn", "đảo nợ".
        "dao" => {
            !matches!(
                told.word(behind + 1),
                "han" | "no" | "ly" | "dien" | "duc" | "dong"
            ) && !told.soon(behind + 1, 2, &["ban", "mo", "bep", "thai", "got", "lam"])
        }
        "sung" => !matches!(told.word(behind + 1), "do" | "nuoc"),
        "kiem" | "ma" => {
            matches!(told.word(behind + 1), "tau" | "nhat" | "dai")
                || told.soon(behind, 5, &["chem"])
        }
        "phong" => told.word(behind + 1) == "lon",
        "hung" => told.word(behind + 1) == "khi",
        "gay" => told.word(behind + 1) == "goc" || told.soon(behind, 6, &["danh"]),
        "xang" => told.soon(behind, 8, &["dot"]),
        _ => false,
    };
    held && arm
        && !told.soon(at + 2, 8, &["game", "phim"])
        && !told.lately(at, 3, &["ban", "game", "phim"])
}

/// "đến đòi nợ tạt sơn, đang ở ngoài cửa": somebody stands at the door and threatens.
fn is_at_the_door(told: &Told<'_>, at: usize) -> bool {
    let door = matches!(told.word(at), "ngoai" | "truoc" | "pha" | "dap" | "xong")
        && told.soon(at + 1, 2, &["cua", "cong", "nha"])
        || told.reads_any(at, &["o nha toi", "o nha em", "o nha minh"]);
    let threat = [
        "tat", "doa", "giet", "chem", "dam", "dot", "dap", "pha", "no", "giang", "hanh",
    ];
    let now = ["dang", "vua", "keo", "toi", "den", "vay", "gio"];
    door && told.lately(at, 14, &now)
        && (at.saturating_sub(14)..at + 14).any(|near| {
            threat.contains(&told.word(near))
                && match told.word(near) {
                    "tat" => matches!(
                        told.word(near + 1),
                        "son" | "mam" | "axit" | "xang" | "chat"
                    ),
                    "no" => matches!(told.back(near, 1), "doi" | "siet" | "thu"),
                    "giang" => told.word(near + 1) == "ho",
                    "hanh" => told.word(near + 1) == "hung",
                    "dam" | "dap" | "pha" => matches!(
                        told.word(near + 1),
                        "cua" | "cong" | "nha" | "do" | "toi" | "chet" | "pha"
                    ),
                    "dot" => told.word(near + 1) == "nha",
                    _ => true,
                }
        })
}
