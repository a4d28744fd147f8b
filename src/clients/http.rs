//! Endpoints of the client registry.

use actix_web::{HttpResponse, web};
use serde_json::json;
use uuid::Uuid;

use super::proposals::{self, Effect};
use super::registry::Registry;
use super::secret;
use super::store::{self, ClientRow};
use super::wire::{ClientView, Confinement, CreateClient, Kind, UpdateClient};
use super::{bounds, names};
use crate::auth::Principal;
use crate::db::{self, Conn};
use crate::error::{Error, Result};
use crate::http::middleware::Gate;
use crate::http::page::{Listing, NoFilters};
use crate::http::{
    Answer, Api, Body, Caller, IdempotencyKey, IfMatch, ItemPage, Json, Meta, Path, Police,
    respond::replayable, scope,
};
use crate::idempotency::{self, Claim};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;
use crate::webhooks;

pub fn api() -> Api {
    crate::handlers![
        create_client,
        list_clients,
        show_client,
        update_client,
        approve_client,
        rotate_client_secret,
        disable_client
    ]
}

async fn fresh_secret() -> Result<(String, String)> {
    web::block(secret::make)
        .await
        .map_err(|e| Error::internal("hashing a secret", e))?
}

/// Register a client.
///
/// `reporters:reveal`, `cases:decide`, `audit:read` and `admin` wait until another admin approves. An
/// admin who is confined gives no more than that: a desk and communes that are left out become the
/// admin's own. A program is known by its `client_id` wherever it acts: 422 for a name that is reserved (`system`,
/// `reporter`, `public`), that begins like a device's or like those of an issuer's people, or that a person is
/// called by in the audit or the revocations.
#[utoipa::path(post, path = "/v1/clients", tag = "administration", request_body = CreateClient,
    responses((status = 201, description = "The client; its secret is shown only here", body = ClientView)))]
async fn create_client(
    caller: Caller<Police<scope::Admin>>,
    app: web::Data<AppState>,
    gate: web::Data<Gate>,
    registry: web::Data<Registry>,
    meta: Meta,
    key: IdempotencyKey,
    body: Body<CreateClient>,
) -> Answer<HttpResponse> {
    let wish = &body.value;
    let desk = wish.desk.as_deref();
    bounds::check_places(
        &app.reference.get(),
        wish.agency.as_deref(),
        desk,
        wish.units.as_deref(),
    )?;
    let confinement = bounds::of_new(&caller.who, wish)?;
    names::check(&gate.verifier, &wish.client_id)?;
    let secret = match wish.kind {
        Kind::Confidential => Some(fresh_secret().await?),
        Kind::Public => None,
    };
    let claim = Claim::of(&caller.who, &key, &meta, &body.raw);
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let mut conn = app.db.get().await?;
    let now = app.now();
    let outcome = idempotency::once(&mut conn, &app.keys.answers, claim, now, async |conn| {
        let mut row = ClientRow {
            id: app.new_id(),
            client_id: wish.client_id.clone(),
            name: wish.name.clone(),
            kind: match wish.kind {
                Kind::Confidential => "confidential",
                Kind::Public => "public",
            }
            .to_owned(),
            agency: wish.agency.clone(),
            desk: None,
            units: None,
            scopes: Vec::new(),
            pending_scopes: Vec::new(),
            pending_by: None,
            pending_confinement: None,
            pending_secret_hash: None,
            secret_hash: secret.as_ref().map(|(_, hash)| hash.clone()),
            secret_check: secret
                .as_ref()
                .map(|(secret, hash)| secret::check(secret, hash)),
            secret_known_to: secret
                .iter()
                .map(|_| Some(caller.who.sub.clone()))
                .collect(),
            created_by: caller.who.sub.clone(),
            created_at: now,
            disabled_at: None,
            version: 1,
            updated_at: now,
        };
        confinement.clone().apply(&mut row);
        proposals::grant(&mut row, &wish.scopes, &caller.who.sub)?;
        store::insert(conn, &row).await?;
        names::check_unused(conn, &row.client_id).await?;
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
    Ok(outcome.into())
}

/// List clients, newest first; a confined admin sees those that are confined at least as much.
#[utoipa::path(get, path = "/v1/clients", tag = "administration",
    responses((status = 200, description = "One page", body = ItemPage<ClientView>)))]
async fn list_clients(
    caller: Caller<Police<scope::Admin>>,
    app: web::Data<AppState>,
    meta: Meta,
    listing: Listing<NoFilters>,
) -> Answer<ItemPage<ClientView>> {
    let mut conn = app.db.get().await?;
    let after = listing.page.after::<Uuid>()?;
    let rows = store::page(&mut conn, &caller.who, after, listing.page.limit).await?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    journal::record(
        &mut conn,
        &[Entry::audit("client.listed", &actor, app.now())],
    )
    .await?;
    Ok(listing.page.page(rows, |row| row.id).map(ClientView::from))
}

/// Show a client.
#[utoipa::path(get, path = "/v1/clients/{id}", tag = "administration",
    params(("id" = Uuid, Path, description = "Client's id")),
    responses((status = 200, description = "The client", body = ClientView)))]
async fn show_client(
    caller: Caller<Police<scope::Admin>>,
    app: web::Data<AppState>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<Json<ClientView>> {
    let mut conn = app.db.get().await?;
    let row = store::find(&mut conn, id.0, &caller.who).await?;
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    let entry = Entry::audit("client.read", &actor, app.now()).on("client", row.id);
    journal::record(&mut conn, &[entry]).await?;
    Ok(answer(row))
}

/// Locks a client, does the work, answers it as it is then and takes it over into the registry.
async fn change(
    app: &AppState,
    registry: &Registry,
    (id, who): (Uuid, &Principal),
    entry: Entry,
    work: impl AsyncFnOnce(&mut Conn, &mut ClientRow) -> Result<()>,
) -> Result<ClientRow> {
    let mut conn = app.db.get().await?;
    let row = db::transaction(&mut conn, async |conn| {
        let mut row = store::lock(conn, id, who).await?;
        work(conn, &mut row).await?;
        row.version += 1;
        store::save(conn, &row, app.now()).await?;
        let entry = entry.on("client", id).with(json!({
            "client_id": row.client_id, "scopes": row.scopes, "desk": row.desk, "units": row.units,
            "pending_scopes": row.pending_scopes, "pending_confinement": row.pending_confinement,
            "pending_secret": row.pending_secret_hash.is_some(),
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
///
/// Sensitive scopes, and a wider desk or more communes for a client that holds such scopes, wait until
/// another admin approves. Another admin's proposal takes the place of the one that waits.
#[utoipa::path(patch, path = "/v1/clients/{id}", tag = "administration", request_body = UpdateClient,
    params(("id" = Uuid, Path, description = "Client's id")),
    responses((status = 200, description = "The client", body = ClientView)))]
async fn update_client(
    caller: Caller<Police<scope::Admin>>,
    app: web::Data<AppState>,
    registry: web::Data<Registry>,
    meta: Meta,
    id: Path<Uuid>,
    if_match: IfMatch,
    body: Body<UpdateClient>,
) -> Answer<Json<ClientView>> {
    let wish = body.value;
    let desk = wish.desk.iter().flatten().map(String::as_str).next();
    let units = wish.units.iter().flatten().map(Vec::as_slice).next();
    bounds::check_places(&app.reference.get(), None, desk, units)?;
    let entry = Entry::audit(
        "client.updated",
        &Actor::bearer(&caller.who, &meta.request_id),
        app.now(),
    );
    let row = change(
        &app,
        &registry,
        (id.0, &caller.who),
        entry,
        async |_, row| {
            if_match.check(row.version)?;
            let by = &caller.who.sub;
            if let Some(scopes) = &wish.scopes {
                proposals::grant(row, scopes, by)?;
            }
            row.name = wish.name.unwrap_or_else(|| row.name.clone());
            if wish.desk.is_some() || wish.units.is_some() {
                let now = Confinement::of(row);
                let wished = Confinement {
                    desk: wish.desk.unwrap_or(now.desk),
                    units: wish.units.unwrap_or(now.units),
                };
                bounds::check_given(&caller.who, &wished)?;
                proposals::confine(row, wished, by)?;
            }
            Ok(())
        },
    )
    .await?;
    Ok(answer(row))
}

/// Approve what waits, as the second admin.
///
/// Scopes, desk and communes, and a new secret. With `If-Match` only what was seen is approved: 412
/// where another proposal has taken its place.
#[utoipa::path(post, path = "/v1/clients/{id}/approve", tag = "administration",
    params(("id" = Uuid, Path, description = "Client's id")),
    responses((status = 200, description = "The client", body = ClientView),
              (status = 409, description = "Nothing waits (`wrong_state`) or one's own proposal (`same_person`)",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn approve_client(
    caller: Caller<Police<scope::Admin>>,
    app: web::Data<AppState>,
    registry: web::Data<Registry>,
    meta: Meta,
    id: Path<Uuid>,
    if_match: Option<IfMatch>,
) -> Answer<Json<ClientView>> {
    let entry = Entry::audit(
        "client.approved",
        &Actor::bearer(&caller.who, &meta.request_id),
        app.now(),
    );
    let row = change(
        &app,
        &registry,
        (id.0, &caller.who),
        entry,
        async |conn, row| {
            if let Some(if_match) = &if_match {
                if_match.check(row.version)?;
            }
            proposals::approve(conn, row, &caller.who).await
        },
    )
    .await?;
    Ok(answer(row))
}

/// Give a confidential client a new secret; the old one stops working at once.
///
/// Where the client holds `reporters:reveal`, `cases:decide`, `audit:read` or `admin`, the answer is 202:
/// the new secret works, and the old one ends, once another admin approves.
#[utoipa::path(post, path = "/v1/clients/{id}/secret", tag = "administration",
    params(("id" = Uuid, Path, description = "Client's id")),
    responses((status = 200, description = "The client with its new secret, shown only here", body = ClientView),
              (status = 202, description = "The same, but another admin has to approve first", body = ClientView)))]
async fn rotate_client_secret(
    caller: Caller<Police<scope::Admin>>,
    app: web::Data<AppState>,
    registry: web::Data<Registry>,
    meta: Meta,
    id: Path<Uuid>,
) -> Answer<HttpResponse> {
    let (secret, hash) = fresh_secret().await?;
    let check = secret::check(&secret, &hash);
    let entry = Entry::audit(
        "client.secret_rotated",
        &Actor::bearer(&caller.who, &meta.request_id),
        app.now(),
    );
    let mut effect = Effect::Waits;
    let row = change(
        &app,
        &registry,
        (id.0, &caller.who),
        entry,
        async |_, row| {
            effect = proposals::rotate(row, hash, &caller.who.sub)?;
            if effect == Effect::Made {
                row.secret_check = Some(check);
            }
            Ok(())
        },
    )
    .await?;
    let version = row.version;
    let view = ClientView {
        client_secret: Some(secret),
        ..row.into()
    };
    let answer = idempotency::Answer::json(effect.status(), &view)?;
    Ok(replayable(answer.versioned(version).into(), false))
}

/// Disable a client; its tokens end at once, and its webhooks receive nothing more.
#[utoipa::path(delete, path = "/v1/clients/{id}", tag = "administration",
    params(("id" = Uuid, Path, description = "Client's id")),
    responses((status = 204, description = "Disabled")))]
async fn disable_client(
    caller: Caller<Police<scope::Admin>>,
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
    let actor = Actor::bearer(&caller.who, &meta.request_id);
    change(
        &app,
        &registry,
        (id.0, &caller.who),
        entry,
        async |conn, row| {
            row.disabled_at = row.disabled_at.or(Some(now));
            webhooks::disable_of_client(conn, &row.client_id, &actor, now).await
        },
    )
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
