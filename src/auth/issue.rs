//! Makes access tokens of the local issuer (RFC 9068).

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::keys::{KeyError, LocalKeys};
use super::scope::ScopeSet;
use super::token::{self, ACCESS_TOKEN_TYPE, ORIGIN_CLAIM, ORIGIN_COMMAND_LINE, ORIGIN_DEVICE};

/// The longest life of a token: long enough for a gateway, short enough to be renewed by hand each year.
const TTL_MAX: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// What a new token shall say.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What it lets the bearer do.
    pub scope: ScopeSet,
    /// Who the bearer is.
    pub sub: String,
    /// The client it is given to.
    pub client_id: String,
    /// The agency the bearer is confined to.
    pub agency: Option<String>,
    /// The desk the bearer is confined to.
    pub desk: Option<String>,
    /// The commune codes the bearer is confined to.
    pub units: Option<Vec<String>>,
    /// How long it is valid.
    pub ttl: Duration,
    /// Which door it was given out at.
    pub origin: Origin,
}

/// Which door a local token was given out at; this decides what is checked about its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The token endpoint: the client is registered.
    Client,
    /// The operator's command line: no registration is needed.
    CommandLine,
    /// The devices endpoint: `sub` is a device of a registered public client.
    Device,
}

/// Why a token cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// A token without any scope would open nothing.
    #[error("scope: names no scope")]
    NoScope,
    /// A value that our own verification would refuse.
    #[error("{0}: must be 1 to {1} characters, none of them control characters")]
    Unfit(&'static str, usize),
    /// A life of nothing or of more than a year.
    #[error("ttl: {0}")]
    Ttl(#[from] TtlError),
    /// The keys could not sign.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Signs a token of the issuer for the audience, valid from `now`, revocable by `jti`.
pub fn issue(
    keys: &LocalKeys,
    (issuer, audience): (&str, &str),
    new: &NewToken,
    now: DateTime<Utc>,
    jti: &str,
) -> Result<String, IssueError> {
    check(new, jti)?;
    let issued = now.timestamp();
    let ttl = i64::try_from(new.ttl.as_secs()).unwrap_or(i64::MAX);
    let mut claims = Map::new();
    let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    put("iss", json!(issuer));
    put("aud", json!(audience));
    put("sub", json!(new.sub));
    put("client_id", json!(new.client_id));
    put("iat", json!(issued));
    put("exp", json!(issued.saturating_add(ttl)));
    put("jti", json!(jti));
    put("scope", json!(new.scope.to_string()));
    if let Some(agency) = &new.agency {
        put("agency", json!(agency));
    }
    if let Some(desk) = &new.desk {
        put("desk", json!(desk));
    }
    if let Some(units) = &new.units {
        put("units", json!(units));
    }
    match new.origin {
        Origin::Client => None,
        Origin::CommandLine => put(ORIGIN_CLAIM, json!(ORIGIN_COMMAND_LINE)),
        Origin::Device => put(ORIGIN_CLAIM, json!(ORIGIN_DEVICE)),
    };
    Ok(keys.sign_jws(&claims, ACCESS_TOKEN_TYPE)?)
}

/// Refuses what [`super::Verifier`] would refuse later, when it is harder to understand.
fn check(new: &NewToken, jti: &str) -> Result<(), IssueError> {
    if new.scope.is_empty() {
        return Err(IssueError::NoScope);
    }
    check_ttl(new.ttl)?;
    for (name, value) in [
        ("sub", new.sub.as_str()),
        ("client_id", &new.client_id),
        ("jti", jti),
    ] {
        if !token::is_name(value) {
            return Err(IssueError::Unfit(name, token::NAME_MAX));
        }
    }
    let units = new.units.iter().flatten().map(|unit| ("units", unit));
    let codes = new
        .agency
        .iter()
        .map(|code| ("agency", code))
        .chain(new.desk.iter().map(|code| ("desk", code)));
    for (name, value) in codes.chain(units) {
        if !token::is_code(value) {
            return Err(IssueError::Unfit(name, token::CODE_MAX));
        }
    }
    Ok(())
}

/// What is wrong with a duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TtlError(String);

/// Reads how long a token shall live: `90s`, `15m`, `1h`, `1h30m`, `7d`.
pub fn parse_ttl(text: &str) -> Result<Duration, TtlError> {
    let ttl = humantime::parse_duration(text.trim())
        .map_err(|error| TtlError(format!("{error}; write it like 15m, 1h or 7d")))?;
    check_ttl(ttl)?;
    Ok(ttl)
}

fn check_ttl(ttl: Duration) -> Result<(), TtlError> {
    if (Duration::from_secs(1)..=TTL_MAX).contains(&ttl) {
        Ok(())
    } else {
        Err(TtlError(
            "must be between one second and 366 days".to_owned(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::tests::forge::now;
    use crate::auth::{Issuers, Principal, Rejected, Verifier};
    use std::sync::Arc;

    fn new_token() -> NewToken {
        NewToken {
            scope: ScopeSet::parse("tips:read tips:triage").unwrap(),
            sub: "analyst-7".into(),
            client_id: "tinbao-cli".into(),
            agency: Some("border_guard".into()),
            desk: Some("immigration".into()),
            units: Some(vec!["03127".into()]),
            ttl: Duration::from_secs(3600),
            origin: Origin::CommandLine,
        }
    }

    async fn round_trip(new: &NewToken, later: i64) -> Result<Arc<Principal>, Rejected> {
        let keys = Arc::new(LocalKeys::generate().unwrap());
        let token = issue(
            &keys,
            ("https://tinbao.example", "tinbao"),
            new,
            now(),
            "0193b5a4",
        )
        .unwrap();
        let verifier = Verifier::new(
            Some(keys),
            Issuers::none(),
            "tinbao".into(),
            "https://tinbao.example".into(),
        );
        verifier
            .verify(&token, now() + chrono::TimeDelta::seconds(later))
            .await
    }

    #[tokio::test]
    async fn a_token_says_what_was_asked_for() {
        let who = round_trip(&new_token(), 0).await.unwrap();
        assert_eq!(who.scopes, new_token().scope);
        assert_eq!(
            (who.sub.as_str(), who.client_id.as_str(), who.jti.as_str()),
            ("analyst-7", "tinbao-cli", "0193b5a4")
        );
        assert_eq!(
            (who.agency.as_deref(), who.desk.as_deref()),
            (Some("border_guard"), Some("immigration"))
        );
        assert_eq!(who.units.as_deref(), Some(&["03127".to_owned()][..]));
        assert_eq!(who.expires_at, now() + chrono::TimeDelta::hours(1));
        assert!(who.local && who.command_line && !who.device);
        let all = NewToken {
            scope: ScopeSet::all(),
            agency: None,
            desk: None,
            units: Some(vec![]),
            origin: Origin::Device,
            ..new_token()
        };
        let who = round_trip(&all, 0).await.unwrap();
        assert_eq!(
            (who.scopes, who.units.as_deref()),
            (ScopeSet::all(), Some(&[][..]))
        );
        assert!(who.device && !who.command_line);
        let who = round_trip(
            &NewToken {
                origin: Origin::Client,
                ..new_token()
            },
            0,
        )
        .await
        .unwrap();
        assert!(who.local && !who.command_line && !who.device);
    }

    #[tokio::test]
    async fn a_token_ends_with_its_time() {
        assert!(round_trip(&new_token(), 3600 + 29).await.is_ok());
        assert!(round_trip(&new_token(), 3600 + 30).await.is_err());
        assert!(round_trip(&new_token(), -31).await.is_err());
    }

    #[test]
    fn what_verification_would_refuse_is_not_issued() {
        let keys = LocalKeys::generate().unwrap();
        let refused = |new: NewToken| {
            issue(&keys, ("i", "a"), &new, now(), "j")
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            refused(NewToken {
                scope: ScopeSet::EMPTY,
                ..new_token()
            }),
            "scope: names no scope"
        );
        assert!(
            refused(NewToken {
                sub: "a\nb".into(),
                ..new_token()
            })
            .starts_with("sub: ")
        );
        assert!(
            refused(NewToken {
                client_id: " ".into(),
                ..new_token()
            })
            .starts_with("client_id: ")
        );
        assert!(
            refused(NewToken {
                agency: Some(String::new()),
                ..new_token()
            })
            .starts_with("agency: ")
        );
        assert!(
            refused(NewToken {
                desk: Some("d".repeat(65)),
                ..new_token()
            })
            .starts_with("desk: ")
        );
        assert!(
            refused(NewToken {
                units: Some(vec![String::new()]),
                ..new_token()
            })
            .starts_with("units: ")
        );
        assert!(
            refused(NewToken {
                ttl: Duration::ZERO,
                ..new_token()
            })
            .starts_with("ttl: ")
        );
        assert!(issue(&keys, ("i", "a"), &new_token(), now(), "").is_err());
    }

    #[test]
    fn durations() {
        for (text, seconds) in [
            ("1h", 3600),
            ("15m", 900),
            ("90s", 90),
            ("1h30m", 5400),
            ("1h 30m", 5400),
            (" 7d ", 604_800),
            ("366d", 31_622_400),
        ] {
            assert_eq!(parse_ttl(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for bad in [
            "",
            "1",
            "h",
            "-1h",
            "0s",
            "1ms",
            "367d",
            "1e9h",
            "99999999999999999999d",
            "một giờ",
        ] {
            assert!(parse_ttl(bad).is_err(), "{bad}");
        }
    }
}
