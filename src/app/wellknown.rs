//! Health probes and published keys.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::http::{Answer, Anyone, Api, Problem};
use crate::indicators::public::PublicIndex;
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![show_liveness, show_readiness, show_jwks]
}

/// A probe's answer.
#[derive(Serialize, ToSchema)]
struct Health {
    /// `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Show that the process lives.
///
/// Query parameters are ignored, as load balancers add some of their own.
#[utoipa::path(get, path = "/health/live", tag = "operations",
    responses((status = 200, description = "It lives", body = Health)))]
async fn show_liveness(_: Anyone) -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok" })
}

/// Show whether requests can be served.
///
/// Postgres is reachable, its schema is current, and what the public check may tell is loaded. Query parameters are
/// ignored.
#[utoipa::path(get, path = "/health/ready", tag = "operations",
    responses((status = 200, description = "Ready", body = Health)))]
async fn show_readiness(
    _: Anyone,
    app: web::Data<AppState>,
    public: web::Data<PublicIndex>,
) -> Answer<HttpResponse> {
    let mut conn = app.db.get().await?;
    if !crate::db::migrations::is_current(&mut conn).await? {
        return Err(Problem {
            retry_after: Some(5),
            ..Problem::new(
                "unavailable",
                "The database schema is not current: run tinbao migrate.",
            )
        });
    }
    if !public.is_loaded() {
        return Err(Problem {
            retry_after: Some(1),
            ..Problem::new(
                "unavailable",
                "What the public check may tell is being loaded.",
            )
        });
    }
    Ok(HttpResponse::Ok().json(Health { status: "ok" }))
}

/// Show the keys that tokens, attestations and checkpoints made here are signed with.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "tokens",
    responses((status = 200, description = "A JWK set (RFC 7517)", body = Object,
               example = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "…", "x": "…"}]}))))]
async fn show_jwks(_: Anyone, app: web::Data<AppState>) -> HttpResponse {
    let keys: Value = app.signer.jwks();
    HttpResponse::Ok()
        .insert_header(("Cache-Control", "public, max-age=300"))
        .json(json!(keys))
}
