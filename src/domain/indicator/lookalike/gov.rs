//! Hosts that play a Vietnamese state site: `gov` beside `vn` where no `gov.vn` is (`dichvucong.gov-vn.cc`,
//! `gplxgov.vn`), and official domains set in front of another's (`vneid.gov.vn.cap-nhat.top`).

use super::brands::{Brands, Class};
use super::host::Host;
use super::{Found, Technique};

/// The code of the entry that stands for the state where no agency is named.
const STATE: &str = "vn_government";

/// The official domain of a brand written out as labels in front of another's domain.
pub fn borrowed_domain(brands: &Brands, host: &Host) -> Option<Found> {
    let spelt: Vec<&str> = host.ascii.split('.').collect();
    (0..spelt.len()).find_map(|from| {
        (2..=4).rev().find_map(|len| {
            let domain = spelt.get(from..from.saturating_add(len))?.join(".");
            let brand = brands.official_domain(&domain)?;
            let technique = if domain.ends_with("gov.vn") {
                Technique::GovVn
            } else {
                Technique::Subdomain
            };
            Some(Found::new(brand, technique, 95, domain.len()))
        })
    })
}

/// `gov` with the look of Vietnam.
pub fn state_look(brands: &Brands, host: &Host) -> Option<Found> {
    let vietnamese_suffix = host.suffix.rsplit('.').next() == Some("vn");
    let mut score = 0_i32;
    for label in &host.labels {
        let joined = label.joined();
        let vn_piece = label
            .pieces()
            .any(|p| matches!(p, "vn" | "viet" | "vietnam"));
        for (at, _) in joined.match_indices("gov") {
            let (before, after) = (
                joined.get(..at).unwrap_or(""),
                joined.get(at.saturating_add(3)..).unwrap_or(""),
            );
            let apart = is_apart(brands, before) || label.pieces().any(|p| p.starts_with("gov"));
            score = score.max(look(
                before,
                after,
                apart,
                vn_piece,
                vietnamese_suffix && label.registered,
            ));
            let vn_next = host.labels.iter().any(|l| l.pieces().next() == Some("vn"));
            if joined == "gov" && vn_next && !label.registered {
                score = score.max(80);
            }
        }
    }
    let agency = agency(brands, host);
    // An agency's own name makes even a bare `gov` an imitation.
    let has_gov = host
        .labels
        .iter()
        .flat_map(|l| l.pieces())
        .any(|p| p.ends_with("gov") || p.starts_with("gov"));
    if has_gov && agency.is_some_and(|(_, sure)| sure) {
        // Above a mere subdomain: that the state is played matters more than where its name stands.
        score = if score >= 75 { 96 } else { 75 };
    }
    let brand = agency
        .map(|(brand, _)| brand)
        .or_else(|| brands.position(STATE))?;
    (score > 0).then(|| Found::new(brand, Technique::GovVn, score, 5))
}

/// Whether `gov` after these letters is read as `gov`, and not as the end of `mango` or `logo` before a `v`.
fn is_apart(brands: &Brands, before: &str) -> bool {
    let consonants =
        before.len() <= 2 && !before.bytes().any(|b| b"aeiou".contains(&b)) && before != "n";
    consonants
        || before.ends_with("viet")
        || before.ends_with("vn")
        || brands
            .names
            .iter()
            .any(|n| brands.is_state(n.brand) && before.ends_with(n.text.as_str()))
}

/// Points of one `gov` by the letters around it, read without hyphens.
fn look(before: &str, after: &str, apart: bool, vn_piece: bool, vn_suffix: bool) -> i32 {
    let after_vn = after.starts_with("vn") || after == "n" || after.starts_with("viet");
    let doubled_v = after.starts_with("vv") && after.trim_start_matches('v').starts_with('n');
    let before_vn =
        before.ends_with("vn") || before.ends_with("viet") || before.ends_with("vietnam");
    let only_v = (1..=3).contains(&before.len()) && before.bytes().all(|b| b == b'v');
    let digits_only = after.bytes().all(|b| b.is_ascii_digit());
    let misspelt_viet =
        digits_only && before.len() <= 6 && before.starts_with('v') && before.ends_with('t');
    if apart && (after_vn || doubled_v) {
        85
    } else if before_vn && (digits_only || after.len() <= 6) {
        80
    } else if vn_suffix && (digits_only || after == "n") {
        75
    } else if (only_v && after.len() <= 1) || misspelt_viet || (apart && vn_piece && digits_only) {
        70
    } else {
        0
    }
}

/// The state agency named in the host, and whether it is named for certain.
fn agency(brands: &Brands, host: &Host) -> Option<(usize, bool)> {
    let named = |class: &[Class]| {
        brands
            .names
            .iter()
            .filter(|n| class.contains(&n.class))
            .filter(|n| brands.is_state(n.brand) && n.text.len() >= 4)
            .find(|n| {
                host.labels
                    .iter()
                    .any(|l| l.joined().contains(n.text.as_str()))
            })
            .map(|n| n.brand)
    };
    named(&[Class::Phrase, Class::Distinct, Class::Rigid])
        .or_else(|| beside_gov(brands, host))
        .map(|b| (b, true))
        .or_else(|| named(&[Class::Topic, Class::Acronym]).map(|b| (b, false)))
}

/// The agency whose short name is a piece of its own in the label with `gov` (`dvc-gov`, `etaxgov`).
fn beside_gov(brands: &Brands, host: &Host) -> Option<usize> {
    let is_gov = |piece: &str| piece.starts_with("gov") || piece.ends_with("gov");
    let mut with_gov = host.labels.iter().filter(|l| l.pieces().any(is_gov));
    with_gov.find_map(|label| {
        label.pieces().find_map(|piece| {
            let bare = piece.strip_suffix("gov").unwrap_or(piece);
            let bare = bare.strip_prefix("gov").unwrap_or(bare);
            let mut agencies = brands.names.iter().filter(|n| n.class == Class::Agency);
            agencies.find(|n| n.text == bare).map(|n| n.brand)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gov_counts_where_it_stands_apart_and_vietnam_is_near() {
        for (before, after, apart, vn_piece, vn_suffix, counts) in [
            ("", "vn", true, false, false, true),
            ("dichvucong", "vn", true, false, false, true),
            ("man", "vn", false, false, false, false),
            ("vn", "feed", true, false, false, true),
            ("viet", "22", true, false, false, true),
            ("vv", "", false, false, false, true),
            ("gplx", "", false, false, true, true),
            ("us", "", true, false, false, false),
            ("", "info", true, false, false, false),
        ] {
            assert_eq!(
                look(before, after, apart, vn_piece, vn_suffix) > 0,
                counts,
                "{before}gov{after}"
            );
        }
    }
}
