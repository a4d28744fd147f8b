//! The sender that an SMS carries: a brand name or a short code.
//!
//! A brand name proves nothing, because fake base stations send any name they like. A full telephone
//! number as the sender is that number.

use super::catalog::Catalog;
use super::model::{Indicator, Kind, Reading};
use super::reason::Reason;
use super::{phone, text};

/// Longest name that is kept; GSM allows eleven characters, people write more.
const MAX_NAME: usize = 20;

/// Reads a value that is said to be the sender of an SMS. Senders have no accents; people write them.
pub(super) fn parse(catalog: &Catalog, raw: &str) -> Result<Reading, Reason> {
    let bare: String = text::clean(raw).chars().map(without_accent).collect();
    exactly(catalog, &bare)
}

/// A Vietnamese letter as a sender bears it, in its case.
fn without_accent(c: char) -> char {
    let folded = text::fold_char(c);
    match (c.is_alphabetic(), c.is_uppercase()) {
        (false, _) => c,
        (true, true) => folded.to_ascii_uppercase(),
        (true, false) => folded,
    }
}

/// Reads a name as it stands in a text.
pub(super) fn exactly(catalog: &Catalog, raw: &str) -> Result<Reading, Reason> {
    let cleaned = text::clean(raw);
    let bare = text::strip_prefix_ignore_case(&cleaned, "sms:").unwrap_or(&cleaned);
    let name = bare.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = name.trim_matches(|c: char| !c.is_alphanumeric());
    if name.is_empty() {
        return Err(Reason::Empty);
    }
    if !name.contains(char::is_alphabetic) || name.starts_with('+') {
        return number(catalog, bare);
    }
    let fits = name.len() <= MAX_NAME
        && name.len() >= 2
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || " .-_&/'!".contains(c));
    match fits {
        true => {
            let value = name.to_ascii_uppercase();
            Ok(Reading::plain(Indicator::new(Kind::SmsSender, value, name)))
        }
        false => Err(Reason::NotASender),
    }
}

/// Digits: a short code stays a sender, anything longer is a telephone number.
fn number(catalog: &Catalog, bare: &str) -> Result<Reading, Reason> {
    let reading = phone::parse(catalog, bare).ok().ok_or(Reason::NotASender)?;
    if reading.indicator.value.starts_with('+') {
        return Ok(reading);
    }
    let digits = reading.indicator.value;
    Ok(Reading::plain(Indicator::new(
        Kind::SmsSender,
        digits.clone(),
        digits,
    )))
}

#[cfg(test)]
mod tests {
    use super::super::catalog::shipped;
    use super::*;

    #[test]
    fn brand_names_short_codes_and_numbers() {
        let cases = [
            ("Vietcombank", "sms_sender VIETCOMBANK"),
            ("VCB-Digi", "sms_sender VCB-DIGI"),
            ("  \"Bo  Cong An\" ", "sms_sender BO CONG AN"),
            ("8077", "sms_sender 8077"),
            ("1900 1234", "sms_sender 19001234"),
            ("0912 345 678", "phone +84912345678"),
            ("+84912345678", "phone +84912345678"),
            ("Bộ Công An", "sms_sender BO CONG AN"),
            ("Đội CSGT", "sms_sender DOI CSGT"),
            ("Công an xã — gọi điện", "not_a_sender"),
            ("A sender name far too long", "not_a_sender"),
            ("12", "not_a_sender"),
            ("—", "empty"),
            ("", "empty"),
        ];
        for (raw, expected) in cases {
            let got = match parse(shipped(), raw) {
                Ok(reading) => format!("{} {}", reading.indicator.kind, reading.indicator.value),
                Err(reason) => reason.code().to_owned(),
            };
            assert_eq!(got, expected, "{raw}");
        }
    }
}
