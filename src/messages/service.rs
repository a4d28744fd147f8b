//! Writing messages and notes.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;

use super::wire::{From, ReceiptMessage, TipMessage, TipNote};
use crate::auth::Principal;
use crate::db::Conn;
use crate::domain::masking::mask_secrets;
use crate::domain::never_asked::asks_for;
use crate::error::{Error, Result};
use crate::journal::{self, Actor};
use crate::tips::messages::{self, MessageRow, NoteRow};
use crate::tips::{self, TipState, Visibility};

/// More messages of one reporter are a flood.
const FROM_REPORTER: i64 = 500;

/// A text that says something, as Postgres can hold it.
fn readable(text: &str) -> Result<String> {
    if text.trim().is_empty() {
        return Err(Error::invalid("/text", "nothing_said", "Write something."));
    }
    Ok(text.replace('\0', "\u{fffd}"))
}

/// What an officer may write to a reporter.
fn sendable(text: &str) -> Result<String> {
    match asks_for(text) {
        Some(forbidden) => Err(Error::invalid(
            "/text",
            forbidden.code(),
            forbidden.detail(),
        )),
        None => readable(text),
    }
}

/// A reporter writes; what a citizen should never send is masked.
pub async fn from_reporter(
    conn: &mut Conn,
    actor: &Actor,
    tip: Uuid,
    text: &str,
    now: DateTime<Utc>,
) -> Result<ReceiptMessage> {
    let mut state = tips::lock_state(conn, tip, &Visibility::all()).await?;
    if messages::count_from_reporter(conn, tip).await? >= FROM_REPORTER {
        return Err(Error::conflict(
            "wrong_state",
            "No more messages can be added to this tip; write a new tip.",
        ));
    }
    let text = mask_secrets(&readable(text)?).text;
    let row = MessageRow::from_reporter(tip, text, now);
    messages::insert_message(conn, &row).await?;
    tips::reopen::written(&mut state, &row.text, now);
    tips::update_state(conn, &state, now).await?;
    changed(conn, actor, &state, "message_received", row.id, now).await?;
    Ok(row.into())
}

/// An officer writes to the reporter.
pub async fn from_officer(
    conn: &mut Conn,
    who: &Principal,
    actor: &Actor,
    tip: Uuid,
    text: &str,
    now: DateTime<Utc>,
) -> Result<TipMessage> {
    let state = tips::find_state(conn, tip, &Visibility::of(who)).await?;
    tips::readable(conn, tip).await?;
    let row = MessageRow::from_officer(tip, &who.sub, sendable(text)?, now);
    messages::insert_message(conn, &row).await?;
    changed(conn, actor, &state, "message_sent", row.id, now).await?;
    Ok(row.into())
}

/// An officer notes something.
pub async fn note(
    conn: &mut Conn,
    who: &Principal,
    actor: &Actor,
    tip: Uuid,
    text: &str,
    now: DateTime<Utc>,
) -> Result<TipNote> {
    let state = tips::find_state(conn, tip, &Visibility::of(who)).await?;
    let row = NoteRow::of_officer(tip, &who.sub, readable(text)?, now);
    messages::insert_note(conn, &row).await?;
    changed(conn, actor, &state, "note_added", row.id, now).await?;
    Ok(row.into())
}

async fn changed(
    conn: &mut Conn,
    actor: &Actor,
    state: &TipState,
    change: &str,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<()> {
    let entry = state
        .event("tip.updated", actor, now)
        .with(json!({"change": change, "id": id, "desk": state.desk}));
    journal::record(conn, &[entry]).await
}

const fn side(from_reporter: bool) -> From {
    if from_reporter {
        From::Reporter
    } else {
        From::Officer
    }
}

impl std::convert::From<MessageRow> for ReceiptMessage {
    fn from(row: MessageRow) -> Self {
        Self {
            id: row.id,
            from: side(row.from_reporter),
            text: row.text,
            created_at: row.created_at,
            read_at: row.read_at,
        }
    }
}

impl std::convert::From<MessageRow> for TipMessage {
    fn from(row: MessageRow) -> Self {
        Self {
            id: row.id,
            from: side(row.from_reporter),
            author: row.author,
            text: row.text,
            created_at: row.created_at,
            read_at: row.read_at,
        }
    }
}

impl std::convert::From<NoteRow> for TipNote {
    fn from(row: NoteRow) -> Self {
        Self {
            id: row.id,
            author: row.author,
            text: row.text,
            created_at: row.created_at,
        }
    }
}
