//! E-wallets and mobile money: mostly a telephone number under a wallet's name.

use super::bank_account::{self, Holder};
use super::catalog::{Catalog, Institution, Resolved};
use super::model::{Indicator, Kind, Reading};
use super::reason::{Reason, Warning};
use super::{phone, text};

/// Reads a value that is said to be an e-wallet, with the wallet's name if one was given.
pub(super) fn parse(catalog: &Catalog, raw: &str, wallet: Option<&str>) -> Result<Reading, Reason> {
    let cleaned = text::clean(raw);
    if cleaned.is_empty() {
        return Err(Reason::Empty);
    }
    if let Some((code, number)) = cleaned.split_once(':')
        && catalog.wallet(code).is_some()
    {
        return compose(catalog, code, number);
    }
    let (names, number) = split(&cleaned);
    let given = wallet.map(str::trim).filter(|name| !name.is_empty());
    let resolved = match given {
        Some(name) => catalog.resolve(name),
        None => catalog.resolve(&names),
    };
    match resolved {
        Resolved::One(Institution::Wallet(code)) => compose(catalog, &code, &number),
        Resolved::One(bank) => bank_account::compose(
            catalog,
            &Holder::Known(bank),
            &bank_account::account(&number)?,
        ),
        Resolved::Several | Resolved::Unknown => unnamed(catalog, &number, given.is_some()),
    }
}

/// The indicator for an account at a wallet that is known.
pub(super) fn compose(catalog: &Catalog, code: &str, number: &str) -> Result<Reading, Reason> {
    let name = catalog.wallet(code).map_or(code, |wallet| {
        wallet.name.split(" (").next().unwrap_or(code)
    });
    let account = bank_account::account(number);
    // What separates the digits of an account may not separate those of a telephone number.
    let phone = full_phone(catalog, number).or_else(|| full_phone(catalog, account.as_ref().ok()?));
    if let Some(phone) = phone {
        let id = &phone.indicator.value;
        let display = format!("{name} {}", phone.indicator.display);
        let indicator =
            Indicator::new(Kind::Ewallet, format!("{code}:{id}"), display).with("wallet", code);
        return Ok(Reading::plain(indicator).derive(phone));
    }
    let id = account?;
    if !id.bytes().any(|b| b.is_ascii_digit()) {
        return Err(Reason::AccountCharacters);
    }
    let indicator = Indicator::new(
        Kind::Ewallet,
        format!("{code}:{id}"),
        format!("{name} {id}"),
    )
    .with("wallet", code);
    Ok(Reading::plain(indicator))
}

fn unnamed(catalog: &Catalog, number: &str, was_given: bool) -> Result<Reading, Reason> {
    if let Ok(id) = bank_account::account(number)
        && let Some(code) = catalog.wallet_of_account(&id)
    {
        return compose(catalog, code, &id);
    }
    match full_phone(catalog, number) {
        Some(phone) if was_given => Ok(phone.warn(Warning::WalletUnknown)),
        _ => Err(Reason::WalletMissing),
    }
}

fn full_phone(catalog: &Catalog, number: &str) -> Option<Reading> {
    phone::parse(catalog, number)
        .ok()
        .filter(|reading| reading.indicator.value.starts_with('+'))
}

/// The words before and after the number, and the number.
fn split(cleaned: &str) -> (String, String) {
    let words: Vec<&str> = cleaned
        .split(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | ';'))
        .filter(|word| !word.is_empty())
        .collect();
    let has_digit = |word: &&str| word.bytes().any(|b| b.is_ascii_digit());
    let Some(first) = words.iter().position(has_digit) else {
        return (String::new(), cleaned.to_owned());
    };
    let last = words.iter().rposition(has_digit).unwrap_or(first);
    let number = words.get(first..=last).unwrap_or_default().join(" ");
    let mut names: Vec<&str> = words.get(..first).unwrap_or_default().to_vec();
    names.extend(words.get(last + 1..).unwrap_or_default());
    (names.join(" "), number)
}

#[cfg(test)]
mod tests {
    use super::super::catalog::shipped;
    use super::*;

    #[test]
    fn wallets_in_many_forms() {
        let cases = [
            ("0912345678", Some("MoMo"), "ewallet momo:+84912345678"),
            ("MoMo 0912 345 678", None, "ewallet momo:+84912345678"),
            ("ví momo: 0169 123 4567", None, "ewallet momo:+84391234567"),
            ("0912345678 (MoMo)", None, "ewallet momo:+84912345678"),
            ("momo:+84912345678", None, "ewallet momo:+84912345678"),
            (
                "momo:99MM24011M34875080",
                None,
                "ewallet momo:99MM24011M34875080",
            ),
            (
                "99MM24011M34875080",
                None,
                "ewallet momo:99MM24011M34875080",
            ),
            ("Zalo Pay 84912345678", None, "ewallet zalopay:+84912345678"),
            (
                "0912345678",
                Some("Viettel Money"),
                "ewallet viettel_money:+84912345678",
            ),
            (
                "0011002233445",
                Some("VCB"),
                "bank_account 970436:0011002233445",
            ),
            ("0912345678", Some("ví lạ"), "phone +84912345678"),
            ("0912345678", None, "wallet_missing"),
            ("MoMo", None, "wallet_missing"),
            ("MoMo 12", None, "account_length"),
            ("", Some("MoMo"), "empty"),
        ];
        for (raw, wallet, expected) in cases {
            let got = match parse(shipped(), raw, wallet) {
                Ok(reading) => format!("{} {}", reading.indicator.kind, reading.indicator.value),
                Err(reason) => reason.code().to_owned(),
            };
            assert_eq!(got, expected, "{raw} {wallet:?}");
        }
    }
}
