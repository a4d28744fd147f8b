//! Telegram: names, numbers, invitations and ids.

use super::super::catalog::Catalog;
use super::super::url::WebAddress;
use super::{Account, Platform, is_code, is_name, phone_id, plus};

/// Paths of t.me that are not names.
const OWN_PAGES: [&str; 20] = [
    "addemoji",
    "addlist",
    "addstickers",
    "addtheme",
    "bg",
    "boost",
    "c",
    "confirmphone",
    "contact",
    "giftcode",
    "invoice",
    "iv",
    "joinchat",
    "login",
    "m",
    "proxy",
    "s",
    "setlanguage",
    "share",
    "socks",
];

pub(super) fn from_link(catalog: &Catalog, address: &WebAddress) -> Option<Account> {
    const HOSTS: [&str; 4] = ["t.me", "telegram.me", "telegram.dog", "telesco.pe"];
    let host = address.host.as_str();
    if let Some(name) = host.strip_suffix(".t.me") {
        return handle(catalog, name);
    }
    if host == "web.telegram.org" {
        // "/k/#@ten", "/#/im?p=@ten".
        let (_, name) = address.fragment.as_deref()?.split_once('@')?;
        return handle(catalog, name);
    }
    if !HOSTS.contains(&host) {
        return None;
    }
    let segments = address.segments();
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    match *parts.as_slice() {
        ["s", name, ..] => handle(catalog, name),
        ["c", id, ..] => handle(catalog, &format!("c:{id}")),
        ["joinchat", code, ..] => handle(catalog, &format!("invite:{code}")),
        [who, ..] => handle(catalog, who.trim_start_matches('@')),
        [] => None,
    }
}

/// What follows `tg://`.
pub(super) fn from_scheme(
    catalog: &Catalog,
    rest: &str,
    query: impl Fn(&str) -> Option<String>,
) -> Option<Account> {
    match rest.split('?').next()?.trim_end_matches('/') {
        "resolve" => match query("phone") {
            Some(phone) => handle(catalog, &plus(&phone)),
            None => handle(catalog, &query("domain")?),
        },
        "join" => handle(catalog, &format!("invite:{}", query("invite")?)),
        "user" => handle(catalog, &format!("id:{}", query("id")?)),
        "openmessage" => handle(catalog, &format!("id:{}", query("user_id")?)),
        _ => None,
    }
}

/// A name, a number, or a canonical id.
pub(super) fn handle(catalog: &Catalog, bare: &str) -> Option<Account> {
    let account = |id: String| Some(Account::new(Platform::Telegram, id));
    if let Some(code) = bare.strip_prefix("invite:") {
        return is_code(code)
            .then(|| account(format!("invite:{code}")))
            .flatten();
    }
    for sort in ["id:", "c:"] {
        if let Some(id) = bare.strip_prefix(sort) {
            let fits = (1..=20).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit());
            return fits.then(|| account(format!("{sort}{id}"))).flatten();
        }
    }
    // t.me/+84912345678 is a number, t.me/+AbC an invitation.
    if let Some(code) = bare.strip_prefix('+') {
        return match phone_id(catalog, bare) {
            Some(id) => account(id),
            None if is_code(code) && code.contains(|c: char| c.is_ascii_alphabetic()) => {
                account(format!("invite:{code}"))
            }
            None => None,
        };
    }
    if let Some(id) = phone_id(catalog, bare) {
        return account(id);
    }
    let name = bare.to_ascii_lowercase();
    let fits = is_name(&name, &['_'], 3, 32)
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && !OWN_PAGES.contains(&name.as_str());
    fits.then(|| account(name)).flatten()
}

pub(super) fn link_to(id: &str) -> String {
    if let Some(code) = id.strip_prefix("invite:") {
        return format!("t.me/+{code}");
    }
    if let Some(id) = id.strip_prefix("id:") {
        return format!("tg://user?id={id}");
    }
    match id.strip_prefix("c:") {
        Some(id) => format!("t.me/c/{id}"),
        None => format!("t.me/{id}"),
    }
}
