//! Mobile applications: Android packages, App Store ids and links to package files.

use super::catalog::Catalog;
use super::model::{Indicator, Kind, Reading};
use super::reason::Reason;
use super::url::{self, WebAddress};
use super::{account, text};

/// Reads a value that is said to be an application.
pub(super) fn parse(catalog: &Catalog, raw: &str) -> Result<Reading, Reason> {
    let cleaned = text::clean(raw);
    if cleaned.is_empty() {
        return Err(Reason::Empty);
    }
    if let Some(indicator) = named(&cleaned) {
        return Ok(Reading::plain(indicator));
    }
    let link = text::strip_prefix_ignore_case(&cleaned, "apk:").unwrap_or(&cleaned);
    let said_apk = link.len() < cleaned.len();
    let address = url::read(link).ok().ok_or(Reason::NotAnApp)?;
    // Behind our own prefix there is no scheme; a path or query tells a link from a file's name.
    let linked = match said_apk {
        true => address.path != "/" || address.query.is_some(),
        false => link.contains("//"),
    };
    let host = linked || address.is_ip() || url::has_known_suffix(&address.host);
    if !host {
        return Err(Reason::NotAnApp);
    }
    if let Some(indicator) = from_store(&address) {
        return Ok(Reading::plain(indicator));
    }
    if said_apk || address.is_package_file() {
        let app = Reading::plain(package_file(&address.value(), &address.display()));
        let mut link = account::from_address(catalog, address);
        link.derived.retain(|other| other.kind != Kind::App);
        return Ok(app.derive(link));
    }
    // A page that offers an app is the page; only the file itself is the app.
    Ok(account::from_address(catalog, address))
}

/// The app that a download link installs.
pub(super) fn package_file(value: &str, display: &str) -> Indicator {
    Indicator::new(Kind::App, format!("apk:{value}"), format!("apk:{display}"))
        .with("platform", "apk")
}

/// `android:com.example`, `market://details?id=…`, `ios:123`, `id123`, a bare package name.
fn named(cleaned: &str) -> Option<Indicator> {
    for scheme in ["market:", "itms-apps:", "itms-appss:", "itms:", "intent:"] {
        if let Some(rest) = text::strip_prefix_ignore_case(cleaned, scheme) {
            return from_scheme(rest);
        }
    }
    if let Some(package) = text::strip_prefix_ignore_case(cleaned, "android:") {
        return android(package.trim());
    }
    if let Some(id) = text::strip_prefix_ignore_case(cleaned, "ios:") {
        return ios(id.trim());
    }
    match cleaned.strip_prefix("id").and_then(ios) {
        Some(indicator) => Some(indicator),
        None => ios(cleaned).or_else(|| android(cleaned)),
    }
}

/// What follows `market:` or `itms-apps:`.
fn from_scheme(rest: &str) -> Option<Indicator> {
    if let Some((_, query)) = rest.split_once("id=") {
        return android(query.split(['&', '#', ';']).next()?);
    }
    rest.split(['/', '?'])
        .find_map(|part| ios(part.strip_prefix("id")?))
}

/// The app behind a store's link.
pub(super) fn from_store(address: &WebAddress) -> Option<Indicator> {
    match address.host.as_str() {
        "play.google.com" | "market.android.com" => android(&address.parameter("id")?),
        "apps.apple.com" | "itunes.apple.com" => address
            .segments()
            .iter()
            .find_map(|segment| ios(segment.strip_prefix("id")?)),
        "galaxystore.samsung.com" => android(address.segments().last()?),
        _ => None,
    }
}

/// A package name after Android's rules: two or more parts that begin with a letter.
fn android(package: &str) -> Option<Indicator> {
    let parts_fit = package.split('.').all(|part| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    });
    // "VNeID.apk" is the name of a file, which any app may have.
    let file = package.matches('.').count() == 1 && package.to_ascii_lowercase().ends_with(".apk");
    (parts_fit && package.contains('.') && package.len() <= 255 && !file).then(|| {
        Indicator::new(Kind::App, format!("android:{package}"), package)
            .with("platform", "android")
            .with("package", package)
    })
}

/// A bare package name, for text where it must not be taken for a host.
pub(super) fn bare_package(word: &str) -> Option<Indicator> {
    android(word)
}

fn ios(id: &str) -> Option<Indicator> {
    let fits = (6..=12).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit());
    fits.then(|| {
        Indicator::new(
            Kind::App,
            format!("ios:{id}"),
            format!("apps.apple.com/app/id{id}"),
        )
        .with("platform", "ios")
    })
}

#[cfg(test)]
mod tests {
    use super::super::catalog::shipped;
    use super::*;

    fn value(raw: &str) -> String {
        match parse(shipped(), raw) {
            Ok(reading) => format!("{} {}", reading.indicator.kind, reading.indicator.value),
            Err(reason) => reason.code().to_owned(),
        }
    }

    #[test]
    fn packages_store_ids_and_package_files() {
        let cases = [
            ("com.vidu.vneid_fake", "app android:com.vidu.vneid_fake"),
            (
                "https://play.google.com/store/apps/details?id=com.vidu.app&hl=vi",
                "app android:com.vidu.app",
            ),
            (
                "market://details?id=com.vidu.app",
                "app android:com.vidu.app",
            ),
            ("android:com.vidu.app", "app android:com.vidu.app"),
            (
                "https://apps.apple.com/vn/app/vi-du/id1346969467",
                "app ios:1346969467",
            ),
            (
                "itms-apps://itunes.apple.com/app/id1346969467",
                "app ios:1346969467",
            ),
            ("id1346969467", "app ios:1346969467"),
            ("1346969467", "app ios:1346969467"),
            ("ios:1346969467", "app ios:1346969467"),
            (
                "https://dichvucong.vidu-gov.top/VNeID.apk?v=2",
                "app apk:dichvucong.vidu-gov.top/VNeID.apk?v=2",
            ),
            ("apk:vidu.top/tai-ve", "app apk:vidu.top/tai-ve"),
            ("https://vidu.khongco/a.apk", "app apk:vidu.khongco/a.apk"),
            ("apk:vidu.khongco/a.apk", "app apk:vidu.khongco/a.apk"),
            ("apk:vidu.khongco", "not_an_app"),
            ("apk://vidu.apk", "not_an_app"),
            // The name of a file says nothing of where it comes from.
            ("VNeID.apk", "not_an_app"),
            (
                "https://vidu.top/get?f=vneid.apk",
                "app apk:vidu.top/get?f=vneid.apk",
            ),
            ("https://vidu.top/tai-app", "url vidu.top/tai-app"),
            ("VNeID", "not_an_app"),
            ("app dịch vụ công", "not_an_app"),
            ("", "empty"),
        ];
        for (raw, expected) in cases {
            assert_eq!(value(raw), expected, "{raw}");
        }
    }

    #[test]
    fn a_package_file_is_both_the_app_and_the_link() {
        let reading = parse(shipped(), "hxxps://vidu[.]top/VNeID.apk").unwrap();
        assert_eq!(reading.indicator.value, "apk:vidu.top/VNeID.apk");
        assert_eq!(reading.derived.len(), 1);
        assert_eq!(reading.derived[0].kind, Kind::Url);
        assert_eq!(reading.derived[0].value, "vidu.top/VNeID.apk");
    }
}
