//! A text as cells: what each place says once disguises are off, and where it stands in the text.

use std::ops::Range;

use unicode_normalization::char::{compose, is_combining_mark};

use super::super::super::latin::is_alphanumeric;
use super::super::{text, url};

/// One visible character, or one disguise (`[.]`, ` dot `) that stands for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    /// What it says.
    pub(super) ch: char,
    /// The same in lower case without accents.
    pub(super) fold: char,
    /// The code points it covers.
    start: usize,
    end: usize,
    /// The bytes it covers.
    from: usize,
    to: usize,
}

/// A stretch of the text.
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) bytes: Range<usize>,
}

mod apart;

/// The cells of a text, and which of them belong to something already.
pub(super) struct View {
    cells: Vec<Cell>,
    claimed: Vec<bool>,
}

impl View {
    pub(super) fn new(text: &str) -> Self {
        let cells = undisguise(&plain_cells(text));
        let claimed = vec![false; cells.len()];
        Self { cells, claimed }
    }

    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    pub(super) fn cell(&self, at: usize) -> Option<&Cell> {
        self.cells.get(at)
    }

    /// What the cell says; nothing beyond the ends.
    pub(super) fn ch(&self, at: usize) -> Option<char> {
        self.cells.get(at).map(|cell| cell.ch)
    }

    /// What stands before the cell.
    pub(super) fn before(&self, at: usize) -> Option<char> {
        self.ch(at.checked_sub(1)?)
    }

    pub(super) fn is_claimed(&self, at: usize) -> bool {
        self.claimed.get(at).copied().unwrap_or(true)
    }

    pub(super) fn any_claimed(&self, first: usize, end: usize) -> bool {
        match self.claimed.get(first..end) {
            Some(range) => range.iter().any(|claimed| *claimed),
            None => true,
        }
    }

    pub(super) fn claim(&mut self, first: usize, end: usize) {
        if let Some(range) = self.claimed.get_mut(first..end) {
            range.fill(true);
        }
    }

    /// The cells as a string.
    pub(super) fn string(&self, first: usize, end: usize) -> String {
        let cells = self.cells.get(first..end).unwrap_or_default();
        cells.iter().map(|cell| cell.ch).collect()
    }

    /// Whether a sign stands in the cells from `first` up to `end`.
    pub(super) fn has(&self, first: usize, end: usize, sign: char) -> bool {
        let cells = self.cells.get(first..end).unwrap_or_default();
        cells.iter().any(|cell| cell.ch == sign)
    }

    /// The end of the run of cells from `first` for which `belongs` holds, at most `most` long.
    pub(super) fn run(&self, first: usize, most: usize, belongs: impl Fn(char) -> bool) -> usize {
        let cells = self.cells.get(first..).unwrap_or_default();
        let length = cells
            .iter()
            .take(most)
            .take_while(|cell| belongs(cell.ch))
            .count();
        first + length
    }

    /// The start of the run of cells up to `end` for which `belongs` holds, at most 64 long.
    pub(super) fn run_back(&self, end: usize, belongs: impl Fn(char) -> bool) -> usize {
        let cells = self.cells.get(..end).unwrap_or_default();
        let length = cells
            .iter()
            .rev()
            .take(64)
            .take_while(|cell| belongs(cell.ch))
            .count();
        end - length
    }

    /// Whether the cell stands for more than the one sign.
    pub(super) fn is_disguised(&self, at: usize) -> bool {
        self.cells
            .get(at)
            .is_some_and(|cell| cell.end > cell.start + 1)
    }

    /// Where the cells from `first` up to `end` stand in the text.
    pub(super) fn span(&self, first: usize, end: usize) -> Option<Span> {
        let head = self.cells.get(first)?;
        let tail = self.cells.get(end.checked_sub(1)?)?;
        (first < end).then_some(Span {
            start: head.start,
            end: tail.end,
            bytes: head.from..tail.to,
        })
    }
}

/// Visible characters, narrowed and composed; line breaks stay what they are.
fn plain_cells(text: &str) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::with_capacity(text.len());
    for (index, (from, c)) in text.char_indices().enumerate() {
        let to = from + c.len_utf8();
        if text::is_plain(c) {
            cells.push(Cell {
                ch: c,
                fold: text::fold_char(c),
                start: index,
                end: index + 1,
                from,
                to,
            });
            continue;
        }
        if text::is_invisible(c) {
            continue;
        }
        if is_combining_mark(c)
            && let Some(last) = cells.last_mut().filter(|last| last.to == from)
        {
            last.ch = compose(last.ch, c).unwrap_or(last.ch);
            last.end = index + 1;
            last.to = to;
            continue;
        }
        let ch = match c {
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => '\n',
            _ => text::ascii_digit(text::narrow_char(c)),
        };
        cells.push(Cell {
            ch,
            fold: text::fold_char(ch),
            start: index,
            end: index + 1,
            from,
            to,
        });
    }
    cells
}

/// Replaces `[.]`, `(dot)`, `[at]`, ` dot com` and ` .com` by the sign that they stand for.
fn undisguise(cells: &[Cell]) -> Vec<Cell> {
    let mut out: Vec<Cell> = Vec::with_capacity(cells.len());
    let mut at = 0;
    while let Some(cell) = cells.get(at) {
        let after_word = out.last().is_some_and(|last| is_host_char(last.ch));
        let rest = cells.get(at..).unwrap_or_default();
        let begins = cell.ch.is_ascii_alphanumeric() && !out.last().is_some_and(ties);
        if begins && let Some((host, length)) = apart::host(rest) {
            out.extend(host);
            at += length;
            continue;
        }
        let disguise = match cell.ch {
            '[' | '(' | '{' => bracketed(rest, after_word),
            ' ' if after_word => spelled_dot(rest).or_else(|| detached_suffix(rest)),
            _ => None,
        };
        match disguise {
            Some((signs, length)) => {
                let covered = rest.get(..length).unwrap_or(rest);
                let last = covered.last().unwrap_or(cell);
                out.extend(signs.chars().map(|ch| Cell {
                    ch,
                    fold: ch,
                    start: cell.start,
                    end: last.end,
                    from: cell.from,
                    to: last.to,
                }));
                at += length;
            }
            None => {
                out.push(*cell);
                at += 1;
            }
        }
    }
    out
}

/// Whether what follows the cell is a part of something longer.
fn ties(cell: &Cell) -> bool {
    is_host_char(cell.ch) || matches!(cell.ch, '.' | '@' | '/')
}

fn is_host_char(c: char) -> bool {
    is_alphanumeric(c) || matches!(c, '-' | '_')
}

/// `[.]`, `( . )`, `[dot]`, `[://]`, `[at]` between the parts of an address.
fn bracketed(rest: &[Cell], after_word: bool) -> Option<(&'static str, usize)> {
    let close = rest
        .iter()
        .take(8)
        .position(|cell| matches!(cell.ch, ']' | ')' | '}'))?;
    let inside: String = rest
        .get(1..close)?
        .iter()
        .filter(|cell| cell.ch != ' ')
        .map(|cell| cell.fold)
        .collect();
    let sign = match inside.as_str() {
        "." | "dot" | "cham" => ".",
        "at" | "@" | "acong" => "@",
        ":" => ":",
        "/" => "/",
        "//" => "//",
        "://" => "://",
        _ => return None,
    };
    let before_word = rest
        .get(close + 1)
        .is_some_and(|cell| is_host_char(cell.ch) || cell.ch == '/');
    (before_word && (after_word || sign.contains('/'))).then_some((sign, close + 1))
}

/// ` dot com`, ` chấm vn`: a dot in words before the end of a host.
fn spelled_dot(rest: &[Cell]) -> Option<(&'static str, usize)> {
    let length = dot_word(rest)?;
    let mut at = length;
    // "a dot top-vn dot xyz": look past the parts in between, but not far.
    for _ in 0..4 {
        let part = rest.get(at..)?;
        let end = part
            .iter()
            .take(64)
            .take_while(|cell| is_host_char(cell.ch) && cell.ch.is_ascii())
            .count();
        let word: String = part.get(..end)?.iter().map(|cell| cell.fold).collect();
        // "dấu chấm dot": the word for the sign is a suffix too.
        if word != "dot" && url::is_known_suffix(&word) {
            return Some((".", length));
        }
        let after = part.get(end..)?;
        match after.first()?.ch {
            '.' => at += end + 1,
            ' ' => at += end + dot_word(after)?,
            _ => return None,
        }
    }
    None
}

/// The cells of ` dot `, ` chấm `, ` (.) ` or ` . ` at the start.
fn dot_word(rest: &[Cell]) -> Option<usize> {
    if !matches!(rest.get(1)?.fold, 'd' | 'c' | '.' | '(' | '[') {
        return None;
    }
    let word: String = rest
        .get(1..)?
        .iter()
        .take(7)
        .take_while(|cell| cell.ch != ' ')
        .map(|cell| cell.fold)
        .collect();
    let length = word.chars().count() + 2;
    let spaced = rest.get(length - 1)?.ch == ' ';
    (spaced
        && matches!(
            word.as_str(),
            "dot" | "cham" | "." | "(dot)" | "[dot]" | "(.)" | "[.]"
        ))
    .then_some(length)
}

/// ` .com`: a blank that slipped in before the suffix.
fn detached_suffix(rest: &[Cell]) -> Option<(&'static str, usize)> {
    if rest.get(1)?.ch != '.' {
        return None;
    }
    let word: String = rest
        .get(2..)?
        .iter()
        .take(12)
        .take_while(|cell| cell.ch.is_ascii_alphanumeric())
        .map(|cell| cell.ch)
        .collect();
    let lower = word.len() >= 2 && word.bytes().all(|b| b.is_ascii_lowercase());
    (lower && url::is_known_suffix(&word)).then_some((".", 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disguises_come_off_and_spans_stay() {
        let cases = [
            ("vietcombank[.]top", "vietcombank.top"),
            ("vidu (.) vn", "vidu.vn"),
            ("vidu . com", "vidu.com"),
            ("xong . Sau", "xong . Sau"),
            ("vidu(dot)com", "vidu.com"),
            ("vidu dot top-vn dot xyz", "vidu.top-vn.xyz"),
            ("vidu chấm com chấm vn", "vidu.com.vn"),
            ("dấu chấm dot comma", "dấu chấm dot comma"),
            ("chấm điểm chấm công", "chấm điểm chấm công"),
            ("vidu .com nhé", "vidu.com nhé"),
            ("xong .roi", "xong .roi"),
            ("a[at]vidu[.]vn", "a@vidu.vn"),
            ("hxxps[://]vidu.vn", "hxxps://vidu.vn"),
            ("０９１２\u{200B}３", "09123"),
            ("ngươ\u{300}i", "người"),
        ];
        for (text, expected) in cases {
            let view = View::new(text);
            assert_eq!(view.string(0, view.len()), expected, "{text}");
            let span = view.span(0, view.len()).unwrap();
            assert_eq!(span.bytes, 0..text.len(), "{text}");
            assert_eq!(span.end, text.chars().count(), "{text}");
        }
    }
}
