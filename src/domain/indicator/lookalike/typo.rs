//! Small edits of a name: a letter more, less, other, or two swapped. Written for short ASCII strings; the host's
//! length bounds its work.

/// The number of single edits or swaps of neighbours between two strings, if at most `limit`.
pub fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.iter().enumerate() {
        let mut row = vec![i.saturating_add(1)];
        for (j, cb) in b.iter().enumerate() {
            let cell = |r: &[usize], at: usize| r.get(at).copied().unwrap_or(usize::MAX);
            let mut best = cell(&last, j).saturating_add(usize::from(ca != cb));
            best = best.min(cell(&last, j.saturating_add(1)).saturating_add(1));
            best = best.min(cell(&row, j).saturating_add(1));
            let swapped = i > 0
                && j > 0
                && a.get(i.wrapping_sub(1)) == Some(cb)
                && b.get(j.wrapping_sub(1)) == Some(ca);
            if swapped {
                best = best.min(cell(&before, j.wrapping_sub(1)).saturating_add(1));
            }
            row.push(best);
        }
        if row.iter().min().is_none_or(|m| *m > limit) {
            return None;
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|d| *d <= limit)
}

/// Whether `typed` is `name` misspelt as hands do it, and by how many edits.
///
/// The shorter the name the fewer edits: six letters allow only a doubled or swapped letter.
pub fn misspelt(typed: &str, name: &str) -> Option<usize> {
    if typed.bytes().next() != name.bytes().next() || typed == name {
        return None;
    }
    match name.len() {
        0..=5 => None,
        6 | 7 if name.ends_with("bank") => {
            // What stands before the first letters of `bank` is all there is of the brand.
            let kept = name.len().saturating_sub(3);
            (typed.get(..kept) == name.get(..kept)).then(|| distance(typed, name, 1))?
        }
        6 | 7 => (doubled(typed, name) || swapped(typed, name)).then_some(1),
        10.. if name.ends_with("bank") => distance(typed, name, 2),
        _ => distance(typed, name, 1),
    }
}

/// One letter typed twice.
fn doubled(typed: &str, name: &str) -> bool {
    typed.len() == name.len().saturating_add(1)
        && (1..typed.len()).any(|i| {
            let (head, tail) = (typed.get(..i), typed.get(i.saturating_add(1)..));
            typed.as_bytes().get(i) == typed.as_bytes().get(i.saturating_sub(1))
                && head.zip(tail).is_some_and(|(h, t)| [h, t].concat() == name)
        })
}

/// Two neighbours swapped.
fn swapped(typed: &str, name: &str) -> bool {
    typed.len() == name.len() && distance(typed, name, 1).is_some() && {
        let (mut a, mut b) = (typed.as_bytes().to_vec(), name.as_bytes().to_vec());
        a.sort_unstable();
        b.sort_unstable();
        a == b
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted_up_to_the_limit() {
        for (a, b, limit, edits) in [
            ("vietcomdank", "vietcombank", 2, Some(1)),
            ("veitcombank", "vietcombank", 2, Some(1)),
            ("vietconbamk", "vietcombank", 2, Some(2)),
            ("vietinbank", "vietcombank", 2, None),
            ("", "ab", 2, Some(2)),
        ] {
            assert_eq!(distance(a, b, limit), edits, "{a} {b}");
        }
    }

    #[test]
    fn short_names_allow_fewer_edits() {
        for (typed, name, edits) in [
            ("shoppee", "shopee", Some(1)),
            ("shpoee", "shopee", Some(1)),
            ("shoper", "shopee", None),
            ("aribank", "agribank", Some(1)),
            ("airbank", "agribank", None),
            ("tpbsnk", "tpbank", Some(1)),
            ("topbank", "tpbank", None),
            ("momp", "momo", None),
        ] {
            assert_eq!(misspelt(typed, name), edits, "{typed}");
        }
    }
}
