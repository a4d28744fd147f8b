//! Accounts on social networks and messengers: a platform and the id by which it knows the account.
//!
//! Display names are not accounts: hundreds of people share one.

use super::catalog::Catalog;
use super::model::{Indicator, Reading};
use super::phone;
use super::platform::{Account, Platform};
use super::reason::{Reason, Warning};
use super::{app, linked, platform, text, url};

/// Reads a value that is said to be an account on some platform.
pub(super) fn parse(catalog: &Catalog, raw: &str) -> Result<Reading, Reason> {
    let cleaned = text::clean(raw);
    if cleaned.is_empty() {
        return Err(Reason::Empty);
    }
    if let Some(account) = platform::from_scheme(catalog, &cleaned) {
        return Ok(reading(catalog, account));
    }
    if let Some((platform, handle)) = named_platform(&cleaned) {
        let link = handle
            .contains('/')
            .then(|| url::read(handle).ok())
            .flatten();
        if let Some(account) = link.and_then(|link| platform::from_link(catalog, &link)) {
            return Ok(reading(catalog, account));
        }
        return from_handle(catalog, platform, handle).map(|account| reading(catalog, account));
    }
    if let Ok(address) = url::read(raw)
        && is_link(&cleaned, &address)
    {
        return Ok(from_address(catalog, address));
    }
    // A bare number names the person, if not the messenger.
    match phone::parse(catalog, &cleaned) {
        Ok(reading) if reading.indicator.value.starts_with('+') => {
            Ok(reading.warn(Warning::PlatformUnknown))
        }
        _ => Err(Reason::PlatformMissing),
    }
}

/// What a web address stands for: an account, an app in a store, a coin address, or itself.
pub(super) fn from_address(catalog: &Catalog, address: url::WebAddress) -> Reading {
    let address = linked::unwrapped(address);
    if let Some(reading) = linked::subject(catalog, &address) {
        return reading;
    }
    if let Some(account) = platform::from_link(catalog, &address) {
        return reading(catalog, account);
    }
    match app::from_store(&address) {
        Some(indicator) => Reading::plain(indicator),
        None => address.into_reading(),
    }
}

/// An account with the number or the profile behind it.
pub(super) fn reading(catalog: &Catalog, account: Account) -> Reading {
    let code = account.platform.code();
    let value = format!("{code}:{}", account.id);
    let indicator =
        Indicator::new(account.platform.kind(), value, account.display).with("platform", code);
    let reading = Reading::plain(indicator);
    if account.id.starts_with('+')
        && let Ok(number) = phone::parse(catalog, &account.id)
    {
        return reading.derive(number);
    }
    // A Messenger name is the Facebook name of the same account.
    if account.platform == Platform::Messenger {
        let profile = Account::new(Platform::Facebook, account.id);
        return reading.derive(self::reading(catalog, profile));
    }
    reading
}

/// A handle on a platform that is known, as written after its name.
pub(super) fn from_handle(
    catalog: &Catalog,
    platform: Platform,
    handle: &str,
) -> Result<Account, Reason> {
    let spaced = handle.starts_with(char::is_whitespace);
    let bare = handle.trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '@' | '/'));
    if bare.is_empty() {
        return Err(Reason::HandleMalformed);
    }
    match platform.handle(catalog, bare) {
        // "Facebook: Lan" is a person's name; "facebook:lan" is how we write an account.
        Some(account) if !spaced || account.is_distinctive() => Ok(account),
        Some(_) => Err(Reason::DisplayNameOnly),
        None if bare.contains(' ') || !bare.is_ascii() => Err(Reason::DisplayNameOnly),
        None => Err(Reason::HandleMalformed),
    }
}

/// "tiktok @ten.cua.toi": a platform's name before a handle. Without the blank it is an e-mail address.
pub(super) fn at_sign(cleaned: &str) -> Option<(Platform, &str)> {
    let (name, handle) = cleaned.split_once('@')?;
    let apart = name.ends_with(char::is_whitespace) && !handle.contains(char::is_whitespace);
    let name = name.trim().trim_end_matches(':');
    let platform = Platform::from_name(name).filter(|_| apart)?;
    Some((platform, handle))
}

/// "Zalo: 0912…", "tik tok @ten": the platform and what follows its name.
fn named_platform(cleaned: &str) -> Option<(Platform, &str)> {
    let ends = cleaned
        .char_indices()
        .filter(|(_, c)| matches!(c, ':' | '@') || c.is_whitespace())
        .map(|(at, _)| at);
    for end in ends.take(2) {
        let (name, rest) = cleaned.split_at_checked(end)?;
        if let Some(platform) = Platform::from_name(name) {
            let rest = rest.strip_prefix(':').unwrap_or(rest);
            return Some((platform, rest));
        }
    }
    None
}

/// Whether text without a scheme is meant as a link: "nguyen.van.a" is not.
fn is_link(cleaned: &str, address: &url::WebAddress) -> bool {
    cleaned.contains("//") || cleaned.contains('/') || url::has_known_suffix(&address.host)
}

#[cfg(test)]
mod tests {
    use super::super::catalog::shipped;
    use super::*;

    fn read(raw: &str) -> String {
        match parse(shipped(), raw) {
            Ok(reading) => {
                let derived: String = reading
                    .derived
                    .iter()
                    .map(|other| format!(" > {}", other.value))
                    .collect();
                format!("{}{derived}", reading.indicator.value)
            }
            Err(reason) => reason.code().to_owned(),
        }
    }

    #[test]
    fn accounts_by_name_of_the_platform() {
        let cases = [
            ("Zalo: 0912 345 678", "zalo:+84912345678 > +84912345678"),
            ("zalo 0169 123 4567", "zalo:+84391234567 > +84391234567"),
            ("zalo:+84912345678", "zalo:+84912345678 > +84912345678"),
            ("Zalo OA 792939471771757700", "zalo:oa:792939471771757700"),
            ("zalo:oa:792939471771757700", "zalo:oa:792939471771757700"),
            ("Telegram @Vi_Du_Shop", "telegram:vi_du_shop"),
            ("tele: @vi_du_shop", "telegram:vi_du_shop"),
            ("telegram:vi_du_shop", "telegram:vi_du_shop"),
            ("Facebook: Vi.Du.Shop", "facebook:vidushop"),
            ("facebook:100012345678901", "facebook:100012345678901"),
            (
                "fb https://www.facebook.com/Vi.Du.Shop",
                "facebook:vidushop",
            ),
            ("Tik Tok @Vi.Du_9", "tiktok:vi.du_9"),
            ("tiktok:vi.du_9", "tiktok:vi.du_9"),
            ("IG: vidu.shop1", "instagram:vidu.shop1"),
            ("twitter:ViDu1", "x:vidu1"),
            (
                "whatsapp +856 20 55 123 456",
                "whatsapp:+8562055123456 > +8562055123456",
            ),
            ("Viber 0912345678", "viber:+84912345678 > +84912345678"),
            (
                "messenger:vidushop",
                "messenger:vidushop > facebook:vidushop",
            ),
            ("line:vidu1", "line:vidu1"),
            ("0912345678", "+84912345678"),
            ("Facebook Nguyễn Thị Ví Dụ", "display_name_only"),
            ("Facebook Lan", "display_name_only"),
            ("Zalo: Lan", "display_name_only"),
            ("Nguyễn Thị Ví Dụ", "platform_missing"),
            ("@vidu", "platform_missing"),
            ("Zalo:", "handle_malformed"),
            ("", "empty"),
            ("https://vidu.top/x", "vidu.top/x"),
        ];
        for (raw, expected) in cases {
            assert_eq!(read(raw), expected, "{raw}");
        }
    }
}
