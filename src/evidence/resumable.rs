//! Files that come in pieces, for networks that break: tus 1.0.0 (core, creation, expiration,
//! termination).
//!
//! tus rather than the IETF's draft of resumable uploads: it has not changed since 2016, and clients for
//! Android, iOS and browsers are maintained; the draft's versions do not understand each other.

mod service;
mod store;
mod wire;

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use uuid::Uuid;

use self::store::UploadRow;
use self::wire::{NewUpload, Piece, UploadView, created, shown};
use super::service::Adder;
use crate::auth::Principal;
use crate::db::Conn;
use crate::error::Result;
use crate::http::idempotency::request_hash;
use crate::http::middleware::Gate;
use crate::http::problem::ProblemBody;
use crate::http::{Answer, Anyone, Api, Caller, IdempotencyKey, Meta, Path, Reporter, scope};
use crate::idempotency::{self, Claim};
use crate::journal::Actor;
use crate::receipts;
use crate::state::AppState;
use crate::tips::{self, Visibility};

pub use service::expire;

pub fn api() -> Api {
    crate::handlers![
        start_receipt_upload,
        show_receipt_upload_options,
        show_receipt_upload,
        continue_receipt_upload,
        end_receipt_upload,
        start_tip_upload,
        show_tip_upload_options,
        show_tip_upload,
        continue_tip_upload,
        end_tip_upload
    ]
}

/// Whose upload it is, once that is known.
struct Sender<'a> {
    tip: Uuid,
    officer: Option<&'a Principal>,
    visible: Visibility,
    actor: Actor,
}

impl<'a> Sender<'a> {
    async fn reporter(
        conn: &mut Conn,
        app: &AppState,
        gate: &web::Data<Gate>,
        reporter: &Reporter,
        meta: &Meta,
    ) -> Answer<Self> {
        let opened = receipts::open(conn, app, gate, reporter, meta).await?;
        Ok(Self {
            tip: opened.tip_id,
            officer: None,
            visible: Visibility::all(),
            actor: Actor::reporter(&meta.request_id),
        })
    }

    async fn officer(conn: &mut Conn, who: &'a Principal, tip: Uuid, meta: &Meta) -> Answer<Self> {
        let visible = Visibility::of(who);
        tips::find_state(conn, tip, &visible).await?;
        Ok(Self {
            tip,
            officer: Some(who),
            visible,
            actor: Actor::bearer(who, &meta.request_id),
        })
    }

    fn name(&self) -> Option<&str> {
        self.officer.map(|who| who.sub.as_str())
    }

    async fn upload(&self, conn: &mut Conn, app: &AppState, id: Uuid) -> Result<UploadRow> {
        store::find(conn, (self.tip, self.name()), id, app.now()).await
    }

    fn adder(&self) -> Adder<'_> {
        Adder {
            visible: self.visible.clone(),
            officer: self.officer,
            actor: &self.actor,
            location: String::new(),
        }
    }

    async fn start(
        &self,
        conn: &mut Conn,
        app: &AppState,
        meta: &Meta,
        (key, new): (IdempotencyKey, NewUpload),
    ) -> Answer<HttpResponse> {
        let claim = key.0.as_deref().map(|key| {
            let length = new.length.to_string();
            let hash = request_hash(&meta.method, &meta.path, length.as_bytes());
            match self.officer {
                Some(who) => Claim::new(who, key, hash),
                None => Claim::scoped("receipt", &self.tip.to_string(), key, hash),
            }
        });
        let now = app.now();
        let added_by = self.name().map(str::to_owned);
        let outcome = idempotency::once(conn, &app.keys.answers, claim, now, async |conn| {
            let tip = (self.tip, &self.visible);
            let row = service::begin(conn, tip, added_by, new.length, now).await?;
            let answer = idempotency::Answer::json(201, &UploadView::from(&row))?;
            Ok(answer.at(format!("{}/{}", meta.path, row.id)))
        })
        .await?;
        // Of an answer that is given again as well.
        let view: Option<UploadView> = serde_json::from_str(&outcome.answer.body).ok();
        let expires_at = view.map(|view| view.expires_at);
        let answer = HttpResponse::from(outcome);
        Ok(created(answer, expires_at))
    }

    async fn show(&self, app: &AppState, mut row: UploadRow) -> Answer<HttpResponse> {
        service::finish(app, &self.adder(), &mut row).await?;
        let mut answer = HttpResponse::Ok();
        answer.insert_header((header::CACHE_CONTROL, "no-store"));
        Ok(shown(&mut answer, &row).json(UploadView::from(&row)))
    }

    async fn go_on(&self, app: &AppState, row: UploadRow, piece: Piece) -> Answer<HttpResponse> {
        let row = service::take(app, &self.adder(), row, piece.offset, piece.bytes).await?;
        Ok(shown(&mut HttpResponse::NoContent(), &row).finish())
    }
}

/// Start sending a file to one's tip in pieces.
///
/// For networks that break, following tus 1.0.0: send `Upload-Length`, then the bytes by PATCH, and after a break ask
/// by HEAD how many arrived. What arrived before the connection broke is kept. An upload lives 24 hours; once
/// complete, the file is added to the tip as by `POST /v1/receipt/attachments`.
#[utoipa::path(post, path = "/v1/receipt/uploads", tag = "receipt",
    responses((status = 201, description = "Send the bytes to `Location`", body = UploadView,
        headers(("Upload-Expires" = String, description = "Until when it may be gone on with")))))]
async fn start_receipt_upload(
    reporter: Reporter,
    app: web::Data<AppState>,
    gate: web::Data<Gate>,
    meta: Meta,
    key: IdempotencyKey,
    new: NewUpload,
) -> Answer<HttpResponse> {
    let mut conn = app.db.get().await?;
    let sender = Sender::reporter(&mut conn, &app, &gate, &reporter, &meta).await?;
    sender.start(&mut conn, &app, &meta, (key, new)).await
}

/// Show which parts of tus are supported here.
#[utoipa::path(options, path = "/v1/receipt/uploads", tag = "receipt",
    responses((status = 204, description = "Version, extensions and the greatest length, in headers",
        headers(("Tus-Version" = String, description = "Versions"),
                ("Tus-Extension" = String, description = "Extensions"),
                ("Tus-Max-Size" = i64, description = "Bytes that a file may have")))))]
async fn show_receipt_upload_options(_: Anyone) -> HttpResponse {
    wire::options()
}

/// Show how much of a file has arrived.
#[utoipa::path(get, path = "/v1/receipt/uploads/{id}", tag = "receipt",
    params(("id" = Uuid, Path, description = "Id of the upload")),
    responses((status = 200, description = "HEAD answers the same headers", body = UploadView,
        headers(("Upload-Offset" = i64, description = "Bytes that came: go on from here"),
                ("Upload-Length" = i64, description = "Bytes of the file"),
                ("Upload-Expires" = String, description = "Until when it may be gone on with")))))]
async fn show_receipt_upload(
    reporter: Reporter,
    app: web::Data<AppState>,
    gate: web::Data<Gate>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<HttpResponse> {
    let mut conn = app.db.get().await?;
    let sender = Sender::reporter(&mut conn, &app, &gate, &reporter, &meta).await?;
    let row = sender.upload(&mut conn, &app, id.0).await?;
    drop(conn);
    sender.show(&app, row).await
}

/// Send the next bytes of a file.
#[utoipa::path(patch, path = "/v1/receipt/uploads/{id}", tag = "receipt",
    params(("id" = Uuid, Path, description = "Id of the upload")),
    request_body(content = String, content_type = "application/offset+octet-stream",
        description = "Bytes from `Upload-Offset` on, as many as one likes"),
    responses((status = 204, description = "They are durable, as far as `Upload-Offset` says",
        headers(("Upload-Offset" = i64, description = "Bytes that came"),
                ("Upload-Expires" = String, description = "Until when it may be gone on with"))),
              (status = 409, description = "`Upload-Offset` is not where the file ends (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn continue_receipt_upload(
    reporter: Reporter,
    app: web::Data<AppState>,
    gate: web::Data<Gate>,
    meta: Meta,
    id: Path<Uuid>,
    piece: Piece,
) -> Answer<HttpResponse> {
    let mut conn = app.db.get().await?;
    let sender = Sender::reporter(&mut conn, &app, &gate, &reporter, &meta).await?;
    let row = sender.upload(&mut conn, &app, id.0).await?;
    drop(conn);
    sender.go_on(&app, row, piece).await
}

/// Give up an unfinished file.
#[utoipa::path(delete, path = "/v1/receipt/uploads/{id}", tag = "receipt",
    params(("id" = Uuid, Path, description = "Id of the upload")),
    responses((status = 204, description = "Its bytes are gone; a file that was whole stays")))]
async fn end_receipt_upload(
    reporter: Reporter,
    app: web::Data<AppState>,
    gate: web::Data<Gate>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<HttpResponse> {
    let mut conn = app.db.get().await?;
    let sender = Sender::reporter(&mut conn, &app, &gate, &reporter, &meta).await?;
    let row = sender.upload(&mut conn, &app, id.0).await?;
    drop(conn);
    service::end(&app, &sender.actor, &row).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Start sending a file to a tip in pieces.
///
/// Like `POST /v1/receipt/uploads`, for an officer.
#[utoipa::path(post, path = "/v1/tips/{id}/uploads", tag = "tips",
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 201, description = "Send the bytes to `Location`", body = UploadView,
        headers(("Upload-Expires" = String, description = "Until when it may be gone on with")))))]
async fn start_tip_upload(
    caller: Caller<scope::TipsTriage>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    key: IdempotencyKey,
    new: NewUpload,
) -> Answer<HttpResponse> {
    let mut conn = app.db.get().await?;
    let sender = Sender::officer(&mut conn, &caller.who, id.0, &meta).await?;
    sender.start(&mut conn, &app, &meta, (key, new)).await
}

/// Show which parts of tus are supported here, for the files of a tip.
#[utoipa::path(options, path = "/v1/tips/{id}/uploads", tag = "tips",
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 204, description = "Version, extensions and the greatest length, in headers",
        headers(("Tus-Version" = String, description = "Versions"),
                ("Tus-Extension" = String, description = "Extensions"),
                ("Tus-Max-Size" = i64, description = "Bytes that a file may have")))))]
async fn show_tip_upload_options(_: Anyone) -> HttpResponse {
    wire::options()
}

/// Show how much of a file for a tip has arrived.
#[utoipa::path(get, path = "/v1/tips/{id}/uploads/{upload_id}", tag = "tips",
    params(("id" = Uuid, Path, description = "Tip id"),
           ("upload_id" = Uuid, Path, description = "Id of the upload")),
    responses((status = 200, description = "HEAD answers the same headers", body = UploadView,
        headers(("Upload-Offset" = i64, description = "Bytes that came: go on from here"),
                ("Upload-Length" = i64, description = "Bytes of the file"),
                ("Upload-Expires" = String, description = "Until when it may be gone on with")))))]
async fn show_tip_upload(
    caller: Caller<scope::TipsTriage>,
    app: web::Data<AppState>,
    meta: Meta,
    path: Path<(Uuid, Uuid)>,
) -> Answer<HttpResponse> {
    let mut conn = app.db.get().await?;
    let sender = Sender::officer(&mut conn, &caller.who, path.0.0, &meta).await?;
    let row = sender.upload(&mut conn, &app, path.0.1).await?;
    drop(conn);
    sender.show(&app, row).await
}

/// Send the next bytes of a file for a tip.
#[utoipa::path(patch, path = "/v1/tips/{id}/uploads/{upload_id}", tag = "tips",
    params(("id" = Uuid, Path, description = "Tip id"),
           ("upload_id" = Uuid, Path, description = "Id of the upload")),
    request_body(content = String, content_type = "application/offset+octet-stream",
        description = "Bytes from `Upload-Offset` on, as many as one likes"),
    responses((status = 204, description = "They are durable, as far as `Upload-Offset` says",
        headers(("Upload-Offset" = i64, description = "Bytes that came"),
                ("Upload-Expires" = String, description = "Until when it may be gone on with"))),
              (status = 409, description = "`Upload-Offset` is not where the file ends (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn continue_tip_upload(
    caller: Caller<scope::TipsTriage>,
    app: web::Data<AppState>,
    meta: Meta,
    path: Path<(Uuid, Uuid)>,
    piece: Piece,
) -> Answer<HttpResponse> {
    let mut conn = app.db.get().await?;
    let sender = Sender::officer(&mut conn, &caller.who, path.0.0, &meta).await?;
    let row = sender.upload(&mut conn, &app, path.0.1).await?;
    drop(conn);
    sender.go_on(&app, row, piece).await
}

/// Give up an unfinished file for a tip.
#[utoipa::path(delete, path = "/v1/tips/{id}/uploads/{upload_id}", tag = "tips",
    params(("id" = Uuid, Path, description = "Tip id"),
           ("upload_id" = Uuid, Path, description = "Id of the upload")),
    responses((status = 204, description = "Its bytes are gone; a file that was whole stays")))]
async fn end_tip_upload(
    caller: Caller<scope::TipsTriage>,
    app: web::Data<AppState>,
    meta: Meta,
    path: Path<(Uuid, Uuid)>,
) -> Answer<HttpResponse> {
    let mut conn = app.db.get().await?;
    let sender = Sender::officer(&mut conn, &caller.who, path.0.0, &meta).await?;
    let row = sender.upload(&mut conn, &app, path.0.1).await?;
    drop(conn);
    service::end(&app, &sender.actor, &row).await?;
    Ok(HttpResponse::NoContent().finish())
}
