//! Hosts that carry a brand's name: where the name stands, what stands beside it, and the score that follows.
//!
//! A long name speaks for itself. A short one, or one that is also a word, must earn its score from its neighbours:
//! `acb` in `chuongtrinhdacbiet` earns nothing, `acb.vn-ibank.info` does.

use super::brands::{Brands, Class, Name};
use super::host::{Host, Label};
use super::near;
use super::score::{Setting, score};
use super::words::Weight;
use super::{Found, Technique};

/// Everything in the host that reads as a brand's name.
pub fn find(brands: &Brands, host: &Host) -> Vec<Found> {
    let suffix = brands.suffix_kind(&host.suffix, host.hosted);
    let readings: Vec<Vec<Option<Weight>>> = host
        .labels
        .iter()
        .map(|l| l.pieces().map(|p| brands.lexicon.cover(p)).collect())
        .collect();
    let mut found = Vec::new();
    for (li, label) in host.labels.iter().enumerate() {
        for (pi, piece) in label.pieces().enumerate() {
            let others = readings.iter().enumerate().flat_map(|(lj, pieces)| {
                pieces
                    .iter()
                    .enumerate()
                    .filter(move |(pj, _)| (lj, *pj) != (li, pi))
                    .map(|(_, w)| *w)
            });
            let setting = Setting {
                suffix,
                beside: others.flatten().max(),
            };
            for name in &brands.names {
                found.extend(in_piece(brands, label, piece, name, setting));
            }
        }
        found.extend(near::find(brands, label));
    }
    found
}

/// The name as it is written, inside one piece.
fn in_piece(
    brands: &Brands,
    label: &Label,
    piece: &str,
    name: &Name,
    setting: Setting,
) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, _) in piece.match_indices(name.text.as_str()) {
        let end = at.saturating_add(name.text.len());
        if held_by_other_word(brands, piece, at, end) {
            continue;
        }
        let (left, right) = (
            piece.get(..at).unwrap_or(""),
            piece.get(end..).unwrap_or(""),
        );
        let score = score(brands, name, left, right, setting);
        let whole = label.registered && label.plain == name.text;
        let technique = if label.confused {
            Technique::Confusable
        } else if label.idn {
            Technique::Punycode
        } else if !label.registered {
            Technique::Subdomain
        } else if matches!(name.class, Class::Phrase | Class::Topic) {
            Technique::Toneless
        } else if whole {
            Technique::OtherSuffix
        } else {
            Technique::Embedded
        };
        found.push(Found::new(name.brand, technique, score, name.text.len()));
    }
    found
}

/// Whether the place lies inside a word that is not the brand's (`momo` in `momondo`).
pub fn held_by_other_word(brands: &Brands, piece: &str, at: usize, end: usize) -> bool {
    brands.other_words.iter().any(|word| {
        piece
            .match_indices(word.as_str())
            .any(|(start, w)| start <= at && end <= start.saturating_add(w.len()))
    })
}
