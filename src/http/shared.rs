//! What all operations share in the document: the error answers with their headers, the language of texts.

use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{
    ContentBuilder, Header, Object, ObjectBuilder, Ref, RefOr, Required, ResponseBuilder,
};

use super::problem::{Problem, ProblemType, Retry};

/// The header that says in which language people are told things.
pub fn accept_language() -> Parameter {
    ParameterBuilder::new()
        .name("Accept-Language")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Language of texts for people: `vi` (default) or `en`; codes never change.",
        ))
        .schema(Some(text()))
        .example(Some("en".into()))
        .build()
}

fn text() -> Object {
    ObjectBuilder::new().schema_type(Type::String).build()
}

/// The fields of the limits (draft-ietf-httpapi-ratelimit-headers).
pub const LIMITS: [&str; 2] = ["RateLimit", "RateLimit-Policy"];

/// A header of an answer.
pub fn header(kind: Type, description: &str) -> Header {
    let schema = ObjectBuilder::new().schema_type(kind).build();
    let mut header = Header::new(schema);
    header.description = Some(description.to_owned());
    header
}

/// What an error answer of these types carries beside its body.
fn headers(kinds: &[&ProblemType]) -> Vec<(&'static str, Header)> {
    let mut headers = Vec::new();
    if kinds.iter().any(|kind| kind.retry == Retry::SameKey) {
        let said = "Seconds after which to send the same request again, where that makes sense.";
        headers.push(("Retry-After", header(Type::Integer, said)));
    }
    if kinds.iter().any(|kind| matches!(kind.status, 401 | 403)) {
        let said = "What is lacking (RFC 6750, RFC 9470).";
        headers.push(("WWW-Authenticate", header(Type::String, said)));
    }
    if kinds.iter().any(|kind| kind.status == 405) {
        headers.push(("Allow", header(Type::String, "The methods of the path.")));
    }
    if kinds.iter().any(|kind| kind.status == 429) {
        for name in LIMITS {
            let said = "The limit that is used up (draft-ietf-httpapi-ratelimit-headers).";
            headers.push((name, header(Type::String, said)));
        }
    }
    headers
}

/// The error answer with one status.
pub fn problem_response(kinds: &[&ProblemType]) -> RefOr<utoipa::openapi::Response> {
    let titles: Vec<_> = kinds
        .iter()
        .map(|k| format!("`{}`: {}", k.slug, k.title))
        .collect();
    let example = kinds.first().map(|kind| {
        serde_json::to_value(Problem::new(kind.slug, kind.title).body(
            Some("/v1/tips"),
            Some("019ab1c2-7d3e-7f00-8a11-1f2e3d4c5b6a"),
            false,
        ))
        .unwrap_or_default()
    });
    let response = ResponseBuilder::new().description(titles.join("; "));
    headers(kinds)
        .into_iter()
        .fold(response, |response, (name, header)| {
            response.header(name, header)
        })
        .content(
            "application/problem+json",
            ContentBuilder::new()
                .schema(Some(Ref::from_schema_name("ProblemBody")))
                .example(example)
                .build(),
        )
        .build()
        .into()
}
