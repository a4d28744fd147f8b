//! Taking files piece by piece, and making them whole.
//!
//! A piece is an object of its own, sealed like a file; it counts once its row is committed. The whole
//! file takes their place in one transaction. A process that is killed leaves at most objects without a
//! row, which the sweep deletes, or all pieces and no file, which the next look at the upload makes.

use std::cell::Cell;

use actix_web::web;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt, TryFutureExt, stream};
use serde_json::json;
use uuid::Uuid;

use super::store::{self, PartRow, UploadRow};
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::evidence::original;
use crate::evidence::service::{self, Adder};
use crate::evidence::upload::{self, Broken, Stored};
use crate::http::pace::Pace;
use crate::http::{Answer, Problem};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;
use crate::tips::{self, Visibility};

/// How long a file may take to come.
const LIVES: TimeDelta = TimeDelta::hours(24);
/// Uploads ended in one round.
const ROUND: i64 = 500;

/// Announces a file, in the caller's transaction: those who begin at the same time are counted one after another.
pub async fn begin(
    conn: &mut Conn,
    (tip, visible): (Uuid, &Visibility),
    added_by: Option<String>,
    length: usize,
    now: DateTime<Utc>,
) -> Result<UploadRow> {
    tips::lock_state(conn, tip, visible).await?;
    let coming = store::coming(conn, tip, now).await?;
    service::room_for(conn, tip, coming + 1).await?;
    let row = UploadRow {
        id: crate::state::id_at(now),
        tip_id: tip,
        added_by,
        length: i64::try_from(length).unwrap_or(i64::MAX),
        received: 0,
        attachment_id: None,
        created_at: now,
        expires_at: now + LIVES,
    };
    store::insert(conn, &row).await?;
    Ok(row)
}

/// Takes a piece that begins at `offset`; what a broken connection has brought counts too.
pub async fn take(
    app: &AppState,
    adder: &Adder<'_>,
    mut row: UploadRow,
    offset: i64,
    piece: actix_web::web::Payload,
) -> Answer<UploadRow> {
    if offset != row.received {
        return Err(Error::conflict(
            "wrong_state",
            format!("{} bytes are here: go on from there.", row.received),
        )
        .into());
    }
    let room = usize::try_from(row.length - row.received).unwrap_or(0);
    let mut pace = Pace::begin();
    let sealed = upload::seal(app, app.new_id(), piece, &mut pace, (room, Broken::Kept)).await?;
    if let Some(stored) = sealed {
        let part = PartRow {
            id: stored.id,
            upload_id: row.id,
            start: row.received,
            size: i64::try_from(stored.size).unwrap_or(i64::MAX),
            key_id: stored.wrapped.key_id,
            wrapped_key: stored.wrapped.bytes,
        };
        let mut conn = app.db.get().await?;
        let added = db::transaction(&mut conn, async |conn| store::add_part(conn, &part).await);
        if !added.await? {
            app.storage.delete(part.id).await?;
            let detail = "Another piece came at the same time: ask how far the upload is.";
            return Err(Problem::new("wrong_state", detail));
        }
        row.received += part.size;
    }
    finish(app, adder, &mut row).await?;
    Ok(row)
}

/// Makes a file of the pieces, once all are here and it is not made yet.
pub async fn finish(app: &AppState, adder: &Adder<'_>, row: &mut UploadRow) -> Answer<()> {
    if row.received < row.length || row.attachment_id.is_some() {
        return Ok(());
    }
    let mut conn = app.db.get().await?;
    let parts = store::parts(&mut conn, row.id).await?;
    drop(conn);
    // Whoever seals only hears that the bytes broke off.
    let fault = Cell::new(None);
    let fault_in = |error| fault.set(Some(error));
    let pieces = stream::iter(parts).then(|part| opened(app, part).map_err(fault_in));
    let limits = (upload::FILE_LIMIT, Broken::Refused);
    let id = app.new_id();
    let sealed = upload::seal(app, id, Box::pin(pieces), &mut Pace::begin(), limits).await;
    match fault.take() {
        Some(Fault::Damaged(part)) => return Err(give_up(app, adder, row, part).await?.into()),
        Some(Fault::Other(error)) => return Err(error.into()),
        None => {}
    }
    if let Some(whole) = sealed? {
        attach(app, adder, row, whole).await?;
    }
    Ok(())
}

/// Why a piece cannot be read.
enum Fault {
    /// The store holds it no longer, or other bytes.
    Damaged(Uuid),
    Other(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

async fn opened(app: &AppState, part: PartRow) -> Result<bytes::Bytes, Fault> {
    let id = part.id;
    let key = original::unwrap(&app.keys.identity, id, part.key_id, part.wrapped_key)?;
    let sealed = app.storage.find(id).await?.ok_or(Fault::Damaged(id))?;
    // A piece may be the whole file: too long for a thread that serves others.
    let piece = web::block(move || key.open_stream(id.as_bytes(), &sealed)).await;
    let piece = piece.map_err(|e| Error::internal("opening a piece of a file", e))?;
    Ok(piece.map_err(|_closed| Fault::Damaged(id))?.into())
}

/// Ends an upload of which a piece is lost or altered: its sender begins anew, and the journal says so.
async fn give_up(app: &AppState, adder: &Adder<'_>, row: &UploadRow, part: Uuid) -> Result<Error> {
    let mut conn = app.db.get().await?;
    let entry = Entry::audit("upload.damaged", adder.actor, app.now())
        .on("tip", row.tip_id)
        .with(json!({"upload_id": row.id}));
    journal::record(&mut conn, &[entry]).await?;
    let objects = forget(&mut conn, row.id).await?;
    drop(conn);
    crate::evidence::delete_objects(&app.storage, &objects).await;
    metrics::counter!("evidence_damaged_total", "act" => "piece").increment(1);
    tracing::error!(upload_id = %row.id, tip_id = %row.tip_id, part_id = %part, "a piece of a file is damaged");
    Ok(Error::conflict(
        "evidence_altered",
        "A piece of this file was lost or altered here, and the upload has ended: send the file anew.",
    ))
}

/// Gives the whole file to the tip and forgets the pieces, in one transaction: of two that finish at the
/// same time one finds no pieces any more.
async fn attach(
    app: &AppState,
    adder: &Adder<'_>,
    row: &mut UploadRow,
    whole: Stored,
) -> Answer<()> {
    let (id, now) = (whole.id, app.now());
    let mut conn = app.db.get().await?;
    let given = db::transaction(&mut conn, async |conn| {
        let objects = store::delete_parts(conn, row.id).await?;
        if !objects.is_empty() {
            service::give(conn, adder, row.tip_id, whole, now).await?;
            store::set_attachment(conn, row.id, id).await?;
        }
        Ok::<_, Error>(objects)
    })
    .await;
    // A bucket may take its time.
    drop(conn);
    match given {
        Ok(objects) if !objects.is_empty() => {
            row.attachment_id = Some(id);
            crate::evidence::delete_objects(&app.storage, &objects).await;
        }
        // It may have been committed although the answer was lost: the sweep finds out.
        Err(error @ (Error::Unavailable { .. } | Error::Internal { .. })) => {
            return Err(error.into());
        }
        other => {
            app.storage.delete(id).await?;
            other?;
        }
    }
    Ok(())
}

/// Gives an upload up. No connection is held while its objects are deleted.
pub async fn end(app: &AppState, actor: &Actor, row: &UploadRow) -> Result<()> {
    let mut conn = app.db.get().await?;
    let objects = give_back(&mut conn, row, ("upload.ended", actor), app.now()).await?;
    drop(conn);
    crate::evidence::delete_objects(&app.storage, &objects).await;
    Ok(())
}

/// Deletes the rows of an upload, and notes that a file never became whole; returns the objects of its pieces.
async fn give_back(
    conn: &mut Conn,
    row: &UploadRow,
    (act, actor): (&'static str, &Actor),
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>> {
    db::transaction(conn, async |conn| {
        let objects = store::delete_parts(conn, row.id).await?;
        // As it is now: of two who give it up one does, and a file that became whole meanwhile stays.
        let gone = store::delete(conn, row.id).await?;
        if let Some(gone) = gone.filter(|gone| gone.attachment_id.is_none()) {
            let data =
                json!({"upload_id": gone.id, "length": gone.length, "received": gone.received});
            let entry = Entry::audit(act, actor, now);
            journal::record(conn, &[entry.on("tip", gone.tip_id).with(data)]).await?;
        }
        Ok(objects)
    })
    .await
}

/// Deletes the rows of an upload; returns the objects of its pieces.
async fn forget(conn: &mut Conn, id: Uuid) -> Result<Vec<Uuid>> {
    db::transaction(conn, async |conn| {
        let objects = store::delete_parts(conn, id).await?;
        store::delete(conn, id).await?;
        Ok(objects)
    })
    .await
}

/// Ends the uploads whose time is over; returns how many.
pub async fn expire(conn: &mut Conn, app: &AppState, now: DateTime<Utc>) -> Result<usize> {
    let over = store::expired(conn, now, ROUND).await?;
    let actor = Actor::system();
    for row in &over {
        let objects = give_back(conn, row, ("upload.expired", &actor), now).await?;
        crate::evidence::delete_objects(&app.storage, &objects).await;
    }
    Ok(over.len())
}
