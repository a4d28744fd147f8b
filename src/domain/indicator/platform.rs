//! The platforms of contract §4 and how their links name accounts.
//!
//! Rules were read off the links that the platforms themselves make when an account is shared. A
//! link that shows no account (a video, a search, a log-in page) stays a web address.

mod facebook;
mod messengers;
mod networks;
mod telegram;
mod zalo;

use super::catalog::Catalog;
use super::model::Kind;
use super::phone::{self, Written};
use super::text;
use super::url::WebAddress;

/// A social network or messenger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Platform {
    Facebook,
    TikTok,
    YouTube,
    Instagram,
    X,
    Zalo,
    Telegram,
    WhatsApp,
    Viber,
    Messenger,
    Signal,
    Line,
}

/// An account: the id is what identifies it, in canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) platform: Platform,
    pub(super) id: String,
    pub(super) display: String,
}

impl Account {
    pub(super) fn new(platform: Platform, id: impl Into<String>) -> Self {
        let id = id.into();
        let display = platform.link_to(&id);
        Self {
            platform,
            id,
            display,
        }
    }

    /// Long or odd enough not to be somebody's given name.
    pub(super) fn is_distinctive(&self) -> bool {
        self.id.len() >= 5 || self.id.contains(|c: char| !c.is_alphabetic())
    }
}

impl Platform {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Facebook => "facebook",
            Self::TikTok => "tiktok",
            Self::YouTube => "youtube",
            Self::Instagram => "instagram",
            Self::X => "x",
            Self::Zalo => "zalo",
            Self::Telegram => "telegram",
            Self::WhatsApp => "whatsapp",
            Self::Viber => "viber",
            Self::Messenger => "messenger",
            Self::Signal => "signal",
            Self::Line => "line",
        }
    }

    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Facebook | Self::TikTok | Self::YouTube | Self::Instagram | Self::X => {
                Kind::SocialAccount
            }
            _ => Kind::MessagingAccount,
        }
    }

    /// The platform that people call so.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        if name.len() > 40 {
            return None;
        }
        Self::from_folded(&text::fold(name))
    }

    /// A platform by a name that is folded already.
    pub(super) fn from_folded(name: &str) -> Option<Self> {
        Some(match name {
            "facebook" | "fb" | "face" | "facebok" | "nickfb" | "fanpage" => Self::Facebook,
            "tiktok" | "titok" => Self::TikTok,
            "youtube" | "ytb" | "yt" => Self::YouTube,
            "instagram" | "insta" | "ig" => Self::Instagram,
            "x" | "twitter" => Self::X,
            "zalo" | "zl" | "zaloso" => Self::Zalo,
            "telegram" | "tele" | "tlg" | "tlgr" | "tg" => Self::Telegram,
            "whatsapp" | "whatapp" | "whatsap" | "wa" => Self::WhatsApp,
            "viber" => Self::Viber,
            "messenger" | "mess" => Self::Messenger,
            "signal" => Self::Signal,
            "line" => Self::Line,
            _ => return None,
        })
    }

    /// An account from a handle, an id or a canonical id.
    pub(super) fn handle(self, catalog: &Catalog, bare: &str) -> Option<Account> {
        match self {
            Self::Facebook => facebook::handle(bare),
            Self::TikTok | Self::YouTube | Self::Instagram | Self::X => {
                networks::handle(self, bare)
            }
            Self::Zalo => zalo::handle(catalog, bare),
            Self::Telegram => telegram::handle(catalog, bare),
            Self::Messenger => facebook::handle(bare)
                .filter(|account| !account.id.contains(':'))
                .map(|account| Account::new(Self::Messenger, account.id)),
            Self::WhatsApp | Self::Viber | Self::Signal | Self::Line => {
                messengers::handle(self, catalog, bare)
            }
        }
    }

    /// The link that leads to an id.
    fn link_to(self, id: &str) -> String {
        match self {
            Self::Facebook => facebook::link_to(id),
            Self::TikTok | Self::YouTube | Self::Instagram | Self::X => networks::link_to(self, id),
            Self::Zalo => zalo::link_to(id),
            Self::Telegram => telegram::link_to(id),
            Self::Messenger => format!("m.me/{id}"),
            Self::WhatsApp | Self::Viber | Self::Signal | Self::Line => {
                messengers::link_to(self, id)
            }
        }
    }
}

/// The account that a link leads to.
pub(super) fn from_link(catalog: &Catalog, address: &WebAddress) -> Option<Account> {
    facebook::from_link(address)
        .or_else(|| networks::from_link(address))
        .or_else(|| zalo::from_link(catalog, address))
        .or_else(|| telegram::from_link(catalog, address))
        .or_else(|| messengers::from_link(catalog, address))
}

/// The account behind an app's own scheme: `tg://resolve?domain=…`, `zalo://…`.
pub(super) fn from_scheme(catalog: &Catalog, cleaned: &str) -> Option<Account> {
    let (scheme, rest) = cleaned.split_once(':')?;
    let rest = rest.strip_prefix("//")?;
    let query = |name: &str| {
        let (_, query) = rest.split_once('?')?;
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
            .filter(|value| !value.is_empty())
    };
    match scheme.to_ascii_lowercase().as_str() {
        "tg" => telegram::from_scheme(catalog, rest, query),
        "zalo" => {
            let phone = query("phone").or_else(|| query("uid"));
            let last = rest.rsplit('/').next().unwrap_or(rest);
            zalo::handle(catalog, phone.as_deref().unwrap_or(last))
        }
        "viber" => {
            let number = query("number").or_else(|| query("contact"))?;
            Platform::Viber.handle(catalog, &plus(&number))
        }
        "whatsapp" => Platform::WhatsApp.handle(catalog, &plus(&query("phone")?)),
        "fb" => {
            let (what, id) = rest.trim_matches('/').split_once('/')?;
            let id = id.split(['/', '?']).next()?;
            match what {
                "profile" | "page" => facebook::handle(id),
                "group" => facebook::handle(&format!("group:{id}")),
                _ => None,
            }
        }
        "fb-messenger" => {
            let id = rest.rsplit('/').next()?;
            Platform::Messenger.handle(catalog, id)
        }
        "line" => messengers::from_line_path(rest.strip_prefix("ti/p/")?),
        _ => None,
    }
}

/// Links write international numbers without the plus, or with a blank where it was.
pub(super) fn plus(number: &str) -> String {
    format!("+{}", number.trim_start_matches([' ', '+']))
}

/// A full telephone number as the id of an account.
fn phone_id(catalog: &Catalog, bare: &str) -> Option<String> {
    let reading = phone::parse(catalog, bare).ok()?;
    let value = reading.indicator.value;
    value.starts_with('+').then_some(value)
}

/// A number that can be nothing else (`0…`, `84…`), where ids are digits as well.
fn certain_phone_id(catalog: &Catalog, digits: &str) -> Option<String> {
    let plus = digits.starts_with('+');
    let digits = digits.trim_start_matches('+');
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let written = Written {
        international: plus,
        zeros: false,
        digits: digits.to_owned(),
    };
    let reading = match phone::certain(catalog, &written) {
        Some(reading) => Some(reading),
        None if plus => phone::certain_foreign(digits),
        None => None,
    }?;
    let value = reading.indicator.value;
    value.starts_with('+').then_some(value)
}

/// Letters, digits and the given signs, within a length.
fn is_name(bare: &str, signs: &[char], least: usize, most: usize) -> bool {
    (least..=most).contains(&bare.len())
        && bare.contains(|c: char| c.is_ascii_alphanumeric())
        && bare
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || signs.contains(&c))
}

/// An opaque code that only the platform can resolve: case matters.
fn is_code(bare: &str) -> bool {
    is_name(bare, &['-', '_', '.', '~', '='], 3, 128)
}

#[cfg(test)]
mod tests;
