//! Which indicators may be named in public: confirmed by two officers, or official.

use std::collections::HashMap;

use uuid::Uuid;

use super::store::{self, PublicRow};
use crate::db::Conn;
use crate::domain::indicator::{self, Indicator, Kind};
use crate::error::Result;
use crate::reference::Reference;

/// An indicator that somebody wants to name.
pub struct Named {
    /// Its id.
    pub id: Uuid,
    /// Kind.
    pub kind: String,
    /// Canonical value.
    pub value: String,
    /// A form for people.
    pub display: String,
    /// `confirmed_scam` or `official`; `None` where it may not be named.
    pub verdict: Option<&'static str>,
}

/// The indicators with these ids that exist, and whether each may be named.
pub async fn named(conn: &mut Conn, reference: &Reference, ids: &[Uuid]) -> Result<Vec<Named>> {
    let rows = store::rows_of(conn, ids).await?;
    let keys: Vec<Vec<u8>> = rows.iter().map(|row| row.key.clone()).collect();
    let public = public_by_key(conn, &keys).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let host = row.attributes.get("host").and_then(|host| host.as_str());
            let verdict = if reference.is_official(&row.kind, &row.value, host) {
                Some("official")
            } else {
                public.get(&row.key).and_then(verdict)
            };
            Named {
                verdict,
                id: row.id,
                kind: row.kind,
                value: row.value,
                display: row.display,
            }
        })
        .collect())
}

/// Whether each of what was found in a text may be named there; a link also where its whole host is
/// confirmed.
pub async fn may_be_named(
    conn: &mut Conn,
    reference: &Reference,
    found: &[Indicator],
) -> Result<Vec<bool>> {
    let keys_of = |indicator: &Indicator| -> Vec<Vec<u8>> {
        let host = host(indicator).map(|host| format!("{host}/"));
        std::iter::once(indicator.key().to_vec())
            .chain(host.map(|host| indicator::key(Kind::Url, &host).to_vec()))
            .collect()
    };
    let keys: Vec<Vec<u8>> = found.iter().flat_map(keys_of).collect();
    let public = public_by_key(conn, &keys).await?;
    Ok(found
        .iter()
        .map(|indicator| {
            reference.is_official(indicator.kind.as_str(), &indicator.value, host(indicator))
                || keys_of(indicator)
                    .iter()
                    .any(|key| public.get(key).and_then(verdict).is_some())
        })
        .collect())
}

fn host(indicator: &Indicator) -> Option<&str> {
    indicator.attributes.get("host")?.as_str()
}

fn verdict(row: &PublicRow) -> Option<&'static str> {
    ["confirmed_scam", "official"]
        .into_iter()
        .find(|verdict| row.verdict.as_deref() == Some(verdict))
}

async fn public_by_key(conn: &mut Conn, keys: &[Vec<u8>]) -> Result<HashMap<Vec<u8>, PublicRow>> {
    let rows = store::public_rows(conn, keys).await?;
    Ok(rows.into_iter().map(|row| (row.key.clone(), row)).collect())
}
