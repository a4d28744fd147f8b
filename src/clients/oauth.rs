//! Tokens: client credentials (RFC 6749 §4.4), revocation (RFC 7009), metadata (RFC 8414).
//!
//! An error answer is a problem like all others and carries the `error` member of RFC 6749 besides.

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::authentication::{Asking, asking, authenticate, refused};
use super::devices;
use super::registry::Registry;
use super::store::{self, ClientRow};
use crate::auth::{NewToken, Origin, Scope, ScopeSet, issue};
use crate::db;
use crate::error::{Error, Result};
use crate::http::body::FormBody;
use crate::http::middleware::Gate;
use crate::http::openapi::RawRequest;
use crate::http::{Answer, Anyone, Api, Json, Meta};
use crate::journal::{self, Actor, Entry};
use crate::state::AppState;

/// How long a client's token lives.
const TOKEN_TTL: Duration = Duration::from_secs(15 * 60);

pub fn api() -> Api {
    crate::handlers![issue_token, revoke_token, show_metadata]
}

/// What a client asks with, as `application/x-www-form-urlencoded`.
#[derive(Deserialize, ToSchema)]
struct TokenForm {
    /// `client_credentials`.
    #[schema(max_length = 8192, example = "client_credentials")]
    grant_type: Option<String>,
    /// Scopes wanted, space-separated; all that the client may hold if left out.
    #[schema(max_length = 8192, example = "referrals:work")]
    scope: Option<String>,
    /// The client, where HTTP Basic is not used.
    #[schema(max_length = 8192)]
    client_id: Option<String>,
    /// Its secret, where HTTP Basic is not used.
    #[schema(max_length = 8192)]
    client_secret: Option<String>,
}

/// A token (RFC 6749 §5.1).
#[derive(Serialize, ToSchema)]
struct TokenIssued {
    /// The token.
    access_token: String,
    /// `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds it is valid.
    #[schema(example = 900)]
    expires_in: u64,
    /// Scopes it carries, space-separated.
    #[schema(example = "referrals:work")]
    scope: String,
}

/// The scopes that a client holds.
pub fn held(row: &ClientRow) -> ScopeSet {
    ScopeSet::parse_known(
        &row.scopes
            .iter()
            .flatten()
            .cloned()
            .collect::<Vec<_>>()
            .join(" "),
    )
}

/// Get a token for a confidential client.
///
/// After 20 failed attempts a minute from one address further failing attempts are 429; a right secret is always
/// answered.
#[utoipa::path(post, path = "/v1/oauth/token", tag = "tokens",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "A token for 15 minutes", body = TokenIssued),
              (status = 401, description = "`invalid_client`: the client or its secret is not right",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn issue_token(
    _: Anyone,
    app: web::Data<AppState>,
    gate: web::Data<Gate>,
    meta: Meta,
    request: RawRequest,
    form: FormBody<TokenForm>,
) -> Answer<HttpResponse> {
    let form = form.0;
    match form.grant_type.as_deref() {
        Some("client_credentials") => {}
        None => return Err(refused("invalid_request", "grant_type is missing.")),
        Some(_) => {
            return Err(refused(
                "unsupported_grant_type",
                "Only client_credentials is supported.",
            ));
        }
    }
    let from = Asking {
        app: &app,
        gate: &gate,
        request: &request.0,
        address: &meta.address,
    };
    let row = authenticate(&from, form.client_id, form.client_secret).await?;
    let scope = match form.scope.as_deref().map(str::trim) {
        None | Some("") => held(&row),
        Some(text) => ScopeSet::parse(text)
            .ok()
            .filter(|wished| held(&row).contains_all(*wished))
            .ok_or_else(|| {
                refused(
                    "invalid_scope",
                    "The client may not hold one of these scopes.",
                )
            })?,
    };
    if scope == ScopeSet::default() {
        return Err(refused(
            "invalid_scope",
            "The client holds no scope yet: another admin has to approve what it asks for.",
        ));
    }
    let jti = app.new_id().to_string();
    let token = NewToken {
        scope,
        sub: row.client_id.clone(),
        client_id: row.client_id.clone(),
        agency: row.agency.clone(),
        desk: row.desk.clone(),
        units: row
            .units
            .clone()
            .map(|units| units.into_iter().flatten().collect()),
        ttl: TOKEN_TTL,
        origin: Origin::Client,
    };
    let access_token = signed(&app, &token, &jti)?;
    let actor = Actor {
        name: row.client_id.clone(),
        client_id: row.client_id,
        agency: row.agency,
        request_id: meta.request_id,
    };
    let entry = Entry::audit("token.issued", &actor, app.now())
        .on("client", row.id)
        .with(json!({"jti": jti, "scope": scope.to_string()}));
    journal::record(&mut *app.db.get().await?, &[entry]).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(TokenIssued {
            access_token,
            token_type: "Bearer",
            expires_in: TOKEN_TTL.as_secs(),
            scope: scope.to_string(),
        }))
}

/// A token signed with the local key; 404 where the local issuer is switched off.
pub fn signed(app: &AppState, token: &NewToken, jti: &str) -> Result<String> {
    if !app.settings.local_issuer {
        return Err(Error::not_found("local issuer"));
    }
    let names = (app.settings.issuer.as_str(), app.settings.audience.as_str());
    issue(&app.signer, names, token, app.now(), jti)
        .map_err(|e| Error::internal("issuing a token", e))
}

/// What to revoke, as `application/x-www-form-urlencoded`.
#[derive(Deserialize, ToSchema)]
struct RevokeForm {
    /// The token.
    #[schema(max_length = 8192)]
    token: Option<String>,
    /// The client, where HTTP Basic is not used.
    #[schema(max_length = 8192)]
    client_id: Option<String>,
    /// Its secret, where HTTP Basic is not used; a public client has none.
    #[schema(max_length = 8192)]
    client_secret: Option<String>,
}

/// Revoke a token.
///
/// Takes effect here at once, and at every other replica within seconds: each reads the revocations every 5 s. A
/// token that is invalid, or not the client's, gets the same answer. A public client holds no secret and sends
/// `client_id` alone. A device's token that is over can be revoked too, as long as it could renew its device: neither
/// does it then.
#[utoipa::path(post, path = "/v1/oauth/revoke", tag = "tokens",
    request_body(content = RevokeForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "Revoked, or there was nothing to revoke"),
              (status = 401, description = "`invalid_client`: the client or its secret is not right",
               body = crate::http::problem::ProblemBody, content_type = "application/problem+json")))]
async fn revoke_token(
    _: Anyone,
    app: web::Data<AppState>,
    gate: web::Data<Gate>,
    registry: web::Data<Registry>,
    meta: Meta,
    request: RawRequest,
    form: FormBody<RevokeForm>,
) -> Answer<HttpResponse> {
    let form = form.0;
    let token = form
        .token
        .ok_or_else(|| refused("invalid_request", "token is missing."))?;
    let from = Asking {
        app: &app,
        gate: &gate,
        request: &request.0,
        address: &meta.address,
    };
    let row = asking(&from, form.client_id, form.client_secret).await?;
    let now = app.now();
    let mut known = gate.verifier.verify(&token, now).await.ok();
    if known.is_none() {
        known = devices::lapsed(&gate, &token, now).await;
    }
    if let Some(principal) = known.filter(|p| p.client_id == row.client_id) {
        let mut conn = app.db.get().await?;
        let client = row.client_id.clone();
        let actor = Actor {
            name: row.client_id.clone(),
            client_id: row.client_id,
            agency: row.agency,
            request_id: meta.request_id,
        };
        let entry = Entry::audit("token.revoked", &actor, now)
            .on("client", row.id)
            .with(json!({"jti": principal.jti}));
        db::transaction(&mut conn, async |conn| {
            let until = match principal.device {
                true => devices::known_until(principal.expires_at),
                false => principal.expires_at,
            };
            store::revoke(conn, &principal.jti, &client, now, until).await?;
            journal::record(conn, &[entry]).await
        })
        .await?;
        registry.refresh(&mut conn).await?;
        gate.verifier.forget(&principal.token_hash);
    }
    Ok(HttpResponse::Ok().finish())
}

/// Where the service is reached: the issuer where it is an address (RFC 8414), else as the request was sent. Only a
/// trusted proxy may say that it came by another name.
fn base_url(request: &actix_web::HttpRequest, gate: &Gate, issuer: &str) -> String {
    if issuer.starts_with("https://") || issuer.starts_with("http://") {
        return issuer.trim_end_matches('/').to_owned();
    }
    let peer = request.peer_addr().map(|peer| peer.ip());
    if peer.is_some_and(|peer| gate.proxies.trust(peer)) {
        let info = request.connection_info();
        return format!("{}://{}", info.scheme(), info.host());
    }
    let sent = request.headers().get(actix_web::http::header::HOST);
    let host = sent.and_then(|host| host.to_str().ok());
    format!(
        "http://{}",
        host.unwrap_or_else(|| request.app_config().host())
    )
}

/// Show the metadata of the authorization server.
///
/// Where this service issues no tokens itself (`TINBAO_LOCAL_ISSUER=off`) no token endpoint is named.
#[utoipa::path(get, path = "/.well-known/oauth-authorization-server", tag = "tokens",
    responses((status = 200, description = "Metadata (RFC 8414)", body = Object)))]
async fn show_metadata(
    _: Anyone,
    app: web::Data<AppState>,
    gate: web::Data<Gate>,
    request: RawRequest,
) -> Json<Value> {
    let base = base_url(&request.0, &gate, &app.settings.issuer);
    let scopes: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    let methods = ["client_secret_basic", "client_secret_post"];
    // Where no tokens are made here, no token endpoint is named.
    let issues = app.settings.local_issuer;
    let grants: &[&str] = if issues { &["client_credentials"] } else { &[] };
    let mut metadata = json!({
        "issuer": app.settings.issuer,
        "revocation_endpoint": format!("{base}/v1/oauth/revoke"),
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "jwks_uri": format!("{base}/.well-known/jwks.json"),
        "grant_types_supported": grants,
        "response_types_supported": [],
        "scopes_supported": scopes,
        "service_documentation": format!("{base}/docs"),
    });
    if let (true, Some(metadata)) = (issues, metadata.as_object_mut()) {
        let endpoint = format!("{base}/v1/oauth/token");
        metadata.insert("token_endpoint".to_owned(), json!(endpoint));
        metadata.insert(
            "token_endpoint_auth_methods_supported".to_owned(),
            json!(methods),
        );
    }
    Json::new(metadata)
}
