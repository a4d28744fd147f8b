//! Adding files to tips, serving them, certifying them, and sweeping what belongs to no tip.

use std::pin::pin;

use actix_web::web;
use chrono::{DateTime, Utc};
use futures_util::{StreamExt, TryStreamExt};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::store::{self, AttachmentRow, CustodyRow};
use super::upload::Stored;
use super::wire::{AttachmentReceived, AttachmentView, Certificate, CustodyItem};
use super::{kind, strip};
use crate::auth::Principal;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::idempotency::{self, Claim, Outcome};
use crate::journal::{self, Actor, Entry};
use crate::keys::{DataKey, SealError, Wrapped};
use crate::reveals::{self, Asker};
use crate::state::AppState;
use crate::tips::{self, Visibility};

/// Files of a tip (contract §3).
const FILES: i64 = 10;
/// An object without a row is swept after this: no upload takes so long.
const ORPHAN_HOURS: i64 = 24;
/// Objects looked up at a time.
const LISTED: usize = 1_000;
/// Media type of a certificate's signature.
const CERTIFICATE: &str = "evidence-certificate+jwt";

/// Who adds a file.
pub struct Adder<'a> {
    /// What the bearer may see.
    pub visible: Visibility,
    /// The officer; none for the reporter.
    pub officer: Option<&'a Principal>,
    pub actor: &'a Actor,
    /// Path of the tip's files, for `Location`.
    pub location: String,
}

/// 422 where a tip has its ten files.
pub async fn room(conn: &mut Conn, tip: Uuid) -> Result<()> {
    room_for(conn, tip, 1).await
}

/// 422 where a tip has no room for so many more files.
pub async fn room_for(conn: &mut Conn, tip: Uuid, more: i64) -> Result<()> {
    if store::count(conn, tip).await? + more > FILES {
        return Err(Error::invalid(
            "/file",
            "too_many",
            format!("A tip holds at most {FILES} files."),
        ));
    }
    Ok(())
}

/// Gives a stored file to its tip; a file that cannot be given is deleted again.
pub async fn add(
    conn: &mut Conn,
    app: &AppState,
    adder: &Adder<'_>,
    tip: Uuid,
    file: Stored,
    claim: Option<Claim>,
) -> Result<Outcome> {
    let now = app.now();
    let id = file.id;
    let outcome = idempotency::once(conn, &app.keys.answers, claim, now, async |conn| {
        let row = give(conn, adder, tip, file, now).await?;
        let answer = idempotency::Answer::json(201, &AttachmentReceived::from(&row))?;
        Ok(answer.at(adder.location.clone()))
    })
    .await;
    match &outcome {
        Ok(outcome) if !outcome.replayed => {}
        // It may have been committed although the answer was lost: the sweep finds out.
        Err(Error::Unavailable { .. } | Error::Internal { .. }) => {}
        _ => app.storage.delete(id).await?,
    }
    outcome
}

/// Writes the rows of a file that is stored, in the caller's transaction.
pub async fn give(
    conn: &mut Conn,
    adder: &Adder<'_>,
    tip: Uuid,
    file: Stored,
    now: DateTime<Utc>,
) -> Result<AttachmentRow> {
    let mut state = tips::lock_state(conn, tip, &adder.visible).await?;
    room(conn, tip).await?;
    let row = AttachmentRow {
        id: file.id,
        tip_id: tip,
        from_reporter: adder.officer.is_none(),
        added_by: adder.officer.map(|who| who.sub.clone()),
        received_at: now,
        media_type: file.media_type.to_owned(),
        size: i64::try_from(file.size).unwrap_or(i64::MAX),
        sha256: file.sha256.to_vec(),
        key_id: file.wrapped.key_id,
        wrapped_key: file.wrapped.bytes,
    };
    store::insert(conn, &row).await?;
    store::insert_custody(conn, &custody(&row, "received", adder.actor, now)).await?;
    if adder.officer.is_none() && tips::reopen::answered(&mut state, now) {
        tips::update_state(conn, &state, now).await?;
    }
    let entry = state.event("tip.updated", adder.actor, now).with(
        json!({"change": "attachment_added", "attachment_id": row.id,
            "media_type": row.media_type, "size": row.size}),
    );
    journal::record(conn, &[entry]).await?;
    Ok(row)
}

fn custody(row: &AttachmentRow, act: &str, actor: &Actor, at: DateTime<Utc>) -> CustodyRow {
    CustodyRow {
        id: Uuid::now_v7(),
        attachment_id: row.id,
        at,
        act: act.to_owned(),
        actor: actor.name.clone(),
        request_id: actor.request_id.clone(),
    }
}

/// A file as it is served.
pub struct Served {
    pub media_type: &'static str,
    pub name: String,
    pub metadata_removed: bool,
    pub bytes: bytes::Bytes,
}

/// A file of a tip as officers get it, written down in the custody log before a byte leaves.
pub async fn serve(
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    tip: Uuid,
    id: Uuid,
) -> Result<Served> {
    let row = taken(app, who, actor, (tip, id), "downloaded").await?;
    let original = intact(app, &row).await?;
    let (media_type, ending) = kind::served(&row.media_type);
    let stored = row.media_type.clone();
    let (original, clean, harmless) = web::block(move || {
        let clean = strip::metadata(&stored, original.clone());
        let harmless = clean.is_none() && strip::is_harmless(&stored);
        (original, clean, harmless)
    })
    .await
    .map_err(|e| Error::internal("cleaning a file", e))?;
    match clean {
        Some(clean) => Ok(Served {
            media_type,
            name: format!("{id}.{ending}"),
            metadata_removed: true,
            bytes: clean,
        }),
        // It is not shown but only downloaded.
        None if harmless => Ok(Served {
            media_type: kind::UNKNOWN,
            name: format!("{id}.bin"),
            metadata_removed: false,
            bytes: original,
        }),
        None => Err(Error::conflict(
            "metadata_not_removable",
            "No copy without location and device metadata can be made of this file; its original is \
             shown by POST …/reveal, with a purpose.",
        )),
    }
}

/// Finds a file for an officer and writes into its custody log what is done with it.
/// The connection goes back before the object is read.
async fn taken(
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    (tip, id): (Uuid, Uuid),
    act: &str,
) -> Result<AttachmentRow> {
    let now = app.now();
    let mut conn = app.db.get().await?;
    let state = tips::find_state(&mut conn, tip, &Visibility::of(who)).await?;
    let row = store::find(&mut conn, state.tip_id, id).await?;
    crate::db::transaction(&mut conn, async |conn| {
        store::insert_custody(conn, &custody(&row, act, actor, now)).await?;
        let entry = Entry::audit("attachment.read", actor, now)
            .on("tip", tip)
            .with(json!({"attachment_id": id, "act": act}));
        journal::record(conn, &[entry]).await
    })
    .await?;
    Ok(row)
}

/// What the store holds of a file.
enum Original {
    /// It has the hash that it came with.
    Intact(bytes::Bytes),
    /// It is not what came, and why.
    Altered(&'static str),
}

/// The original. That it could not be looked at, for want of a key or of the store, says nothing about it.
async fn original(app: &AppState, row: &AttachmentRow) -> Result<Original> {
    let failed = |e: SealError| Error::internal("opening a file", e);
    let owner = *row.id.as_bytes();
    let wrapped = Wrapped {
        key_id: row.key_id.clone(),
        bytes: row.wrapped_key.clone(),
    };
    let key = DataKey::unwrap(&app.keys.identity, &owner, &wrapped).map_err(failed)?;
    let Some(sealed) = app.storage.find(row.id).await? else {
        return Ok(Original::Altered("it is not in the store"));
    };
    let sha256 = row.sha256.clone();
    // 20 MiB are opened and hashed: too long for a thread that serves others.
    web::block(move || match key.open_stream(&owner, &sealed) {
        Ok(original) if hash(&original) == sha256 => Original::Intact(original.into()),
        Ok(_) => Original::Altered("its hash is not the one it came with"),
        Err(_) => Original::Altered("it does not open under its key"),
    })
    .await
    .map_err(|e| Error::internal("opening a file", e))
}

/// The original, once its hash is the one it came with.
async fn intact(app: &AppState, row: &AttachmentRow) -> Result<bytes::Bytes> {
    match original(app, row).await? {
        Original::Intact(bytes) => Ok(bytes),
        Original::Altered(why) => Err(Error::internal("serving a file", why)),
    }
}

/// Whether the metadata of a file may tell where and with what a reporter made it. Of an app or an archive there
/// is no copy without it, and it is the scammer's.
fn tells_who(row: &AttachmentRow) -> bool {
    row.from_reporter && kind::is_previewed(&row.media_type)
}

/// The original of a file, for an officer who states a purpose.
pub async fn reveal(
    app: &AppState,
    asker: &Asker<'_>,
    tip: Uuid,
    id: Uuid,
) -> Result<reveals::Outcome<(AttachmentRow, bytes::Bytes)>> {
    let mut conn = app.db.get().await?;
    let admitted = crate::db::transaction(&mut conn, async |conn| {
        let state = tips::find_state(conn, tip, &Visibility::of(asker.who)).await?;
        let row = store::find(conn, tip, id).await?;
        if state.case_id.is_none() && tells_who(&row) && tips::is_anonymised(conn, tip).await? {
            return Err(Error::conflict(
                "wrong_state",
                "The reporter was erased, and the original may tell who it was; only the copy without \
                 metadata is left.",
            ));
        }
        let subject = (reveals::Subject::Attachment, Some(id));
        let outcome = reveals::sealed(conn, app, asker, tip, subject).await?;
        if matches!(outcome, reveals::Outcome::Shown(_)) {
            let entry = custody(&row, "original_revealed", asker.actor, app.now());
            store::insert_custody(conn, &entry).await?;
        }
        Ok((row, outcome))
    })
    .await?;
    drop(conn);
    Ok(match admitted {
        (_, reveals::Outcome::Waits(view)) => reveals::Outcome::Waits(view),
        (row, reveals::Outcome::Shown(_)) => {
            let bytes = intact(app, &row).await?;
            reveals::Outcome::Shown((row, bytes))
        }
    })
}

fn hash(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

/// Certifies a file for the case file.
pub async fn certify(
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    tip: Uuid,
    id: Uuid,
) -> Result<Certificate> {
    let row = taken(app, who, actor, (tip, id), "certified").await?;
    let intact = matches!(original(app, &row).await?, Original::Intact(_));
    let mut conn = app.db.get().await?;
    let log = store::custody(&mut conn, id).await?;
    let mut certificate = Certificate {
        attachment_id: id,
        tip_id: tip,
        media_type: row.media_type,
        size: row.size,
        sha256: hex::encode(&row.sha256),
        intact,
        received_at: row.received_at,
        received_from: if row.from_reporter {
            "reporter"
        } else {
            "officer"
        },
        custody: log.into_iter().map(CustodyItem::from).collect(),
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

/// A file as officers see it.
pub fn view(row: AttachmentRow) -> AttachmentView {
    AttachmentView {
        id: row.id,
        size: row.size,
        sha256: hex::encode(&row.sha256),
        received_at: row.received_at,
        added_by: row.added_by,
        preview: kind::is_previewed(&row.media_type),
        metadata_removable: strip::removable(&row.media_type),
        media_type: row.media_type,
    }
}

/// Deletes objects that belong to no tip: of uploads that a crash cut off, of tips that are gone. Ends
/// uploads in pieces whose time is over.
/// Objects whose id is younger than a day are left alone: their row may be on its way. Parts of an object
/// that was never finished are swept in a folder; in a bucket its own rule ends them.
pub async fn sweep(conn: &mut Conn, app: &AppState, now: DateTime<Utc>) -> Result<usize> {
    super::resumable::expire(conn, app, now).await?;
    let before = (now - chrono::Duration::hours(ORPHAN_HOURS)).timestamp();
    let is_old = |id: &Uuid| {
        let made = id.get_timestamp().map(|at| at.to_unix().0);
        made.and_then(|at| i64::try_from(at).ok())
            .is_some_and(|at| at < before)
    };
    let mut swept = 0;
    let mut listed = pin!(app.storage.ids().try_chunks(LISTED));
    while let Some(some) = listed.next().await {
        let mut some = some.map_err(|e| e.1)?;
        some.retain(is_old);
        let known = store::known(conn, &some).await?;
        for id in some.iter().filter(|id| !known.contains(id)) {
            match app.storage.delete(*id).await {
                Ok(()) => swept += 1,
                Err(error) => tracing::warn!(fault = error.with_causes(), "an object stays"),
            }
        }
    }
    let storage = app.storage.clone();
    let day = std::time::Duration::from_secs(24 * 3_600);
    swept += tokio::task::spawn_blocking(move || storage.remove_unfinished(day))
        .await
        .map_err(|e| Error::internal("sweeping the evidence folder", e))??;
    if swept > 0 {
        tracing::info!(swept, "objects that belonged to no tip were deleted");
    }
    Ok(swept)
}
