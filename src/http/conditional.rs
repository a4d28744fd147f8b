//! Conditional answers (RFC 9110 §13): what a client has already is not sent again.

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest, Sha256};

/// A strong entity tag over these parts.
pub fn tag(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    let hex = hex::encode(hash.finalize());
    format!("\"{}\"", hex.get(..32).unwrap_or_default())
}

/// 304 where the client has these bytes, else the bytes with their tag.
pub fn cached(request: &HttpRequest, body: Vec<u8>, content_type: &str) -> HttpResponse {
    let tag = tag(&[&body]);
    conditional(request, &tag, content_type, || body.into())
}

/// 304 where the client has what bears the tag, else the body.
pub fn conditional(
    request: &HttpRequest,
    tag: &str,
    content_type: &str,
    body: impl FnOnce() -> Bytes,
) -> HttpResponse {
    let known = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    let fresh = known.is_some_and(|known| known.split(',').any(|one| is(one.trim(), tag)));
    let mut answer = if fresh {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    answer.insert_header((header::ETAG, tag));
    // What was told to the bearer of a token is not for others, RFC 9111 §5.2.2.
    let caching = match request.headers().contains_key(header::AUTHORIZATION) {
        true => "private, max-age=60",
        false => "public, max-age=60",
    };
    answer.insert_header((header::CACHE_CONTROL, caching));
    if fresh {
        answer.finish()
    } else {
        answer.content_type(content_type).body(body())
    }
}

/// The weak comparison that `If-None-Match` asks for.
fn is(sent: &str, tag: &str) -> bool {
    sent == "*" || sent.strip_prefix("W/").unwrap_or(sent) == tag
}
