//! The foreign issuers whose tokens are believed, each bound to its own keys.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use reqwest::Url;

use super::jwks_source::{FileSource, Found, UrlSource};
use super::jws::{Alg, PublicKey};
use super::token::{self, ACCESS_TOKEN_TYPE, PLAIN_TYPE};
use super::verifier::Rejected;
use crate::domain::device::Device;

/// What is wrong with a list of issuers, in one line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {number} ({issuer}): {problem}")]
pub struct IssuersError {
    number: usize,
    /// Only the name: the rest may hold a password that somebody put into the URL.
    issuer: String,
    problem: String,
}

/// The issuers by name.
#[derive(Default)]
pub struct Issuers {
    by_name: HashMap<String, Arc<Issuer>>,
}

pub(super) struct Issuer {
    source: Source,
    plain_type: bool,
    /// What its `sub` begin with here; nothing for the first that has no prefix of its own.
    prefix: String,
}

enum Source {
    File(FileSource),
    Url(Arc<UrlSource>),
}

impl Issuers {
    /// No foreign issuer at all.
    pub fn none() -> Issuers {
        Issuers::default()
    }

    /// Reads `issuer=URL or file`, several by comma, each with an optional `;typ=JWT` and `;prefix=NAME`.
    ///
    /// The people of each are people of their own: those of the first without a prefix are called by their
    /// `sub`, all others by a prefix and their `sub`. Files are read here, URLs when the first token comes or by [`Issuers::warm`].
    pub fn parse(list: &str) -> Result<Issuers, IssuersError> {
        let mut issuers = Issuers::default();
        let entries = list
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty());
        for (number, entry) in (1..).zip(entries) {
            let issuer = entry
                .split_once('=')
                .map_or("no issuer", |(name, _)| name.trim());
            let wrong = |problem: String| IssuersError {
                number,
                issuer: issuer.escape_debug().to_string(),
                problem,
            };
            let (name, mut issuer) = read_entry(entry).map_err(wrong)?;
            if issuer.prefix.is_empty() && issuers.names_plainly() {
                issuer.prefix = format!("{name}#");
            }
            if issuers.by_name.values().any(|other| other.clashes(&issuer)) {
                return Err(wrong("has a prefix that begins like another's".to_owned()));
            }
            if issuers.by_name.insert(name, Arc::new(issuer)).is_some() {
                return Err(wrong("names the same issuer a second time".to_owned()));
            }
        }
        Ok(issuers)
    }

    fn names_plainly(&self) -> bool {
        self.by_name.values().any(|issuer| issuer.prefix.is_empty())
    }

    /// What the `sub` of a token is called here, `by` the local issuer where that is `None`: no two issuers'
    /// are called the same, but for those of the local and of the one without a prefix. `None` where it
    /// pretends to be another issuer's, or a device.
    pub(super) fn called(&self, by: Option<&Issuer>, sub: &str) -> Option<String> {
        let own = by.map_or("", |issuer| issuer.prefix.as_str());
        let whole = format!("{own}{sub}");
        let pretends = self
            .prefixes()
            .any(|prefix| prefix != own && whole.starts_with(prefix));
        let device = by.is_some() && whole.starts_with(Device::PREFIX);
        (!pretends && !device && token::is_name(&whole)).then_some(whole)
    }

    fn prefixes(&self) -> impl Iterator<Item = &str> {
        let all = self.by_name.values().map(|issuer| issuer.prefix.as_str());
        all.filter(|prefix| !prefix.is_empty())
    }

    /// Whether a name begins like those of an issuer's people.
    pub(super) fn claims(&self, name: &str) -> bool {
        self.prefixes().any(|prefix| name.starts_with(prefix))
    }

    /// Whether an issuer of that name is in the list.
    pub fn contains(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// Fetches the sets behind URLs, so that the first token need not wait for them.
    ///
    /// An issuer that does not answer is logged and asked again later.
    pub async fn warm(&self, now: DateTime<Utc>) {
        for issuer in self.by_name.values() {
            if let Source::Url(source) = &issuer.source {
                source.refetch(now).await;
            }
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<Arc<Issuer>> {
        self.by_name.get(name).map(Arc::clone)
    }
}

impl Issuer {
    /// Whether somebody of the one could be called like somebody of the other.
    fn clashes(&self, other: &Issuer) -> bool {
        let (one, two) = (self.prefix.as_str(), other.prefix.as_str());
        !one.is_empty() && !two.is_empty() && (one.starts_with(two) || two.starts_with(one))
    }

    /// Whether a token of this issuer may have that type (in lower case).
    pub(super) fn takes(&self, typ: &str) -> bool {
        typ == ACCESS_TOKEN_TYPE || (self.plain_type && typ == PLAIN_TYPE)
    }

    /// The issuer's key of that name, asked for if it is new.
    pub(super) async fn key(
        &self,
        kid: &str,
        alg: Alg,
        now: DateTime<Utc>,
    ) -> Result<PublicKey, Rejected> {
        let source = match &self.source {
            Source::File(file) => return file.find(kid, alg, now).ok_or(Rejected::Invalid),
            Source::Url(source) => source,
        };
        if let Found::Key(key) = source.find(kid, alg) {
            source.refresh_if_stale(now);
            return Ok(key);
        }
        source.refetch(now).await;
        match source.find(kid, alg) {
            Found::Key(key) => Ok(key),
            Found::Unknown => Err(Rejected::Invalid),
            Found::NoSet => Err(Rejected::Unavailable),
        }
    }
}

fn read_entry(entry: &str) -> Result<(String, Issuer), String> {
    let mut parts = entry.split(';').map(str::trim);
    let (name, location) = parts
        .next()
        .and_then(|first| first.split_once('='))
        .ok_or("is not issuer=URL or issuer=file")?;
    let (name, location) = (name.trim(), location.trim());
    if name.is_empty() || location.is_empty() || name.contains(char::is_whitespace) {
        return Err("is not issuer=URL or issuer=file".to_owned());
    }
    let (mut plain_type, mut prefix) = (false, String::new());
    for option in parts {
        if option.eq_ignore_ascii_case("typ=JWT") {
            plain_type = true;
        } else if let Some(name) = option.strip_prefix("prefix=") {
            prefix = read_prefix(name)?;
        } else {
            return Err(format!(
                "knows no option {option:?}; there are typ=JWT and prefix=NAME"
            ));
        }
    }
    Ok((
        name.to_owned(),
        Issuer {
            source: read_location(location)?,
            plain_type,
            prefix,
        },
    ))
}

fn read_prefix(name: &str) -> Result<String, String> {
    let prefix = format!("{name}:");
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if (1..=40).contains(&name.len()) && name.bytes().all(fits) && prefix != Device::PREFIX {
        Ok(prefix)
    } else {
        Err("prefix must be 1 to 40 letters, digits and ._- and not 'device'".to_owned())
    }
}

fn read_location(location: &str) -> Result<Source, String> {
    match location.split_once("://") {
        None => FileSource::open(PathBuf::from(location)).map(Source::File),
        Some(("file", path)) => FileSource::open(PathBuf::from(path)).map(Source::File),
        Some(_) => {
            let url = Url::parse(location).map_err(|error| error.to_string())?;
            Ok(Source::Url(Arc::new(UrlSource::new(url)?)))
        }
    }
}
