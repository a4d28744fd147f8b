//! What an indicator is: its kind, its canonical value and the key that clients hash.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::reason::{Reason, Warning};

/// The kinds of trace a scam leaves (contract §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A telephone number.
    Phone,
    /// A web address.
    Url,
    /// An e-mail address.
    Email,
    /// An account at a bank.
    BankAccount,
    /// An account at an e-wallet or mobile-money service.
    Ewallet,
    /// An account on Facebook, TikTok, YouTube, Instagram or X.
    SocialAccount,
    /// An account on Zalo, Telegram, WhatsApp, Viber, Messenger, Signal or LINE.
    MessagingAccount,
    /// A Bitcoin, Ethereum or Tron address.
    CryptoAddress,
    /// A mobile application.
    App,
    /// The brand name or short code that an SMS carries as its sender.
    SmsSender,
    /// The payload of a VietQR payment code.
    PaymentQr,
}

impl Kind {
    /// Every kind, in the order of the contract.
    pub const ALL: [Self; 11] = [
        Self::Phone,
        Self::Url,
        Self::Email,
        Self::BankAccount,
        Self::Ewallet,
        Self::SocialAccount,
        Self::MessagingAccount,
        Self::CryptoAddress,
        Self::App,
        Self::SmsSender,
        Self::PaymentQr,
    ];

    /// The code used on the wire, in the database and in the hashed key.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Url => "url",
            Self::Email => "email",
            Self::BankAccount => "bank_account",
            Self::Ewallet => "ewallet",
            Self::SocialAccount => "social_account",
            Self::MessagingAccount => "messaging_account",
            Self::CryptoAddress => "crypto_address",
            Self::App => "app",
            Self::SmsSender => "sms_sender",
            Self::PaymentQr => "payment_qr",
        }
    }

    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == code)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// SHA-256 of `kind:value`, the name under which clients ask for a canonical value.
pub fn key(kind: Kind, value: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(kind.as_str());
    hash.update(":");
    hash.update(value);
    hash.finalize().into()
}

/// One recognised trace: equal things written differently have equal `kind` and `value`.
#[derive(Clone, PartialEq)]
pub struct Indicator {
    /// What it is.
    pub kind: Kind,
    /// The canonical value, which is its identity.
    pub value: String,
    /// A form for people, which parses back to the same value.
    pub display: String,
    /// Facts that follow from the value (host, bank, carrier, …).
    pub attributes: Map<String, Value>,
}

impl Indicator {
    /// An indicator without attributes.
    pub(super) fn new(kind: Kind, value: impl Into<String>, display: impl Into<String>) -> Self {
        Self {
            kind,
            value: value.into(),
            display: display.into(),
            attributes: Map::new(),
        }
    }

    /// The same with one more attribute.
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.attributes.insert(name.to_owned(), value.into());
        self
    }

    /// SHA-256 of `kind:value`.
    pub fn key(&self) -> [u8; 32] {
        key(self.kind, &self.value)
    }

    /// A form for logs from which the value cannot be read.
    pub fn masked(&self) -> String {
        mask(self.kind, &self.value)
    }
}

/// Keeps the prefix that names a country, bank or platform and the last three characters.
fn mask(kind: Kind, value: &str) -> String {
    let (shown, secret) = match kind {
        Kind::Phone => match value.strip_prefix("+84") {
            Some(rest) => ("+84", rest),
            None => ("", value),
        },
        Kind::Url | Kind::Email | Kind::SmsSender => ("", value),
        _ => match value.split_once(':') {
            Some((prefix, rest)) => (prefix, rest),
            None => ("", value),
        },
    };
    let colon = if shown.is_empty() || kind == Kind::Phone {
        ""
    } else {
        ":"
    };
    let length = secret.chars().count();
    let tail: String = if length > 6 {
        secret.chars().skip(length - 3).collect()
    } else {
        String::new()
    };
    format!("{shown}{colon}•••{tail}")
}

impl fmt::Debug for Indicator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values are personal data and never belong in a log; attributes may repeat them.
        f.debug_struct("Indicator")
            .field("kind", &self.kind)
            .field("value", &self.masked())
            .finish_non_exhaustive()
    }
}

/// What somebody wrote, with the kind they said it has.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The kind named by the reporter.
    pub kind: Kind,
    /// The text as written.
    pub value: &'a str,
    /// The bank or wallet, where the form asks for it beside the number.
    pub bank: Option<&'a str>,
}

impl fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// An indicator with what follows from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The indicator itself; its kind may differ from the one that was named.
    pub indicator: Indicator,
    /// What follows from it: the phone behind a zalo.me link, the account in a QR code.
    pub derived: Vec<Indicator>,
    /// Doubts that somebody should see.
    pub warnings: Vec<Warning>,
}

impl Reading {
    /// A reading from which nothing else follows.
    pub(super) fn plain(indicator: Indicator) -> Self {
        Self {
            indicator,
            derived: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// The same with a doubt noted.
    pub(super) fn warn(mut self, warning: Warning) -> Self {
        self.warnings.push(warning);
        self
    }

    /// The same with another indicator that follows, and what follows from that.
    pub(super) fn derive(mut self, other: Self) -> Self {
        self.derived.push(other.indicator);
        self.derived.extend(other.derived);
        self
    }
}

/// Whom something belongs to, as far as a text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// Whoever sent the text.
    Sender,
}

impl Party {
    /// The role of an account that is this party's.
    pub const fn role(self) -> &'static str {
        match self {
            Self::Sender => OWN_ACCOUNT,
        }
    }
}

/// The role of an account that money left: it accuses nobody, and nothing is frozen there.
pub const OWN_ACCOUNT: &str = "own_account";

/// A trace found in free text; `start` and `end` count code points.
#[derive(Clone, PartialEq)]
pub struct Found {
    /// Where it starts.
    pub start: usize,
    /// Where it ends (the first code point after it).
    pub end: usize,
    /// The text between the two, as written.
    pub raw: String,
    /// What it is, or why it looked like something and is not.
    pub reading: Result<Reading, Reason>,
    /// The kind it has, or seemed to have.
    pub kind: Kind,
    /// Whose account it is, where the text says so outright.
    pub belongs_to: Option<Party>,
}

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Found")
            .field("start", &self.start)
            .field("end", &self.end)
            .field("kind", &self.kind)
            .field("reading", &self.reading)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_contract_and_read_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_code(kind.as_str()), Some(kind));
            assert_eq!(
                serde_json::to_value(kind).unwrap(),
                Value::from(kind.as_str())
            );
        }
        assert_eq!(Kind::from_code("Phone"), None);
    }

    #[test]
    fn the_key_is_the_sha256_of_kind_colon_value() {
        let hex: String = key(Kind::Phone, "+84912345678")
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        // printf 'phone:+84912345678' | sha256sum
        assert_eq!(
            hex,
            "d07be91eb53b4f981be2b12739d551dd8a98148635c05a30e48e625f545e9d31"
        );
    }

    #[test]
    fn debug_and_masks_hide_the_value() {
        let cases = [
            (Kind::Phone, "+84912345678", "+84•••678"),
            (Kind::Phone, "113", "•••"),
            (Kind::BankAccount, "970436:0011002233445", "970436:•••445"),
            (Kind::Url, "vietcombank.top-vn.xyz/login", "•••gin"),
            (Kind::MessagingAccount, "zalo:+84912345678", "zalo:•••678"),
        ];
        for (kind, value, masked) in cases {
            let indicator = Indicator::new(kind, value, value).with("host", value);
            assert_eq!(indicator.masked(), masked);
            assert!(!format!("{indicator:?}").contains(value), "{kind}");
        }
    }
}
