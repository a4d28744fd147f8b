//! The many ways in which people write a number, an account, a link, a bank.

use std::fmt::Write as _;

use crc::{CRC_16_IBM_3740, Crc};

use super::dice::Dice;
use super::library::{Bank, Library};
use super::ring::{Link, Phone};

/// Splits `text` into groups of the given sizes; the last size repeats.
fn grouped(text: &str, sizes: &[usize], separator: char) -> String {
    let mut out = String::new();
    let mut sizes = sizes.iter();
    let mut size = sizes.next().copied().unwrap_or(usize::MAX);
    let mut filled = 0;
    for c in text.chars() {
        if filled == size {
            out.push(separator);
            filled = 0;
            size = sizes.next().copied().unwrap_or(size);
        }
        out.push(c);
        filled += 1;
    }
    out
}

/// Letters in place of figures, as typed to slip past filters.
fn lettered(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '0' => 'O',
            '1' => 'l',
            c => c,
        })
        .collect()
}

/// A phone number as somebody writes it.
pub fn phone(phone: &Phone, lib: &Library, dice: &mut Dice) -> String {
    let digits = phone.0.as_str();
    if !phone.is_mobile() {
        return match dice.below(10) {
            0..2 if digits.starts_with('+') => digits.replacen('+', "00", 1),
            2..5 if digits.starts_with("02") => grouped(digits, &[3, 4, 4], '.'),
            _ => digits.to_owned(),
        };
    }
    let abroad = digits.get(1..).unwrap_or(digits);
    match dice.below(100) {
        0..14 => grouped(digits, &[4, 3, 3], ' '),
        14..23 => grouped(digits, &[4, 3, 3], '.'),
        23..28 => grouped(digits, &[3, 3, 2, 2], ' '),
        28..32 => grouped(digits, &[3, 3, 4], '-'),
        32..39 => format!("+84{abroad}"),
        39..43 => format!("+84 {}", grouped(abroad, &[3, 3, 3], ' ')),
        43..47 => format!("84{abroad}"),
        47..49 => format!("0084{abroad}"),
        49..51 => format!("(+84){abroad}"),
        51..55 => before_2018(digits, lib).unwrap_or_else(|| digits.to_owned()),
        55..58 => lettered(digits),
        _ => digits.to_owned(),
    }
}

/// The number as it was before the renumbering of 2018, which some still have in their phone book.
fn before_2018(digits: &str, lib: &Library) -> Option<String> {
    lib.phones.conversion_2018.table.iter().find_map(|row| {
        digits
            .strip_prefix(row.new.as_str())
            .map(|rest| format!("{} {}", row.old, grouped(rest, &[3, 4], ' ')))
    })
}

/// A Zalo account: a link with the number, or in words (`named` where the text already says Zalo).
pub fn zalo(phone: &Phone, named: bool, dice: &mut Dice) -> String {
    let digits = phone.0.as_str();
    match dice.below(10) {
        0..5 => format!("zalo.me/84{}", digits.get(1..).unwrap_or(digits)),
        5..6 => format!("https://zalo.me/{digits}"),
        6..8 if named => grouped(digits, &[4, 3, 3], ' '),
        _ if named => digits.to_owned(),
        6..8 => format!("zalo {}", grouped(digits, &[4, 3, 3], ' ')),
        _ => format!("Zalo {digits}"),
    }
}

/// An account number as somebody writes it.
pub fn account(number: &str, dice: &mut Dice) -> String {
    match dice.below(100) {
        0..18 => grouped(number, &[4], ' '),
        18..24 => grouped(number, &[3], ' '),
        24..29 => grouped(number, &[4], '.'),
        29..32 => grouped(number, &[4], '-'),
        32..34 => lettered(number),
        34..36 => format!("STK: {number}"),
        _ => number.to_owned(),
    }
}

/// A bank's name: short name, code, an old name, or what it is called in the street.
pub fn bank(bank: &Bank, lib: &Library, dice: &mut Dice) -> String {
    match dice.below(100) {
        0..22 => dice.word(&bank.codes).to_owned(),
        22..32 => dice.word(&bank.aliases).to_owned(),
        32..44 => bank.short_name.to_lowercase(),
        44..56 => lib.voices.bank_slang.get(&bank.bin).map_or_else(
            || bank.short_name.clone(),
            |slang| dice.word(slang).to_owned(),
        ),
        _ => bank.short_name.clone(),
    }
}

/// A link as a citizen copies or retypes it.
pub fn link(link: &Link, dice: &mut Dice) -> String {
    let Link { host, path } = link;
    match dice.below(100) {
        0..34 => format!("https://{host}{path}"),
        34..42 => format!("http://{host}{path}"),
        42..46 => format!("hxxps://{}{path}", host.replace('.', "[.]")),
        46..49 => host.replace('.', " [.] "),
        49..51 => host.replace('.', "(.)"),
        51..54 => format!("www.{host}{path}"),
        54..57 => host.to_uppercase(),
        _ => format!("{host}{path}"),
    }
}

/// A link as the scam message carries it.
pub fn link_sent(link: &Link, dice: &mut Dice) -> String {
    let Link { host, path } = link;
    match dice.below(10) {
        0..5 => format!("https://{host}{path}"),
        5..6 => format!("http://{host}{path}"),
        _ => format!("{host}{path}"),
    }
}

/// A static VietQR payload (EMVCo TLV, tag 38 of NAPAS, CRC-16/CCITT-FALSE over all but itself).
pub fn vietqr(bin: &str, account: &str) -> String {
    let tlv = |tag: &str, value: &str| format!("{tag}{:02}{value}", value.len());
    let receiver = tlv("00", bin) + &tlv("01", account);
    let napas = tlv("00", "A000000727") + &tlv("01", &receiver) + &tlv("02", "QRIBFTTA");
    let mut out = tlv("00", "01") + &tlv("01", "11") + &tlv("38", &napas);
    out += &(tlv("53", "704") + &tlv("58", "VN"));
    out += "6304";
    let sum = Crc::<u16>::new(&CRC_16_IBM_3740).checksum(out.as_bytes());
    // Writing to a String cannot fail.
    let _ = write!(out, "{sum:04X}");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_digits() {
        assert_eq!(grouped("0912345678", &[4, 3, 3], ' '), "0912 345 678");
        assert_eq!(grouped("0912345678", &[3, 3, 2, 2], ' '), "091 234 56 78");
        assert_eq!(grouped("001100223344", &[4], '-'), "0011-0022-3344");
        assert_eq!(grouped("", &[4], '-'), "");
    }

    /// The first example in the README of vietnam-qr-pay (MIT).
    #[test]
    fn builds_the_published_vietqr_example() {
        assert_eq!(
            vietqr("970416", "257678859"),
            "00020101021138530010A0000007270123000697041601092576788590208QRIBFTTA53037045802VN6304AE9F"
        );
    }
}
