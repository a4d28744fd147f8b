//! The points of a name found in a host, by how its brand is known and by what stands around it. The figures were set
//! on one public sample; `docs/lookalike.md` gives the reasons and the results.

use super::brands::{Brands, Class, Name};
use super::host::SuffixKind;
use super::words::{Rest, Weight};

/// What the whole host adds to a name found in one of its parts.
#[derive(Clone, Copy)]
pub struct Setting {
    /// The kind of public suffix.
    pub suffix: SuffixKind,
    /// The strongest reading of the other parts of the host.
    pub beside: Option<Weight>,
}

/// The points of a name by its class and its neighbours.
pub fn score(brands: &Brands, name: &Name, left: &str, right: &str, setting: Setting) -> i32 {
    let (l, r) = (brands.lexicon.rest(left), brands.lexicon.rest(right));
    let abroad = if setting.suffix == SuffixKind::Foreign {
        -15
    } else {
        0
    };
    match name.class {
        Class::Distinct => 80 + bonus(setting),
        Class::Bordered => match l {
            Rest::Empty | Rest::Digits | Rest::Strong | Rest::Weak => 75 + bonus(setting),
            Rest::Noise => 55 + bonus(setting),
            Rest::Few => 38 + bonus(setting),
            Rest::Bankish | Rest::Unknown => 25,
        },
        Class::Phrase => 65 + bonus(setting),
        Class::Topic => topic(l, r, setting),
        // Read beside `gov` only.
        Class::Agency => 0,
        Class::Word => word(l, r, setting) + abroad,
        Class::Rigid => rigid(name, left, right, l, r, setting) + abroad,
        Class::Acronym => {
            acronym(name, l, r, left.len().saturating_add(right.len()), setting) + abroad
        }
    }
}

/// What the setting adds to a name that already speaks for itself.
fn bonus(setting: Setting) -> i32 {
    let suffix = if setting.suffix == SuffixKind::Abused {
        7
    } else {
        0
    };
    suffix
        + if setting.beside == Some(Weight::Strong) {
            8
        } else {
            0
        }
}

fn suffix_points(setting: Setting) -> i32 {
    match setting.suffix {
        SuffixKind::Abused | SuffixKind::Generic => 20,
        SuffixKind::Hosted => 10,
        SuffixKind::Neutral | SuffixKind::Foreign => 0,
    }
}

fn beside_points(setting: Setting, strong: i32, weak: i32) -> i32 {
    match setting.beside {
        Some(Weight::Strong) => strong,
        Some(Weight::Weak) => weak,
        None => 0,
    }
}

fn word(l: Rest, r: Rest, setting: Setting) -> i32 {
    let points = |rest: Rest| match rest {
        Rest::Empty => 0,
        Rest::Digits | Rest::Strong | Rest::Noise | Rest::Bankish => 30,
        Rest::Weak => 20,
        Rest::Few => 25,
        Rest::Unknown => -20,
    };
    let place = match (l, r) {
        (Rest::Empty, Rest::Empty) => 30 + beside_points(setting, 25, 10),
        (Rest::Empty, rest) | (rest, Rest::Empty) => {
            20 + points(rest) + beside_points(setting, 10, 5)
        }
        (a, b) if a == Rest::Unknown || b == Rest::Unknown => -20,
        (Rest::Noise | Rest::Few, Rest::Noise | Rest::Few | Rest::Weak)
        | (Rest::Weak, Rest::Noise | Rest::Few) => 20,
        (a, b) => 20 + points(a).max(points(b)),
    };
    place + suffix_points(setting)
}

fn rigid(name: &Name, left: &str, right: &str, l: Rest, r: Rest, setting: Setting) -> i32 {
    // Four consonants in a row are a name already; three still want a neighbour.
    let long = if name.text.len() >= 4 { 12 } else { 0 };
    // A consonant that cannot follow the acronym's last letter in one syllable (`vcb|dig`, but `csg|travel`).
    let broken = right
        .bytes()
        .next()
        .is_some_and(|b| !b"aeiouyhlr".contains(&b));
    let known = |rest: Rest| match rest {
        Rest::Bankish => 40,
        Rest::Strong | Rest::Digits => 25,
        Rest::Weak => 20,
        Rest::Empty | Rest::Noise | Rest::Few | Rest::Unknown => 0,
    };
    // `bidvn` is as well `bid` with `vn`.
    let split = name.text.ends_with('v')
        && right.starts_with('n')
        && !matches!(r, Rest::Strong | Rest::Bankish);
    let place = match (l, r) {
        _ if split => 10 + beside_points(setting, 30, 0),
        (Rest::Empty, Rest::Empty) => 38 + beside_points(setting, 25, 12),
        // A vowel after the acronym makes another word of it (`vcbox`).
        (Rest::Empty, Rest::Unknown | Rest::Few) if !broken => 15,
        (Rest::Empty, Rest::Noise) => 65,
        (Rest::Empty, Rest::Few) => 60,
        (Rest::Empty, rest) => 30 + known(rest) + if broken { 10 } else { 0 },
        // More consonants in front make it a random string.
        (Rest::Noise, Rest::Empty) if left.len() > 3 => 25 + long,
        (Rest::Noise | Rest::Few, Rest::Empty) => 28,
        (Rest::Unknown, Rest::Empty) => 25,
        (rest, Rest::Empty) => 30 + known(rest),
        (Rest::Noise | Rest::Few | Rest::Unknown, _) | (_, Rest::Unknown) => 0,
        (a, b) => 25 + known(a).max(known(b)),
    };
    place + long + suffix_points(setting)
}

fn acronym(name: &Name, l: Rest, r: Rest, beside_letters: usize, setting: Setting) -> i32 {
    let suffix = match setting.suffix {
        SuffixKind::Abused | SuffixKind::Generic => 15,
        SuffixKind::Hosted => 5,
        SuffixKind::Neutral | SuffixKind::Foreign => 0,
    };
    let points = |rest: Rest| match rest {
        Rest::Strong | Rest::Bankish => 35,
        Rest::Noise | Rest::Digits => 18,
        Rest::Weak => 15,
        Rest::Empty | Rest::Few | Rest::Unknown => 0,
    };
    if name.text.len() == 2 {
        // Two letters mean a brand only between hyphens, or at the end of a sentence about banking.
        return match (l, r) {
            (Rest::Empty, Rest::Empty) => 10 + beside_points(setting, 25, 0) + suffix,
            (Rest::Strong, Rest::Empty) if beside_letters >= 8 => 50 + suffix,
            _ => 0,
        };
    }
    let place = match (l, r) {
        (Rest::Empty, Rest::Empty) => 20 + beside_points(setting, 30, 15),
        (Rest::Empty, rest) | (rest, Rest::Empty) => {
            15 + points(rest) + beside_points(setting, 17, 0)
        }
        (Rest::Strong, Rest::Strong | Rest::Digits) | (Rest::Digits, Rest::Strong) => 45,
        _ => 0,
    };
    place + suffix
}

fn topic(l: Rest, r: Rest, setting: Setting) -> i32 {
    let whole = |rest: Rest| matches!(rest, Rest::Empty | Rest::Digits | Rest::Strong | Rest::Weak);
    let alone = l == Rest::Empty && r == Rest::Empty;
    let place = match setting.beside {
        _ if !(whole(l) && whole(r)) => return 0,
        Some(Weight::Strong) if alone => 50,
        beside if beside == Some(Weight::Strong) || l == Rest::Strong || r == Rest::Strong => 30,
        _ => 10,
    };
    place + suffix_points(setting)
}
