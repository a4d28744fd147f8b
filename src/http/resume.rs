//! Streams that a client can take up again: each row carries a sealed cursor, and the same request
//! with `cursor=` goes on behind that row.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::de::DeserializeOwned;
use utoipa::IntoParams;
use utoipa::openapi::{
    Required,
    path::{ParameterBuilder, ParameterIn},
    schema::{ObjectBuilder, Type},
};

use super::api::{Describe, Operation};
use super::page::Cursors;
use super::params;
use super::problem::Problem;

/// The filters of a stream, and where to go on.
pub struct Resumable<F> {
    /// The filters.
    pub filters: F,
    /// Where to go on, and how rows say it.
    pub resume: Resume,
}

/// Opens and makes the cursors of one stream.
pub struct Resume {
    cursor: Option<String>,
    stream: String,
    cursors: Cursors,
}

impl Resume {
    /// What the cursor that was sent holds.
    pub fn after(&self) -> Result<Option<Vec<u8>>, Problem> {
        let Some(cursor) = &self.cursor else {
            return Ok(None);
        };
        cursor
            .strip_prefix('c')
            .and_then(|sealed| self.cursors.open_bytes(&self.stream, sealed))
            .map(Some)
            .ok_or_else(|| {
                Problem::new(
                    "invalid_cursor",
                    "Take the cursor from the last whole row of this very export, with the same filters.",
                )
            })
    }

    /// The cursor of a row. It begins with a letter, so that no spreadsheet takes it for a formula.
    pub fn seal(&self, payload: &[u8]) -> String {
        let mut cursor = String::from("c");
        cursor.push_str(&self.cursors.seal_bytes(&self.stream, payload));
        cursor
    }
}

impl<F: IntoParams> Describe for Resumable<F> {
    fn describe(operation: &mut Operation) {
        params::describe::<F>(operation);
        operation.parameter(
            ParameterBuilder::new()
                .name("cursor")
                .parameter_in(ParameterIn::Query)
                .required(Required::False)
                .description(Some(
                    "`cursor` of the last whole row that arrived: the stream goes on behind it. Valid for the \
                     same path and filters only.",
                ))
                .schema(Some(ObjectBuilder::new().schema_type(Type::String))),
        );
        operation.errors(&[400, 422]);
    }
}

impl<F: DeserializeOwned + 'static> FromRequest for Resumable<F> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request))
    }
}

fn read<F: DeserializeOwned>(request: &HttpRequest) -> Result<Resumable<F>, Problem> {
    params::readable(request.query_string())?;
    let (cursor, mut filters): (Vec<_>, Vec<_>) =
        form_urlencoded::parse(request.query_string().as_bytes())
            .into_owned()
            .partition(|(name, _)| name == "cursor");
    filters.sort();
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&filters)
        .finish();
    Ok(Resumable {
        filters: params::parse(&query)?,
        resume: Resume {
            cursor: cursor.into_iter().next_back().map(|(_, value)| value),
            stream: format!("{}?{query}", request.path()),
            cursors: Cursors::of(request)?,
        },
    })
}
