//! Taking files piece by piece, and making them whole.
//!
//! A piece is an object of its own, sealed like a file; it counts once its row is committed. The whole
//! file takes their place in one transaction. A process that is killed leaves at most objects without a
//! row, which the sweep deletes, or all pieces and no file, which the next look at the upload makes.

use actix_web::web;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt, stream};
use uuid::Uuid;

use super::store::{self, PartRow, UploadRow};
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::evidence::service::{self, Adder};
use crate::evidence::upload::{self, Broken, Stored};
use crate::http::pace::Pace;
use crate::http::{Answer, Problem};
use crate::keys::{DataKey, Wrapped};
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
        id: Uuid::now_v7(),
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
    let sealed = upload::seal(app, Uuid::now_v7(), piece, &mut pace, (room, Broken::Kept)).await?;
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
    let pieces = stream::iter(parts).then(|part| opened(app, part));
    let limits = (upload::FILE_LIMIT, Broken::Refused);
    let id = Uuid::now_v7();
    let sealed = upload::seal(app, id, Box::pin(pieces), &mut Pace::begin(), limits).await?;
    if let Some(whole) = sealed {
        attach(app, adder, row, whole).await?;
    }
    Ok(())
}

async fn opened(app: &AppState, part: PartRow) -> Result<bytes::Bytes> {
    let failed = |e| Error::internal("opening a piece of a file", e);
    let wrapped = Wrapped {
        key_id: part.key_id,
        bytes: part.wrapped_key,
    };
    let owner = *part.id.as_bytes();
    let key = DataKey::unwrap(&app.keys.identity, &owner, &wrapped).map_err(failed)?;
    let sealed = app.storage.read(part.id).await?;
    // A piece may be the whole file: too long for a thread that serves others.
    let piece = web::block(move || key.open_stream(&owner, &sealed)).await;
    let piece = piece.map_err(|e| Error::internal("opening a piece of a file", e))?;
    Ok(piece.map_err(failed)?.into())
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

/// Gives an upload up.
pub async fn end(conn: &mut Conn, app: &AppState, id: Uuid) -> Result<()> {
    let objects = db::transaction(conn, async |conn| {
        let objects = store::delete_parts(conn, id).await?;
        store::delete(conn, id).await?;
        Ok::<_, Error>(objects)
    })
    .await?;
    crate::evidence::delete_objects(&app.storage, &objects).await;
    Ok(())
}

/// Ends the uploads whose time is over; returns how many.
pub async fn expire(conn: &mut Conn, app: &AppState, now: DateTime<Utc>) -> Result<usize> {
    let over = store::expired(conn, now, ROUND).await?;
    for id in &over {
        end(conn, app, *id).await?;
    }
    Ok(over.len())
}
