//! Endpoints of messages and notes.

use actix_web::{HttpResponse, web};
use uuid::Uuid;

use super::service;
use super::wire::{ReceiptMessage, TipMessage, TipNote, WriteText};
use crate::http::idempotency::request_hash;
use crate::http::middleware::Gate;
use crate::http::page::{Listing, NoFilters};
use crate::http::{
    Answer, Api, Body, Caller, CitizenBody, IdempotencyKey, ItemPage, Meta, Path, Reporter, scope,
};
use crate::idempotency::{self, Claim};
use crate::journal::{self, Actor, Entry};
use crate::receipts;
use crate::state::AppState;
use crate::tips::{self, Visibility, messages};

pub fn api() -> Api {
    crate::handlers![
        list_receipt_messages,
        send_receipt_message,
        list_tip_messages,
        send_tip_message,
        list_tip_notes,
        add_tip_note
    ]
}

/// List the messages about one's tip, newest first.
///
/// Reading marks what officers wrote as read.
#[utoipa::path(get, path = "/v1/receipt/messages", tag = "receipt",
    responses((status = 200, description = "One page", body = ItemPage<ReceiptMessage>)))]
async fn list_receipt_messages(
    reporter: Reporter,
    app: web::Data<AppState>,
    gate: web::Data<Gate>,
    meta: Meta,
    listing: Listing<NoFilters>,
) -> Answer<ItemPage<ReceiptMessage>> {
    let mut conn = app.db.get().await?;
    let opened = receipts::open(&mut conn, &app, &gate, &reporter, &meta).await?;
    let now = app.now();
    let before = listing.page.after::<Uuid>()?;
    let rows = messages::page(&mut conn, opened.tip_id, before, listing.page.limit).await?;
    let actor = Actor::reporter(&meta.request_id);
    let page = listing.page.page(rows, |row| row.id);
    // What the next page holds is not read yet.
    let shown: Vec<Uuid> = page.items.iter().map(|row| row.id).collect();
    let look = gate.limits.look("messages", opened.tip_id.as_bytes(), now);
    crate::db::transaction(&mut conn, async |conn| {
        // HEAD shows nothing (RFC 9110 §9.2.1).
        let told = meta.method != "HEAD" && messages::mark_read(conn, &shown, false, now).await?;
        if !told && look.is_none() {
            return Ok(());
        }
        let entry = Entry::audit("messages.read", &actor, now).on("tip", opened.tip_id);
        journal::record(conn, &[entry]).await
    })
    .await?;
    if let Some(look) = look {
        look.noted();
    }
    Ok(page.map(ReceiptMessage::from))
}

/// Write to the officers, without identity.
///
/// A character U+0000 is replaced by U+FFFD.
#[utoipa::path(post, path = "/v1/receipt/messages", tag = "receipt", request_body = WriteText,
    responses((status = 201, description = "Kept for the officers", body = ReceiptMessage,
        headers(("Location" = String, description = "The list of messages")))))]
async fn send_receipt_message(
    reporter: Reporter,
    app: web::Data<AppState>,
    gate: web::Data<Gate>,
    meta: Meta,
    key: IdempotencyKey,
    body: CitizenBody<WriteText>,
) -> Answer<HttpResponse> {
    let mut conn = app.db.get().await?;
    let opened = receipts::open(&mut conn, &app, &gate, &reporter, &meta).await?;
    let hash = request_hash(&meta.method, &meta.path, &body.raw);
    let claim = key
        .0
        .as_deref()
        .map(|key| Claim::scoped("receipt", &opened.tip_id.to_string(), key, hash));
    let actor = Actor::reporter(&meta.request_id);
    let now = app.now();
    let outcome = idempotency::once(&mut conn, &app.keys.answers, claim, now, async |conn| {
        let message =
            service::from_reporter(conn, &actor, opened.tip_id, &body.value.text, now).await?;
        Ok(idempotency::Answer::json(201, &message)?.at(meta.path.clone()))
    })
    .await?;
    Ok(outcome.into())
}

/// List the messages of a tip, newest first.
///
/// Reading marks what the reporter wrote as read.
#[utoipa::path(get, path = "/v1/tips/{id}/messages", tag = "tips",
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 200, description = "One page", body = ItemPage<TipMessage>)))]
async fn list_tip_messages(
    caller: Caller<scope::TipsRead>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    listing: Listing<NoFilters>,
) -> Answer<ItemPage<TipMessage>> {
    let mut conn = app.db.get().await?;
    let state = tips::find_state(&mut conn, id.0, &Visibility::of(&caller.who)).await?;
    let now = app.now();
    let before = listing.page.after::<Uuid>()?;
    let rows = messages::page(&mut conn, state.tip_id, before, listing.page.limit).await?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let page = listing.page.page(rows, |row| row.id);
    // What the next page holds is not read yet.
    let shown: Vec<Uuid> = page.items.iter().map(|row| row.id).collect();
    crate::db::transaction(&mut conn, async |conn| {
        if meta.method != "HEAD" {
            messages::mark_read(conn, &shown, true, now).await?;
        }
        let entry = Entry::audit("messages.read", &actor, now).on("tip", state.tip_id);
        journal::record(conn, &[entry]).await
    })
    .await?;
    Ok(page.map(TipMessage::from))
}

/// Write to the reporter, who reads it by receipt.
///
/// Messages that ask for an OTP, a password or the numbers of a card (`asks_for_secret`) or for money
/// (`asks_for_money`) are refused: receipts promise that no officer ever asks for these, so a reader would have to
/// take such a message for a scam.
#[utoipa::path(post, path = "/v1/tips/{id}/messages", tag = "tips", request_body = WriteText,
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 201, description = "Kept for the reporter", body = TipMessage,
        headers(("Location" = String, description = "The list of messages")))))]
async fn send_tip_message(
    caller: Caller<scope::TipsTriage>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    key: IdempotencyKey,
    body: Body<WriteText>,
) -> Answer<HttpResponse> {
    let claim = Claim::of(&caller.who, &key, &meta, &body.raw);
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let now = app.now();
    idempotency::respond(&app, claim, async |conn| {
        let text = &body.value.text;
        let message = service::from_officer(conn, &caller.who, &actor, id.0, text, now).await?;
        Ok(idempotency::Answer::json(201, &message)?.at(meta.path.clone()))
    })
    .await
}

/// List the officers' notes on a tip, newest first.
#[utoipa::path(get, path = "/v1/tips/{id}/notes", tag = "tips",
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 200, description = "One page", body = ItemPage<TipNote>)))]
async fn list_tip_notes(
    caller: Caller<scope::TipsRead>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    listing: Listing<NoFilters>,
) -> Answer<ItemPage<TipNote>> {
    let mut conn = app.db.get().await?;
    let state = tips::find_state(&mut conn, id.0, &Visibility::of(&caller.who)).await?;
    let before = listing.page.after::<Uuid>()?;
    let rows = messages::notes(&mut conn, state.tip_id, before, listing.page.limit).await?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("notes.read", &actor, app.now()).on("tip", state.tip_id);
    journal::record(&mut conn, &[entry]).await?;
    Ok(listing.page.page(rows, |row| row.id).map(TipNote::from))
}

/// Write a note on a tip; its reporter never sees it.
///
/// One-time codes, passwords, card numbers and codes, and receipts in it are masked and stored nowhere.
#[utoipa::path(post, path = "/v1/tips/{id}/notes", tag = "tips", request_body = WriteText,
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 201, description = "Noted", body = TipNote,
        headers(("Location" = String, description = "The list of notes")))))]
async fn add_tip_note(
    caller: Caller<scope::TipsTriage>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    key: IdempotencyKey,
    body: Body<WriteText>,
) -> Answer<HttpResponse> {
    let claim = Claim::of(&caller.who, &key, &meta, &body.raw);
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let now = app.now();
    idempotency::respond(&app, claim, async |conn| {
        let text = &body.value.text;
        let note = service::note(conn, &caller.who, &actor, id.0, text, now).await?;
        Ok(idempotency::Answer::json(201, &note)?.at(meta.path.clone()))
    })
    .await
}
