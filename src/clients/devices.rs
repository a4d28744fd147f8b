//! Devices of public apps, which hold no secret (RFC 8252): registered once, renewed for as long as the
//! app is used.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpResponse, web};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::oauth::{held, signed};
use super::registry::Registry;
use super::store::{self, ClientRow};
use crate::auth::{NewToken, Origin, Principal, Scope, ScopeSet};
use crate::db::{self, Conn};
use crate::domain::device::Device;
use crate::error::{Error, Result};
use crate::http::idempotency::request_hash;
use crate::http::middleware::Gate;
use crate::http::{Answer, Anyone, Api, Body, Caller, IdempotencyKey, Meta, Path, scope};
use crate::idempotency::{self, Claim};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;

/// How long a device's token lives.
const TTL: Duration = Duration::from_secs(24 * 3600);
/// For how long a token that is over still renews its device.
const RENEWABLE: TimeDelta = TimeDelta::days(90);
/// How old a device may become by renewals; nothing but its tokens says who it is.
const LIFE: TimeDelta = TimeDelta::days(730);

/// Longer than a token lives, and than clocks differ.
const MARGIN: TimeDelta = TimeDelta::days(2);

/// When the oldest token was given that still renews its device.
pub fn renewable_since(now: DateTime<Utc>) -> DateTime<Utc> {
    now - RENEWABLE - MARGIN
}

/// Until when it has to be known that a device, or a token of it, was ended: as long as a token that ends `at` could
/// renew it.
pub fn known_until(at: DateTime<Utc>) -> DateTime<Utc> {
    at + RENEWABLE + MARGIN
}

/// The device whose token is over and still renews it.
pub async fn lapsed(gate: &Gate, token: &str, now: DateTime<Utc>) -> Option<Arc<Principal>> {
    let lapsed = gate.verifier.verify_lapsed(token, now, RENEWABLE);
    lapsed.await.ok().filter(|who| who.device)
}

pub fn api() -> Api {
    crate::handlers![create_device, end_device]
}

/// A device of a public app.
#[derive(Deserialize, ToSchema, Validate)]
#[schema(example = json!({"client_id": "citizen-app"}))]
struct CreateDevice {
    /// The app's client.
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100, example = "citizen-app")]
    client_id: String,
    /// The last token that this device was given, to renew it.
    #[validate(length(max = 8192))]
    #[schema(max_length = 8192)]
    device_token: Option<String>,
}

/// A device with its token.
#[derive(Serialize, ToSchema)]
struct DeviceCreated {
    /// The device: `sub` of its tokens.
    #[schema(example = "device:019ab1c2-7d3e-7f00-8a11-1f2e3d4c5b6a")]
    device: String,
    /// Whether it is the device of `device_token`; else it is a new one.
    renewed: bool,
    /// A token for 24 hours.
    access_token: String,
    /// `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds it is valid.
    #[schema(example = 86400)]
    expires_in: u64,
    /// Scopes it carries.
    #[schema(example = "tips:submit check:read")]
    scope: String,
}

/// Register a device of a public app, or renew it.
///
/// Open, and limited by address. Keep the token and send it as `device_token` whenever it is about to end
/// or has ended: up to 90 days later the device stays the same (200, `renewed: true`). Without it, and
/// with one that is too old, not of this app or not genuine, the device is a new one (201): such devices
/// share a quarter of the app's rate for a day, and their reports are not counted as independent ones. After two
/// years, too, a device is a new one.
///
/// Renew with the newest token you hold, one request at a time. If the answer is lost, send the same again. A token
/// from before that has a copy: the device is ended for whoever holds it, and the answer is a new one (201).
///
/// An `Idempotency-Key` holds for one app at one address and has to be a random UUID here: nobody is signed in, and a
/// key that others behind the same address also choose would give them the same device and its token. Once the device
/// or its token was ended, the key gives a new one.
#[utoipa::path(post, path = "/v1/devices", tag = "tokens", request_body = CreateDevice,
    responses((status = 200, description = "The same device with its next token", body = DeviceCreated),
              (status = 201, description = "A new device and its token", body = DeviceCreated)))]
async fn create_device(
    _: Anyone,
    app: web::Data<AppState>,
    gate: web::Data<Gate>,
    registry: web::Data<Registry>,
    meta: Meta,
    key: IdempotencyKey,
    body: Body<CreateDevice>,
) -> Answer<HttpResponse> {
    let wish = &body.value;
    let claim = claim(&key, &meta, &body)?;
    // Before a connection is taken: it may read key files.
    let known = match &wish.device_token {
        Some(token) => known_device(&app, &gate, token, &wish.client_id).await,
        None => None,
    };
    let mut conn = app.db.get().await?;
    let row = store::find_by_name(&mut conn, &wish.client_id)
        .await?
        .filter(|row| row.kind == "public" && row.disabled_at.is_none())
        .ok_or_else(|| {
            Error::invalid(
                "/client_id",
                "unknown_value",
                "There is no such public client.",
            )
        })?;
    let copied = Cell::new(false);
    let giver = Giver {
        app: &app,
        client: &row,
        request_id: &meta.request_id,
        copied: &copied,
    };
    let secret = &app.keys.answers;
    let asked = app.now();
    let mut outcome = idempotency::once(&mut conn, secret, claim.clone(), asked, async |conn| {
        giver.give(conn, known.clone()).await
    })
    .await?;
    if let Some(claim) = claim.filter(|_| outcome.replayed)
        && is_over(&mut conn, &gate, &outcome.answer, asked).await?
    {
        idempotency::forget(&mut conn, &claim, asked).await?;
        outcome = idempotency::once(&mut conn, secret, Some(claim), app.now(), async |conn| {
            giver.give(conn, known).await
        })
        .await?;
    }
    if copied.get() {
        registry.refresh(&mut conn).await?;
    }
    Ok(outcome.into())
}

/// What a repeated request is known by; 422 for a key that others may choose too.
fn claim(key: &IdempotencyKey, meta: &Meta, body: &Body<CreateDevice>) -> Result<Option<Claim>> {
    let Some(key) = key.0.as_deref() else {
        return Ok(None);
    };
    let random = Uuid::parse_str(key).is_ok_and(|id| matches!(id.get_version_num(), 4 | 7));
    if !random {
        return Err(Error::invalid_parameter(
            "Idempotency-Key",
            "invalid_value",
            "A random UUID is expected here: whoever chooses the same key gets the same device.",
        ));
    }
    let hash = request_hash(&meta.method, &meta.path, &body.raw);
    // Nobody is signed in: without the address a guessed key would hand out another's token.
    let client = format!("devices of {}", body.value.client_id);
    Ok(Some(Claim::scoped(&client, &meta.address, key, hash)))
}

/// The part of a kept answer that says which device it gave.
#[derive(Deserialize)]
struct Given {
    access_token: String,
}

/// Whether the device that an answer gave was ended since, or its token.
async fn is_over(
    conn: &mut Conn,
    gate: &Gate,
    answer: &idempotency::Answer,
    now: DateTime<Utc>,
) -> Result<bool> {
    let given: Given = serde_json::from_str(&answer.body)
        .map_err(|e| Error::internal("reading a kept answer", e))?;
    let Some(who) = lapsed(gate, &given.access_token, now).await else {
        return Ok(false);
    };
    // Asked in the database: what this replica knows may be seconds old.
    let revoked = store::is_revoked(conn, &[&who.sub, &who.jti]).await?;
    Ok(revoked || gate.admission.admit(who).is_err())
}

/// What a device is given by.
struct Giver<'a> {
    app: &'a AppState,
    client: &'a ClientRow,
    request_id: &'a str,
    /// Set where the device that was to be renewed has ended, since its token had a copy.
    copied: &'a Cell<bool>,
}

impl Giver<'_> {
    /// A token for the device that is known, or for a new one, in the caller's transaction.
    async fn give(
        &self,
        conn: &mut Conn,
        known: Option<Arc<Principal>>,
    ) -> Result<idempotency::Answer> {
        let (app, client) = (self.app, self.client);
        let jti = app.new_id().to_string();
        let mut device = None;
        if let Some(who) = known {
            let mut actor = Actor::bearer(&who, self.request_id);
            actor.agency = None;
            if renew(app, conn, &who, &jti, &actor).await? {
                device = Some(who.sub.clone());
            } else {
                self.copied.set(true);
            }
        }
        let renewed = device.is_some();
        let device = device.unwrap_or_else(|| Device::new(app.new_id()).to_string());
        let scope = [Scope::TipsSubmit, Scope::CheckRead]
            .into_iter()
            .collect::<ScopeSet>();
        let token = NewToken {
            scope: scope.intersection(held(client)),
            sub: device.clone(),
            client_id: client.client_id.clone(),
            agency: client.agency.clone(),
            desk: None,
            units: None,
            ttl: TTL,
            origin: Origin::Device,
        };
        let access_token = signed(app, &token, &jti)?;
        let actor = Actor {
            name: device.clone(),
            client_id: client.client_id.clone(),
            agency: None,
            request_id: self.request_id.to_owned(),
        };
        let (act, status) = match renewed {
            true => ("device.renewed", 200),
            false => ("device.created", 201),
        };
        journal::record(conn, &[Entry::audit(act, &actor, app.now())]).await?;
        let created = DeviceCreated {
            device,
            renewed,
            access_token,
            token_type: "Bearer",
            expires_in: TTL.as_secs(),
            scope: token.scope.to_string(),
        };
        idempotency::Answer::json(status, &created)
    }
}

/// The device that a token was given to, by us, for this app, not revoked and not too old.
async fn known_device(
    app: &AppState,
    gate: &Gate,
    token: &str,
    client_id: &str,
) -> Option<Arc<Principal>> {
    let lapsed = lapsed(gate, token, app.now()).await?;
    let who = gate.admission.admit(lapsed).ok()?;
    let young = Device::parse(&who.sub)
        .and_then(Device::first_seen)
        .is_some_and(|at| app.now() - at < LIFE);
    (who.local && who.client_id == client_id && young).then_some(who)
}

/// Whether the token renews its device: the newest one does, and the one before it as long as nobody came with the
/// newest. Whoever comes with an older one holds a copy, or somebody else does: the device ends for both.
async fn renew(
    app: &AppState,
    conn: &mut Conn,
    who: &Principal,
    next: &str,
    actor: &Actor,
) -> Result<bool> {
    let Some(id) = Device::parse(&who.sub).map(Device::id) else {
        return Ok(false);
    };
    let now = app.now();
    db::transaction(conn, async |conn| {
        if store::renew(conn, id, &who.jti, next, now).await? {
            return Ok(true);
        }
        let entry = Entry::audit("device.copied", actor, now)
            .with(json!({"device": who.sub, "jti": who.jti}));
        store::revoke(conn, &who.sub, "system", now, known_until(now)).await?;
        journal::record(conn, &[entry]).await?;
        Ok(false)
    })
    .await
}

/// End a device of a public app.
///
/// By the device itself, when its owner leaves the app, or by an administrator of the whole province, when it was
/// stolen or floods: none of its tokens is accepted from then on, here at once and at every other replica within seconds,
/// and none renews it.
#[utoipa::path(delete, path = "/v1/devices/{device}", tag = "tokens",
    params(("device" = String, Path, description = "`device` of the answer that created it: `sub` of its tokens",
            example = "device:019ab1c2-7d3e-7f00-8a11-1f2e3d4c5b6a")),
    responses((status = 204, description = "Ended")))]
async fn end_device(
    caller: Caller<scope::SubmitOrAdmin>,
    app: web::Data<AppState>,
    registry: web::Data<Registry>,
    meta: Meta,
    device: Path<String>,
) -> Answer<HttpResponse> {
    let (who, device) = (&caller.who, device.0);
    let named = Device::parse(&device).is_some();
    let own = who.device && who.sub == device;
    // Devices are of no desk and no commune: whoever is confined ends none but their own.
    let admin = who.may(Scope::Admin) && who.is_police() && !who.is_confined();
    if !named || !(own || admin) {
        return Err(Error::not_found("device").into());
    }
    let now = app.now();
    let over = known_until(now);
    let mut conn = app.db.get().await?;
    let actor = Actor::bearer(who, &meta.request_id);
    let entry = Entry::audit("device.ended", &actor, now).with(json!({"device": device}));
    db::transaction(&mut conn, async |conn| {
        store::revoke(conn, &device, &who.sub, now, over).await?;
        journal::record(conn, &[entry]).await
    })
    .await?;
    registry.refresh(&mut conn).await?;
    Ok(HttpResponse::NoContent().finish())
}
