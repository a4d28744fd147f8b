//! Hosts whose letters stand apart: `w w w . vidu . com`, `v i d u . c o m`.

use super::Cell;

/// Suffixes that are no words, so that nothing but a host ends in them.
const SUFFIXES: [&str; 12] = [
    "com", "net", "org", "vn", "info", "xyz", "top", "icu", "vip", "club", "online", "shop",
];

/// Longest host that is read so, in cells.
const MOST: usize = 80;

/// Most parts of one.
const MOST_LABELS: usize = 5;

/// One part of a host.
struct Label {
    /// Where it begins and ends.
    first: usize,
    end: usize,
    /// Whether its letters stand apart.
    apart: bool,
}

/// A host at the start of these cells with some of its letters apart: its cells without the blanks, and how many
/// cells it takes.
pub(super) fn host(rest: &[Cell]) -> Option<(Vec<Cell>, usize)> {
    let rest = rest.get(..MOST.min(rest.len()))?;
    let mut labels = vec![label(rest, 0)?];
    while let Some(next) = labels.last().and_then(|last| behind_dot(rest, last.end)) {
        if labels.len() == MOST_LABELS {
            return None;
        }
        labels.push(label(rest, next)?);
    }
    let (last, before) = labels.split_last()?;
    // "www" alone, or a name of three letters: fewer are a list of initials.
    let spread = labels
        .iter()
        .any(|label| label.apart && label.end - label.first >= 5);
    let named = before.iter().any(|label| {
        letters(rest, label)
            .iter()
            .any(|cell| cell.ch.is_ascii_alphabetic())
    });
    if before.is_empty() || !spread || !named {
        return None;
    }
    let end = suffix_end(rest, last)?;
    let mut host = Vec::with_capacity(end);
    for label in before {
        host.extend(letters(rest, label));
        host.push(dot_behind(rest, label.end)?);
    }
    let last = Label { end, ..*last };
    host.extend(letters(rest, &last));
    Some((host, end))
}

/// The word or the run of single letters at this place.
fn label(rest: &[Cell], first: usize) -> Option<Label> {
    let letter = |at: usize| rest.get(at).is_some_and(|cell| is_letter(cell.ch));
    let blank = |at: usize| rest.get(at).is_some_and(|cell| cell.ch == ' ');
    if !letter(first) {
        return None;
    }
    let mut end = first + 1;
    while blank(end) && letter(end + 1) && !letter(end + 2) {
        end += 2;
    }
    if end > first + 1 {
        return Some(Label {
            first,
            end,
            apart: true,
        });
    }
    while letter(end) {
        end += 1;
    }
    Some(Label {
        first,
        end,
        apart: false,
    })
}

/// Where the next label begins, if a dot follows with or without blanks round it.
fn behind_dot(rest: &[Cell], end: usize) -> Option<usize> {
    let dot = dot_at(rest, end)?;
    let blank = rest.get(dot + 1)?.ch == ' ';
    Some(dot + 1 + usize::from(blank))
}

fn dot_at(rest: &[Cell], end: usize) -> Option<usize> {
    let dot = end + usize::from(rest.get(end)?.ch == ' ');
    (rest.get(dot)?.ch == '.').then_some(dot)
}

/// The dot with the blanks round it as one cell.
fn dot_behind(rest: &[Cell], end: usize) -> Option<Cell> {
    let dot = *rest.get(dot_at(rest, end)?)?;
    let (head, tail) = (rest.get(end)?, rest.get(behind_dot(rest, end)? - 1)?);
    Some(Cell {
        start: head.start,
        end: tail.end,
        from: head.from,
        to: tail.to,
        ..dot
    })
}

/// Where the suffix ends that the last label is, or begins with where letters of the next words follow.
fn suffix_end(rest: &[Cell], last: &Label) -> Option<usize> {
    let fits = |end: usize| {
        let all = letters(rest, &Label { end, ..*last });
        let word: String = all.iter().map(|cell| cell.fold).collect();
        SUFFIXES.contains(&word.as_str())
    };
    match last.apart {
        true => (last.first + 1..=last.end)
            .rev()
            .step_by(2)
            .find(|end| fits(*end)),
        false => fits(last.end).then_some(last.end),
    }
}

fn letters(rest: &[Cell], label: &Label) -> Vec<Cell> {
    let cells = rest.get(label.first..label.end).unwrap_or_default();
    cells
        .iter()
        .filter(|cell| cell.ch != ' ')
        .copied()
        .collect()
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-'
}

#[cfg(test)]
mod tests {
    use super::super::View;

    #[test]
    fn letters_come_together_where_they_are_a_host() {
        for (text, expected) in [
            ("w w w . vidu . com nhé", "www.vidu.com nhé"),
            ("w w w . x y z . com", "www.xyz.com"),
            ("w w w.vidu.com/abc", "www.vidu.com/abc"),
            ("v i d u . c o m", "vidu.com"),
            ("V I D U . V I P nhé", "VIDU.VIP nhé"),
            ("vidu . c o m v à", "vidu.com v à"),
            ("v i d u - 9 . t o p", "vidu-9.top"),
            // And what is none.
            ("chọn a b c . co gì", "chọn a b c.co gì"),
            ("câu 1 2 3 4 . com", "câu 1 2 3 4.com"),
            ("A B . com", "A B.com"),
            ("điểm a b c d . Sau đó", "điểm a b c d . Sau đó"),
            ("N g u y ễ n . v n", "N g u y ễ n . v n"),
            ("w w w", "w w w"),
            ("0 9 1 2 3 4 5 6 7 8", "0 9 1 2 3 4 5 6 7 8"),
        ] {
            let view = View::new(text);
            assert_eq!(view.string(0, view.len()), expected, "{text}");
            let span = view.span(0, view.len()).unwrap();
            assert_eq!(span.bytes, 0..text.len(), "{text}");
        }
    }
}
