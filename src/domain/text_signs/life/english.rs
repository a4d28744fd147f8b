//! The same in English: "they beat my brother", "won't let me leave".

use super::Sign;
use super::told::Told;

/// Those near to whoever tells.
const FAMILY: [&str; 18] = [
    "son", "daughter", "wife", "husband", "mother", "father", "family", "child", "children",
    "parents", "kids", "brother", "sister", "kid", "friend", "cousin", "mom", "dad",
];

/// Where people are held.
const PLACES: [&str; 8] = [
    "compound", "myanmar", "cambodia", "laos", "casino", "camp", "building", "room",
];

/// What stands at a place.
pub(super) fn sign(told: &Told<'_>, at: usize) -> Option<Sign> {
    let whom = matches!(told.word(at + 1), "me" | "us" | "him" | "her" | "them")
        && !matches!(told.word(at + 2), "to" | "up" | "with" | "in" | "on");
    let kin = matches!(told.word(at + 1), "my" | "our") && FAMILY.contains(&told.word(at + 2));
    let somebody = whom || kin;
    match told.word(at) {
        "kill" | "murder" | "kidnap" | "hurt" if kin => Some(Sign::Threat),
        "beat" | "beats" | "beating" | "torture" | "tortures" | "tortured" | "torturing"
        | "electrocute" | "electrocuted" | "electrocuting" | "stab" | "stabbed" | "stabbing"
        | "rape" | "raped" | "raping" | "strangle" | "starve"
            if somebody =>
        {
            Some(Sign::Deed)
        }
        "hold" | "holding" | "kidnapped" | "abducted" | "imprisoned" | "imprison" | "sold"
            if kin =>
        {
            Some(Sign::Deed)
        }
        "rescue" | "save" if kin => Some(Sign::Cry),
        // "won't let me leave"
        "let" if somebody => {
            let behind = at + if kin { 3 } else { 2 };
            let not = matches!(
                told.back(at, 1),
                "toi" | "t" | "not" | "never" | "dont" | "wont"
            );
            (not && matches!(told.word(behind), "leave" | "go" | "out")).then_some(Sign::Deed)
        }
        // "cannot leave the compound"
        "leave" => {
            let not = told.lately(at, 2, &["cannot", "toi", "not", "unable"]);
            (not && told.soon(at + 1, 5, &PLACES)).then_some(Sign::Deed)
        }
        "trapped" | "stuck" | "held" | "locked" | "captive" => {
            let person = told.lately(at, 4, &["i", "we", "he", "she", "they", "m", "am", "are"])
                || told.before(at).take(4).any(|word| FAMILY.contains(&word));
            let things = ["money", "funds", "package", "parcel", "account"];
            (person && told.soon(at + 1, 6, &PLACES) && !told.lately(at, 5, &things))
                .then_some(Sign::Deed)
        }
        _ => None,
    }
}
