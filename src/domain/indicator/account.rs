//! Accounts on social networks and messengers: a platform and the id by which it knows the account.
//!
//! Display names are not accounts: hundreds of people share one.

use super::catalog::Catalog;
use super::model::{Indicator, Kind, Reading};
use super::phone;
use super::platform::{Account, Platform};
use super::reason::{Reason, Warning};
use super::{app, linked, platform, text, url};

/// Longest handle that is looked at, in bytes.
const MAX_HANDLE: usize = 512;

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

/// Reads a value whose kind is given as the name of a platform ("Telegram", "fb"); `None` where it names none. What
/// the value says of itself, as a link does, says more.
pub fn on_platform(
    catalog: &Catalog,
    name: &str,
    value: &str,
) -> Option<(Kind, Result<Reading, Reason>)> {
    let platform = Platform::from_name(name)?;
    let kind = platform.kind();
    let itself = parse(catalog, value);
    let phone = itself
        .as_ref()
        .is_ok_and(|reading| reading.indicator.kind == Kind::Phone);
    if itself.is_ok() && !(phone && kind == Kind::MessagingAccount) {
        return Some((kind, itself));
    }
    let cleaned = text::clean(value);
    if cleaned.len() > MAX_HANDLE {
        return Some((kind, Err(Reason::TooLong)));
    }
    // Without a sign a name may be a person's, who is not to be taken for whoever holds the account of that name.
    let handle = match cleaned.starts_with('@') || phone {
        true => cleaned,
        false => format!(" {cleaned}"),
    };
    let account = from_handle(catalog, platform, &handle);
    Some((kind, account.map(|account| reading(catalog, account))))
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
    fn a_platform_given_as_the_kind_says_where_the_account_is() {
        let on = |name: &str, value: &str| {
            on_platform(shipped(), name, value).map(|(kind, read)| match read {
                Ok(reading) => reading.indicator.value,
                Err(reason) => format!("{} {}", kind.as_str(), reason.code()),
            })
        };
        for (name, value, expected) in [
            ("facebook", "100012345678901", "facebook:100012345678901"),
            (
                "Facebook",
                "https://www.facebook.com/vi.du.shop",
                "facebook:vidushop",
            ),
            ("telegram", "@vi_du_shop", "telegram:vi_du_shop"),
            ("Tele", "vi_du_9", "telegram:vi_du_9"),
            ("zalo", "0912 345 678", "zalo:+84912345678"),
            ("tiktok", "@vidu", "tiktok:vidu"),
            ("instagram", "vi.du_9", "instagram:vi.du_9"),
            // The value knows better.
            ("facebook", "https://t.me/vi_du_shop", "telegram:vi_du_shop"),
            ("facebook", "0912345678", "+84912345678"),
            // A person's name is no account.
            ("facebook", "Lan", "social_account display_name_only"),
            (
                "zalo",
                "Chị Lan bán hàng",
                "messaging_account display_name_only",
            ),
        ] {
            assert_eq!(on(name, value).as_deref(), Some(expected), "{name} {value}");
        }
        assert_eq!(on("smoke", "0912345678"), None);
        assert_eq!(on("momo", "0912345678"), None);
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
