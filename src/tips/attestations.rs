//! `POST /v1/attestations/verify`: whether an attestation was made here, and for what.

use actix_web::web;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::intake::ATTESTATION;
use crate::http::body::BODY_LIMIT;
use crate::http::{Answer, Anyone, Api, Body, Json};
use crate::state::AppState;

pub fn api() -> Api {
    crate::handlers![verify_attestation]
}

/// Written into a string of JSON, a body of the largest size that is received takes up to six times as much.
const LIMIT: usize = 6 * BODY_LIMIT + 16 * 1024;

/// An attestation to be checked.
#[derive(Deserialize, Validate, ToSchema)]
#[schema(example = json!({"attestation": "eyJhbGciOiJFZERTQSIsInR5cCI6InRpcC1hdHRlc3RhdGlvbitqd3QifQ.e30.c2ln"}))]
struct VerifyAttestation {
    /// The compact JWS that the answer to a tip carried.
    #[validate(length(min = 1, max = 8000))]
    #[schema(min_length = 1, max_length = 8000)]
    attestation: String,
    /// The body as it was sent, character for character, to check that it is what was received.
    #[validate(length(max = 262_144))]
    #[schema(max_length = 262144)]
    submission: Option<String>,
}

/// What an attestation says.
#[derive(Serialize, ToSchema)]
struct AttestationChecked {
    /// Whether this service signed it and it is unaltered.
    valid: bool,
    /// The tip that was received.
    #[schema(required)]
    tip_id: Option<Uuid>,
    /// The submission that was received: the tip itself or an addition.
    #[schema(required)]
    submission_id: Option<Uuid>,
    /// SHA-256 over the salt and the bytes received, in hexadecimal.
    #[schema(required)]
    digest: Option<String>,
    /// When it was received.
    #[schema(required)]
    received_at: Option<DateTime<Utc>>,
    /// Whether `submission` is what was received; null where none was given.
    #[schema(required)]
    submission_matches: Option<bool>,
}

/// Check an attestation.
///
/// Open to all. It can also be done without this service, with the keys in `/.well-known/jwks.json`. Nothing is
/// looked up; the answer stands in the attestation itself.
#[utoipa::path(post, path = "/v1/attestations/verify", tag = "receipt", request_body = VerifyAttestation,
    responses((status = 200, description = "Whether it is valid, and what it says", body = AttestationChecked)))]
async fn verify_attestation(
    _: Anyone,
    app: web::Data<AppState>,
    body: Body<VerifyAttestation, LIMIT>,
) -> Answer<Json<AttestationChecked>> {
    let claims = app
        .signer
        .verify_jws(body.value.attestation.trim(), ATTESTATION);
    let Some(claims) = claims else {
        return Ok(Json::new(AttestationChecked {
            valid: false,
            tip_id: None,
            submission_id: None,
            digest: None,
            received_at: None,
            submission_matches: None,
        }));
    };
    let matches = body
        .value
        .submission
        .as_ref()
        .map(|sent| digest(&claims, sent).as_deref() == text(&claims, "digest"));
    Ok(Json::new(AttestationChecked {
        valid: true,
        tip_id: read(&claims, "tip_id"),
        submission_id: read(&claims, "submission_id"),
        digest: text(&claims, "digest").map(str::to_owned),
        received_at: read(&claims, "received_at"),
        submission_matches: matches,
    }))
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str()
}

fn read<T: serde::de::DeserializeOwned>(claims: &Map<String, Value>, name: &str) -> Option<T> {
    serde_json::from_value(claims.get(name)?.clone()).ok()
}

/// The digest that a body has under the salt of an attestation.
fn digest(claims: &Map<String, Value>, sent: &str) -> Option<String> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let salt = STANDARD.decode(text(claims, "salt")?).ok()?;
    let digest = Sha256::new()
        .chain_update(salt)
        .chain_update(sent.as_bytes())
        .finalize();
    Some(hex::encode(digest))
}
