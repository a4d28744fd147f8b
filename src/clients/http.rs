//! Endpoints of the client registry.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::registry::Registry;
use super::store::{self, ClientRow};
use super::{SENSITIVE, secret};
use crate::auth::Scope;
use crate::db;
use crate::error::{Error, FieldProblem, Result};
use crate::http::idempotency::request_hash;
use crate::http::page::{Listing, NoFilters};
use crate::http::{
    Answer, Api, Body, Caller, IdempotencyKey, IfMatch, ItemPage, Json, Meta, Path,
    respond::replayable, scope,
};
use crate::idempotency::{self, Claim};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![
        create_client,
        list_clients,
        update_client,
        approve_client,
        rotate_client_secret,
        disable_client
    ]
}

/// Whether a client can keep a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// A server; gets a secret.
    Confidential,
    /// A mobile or browser app (RFC 8252); has none.
    Public,
}

/// A client to register.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"client_id": "bank-970436", "name": "Vietcombank", "kind": "confidential", "agency": "bank_970436", "scopes": ["referrals:work", "webhooks:manage"]}))]
struct CreateClient {
    /// The name it uses; never reused.
    #[validate(length(min = 1, max = 100))]
    client_id: String,
    /// For people.
    #[validate(length(min = 1, max = 200))]
    name: String,
    /// Whether it can keep a secret.
    kind: Kind,
    /// Scopes that its tokens may claim at most.
    #[validate(length(min = 1, max = 30))]
    scopes: Vec<String>,
    /// Agency; absent is the provincial police.
    agency: Option<String>,
    /// Desk that it is confined to.
    desk: Option<String>,
    /// Communes that it is confined to.
    #[validate(length(max = 200))]
    units: Option<Vec<String>>,
}

/// What to change of a client; what is left out stays.
#[derive(Debug, Deserialize, ToSchema, Validate)]
#[schema(example = json!({"scopes": ["referrals:work"]}))]
struct UpdateClient {
    /// For people.
    #[validate(length(min = 1, max = 200))]
    name: Option<String>,
    /// Scopes that its tokens may claim at most.
    #[validate(length(min = 1, max = 30))]
    scopes: Option<Vec<String>>,
    /// Desk that it is confined to.
    desk: Option<String>,
    /// Communes that it is confined to.
    #[validate(length(max = 200))]
    units: Option<Vec<String>>,
}

/// A client.
#[derive(Debug, Serialize, ToSchema)]
struct ClientView {
    /// Id.
    id: Uuid,
    /// The name it uses.
    #[schema(example = "bank-970436")]
    client_id: String,
    /// For people.
    name: String,
    /// `confidential` or `public`.
    #[schema(example = "confidential")]
    kind: String,
    /// Agency; null is the provincial police.
    #[schema(required)]
    agency: Option<String>,
    /// Desk that it is confined to.
    #[schema(required)]
    desk: Option<String>,
    /// Communes that it is confined to.
    #[schema(required)]
    units: Option<Vec<String>>,
    /// Scopes that its tokens may claim at most.
    scopes: Vec<String>,
    /// Scopes that wait for a second admin.
    pending_scopes: Vec<String>,
    /// When it was registered.
    created_at: DateTime<Utc>,
    /// When it was disabled.
    #[schema(required)]
    disabled_at: Option<DateTime<Utc>>,
    /// The ETag.
    version: i32,
    /// The secret of a confidential client; shown once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "tbs_…")]
    client_secret: Option<String>,
}

impl From<ClientRow> for ClientView {
    fn from(row: ClientRow) -> Self {
        Self {
            id: row.id,
            client_id: row.client_id,
            name: row.name,
            kind: row.kind,
            agency: row.agency,
            desk: row.desk,
            units: row.units.map(|units| units.into_iter().flatten().collect()),
            scopes: row.scopes.into_iter().flatten().collect(),
            pending_scopes: row.pending_scopes.into_iter().flatten().collect(),
            created_at: row.created_at,
            disabled_at: row.disabled_at,
            version: row.version,
            client_secret: None,
        }
    }
}

/// Sorts scopes into those that one admin may grant and those that wait for a second.
fn grant(row: &mut ClientRow, wished: &[String], by: &str) -> Result<()> {
    let mut problems = Vec::new();
    let (mut now, mut later) = (Vec::new(), Vec::new());
    for (i, code) in wished.iter().enumerate() {
        let granted = row.scopes.iter().flatten().any(|known| known == code);
        match Scope::from_code(code) {
            None => problems.push(FieldProblem::at(
                format!("/scopes/{i}"),
                "unknown_value",
                "There is no such scope.",
            )),
            Some(scope) if SENSITIVE.contains(&scope) && !granted => later.push(Some(code.clone())),
            Some(_) => now.push(Some(code.clone())),
        }
    }
    if row.kind == "public" {
        let only = [Scope::TipsSubmit.as_str(), Scope::CheckRead.as_str()];
        for (i, code) in wished
            .iter()
            .enumerate()
            .filter(|(_, code)| !only.contains(&code.as_str()))
        {
            let detail = format!(
                "A public client may hold {} alone, not {code}.",
                only.join(" and ")
            );
            problems.push(FieldProblem::at(
                format!("/scopes/{i}"),
                "not_for_public",
                detail,
            ));
        }
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    row.pending_by = (!later.is_empty()).then(|| by.to_owned());
    row.scopes = now;
    row.pending_scopes = later;
    Ok(())
}

async fn fresh_secret() -> Result<(String, String)> {
    web::block(secret::make)
        .await
        .map_err(|e| Error::internal("hashing a secret", e))?
}

/// Register a client.
///
/// `reporters:reveal`, `cases:decide`, `audit:read` and `admin` wait until another admin approves.
#[utoipa::path(post, path = "/v1/clients", tag = "administration", request_body = CreateClient,
    responses((status = 201, description = "The client; its secret is shown only here", body = ClientView)))]
async fn create_client(
    caller: Caller<scope::Admin>,
    app: web::Data<AppState>,
    registry: web::Data<Registry>,
    meta: Meta,
    key: IdempotencyKey,
    body: Body<CreateClient>,
) -> Answer<HttpResponse> {
    let wish = &body.value;
    if wish
        .agency
        .as_ref()
        .is_some_and(|agency| !app.reference.get().knows_agency(agency))
    {
        return Err(Error::invalid("/agency", "unknown_value", "There is no such agency.").into());
    }
    let secret = match wish.kind {
        Kind::Confidential => Some(fresh_secret().await?),
        Kind::Public => None,
    };
    let claim = key.0.as_deref().map(|key| {
        Claim::new(
            &caller.who,
            key,
            request_hash(&meta.method, &meta.path, &body.raw),
        )
    });
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let mut conn = app.db.get().await?;
    let now = app.now();
    let outcome = idempotency::once(&mut conn, &app.keys.answers, claim, now, async |conn| {
        let mut row = ClientRow {
            id: Uuid::now_v7(),
            client_id: wish.client_id.clone(),
            name: wish.name.clone(),
            kind: match wish.kind {
                Kind::Confidential => "confidential",
                Kind::Public => "public",
            }
            .to_owned(),
            agency: wish.agency.clone(),
            desk: wish.desk.clone(),
            units: wish.units.clone().map(|units| units.into_iter().map(Some).collect()),
            scopes: Vec::new(),
            pending_scopes: Vec::new(),
            pending_by: None,
            secret_hash: secret.as_ref().map(|(_, hash)| hash.clone()),
            created_by: caller.who.sub.clone(),
            created_at: now,
            disabled_at: None,
            version: 1,
            updated_at: now,
        };
        grant(&mut row, &wish.scopes, &caller.who.sub)?;
        store::insert(conn, &row).await?;
        let entry = Entry::audit("client.created", &actor, now)
            .on("client", row.id)
            .with(json!({"client_id": row.client_id, "scopes": row.scopes, "pending_scopes": row.pending_scopes}));
        journal::record(conn, &[entry]).await?;
        let id = row.id;
        let view = ClientView {
            client_secret: secret.as_ref().map(|(secret, _)| secret.clone()),
            ..ClientView::from(row)
        };
        Ok(idempotency::Answer::json(201, &view)?.at(format!("/v1/clients/{id}")).versioned(1))
    })
    .await?;
    registry.refresh(&mut conn).await?;
    Ok(replayable(outcome.answer.into(), outcome.replayed))
}

/// List clients, newest first.
#[utoipa::path(get, path = "/v1/clients", tag = "administration",
    responses((status = 200, description = "One page", body = ItemPage<ClientView>)))]
async fn list_clients(
    caller: Caller<scope::Admin>,
    app: web::Data<AppState>,
    meta: Meta,
    listing: Listing<NoFilters>,
) -> Answer<ItemPage<ClientView>> {
    let mut conn = app.db.get().await?;
    let after = listing.page.after::<Uuid>()?;
    let rows = store::page(&mut conn, after, listing.page.limit).await?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    journal::record(
        &mut conn,
        &[Entry::audit("client.listed", &actor, app.now())],
    )
    .await?;
    Ok(listing.page.page(rows, |row| row.id).map(ClientView::from))
}

/// Locks a client, does the work, answers it as it is then and takes it over into the registry.
async fn change(
    app: &AppState,
    registry: &Registry,
    id: Uuid,
    entry: Entry,
    work: impl AsyncFnOnce(&mut ClientRow) -> Result<()>,
) -> Result<ClientRow> {
    let mut conn = app.db.get().await?;
    let row = db::transaction(&mut conn, async |conn| {
        let mut row = store::lock(conn, id).await?;
        work(&mut row).await?;
        row.version += 1;
        store::save(conn, &row, app.now()).await?;
        let entry = entry.on("client", id).with(json!({
            "client_id": row.client_id, "scopes": row.scopes, "pending_scopes": row.pending_scopes,
        }));
        journal::record(conn, &[entry]).await?;
        Ok(row)
    })
    .await?;
    registry.refresh(&mut conn).await?;
    Ok(row)
}

fn answer(row: ClientRow) -> Json<ClientView> {
    let version = row.version;
    Json::versioned(row.into(), version)
}

/// Change a client.
#[utoipa::path(patch, path = "/v1/clients/{id}", tag = "administration", request_body = UpdateClient,
    params(("id" = Uuid, Path, description = "Client's id")),
    responses((status = 200, description = "The client", body = ClientView)))]
async fn update_client(
    caller: Caller<scope::Admin>,
    app: web::Data<AppState>,
    registry: web::Data<Registry>,
    meta: Meta,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Body<UpdateClient>,
) -> Answer<Json<ClientView>> {
    let wish = body.value;
    let entry = Entry::audit(
        "client.updated",
        &Actor::bearer(&caller.who, &meta.request_id),
        app.now(),
    );
    let row = change(&app, &registry, id.0, entry, async |row| {
        if_match.check(row.version)?;
        if let Some(scopes) = &wish.scopes {
            grant(row, scopes, &caller.who.sub)?;
        }
        row.name = wish.name.unwrap_or_else(|| row.name.clone());
        row.desk = wish.desk.or_else(|| row.desk.clone());
        if let Some(units) = wish.units {
            row.units = Some(units.into_iter().map(Some).collect());
        }
        Ok(())
    })
    .await?;
    Ok(answer(row))
}

/// Approve the scopes that wait, as the second admin.
#[utoipa::path(post, path = "/v1/clients/{id}/approve", tag = "administration",
    params(("id" = Uuid, Path, description = "Client's id")),
    responses((status = 200, description = "The client", body = ClientView),
              (status = 409, description = "Nothing waits (`wrong_state`) or one's own grant (`same_person`)",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn approve_client(
    caller: Caller<scope::Admin>,
    app: web::Data<AppState>,
    registry: web::Data<Registry>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<Json<ClientView>> {
    let entry = Entry::audit(
        "client.approved",
        &Actor::bearer(&caller.who, &meta.request_id),
        app.now(),
    );
    let row = change(&app, &registry, id.0, entry, async |row| {
        match row.pending_by.as_deref() {
            None => Err(Error::conflict(
                "wrong_state",
                "No scope waits for approval.",
            )),
            Some(by) if by == caller.who.sub => Err(Error::conflict(
                "same_person",
                "The admin who granted the scopes cannot approve them.",
            )),
            Some(_) => {
                row.scopes.append(&mut row.pending_scopes);
                row.pending_by = None;
                Ok(())
            }
        }
    })
    .await?;
    Ok(answer(row))
}

/// Give a confidential client a new secret; the old one ends at once.
#[utoipa::path(post, path = "/v1/clients/{id}/secret", tag = "administration",
    params(("id" = Uuid, Path, description = "Client's id")),
    responses((status = 200, description = "The client with its new secret, shown only here", body = ClientView)))]
async fn rotate_client_secret(
    caller: Caller<scope::Admin>,
    app: web::Data<AppState>,
    registry: web::Data<Registry>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<Json<ClientView>> {
    let (secret, hash) = fresh_secret().await?;
    let entry = Entry::audit(
        "client.secret_rotated",
        &Actor::bearer(&caller.who, &meta.request_id),
        app.now(),
    );
    let row = change(&app, &registry, id.0, entry, async |row| {
        if row.kind == "public" {
            return Err(Error::conflict(
                "wrong_state",
                "A public client has no secret.",
            ));
        }
        row.secret_hash = Some(hash);
        Ok(())
    })
    .await?;
    let version = row.version;
    Ok(Json::versioned(
        ClientView {
            client_secret: Some(secret),
            ..row.into()
        },
        version,
    ))
}

/// Disable a client; its tokens end at once.
#[utoipa::path(delete, path = "/v1/clients/{id}", tag = "administration",
    params(("id" = Uuid, Path, description = "Client's id")),
    responses((status = 204, description = "Disabled")))]
async fn disable_client(
    caller: Caller<scope::Admin>,
    app: web::Data<AppState>,
    registry: web::Data<Registry>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<HttpResponse> {
    let entry = Entry::audit(
        "client.disabled",
        &Actor::bearer(&caller.who, &meta.request_id),
        app.now(),
    );
    let now = app.now();
    change(&app, &registry, id.0, entry, async |row| {
        row.disabled_at = row.disabled_at.or(Some(now));
        Ok(())
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
