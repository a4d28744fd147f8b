//! The registry in memory: which clients there are, what they may hold, which tokens are revoked, whose ended.
//!
//! Read anew every 5 s, after each change made here and for a client that is not known, so that a revocation works at
//! every replica well within 30 s, and a new client at once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use arc_swap::ArcSwapOption;
use futures_util::future::LocalBoxFuture;
use tokio::sync::Mutex;

use super::ended::Ended;
use super::store::{self, ClientRow};
use crate::auth::{Principal, Rejected, ScopeSet};
use crate::db::{Conn, Pool};
use crate::error::{Error, Result};
use crate::http::middleware::Admission;

struct Snapshot {
    clients: HashMap<String, Bounds>,
    revoked: HashSet<String>,
    ended: Ended,
}

/// What a client's tokens may claim at most.
#[derive(Clone)]
struct Bounds {
    scopes: ScopeSet,
    agency: Option<String>,
    desk: Option<String>,
    units: Option<Vec<String>>,
}

/// The registry of this replica.
#[derive(Clone)]
pub struct Registry {
    db: Pool,
    known: Arc<ArcSwapOption<Snapshot>>,
    /// When it was last begun to be read; held while it is read, so that no older reading takes the place of a newer one.
    read_at: Arc<Mutex<Option<Instant>>>,
}

impl Registry {
    /// A registry that nothing was read into yet.
    pub fn new(db: Pool) -> Self {
        Self {
            db,
            known: Arc::default(),
            read_at: Arc::default(),
        }
    }

    /// Reads clients and revocations anew.
    pub async fn refresh(&self, conn: &mut Conn) -> Result<()> {
        let mut read_at = self.read_at.lock().await;
        *read_at = Some(Instant::now());
        self.read(conn).await
    }

    async fn read(&self, conn: &mut Conn) -> Result<()> {
        let clients = store::all(conn)
            .await?
            .into_iter()
            .filter(|row| row.disabled_at.is_none())
            .map(|row| (row.client_id.clone(), Bounds::from(row)))
            .collect();
        let revoked = store::revoked(conn).await?.into_iter().collect();
        let ended = store::ended(conn).await?.into_iter().collect();
        self.known.store(Some(Arc::new(Snapshot {
            clients,
            revoked,
            ended,
        })));
        Ok(())
    }
}

impl From<ClientRow> for Bounds {
    fn from(row: ClientRow) -> Self {
        let codes: Vec<String> = row.scopes.into_iter().flatten().collect();
        Self {
            scopes: ScopeSet::parse_known(&codes.join(" ")),
            agency: row.agency,
            desk: row.desk,
            units: row.units.map(|units| units.into_iter().flatten().collect()),
        }
    }
}

impl Admission for Registry {
    fn admit(&self, principal: Arc<Principal>) -> std::result::Result<Arc<Principal>, Rejected> {
        let snapshot = self.known.load();
        let Some(snapshot) = snapshot.as_ref() else {
            // Made by the operator: needs no registration, and nothing is revoked that is not known.
            return if principal.command_line {
                Ok(principal)
            } else {
                Err(Rejected::Unavailable)
            };
        };
        // A device that was ended stands in the list by its name, for all of its tokens.
        let ended = principal.device && snapshot.revoked.contains(&principal.sub);
        if ended || snapshot.revoked.contains(&principal.jti) {
            return Err(Rejected::Invalid);
        }
        let who = if principal.command_line {
            principal
        } else {
            let bounds = snapshot.clients.get(&principal.client_id);
            let bounds = bounds.ok_or(Rejected::UnknownClient)?;
            Arc::new(narrowed(&principal, bounds).ok_or(Rejected::Invalid)?)
        };
        // A program is called by its client's name (RFC 9068 §2.2): nobody else's may be the same.
        let program =
            !who.local && who.sub != who.client_id && snapshot.clients.contains_key(&who.sub);
        if program || snapshot.ended.covers(&who) {
            return Err(Rejected::Invalid);
        }
        Ok(who)
    }

    fn learn(&self) -> LocalBoxFuture<'_, bool> {
        Box::pin(async {
            let asked = Instant::now();
            let read = async {
                // First, for whoever holds the lock holds a connection already.
                let mut conn = self.db.get().await?;
                let mut read_at = self.read_at.lock().await;
                // Else somebody read it while this one waited.
                if read_at.is_none_or(|at| at < asked) {
                    *read_at = Some(Instant::now());
                    self.read(&mut conn).await?;
                }
                Ok(true)
            };
            read.await.unwrap_or_else(|error: Error| {
                let fault = error.with_causes();
                tracing::warn!(fault, "the registry could not be read");
                false
            })
        })
    }
}

/// What a token claims within what its client may hold; `None` where it claims to be elsewhere.
fn narrowed(principal: &Principal, bounds: &Bounds) -> Option<Principal> {
    let within = |bound: &Option<String>, claim: &Option<String>| match (bound, claim) {
        (Some(bound), Some(claim)) if bound != claim => None,
        (Some(bound), _) => Some(Some(bound.clone())),
        (None, claim) => Some(claim.clone()),
    };
    let units = match (&bounds.units, &principal.units) {
        (Some(bound), Some(claim)) => Some(
            claim
                .iter()
                .filter(|unit| bound.contains(unit))
                .cloned()
                .collect(),
        ),
        (Some(bound), None) => Some(bound.clone()),
        (None, claim) => claim.clone(),
    };
    Some(Principal {
        scopes: principal.scopes.intersection(bounds.scopes),
        agency: within(&bounds.agency, &principal.agency)?,
        desk: within(&bounds.desk, &principal.desk)?,
        units,
        ..principal.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Scope;

    fn principal(agency: Option<&str>, units: Option<&[&str]>) -> Principal {
        Principal {
            issuer: "i".into(),
            sub: "s".into(),
            client_id: "c".into(),
            jti: "j".into(),
            scopes: [Scope::TipsRead, Scope::Admin].into_iter().collect(),
            agency: agency.map(str::to_owned),
            desk: None,
            units: units.map(|u| u.iter().map(|s| (*s).to_owned()).collect()),
            issued_at: chrono::DateTime::UNIX_EPOCH,
            expires_at: chrono::DateTime::UNIX_EPOCH,
            login: crate::auth::Login::default(),
            local: true,
            command_line: false,
            device: false,
            token_hash: [0; 32],
        }
    }

    #[test]
    fn a_token_only_narrows_what_its_client_may_hold() {
        let bounds = Bounds {
            scopes: [Scope::TipsRead].into_iter().collect(),
            agency: Some("bank_970436".into()),
            desk: None,
            units: Some(vec!["03127".into(), "03334".into()]),
        };
        let plain = narrowed(&principal(None, None), &bounds).unwrap();
        assert!(plain.may(Scope::TipsRead) && !plain.may(Scope::Admin));
        assert_eq!(plain.agency.as_deref(), Some("bank_970436"));
        assert_eq!(plain.units.as_ref().unwrap().len(), 2);
        let some = narrowed(&principal(None, Some(&["03334", "99999"])), &bounds).unwrap();
        assert_eq!(some.units.unwrap(), ["03334"]);
        let of_desk = Bounds {
            agency: None,
            desk: Some("cyber".into()),
            ..bounds.clone()
        };
        let at = |desk: Option<&str>| Principal {
            desk: desk.map(str::to_owned),
            ..principal(None, None)
        };
        for desk in [None, Some("cyber")] {
            let told = narrowed(&at(desk), &of_desk).unwrap();
            assert_eq!(told.desk.as_deref(), Some("cyber"), "{desk:?}");
        }
        assert!(narrowed(&at(Some("duty")), &of_desk).is_none());
        assert!(narrowed(&principal(Some("border_guard"), None), &bounds).is_none());
    }
}
