//! `ETag` and `If-Match` (RFC 9110 §8.8.3, §13.1.1) over the `version` of an editable resource.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};
use utoipa::openapi::{
    Required,
    path::{Parameter, ParameterBuilder, ParameterIn},
    schema::{ObjectBuilder, Type},
};

use super::api::{Describe, Operation};
use super::problem::Problem;
use crate::error::{Error, Result};

/// The entity tag of a version.
pub fn tag(version: i32) -> String {
    format!("\"{version}\"")
}

/// The `If-Match` a change must carry: 428 where it is absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// `*`: any current version.
    Any,
    /// One of these versions.
    Versions(Vec<i32>),
}

impl IfMatch {
    /// Fails as stale unless `current` is one of the versions named.
    pub fn check(&self, current: i32) -> Result<()> {
        match self {
            Self::Any => Ok(()),
            Self::Versions(versions) if versions.contains(&current) => Ok(()),
            Self::Versions(_) => Err(Error::Stale),
        }
    }

    /// [`check`](Self::check) for a part that need not be there: `*` asks for one that is (RFC 9110 §13.1.1).
    pub fn check_part(&self, current: i32, is_there: bool) -> Result<()> {
        match self {
            Self::Any if !is_there => Err(Error::Stale),
            _ => self.check(current),
        }
    }

    /// 428 where a change needs it and it is absent.
    pub fn lacking() -> Problem {
        Problem::new(
            "precondition_required",
            "Send the ETag of the version that you change in If-Match.",
        )
    }

    fn parse(text: &str) -> Self {
        if text.trim() == "*" {
            return Self::Any;
        }
        // A tag that is not one of ours matches nothing (412). If-Match compares strongly: `W/` never matches.
        Self::Versions(
            text.split(',')
                .filter_map(|tag| {
                    tag.trim()
                        .strip_prefix('"')?
                        .strip_suffix('"')?
                        .parse()
                        .ok()
                })
                .collect(),
        )
    }
}

impl Describe for IfMatch {
    fn describe(operation: &mut Operation) {
        operation.parameter(header_parameter(Required::True));
        operation.errors(&[412, 428]);
    }
}

/// Where a change is safe without it, `If-Match` may still be sent.
impl Describe for Option<IfMatch> {
    fn describe(operation: &mut Operation) {
        operation.parameter(header_parameter(Required::False));
        operation.errors(&[412]);
    }
}

fn header_parameter(required: Required) -> Parameter {
    ParameterBuilder::new()
        .name("If-Match")
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(
            "The `ETag` of the version that the change is based on.",
        ))
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(Type::String)
                .examples(["\"3\""]),
        ))
        .build()
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // A list may come in several lines (RFC 9110 §5.3).
        let lines = request.headers().get_all(header::IF_MATCH);
        let lines: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
        ready(match request.headers().contains_key(header::IF_MATCH) {
            false => Err(Self::lacking()),
            true => Ok(Self::parse(&lines.join(","))),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_current_version_passes() {
        for (header, current, passes) in [
            ("\"3\"", 3, true),
            ("\"2\", \"3\"", 3, true),
            ("*", 9, true),
            ("\"2\"", 3, false),
            ("W/\"3\"", 3, false),
            ("nonsense", 3, false),
        ] {
            assert_eq!(
                IfMatch::parse(header).check(current).is_ok(),
                passes,
                "{header}"
            );
        }
    }
}
