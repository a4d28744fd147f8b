//! Reading a file out of a form: hashed, sealed and stored while it comes, in constant memory.

use std::future::Future;
use std::pin::Pin;

use actix_multipart::{Field, Multipart};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use futures_util::Stream;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::kind;
use crate::error::{Error, FieldProblem};
use crate::http::body::too_large;
use crate::http::pace::Pace;
use crate::http::{Answer, Problem};
use crate::http::{Describe, Operation};
use crate::keys::{CHUNK, DataKey, Wrapped};
use crate::state::AppState;
use crate::storage::Writing;

/// Bytes of a file (contract §3).
pub const FILE_LIMIT: usize = 20 * 1024 * 1024;
/// Bytes of a form around its file.
const FORM: usize = 64 * 1024;

/// A form that is still to be read.
pub struct Form(Multipart);

impl Describe for Form {
    fn describe(operation: &mut Operation) {
        operation.errors(&[400, 408, 413, 415, 422]);
    }
}

impl FromRequest for Form {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Answer<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_form = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| {
                value
                    .trim_start()
                    .to_ascii_lowercase()
                    .starts_with("multipart/form-data")
            });
        let announced = request
            .headers()
            .get(header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.parse::<usize>().ok())
            .unwrap_or(0);
        let form = Multipart::from_request(request, payload);
        Box::pin(async move {
            if !is_form {
                return Err(Problem::new(
                    "unsupported_media_type",
                    "Send the file as 'Content-Type: multipart/form-data'.",
                ));
            }
            if announced > FILE_LIMIT + FORM {
                return Err(too_large(FILE_LIMIT));
            }
            match form.await {
                Ok(form) => Ok(Self(form)),
                Err(_) => Err(Problem::malformed("The form cannot be read.")),
            }
        })
    }
}

/// A file that is stored but belongs to no tip yet.
pub struct Stored {
    pub id: Uuid,
    pub media_type: &'static str,
    pub size: usize,
    pub sha256: [u8; 32],
    /// What the journal keeps of the hash.
    pub commitment: [u8; 32],
    pub wrapped: Wrapped,
}

/// Stores the one file of a form.
pub async fn store(app: &AppState, form: Form) -> Answer<Stored> {
    let mut form = form.0;
    let mut stored: Option<Stored> = None;
    let mut pace = Pace::begin();
    loop {
        let outcome = match pace.next(&mut form).await {
            Ok(None) => break,
            Err(problem) => Err(problem),
            Ok(Some(Err(_))) => Err(broken()),
            Ok(Some(Ok(field))) if !is_file(&field) => {
                Err(wrong("unknown_field", "Send only a file."))
            }
            Ok(Some(Ok(_))) if stored.is_some() => {
                Err(wrong("too_many", "Send one file in each request."))
            }
            Ok(Some(Ok(field))) => file(app, field, &mut pace)
                .await
                .map(|file| stored = Some(file)),
        };
        if let Err(problem) = outcome {
            if let Some(file) = stored {
                app.storage.delete(file.id).await?;
            }
            return Err(problem);
        }
    }
    stored.ok_or_else(|| wrong("required", "The form holds no file."))
}

fn is_file(field: &Field) -> bool {
    let named = field
        .content_disposition()
        .is_some_and(|disposition| disposition.get_filename().is_some());
    named || field.name() == Some("file")
}

fn wrong(code: &'static str, detail: &str) -> Problem {
    Problem::invalid(vec![FieldProblem::at("/file", code, detail)])
}

fn broken() -> Problem {
    Problem::malformed("The form ended before it was complete, or is none.")
}

async fn file(app: &AppState, field: Field, pace: &mut Pace) -> Answer<Stored> {
    let stored = seal(
        app,
        app.new_id(),
        field,
        pace,
        (FILE_LIMIT, Broken::Refused),
    )
    .await?;
    stored.ok_or_else(|| wrong("nothing_said", "The file is empty."))
}

/// What becomes of bytes whose sender is cut off.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// Nothing is kept.
    Refused,
    /// What came is kept.
    Kept,
}

/// Stores what comes as one sealed object, at most so many bytes; `None` where nothing came.
pub async fn seal<S, E>(
    app: &AppState,
    id: Uuid,
    source: S,
    pace: &mut Pace,
    limits: (usize, Broken),
) -> Answer<Option<Stored>>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    // First, so that the sweep knows it whenever this ends.
    let mut conn = app.db.get().await?;
    super::store::announce(&mut conn, id, app.now()).await?;
    drop(conn);
    let mut writing = app.storage.write(id).await?;
    match read(app, source, id, &mut writing, pace, limits).await {
        Ok(None) => {
            writing.abort().await?;
            Ok(None)
        }
        Ok(stored) => {
            writing.finish().await?;
            Ok(stored)
        }
        Err(problem) => {
            if let Err(error) = writing.abort().await {
                tracing::warn!(
                    fault = error.with_causes(),
                    "an upload could not be taken back"
                );
            }
            Err(problem)
        }
    }
}

async fn read<S, E>(
    app: &AppState,
    mut source: S,
    id: Uuid,
    writing: &mut Writing,
    pace: &mut Pace,
    (limit, when_broken): (usize, Broken),
) -> Answer<Option<Stored>>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    let failed = |e| Error::internal("sealing a file", e);
    let key = DataKey::random();
    let (mut sealer, prefix) = key.seal_stream(id.as_bytes());
    writing.add(&prefix).await?;
    let mut hash = Sha256::new();
    let mut size = 0_usize;
    let mut head = Vec::new();
    let mut waiting = BytesMut::with_capacity(2 * CHUNK);
    loop {
        let bytes = match pace.next(&mut source).await {
            Ok(Some(Ok(bytes))) => bytes,
            Ok(None) => break,
            Ok(Some(Err(_))) | Err(_) if when_broken == Broken::Kept => break,
            Ok(Some(Err(_))) => return Err(broken()),
            Err(late) => return Err(late),
        };
        size += bytes.len();
        pace.came(bytes.len());
        if size > limit {
            return Err(too_large(limit));
        }
        hash.update(&bytes);
        head.extend(bytes.iter().take(kind::HEAD.saturating_sub(head.len())));
        waiting.extend_from_slice(&bytes);
        // One byte more than a chunk: only then is it sure that this one is not the last.
        while waiting.len() > CHUNK {
            let chunk = waiting.split_to(CHUNK);
            writing.add(&sealer.next(&chunk).map_err(failed)?).await?;
        }
    }
    if size == 0 {
        return Ok(None);
    }
    writing.add(&sealer.last(&waiting).map_err(failed)?).await?;
    let sha256: [u8; 32] = hash.finalize().into();
    Ok(Some(Stored {
        id,
        media_type: kind::of(&head),
        size,
        sha256,
        commitment: key.commit(&sha256),
        wrapped: key
            .wrap(&app.keys.identity, id.as_bytes())
            .map_err(failed)?,
    }))
}
