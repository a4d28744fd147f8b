//! The two front doors: a value whose kind is named, and a value of which nothing is known.

use super::catalog::{Catalog, Institution, Resolved};
use super::model::{Indicator, Input, Kind, Reading};
use super::reason::Reason;
use super::{
    account, app, bank_account, crypto_address, email, ewallet, extract, payment_qr, phone,
    platform, sms_sender, text, url, written_url,
};

/// Longest value that is looked at, in bytes; nothing that a form asks for is longer.
const MAX_VALUE: usize = 8192;

/// Reads what somebody wrote as the kind they named; the reading's kind may differ from that
/// (a link to a profile is the profile, an account at MoMo is a wallet).
pub fn parse(catalog: &Catalog, input: &Input<'_>) -> Result<Reading, Reason> {
    if input.value.len() > MAX_VALUE {
        return Err(Reason::TooLong);
    }
    match directly(catalog, input) {
        Ok(reading) => Ok(reading),
        Err(reason) => only_one_inside(catalog, input, reason),
    }
}

fn directly(catalog: &Catalog, input: &Input<'_>) -> Result<Reading, Reason> {
    let Input { kind, value, bank } = *input;
    match kind {
        Kind::Phone => phone::parse(catalog, value),
        Kind::Url => web_link(catalog, value),
        Kind::Email => email::parse(value),
        Kind::BankAccount => bank_account::parse(catalog, value, bank),
        Kind::Ewallet => ewallet::parse(catalog, value, bank),
        Kind::SocialAccount | Kind::MessagingAccount => account::parse(catalog, value),
        Kind::CryptoAddress => crypto_address::parse(value),
        Kind::App => app::parse(catalog, value),
        Kind::SmsSender => sms_sender::parse(catalog, value),
        Kind::PaymentQr => payment_qr::parse(catalog, value).or_else(|reason| {
            // Many codes hold a link rather than a payload.
            match value.contains("//") {
                true => web_link(catalog, value).ok().ok_or(reason),
                false => Err(reason),
            }
        }),
    }
}

/// A link of any scheme: what it leads to.
pub(super) fn web_link(catalog: &Catalog, value: &str) -> Result<Reading, Reason> {
    let cleaned = text::clean(value);
    if let Some(reading) = other_scheme(catalog, &cleaned) {
        return reading;
    }
    url::read(value).map(|address| account::from_address(catalog, address))
}

/// `tel:`, `mailto:`, `tg://`, `market://`: ways of writing something that is no web address.
fn other_scheme(catalog: &Catalog, cleaned: &str) -> Option<Result<Reading, Reason>> {
    let (scheme, rest) = cleaned.split_once(':')?;
    match scheme.to_ascii_lowercase().as_str() {
        "tel" | "callto" | "sms" | "smsto" => Some(phone::parse(catalog, cleaned)),
        "mailto" => Some(email::parse(cleaned)),
        "bitcoin" | "ethereum" => Some(crypto_address::parse(cleaned)),
        "intent" => Some(intent(catalog, rest).ok_or(Reason::SchemeUnsupported)),
        "market" | "itms-apps" | "itms-appss" | "itms" => Some(app::parse(catalog, cleaned)),
        _ if rest.starts_with("//") => {
            let account = platform::from_scheme(catalog, cleaned)?;
            Some(Ok(account::reading(catalog, account)))
        }
        _ => None,
    }
}

/// `//host/path#Intent;scheme=https;package=com.example;end`: the page or account, and the app that is opened.
fn intent(catalog: &Catalog, rest: &str) -> Option<Reading> {
    let (target, extras) = rest.strip_prefix("//")?.split_once("#Intent;")?;
    let extra = |name: &str| {
        let parts = extras.split(';');
        parts
            .filter_map(|part| part.split_once('='))
            .find_map(|(key, value)| (key == name).then_some(value))
    };
    // The phone's own browser is nobody's app.
    let own = |package: &&str| package.starts_with("com.android.");
    let package = extra("package").filter(|package| !own(package));
    let app = package.and_then(app::bare_package).map(Reading::plain);
    let leads_to = match extra("scheme")? {
        "http" | "https" => {
            let address = url::read(&format!("https://{target}")).ok();
            address.map(|address| account::from_address(catalog, address))
        }
        scheme => platform::from_scheme(catalog, &format!("{scheme}://{target}"))
            .map(|account| account::reading(catalog, account)),
    };
    match (leads_to, app) {
        (Some(page), Some(app)) => Some(page.derive(app)),
        (page, app) => page.or(app),
    }
}

/// "SĐT 0912 345 678 (anh A)": words round a single value do no harm.
fn only_one_inside(
    catalog: &Catalog,
    input: &Input<'_>,
    reason: Reason,
) -> Result<Reading, Reason> {
    let wanted = |indicator: &Indicator| fits(input.kind, indicator.kind);
    let mut only: Option<Reading> = None;
    // "http://ex ample.com": a piece of a broken link is somebody else's site.
    let cleaned = text::clean(input.value);
    let begins = |text: &str| written_url::strip_web_scheme(text).is_some();
    let is_link = input.kind == Kind::Url && begins(&cleaned);
    for found in extract::traces(catalog, input.value) {
        if is_link && !begins(&found.raw) {
            continue;
        }
        let Ok(reading) = found.reading else { continue };
        let reading = match wanted(&reading.indicator) {
            true => reading,
            // "zalo 0912…" given as a phone is a phone.
            false => match reading.derived.into_iter().find(wanted) {
                Some(indicator) => Reading::plain(indicator),
                None => continue,
            },
        };
        match &only {
            None => only = Some(reading),
            Some(first) if first.indicator.value == reading.indicator.value => {}
            Some(_) => return Err(Reason::SeveralValues),
        }
    }
    only.ok_or(reason)
}

/// Whether a trace of one kind answers for what was said to be of another.
fn fits(said: Kind, is: Kind) -> bool {
    let account = matches!(is, Kind::SocialAccount | Kind::MessagingAccount);
    match said {
        Kind::Url => account || matches!(is, Kind::Url | Kind::App),
        Kind::SocialAccount | Kind::MessagingAccount => account,
        said => said == is,
    }
}

/// What a value is, when nobody says: used by the public check.
pub fn recognise(catalog: &Catalog, value: &str) -> Option<Reading> {
    if value.len() > MAX_VALUE {
        return None;
    }
    let cleaned = text::clean(value);
    if cleaned.is_empty() {
        return None;
    }
    if cleaned.starts_with(payment_qr::START)
        && let Ok(reading) = payment_qr::parse(catalog, value)
    {
        return Some(reading);
    }
    if let Some(reading) = canonical(catalog, &cleaned) {
        return Some(reading);
    }
    if let Some(reading) = other_scheme(catalog, &cleaned) {
        return reading.ok();
    }
    if let Ok(reading) = crypto_address::parse(&cleaned) {
        return Some(reading);
    }
    let at_sign = account::at_sign(&cleaned);
    if let Some((platform, handle)) = at_sign
        && let Ok(account) = account::from_handle(catalog, platform, handle)
    {
        return Some(account::reading(catalog, account));
    }
    if at_sign.is_none()
        && !cleaned.contains('/')
        && let Ok(reading) = email::parse(&cleaned)
    {
        return Some(reading);
    }
    if let Some(indicator) = package(&cleaned) {
        return Some(Reading::plain(indicator));
    }
    if let Ok(reading) = phone::parse(catalog, &cleaned) {
        return Some(reading);
    }
    if let Some(reading) = link(catalog, value, &cleaned) {
        return Some(reading);
    }
    // "http://a..b.com" holds names of banks and is none of their accounts.
    let account = (!cleaned.contains("//")).then(|| numbered(catalog, &cleaned));
    account.flatten().or_else(|| {
        let mut found = extract::traces(catalog, value).into_iter();
        let only = found.next()?.reading.ok()?;
        found.next().is_none().then_some(only)
    })
}

/// A canonical value of a kind that has a prefix: `zalo:+84…`, `970436:…`, `btc:…`, `ios:…`.
fn canonical(catalog: &Catalog, cleaned: &str) -> Option<Reading> {
    let (prefix, rest) = cleaned.split_once(':')?;
    if rest.starts_with("//") || rest.is_empty() {
        return None;
    }
    match prefix {
        "apk" | "android" | "ios" => app::parse(catalog, cleaned).ok(),
        "btc" | "eth" | "tron" => crypto_address::parse(cleaned).ok(),
        "?" => bank_account::parse(catalog, cleaned, None).ok(),
        _ if prefix.len() == 6 && prefix.bytes().all(|b| b.is_ascii_digit()) => {
            bank_account::parse(catalog, cleaned, None).ok()
        }
        _ if catalog.wallet(prefix).is_some() => ewallet::parse(catalog, cleaned, None).ok(),
        _ => {
            let platform = platform::Platform::from_name(prefix)?;
            let account = account::from_handle(catalog, platform, rest).ok()?;
            Some(account::reading(catalog, account))
        }
    }
}

/// A package name begins with a reversed domain, and its last part is no top-level domain.
fn package(cleaned: &str) -> Option<Indicator> {
    let reversed = ["com.", "vn.", "org.", "net.", "io."]
        .iter()
        .any(|start| cleaned.starts_with(start));
    let is_name = reversed && cleaned.matches('.').count() >= 2;
    (is_name && !url::has_known_suffix(cleaned))
        .then(|| app::bare_package(cleaned))
        .flatten()
}

/// A link with a scheme, or a host that can be one.
fn link(catalog: &Catalog, value: &str, cleaned: &str) -> Option<Reading> {
    if cleaned.contains(' ') && !cleaned.contains("//") && !cleaned.contains(['[', '(']) {
        return None;
    }
    let address = url::read(value).ok()?;
    (cleaned.contains("//") || url::has_known_suffix(&address.host) || address.is_ip())
        .then(|| account::from_address(catalog, address))
}

/// An account: with its bank or wallet, or a bare number that is no telephone number.
fn numbered(catalog: &Catalog, cleaned: &str) -> Option<Reading> {
    let words: String = cleaned
        .chars()
        .map(|c| if c.is_alphabetic() { c } else { ' ' })
        .collect();
    if words.trim().is_empty() {
        // "500.000" is money.
        let mut groups = cleaned.split(['.', ',']).skip(1).peekable();
        if groups.peek().is_some() && groups.all(|group| group.len() == 3) {
            return None;
        }
        let first = cleaned.split_whitespace().next().unwrap_or_default();
        let digits: String = cleaned.chars().filter(char::is_ascii_digit).collect();
        if is_date(first) || bank_account::is_foreign_card(&digits) {
            return None;
        }
        return bank_account::parse(catalog, cleaned, None).ok();
    }
    // A bank's name is not an account at it.
    if catalog.names.exactly(&text::fold(cleaned)).is_some() {
        return None;
    }
    match catalog.resolve(&words) {
        Resolved::One(Institution::Wallet(_)) => ewallet::parse(catalog, cleaned, None).ok(),
        // "vcb-xacthuc.abc" names a bank and is no account.
        Resolved::One(Institution::Bank(_)) | Resolved::Several => cleaned
            .contains([' ', ':'])
            .then(|| bank_account::parse(catalog, cleaned, None).ok())
            .flatten(),
        Resolved::Unknown => {
            let account = account::parse(catalog, cleaned).ok()?;
            matches!(
                account.indicator.kind,
                Kind::SocialAccount | Kind::MessagingAccount
            )
            .then_some(account)
        }
    }
}

/// `24/11/2026`, `2026-11-24`, `24.11.26`.
fn is_date(written: &str) -> bool {
    let parts: Vec<&str> = written.split(['/', '-', '.']).collect();
    let small = |part: &str, most: u32| {
        (1..=2).contains(&part.len()) && part.parse().is_ok_and(|n: u32| (1..=most).contains(&n))
    };
    let year = |part: &str| part.len() == 4 && (part.starts_with("19") || part.starts_with("20"));
    match *parts.as_slice() {
        [first, second, third] => {
            small(first, 31) && small(second, 12) && (year(third) || third.len() == 2)
                || year(first) && small(second, 12) && small(third, 31)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
