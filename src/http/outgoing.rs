//! What every answer carries, and how it is framed.

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Version};

use super::middleware::Meta;

/// What browsers may do with any answer: neither frame it nor run plug-ins for it.
const EVERYWHERE: &str = "object-src 'none'; base-uri 'none'; frame-ancestors 'none'";
/// Data is nothing to run or load anything for.
const DATA: &str = "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// Adds what every answer carries.
pub fn decorate(response: &mut ServiceResponse, meta: &Meta) {
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&meta.request_id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    // A page, or a file that somebody sent, has a policy of its own already: browsers keep to both.
    let policy = if headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        EVERYWHERE
    } else {
        DATA
    };
    headers.append(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(policy),
    );
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// A client of HTTP/1.0 knows no chunks (RFC 9112 §6.1): to it, an answer whose length is not known ends with the
/// connection.
pub fn unchunk(response: &mut ServiceResponse<BoxBody>) {
    if response.request().version() >= Version::HTTP_11
        || response.response().body().size() != BodySize::Stream
    {
        return;
    }
    let head = response.response_mut().head_mut();
    head.no_chunking(true);
    head.set_connection_type(ConnectionType::Close);
}
