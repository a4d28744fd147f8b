//! Certificates for the case file: what the store holds of a file, and who had it in hand, each compared with what
//! the journal says, which cannot be rewritten unseen.

use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

use super::original::{self, Original};
use super::service::taken;
use super::store::{self, CustodyRow};
use super::wire::{Certificate, CustodyDifference, CustodyItem, Missing};
use crate::auth::Principal;
use crate::error::{Error, Result};
use crate::journal::{self, Actor, Told};
use crate::state::AppState;

/// Media type of a certificate's signature.
const CERTIFICATE: &str = "evidence-certificate+jwt";
/// Entries that the journal has of what happens to files.
const TOLD: &[&str] = &[
    "tip.updated",
    "attachment.read",
    "attachment.revealed",
    "attachment.damaged",
];
/// A reveal is written down at two moments of one transaction.
const NEAR: TimeDelta = TimeDelta::seconds(10);

/// Certifies a file for the case file.
pub async fn certify(
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    tip: Uuid,
    id: Uuid,
) -> Result<Certificate> {
    let row = taken(app, who, actor, (tip, id), "certified").await?;
    let key = original::key(&app.keys.identity, &row)?;
    let commitment = |hash: &[u8]| hex::encode(key.commit(hash));
    let recorded = commitment(&row.sha256);
    let found = original::find(&app.storage, &row, key.clone()).await?;
    let mut conn = app.db.get().await?;
    original::note(&mut conn, app, &row, &found, actor).await?;
    let log = store::custody(&mut conn, id).await?;
    let told = journal::told(&mut conn, tip, TOLD).await?;
    drop(conn);
    let committed = told
        .iter()
        .find(|told| act(told, id) == Some("received"))
        .and_then(|told| told.data.get("commitment")?.as_str());
    let (intact, stored) = match found {
        Original::Intact(_) => (true, Some(row.sha256.clone())),
        Original::Other(hash) => (false, Some(hash)),
        Original::Closed | Original::Missing => (false, None),
    };
    let sha256_attested = committed.map(|committed| committed == recorded);
    let differences = differences(&log, &told, id);
    let mut certificate = Certificate {
        attachment_id: id,
        tip_id: tip,
        media_type: row.media_type,
        size: row.size,
        sha256: hex::encode(&row.sha256),
        sha256_attested,
        stored_sha256_attested: stored
            .as_ref()
            .and_then(|hash| committed.map(|committed| committed == commitment(hash))),
        stored_sha256: stored.map(hex::encode),
        intact: intact && sha256_attested != Some(false),
        received_at: row.received_at,
        received_from: if row.from_reporter {
            "reporter"
        } else {
            "officer"
        },
        custody: log.into_iter().map(CustodyItem::from).collect(),
        custody_intact: differences.is_empty(),
        custody_differences: differences,
        issued_at: app.now(),
        issued_to: who.sub.clone(),
        signature: String::new(),
    };
    let mut claims = json!(certificate);
    if let Some(claims) = claims.as_object_mut() {
        claims.remove("signature");
        claims.insert("iss".to_owned(), json!(app.settings.issuer));
    }
    certificate.signature = app
        .signer
        .sign_jws(&claims, CERTIFICATE)
        .map_err(|e| Error::internal("signing a certificate", e))?;
    Ok(certificate)
}

/// What an entry of the journal says was done with a file; none where it is about another thing.
fn act(told: &Told, file: Uuid) -> Option<&str> {
    let text = |name: &str| told.data.get(name).and_then(serde_json::Value::as_str);
    let file = file.to_string();
    let is = |name: &str| text(name) == Some(file.as_str());
    match told.kind.as_str() {
        "tip.updated" => (is("attachment_id") && text("change") == Some("attachment_added"))
            .then_some("received"),
        "attachment.revealed" => is("object_id").then_some("original_revealed"),
        _ => text("act").filter(|_| is("attachment_id")),
    }
}

/// Where the log of custody and the journal say different things.
fn differences(log: &[CustodyRow], told: &[Told], file: Uuid) -> Vec<CustodyDifference> {
    let mut left: Vec<(&str, &Told)> = told
        .iter()
        .filter_map(|told| Some((act(told, file)?, told)))
        .collect();
    let mut found = Vec::new();
    for row in log {
        let same = left.iter().position(|(act, told)| {
            let near = if row.act == "original_revealed" {
                NEAR
            } else {
                TimeDelta::zero()
            };
            *act == row.act
                && told.actor == row.actor
                && told.request_id == row.request_id
                && (told.at - row.at).abs() <= near
        });
        match same {
            Some(place) => drop(left.swap_remove(place)),
            None => found.push(CustodyDifference {
                missing_in: Missing::Journal,
                at: row.at,
                act: row.act.clone(),
                actor: row.actor.clone(),
            }),
        }
    }
    found.extend(left.into_iter().map(|(act, told)| CustodyDifference {
        missing_in: Missing::Custody,
        at: told.at,
        act: act.to_owned(),
        actor: told.actor.clone(),
    }));
    found.sort_by_key(|difference| difference.at);
    found
}
