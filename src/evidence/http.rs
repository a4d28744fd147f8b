//! Endpoints of evidence.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use uuid::Uuid;

use super::service::{self, Adder};
use super::upload::{self, Form, Stored};
use super::wire::{AttachmentReceived, AttachmentView, Certificate, UploadFile};
use super::{certificate, store};
use crate::http::idempotency::request_hash;
use crate::http::middleware::Gate;
use crate::http::page::{Listing, NoFilters};
use crate::http::problem::ProblemBody;
use crate::http::{
    Answer, Api, Body, Caller, IdempotencyKey, ItemPage, Json, Meta, Path, Reporter, Sensitive,
    scope,
};
use crate::idempotency::{self, Claim};
use crate::journal::{self, Actor, Entry};
use crate::receipts;
use crate::reveals::{Asker, Outcome, RevealIdentity, RevealView};
use crate::state::AppState;
use crate::tips::{self, Visibility};

pub fn api() -> Api {
    crate::handlers![
        add_receipt_attachment,
        list_receipt_attachments,
        add_tip_attachment,
        list_tip_attachments,
        download_attachment,
        certify_attachment,
        reveal_attachment
    ]
}

/// Add a file to one's tip.
///
/// One file per request, at most 20 MiB each and ten per tip; any type is kept. The original is sealed as it came;
/// officers get a copy without location and device data.
#[utoipa::path(post, path = "/v1/receipt/attachments", tag = "receipt",
    request_body(content = UploadFile, content_type = "multipart/form-data"),
    responses((status = 201, description = "Stored and durable", body = AttachmentReceived,
        headers(("Location" = String, description = "Where officers see the files of the tip")))))]
async fn add_receipt_attachment(
    reporter: Reporter,
    app: web::Data<AppState>,
    gate: web::Data<Gate>,
    meta: Meta,
    key: IdempotencyKey,
    form: Form,
) -> Answer<HttpResponse> {
    let mut conn = app.db.get().await?;
    let tip = receipts::open(&mut conn, &app, &gate, &reporter, &meta)
        .await?
        .tip_id;
    // The tenth, sent again under its key, is replayed.
    let known = match &key.0 {
        Some(key) => idempotency::is_taken(&mut conn, "receipt", &tip.to_string(), key).await?,
        None => false,
    };
    if !known {
        service::room(&mut conn, tip).await?;
    }
    // No connection is held while the file comes.
    drop(conn);
    let file = upload::store(&app, form).await?;
    let actor = Actor::reporter(&meta.request_id);
    let adder = Adder {
        visible: Visibility::all(),
        officer: None,
        actor: &actor,
        location: meta.path.clone(),
    };
    let claim = key.0.as_deref().map(|key| {
        let hash = hash_of(&meta, &file);
        Claim::scoped("receipt", &tip.to_string(), key, hash)
    });
    let outcome = service::add(&app, &adder, tip, file, claim).await?;
    Ok(outcome.into())
}

/// List the files that one sent to one's tip, newest first.
///
/// With the SHA-256 of each, whoever has the file can check that it came whole. Names of files are not kept, and the
/// files themselves are not given back.
#[utoipa::path(get, path = "/v1/receipt/attachments", tag = "receipt",
    responses((status = 200, description = "One page", body = ItemPage<AttachmentReceived>)))]
async fn list_receipt_attachments(
    reporter: Reporter,
    app: web::Data<AppState>,
    gate: web::Data<Gate>,
    meta: Meta,
    listing: Listing<NoFilters>,
) -> Answer<ItemPage<AttachmentReceived>> {
    let mut conn = app.db.get().await?;
    let opened = receipts::open(&mut conn, &app, &gate, &reporter, &meta).await?;
    let tip = opened.tip_id;
    let before = listing.page.after::<Uuid>()?;
    let rows = store::list_of_reporter(&mut conn, tip, before, listing.page.limit).await?;
    let now = app.now();
    if let Some(look) = gate.limits.look("attachments", tip.as_bytes(), now) {
        let actor = Actor::reporter(&meta.request_id);
        let entry = Entry::audit("attachments.listed", &actor, now).on("tip", tip);
        journal::record(&mut conn, &[entry]).await?;
        look.noted();
    }
    let page = listing.page.page(rows, |row| row.id);
    Ok(page.map(|row| AttachmentReceived::from(&row)))
}

/// Add a file to a tip.
///
/// For an officer who received the file from a citizen or recorded it.
#[utoipa::path(post, path = "/v1/tips/{id}/attachments", tag = "tips",
    params(("id" = Uuid, Path, description = "Tip id")),
    request_body(content = UploadFile, content_type = "multipart/form-data"),
    responses((status = 201, description = "Stored and durable", body = AttachmentReceived,
        headers(("Location" = String, description = "Where the file is")))))]
async fn add_tip_attachment(
    caller: Caller<scope::TipsTriage>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    key: IdempotencyKey,
    form: Form,
) -> Answer<HttpResponse> {
    let visible = Visibility::of(&caller.who);
    let mut conn = app.db.get().await?;
    tips::find_state(&mut conn, id.0, &visible).await?;
    let known = match &key.0 {
        Some(key) => {
            let (client, sub) = (&caller.who.client_id, &caller.who.sub);
            idempotency::is_taken(&mut conn, client, sub, key).await?
        }
        None => false,
    };
    if !known {
        service::room(&mut conn, id.0).await?;
    }
    drop(conn);
    let file = upload::store(&app, form).await?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let adder = Adder {
        visible,
        officer: Some(&caller.who),
        actor: &actor,
        location: format!("{}/{}", meta.path, file.id),
    };
    let claim = key
        .0
        .as_deref()
        .map(|key| Claim::new(&caller.who, key, hash_of(&meta, &file)));
    let outcome = service::add(&app, &adder, id.0, file, claim).await?;
    Ok(outcome.into())
}

/// The boundary of a form differs from one sending to the next: the file counts.
fn hash_of(meta: &Meta, file: &Stored) -> [u8; 32] {
    request_hash(&meta.method, &meta.path, &file.sha256)
}

/// List the files of a tip, newest first.
///
/// What is listed counts as seen (`unread_files`).
#[utoipa::path(get, path = "/v1/tips/{id}/attachments", tag = "tips",
    params(("id" = Uuid, Path, description = "Tip id")),
    responses((status = 200, description = "One page", body = ItemPage<AttachmentView>)))]
async fn list_tip_attachments(
    caller: Caller<scope::TipsRead>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
    listing: Listing<NoFilters>,
) -> Answer<ItemPage<AttachmentView>> {
    let mut conn = app.db.get().await?;
    let state = tips::find_state(&mut conn, id.0, &Visibility::of(&caller.who)).await?;
    let before = listing.page.after::<Uuid>()?;
    let rows = store::list(&mut conn, state.tip_id, before, listing.page.limit).await?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("attachments.listed", &actor, app.now()).on("tip", state.tip_id);
    let page = listing.page.page(rows, |row| row.id);
    // What the next page holds is not seen yet.
    let shown: Vec<Uuid> = page.items.iter().map(|row| row.id).collect();
    crate::db::transaction(&mut conn, async |conn| {
        if meta.method != "HEAD" {
            tips::unread::seen(conn, &shown).await?;
        }
        journal::record(conn, &[entry]).await
    })
    .await?;
    Ok(page.map(service::view))
}

/// Download a file.
///
/// Pictures, sound, video, PDF, and documents and archives with what is in them, come as a copy without location and
/// device metadata (`Metadata-Removed: true`). Of a file that is damaged, encrypted or of any other kind, and of an
/// archive with such a file in it, only what is known of metadata is overwritten: it comes as
/// `application/octet-stream` with `false`, and the custody log says `downloaded_uncleaned`. Plain text, programs and
/// signed packages such as apps come as stored (`false`) and as `application/octet-stream`. Each download is in the
/// custody log.
#[utoipa::path(get, path = "/v1/tips/{id}/attachments/{attachment_id}", tag = "tips",
    params(("id" = Uuid, Path, description = "Tip id"),
           ("attachment_id" = Uuid, Path, description = "Id of the file")),
    responses((status = 200, description = "The file", body = String, content_type = "application/octet-stream",
        headers(("Content-Disposition" = String, description = "Always `attachment`"),
                ("Metadata-Removed" = bool, description = "Whether location and device metadata were removed, of everything in the file"))),
              (status = 409, description = "The reporter was erased, and no copy can be made of which it is sure that it does not tell who it was (`metadata_not_removable`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn download_attachment(
    caller: Caller<Sensitive<scope::TipsRead>>,
    app: web::Data<AppState>,
    meta: Meta,
    path: Path<(Uuid, Uuid)>,
) -> Answer<HttpResponse> {
    let (tip, id) = path.0;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let file = service::serve(&app, &caller.who, &actor, tip, id).await?;
    Ok(HttpResponse::Ok()
        .content_type(file.media_type)
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}\"", file.name),
        ))
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox",
        ))
        .insert_header(("Cross-Origin-Resource-Policy", "same-origin"))
        .insert_header(("Metadata-Removed", file.metadata_removed.to_string()))
        .body(file.bytes))
}

/// Get the signed certificate of a file, for the case file.
///
/// Opens the original, compares it with the hash taken on arrival, and lists everyone who had access.
#[utoipa::path(get, path = "/v1/tips/{id}/attachments/{attachment_id}/certificate", tag = "tips",
    params(("id" = Uuid, Path, description = "Tip id"),
           ("attachment_id" = Uuid, Path, description = "Id of the file")),
    responses((status = 200, description = "The certificate, signed", body = Certificate)))]
async fn certify_attachment(
    caller: Caller<Sensitive<scope::TipsRead>>,
    app: web::Data<AppState>,
    meta: Meta,
    path: Path<(Uuid, Uuid)>,
) -> Answer<Json<Certificate>> {
    let (tip, id) = path.0;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let certificate = certificate::certify(&app, &caller.who, &actor, tip, id).await?;
    Ok(Json::new(certificate))
}

/// Show the original of a file, byte for byte.
///
/// Its metadata may tell who the reporter is, so the rules for revealing an identity apply. Once the reporter is
/// erased, files that the reporter sent are shown no more in the original (`wrong_state`), unless the tip belongs to a
/// case; plain text, programs and apps are.
#[utoipa::path(post, path = "/v1/tips/{id}/attachments/{attachment_id}/reveal", tag = "tips",
    request_body = RevealIdentity,
    params(("id" = Uuid, Path, description = "Tip id"),
           ("attachment_id" = Uuid, Path, description = "Id of the file")),
    responses((status = 200, description = "The bytes as they were sent", body = String, content_type = "application/octet-stream",
        headers(("Attachment-Sha256" = String, description = "Their SHA-256, in hexadecimal"))),
              (status = 202, description = "Another officer has to approve", body = RevealView),
              (status = 409, description = "Neither claimed by the caller nor in a case the caller works on, or the reporter was erased (`wrong_state`)",
               body = ProblemBody, content_type = "application/problem+json")))]
async fn reveal_attachment(
    caller: Caller<scope::ReportersReveal>,
    app: web::Data<AppState>,
    meta: Meta,
    path: Path<(Uuid, Uuid)>,
    body: Body<RevealIdentity>,
) -> Answer<HttpResponse> {
    let (tip, id) = path.0;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let asker = Asker {
        who: &caller.who,
        actor: &actor,
        purpose: &body.value.purpose,
    };
    Ok(match service::reveal(&app, &asker, tip, id).await? {
        Outcome::Waits(view) => HttpResponse::Accepted().json(view),
        Outcome::Shown((row, bytes)) => HttpResponse::Ok()
            .content_type("application/octet-stream")
            .insert_header((
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"{id}.original\""),
            ))
            .insert_header((
                header::CONTENT_SECURITY_POLICY,
                "default-src 'none'; sandbox",
            ))
            .insert_header(("Attachment-Sha256", hex::encode(&row.sha256)))
            .body(bytes),
    })
}
