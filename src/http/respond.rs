//! Success answers: JSON with an entity tag, 201 with `Location`.

use actix_web::error::JsonPayloadError;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Responder};
use serde::Serialize;

use super::etag;

/// Bytes of most answers, so that they are written without growing.
const AN_ANSWER: usize = 1_024;

/// 200 with a JSON body.
pub struct Json<T> {
    value: T,
    version: Option<i32>,
}

impl<T> Json<T> {
    /// Answers the value.
    pub const fn new(value: T) -> Self {
        Self {
            value,
            version: None,
        }
    }

    /// Answers the value with the `ETag` of its version.
    pub const fn versioned(value: T, version: i32) -> Self {
        Self {
            value,
            version: Some(version),
        }
    }
}

impl<T: Serialize> Responder for Json<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut answer = HttpResponse::Ok();
        if let Some(version) = self.version {
            answer.insert_header((header::ETAG, etag::tag(version)));
        }
        json(answer, &self.value)
    }
}

/// 202 with a JSON body: what was asked for waits for a second person.
pub struct Accepted<T> {
    value: T,
    version: i32,
}

impl<T> Accepted<T> {
    /// Answers the value with the `ETag` of its version.
    pub const fn versioned(value: T, version: i32) -> Self {
        Self { value, version }
    }
}

impl<T: Serialize> Responder for Accepted<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut answer = HttpResponse::Accepted();
        answer.insert_header((header::ETAG, etag::tag(self.version)));
        json(answer, &self.value)
    }
}

/// 201 with `Location` and a JSON body.
pub struct Created<T> {
    location: String,
    value: T,
    version: Option<i32>,
}

impl<T> Created<T> {
    /// Answers the value made, and where it is.
    pub const fn new(location: String, value: T) -> Self {
        Self {
            location,
            value,
            version: None,
        }
    }

    /// The same with the `ETag` of its version.
    pub const fn versioned(location: String, value: T, version: i32) -> Self {
        Self {
            location,
            value,
            version: Some(version),
        }
    }
}

impl<T: Serialize> Responder for Created<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut answer = HttpResponse::Created();
        answer.insert_header((header::LOCATION, self.location));
        if let Some(version) = self.version {
            answer.insert_header((header::ETAG, etag::tag(version)));
        }
        json(answer, &self.value)
    }
}

/// Ends an answer with a JSON body.
fn json(mut answer: HttpResponseBuilder, value: &impl Serialize) -> HttpResponse {
    let mut body = Vec::with_capacity(AN_ANSWER);
    match serde_json::to_writer(&mut body, value) {
        Ok(()) => {
            let kind = HeaderValue::from_static("application/json");
            answer
                .insert_header((header::CONTENT_TYPE, kind))
                .body(body)
        }
        Err(error) => HttpResponse::from_error(JsonPayloadError::Serialize(error)),
    }
}

/// An answer that is kept under an idempotency key, or made as if it were.
pub struct Kept {
    /// Status.
    pub status: u16,
    /// `Location`.
    pub location: Option<String>,
    /// Version for the `ETag`.
    pub version: Option<i32>,
    /// JSON body, empty for none.
    pub body: String,
}

/// Answers it, with `Idempotency-Replayed: true` where it is given again.
pub fn replayable(kept: Kept, replayed: bool) -> HttpResponse {
    let status = actix_web::http::StatusCode::from_u16(kept.status)
        .unwrap_or(actix_web::http::StatusCode::OK);
    let mut answer = HttpResponse::build(status);
    if let Some(location) = kept.location {
        answer.insert_header((header::LOCATION, location));
    }
    if let Some(version) = kept.version {
        answer.insert_header((header::ETAG, etag::tag(version)));
    }
    if replayed {
        answer.insert_header(("Idempotency-Replayed", "true"));
    }
    if kept.body.is_empty() {
        answer.finish()
    } else {
        answer.content_type("application/json").body(kept.body)
    }
}
