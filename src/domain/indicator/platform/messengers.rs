//! WhatsApp, Viber, Signal and LINE: numbers, groups and opaque codes.

use super::super::catalog::Catalog;
use super::super::url::WebAddress;
use super::{Account, Platform, is_code, is_name, phone_id, plus};

pub(super) fn from_link(catalog: &Catalog, address: &WebAddress) -> Option<Account> {
    let segments = address.segments();
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    let whatsapp = |bare: &str| handle(Platform::WhatsApp, catalog, bare);
    match address.host.as_str() {
        "wa.me" => match *parts.as_slice() {
            ["message" | "qr", code, ..] => whatsapp(&format!("message:{code}")),
            ["c", id, ..] => whatsapp(&format!("catalog:{id}")),
            [number, ..] => whatsapp(&plus(number)),
            [] => None,
        },
        "api.whatsapp.com" | "web.whatsapp.com" => whatsapp(&plus(&address.parameter("phone")?)),
        "chat.whatsapp.com" => match *parts.as_slice() {
            ["invite", code, ..] | [code, ..] => whatsapp(&format!("group:{code}")),
            [] => None,
        },
        "whatsapp.com" => match *parts.as_slice() {
            ["channel", code, ..] => whatsapp(&format!("channel:{code}")),
            ["send", ..] => whatsapp(&plus(&address.parameter("phone")?)),
            _ => None,
        },
        "viber.click" => handle(Platform::Viber, catalog, &plus(parts.first()?)),
        "chats.viber.com" => handle(Platform::Viber, catalog, &format!("bot:{}", parts.first()?)),
        "invite.viber.com" => {
            let code = address.parameter("g2").or_else(|| address.parameter("g"))?;
            handle(Platform::Viber, catalog, &format!("group:{code}"))
        }
        // Signal puts everything behind the fragment, so that its servers never see it.
        "signal.me" => match address.fragment.as_deref()?.split_once('/')? {
            ("p", number) => handle(Platform::Signal, catalog, &plus(number)),
            ("eu", code) => handle(Platform::Signal, catalog, &format!("user:{code}")),
            _ => None,
        },
        "signal.group" => {
            let code = address.fragment.as_deref()?;
            handle(Platform::Signal, catalog, &format!("group:{code}"))
        }
        "line.me" => match *parts.as_slice() {
            ["ti", "p", id, ..] | ["R", "ti", "p", id, ..] => from_line_path(id),
            ["ti", "g", code, ..] | ["R", "ti", "g", code, ..] => {
                handle(Platform::Line, catalog, &format!("group:{code}"))
            }
            _ => None,
        },
        "lin.ee" => handle(Platform::Line, catalog, &format!("code:{}", parts.first()?)),
        _ => None,
    }
}

/// What follows `line.me/ti/p/`: `~name`, `@official` or a code.
pub(super) fn from_line_path(id: &str) -> Option<Account> {
    let id = id.split('?').next()?;
    if let Some(name) = id.strip_prefix('~') {
        return line_name(name);
    }
    match id.strip_prefix('@') {
        Some(name) => is_name(name, &['.', '-', '_'], 3, 30)
            .then(|| Account::new(Platform::Line, format!("oa:{}", name.to_ascii_lowercase()))),
        None => is_code(id).then(|| Account::new(Platform::Line, format!("code:{id}"))),
    }
}

fn line_name(name: &str) -> Option<Account> {
    let name = name.to_ascii_lowercase();
    let lettered = name.contains(|c: char| c.is_ascii_alphabetic());
    (lettered && is_name(&name, &['.', '-', '_'], 3, 30))
        .then(|| Account::new(Platform::Line, name))
}

/// A number, or a canonical id with its sort before it.
pub(super) fn handle(platform: Platform, catalog: &Catalog, bare: &str) -> Option<Account> {
    let sorts: &[&str] = match platform {
        Platform::WhatsApp => &["message", "catalog", "group", "channel"],
        Platform::Viber => &["bot", "group"],
        Platform::Signal => &["user", "group"],
        _ => &["code", "group", "oa"],
    };
    if let Some((sort, code)) = bare.split_once(':') {
        return (sorts.contains(&sort) && is_code(code))
            .then(|| Account::new(platform, format!("{sort}:{code}")));
    }
    // A name on LINE may be letters and digits in any order, so that "o0912345678" is one.
    if platform == Platform::Line
        && let Some(account) = line_name(bare.trim_start_matches('~'))
    {
        return Some(account);
    }
    if let Some(id) = phone_id(catalog, bare) {
        return Some(Account::new(platform, id));
    }
    match platform {
        // Signal names end in two digits or more: "vidu.01".
        Platform::Signal => {
            let name = bare.to_ascii_lowercase();
            let fits = is_name(&name, &['.', '_'], 5, 40)
                && name.rsplit_once('.').is_some_and(|(_, end)| {
                    end.len() >= 2 && end.bytes().all(|b| b.is_ascii_digit())
                });
            fits.then(|| Account::new(platform, name))
        }
        _ => None,
    }
}

pub(super) fn link_to(platform: Platform, id: &str) -> String {
    let (sort, code) = id.split_once(':').unwrap_or(("", id));
    match (platform, sort) {
        (Platform::WhatsApp, "") => format!("wa.me/{}", id.trim_start_matches('+')),
        (Platform::WhatsApp, "group") => format!("chat.whatsapp.com/{code}"),
        (Platform::WhatsApp, "channel") => format!("whatsapp.com/channel/{code}"),
        (Platform::WhatsApp, "catalog") => format!("wa.me/c/{code}"),
        (Platform::WhatsApp, _) => format!("wa.me/message/{code}"),
        (Platform::Viber, "") => format!("viber://chat?number={id}"),
        (Platform::Viber, "group") => format!("invite.viber.com/?g2={code}"),
        (Platform::Viber, _) => format!("chats.viber.com/{code}"),
        (Platform::Signal, "") if id.starts_with('+') => format!("signal.me/#p/{id}"),
        (Platform::Signal, "user") => format!("signal.me/#eu/{code}"),
        (Platform::Signal, "group") => format!("signal.group/#{code}"),
        (Platform::Line, "code") => format!("line.me/ti/p/{code}"),
        (Platform::Line, "group") => format!("line.me/ti/g/{code}"),
        (Platform::Line, "oa") => format!("line.me/R/ti/p/@{code}"),
        (Platform::Line, _) if !id.starts_with('+') => format!("line.me/ti/p/~{id}"),
        _ => format!("{}:{id}", platform.code()),
    }
}
