//! Sums of money as people write them: `50 trieu`, `1,2 ty`, `1 ty 2`, `2 tr ruoi`, `hai ty ba tram trieu`,
//! `6-7 trieu`. Words come folded, with numbers parted from letters.

use super::super::money::MOST_VND;

/// Most parts of one sum: billions, millions, thousands.
const PARTS: usize = 3;
/// Least that counts, so that "2 k" and years are none.
const LEAST_VND: i64 = 10_000;

/// The sum that begins at the first word, and how many words it takes; of a range the lower bound.
pub(super) fn sum(words: &[&str]) -> Option<(i64, usize)> {
    let (amount, taken) = written(words).or_else(|| plain(words))?;
    (LEAST_VND..=MOST_VND)
        .contains(&amount)
        .then_some((amount, taken))
}

/// Numbers with their units.
fn written(words: &[&str]) -> Option<(i64, usize)> {
    let (mut total, mut at, mut smallest) = (0_i64, 0_usize, i64::MAX);
    for _ in 0..PARTS {
        let Some((number, unit, taken)) = part(words.get(at..).unwrap_or_default()) else {
            break;
        };
        if unit >= smallest {
            break;
        }
        total = total.checked_add(number.times(unit)?)?;
        smallest = unit;
        at += taken;
    }
    if at == 0 {
        return None;
    }
    let (more, taken) = rest(words.get(at..).unwrap_or_default(), smallest);
    Some((total.checked_add(more)?, at + taken))
}

/// "rưỡi", "1 tỷ 2", "15tr5": what is left out of the next smaller unit.
fn rest(words: &[&str], unit: i64) -> (i64, usize) {
    let word = |at: usize| words.get(at).copied().unwrap_or_default();
    if word(0) == "ruoi" {
        return (unit / 2, 1);
    }
    let digits = word(0);
    let short = (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    let counts_else = matches!(
        word(1),
        "lan"
            | "ngay"
            | "thang"
            | "nam"
            | "gio"
            | "h"
            | "p"
            | "phut"
            | "nguoi"
            | "stk"
            | "tk"
            | "tai"
            | "tuan"
            | "giay"
            | "cai"
            | "don"
            | "nick"
            | "so"
            | "con"
    ) || unit_of(word(1)).is_some();
    match (
        short && unit >= 1_000_000 && !counts_else,
        digits.parse::<i64>(),
    ) {
        (true, Ok(more)) => {
            let scale = [1, 10, 100, 1_000].get(digits.len()).copied();
            (scale.map_or(0, |scale| unit / scale * more), 1)
        }
        _ => (0, 0),
    }
}

/// A number in thousandths.
#[derive(Clone, Copy)]
struct Number(i64);

impl Number {
    fn times(self, unit: i64) -> Option<i64> {
        Some(self.0.checked_mul(unit)? / 1_000)
    }
}

/// A number and its unit, and how many words they take.
fn part(words: &[&str]) -> Option<(Number, i64, usize)> {
    let word = |at: usize| words.get(at).copied().unwrap_or_default();
    // "tỷ rưỡi", "trăm triệu", "mấy chục triệu".
    if let Some(unit) = unit_of(word(0))
        && word(1) == "ruoi"
        && unit >= 1_000_000
    {
        return Some((Number(1_000), unit, 1));
    }
    let (number, taken) = number(words)?;
    // "6 đến 7 triệu", "6 7 triệu".
    let after = words.get(taken..).unwrap_or_default();
    let joined = usize::from(matches!(word(taken), "den" | "toi"));
    if let Some((other, more)) = after.get(joined..).and_then(number_of_digits)
        && number.0 < other.0
        && other.0 < 1_000_000
        && let Some(unit) = unit_of(word(taken + joined + more))
    {
        return Some((number, unit, taken + joined + more + 1));
    }
    let unit = unit_of(word(taken))?;
    Some((number, unit, taken + 1))
}

fn unit_of(word: &str) -> Option<i64> {
    match word {
        "ty" | "ti" | "billion" => Some(1_000_000_000),
        "trieu" | "tr" | "cu" | "million" | "mil" => Some(1_000_000),
        "nghin" | "ngan" | "k" | "thousand" => Some(1_000),
        _ => None,
    }
}

fn number(words: &[&str]) -> Option<(Number, usize)> {
    let (number, taken) = number_of_digits(words).or_else(|| number_in_words(words))?;
    // "2 trăm triệu", "5 chục triệu".
    let scale = match words.get(taken).copied() {
        Some("tram") => 100,
        Some("chuc") => 10,
        _ => return Some((number, taken)),
    };
    let whole = number.0 < 10_000 && words.first().is_some_and(|word| begins_with_digit(word));
    whole.then_some((Number(number.0 * scale), taken + 1))
}

fn begins_with_digit(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}

/// `50`, `1,2`, `1.234`, `6-7`.
fn number_of_digits(words: &[&str]) -> Option<(Number, usize)> {
    let word = words.first()?;
    let lower = match word.split_once('-') {
        Some((lower, upper)) if !upper.contains('-') && upper.len() <= 5 => lower,
        Some(_) => return None,
        None => word,
    };
    let (whole, part) = match lower.split_once(['.', ',']) {
        Some((whole, part)) => (whole, part),
        None => (lower, ""),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || part.len() > 3 || !digits(whole) || !digits(part) {
        return None;
    }
    let scale = [1_000, 100, 10, 1].get(part.len())?;
    let part = match part {
        "" => 0,
        part => part.parse::<i64>().ok()?.checked_mul(*scale)?,
    };
    let whole = whole.parse::<i64>().ok()?.checked_mul(1_000)?;
    Some((Number(whole.checked_add(part)?), 1))
}

/// "một trăm hai mươi", "mười lăm", "trăm", "hai mươi lăm": below a thousand.
fn number_in_words(words: &[&str]) -> Option<(Number, usize)> {
    let word = |at: usize| words.get(at).copied().unwrap_or_default();
    let (mut value, mut at) = (0, 0);
    match (digit(word(0)), word(1), word(0)) {
        (Some(hundreds), "tram", _) => (value, at) = (hundreds * 100, 2),
        (_, _, "tram") => (value, at) = (100, 1),
        _ => {}
    }
    if at > 0 && matches!(word(at), "linh" | "le") {
        at += 1;
    }
    match (digit(word(at)), word(at + 1), word(at)) {
        (Some(tens), "muoi" | "chuc", _) => {
            value += tens * 10;
            at += 2;
        }
        (_, _, "muoi" | "chuc") => {
            value += 10;
            at += 1;
        }
        _ => {}
    }
    if let Some(ones) = digit(word(at)) {
        value += ones;
        at += 1;
    }
    (value > 0).then_some((Number(value * 1_000), at))
}

fn digit(word: &str) -> Option<i64> {
    Some(match word {
        "mot" => 1,
        "hai" => 2,
        "ba" => 3,
        "bon" | "tu" => 4,
        "nam" | "lam" | "nham" => 5,
        "sau" => 6,
        "bay" => 7,
        "tam" => 8,
        "chin" => 9,
        _ => return None,
    })
}

/// `50.000.000`, `5000000 dong`.
fn plain(words: &[&str]) -> Option<(i64, usize)> {
    let word = words.first()?;
    let mut parts = word.split(['.', ',']);
    let whole = parts.next()?;
    let groups: Vec<&str> = parts.collect();
    let digits = |text: &&str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if whole.len() > 12 || !digits(&whole) || !groups.iter().all(digits) {
        return None;
    }
    let named = matches!(words.get(1).copied(), Some("d" | "dong" | "vnd" | "dongs"));
    let grouped = !groups.is_empty() && groups.len() <= 4 && groups.iter().all(|g| g.len() == 3);
    let counts = grouped || groups.is_empty() && named && !whole.starts_with('0');
    counts
        .then(|| format!("{whole}{}", groups.concat()).parse().ok())
        .flatten()
        .map(|amount| (amount, 1))
}

#[cfg(test)]
mod tests {
    use super::super::{fold_text, words};
    use super::sum;
    use rstest::rstest;

    #[rstest]
    #[case("50 triệu", 50_000_000)]
    #[case("1,2 tỷ", 1_200_000_000)]
    #[case("1 tỷ 2", 1_200_000_000)]
    #[case("1 tỷ 25 rồi", 1_250_000_000)]
    #[case("1ty2", 1_200_000_000)]
    #[case("15tr5", 15_500_000)]
    #[case("1 tỷ 200 triệu", 1_200_000_000)]
    #[case("20tr 3 ngày trước", 20_000_000)]
    #[case("tỷ rưỡi", 1_500_000_000)]
    #[case("1 tỷ rưỡi", 1_500_000_000)]
    #[case("2 tr ruoi", 2_500_000)]
    #[case("một trăm hai mươi triệu đồng", 120_000_000)]
    #[case("hai tỷ ba trăm triệu", 2_300_000_000)]
    #[case("mười lăm triệu", 15_000_000)]
    #[case("năm mươi triệu", 50_000_000)]
    #[case("trăm triệu", 100_000_000)]
    #[case("2 trăm triệu", 200_000_000)]
    #[case("6-7 triệu", 6_000_000)]
    #[case("6 - 7 triệu", 6_000_000)]
    #[case("6 đến 7 triệu", 6_000_000)]
    #[case("6 7 triệu", 6_000_000)]
    #[case("30,000,000 VND", 30_000_000)]
    #[case("30 million dong", 30_000_000)]
    #[case("5000000 đồng", 5_000_000)]
    #[case("500k", 500_000)]
    fn a_sum(#[case] text: &str, #[case] amount: i64) {
        assert_eq!(
            sum(&words(&fold_text(text))).map(|(amount, _)| amount),
            Some(amount)
        );
    }

    #[rstest]
    #[case("triệu phú")]
    #[case("ba năm")]
    #[case("24-11-2026")]
    #[case("0011002233445")]
    #[case("5000000")]
    #[case("2 k")]
    #[case("99999999999999 tỷ")]
    #[case("hai người")]
    #[case("một hai ba")]
    #[case("")]
    fn no_sum(#[case] text: &str) {
        assert_eq!(sum(&words(&fold_text(text))), None);
    }
}
