//! The bearer of a verified token.

use std::fmt;

use chrono::{DateTime, Utc};

use super::scope::{Scope, ScopeSet};
use super::step_up::Login;

/// What a verified token says about its bearer.
#[derive(Clone, PartialEq, Eq)]
pub struct Principal {
    /// The issuer whose key signed the token.
    pub issuer: String,
    /// The person, program or device acting: `sub` of the token, behind the prefix of its issuer if that has one.
    pub sub: String,
    /// The client the token was given to.
    pub client_id: String,
    /// The token's own id, by which it is revoked.
    pub jti: String,
    /// What the token claims to be allowed; the client's registration may narrow it further.
    pub scopes: ScopeSet,
    /// The agency the bearer is confined to; absent is the provincial police.
    pub agency: Option<String>,
    /// The desk the bearer is confined to.
    pub desk: Option<String>,
    /// The commune codes the bearer is confined to; an empty list is none at all.
    pub units: Option<Vec<String>>,
    /// When the token was issued, by its issuer's clock.
    pub issued_at: DateTime<Utc>,
    /// When the token ends, without leeway.
    pub expires_at: DateTime<Utc>,
    /// How the bearer logged in, as far as the issuer says.
    pub login: Login,
    /// Signed by this service's own issuer.
    pub local: bool,
    /// Made by the operator's command line, so that its client needs no registration.
    pub command_line: bool,
    /// Given to a device of a public client, so that `sub` names the device.
    pub device: bool,
    /// SHA-256 of the token, the key under which its verification is remembered.
    pub token_hash: [u8; 32],
}

/// The agency that may see all tips; absent in a token it is this one.
pub const POLICE: &str = "provincial_police";

impl Principal {
    /// Whether the bearer is a registered client itself (RFC 6749 §4.4), and nobody who uses one.
    pub fn is_program(&self) -> bool {
        self.sub == self.client_id
    }

    /// Whether the bearer belongs to the provincial police. Others see only what is referred to
    /// their agency.
    pub fn is_police(&self) -> bool {
        self.agency.as_deref().is_none_or(|agency| agency == POLICE)
    }

    /// Whether the bearer is confined to a part of the province.
    pub fn is_confined(&self) -> bool {
        self.desk.is_some() || self.units.is_some()
    }

    /// Whether the token lets its bearer do more than any citizen: then who it is is no secret of a citizen.
    pub fn is_at_work(&self) -> bool {
        let anybodys = [Scope::TipsSubmit, Scope::CheckRead].into_iter().collect();
        !self.device && !self.scopes.without(anybodys).is_empty()
    }

    /// Whether the token carries the scope.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(scope)
    }
}

impl fmt::Debug for Principal {
    /// Leaves out who it is (`sub`, `jti`, the hash): logs are read by more people than the audit.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Principal")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .field("scopes", &self.scopes)
            .field("agency", &self.agency)
            .field("desk", &self.desk)
            .field("units", &self.units)
            .field("expires_at", &self.expires_at)
            .field("local", &self.local)
            .field("command_line", &self.command_line)
            .field("device", &self.device)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_does_not_say_who_it_is() {
        let who = Principal {
            issuer: "tinbao".into(),
            sub: "planted-subject".into(),
            client_id: "desk-app".into(),
            jti: "planted-jti".into(),
            scopes: [Scope::TipsRead].into_iter().collect(),
            agency: None,
            desk: None,
            units: None,
            issued_at: DateTime::UNIX_EPOCH,
            expires_at: DateTime::UNIX_EPOCH,
            login: Login::default(),
            local: true,
            command_line: false,
            device: false,
            token_hash: [7; 32],
        };
        let shown = format!("{who:?} {who:#?}");
        assert!(shown.contains("tips:read") && shown.contains("desk-app"));
        assert!(
            !shown.contains("planted") && !shown.contains("7, 7"),
            "{shown}"
        );
        assert!(who.may(Scope::TipsRead) && !who.may(Scope::Admin));
    }
}
