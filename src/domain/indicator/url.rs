//! Web addresses, canonical as a browser would read them (WHATWG URL, UTS 46) less what varies.
//!
//! The value has no scheme, user info, fragment, default port, trailing dot, tracker or leading
//! `www.`; the path and the query are otherwise kept byte for byte as the URL standard writes them,
//! because servers may tell `/A` from `/a`, but for escapes in the path that mean the same.

use url::{Host, Url};

use super::everybodys::is_everybodys_host;
use super::model::{Indicator, Kind, Reading};
use super::reason::Reason;
use super::{app, glued_host, trackers, written_url};

/// A web address in its parts.
#[derive(Clone, Debug)]
pub(super) struct WebAddress {
    /// The host in ASCII, without `www.`.
    pub(super) host: String,
    /// The host as written, in ASCII.
    full_host: String,
    /// `:8080`, or nothing for a default port.
    port: String,
    /// The path as the URL standard writes it.
    pub(super) path: String,
    /// The query without trackers.
    pub(super) query: Option<String>,
    /// The fragment, which some platforms put an account in.
    pub(super) fragment: Option<String>,
    /// The host is an IP address.
    is_ip: bool,
}

/// Reads a web address and says what it is made of; platforms are looked at elsewhere.
pub(super) fn read(raw: &str) -> Result<WebAddress, Reason> {
    let written = written_url::read(raw)?;
    if !written.scheme && !looks_like_host(&written.authority) {
        return Err(Reason::NotAWebAddress);
    }
    let whole = parsed(&written.authority, &written.rest);
    let bare = match &whole {
        Ok(address) => address.is_bare(),
        Err(_) => matches!(written.rest.as_str(), "" | "/"),
    };
    match bare.then(|| without_words(&written.authority)).flatten() {
        Some(host) => parsed(host, &written.rest),
        None => whole,
    }
}

fn parsed(authority: &str, rest: &str) -> Result<WebAddress, Reason> {
    let spelled = format!("http://{authority}{rest}");
    let parsed = Url::parse(&spelled).map_err(|error| reason(error, authority))?;
    let (full_host, is_ip) = match parsed.host() {
        Some(Host::Domain(domain)) => (domain.trim_end_matches('.').to_owned(), false),
        Some(Host::Ipv4(address)) => (address.to_string(), true),
        Some(Host::Ipv6(address)) => (format!("[{address}]"), true),
        None => return Err(Reason::NotAWebAddress),
    };
    if !is_ip {
        check_domain(&full_host)?;
    }
    // http, https and no scheme are one address, so both default ports go.
    let port = match parsed.port() {
        None | Some(80 | 443) => String::new(),
        Some(port) => format!(":{port}"),
    };
    Ok(WebAddress {
        host: without_www(&full_host).to_owned(),
        full_host,
        port,
        path: plainly_escaped(parsed.path()),
        query: parsed.query().and_then(trackers::without_trackers),
        fragment: parsed.fragment().map(str::to_owned),
        is_ip,
    })
}

/// "vidu.com.Vui long": the host without what is stuck to it, and what comes behind that.
fn without_words(authority: &str) -> Option<&str> {
    let word = authority.split(' ').next().unwrap_or(authority);
    // The address is bare: what stands behind a colon is a default port, or none.
    let host = word.split_once(':').map_or(word, |(host, _)| host);
    authority.get(..glued_host::without_word(host)?)
}

impl WebAddress {
    /// The canonical value.
    pub(super) fn value(&self) -> String {
        let mut value = format!("{}{}{}", self.host, self.port, self.path);
        if let Some(query) = &self.query {
            value.push('?');
            value.push_str(query);
        }
        value
    }

    /// The value as people read it: `www.` kept, Vietnamese letters shown, no lone slash.
    pub(super) fn display(&self) -> String {
        let www = match self.full_host.len() > self.host.len() {
            true => "www.",
            false => "",
        };
        let host = readable_host(&self.host);
        let path = match (self.path.as_str(), &self.query) {
            ("/", None) => "",
            (path, _) => path,
        };
        let query = self.query.as_deref().map(|query| format!("?{query}"));
        format!(
            "{www}{host}{}{path}{}",
            self.port,
            query.unwrap_or_default()
        )
    }

    /// The host as a mail domain: `www.` counts, addresses and ports are none.
    pub(super) fn mail_host(&self) -> Option<&str> {
        let named = !self.is_ip && self.full_host.contains('.');
        named.then_some(self.full_host.as_str())
    }

    /// Nothing but a host is left.
    fn is_bare(&self) -> bool {
        self.port.is_empty() && self.path == "/" && self.query.is_none()
    }

    /// The host is an IP address.
    pub(super) fn is_ip(&self) -> bool {
        self.is_ip
    }

    /// The first value of a query parameter, decoded.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let query = self.query.as_deref()?.as_bytes();
        url::form_urlencoded::parse(query)
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
            .filter(|value| !value.is_empty())
    }

    /// The parts of the path, decoded, without empty ones.
    pub(super) fn segments(&self) -> Vec<String> {
        self.path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| {
                percent_encoding::percent_decode_str(segment)
                    .decode_utf8_lossy()
                    .into_owned()
            })
            .collect()
    }

    /// The host is this domain or below it.
    pub(super) fn is_within(&self, domain: &str) -> bool {
        self.host
            .strip_suffix(domain)
            .is_some_and(|before| before.is_empty() || before.ends_with('.'))
    }

    /// The indicator, with the app behind it if it is a download link.
    pub(super) fn into_reading(self) -> Reading {
        let value = self.value();
        let indicator = Indicator::new(Kind::Url, value.clone(), self.display())
            .with("host", self.host.clone());
        let indicator = match registrable_domain(&self.host, self.is_ip) {
            Some(domain) => indicator.with("registrable_domain", domain),
            None => indicator.with("registrable_domain", serde_json::Value::Null),
        };
        let reading = Reading::plain(indicator);
        match self.is_package_file() {
            true => reading.derive(Reading::plain(app::package_file(&value, &self.display()))),
            false => reading,
        }
    }

    /// The link downloads an Android package.
    pub(super) fn is_package_file(&self) -> bool {
        const ENDINGS: [&str; 4] = [".apk", ".xapk", ".apks", ".apkm"];
        let named = |text: &str| {
            let text = text.to_ascii_lowercase();
            ENDINGS.iter().any(|ending| text.ends_with(ending))
        };
        let query = self.query.as_deref().unwrap_or_default();
        named(self.path.trim_end_matches('/')) || query.split('&').any(named)
    }
}

/// How wide a look-up of a web address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// The address itself.
    Exact,
    /// Its host.
    Host,
    /// The domain that its owner registered.
    Domain,
}

impl Width {
    /// The code used on the wire.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Host => "host",
            Self::Domain => "domain",
        }
    }
}

/// The canonical values under which a web address is looked up, narrowest first.
///
/// Never across a private suffix: what is known of `a.weebly.com` says nothing of `b.weebly.com`,
/// and one page of `sites.google.com` nothing of another.
pub fn lookup_order(value: &str) -> Vec<(Width, String)> {
    let mut order = vec![(Width::Exact, value.to_owned())];
    let Ok(address) = read(value) else {
        return order;
    };
    let domain = registrable_domain(&address.host, address.is_ip);
    for (width, host) in [
        (Width::Host, Some(address.host.as_str())),
        (Width::Domain, domain),
    ] {
        let wider = host
            .filter(|host| !is_everybodys_host(host))
            .map(|host| format!("{host}/"));
        if let Some(wider) = wider.filter(|wider| order.iter().all(|(_, value)| value != wider)) {
            order.push((width, wider));
        }
    }
    order
}

/// The domain that one owner registered: a private suffix (`weebly.com`, `web.app`) parts owners
/// as `com.vn` does.
pub(super) fn registrable_domain(host: &str, is_ip: bool) -> Option<&str> {
    if is_ip {
        return None;
    }
    // The list has no entry for Google Sites, where each path has its own owner.
    if SHARED_HOSTS.contains(&host) || HOSTING_SUFFIXES.contains(&host) {
        return Some(host);
    }
    if let Some(name) = HOSTING_SUFFIXES.iter().find_map(|suffix| {
        let name = host.strip_suffix(suffix)?.strip_suffix('.')?;
        let label = name.rsplit('.').next()?;
        host.get(name.len().checked_sub(label.len())?..)
    }) {
        return Some(name);
    }
    psl::domain_str(host).or_else(|| {
        let suffix = psl::suffix(host.as_bytes())?;
        (suffix.typ() == Some(psl::Type::Private)).then_some(host)
    })
}

/// Whether a host is a suffix under which a private owner gives names to anybody (`web.app`).
pub(super) fn is_private_suffix(host: &str) -> bool {
    psl::suffix(host.as_bytes())
        .is_some_and(|suffix| suffix == host && suffix.typ() == Some(psl::Type::Private))
}

/// Site builders and free hosts that give a name to anybody and are not in the public suffix list.
pub(super) const HOSTING_SUFFIXES: [&str; 22] = [
    "000nethost.com",
    "000webhostapp.com",
    "blogspot.com.vn",
    "byethost.com",
    "canva.site",
    "epizy.com",
    "forumvi.com",
    "glitch.me",
    "godaddysites.com",
    "jimdofree.com",
    "jimdosite.com",
    "mystrikingly.com",
    "rf.gd",
    "site123.me",
    "tilda.ws",
    "wapka.mobi",
    "webador.com",
    "webnode.com",
    "webnode.vn",
    "weebly.com",
    "weeblysite.com",
    "xtgem.com",
];

/// The same path in the one form of its many: no escape of a character that needs none, all others in capitals
/// (RFC 3986 §6.2.2).
fn plainly_escaped(path: &str) -> String {
    let mut plain = String::with_capacity(path.len());
    let mut pieces = path.split('%');
    plain.push_str(pieces.next().unwrap_or_default());
    // What was written last is the beginning of an escape that a digit would complete.
    let mut begun = false;
    for piece in pieces {
        let escape = piece.split_at_checked(2).and_then(|(digits, rest)| {
            let escape = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            Some((
                u8::from_str_radix(digits, 16).ok().filter(|_| escape)?,
                rest,
            ))
        });
        let Some((byte, rest)) = escape else {
            plain.push('%');
            plain.push_str(piece);
            begun = piece.len() < 2 && piece.bytes().all(|digit| digit.is_ascii_hexdigit());
            continue;
        };
        let plain_byte = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        match plain_byte && !(begun && byte.is_ascii_hexdigit()) {
            true => plain.push(char::from(byte)),
            false => plain.push_str(&format!("%{byte:02X}")),
        }
        plain.push_str(rest);
        begun = false;
    }
    // No path has brackets (RFC 3986 §3.3); round a dot they would be read as its disguise.
    plain.replace('[', "%5B").replace(']', "%5D")
}

/// Hosts on which each path belongs to somebody else, so that a page says nothing of the host.
pub(super) const SHARED_HOSTS: [&str; 12] = [
    "bit.ly",
    "docs.google.com",
    "drive.google.com",
    "forms.gle",
    "forms.office.com",
    "linktr.ee",
    "raw.githubusercontent.com",
    "s.id",
    "sites.google.com",
    "t.ly",
    "telegra.ph",
    "tinyurl.com",
];

/// The host ends in a suffix that the public suffix list knows.
pub(super) fn has_known_suffix(host: &str) -> bool {
    psl::suffix(host.as_bytes()).is_some_and(|suffix| suffix.is_known() && suffix != host)
}

/// The word is a suffix of its own: `com`, `vn`, `xyz`.
pub(super) fn is_known_suffix(word: &str) -> bool {
    !word.is_empty()
        && psl::suffix(word.as_bytes()).is_some_and(|suffix| suffix.is_known() && suffix == word)
}

/// A host may stand without a scheme if it has a dot and is not a mere number.
fn looks_like_host(authority: &str) -> bool {
    let host = authority.rsplit('@').next().unwrap_or(authority);
    if host.starts_with('[') {
        return true;
    }
    let host = host.split(':').next().unwrap_or(host);
    let last = host.rsplit('.').next().unwrap_or(host);
    if last.bytes().all(|b| b.is_ascii_digit()) {
        // 1.500.000 is money, 24.11.2026 a date, 103.20.1.5 a host.
        return host.split('.').count() == 4;
    }
    host.contains('.') || is_localhost(host) || host.to_ascii_lowercase().starts_with("0x")
}

fn is_localhost(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
}

/// What the URL standard leaves open but no resolver accepts.
fn check_domain(host: &str) -> Result<(), Reason> {
    if !host.contains('.') && !is_localhost(host) {
        return Err(Reason::NotAWebAddress);
    }
    // RFC 1035 §2.3.4: 253 octets, 63 a label, none empty.
    let labels_fit = host.split('.').all(|label| (1..=63).contains(&label.len()));
    // The URL standard lets `(`, `&` and the like stand in a host; no name server does.
    let characters_fit = host
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    // The URL standard reads a host that ends in a number as an IPv4 address, unless dots follow it.
    let is_name = !host.rsplit('.').next().is_some_and(is_number);
    match labels_fit && characters_fit && is_name && host.len() <= 253 {
        true => Ok(()),
        false => Err(Reason::HostMalformed),
    }
}

/// A label that the URL standard takes for a part of an IPv4 address.
fn is_number(label: &str) -> bool {
    let hexadecimal = label
        .strip_prefix("0x")
        .is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
    hexadecimal || label.bytes().all(|b| b.is_ascii_digit())
}

fn reason(error: url::ParseError, authority: &str) -> Reason {
    use url::ParseError as E;
    let encoded = authority.to_ascii_lowercase().contains("xn--");
    match error {
        E::IdnaError if encoded || !authority.is_ascii() => Reason::IdnMalformed,
        E::EmptyHost => Reason::NotAWebAddress,
        E::InvalidDomainCharacter if authority.contains(' ') => Reason::NotAWebAddress,
        _ => Reason::HostMalformed,
    }
}

/// Drops each leading `www.`, except where it is the registered name itself (`www.vn`).
fn without_www(host: &str) -> &str {
    let mut bare = host;
    while let Some(rest) = bare.strip_prefix("www.") {
        let is_name = match psl::suffix(rest.as_bytes()) {
            Some(suffix) => suffix == rest && suffix.typ() != Some(psl::Type::Private),
            None => true,
        };
        if is_name || !rest.contains('.') {
            break;
        }
        bare = rest;
    }
    bare
}

/// Shows an internationalised host only where every letter is Latin, as Vietnamese is: other
/// scripts imitate Latin letters and stay in their `xn--` form.
fn readable_host(host: &str) -> String {
    if !host.contains("xn--") {
        return host.to_owned();
    }
    let (unicode, outcome) = idna::domain_to_unicode(host);
    let latin = unicode
        .chars()
        .all(|c| c.is_ascii() || matches!(c, '\u{00C0}'..='\u{024F}' | '\u{1E00}'..='\u{1EFF}'));
    // A name that reads as a host with a word stuck to it would be read as that host.
    let whole = glued_host::without_word(&unicode).is_none();
    match outcome.is_ok() && latin && whole {
        true => unicode,
        false => host.to_owned(),
    }
}

#[cfg(test)]
mod tests;
