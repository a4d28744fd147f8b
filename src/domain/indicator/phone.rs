//! Telephone numbers: every written form of one number becomes one E.164 value.
//!
//! Sources: number ranges and the 2018 conversion from reference data; foreign numbers and new
//! Vietnamese ranges from Google's libphonenumber metadata. A prefix tells the block's first
//! carrier, never who holds the number today (numbers are portable since November 2018).

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, PhoneNumberType};

use super::catalog::Catalog;
use super::model::{Indicator, Kind, Reading};
use super::reason::{Reason, Warning};
use super::text;

/// The digits of a written number, with what its writing says besides.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Written {
    /// `+` or `00` stood before it.
    pub(super) international: bool,
    /// It was `00`, which may also be the start of some other number.
    pub(super) zeros: bool,
    /// The digits after that.
    pub(super) digits: String,
}

/// Reads a value that is said to be a telephone number.
pub(super) fn parse(catalog: &Catalog, raw: &str) -> Result<Reading, Reason> {
    let cleaned = text::clean(raw);
    if cleaned.is_empty() {
        return Err(Reason::Empty);
    }
    let mut reading = from_written(catalog, &written(&cleaned)?)?;
    if cleaned.contains("(0)") {
        // "+84 (0) 912…" is how business cards print it, not how callers pretend.
        reading.warnings.clear();
    }
    // "1.500" is an amount; short codes are written in one piece.
    let is_short = !reading.indicator.value.starts_with('+') && reading.indicator.value.len() < 6;
    match is_short && cleaned.contains(['.', ',', '/']) {
        true => Err(Reason::NotAPhone),
        false => Ok(reading),
    }
}

/// A number from its digits, guessing at what a person leaves out (the zero, the plus).
pub(super) fn from_written(catalog: &Catalog, written: &Written) -> Result<Reading, Reason> {
    if let Some(reading) = certain(catalog, written) {
        return Ok(reading);
    }
    let digits = written.digits.as_str();
    if written.international {
        return match digits.strip_prefix("84") {
            Some(rest) if (3..=5).contains(&rest.len()) && !rest.starts_with('0') => {
                Ok(short(rest, "short_code"))
            }
            _ if written.zeros => foreign(digits, Trust::Valid),
            _ => foreign(digits, Trust::Possible),
        };
    }
    // Spreadsheets drop the leading zero.
    if let Some(reading) = national(catalog, digits) {
        return Ok(reading);
    }
    match digits.strip_prefix('0') {
        Some(rest) => uncertain_vietnamese(catalog, rest),
        None => match digits.len() {
            0..=2 => Err(Reason::PhoneLength),
            3..=5 => Ok(short(digits, "short_code")),
            7 | 8 => Err(Reason::PhoneAreaMissing),
            // WhatsApp and Zalo write foreign numbers without the plus.
            10..=15 => foreign(digits, Trust::Valid).or_else(|_| {
                let rest = digits.strip_prefix("84").unwrap_or(digits);
                uncertain_vietnamese(catalog, rest)
            }),
            _ => Err(Reason::PhoneLength),
        },
    }
}

/// A number that can be nothing else: used for numbers in running text.
pub(super) fn certain(catalog: &Catalog, written: &Written) -> Option<Reading> {
    let digits = written.digits.as_str();
    if written.international {
        let rest = digits.strip_prefix("84")?;
        let (rest, stray) = match rest.strip_prefix('0') {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let reading = service_number(rest).or_else(|| national(catalog, rest))?;
        return Some(match stray {
            true => reading.warn(Warning::TrunkZero),
            false => reading,
        });
    }
    if let Some(rest) = digits.strip_prefix('0') {
        return service_number(rest).or_else(|| national(catalog, rest));
    }
    if let Some(rest) = digits.strip_prefix("84").filter(|rest| rest.len() >= 8) {
        let rest = rest.strip_prefix('0').unwrap_or(rest);
        if let Some(reading) = service_number(rest).or_else(|| national(catalog, rest)) {
            return Some(reading);
        }
    }
    service_number(digits)
}

/// Loads the metadata of foreign numbers, which takes some milliseconds, before anybody waits.
pub(super) fn warm_up() {
    let _example = certain_foreign("12025550123");
}

/// A number with a foreign country code, written with `+` or `00`.
pub(super) fn certain_foreign(digits: &str) -> Option<Reading> {
    foreign(digits, Trust::Valid).ok()
}

/// A number of the right length for its country, written with `+`.
pub(super) fn possible_foreign(digits: &str) -> Option<Reading> {
    foreign(digits, Trust::Possible).ok()
}

/// What follows the trunk zero, by our own plan: mobile, converted mobile, fixed, state network.
fn national(catalog: &Catalog, rest: &str) -> Option<Reading> {
    if let Some(new) = catalog.phones.converted(rest) {
        return Some(vietnamese(catalog, &new, Some(&format!("0{rest}"))));
    }
    let known = match rest.len() {
        9 => catalog.phones.carrier(rest).is_some(),
        10 => catalog.phones.area(rest).is_some(),
        _ => false,
    };
    // 069 is the network of police and defence; its numbers have 7 to 9 digits after the zero.
    let state_network = rest.starts_with("69") && (7..=9).contains(&rest.len());
    (known || state_network).then(|| vietnamese(catalog, rest, None))
}

/// 1800 and 1900 numbers, which are dialled without a zero and have no E.164 form.
fn service_number(digits: &str) -> Option<Reading> {
    let rest = digits.strip_prefix("1800").map(|rest| (rest, "toll_free"));
    let (rest, kind) = rest.or_else(|| Some((digits.strip_prefix("1900")?, "premium_rate")))?;
    (4..=6).contains(&rest.len()).then(|| short(digits, kind))
}

fn short(digits: &str, kind: &str) -> Reading {
    let display = match digits.split_at_checked(4) {
        Some((head, tail)) if digits.len() >= 8 => format!("{head} {tail}"),
        _ => digits.to_owned(),
    };
    Reading::plain(Indicator::new(Kind::Phone, digits, display).with("type", kind))
}

fn vietnamese(catalog: &Catalog, rest: &str, formerly: Option<&str>) -> Reading {
    let value = format!("+84{rest}");
    let indicator = Indicator::new(Kind::Phone, value.clone(), grouped(catalog, rest))
        .with("e164", value)
        .with("country", "VN");
    let indicator = if rest.starts_with("69") {
        indicator.with("type", "state_network")
    } else if let Some((_, place)) = catalog.phones.area(rest).filter(|_| rest.len() == 10) {
        indicator.with("type", "fixed_line").with("area", place)
    } else {
        let indicator = indicator.with("type", "mobile");
        match catalog.phones.carrier(rest) {
            Some(carrier) => indicator.with("carrier", carrier),
            None => indicator,
        }
    };
    Reading::plain(match formerly {
        Some(old) => indicator.with("formerly", old),
        None => indicator,
    })
}

/// The number as Vietnamese write it: `0912 345 678`, `0215 3825 168`.
fn grouped(catalog: &Catalog, rest: &str) -> String {
    let head = match catalog.phones.area(rest) {
        Some((area, _)) if rest.len() == 10 => area.len(),
        _ if rest.starts_with("69") => 2,
        _ => 3,
    };
    let (first, tail) = rest.split_at_checked(head).unwrap_or((rest, ""));
    let middle = if tail.len() == 8 || tail.len() == 7 && head != 2 {
        4
    } else {
        3
    };
    match tail.split_at_checked(middle) {
        Some((second, third)) if !third.is_empty() => format!("0{first} {second} {third}"),
        _ => format!("0{first} {tail}"),
    }
}

/// A Vietnamese-looking number outside our plan, if libphonenumber's newer metadata has it.
fn uncertain_vietnamese(catalog: &Catalog, rest: &str) -> Result<Reading, Reason> {
    let mobile = catalog.phones.carrier(rest).is_some();
    if mobile || !(7..=10).contains(&rest.len()) {
        return Err(Reason::PhoneLength);
    }
    foreign(&format!("84{rest}"), Trust::Valid)
}

/// How much a number must be worth.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// The right length for its country: enough where a `+` says that it is a number.
    Possible,
    /// In a range that is in use.
    Valid,
}

/// A number with any country code.
fn foreign(digits: &str, trust: Trust) -> Result<Reading, Reason> {
    if !(7..=15).contains(&digits.len()) {
        return Err(Reason::PhoneLength);
    }
    // North America numbers all its countries with ten digits behind the 1 (ITU-T E.164.1).
    if digits.starts_with('1') && digits.len() != 11 {
        return Err(Reason::PhoneUnassigned);
    }
    let number = PHONE_NUMBER_UTIL
        .parse(format!("+{digits}"), None)
        .ok()
        .ok_or(Reason::PhoneUnassigned)?;
    let usable = number.is_valid()
        || trust == Trust::Possible
            && number.country_code != 84
            && PHONE_NUMBER_UTIL.is_possible_number(&number);
    if !usable {
        return Err(Reason::PhoneUnassigned);
    }
    let value = number.format_as(PhoneNumberFormat::E164).into_owned();
    // A trunk prefix within (+64 0…) may hide another.
    if let Some(shorter) = value.strip_prefix('+').filter(|it| it.len() < digits.len()) {
        return foreign(shorter, trust);
    }
    let display = number.format_as(PhoneNumberFormat::International);
    let indicator = Indicator::new(Kind::Phone, value.clone(), display).with("e164", value);
    let indicator = match number.get_region_code() {
        Some(region) => indicator.with("country", region.to_string()),
        None => indicator,
    };
    Ok(Reading::plain(
        indicator.with("type", type_code(number.get_type())),
    ))
}

fn type_code(kind: PhoneNumberType) -> &'static str {
    match kind {
        PhoneNumberType::FixedLine => "fixed_line",
        PhoneNumberType::Mobile => "mobile",
        PhoneNumberType::FixedLineOrMobile => "fixed_line_or_mobile",
        PhoneNumberType::TollFree => "toll_free",
        PhoneNumberType::PremiumRate => "premium_rate",
        PhoneNumberType::VoIP => "voip",
        PhoneNumberType::UAN => "uan",
        _ => "other",
    }
}

/// Reads `tel:+84-912-345-678;ext=1`, `(+84) 912.345.678`, `O9l2 345 678` into digits.
pub(super) fn written(cleaned: &str) -> Result<Written, Reason> {
    let body = strip_scheme(cleaned);
    let mut digits = String::new();
    let mut plus = false;
    let (mut letters, mut figures) = (0_usize, 0_usize);
    for c in body.chars() {
        match c {
            '0'..='9' => {
                figures += 1;
                digits.push(c);
            }
            '+' if digits.is_empty() && !plus => plus = true,
            _ if is_separator(c) => {}
            _ => match look_alike(c) {
                Some(digit) => {
                    letters += 1;
                    digits.push(digit);
                }
                None => return Err(Reason::NotAPhone),
            },
        }
    }
    // "O9l2…" is a number in disguise, "lO1" is not.
    if letters > 0 && (figures < 5 || letters > 4) {
        return Err(Reason::NotAPhone);
    }
    if digits.is_empty() {
        return Err(Reason::NotAPhone);
    }
    Ok(with_prefix(plus, digits))
}

/// Takes `00` for the plus that it stands for.
pub(super) fn with_prefix(plus: bool, digits: String) -> Written {
    match digits.strip_prefix("00") {
        Some(rest) if rest.len() >= 7 => Written {
            international: true,
            zeros: true,
            digits: rest.to_owned(),
        },
        _ => Written {
            international: plus,
            zeros: false,
            digits,
        },
    }
}

/// Signs that people put between digits.
pub(super) fn is_separator(c: char) -> bool {
    matches!(
        c,
        ' ' | '.' | '-' | '(' | ')' | '/' | '_' | ',' | '·' | '•' | '\u{2010}'
            ..='\u{2015}' | '\u{2212}' | '~'
    )
}

/// Letters used for digits, Latin, Greek and Cyrillic.
pub(super) fn look_alike(c: char) -> Option<char> {
    match c {
        'O' | 'o' | 'О' | 'о' | 'Ο' | 'ο' => Some('0'),
        'l' | 'I' | 'i' | '|' | 'І' | 'ӏ' => Some('1'),
        _ => None,
    }
}

/// `tel:`, `sms:` and the like, without their parameters.
fn strip_scheme(cleaned: &str) -> Cow<'_, str> {
    const SCHEMES: [&str; 5] = ["tel:", "callto:", "sms:", "smsto:", "phone:"];
    let found = SCHEMES
        .iter()
        .find_map(|scheme| text::strip_prefix_ignore_case(cleaned, scheme));
    match found {
        None => Cow::Borrowed(cleaned),
        Some(rest) => {
            let rest = rest.trim_start_matches('/');
            let number = rest.split([';', '?']).next().unwrap_or(rest);
            percent_decode_str(number).decode_utf8_lossy()
        }
    }
}

#[cfg(test)]
mod tests;
