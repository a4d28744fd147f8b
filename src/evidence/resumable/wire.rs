//! Headers and bodies of files that come in pieces (tus 1.0.0).

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderName, HeaderValue, TryIntoHeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, Required, schema::Type};
use uuid::Uuid;

use super::store::UploadRow;
use crate::error::FieldProblem;
use crate::evidence::upload::FILE_LIMIT;
use crate::http::body::too_large;
use crate::http::{Describe, Operation, Problem};

/// The version of tus that is spoken here.
const VERSION: &str = "1.0.0";
const TUS: HeaderName = HeaderName::from_static("tus-resumable");
const TUS_NAME: &str = "Tus-Resumable";
const LENGTH: &str = "Upload-Length";
const OFFSET: &str = "Upload-Offset";
const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");

/// A file that is coming in pieces.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct UploadView {
    /// Id of the upload.
    id: Uuid,
    /// Bytes of the file.
    #[schema(example = 482_113)]
    length: i64,
    /// Bytes that came.
    #[schema(example = 131_072)]
    received: i64,
    /// The file that it became; null until it is whole.
    #[schema(required)]
    attachment_id: Option<Uuid>,
    /// Until when it may be gone on with.
    pub expires_at: DateTime<Utc>,
}

impl From<&UploadRow> for UploadView {
    fn from(row: &UploadRow) -> Self {
        Self {
            id: row.id,
            length: row.length,
            received: row.received,
            attachment_id: row.attachment_id,
            expires_at: row.expires_at,
        }
    }
}

/// An upload that is to begin.
pub struct NewUpload {
    /// Bytes of the file.
    pub length: usize,
}

/// The next bytes of an upload.
pub struct Piece {
    /// Where they begin.
    pub offset: i64,
    /// The bytes.
    pub bytes: web::Payload,
}

/// Speaks the same version, and says so: the protocol wants it with every request that sends something.
fn version(request: &HttpRequest) -> Result<(), Problem> {
    match request.headers().get(&TUS) {
        Some(said) if said == VERSION => Ok(()),
        _ => Err(Problem {
            headers: vec![(HeaderName::from_static("tus-version"), VERSION.to_owned())],
            ..Problem::new("precondition_failed", "Send 'Tus-Resumable: 1.0.0'.")
        }),
    }
}

/// A number in a header.
fn number(request: &HttpRequest, name: &'static str) -> Result<i64, Problem> {
    let wrong = |code: &'static str, detail: &str| {
        Problem::invalid(vec![FieldProblem::parameter(name, code, detail)])
    };
    let value = request
        .headers()
        .get(name)
        .ok_or_else(|| wrong("required", "This header is required."))?;
    value
        .to_str()
        .ok()
        .and_then(|text| text.parse().ok())
        .filter(|number| *number >= 0)
        .ok_or_else(|| wrong("invalid_value", "A number of bytes is expected."))
}

impl FromRequest for NewUpload {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let read = || {
            version(request)?;
            let length = number(request, LENGTH)?;
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            match length {
                0 => Err(Problem::invalid(vec![FieldProblem::parameter(
                    LENGTH,
                    "nothing_said",
                    "The file is empty.",
                )])),
                _ if length > FILE_LIMIT => Err(too_large(FILE_LIMIT)),
                length => Ok(Self { length }),
            }
        };
        ready(read())
    }
}

impl FromRequest for Piece {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = || {
            version(request)?;
            let kind = request.headers().get(header::CONTENT_TYPE);
            if kind.is_none_or(|kind| kind != "application/offset+octet-stream") {
                return Err(Problem::new(
                    "unsupported_media_type",
                    "Send the bytes as 'Content-Type: application/offset+octet-stream'.",
                ));
            }
            number(request, OFFSET)
        };
        let offset = read();
        let bytes = web::Payload::from_request(request, payload);
        ready(offset.and_then(|offset| {
            let bytes = bytes
                .into_inner()
                .map_err(|_why| Problem::malformed("The body cannot be read."))?;
            Ok(Self { offset, bytes })
        }))
    }
}

fn header_parameter(operation: &mut Operation, name: &str, about: &str) {
    let bytes = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(0.0));
    let version = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some([VERSION]));
    let spoken = "The version of tus that the sender speaks";
    for (name, about, schema) in [(TUS_NAME, spoken, version), (name, about, bytes)] {
        operation.parameter(
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Header)
                .required(Required::True)
                .description(Some(about))
                .schema(Some(schema)),
        );
    }
}

impl Describe for NewUpload {
    fn describe(operation: &mut Operation) {
        header_parameter(operation, LENGTH, "Bytes of the whole file, at most 20 MiB");
        operation.errors(&[412, 413, 422]);
    }
}

impl Describe for Piece {
    fn describe(operation: &mut Operation) {
        header_parameter(operation, OFFSET, "Where these bytes begin: what HEAD says");
        operation.errors(&[400, 408, 412, 413, 415, 422]);
    }
}

/// What is spoken here: the same for every file of every tip, and no secret.
pub fn options() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((TUS, VERSION))
        .insert_header(("Tus-Version", VERSION))
        .insert_header(("Tus-Extension", "creation,expiration,termination"))
        .insert_header(("Tus-Max-Size", FILE_LIMIT.to_string()))
        .finish()
}

/// The answer to a new upload, which lives until then.
pub fn created(mut answer: HttpResponse, expires_at: Option<DateTime<Utc>>) -> HttpResponse {
    let headers = answer.headers_mut();
    headers.insert(TUS, HeaderValue::from_static(VERSION));
    if let Some(at) = expires_at
        && let Ok(value) = http_date(at).try_into_value()
    {
        headers.insert(EXPIRES, value);
    }
    answer
}

fn http_date(at: DateTime<Utc>) -> header::HttpDate {
    std::time::SystemTime::from(at).into()
}

/// How far an upload is, in headers.
pub fn shown<'a>(
    answer: &'a mut HttpResponseBuilder,
    row: &UploadRow,
) -> &'a mut HttpResponseBuilder {
    answer
        .insert_header((TUS, VERSION))
        .insert_header((OFFSET, row.received.to_string()))
        .insert_header((LENGTH, row.length.to_string()))
        .insert_header((EXPIRES, http_date(row.expires_at)))
}
