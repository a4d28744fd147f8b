//! VietQR payment codes: EMVCo fields, checked by their CRC and decoded to the account they pay.
//!
//! Sources: EMVCo "QR Code Specification for Payment Systems, Merchant-Presented Mode" (fields as
//! two-digit id, two-digit length, value; CRC in field 63) and NAPAS VietQR (field 38, GUID
//! A000000727; VNPAY uses field 26, GUID A000000775). The beneficiary's name is not in the code.

use crc::{CRC_16_IBM_3740, Crc};

use super::bank_account::{self, Holder};
use super::catalog::Catalog;
use super::model::{Indicator, Kind, Reading};
use super::reason::{Reason, Warning};
use super::{ewallet, text};

/// CRC-16 with polynomial 0x1021 and initial value 0xFFFF, which EMVCo takes from ISO/IEC 13239.
const CRC: Crc<u16> = Crc::<u16>::new(&CRC_16_IBM_3740);

/// Longest payload that the QR form of EMVCo allows.
pub(super) const MAX_PAYLOAD: usize = 512;

/// How every payload begins: field 00, two characters, version 01.
pub(super) const START: &str = "000201";

const NAPAS: &str = "A000000727";
const VNPAY: &str = "A000000775";

/// Reads a value that is said to be a payment code.
pub(super) fn parse(catalog: &Catalog, raw: &str) -> Result<Reading, Reason> {
    if text::narrow(raw).is_empty() {
        return Err(Reason::Empty);
    }
    if let Some(reading) = canonical(catalog, &text::clean(raw)) {
        return reading;
    }
    // A payload copied from a screen may carry line breaks; its blanks belong to the note.
    let trimmed = raw.trim();
    match decode(catalog, trimmed) {
        Err(_) if trimmed.contains(['\n', '\r', '\t', '\u{200B}', '\u{FEFF}']) => {
            let joined: String = trimmed
                .chars()
                .filter(|c| !matches!(c, '\n' | '\r' | '\t') && !text::is_invisible(*c))
                .collect();
            decode(catalog, &joined)
        }
        outcome => outcome,
    }
}

/// `970436:0011002233445`, which is what a decoded code is called.
fn canonical(catalog: &Catalog, cleaned: &str) -> Option<Result<Reading, Reason>> {
    let (holder, number) = cleaned.split_once(':')?;
    let is_bin = holder.len() == 6 && holder.bytes().all(|b| b.is_ascii_digit());
    (is_bin || holder == "vnpay").then(|| compose(catalog, holder, number))
}

fn compose(catalog: &Catalog, holder: &str, number: &str) -> Result<Reading, Reason> {
    let number = bank_account::account(number)?;
    let value = format!("{holder}:{number}");
    let account = match holder {
        "vnpay" => ewallet::compose(catalog, holder, &number)?,
        bin => bank_account::compose(catalog, &Holder::Known(catalog.institution(bin)), &number)?,
    };
    let indicator = Indicator::new(Kind::PaymentQr, value.clone(), value);
    Ok(Reading::plain(indicator).derive(account))
}

fn decode(catalog: &Catalog, payload: &str) -> Result<Reading, Reason> {
    if payload.len() > MAX_PAYLOAD * 4 || !payload.starts_with(START) {
        return Err(Reason::QrMalformed);
    }
    // Lengths count characters; some makers of notes with accents count bytes.
    let fields = whole(payload, Unit::Characters)
        .or_else(|| whole(payload, Unit::Bytes))
        .ok_or(Reason::QrMalformed)?;
    check_crc(payload, &fields)?;
    let (holder, number, untidy) = beneficiary(&fields)?;
    let mut reading = compose(catalog, holder, number)?;
    if untidy {
        reading = reading.warn(Warning::QrUntidy);
    }
    describe(&mut reading.indicator, &fields);
    Ok(reading)
}

#[derive(Clone, Copy)]
enum Unit {
    Characters,
    Bytes,
}

/// One field: its id, its value, and what follows.
fn field(text: &str, unit: Unit) -> Option<(&str, &str, &str)> {
    let (id, rest) = text.split_at_checked(2)?;
    let (length, rest) = rest.split_at_checked(2)?;
    let numeric = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if !numeric(id) || !numeric(length) {
        return None;
    }
    let length: usize = length.parse().ok()?;
    let end = match unit {
        Unit::Bytes => length,
        Unit::Characters => rest
            .char_indices()
            .map(|(at, _)| at)
            .chain([rest.len()])
            .nth(length)?,
    };
    let (value, rest) = rest.split_at_checked(end)?;
    Some((id, value, rest))
}

type Fields<'a> = Vec<(&'a str, &'a str)>;

/// All fields, and what is left over where they stop adding up.
fn fields(text: &str, unit: Unit) -> (Fields<'_>, &str) {
    let mut found = Vec::new();
    let mut left = text;
    while let Some((id, value, rest)) = field(left, unit) {
        found.push((id, value));
        left = rest;
    }
    (found, left)
}

fn whole(payload: &str, unit: Unit) -> Option<Fields<'_>> {
    let (found, left) = fields(payload, unit);
    let ends_in_crc = found
        .last()
        .is_some_and(|(id, value)| *id == "63" && value.len() == 4);
    (left.is_empty() && ends_in_crc).then_some(found)
}

fn check_crc(payload: &str, fields: &Fields<'_>) -> Result<(), Reason> {
    let (_, stated) = fields.last().ok_or(Reason::QrMalformed)?;
    let checked = payload
        .strip_suffix(stated)
        .ok_or(Reason::QrMalformed)?
        .as_bytes();
    let stated = u16::from_str_radix(stated, 16)
        .ok()
        .ok_or(Reason::QrMalformed)?;
    match CRC.checksum(checked) == stated {
        true => Ok(()),
        false => Err(Reason::QrChecksum),
    }
}

fn value_of<'a>(fields: &Fields<'a>, id: &str) -> Option<&'a str> {
    fields
        .iter()
        .find(|(found, _)| *found == id)
        .map(|(_, value)| *value)
}

/// BIN and account, and whether something was left over beside them.
fn beneficiary<'a>(top: &Fields<'a>) -> Result<(&'a str, &'a str, bool), Reason> {
    if let Some(account) = value_of(top, "38") {
        let (account, outer) = fields(account, Unit::Characters);
        if value_of(&account, "00") == Some(NAPAS) {
            let organisation = value_of(&account, "01").ok_or(Reason::QrWithoutAccount)?;
            let (organisation, inner) = fields(organisation, Unit::Characters);
            let bin = value_of(&organisation, "00").ok_or(Reason::QrWithoutAccount)?;
            let number = value_of(&organisation, "01").ok_or(Reason::QrWithoutAccount)?;
            if bin.len() != 6 || !bin.bytes().all(|b| b.is_ascii_digit()) {
                return Err(Reason::QrWithoutAccount);
            }
            return Ok((bin, number, !outer.is_empty() || !inner.is_empty()));
        }
    }
    let merchant = value_of(top, "26").ok_or(Reason::QrWithoutAccount)?;
    let (merchant, outer) = fields(merchant, Unit::Characters);
    match (value_of(&merchant, "00"), value_of(&merchant, "01")) {
        (Some(VNPAY), Some(number)) => Ok(("vnpay", number, !outer.is_empty())),
        _ => Err(Reason::QrWithoutAccount),
    }
}

/// Amount, note and reference, which are not part of the identity.
fn describe(indicator: &mut Indicator, top: &Fields<'_>) {
    let mut put = |name: &str, value: serde_json::Value| {
        indicator.attributes.insert(name.to_owned(), value);
    };
    if let Some(amount) = value_of(top, "54").and_then(whole_amount) {
        put("amount_vnd", amount.into());
    }
    if let Some(name) = value_of(top, "59") {
        put("merchant_name", name.into());
    }
    if let Some(more) = value_of(top, "62") {
        let (more, _) = fields(more, Unit::Characters);
        for (id, name) in [("08", "note"), ("05", "reference"), ("01", "bill_number")] {
            if let Some(value) = value_of(&more, id) {
                put(name, value.into());
            }
        }
    }
}

/// `10000` or `10000.00`; a đồng has no parts.
fn whole_amount(written: &str) -> Option<u64> {
    let (whole, part) = written.split_once('.').unwrap_or((written, ""));
    let whole_only = part.bytes().all(|b| b == b'0');
    whole.parse().ok().filter(|_| whole_only)
}

#[cfg(test)]
mod tests {
    use super::super::catalog::shipped;
    use super::*;

    #[test]
    fn published_codes_decode_as_published() {
        let vectors: Vec<serde_json::Value> = serde_json::from_str(include_str!(
            "../../reference/data/vietqr_test_vectors.json"
        ))
        .unwrap();
        assert!(vectors.len() >= 7);
        for vector in vectors {
            let expect = &vector["expect"];
            let got = parse(shipped(), vector["qr"].as_str().unwrap());
            if expect["crc_ok"] == false {
                assert_eq!(got, Err(Reason::QrChecksum));
                continue;
            }
            let reading = got.unwrap();
            let (bin, account) = reading.indicator.value.split_once(':').unwrap();
            assert_eq!(bin, expect["bin"]);
            assert_eq!(account, expect["account"]);
            let attributes = &reading.indicator.attributes;
            let given = |name: &str| attributes.get(name).cloned().unwrap_or_default();
            assert_eq!(given("amount_vnd"), expect["amount"]);
            assert_eq!(given("note"), expect["purpose"]);
            if let Some(reference) = expect.get("reference") {
                assert_eq!(&given("reference"), reference);
            }
            let paid = &reading.derived[0];
            match expect["wallet"].as_str() {
                Some(wallet) => assert_eq!(paid.value, format!("{wallet}:{account}")),
                None => assert_eq!(paid.value, format!("{bin}:{account}")),
            }
        }
    }

    fn with_crc(body: &str) -> String {
        let body = format!("{body}6304");
        format!("{body}{:04X}", CRC.checksum(body.as_bytes()))
    }

    #[test]
    fn notes_with_accents_line_breaks_and_other_wallets() {
        let head = "00020101021238530010A0000007270123000697041601092576788590208QRIBFTTA5303704";
        // "Chuyển tiền" is 11 characters and 15 bytes: both ways of counting are met.
        for length in [("15", "11"), ("19", "15")] {
            let body = format!("{head}5802VN62{}08{}Chuyển tiền", length.0, length.1);
            let reading = parse(shipped(), &with_crc(&body)).unwrap();
            assert_eq!(reading.indicator.value, "970416:257678859");
        }
        let whole = with_crc(&format!("{head}54082000000.5802VN"));
        let (first, second) = whole.split_at(40);
        let reading = parse(shipped(), &format!(" {first}\r\n{second}\n")).unwrap();
        assert_eq!(reading.indicator.attributes["amount_vnd"], 2_000_000);

        let vnpay = with_crc("00020101021126260010A00000077501080123456753037045802VN");
        let reading = parse(shipped(), &vnpay).unwrap();
        assert_eq!(reading.indicator.value, "vnpay:01234567");
        assert_eq!(reading.derived[0].value, "vnpay:01234567");
    }

    #[test]
    fn what_is_no_code_says_why() {
        let cases = [
            (String::new(), "empty"),
            ("0002010102".to_owned(), "qr_malformed"),
            ("https://vidu.top".to_owned(), "qr_malformed"),
            (format!("000201{}", "9".repeat(3000)), "qr_malformed"),
            (with_crc("0002010102115802VN"), "qr_without_account"),
            (with_crc("00020138140010A000000727"), "qr_without_account"),
            ("970436:12".to_owned(), "account_length"),
        ];
        for (raw, code) in cases {
            assert_eq!(
                parse(shipped(), &raw).map_err(Reason::code).err(),
                Some(code),
                "{raw}"
            );
        }
    }
}
