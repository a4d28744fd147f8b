//! Bank accounts: a BIN and a number, however the two are written.
//!
//! The BIN is the identity of a bank (names change: NAPAS/VietQR lists); the number has 6 to 19
//! letters or digits, the bounds of the VietQR field. There is no check digit across banks.

use super::catalog::{Catalog, Institution, Resolved};
use super::model::{Indicator, Kind, Reading};
use super::reason::{Reason, Warning};
use super::{ewallet, phone, text};

/// Reads a value that is said to be a bank account, with the bank's name if one was given.
pub(super) fn parse(catalog: &Catalog, raw: &str, bank: Option<&str>) -> Result<Reading, Reason> {
    let cleaned = text::clean(raw);
    if cleaned.is_empty() {
        return Err(Reason::Empty);
    }
    if let Some((holder, number)) = canonical(catalog, &cleaned) {
        return compose(catalog, &holder, &account(number)?);
    }
    let parts = split(catalog, &cleaned);
    let number = account(&parts.number)?;
    let holder = match bank.map(str::trim).filter(|bank| !bank.is_empty()) {
        Some(bank) => Holder::named(catalog.resolve(bank)),
        None if parts.names.is_empty() => Holder::Unnamed,
        // Words beside a number are often its holder's name: only a bank's name counts.
        None => match catalog.resolve(&parts.names) {
            Resolved::Unknown => Holder::Unnamed,
            resolved => Holder::named(resolved),
        },
    };
    compose(catalog, &holder, &number)
}

/// Who keeps an account, as far as its writing says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    Known(Institution),
    Unnamed,
    Unknown,
    Ambiguous,
}

impl Holder {
    pub(super) fn named(resolved: Resolved) -> Self {
        match resolved {
            Resolved::One(institution) => Self::Known(institution),
            Resolved::Several => Self::Ambiguous,
            Resolved::Unknown => Self::Unknown,
        }
    }
}

/// The indicator for a number that is already in canonical form.
pub(super) fn compose(catalog: &Catalog, holder: &Holder, number: &str) -> Result<Reading, Reason> {
    match holder {
        Holder::Known(Institution::Wallet(code)) => ewallet::compose(catalog, code, number),
        Holder::Known(Institution::Bank(bin)) => match catalog.hidden_wallet(bin, number) {
            Some(code) => ewallet::compose(catalog, code, number),
            None => Ok(at_bank(catalog, bin, number)),
        },
        unnamed => {
            let reading = unnamed_bank(catalog, number)?;
            Ok(match unnamed {
                Holder::Ambiguous => reading.warn(Warning::BankAmbiguous),
                Holder::Unknown => reading.warn(Warning::BankUnknown),
                _ => reading,
            })
        }
    }
}

fn unnamed_bank(catalog: &Catalog, number: &str) -> Result<Reading, Reason> {
    // MoMo's and ZaloPay's numbers inside payment codes are like no bank's.
    if let Some(code) = catalog
        .wallet_of_account(number)
        .filter(|_| number.len() >= 15)
    {
        return ewallet::compose(catalog, code, number);
    }
    if let Some(bin) = bin_of_card(catalog, number) {
        return Ok(at_bank(catalog, &bin, number));
    }
    let indicator = Indicator::new(Kind::BankAccount, format!("?:{number}"), number)
        .with("bin", serde_json::Value::Null)
        .with("bank", serde_json::Value::Null);
    Ok(Reading::plain(indicator))
}

fn at_bank(catalog: &Catalog, bin: &str, number: &str) -> Reading {
    let value = format!("{bin}:{number}");
    let indicator = match catalog.bank(bin) {
        Some(bank) => {
            let display = format!("{} {number}", bank.short_name);
            Indicator::new(Kind::BankAccount, value, display).with("bank", bank.short_name.clone())
        }
        None => Indicator::new(Kind::BankAccount, value.clone(), value)
            .with("bank", serde_json::Value::Null),
    };
    Reading::plain(indicator.with("bin", bin))
}

/// A domestic card number begins with its bank's BIN and ends in a Luhn digit (ISO/IEC 7812).
fn bin_of_card(catalog: &Catalog, number: &str) -> Option<String> {
    if !is_domestic_card(number) || !luhn(number) {
        return None;
    }
    let (bin, _) = number.split_at_checked(6)?;
    catalog.bank(bin).map(|bank| bank.bin.clone())
}

/// The number of a card of an international scheme (Visa, Mastercard, Amex, JCB): no bank account,
/// and nobody's business (ISO/IEC 7812).
pub(super) fn is_foreign_card(number: &str) -> bool {
    let length = match number.get(..2) {
        Some("34" | "37") => 15,
        Some("35" | "51" | "52" | "53" | "54" | "55") => 16,
        Some(two) if two.starts_with('4') => 16,
        _ => return false,
    };
    number.len() == length && luhn(number)
}

/// Built as the card of a bank here: `9704…`, 16 or 19 digits.
pub(super) fn is_domestic_card(number: &str) -> bool {
    matches!(number.len(), 16 | 19) && number.starts_with("9704")
}

fn luhn(number: &str) -> bool {
    let sum = number
        .chars()
        .rev()
        .enumerate()
        .try_fold(0_u32, |sum, (index, c)| {
            let digit = c.to_digit(10)?;
            let weighed = if index % 2 == 1 { digit * 2 } else { digit };
            Some(sum + weighed / 10 + weighed % 10)
        });
    sum.is_some_and(|sum| sum % 10 == 0)
}

/// `970436:0011002233445`, `?:0011002233445`, `momo:+84912345678`.
fn canonical<'a>(catalog: &Catalog, cleaned: &'a str) -> Option<(Holder, &'a str)> {
    let (before, number) = cleaned.split_once(':')?;
    if before == "?" {
        return Some((Holder::Unnamed, number));
    }
    if catalog.wallet(before).is_some() {
        return Some((
            Holder::Known(Institution::Wallet(before.to_owned())),
            number,
        ));
    }
    let is_bin = before.len() == 6 && before.bytes().all(|b| b.is_ascii_digit());
    is_bin.then(|| (Holder::Known(catalog.institution(before)), number))
}

/// The account in canonical form: separators out, upper case.
pub(super) fn account(written: &str) -> Result<String, Reason> {
    let number: String = written
        .chars()
        .filter(|c| !phone::is_separator(*c) && *c != ':')
        .collect();
    if !number.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err(Reason::AccountCharacters);
    }
    match (6..=19).contains(&number.len()) {
        true => Ok(number.to_ascii_uppercase()),
        false => Err(Reason::AccountLength),
    }
}

struct Parts {
    number: String,
    names: String,
}

/// Separates `VCB 0011 0022 33445`, `STK: 0011… (Vietcombank)`, `Techcombank TENVIDU`.
fn split(catalog: &Catalog, cleaned: &str) -> Parts {
    let parted = part_hyphens(cleaned);
    let words: Vec<&str> = parted
        .split(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | '(' | ')' | ';' | '/' | '|'))
        .filter(|word| !word.is_empty())
        .collect();
    let has_digit = |word: &&str| word.bytes().any(|b| b.is_ascii_digit());
    let first = words.iter().position(has_digit);
    let last = words.iter().rposition(has_digit);
    let (Some(first), Some(last)) = (first, last) else {
        return split_letters(catalog, cleaned);
    };
    let mut number = words.get(first..=last).unwrap_or_default();
    let mut names: Vec<&str> = words.get(..first).unwrap_or_default().to_vec();
    names.extend(words.get(last + 1..).unwrap_or_default());
    // "970436 0011002233445": the BIN stands for the name.
    if let Some((bin, rest)) = number.split_first() {
        let rest_length: usize = rest.iter().map(|word| word.len()).sum();
        if catalog.bank(bin).is_some() && rest_length >= 6 {
            names = vec![bin];
            number = rest;
        }
    }
    // A trailing "-" belongs to neither.
    names.retain(|word| word.chars().any(char::is_alphanumeric));
    Parts {
        number: number.concat(),
        names: names.join(" "),
    }
}

/// "MB-0912345678-NGUYEN VAN A": a hyphen between a letter and a digit parts a name from a number.
fn part_hyphens(cleaned: &str) -> String {
    let chars: Vec<char> = cleaned.chars().collect();
    let parts = |at: usize| {
        let around = at.checked_sub(1).and_then(|before| chars.get(before));
        match (around, chars.get(at + 1)) {
            (Some(before), Some(after)) => {
                before.is_alphabetic() && after.is_ascii_digit()
                    || before.is_ascii_digit() && after.is_alphabetic()
            }
            _ => false,
        }
    };
    chars
        .iter()
        .enumerate()
        .map(|(at, c)| match c {
            '-' | '_' | '\u{2010}'..='\u{2015}' if parts(at) => ' ',
            c => *c,
        })
        .collect()
}

/// An account of letters only is an account where a bank stands before it or nothing does.
fn split_letters(catalog: &Catalog, cleaned: &str) -> Parts {
    if let Some((names, number)) = cleaned.rsplit_once(' ') {
        if matches!(catalog.resolve(names), Resolved::One(_)) {
            return Parts {
                number: number.to_owned(),
                names: names.to_owned(),
            };
        }
        // "không nhớ rõ" is no account; its blank makes sure that it is not taken for one.
        return Parts {
            number: "…".to_owned(),
            names: String::new(),
        };
    }
    Parts {
        number: cleaned.to_owned(),
        names: String::new(),
    }
}

#[cfg(test)]
mod tests;
