//! The claims of an access token (RFC 9068 §2.2) and their rules.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::principal::Principal;
use super::scope::ScopeSet;
use super::step_up::Login;

/// The `typ` of an access token (RFC 9068 §2.1).
pub(super) const ACCESS_TOKEN_TYPE: &str = "at+jwt";
/// The `typ` of issuers that know only plain JWTs.
pub(super) const PLAIN_TYPE: &str = "jwt";
/// Tells tokens of the local issuer apart; meaningless in anyone else's.
pub(super) const ORIGIN_CLAIM: &str = "tinbao_origin";
/// Origin of a token printed by the operator's command line.
pub(super) const ORIGIN_COMMAND_LINE: &str = "command_line";
/// Origin of a token given to a device.
pub(super) const ORIGIN_DEVICE: &str = "device";

/// How far two clocks may differ.
const LEEWAY_SECONDS: i64 = 30;
/// The longest name (`sub`, `client_id`, `jti`) in code points.
pub(super) const NAME_MAX: usize = 255;
/// The longest code (`agency`, `desk`, a unit) in code points.
pub(super) const CODE_MAX: usize = 64;

/// What the verifier knows beside the claims.
pub(super) struct Context<'a> {
    pub(super) audience: &'a str,
    pub(super) now: DateTime<Utc>,
    pub(super) local: bool,
    pub(super) token_hash: [u8; 32],
}

/// The bearer that signed claims describe; `None` when any rule is broken.
///
/// A confining claim of the wrong type is refused rather than passed over: to
/// ignore it would widen what the bearer may see.
pub(super) fn principal(claims: &Map<String, Value>, with: &Context<'_>) -> Option<Principal> {
    let now = with.now.timestamp();
    let expires = seconds(claims.get("exp")?)?;
    let issued = seconds(claims.get("iat")?)?;
    let not_before = match claims.get("nbf") {
        Some(value) => seconds(value)?,
        None => 0,
    };
    let in_time = now < expires.checked_add(LEEWAY_SECONDS)?
        && issued <= now.checked_add(LEEWAY_SECONDS)?
        && not_before <= now.checked_add(LEEWAY_SECONDS)?;
    if !in_time || !is_for(claims.get("aud")?, with.audience) {
        return None;
    }
    let scope = claims
        .get("scope")?
        .as_str()
        .filter(|list| !list.trim_matches(' ').is_empty())?;
    let origin = claims
        .get(ORIGIN_CLAIM)
        .and_then(Value::as_str)
        .filter(|_| with.local);
    Some(Principal {
        issuer: claims.get("iss")?.as_str()?.to_owned(),
        sub: name(claims.get("sub")?, NAME_MAX)?,
        client_id: name(claims.get("client_id")?, NAME_MAX)?,
        jti: name(claims.get("jti")?, NAME_MAX)?,
        scopes: ScopeSet::parse_known(scope),
        agency: optional(claims.get("agency"), code)?,
        desk: optional(claims.get("desk"), code)?,
        units: optional(claims.get("units"), |units| {
            units.as_array()?.iter().map(code).collect()
        })?,
        issued_at: DateTime::from_timestamp(issued, 0)?,
        expires_at: DateTime::from_timestamp(expires, 0)?,
        login: Login::read(claims),
        local: with.local,
        command_line: origin == Some(ORIGIN_COMMAND_LINE),
        device: origin == Some(ORIGIN_DEVICE),
        token_hash: with.token_hash,
    })
}

/// Whether a name may stand in a token: it will be a database text, a log field and a rate-limit key.
pub(super) fn is_name(text: &str) -> bool {
    is_text(text, NAME_MAX)
}

/// Whether a code may stand in a token.
pub(super) fn is_code(text: &str) -> bool {
    is_text(text, CODE_MAX)
}

fn is_text(text: &str, max: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= max && !text.chars().any(char::is_control)
}

fn name(value: &Value, max: usize) -> Option<String> {
    value
        .as_str()
        .filter(|text| is_text(text, max))
        .map(str::to_owned)
}

fn code(value: &Value) -> Option<String> {
    name(value, CODE_MAX)
}

/// `Some(None)` for an absent claim, `None` for one that is present and wrong.
fn optional<T>(value: Option<&Value>, read: impl Fn(&Value) -> Option<T>) -> Option<Option<T>> {
    value.map_or(Some(None), |value| read(value).map(Some))
}

/// `aud` is one audience or a list of them (RFC 7519 §4.1.3).
fn is_for(audiences: &Value, us: &str) -> bool {
    match audiences {
        Value::String(one) => one == us,
        Value::Array(list) => {
            list.iter().all(Value::is_string) && list.iter().any(|one| one.as_str() == Some(us))
        }
        _ => false,
    }
}

/// A NumericDate in whole seconds; it may have a fraction (RFC 7519 §2), but not be before 1970.
fn seconds(value: &Value) -> Option<i64> {
    match value.as_i64() {
        Some(whole) => (whole >= 0).then_some(whole),
        None => {
            let time = std::time::Duration::try_from_secs_f64(value.as_f64()?).ok()?;
            i64::try_from(time.as_secs()).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Scope;
    use serde_json::json;

    const NOW: i64 = 1_795_500_000;

    fn claims() -> Value {
        json!({"iss": "https://idp.example", "aud": "tinbao", "exp": NOW + 600, "iat": NOW - 60, "sub": "analyst-7",
               "client_id": "desk-app", "jti": "0193", "scope": "tips:read openid"})
    }

    fn read(claims: &Value) -> Option<Principal> {
        read_as(claims, false)
    }

    fn read_as(claims: &Value, local: bool) -> Option<Principal> {
        let now = DateTime::from_timestamp(NOW, 0).unwrap();
        principal(
            claims.as_object().unwrap(),
            &Context {
                audience: "tinbao",
                now,
                local,
                token_hash: [0; 32],
            },
        )
    }

    #[test]
    fn a_plain_token_is_its_bearer() {
        let who = read(&claims()).unwrap();
        assert_eq!(
            (who.sub.as_str(), who.client_id.as_str(), who.jti.as_str()),
            ("analyst-7", "desk-app", "0193")
        );
        assert_eq!(who.scopes, [Scope::TipsRead].into_iter().collect());
        assert_eq!((who.agency, who.desk, who.units), (None, None, None));
        assert_eq!(who.expires_at.timestamp(), NOW + 600);
    }

    #[test]
    fn each_required_claim_is_required_and_of_its_type() {
        for name in [
            "aud",
            "exp",
            "iat",
            "sub",
            "client_id",
            "jti",
            "scope",
            "iss",
        ] {
            let mut without = claims();
            without.as_object_mut().unwrap().remove(name);
            assert!(read(&without).is_none(), "without {name}");
            for wrong in [
                json!(null),
                json!({}),
                json!([["tinbao"]]),
                json!(true),
                json!(""),
            ] {
                let mut claims = claims();
                claims[name] = wrong.clone();
                // An empty issuer never gets here: no issuer is configured under that name.
                assert!(
                    read(&claims).is_none() || (name == "iss" && wrong == ""),
                    "{name}: {wrong}"
                );
            }
        }
    }

    #[test]
    fn times_have_thirty_seconds_of_leeway() {
        for (name, value, fine) in [
            ("exp", json!(NOW - 29), true),
            ("exp", json!(NOW - 30), false),
            ("exp", json!(NOW + 600), true),
            ("exp", json!((NOW + 600).to_string()), false),
            ("exp", json!(i64::MAX), false),
            ("exp", json!(u64::MAX), false),
            ("exp", json!(1e300), false),
            ("exp", json!(-1), false),
            ("iat", json!(NOW + 30), true),
            ("iat", json!(NOW + 31), false),
            ("iat", json!(i64::MIN), false),
            ("iat", json!(-0.5), false),
            ("iat", json!(f64::from(1_795_499_999_u32) + 0.5), true),
            ("nbf", json!(NOW + 30), true),
            ("nbf", json!(NOW + 31), false),
            ("nbf", json!(null), false),
            ("nbf", json!("soon"), false),
        ] {
            let mut claims = claims();
            claims[name] = value.clone();
            assert_eq!(read(&claims).is_some(), fine, "{name} {value}");
        }
    }

    #[test]
    fn audience_scope_and_names() {
        for (name, value, fine) in [
            ("aud", json!(["other", "tinbao"]), true),
            ("aud", json!("tinbao-admin"), false),
            ("aud", json!("TINBAO"), false),
            ("aud", json!(["other"]), false),
            ("aud", json!([]), false),
            ("aud", json!(["tinbao", 7]), false),
            ("scope", json!(["tips:read", "admin"]), false),
            ("scope", json!("  "), false),
            ("scope", json!("openid"), true),
            ("sub", json!("đội-2"), true),
            ("sub", json!("a\u{0}b"), false),
            ("sub", json!("a\nb"), false),
            ("sub", json!(" "), false),
            ("sub", json!("ă".repeat(255)), true),
            ("sub", json!("ă".repeat(256)), false),
            ("jti", json!(7), false),
            ("client_id", json!("\u{7f}"), false),
        ] {
            let mut claims = claims();
            claims[name] = value.clone();
            assert_eq!(read(&claims).is_some(), fine, "{name} {value}");
        }
    }

    #[test]
    fn a_confinement_is_kept_or_the_token_refused() {
        for (name, value, fine) in [
            ("agency", json!("border_guard"), true),
            ("agency", json!(null), false),
            ("agency", json!(["border_guard"]), false),
            ("agency", json!(""), false),
            ("desk", json!("immigration"), true),
            ("desk", json!(1), false),
            ("units", json!(["03127", "03130"]), true),
            ("units", json!([]), true),
            ("units", json!("03127"), false),
            ("units", json!([3127]), false),
            ("units", json!(["03127", null]), false),
            ("units", json!(null), false),
        ] {
            let mut claims = claims();
            claims[name] = value.clone();
            assert_eq!(read(&claims).is_some(), fine, "{name} {value}");
        }
        let mut claims = claims();
        claims["units"] = json!([]);
        assert_eq!(
            read(&claims).unwrap().units,
            Some(Vec::new()),
            "an empty list is no unit, not every unit"
        );
    }

    #[test]
    fn only_the_local_issuer_says_where_a_token_comes_from() {
        let mut claims = claims();
        claims[ORIGIN_CLAIM] = json!(ORIGIN_COMMAND_LINE);
        let (foreign, local) = (
            read_as(&claims, false).unwrap(),
            read_as(&claims, true).unwrap(),
        );
        assert!(!foreign.command_line && !foreign.local && local.command_line && local.local);
        claims[ORIGIN_CLAIM] = json!(ORIGIN_DEVICE);
        let (foreign, local) = (
            read_as(&claims, false).unwrap(),
            read_as(&claims, true).unwrap(),
        );
        assert!(!foreign.device && local.device && !local.command_line);
    }
}
