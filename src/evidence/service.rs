//! Adding files to tips, and serving them.

use actix_web::web;
use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::store::{self, AttachmentRow, CustodyRow};
use super::upload::Stored;
use super::wire::{AttachmentReceived, AttachmentView};
use super::{kind, original, strip};
use crate::auth::Principal;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::idempotency::{self, Claim, Outcome};
use crate::journal::{self, Actor, Entry};
use crate::reveals::{self, Asker};
use crate::state::AppState;
use crate::tips::unread::Sent;
use crate::tips::{self, TipState, Visibility};

/// Files of a tip (contract §3).
const FILES: i64 = 10;

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

/// Gives a stored file to its tip; a file that cannot be given is deleted again, which a bucket may take its time
/// for: no connection is held then.
pub async fn add(
    app: &AppState,
    adder: &Adder<'_>,
    tip: Uuid,
    file: Stored,
    claim: Option<Claim>,
) -> Result<Outcome> {
    let now = app.now();
    let id = file.id;
    let mut conn = app.db.get().await?;
    let outcome = idempotency::once(&mut conn, &app.keys.answers, claim, now, async |conn| {
        let row = give(conn, adder, tip, file, now).await?;
        let answer = idempotency::Answer::json(201, &AttachmentReceived::from(&row))?;
        Ok(answer.at(adder.location.clone()))
    })
    .await;
    drop(conn);
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
    let commitment = hex::encode(file.commitment);
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
    if adder.officer.is_none() {
        tips::unread::note(conn, &state, (Sent::File, row.id), now).await?;
        if tips::reopen::answered(&mut state, now) {
            tips::update_state(conn, &state, now).await?;
        }
    }
    let entry = state.event("tip.updated", adder.actor, now).with(
        json!({"change": "attachment_added", "attachment_id": row.id,
            "media_type": row.media_type, "size": row.size, "commitment": commitment}),
    );
    journal::record(conn, &[entry]).await?;
    Ok(row)
}

pub fn custody(row: &AttachmentRow, act: &str, actor: &Actor, at: DateTime<Utc>) -> CustodyRow {
    CustodyRow {
        id: crate::state::id_at(at),
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

/// A file of a tip as officers get it, written down in the custody log once it is there and before a byte leaves: what
/// is refused was not downloaded.
pub async fn serve(
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    tip: Uuid,
    id: Uuid,
) -> Result<Served> {
    let row = found(app, who, (tip, id)).await?;
    let original = original::intact(app, &row, actor).await?;
    let (media_type, ending) = kind::served(&row.media_type);
    let stored = row.media_type.clone();
    let copy = web::block(move || strip::copy(&stored, original))
        .await
        .map_err(|e| Error::internal("cleaning a file", e))?;
    leaves(
        app,
        who,
        actor,
        &row,
        matches!(copy, strip::Copy::Doubtful(_)),
    )
    .await?;
    Ok(match copy {
        strip::Copy::Clean(bytes) => Served {
            media_type,
            name: format!("{id}.{ending}"),
            metadata_removed: true,
            bytes,
        },
        // It is not shown but only downloaded.
        strip::Copy::Stored(bytes) | strip::Copy::Doubtful(bytes) => Served {
            media_type: kind::UNKNOWN,
            name: format!("{id}.bin"),
            metadata_removed: false,
            bytes,
        },
    })
}

/// Notes that a copy leaves, also that it may still tell who made it. After the reporter was erased no such copy does.
async fn leaves(
    app: &AppState,
    who: &Principal,
    actor: &Actor,
    row: &AttachmentRow,
    is_doubtful: bool,
) -> Result<()> {
    let now = app.now();
    let mut conn = app.db.get().await?;
    crate::db::transaction(&mut conn, async |conn| {
        // It may have been erased, or taken from the officer, while the copy was made.
        let state = tips::find_state(conn, row.tip_id, &Visibility::of(who)).await?;
        store::find(conn, state.tip_id, row.id).await?;
        if is_doubtful && is_erased(conn, &state, row).await? {
            return Err(Error::conflict(
                "metadata_not_removable",
                "The reporter was erased, and no copy of this file can be made of which it is sure that it does \
                 not tell who it was.",
            ));
        }
        note(conn, row, "downloaded", actor, now).await?;
        tips::unread::seen(conn, &[row.id]).await?;
        if is_doubtful {
            note(conn, row, "downloaded_uncleaned", actor, now).await?;
        }
        Ok(())
    })
    .await?;
    if is_doubtful {
        metrics::counter!("evidence_uncleaned_total").increment(1);
    }
    Ok(())
}

/// Whether a file came from a reporter who was erased: it may tell who that was, unless its content shows that it does
/// not. A case keeps who reported.
async fn is_erased(conn: &mut Conn, state: &TipState, row: &AttachmentRow) -> Result<bool> {
    Ok(state.case_id.is_none()
        && row.from_reporter
        && tips::is_anonymised(conn, state.tip_id).await?)
}

/// Writes into the custody log and the journal what is done with a file, in the caller's transaction.
async fn note(
    conn: &mut Conn,
    row: &AttachmentRow,
    act: &str,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<()> {
    store::insert_custody(conn, &custody(row, act, actor, now)).await?;
    let entry = Entry::audit("attachment.read", actor, now)
        .on("tip", row.tip_id)
        .with(json!({"attachment_id": row.id, "act": act}));
    journal::record(conn, &[entry]).await
}

/// Finds a file for an officer.
async fn found(app: &AppState, who: &Principal, (tip, id): (Uuid, Uuid)) -> Result<AttachmentRow> {
    let mut conn = app.db.get().await?;
    let state = tips::find_state(&mut conn, tip, &Visibility::of(who)).await?;
    store::find(&mut conn, state.tip_id, id).await
}

/// Finds a file for an officer and writes into its custody log what is done with it.
/// The connection goes back before the object is read.
pub async fn taken(
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
        note(conn, &row, act, actor, now).await
    })
    .await?;
    Ok(row)
}

/// The original of a file, for an officer who states a purpose.
pub async fn reveal(
    app: &AppState,
    asker: &Asker<'_>,
    tip: Uuid,
    id: Uuid,
) -> Result<reveals::Outcome<(AttachmentRow, bytes::Bytes)>> {
    let is_harmless = is_harmless(app, asker, (tip, id)).await?;
    let mut conn = app.db.get().await?;
    let admitted = crate::db::transaction(&mut conn, async |conn| {
        let state = tips::find_state(conn, tip, &Visibility::of(asker.who)).await?;
        let row = store::find(conn, tip, id).await?;
        if !is_harmless && is_erased(conn, &state, &row).await? {
            return Err(Error::conflict(
                "wrong_state",
                "The reporter was erased, and the original may tell who it was; only a copy without metadata is \
                 left, where one can be made.",
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
            let bytes = original::intact(app, &row, asker.actor).await?;
            reveals::Outcome::Shown((row, bytes))
        }
    })
}

/// Whether a file that came from a reporter who was erased tells nothing of that one: its copy is the file itself, as
/// of a text or of an app. Only then is it opened, and no connection is held meanwhile.
async fn is_harmless(app: &AppState, asker: &Asker<'_>, file: (Uuid, Uuid)) -> Result<bool> {
    let mut conn = app.db.get().await?;
    let state = tips::find_state(&mut conn, file.0, &Visibility::of(asker.who)).await?;
    let row = store::find(&mut conn, state.tip_id, file.1).await?;
    let matters = is_erased(&mut conn, &state, &row).await?;
    drop(conn);
    if !matters {
        return Ok(false);
    }
    let key = original::key(&app.keys.identity, &row)?;
    let original::Original::Intact(bytes) = original::find(&app.storage, &row, key).await? else {
        return Ok(false);
    };
    web::block(move || {
        let copy = strip::copy(&row.media_type, bytes);
        matches!(copy, strip::Copy::Stored(_))
    })
    .await
    .map_err(|e| Error::internal("looking into a file", e))
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
