//! What is known about banks, wallets and number ranges: reference data read once at the start.
//!
//! Everything here comes from the files `banks.json` and `phone_prefixes.json`, because names, BINs
//! and number ranges change while the rules that use them do not. Names are looked up without case,
//! accents or blanks; a name that fits several institutions says so.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::bank_names::Names;
use super::phone;
use super::phone_plan::PhonePlan;
use super::text;

/// Why reference data could not be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The file does not have the expected form.
    #[error("{file}: {source}")]
    Form {
        /// Which file.
        file: &'static str,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// A value in the file cannot be right.
    #[error("{file}: {what}")]
    Value {
        /// Which file.
        file: &'static str,
        /// What is wrong with it.
        what: String,
    },
}

/// A bank or other institution that a BIN stands for.
#[derive(Clone, Debug, Deserialize)]
pub struct Bank {
    /// The six digits that are its identity; names change, the BIN stays.
    pub bin: String,
    /// The name people know.
    pub short_name: String,
    /// The registered name.
    pub full_name: String,
    #[serde(default)]
    pub(super) codes: Vec<String>,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    #[serde(default)]
    pub(super) swift: Option<String>,
}

/// An e-wallet or mobile-money service.
#[derive(Clone, Debug, Deserialize)]
pub struct Wallet {
    /// The code that begins its canonical accounts.
    pub code: String,
    /// The name people know.
    pub name: String,
    /// Its own BIN, if it has one.
    #[serde(default)]
    pub bin: Option<String>,
    /// `970454 + 99MM…`: how its accounts look inside payment codes.
    #[serde(default)]
    vietqr_prefixes: Vec<String>,
}

/// Who holds an account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Institution {
    /// A bank, by BIN.
    Bank(String),
    /// A wallet, by code.
    Wallet(String),
}

/// What a written name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// This one.
    One(Institution),
    /// Several share the name.
    Several,
    /// None has it.
    Unknown,
}

#[derive(Deserialize)]
struct BanksFile {
    banks: Vec<Bank>,
    #[serde(default)]
    wallets: Vec<Wallet>,
    #[serde(default)]
    common_names: CommonNames,
    #[serde(default)]
    short_names: CommonNames,
}

#[derive(Default, Deserialize)]
struct CommonNames {
    #[serde(default)]
    banks: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    wallets: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct SendersFile {
    #[serde(default)]
    sms_senders: SmsSenders,
}

#[derive(Default, Deserialize)]
struct SmsSenders {
    names: Vec<String>,
}

fn senders(phone_prefixes: &Value) -> Result<BTreeSet<String>, CatalogError> {
    let file = SendersFile::deserialize(phone_prefixes).map_err(|source| CatalogError::Form {
        file: "phone_prefixes",
        source,
    })?;
    let folded = file.sms_senders.names.iter().map(|name| text::fold(name));
    Ok(folded.collect())
}

/// Reference data for recognition.
#[derive(Debug)]
pub struct Catalog {
    banks: BTreeMap<String, Bank>,
    wallets: BTreeMap<String, Wallet>,
    /// (BIN, first characters of the account, wallet code).
    hidden_wallets: Vec<(String, String, String)>,
    pub(super) names: Names,
    /// Folded names that text messages are sent under, besides those of banks and wallets.
    pub(super) senders: BTreeSet<String>,
    pub(super) phones: PhonePlan,
}

impl Catalog {
    /// Reads the two reference files.
    pub fn from_json(banks: &Value, phone_prefixes: &Value) -> Result<Self, CatalogError> {
        phone::warm_up();
        let form = |source| CatalogError::Form {
            file: "banks",
            source,
        };
        let file = BanksFile::deserialize(banks).map_err(form)?;
        let mut catalog = Self {
            banks: BTreeMap::new(),
            wallets: BTreeMap::new(),
            hidden_wallets: Vec::new(),
            names: Names::default(),
            senders: senders(phone_prefixes)?,
            phones: PhonePlan::from_json(phone_prefixes)?,
        };
        catalog.add_wallets(file.wallets, &file.common_names.wallets)?;
        catalog.add_banks(file.banks, &file.common_names.banks)?;
        for (bin, names) in &file.short_names.banks {
            let who = catalog.institution(bin);
            for name in names {
                catalog.names.add_short(name, &who);
            }
        }
        Ok(catalog)
    }

    fn add_wallets(
        &mut self,
        wallets: Vec<Wallet>,
        common: &BTreeMap<String, Vec<String>>,
    ) -> Result<(), CatalogError> {
        for wallet in wallets {
            let who = Institution::Wallet(wallet.code.clone());
            self.names.add_brand(&wallet.code, &who);
            // "VNPAY (ví VNPAY / VNPAY-QR)" names it three times.
            for name in wallet.name.split(['(', ')', '/']) {
                self.names.add_brand(name, &who);
            }
            for name in common.get(&wallet.code).into_iter().flatten() {
                self.names.add_brand(name, &who);
            }
            for written in &wallet.vietqr_prefixes {
                let (bin, start) = written.split_once('+').ok_or_else(|| CatalogError::Value {
                    file: "banks",
                    what: format!("wallet {}: prefix {written:?}", wallet.code),
                })?;
                let start = start.trim().trim_end_matches('…').to_ascii_uppercase();
                self.hidden_wallets
                    .push((bin.trim().to_owned(), start, wallet.code.clone()));
            }
            self.wallets.insert(wallet.code.clone(), wallet);
        }
        Ok(())
    }

    fn add_banks(
        &mut self,
        banks: Vec<Bank>,
        common: &BTreeMap<String, Vec<String>>,
    ) -> Result<(), CatalogError> {
        for bank in banks {
            if bank.bin.len() != 6 || !bank.bin.bytes().all(|b| b.is_ascii_digit()) {
                return Err(CatalogError::Value {
                    file: "banks",
                    what: format!("BIN {:?} does not have six digits", bank.bin),
                });
            }
            let who = self.institution(&bank.bin);
            self.names.add_bank(&bank, &who);
            for name in common.get(&bank.bin).into_iter().flatten() {
                self.names.add_common(name, &who);
            }
            self.banks.insert(bank.bin.clone(), bank);
        }
        Ok(())
    }

    /// Who a BIN stands for: a wallet with a BIN of its own is a wallet.
    pub(super) fn institution(&self, bin: &str) -> Institution {
        self.wallets
            .values()
            .find(|wallet| wallet.bin.as_deref() == Some(bin))
            .map_or_else(
                || Institution::Bank(bin.to_owned()),
                |wallet| Institution::Wallet(wallet.code.clone()),
            )
    }

    /// The bank with this BIN.
    pub fn bank(&self, bin: &str) -> Option<&Bank> {
        self.banks.get(bin)
    }

    /// The wallet with this code.
    pub fn wallet(&self, code: &str) -> Option<&Wallet> {
        self.wallets.get(code)
    }

    /// Every bank, in order of BIN.
    pub fn banks(&self) -> impl Iterator<Item = &Bank> {
        self.banks.values()
    }

    /// Every wallet, in order of code.
    pub fn wallets(&self) -> impl Iterator<Item = &Wallet> {
        self.wallets.values()
    }

    /// The wallet whose accounts hide behind a bank's BIN (MoMo and ZaloPay behind 970454).
    pub(super) fn hidden_wallet(&self, bin: &str, account: &str) -> Option<&str> {
        self.hidden_wallets
            .iter()
            .find(|(of, start, _)| of == bin && account.starts_with(start.as_str()))
            .map(|(_, _, code)| code.as_str())
    }

    /// The wallet whose accounts begin like this one, whatever the bank.
    pub(super) fn wallet_of_account(&self, account: &str) -> Option<&str> {
        let codes: BTreeSet<&str> = self
            .hidden_wallets
            .iter()
            .filter(|(_, start, _)| account.starts_with(start.as_str()))
            .map(|(_, _, code)| code.as_str())
            .collect();
        (codes.len() == 1).then(|| codes.first().copied()).flatten()
    }

    /// Which institution a person means by this name, code or BIN.
    pub fn resolve(&self, name: &str) -> Resolved {
        let digits = text::clean(name);
        if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit()) {
            return match self.banks.contains_key(&digits) {
                true => Resolved::One(self.institution(&digits)),
                false => Resolved::Unknown,
            };
        }
        self.names.resolve(name)
    }
}

/// The reference data that ships with the service, for tests.
#[cfg(test)]
pub(crate) fn shipped() -> &'static Catalog {
    static CATALOG: std::sync::LazyLock<Catalog> = std::sync::LazyLock::new(|| {
        let banks = include_str!("../../reference/data/banks.json");
        let phones = include_str!("../../reference/data/phone_prefixes.json");
        Catalog::from_json(
            &serde_json::from_str(banks).unwrap(),
            &serde_json::from_str(phones).unwrap(),
        )
        .unwrap()
    });
    &CATALOG
}

#[cfg(test)]
mod tests;
