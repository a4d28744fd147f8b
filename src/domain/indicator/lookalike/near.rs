//! Hosts that carry a brand's name written otherwise: across hyphens, in another alphabet, in look-alike letters, with
//! digits for letters, or misspelt.

use super::brands::{Brands, Class, Name};
use super::fold::{skeleton_of, visual};
use super::host::Label;
use super::named::held_by_other_word;
use super::typo::{distance, misspelt};
use super::words::{Weight, is_bankish};
use super::{Found, Technique};

/// Everything in the label that comes near a brand's name without being it.
pub fn find(brands: &Brands, label: &Label) -> Vec<Found> {
    let mut found = in_label(brands, label);
    for piece in label.pieces() {
        found.extend(misspellings(brands, label, piece));
        found.extend(
            brands
                .names
                .iter()
                .filter_map(|name| short_leet(label, piece, name)),
        );
        found.extend(
            brands
                .names
                .iter()
                .filter_map(|name| short_look(label, piece, name)),
        );
    }
    found
}

/// The technique, unless the label lies below someone else's domain.
fn placed(label: &Label, technique: Technique) -> Technique {
    if label.registered {
        technique
    } else {
        Technique::Subdomain
    }
}

/// The name across hyphens, in another alphabet, or in look-alike letters.
fn in_label(brands: &Brands, label: &Label) -> Vec<Found> {
    let joined = label.joined();
    let hyphened = joined.len() < label.plain.len();
    let others = held_somewhere(brands, &joined);
    let (seen, bones) = (visual(&joined), skeleton_of(&label.shown));
    let found =
        |name: &Name, technique, score| Found::new(name.brand, technique, score, name.text.len());
    brands
        .names
        .iter()
        .filter(|n| is_long(n) && !label.plain.contains(n.text.as_str()))
        .filter_map(|name| {
            if joined.contains(name.text.as_str()) {
                let split = hyphened && across_hyphens(brands, label, &joined, name);
                split.then(|| found(name, placed(label, written_apart(name)), 75))
            } else if others {
                None
            } else {
                look(name, label, &joined, &seen, &bones)
                    .map(|(technique, score)| found(name, technique, score))
            }
        })
        .collect()
}

fn written_apart(name: &Name) -> Technique {
    if name.class == Class::Phrase {
        Technique::Toneless
    } else {
        Technique::Embedded
    }
}

/// Whether a name is long enough to be known by its look.
fn is_long(name: &Name) -> bool {
    match name.class {
        Class::Distinct | Class::Phrase => true,
        Class::Bordered => name.text.len() >= 6,
        Class::Rigid | Class::Acronym | Class::Word | Class::Topic | Class::Agency => false,
    }
}

/// Whether the name stands in the label once its hyphens are taken out (`dien-may-xanh`, `mb-bank`).
fn across_hyphens(brands: &Brands, label: &Label, joined: &str, name: &Name) -> bool {
    let starts = || {
        label.pieces().scan(0_usize, |at, piece| {
            let start = *at;
            *at = at.saturating_add(piece.len());
            Some(start)
        })
    };
    joined.match_indices(name.text.as_str()).any(|(at, _)| {
        let end = at.saturating_add(name.text.len());
        let border = name.class != Class::Bordered || starts().any(|s| s == at);
        border && !held_by_other_word(brands, joined, at, end)
    })
}

/// The name in look-alike letters: skeleton against skeleton, and the shapes of letters and digits.
fn look(
    name: &Name,
    label: &Label,
    joined: &str,
    seen: &str,
    bones: &str,
) -> Option<(Technique, i32)> {
    let at = |text: &str, part: &str| {
        text.find(part)
            .filter(|at| *at == 0 || name.class != Class::Bordered)
    };
    let bare = at(bones, &name.skeleton);
    let place = at(seen, &name.visual).or(bare)?;
    // Only where no two letters were read as one do the places agree.
    let region = if joined.len() == seen.len() {
        joined.get(place..place.saturating_add(name.text.len()))
    } else {
        None
    };
    // `shop33` is a shop with a number, not `shopee`.
    if region.is_some_and(ends_in_number) {
        return None;
    }
    let digits =
        label.shown.is_ascii() && region.is_some_and(|r| r.bytes().any(|b| b.is_ascii_digit()));
    let technique = if digits {
        Technique::Leet
    } else {
        Technique::Confusable
    };
    Some((technique, if bare.is_some() { 88 } else { 78 }))
}

fn ends_in_number(text: &str) -> bool {
    let digit = |b: u8| b.is_ascii_digit();
    let mut back = text.bytes().rev();
    back.next().is_some_and(digit) && back.next().is_some_and(digit)
}

fn held_somewhere(brands: &Brands, joined: &str) -> bool {
    brands
        .other_words
        .iter()
        .any(|w| joined.contains(w.as_str()))
}

/// A short name alone between hyphens, in letters of the same look (`bldv`).
fn short_look(label: &Label, piece: &str, name: &Name) -> Option<Found> {
    let alike = name.class == Class::Rigid
        && name.text.len() >= 4
        && piece.len() == name.text.len()
        && piece != name.text
        && piece.bytes().all(|b| b.is_ascii_lowercase())
        && visual(piece) == name.visual;
    alike.then(|| {
        let technique = placed(label, Technique::Confusable);
        Found::new(name.brand, technique, 70, name.text.len())
    })
}

/// A short name with digits for letters, alone between hyphens (`m0mo`, `b1dv-vn`).
fn short_leet(label: &Label, piece: &str, name: &Name) -> Option<Found> {
    let short = matches!(name.class, Class::Rigid | Class::Word) && name.text.len() >= 4;
    let digits = piece.bytes().filter(u8::is_ascii_digit).count();
    let hit = short
        && (1..piece.len()).contains(&digits)
        && piece.len() == name.text.len()
        && piece != name.text
        && !ends_in_number(piece)
        && visual(piece) == name.visual;
    let technique = placed(label, Technique::Leet);
    hit.then(|| {
        Found::new(
            name.brand,
            technique,
            if name.class == Class::Word { 52 } else { 62 },
            name.text.len(),
        )
    })
}

/// Misspelt long names: the piece without digits and without words of the lexicon at its ends.
fn misspellings(brands: &Brands, label: &Label, piece: &str) -> Vec<Found> {
    if piece.len() < 5 || held_somewhere(brands, piece) {
        return Vec::new();
    }
    let mut starts: Vec<(usize, bool)> = positions(&brands.lexicon.reach(piece))
        .map(|at| (at, false))
        .collect();
    // A letter typed in front (`isacambank`).
    if starts.iter().all(|(at, _)| *at != 1) {
        starts.push((1, true));
    }
    let tails = brands.lexicon.tails(piece);
    let ends = tails
        .iter()
        .enumerate()
        .filter_map(|(at, splits)| splits.then_some(at));
    let cores: Vec<(&str, bool)> = ends
        .flat_map(|end| {
            starts
                .iter()
                .filter_map(move |(at, typed)| Some((piece.get(*at..end)?, *typed)))
        })
        // Another brand's right name is no misspelling (`vietbank`, `vietabank`).
        .filter(|(core, _)| !brands.names.iter().any(|n| is_right(n, core)))
        .collect();
    let technique = if label.idn {
        Technique::Punycode
    } else {
        placed(label, Technique::Misspelling)
    };
    let mut found = Vec::new();
    for name in brands.names.iter().filter(|n| is_misspellable(n)) {
        for (core, typed) in &cores {
            if *typed && name.text.len() < 9 {
                continue;
            }
            if let Some(edits) =
                misspelt(core, &name.text).filter(|e| *e == 1 || ends_like_bank(core))
            {
                let score = if edits == 1 { 72 } else { 60 };
                found.push(Found::new(name.brand, technique, score, name.text.len()));
            }
        }
    }
    found
}

/// Whether the text is a name rightly written, or holds a long one.
fn is_right(name: &Name, text: &str) -> bool {
    let long =
        matches!(name.class, Class::Distinct | Class::Bordered) || name.text.ends_with("bank");
    name.text == text || (long && name.text.len() >= 7 && text.contains(&name.text))
}

/// Whether a text ends in `bank` with at most one edit: two edits elsewhere may make a word (`techcombine`).
fn ends_like_bank(text: &str) -> bool {
    let tail = |len: usize| text.len().checked_sub(len).and_then(|at| text.get(at..));
    is_bankish(text)
        || (3..=5)
            .filter_map(tail)
            .any(|t| distance(t, "bank", 1).is_some())
}

fn positions(reach: &[Option<Weight>]) -> impl Iterator<Item = usize> {
    reach.iter().enumerate().filter_map(|(at, w)| w.map(|_| at))
}

/// Names whose neighbours in spelling are not names or words themselves.
fn is_misspellable(name: &Name) -> bool {
    match name.class {
        Class::Distinct => true,
        Class::Bordered => name.text.ends_with("bank"),
        Class::Phrase => name.text.len() >= 13,
        Class::Rigid | Class::Acronym | Class::Word | Class::Topic | Class::Agency => false,
    }
}
