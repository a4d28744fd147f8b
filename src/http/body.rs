//! Bodies of requests, read within a limit and at a pace: JSON, forms and CSV.

use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header, web::Bytes};
use serde::de::DeserializeOwned;
use validator::Validate;

use super::api::{Describe, Operation};
use super::closed;
use super::json::{Parsed, has_nul, parse, parse_value, refuse_nul, replace_nul};
use super::pace::Pace;
use super::problem::Problem;
use super::validation::field_problems;
use crate::error::FieldProblem;

/// Bodies are at most this long unless a route says otherwise.
pub const BODY_LIMIT: usize = 256 * 1024;

/// A JSON body that was parsed and whose shape is valid; unknown fields are refused.
pub struct Body<T, const LIMIT: usize = BODY_LIMIT> {
    /// The parsed value.
    pub value: T,
    /// The bytes as they came, for the idempotency hash.
    pub raw: Bytes,
}

impl<T, const LIMIT: usize> Describe for Body<T, LIMIT> {
    fn describe(operation: &mut Operation) {
        closed::mark(&mut operation.inner);
        operation.errors(&[400, 408, 413, 415, 422]);
    }
}

impl<T, const LIMIT: usize> FromRequest for Body<T, LIMIT>
where
    T: DeserializeOwned + Validate + 'static,
{
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = read(request, payload, LIMIT);
        Box::pin(async move {
            let raw = bytes.await?;
            refuse_nul(&raw)?;
            let value = valid(parse::<T>(&raw)?)?;
            Ok(Self { value, raw })
        })
    }
}

/// What was parsed, where nothing of it is unknown or out of its bounds.
fn valid<T: Validate>(parsed: Parsed<T>) -> Result<T, Problem> {
    if !parsed.ignored.is_empty() {
        return Err(Problem::invalid(
            parsed.ignored.into_iter().map(unknown_field).collect(),
        ));
    }
    parsed
        .value
        .validate()
        .map_err(|errors| Problem::invalid(field_problems(&errors)))?;
    Ok(parsed.value)
}

/// A JSON body that a citizen writes: read like [`Body`], but a U+0000 in it is replaced by U+FFFD, since no text is
/// refused for its content.
pub struct CitizenBody<T> {
    /// The parsed value.
    pub value: T,
    /// The bytes as they came, for the idempotency hash.
    pub raw: Bytes,
}

impl<T> Describe for CitizenBody<T> {
    fn describe(operation: &mut Operation) {
        Body::<T>::describe(operation);
    }
}

impl<T> FromRequest for CitizenBody<T>
where
    T: DeserializeOwned + Validate + 'static,
{
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = read(request, payload, BODY_LIMIT);
        Box::pin(async move {
            let raw = bytes.await?;
            let parsed = if has_nul(&raw) {
                let mut body: serde_json::Value = parse(&raw)?.value;
                replace_nul(&mut body);
                parse_value::<T>(&body)?
            } else {
                parse::<T>(&raw)?
            };
            let value = valid(parsed)?;
            Ok(Self { value, raw })
        })
    }
}

/// A JSON body that may be left out: without one, what its type says by default.
pub struct BodyIfAny<T>(pub T);

impl<T> Describe for BodyIfAny<T> {
    fn describe(operation: &mut Operation) {
        Body::<T>::describe(operation);
    }
}

impl<T: DeserializeOwned + Validate + Default + 'static> FromRequest for BodyIfAny<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let headers = request.headers();
        let none = !headers.contains_key(header::TRANSFER_ENCODING)
            && headers
                .get(header::CONTENT_LENGTH)
                .is_none_or(|length| length == "0");
        // Without a length it may still come (HTTP/2, where a type tells that it does).
        if none && !headers.contains_key(header::CONTENT_TYPE) {
            return Box::pin(std::future::ready(Ok(Self(T::default()))));
        }
        let body = Body::<T>::from_request(request, payload);
        Box::pin(async move { Ok(Self(body.await?.value)) })
    }
}

/// An `application/x-www-form-urlencoded` body of at most 8 KiB, as the OAuth endpoints take it.
pub struct FormBody<T>(pub T);

const FORM_LIMIT: usize = 8 * 1024;

impl<T> Describe for FormBody<T> {
    fn describe(operation: &mut Operation) {
        operation.errors(&[400, 408, 413, 415]);
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for FormBody<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_form = request.content_type() == "application/x-www-form-urlencoded";
        let encoded = refuse_encoded(request);
        let mut payload = payload.take();
        Box::pin(async move {
            encoded?;
            if !is_form {
                return Err(Problem::new(
                    "unsupported_media_type",
                    "Send the body as 'Content-Type: application/x-www-form-urlencoded'.",
                ));
            }
            let bytes = collect_within(&mut payload, 0, FORM_LIMIT).await?;
            let unreadable = || bad_form("The form cannot be read.");
            if bytes.contains(&0) || bytes.windows(3).any(|three| three == b"%00") {
                return Err(unreadable());
            }
            let mut names = HashSet::new();
            let mut fields = form_urlencoded::parse(&bytes).map(|(name, _)| name);
            if fields.any(|name| !names.insert(name)) {
                return Err(bad_form("A parameter is given twice."));
            }
            serde_urlencoded::from_bytes(&bytes)
                .map(Self)
                .map_err(|_why| unreadable())
        })
    }
}

/// 400 with the code of RFC 6749, whose §3.2 wants each parameter once at most.
fn bad_form(detail: &'static str) -> Problem {
    Problem {
        error: Some("invalid_request"),
        ..Problem::new("invalid_grant_request", detail)
    }
}

/// A `text/csv` body.
pub struct CsvBody<const LIMIT: usize = BODY_LIMIT>(pub Bytes);

impl<const LIMIT: usize> Describe for CsvBody<LIMIT> {
    fn describe(operation: &mut Operation) {
        operation.errors(&[400, 413, 415, 422]);
    }
}

impl<const LIMIT: usize> FromRequest for CsvBody<LIMIT> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_csv = request.content_type() == "text/csv";
        let encoded = refuse_encoded(request);
        let mut payload = payload.take();
        Box::pin(async move {
            encoded?;
            if !is_csv {
                return Err(Problem::new(
                    "unsupported_media_type",
                    "Send the body as 'Content-Type: text/csv'.",
                ));
            }
            Ok(Self(collect_within(&mut payload, 0, LIMIT).await?))
        })
    }
}

async fn collect_within(
    payload: &mut Payload,
    announced: usize,
    limit: usize,
) -> Result<Bytes, Problem> {
    let mut body = actix_web::web::BytesMut::with_capacity(announced.min(limit));
    let mut pace = Pace::begin();
    while let Some(chunk) = pace.next(payload).await? {
        let chunk =
            chunk.map_err(|_why| Problem::malformed("The body ended before it was complete."))?;
        if body.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        pace.came(chunk.len());
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// A JSON body as raw bytes, for routes that parse it themselves.
pub struct RawJson<const LIMIT: usize = BODY_LIMIT>(pub Bytes);

impl<const LIMIT: usize> Describe for RawJson<LIMIT> {
    fn describe(operation: &mut Operation) {
        operation.errors(&[400, 408, 413, 415, 422]);
    }
}

impl<const LIMIT: usize> FromRequest for RawJson<LIMIT> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = read(request, payload, LIMIT);
        Box::pin(async move { Ok(Self(bytes.await?)) })
    }
}

fn unknown_field(pointer: String) -> FieldProblem {
    let detail = format!("There is no field {pointer}.");
    FieldProblem::at(pointer, "unknown_field", detail)
}

/// 415 for a body in a coding that is not taken off: it would be read as something else.
fn refuse_encoded(request: &HttpRequest) -> Result<(), Problem> {
    let codings = request.headers().get_all(header::CONTENT_ENCODING);
    let plain = |value: &header::HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    match codings.into_iter().all(plain) {
        true => Ok(()),
        false => Err(Problem {
            headers: vec![(header::ACCEPT_ENCODING, "identity".to_owned())],
            ..Problem::new(
                "unsupported_media_type",
                "Send the body without 'Content-Encoding'.",
            )
        }),
    }
}

/// Collects a JSON body of at most `limit` bytes.
fn read(
    request: &HttpRequest,
    payload: &mut Payload,
    limit: usize,
) -> impl Future<Output = Result<Bytes, Problem>> + use<> {
    let is_json = match request.mime_type() {
        Ok(Some(mime)) => {
            mime.subtype() == "json" || mime.suffix().is_some_and(|suffix| suffix == "json")
        }
        _ => false,
    };
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.parse::<usize>().ok())
        .unwrap_or(0);
    let encoded = refuse_encoded(request);
    let mut payload = payload.take();
    async move {
        encoded?;
        if !is_json {
            return Err(Problem::new(
                "unsupported_media_type",
                "Send the body as 'Content-Type: application/json'.",
            ));
        }
        if announced > limit {
            return Err(too_large(limit));
        }
        collect_within(&mut payload, announced, limit).await
    }
}

/// The answer to a body over its limit.
pub fn too_large(limit: usize) -> Problem {
    Problem::new(
        "payload_too_large",
        format!("The body may be at most {limit} bytes long."),
    )
}
