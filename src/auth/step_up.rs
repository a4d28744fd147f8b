//! How somebody must have logged in at an identity provider to do what is sensitive (RFC 9470).

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::principal::Principal;
use super::scope::{Scope, ScopeSet};

/// Scopes that one admin may not grant alone (contract §2): what opens identities, the law, the audit and the service.
pub const SENSITIVE: [Scope; 4] = [
    Scope::ReportersReveal,
    Scope::CasesDecide,
    Scope::AuditRead,
    Scope::Admin,
];

/// How far the provider's clock may be ahead.
const LEEWAY_SECONDS: i64 = 30;

/// What a token says about how its bearer logged in (RFC 9068 §2.2.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Login {
    /// `acr`: the class of it.
    pub acr: Option<String>,
    /// `amr`: by which means.
    pub amr: Vec<String>,
    /// `auth_time`: when.
    pub at: Option<DateTime<Utc>>,
}

impl Login {
    /// As claimed; what is of another type says nothing.
    pub(super) fn read(claims: &Map<String, Value>) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let at = claims.get("auth_time").and_then(Value::as_i64);
        let amr = claims.get("amr").and_then(Value::as_array);
        Self {
            acr: claims.get("acr").and_then(text),
            amr: amr.into_iter().flatten().filter_map(text).collect(),
            at: at.and_then(|at| DateTime::from_timestamp(at, 0)),
        }
    }
}

/// What is demanded; each that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepUp {
    /// `acr` must be one of these; empty for any.
    acr: Vec<String>,
    /// `amr` must hold one of these; empty for any.
    amr: Vec<String>,
    /// How long ago it may be.
    max_age: Option<Duration>,
}

impl StepUp {
    /// Reads `acr=… …;amr=… …;max_age=8h`, each of which may be left out.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut all = Self::default();
        for part in text.split(';').map(str::trim).filter(|p| !p.is_empty()) {
            let wrong = || format!("'{part}' is none of acr=…, amr=… and max_age=…");
            let (name, value) = part.split_once('=').ok_or_else(wrong)?;
            match name.trim() {
                "acr" => all.acr = words(value)?,
                "amr" => all.amr = words(value)?,
                "max_age" => {
                    let age = humantime::parse_duration(value.trim())
                        .map_err(|error| format!("max_age: {error}; write it like 30m or 8h"))?;
                    all.max_age = Some(age);
                }
                _ => return Err(wrong()),
            }
        }
        if all == Self::default() {
            return Err("demands nothing; leave it out".to_owned());
        }
        Ok(all)
    }

    /// Whether somebody may do what is sensitive now. What is issued here needs no login: programs show their secret,
    /// and the operator's command line is on the machine itself.
    pub fn is_met(&self, who: &Principal, now: DateTime<Utc>) -> bool {
        let login = &who.login;
        let class = login.acr.as_ref();
        who.local
            || (self.acr.is_empty() || class.is_some_and(|acr| self.acr.contains(acr)))
                && (self.amr.is_empty() || login.amr.iter().any(|by| self.amr.contains(by)))
                && self.max_age.is_none_or(|most| {
                    login.at.is_some_and(|at| {
                        let age = (now - at).num_seconds();
                        let most = i64::try_from(most.as_secs()).unwrap_or(i64::MAX);
                        (-LEEWAY_SECONDS..=most).contains(&age)
                    })
                })
    }

    /// The parameters of a challenge by which an app asks its provider for such a login (RFC 9470 §3).
    pub fn challenge(&self) -> String {
        let mut text = String::new();
        if !self.acr.is_empty() {
            text += &format!(", acr_values=\"{}\"", self.acr.join(" "));
        }
        if let Some(most) = self.max_age {
            text += &format!(", max_age=\"{}\"", most.as_secs());
        }
        text
    }

    /// What is demanded, for the author of an app.
    pub fn sentence(&self) -> String {
        let mut parts = Vec::new();
        if !self.acr.is_empty() {
            parts.push(format!("acr {}", self.acr.join(" or ")));
        }
        if !self.amr.is_empty() {
            parts.push(format!("amr {}", self.amr.join(" or ")));
        }
        if let Some(most) = self.max_age {
            parts.push(format!("auth_time of the last {} s", most.as_secs()));
        }
        format!(
            "This needs a token of a stronger or newer login: {}.",
            parts.join(", ")
        )
    }
}

/// The scopes among these that are sensitive.
pub fn sensitive_of(scopes: ScopeSet) -> ScopeSet {
    scopes.intersection(SENSITIVE.into_iter().collect())
}

/// Values that may stand in a quoted string of a header, separated by blanks.
fn words(text: &str) -> Result<Vec<String>, String> {
    let words: Vec<String> = text.split_ascii_whitespace().map(str::to_owned).collect();
    let fits = |word: &String| {
        word.bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\"\\".contains(&byte))
    };
    if words.is_empty() || !words.iter().all(fits) {
        return Err("expects words of printable ASCII, separated by blanks".to_owned());
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_read_and_nonsense_is_named() {
        let read = StepUp::parse("acr=urn:mfa phr; amr=otp hwk ;max_age=1h30m").unwrap();
        assert_eq!(
            (read.acr.join(","), read.amr.join(","), read.max_age),
            (
                "urn:mfa,phr".to_owned(),
                "otp,hwk".to_owned(),
                Some(Duration::from_secs(5_400))
            )
        );
        assert_eq!(
            read.challenge(),
            ", acr_values=\"urn:mfa phr\", max_age=\"5400\""
        );
        for bad in [
            "",
            ";",
            "on",
            "acr=",
            "acr=\"x\"",
            "max_age=soon",
            "min_age=1h",
            "amr=một",
        ] {
            assert!(StepUp::parse(bad).is_err(), "{bad}");
        }
    }
}
