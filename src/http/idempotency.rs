//! The `Idempotency-Key` header: parsed here, kept by the `idempotency` feature.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use sha2::{Digest, Sha256};
use utoipa::openapi::{
    Required,
    path::{ParameterBuilder, ParameterIn},
    schema::{ObjectBuilder, Type},
};

use super::api::{Describe, Operation};
use super::problem::Problem;

/// The key a client sent, if any.
#[derive(Clone)]
pub struct IdempotencyKey(pub Option<String>);

impl Describe for IdempotencyKey {
    fn describe(operation: &mut Operation) {
        operation.parameter(
            ParameterBuilder::new()
                .name("Idempotency-Key")
                .parameter_in(ParameterIn::Header)
                .required(Required::False)
                .description(Some(
                    "1–255 printable ASCII characters, best a random UUID. The same key with the \
                     same method, path and body answers the first answer again with \
                     `Idempotency-Replayed: true`; with another body it is 422.",
                ))
                .schema(Some(
                    ObjectBuilder::new()
                        .schema_type(Type::String)
                        .min_length(Some(1))
                        .max_length(Some(255))
                        .examples(["0f8fad5b-d9cb-469f-a165-70867728950e"]),
                )),
        );
        operation.errors(&[400, 409, 422]);
        operation.header(
            "Idempotency-Replayed",
            Type::String,
            "`true` where the key was used before and this is the first answer again.",
        );
    }
}

impl FromRequest for IdempotencyKey {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match request.headers().get("Idempotency-Key") {
            None => Ok(Self(None)),
            Some(value) => match value.to_str() {
                Ok(key)
                    if (1..=255).contains(&key.len())
                        && key.bytes().all(|b| (0x20..0x7f).contains(&b)) =>
                {
                    Ok(Self(Some(key.to_owned())))
                }
                _ => Err(Problem::malformed(
                    "Idempotency-Key must be 1 to 255 printable ASCII characters.",
                )),
            },
        })
    }
}

/// SHA-256 over method, path and body: what has to be the same for a replay.
pub fn request_hash(method: &str, path: &str, body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(method.as_bytes());
    hash.update([0]);
    hash.update(path.as_bytes());
    hash.update([0]);
    hash.update(body);
    hash.finalize().into()
}
