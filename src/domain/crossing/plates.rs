//! Number plates of Vietnam in a text: two digits of the province, the series (one or two letters, for motorcycles
//! also a digit), four or five digits.
//!
//! Written in full ("27A-123.45") a plate can be little else; written with other marks or none it counts behind a
//! word for a vehicle. The value is what stands on the plate without marks, so the plates 29H1-4567 and 29H-145.67
//! are one: who reads the register sees both. Plates of the army and of diplomats are read beside them.

mod owners;
mod special;

use super::super::fold::fold;
use owners::is_own;

/// Letters of a series; others do not occur.
const SERIES: &str = "abcdefghklmnprstuvxyz";
/// Words that lead a plate.
const VEHICLES: [&str; 15] = [
    "xe",
    "bien",
    "bks",
    "bsx",
    "bs",
    "oto",
    "to",
    "may",
    "khach",
    "tai",
    "taxi",
    "plate",
    "car",
    "limousine",
    "bus",
];
/// Words that lead another number.
const OTHERS: [&str; 21] = [
    "can", "ho", "phong", "nha", "toa", "tang", "lo", "block", "ngo", "duong", "lop", "khoa", "ma",
    "stk", "tk", "khoan", "don", "cccd", "cmnd", "luc", "room",
];
/// Words before a plate that are looked at.
const REACH: usize = 6;
/// Words before a plate in which whose it is, is looked for.
const OWNED: usize = 12;

/// Every plate, without marks.
pub(super) fn find(text: &str) -> Vec<String> {
    let chars: Vec<char> = fold(text).into_iter().map(|folded| folded.c).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        match plate_at(&chars, at).or_else(|| special::plate_at(&chars, at)) {
            Some((plate, end)) => {
                found.push(plate);
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// A plate that stands alone, as somebody writes it who is asked for one.
pub fn alone(text: &str) -> Option<String> {
    find(&format!("xe {text}")).into_iter().next()
}

/// The plate as it is painted: "27A-123.45", "29H1-4567", "KC-45-67", "80-NG-123-45".
pub fn shown(plate: &str) -> String {
    if let Some(shown) = special::shown(plate) {
        return shown;
    }
    let head: String = plate.chars().take(2).collect();
    let series: String = plate
        .chars()
        .skip(2)
        .take_while(char::is_ascii_alphabetic)
        .collect();
    let digits: String = plate.chars().skip(2 + series.len()).collect();
    // Six digits: the first belongs to the series of a motorcycle.
    let (own, serial) = digits
        .split_at_checked(digits.len().saturating_sub(5))
        .unwrap_or_default();
    match serial.split_at_checked(3) {
        Some((front, back)) if serial.len() == 5 => format!("{head}{series}{own}-{front}.{back}"),
        _ => format!("{head}{series}{own}-{serial}"),
    }
}

fn plate_at(chars: &[char], at: usize) -> Option<(String, usize)> {
    let ch = |at: usize| chars.get(at).copied().unwrap_or('\n');
    let digit = |at: usize| ch(at).is_ascii_digit();
    let mark = |c: char| matches!(c, ' ' | '.' | '-' | '_' | '\u{2013}' | '/');
    let before = at.checked_sub(1).map_or('\n', ch);
    let hangs = before.is_alphanumeric()
        || matches!(before, '.' | ',' | '-' | '+' | '/') && at.checked_sub(2).is_some_and(digit);
    if hangs || !digit(at) || !digit(at + 1) || ch(at) == '0' {
        return None;
    }
    let marks = |from: usize| (from..from + 3).take_while(|at| mark(ch(*at))).count();
    let mut end = at + 2;
    end += marks(end);
    let series_at = end;
    let letters = (series_at..series_at + 2)
        .take_while(|at| SERIES.contains(ch(*at)))
        .count();
    end += letters;
    if letters == 0 || ch(end).is_alphabetic() {
        return None;
    }
    let (digits, end, groups) = digits_behind(chars, end)?;
    if ch(end).is_alphanumeric() || matches!(ch(end), '.' | '-' | ',') && digit(end + 1) {
        return None;
    }
    let in_full = ch(at + 2) != ' '
        && series_at == at + 2
        && chars.get(at..end).is_some_and(|all| all.contains(&'-'))
        && matches!(groups.as_slice(), [3, 2] | [1, 3, 2]);
    let words = words_before(chars, at);
    let leads = |list: &[&str], reach: usize| {
        words
            .iter()
            .take(reach)
            .any(|word| list.contains(&word.as_str()))
    };
    let other = leads(&OTHERS, 2) && !leads(&["xe", "bien", "bks"], 3);
    if other || !(in_full || leads(&VEHICLES, REACH)) || is_own(&words, chars, end) {
        return None;
    }
    let plate = chars.get(at..at + 2)?.iter();
    let series = chars.get(series_at..series_at + letters)?.iter();
    let plate: String = plate.chain(series).chain(&digits).collect();
    Some((plate.to_ascii_uppercase(), end))
}

/// The digits of series and serial, where they end, and how they are grouped; the marks between them are single.
fn digits_behind(chars: &[char], from: usize) -> Option<(Vec<char>, usize, Vec<usize>)> {
    let ch = |at: usize| chars.get(at).copied().unwrap_or('\n');
    let (mut digits, mut groups, mut end) = (Vec::new(), Vec::new(), from);
    loop {
        let mut start = end;
        while matches!(ch(start), ' ' | '.' | '-' | '_' | '\u{2013}') && start < end + 3 {
            start += 1;
        }
        // A lone digit right behind the letters belongs to the series.
        let own = usize::from(groups.first() == Some(&1));
        let whole = digits.len() >= own + 4;
        let spaced = (end..start).any(|at| ch(at) == ' ');
        let group: Vec<char> = (start..)
            .map(ch)
            .take(8)
            .take_while(char::is_ascii_digit)
            .collect();
        if group.is_empty() || whole && spaced || digits.len() + group.len() > 6 {
            break;
        }
        end = start + group.len();
        groups.push(group.len());
        digits.extend(group);
    }
    let fits = match digits.len() {
        4 => groups.first() != Some(&1) || groups.iter().all(|group| *group == 1),
        5 => true,
        6 => true,
        _ => false,
    };
    fits.then_some((digits, end, groups))
}

/// The words before a place in the same sentence, nearest first.
fn words_before(chars: &[char], at: usize) -> Vec<String> {
    let head = chars.get(at.saturating_sub(80)..at).unwrap_or_default();
    let begin = head.windows(2).rposition(|pair| {
        matches!(pair, ['\n' | ';' | '!' | '?', _] | ['.', ' ']) && pair != ['.', '.']
    });
    let head: String = head
        .iter()
        .skip(begin.map_or(0, |begin| begin + 1))
        .collect();
    let words = head
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let mut words: Vec<String> = words.map(str::to_owned).collect();
    words.reverse();
    words.truncate(OWNED);
    words
}
