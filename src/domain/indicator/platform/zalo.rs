//! Zalo: numbers, official accounts, groups, QR profiles and the few with names.

use super::super::catalog::Catalog;
use super::super::text;
use super::super::url::WebAddress;
use super::{Account, Platform, certain_phone_id, is_code, is_name, phone_id};

/// Zalo's own pages.
const OWN_PAGES: [&str; 11] = [
    "app", "call", "download", "g", "help", "login", "oa", "pc", "qr", "s", "share",
];

pub(super) fn from_link(catalog: &Catalog, address: &WebAddress) -> Option<Account> {
    let segments = address.segments();
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    match address.host.as_str() {
        "zalo.me" | "chat.zalo.me" | "page.zalo.me" => {
            if let Some(phone) = address.parameter("phone") {
                return handle(catalog, &phone);
            }
            match *parts.as_slice() {
                ["g", code, ..] => handle(catalog, &format!("g:{code}")),
                ["oa", id, ..] => handle(catalog, &format!("oa:{id}")),
                ["pc", who, ..] => handle(catalog, who),
                [who, ..] => handle(catalog, who),
                [] => None,
            }
        }
        "oa.zalo.me" => match *parts.as_slice() {
            [id, ..] => official(id),
            [] => None,
        },
        "zaloapp.com" => match *parts.as_slice() {
            ["qr", "p", code, ..] => handle(catalog, &format!("qr:{code}")),
            ["qr", "g", code, ..] => handle(catalog, &format!("g:{code}")),
            ["g", code, ..] => handle(catalog, &format!("g:{code}")),
            _ => None,
        },
        _ => None,
    }
}

/// A number, an id, a name, or a canonical id.
pub(super) fn handle(catalog: &Catalog, bare: &str) -> Option<Account> {
    let account = |id: String| Some(Account::new(Platform::Zalo, id));
    let lower =
        text::strip_prefix_ignore_case(bare, "oa").map(|rest| rest.trim_start_matches([':', ' ']));
    if let Some(found) = lower.and_then(official) {
        return Some(found);
    }
    for sort in ["g", "qr"] {
        let code = bare
            .strip_prefix(sort)
            .and_then(|rest| rest.strip_prefix(':'));
        if let Some(code) = code {
            return is_code(code)
                .then(|| account(format!("{sort}:{code}")))
                .flatten();
        }
    }
    let digits_only = bare.bytes().all(|b| b.is_ascii_digit());
    if digits_only {
        return match certain_phone_id(catalog, bare)
            .or_else(|| (bare.len() == 9).then(|| phone_id(catalog, bare)).flatten())
        {
            Some(id) => account(id),
            None => official(bare),
        };
    }
    if let Some(id) = phone_id(catalog, bare) {
        return account(id);
    }
    let name = bare.to_ascii_lowercase();
    let named = is_name(&name, &['.', '_'], 3, 40)
        && name.contains(|c: char| c.is_ascii_alphabetic())
        && !OWN_PAGES.contains(&name.as_str());
    named.then(|| account(name)).flatten()
}

/// Ids of official accounts are long runs of digits.
fn official(id: &str) -> Option<Account> {
    let fits = (10..=20).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| Account::new(Platform::Zalo, format!("oa:{id}")))
}

pub(super) fn link_to(id: &str) -> String {
    if let Some(official) = id.strip_prefix("oa:") {
        return format!("oa.zalo.me/{official}");
    }
    if let Some(code) = id.strip_prefix("g:") {
        return format!("zalo.me/g/{code}");
    }
    if let Some(code) = id.strip_prefix("qr:") {
        return format!("zaloapp.com/qr/p/{code}");
    }
    match id.strip_prefix("+84") {
        Some(national) => format!("zalo.me/0{national}"),
        None => format!("zalo.me/{id}"),
    }
}
