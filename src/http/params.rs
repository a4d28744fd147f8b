//! Path and query parameters.

use std::borrow::Cow;
use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::de::DeserializeOwned;
use utoipa::IntoParams;
use utoipa::openapi::path::ParameterIn;
use utoipa::openapi::schema::{SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

use super::api::{Describe, Operation};
use super::problem::Problem;
use crate::error::FieldProblem;

/// Path parameters; an id that cannot exist is 404 like one that does not.
pub struct Path<T>(pub T);

impl<T> Describe for Path<T> {
    fn describe(operation: &mut Operation) {
        operation.errors(&[404]);
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Path<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(
            actix_web::web::Path::<T>::extract(request)
                .into_inner()
                .map(|path| Self(path.into_inner()))
                .map_err(|_why| Problem::new("not_found", "There is nothing under this path.")),
        )
    }
}

/// Query parameters; an unknown or invalid one is 422 naming it.
pub struct Query<T>(pub T);

/// Adds the query parameters of `T`; an optional one is left out, never `null`.
pub fn describe<T: IntoParams>(operation: &mut Operation) {
    for mut parameter in T::into_params(|| Some(ParameterIn::Query)) {
        if let Some(RefOr::T(Schema::Object(object))) = &mut parameter.schema
            && let SchemaType::Array(types) = &object.schema_type
            && let Some(kind) = types.iter().find(|kind| **kind != Type::Null)
        {
            object.schema_type = SchemaType::Type(kind.clone());
        }
        operation.parameter(parameter);
    }
}

impl<T: IntoParams> Describe for Query<T> {
    fn describe(operation: &mut Operation) {
        describe::<T>(operation);
        operation.errors(&[422]);
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.query_string()).map(Self))
    }
}

/// 422 where a parameter is given twice, or is no UTF-8. Types put together of others do not notice the first, and
/// take the last; what is no UTF-8 would be looked for as something else.
pub fn readable(query: &str) -> Result<(), Problem> {
    if has_beyond_ascii(query)
        && let Some(pair) = query.split('&').find(|pair| !is_utf8(pair))
    {
        let name = names(pair).next().unwrap_or_default();
        let detail = "The value is not UTF-8.";
        let field = FieldProblem::parameter(name.into_owned(), "invalid_value", detail);
        return Err(Problem::invalid(vec![field]));
    }
    let mut names: Vec<_> = names(query).collect();
    names.sort_unstable();
    let mut twice = names.windows(2).filter_map(|pair| match pair {
        [name, same] if name == same => Some(name),
        _ => None,
    });
    twice.next().map_or(Ok(()), |name| {
        let detail = "The parameter is given twice.";
        let field = FieldProblem::parameter(name.clone().into_owned(), "duplicate_field", detail);
        Err(Problem::invalid(vec![field]))
    })
}

fn names(query: &str) -> impl Iterator<Item = Cow<'_, str>> {
    form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name)
}

/// Whether a byte above 127 stands in it as `%80` to `%FF`: else it is UTF-8, and need not be decoded.
fn has_beyond_ascii(query: &str) -> bool {
    let mut pairs = query.as_bytes().windows(2);
    pairs.any(|pair| matches!(pair, [b'%', b'8' | b'9' | b'a'..=b'f' | b'A'..=b'F']))
}

fn is_utf8(pair: &str) -> bool {
    percent_encoding::percent_decode_str(pair)
        .decode_utf8()
        .is_ok()
}

/// Parses a query string strictly.
pub fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    // No text in Postgres holds U+0000, so nothing can be meant by it.
    let nul = query
        .contains("%00")
        .then(|| form_urlencoded::parse(query.as_bytes()).find(|(_, value)| value.contains('\0')));
    if let Some((name, _)) = nul.flatten() {
        let detail = "The character U+0000 is not allowed.";
        return Err(Problem::invalid(vec![FieldProblem::parameter(
            name.into_owned(),
            "nul_character",
            detail,
        )]));
    }
    readable(query)?;
    let mut unknown = Vec::new();
    let mut track = serde_path_to_error::Track::new();
    let source = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
    let result: Result<T, _> = {
        let tracked = serde_path_to_error::Deserializer::new(source, &mut track);
        serde_ignored::deserialize(tracked, |path| unknown.push(path.to_string()))
    };
    let errors = match result {
        Ok(value) if unknown.is_empty() => return Ok(value),
        Ok(_) => unknown
            .into_iter()
            .map(|name| {
                let detail = format!("There is no query parameter '{name}'.");
                FieldProblem::parameter(name, "unknown_field", detail)
            })
            .collect(),
        Err(error) => vec![value_problem(&track.path().to_string(), &error.to_string())],
    };
    Err(Problem::invalid(errors))
}

/// A position of the journal, 0 where none is given; 422 where it is negative.
pub fn position(name: &str, given: Option<i64>) -> Result<i64, Problem> {
    let position = given.unwrap_or(0);
    if position < 0 {
        let detail = format!("{name} is a position of the journal: 0 or more.");
        let field = FieldProblem::parameter(name, "out_of_range", detail);
        return Err(Problem::invalid(vec![field]));
    }
    Ok(position)
}

fn value_problem(path: &str, message: &str) -> FieldProblem {
    let quoted = |prefix: &str| {
        message
            .strip_prefix(prefix)
            .and_then(|rest| rest.split('`').next())
            .map(str::to_owned)
    };
    if let Some(name) = quoted("missing field `") {
        return FieldProblem::parameter(name, "required", "This parameter is required.");
    }
    let detail = match message.split_once("expected ") {
        Some((_, expected)) => format!("Expected {expected}."),
        None => "The value is not valid.".to_owned(),
    };
    let code = if message.contains("unknown variant") {
        "unknown_value"
    } else {
        "invalid_value"
    };
    FieldProblem::parameter(path, code, detail)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Sample {
        limit: Option<u8>,
        flag: Option<bool>,
    }

    #[derive(Debug, Deserialize)]
    struct Both {
        #[serde(flatten)]
        _sample: Sample,
        _q: Option<String>,
    }

    #[test]
    fn a_parameter_said_twice_is_named_in_types_put_together_too() {
        let problem = parse::<Both>("limit=1&limit=2").unwrap_err();
        assert_eq!(problem.errors[0].code, "duplicate_field");
    }

    #[test]
    fn names_the_parameter_that_is_wrong() {
        for (query, name, code) in [
            ("limit=abc", "limit", "invalid_value"),
            ("limit=1&limit=2", "limit", "duplicate_field"),
            ("nonsense=1", "nonsense", "unknown_field"),
            ("flag=maybe", "flag", "invalid_value"),
            ("q=%ff", "q", "invalid_value"),
            ("limit=1&q=a%C3", "q", "invalid_value"),
            ("q=a%e1%bb", "q", "invalid_value"),
            ("q=a%00", "q", "nul_character"),
            ("limit=1&flag=true&limi%74=2", "limit", "duplicate_field"),
        ] {
            let problem = parse::<Sample>(query).unwrap_err();
            let found = &problem.errors[0];
            assert_eq!(
                found.place,
                crate::error::Place::Parameter(name.to_owned()),
                "{query}"
            );
            assert_eq!(found.code, code, "{query}");
        }
    }

    #[test]
    fn reads_what_is_right() {
        let sample = parse::<Sample>("limit=7").unwrap();
        assert_eq!((sample.limit, sample.flag), (Some(7), None));
        let both = parse::<Both>("_q=ti%E1%BB%81n").unwrap();
        assert_eq!(both._q.as_deref(), Some("tiền"));
    }
}
