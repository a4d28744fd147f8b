//! Plates of the army ("KC-45-67") and of diplomats and foreign bodies ("80-NG-123-45", "80-123-NG-45").

use super::{OTHERS, REACH, VEHICLES, is_own, words_before};

/// What the letters of the army's plates begin with.
const ARMY: &str = "abdhkpqtvx";
/// Letters of diplomats, international bodies and other foreigners.
const FOREIGN: [&str; 3] = ["ng", "qt", "nn"];

/// A plate that begins here, without marks, and where it ends.
pub(super) fn plate_at(chars: &[char], at: usize) -> Option<(String, usize)> {
    let before = at.checked_sub(1).and_then(|before| chars.get(before));
    if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | '.')) {
        return None;
    }
    let mut end = at;
    let mut groups: Vec<String> = Vec::new();
    // Groups of letters or digits with one mark between them.
    while groups.len() < 4 {
        let begin = end
            + usize::from(
                !groups.is_empty() && chars.get(end).is_some_and(|c| matches!(c, '-' | '.' | ' ')),
            );
        let digits = chars.get(begin).is_some_and(char::is_ascii_digit);
        let group: String = chars
            .iter()
            .skip(begin)
            .take_while(|c| c.is_ascii_alphanumeric() && c.is_ascii_digit() == digits)
            .take(6)
            .collect();
        if group.is_empty() {
            break;
        }
        end = begin + group.len();
        groups.push(group);
        if let Some(plate) = read(&groups) {
            let whole = !chars.get(end).is_some_and(|c| c.is_alphanumeric());
            let words = words_before(chars, at);
            let leads = |list: &[&str], reach: usize| {
                let mut words = words.iter().take(reach);
                words.any(|word| list.contains(&word.as_str()))
            };
            let vehicle = leads(&VEHICLES, REACH) && !leads(&OTHERS[..], 1);
            return (whole && vehicle && !is_own(&words, chars, end)).then_some((plate, end));
        }
    }
    None
}

/// The plate that such groups make.
fn read(groups: &[String]) -> Option<String> {
    let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
    let plate = match groups.as_slice() {
        [letters, pair, rest] if is_army(letters) && pair.len() == 2 && rest.len() == 2 => {
            format!("{letters}{pair}{rest}")
        }
        [head, letters, front, back]
            if FOREIGN.contains(letters)
                && head.len() == 2
                && front.len() == 3
                && back.len() == 2 =>
        {
            format!("{head}{letters}{front}{back}")
        }
        [head, front, letters, back]
            if FOREIGN.contains(letters)
                && head.len() == 2
                && front.len() == 3
                && back.len() == 2 =>
        {
            format!("{head}{letters}{front}{back}")
        }
        _ => return None,
    };
    let digits = plate.chars().filter(char::is_ascii_digit).count();
    (digits + 2 == plate.len()).then(|| plate.to_ascii_uppercase())
}

fn is_army(letters: &str) -> bool {
    letters.len() == 2
        && letters.starts_with(|c: char| ARMY.contains(c))
        && letters.chars().all(|c| c.is_ascii_alphabetic())
}

/// The plate as it is painted, where it is one of these.
pub(super) fn shown(plate: &str) -> Option<String> {
    if let Some((letters, digits)) = plate.split_at_checked(2)
        && is_army(&letters.to_ascii_lowercase())
        && let (4, Some((front, back))) = (digits.len(), digits.split_at_checked(2))
    {
        return Some(format!("{letters}-{front}-{back}"));
    }
    let (head, rest) = plate.split_at_checked(2)?;
    let (letters, digits) = rest.split_at_checked(2)?;
    let (front, back) = digits.split_at_checked(3)?;
    let foreign = FOREIGN.contains(&letters.to_ascii_lowercase().as_str()) && digits.len() == 5;
    foreign.then(|| format!("{head}-{letters}-{front}-{back}"))
}
