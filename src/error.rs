//! The one error of the crate, free of transport: what went wrong, never which status to answer.
//!
//! `http/problem.rs` is the only place that turns it into a status code. What `Display` prints of
//! an inner error goes to the log, never to a client.

use std::borrow::Cow;

/// A boxed cause, kept for the log.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Shorthand used by services and stores.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What was being done when a query ran into its limit of time.
const TOO_SLOW: &str = "waiting for a query";

/// One thing that is wrong with the input and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// Where the problem lies.
    pub place: Place,
    /// A stable machine-readable code, such as `unknown_field`.
    pub code: Cow<'static, str>,
    /// One sentence for the author of the client.
    pub detail: String,
}

/// Where in a request a problem lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// An RFC 6901 JSON pointer into the body.
    Pointer(String),
    /// The name of a query parameter or header.
    Parameter(String),
}

impl FieldProblem {
    /// A problem at a JSON pointer of the body.
    pub fn at(
        pointer: impl Into<String>,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            place: Place::Pointer(pointer.into()),
            code: code.into(),
            detail: detail.into(),
        }
    }

    /// A problem with a query parameter or header.
    pub fn parameter(
        name: impl Into<String>,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            place: Place::Parameter(name.into()),
            code: code.into(),
            detail: detail.into(),
        }
    }
}

/// What a service or store may fail with.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or the caller may not know that there is.
    #[error("{kind} not found")]
    NotFound {
        /// What was looked for.
        kind: &'static str,
    },
    /// The state of the resource forbids the act: always a 409.
    #[error("conflict: {code}")]
    Conflict {
        /// Stable code, listed in `http/problem.rs`.
        code: &'static str,
        /// One sentence that a client may be shown.
        detail: Cow<'static, str>,
    },
    /// The input is well formed but its content is not acceptable.
    #[error("invalid input")]
    Invalid(Vec<FieldProblem>),
    /// The caller is known but may not do this.
    #[error("forbidden: {0}")]
    Forbidden(Cow<'static, str>),
    /// The caller is known but needs the scope of this code too.
    #[error("lacks the scope {0}")]
    LacksScope(&'static str),
    /// The version the caller based the change on is no longer the current one.
    #[error("version has moved on")]
    Stale,
    /// The idempotency key stands for another request.
    #[error("idempotency key used for another request")]
    KeyReused,
    /// A search took longer than one may; a narrower one may be answered.
    #[error("search too slow")]
    SearchTooSlow,
    /// Something that the service depends on is away; trying again later may help.
    #[error("unavailable: {context}")]
    Unavailable {
        /// What was being done.
        context: Cow<'static, str>,
        /// The cause, for the log.
        #[source]
        source: BoxError,
    },
    /// A defect or an unforeseen state.
    #[error("internal: {context}")]
    Internal {
        /// What was being done.
        context: Cow<'static, str>,
        /// The cause, for the log.
        #[source]
        source: BoxError,
    },
}

impl Error {
    /// There is no `kind` that the caller may see.
    pub const fn not_found(kind: &'static str) -> Self {
        Self::NotFound { kind }
    }

    /// The state forbids the act; `code` must be listed in `http/problem.rs`.
    pub fn conflict(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::Conflict {
            code,
            detail: detail.into(),
        }
    }

    /// One invalid field of the body.
    pub fn invalid(
        pointer: impl Into<String>,
        code: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self::Invalid(vec![FieldProblem::at(pointer, code, detail)])
    }

    /// One invalid query parameter or header.
    pub fn invalid_parameter(
        name: impl Into<String>,
        code: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self::Invalid(vec![FieldProblem::parameter(name, code, detail)])
    }

    /// The error with all its causes, for the log.
    pub fn with_causes(&self) -> String {
        let mut text = self.to_string();
        let mut next = std::error::Error::source(self);
        while let Some(cause) = next {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            next = cause.source();
        }
        text
    }

    /// Something needed is away.
    pub fn unavailable(context: &'static str, source: impl Into<BoxError>) -> Self {
        Self::Unavailable {
            context: context.into(),
            source: source.into(),
        }
    }

    /// A query ran into its limit of time.
    pub fn too_slow(source: impl Into<BoxError>) -> Self {
        Self::unavailable(TOO_SLOW, source)
    }

    /// Whether a query ran into its limit of time: another, narrower question may be answered.
    pub fn is_too_slow(&self) -> bool {
        matches!(self, Self::Unavailable { context, .. } if context == TOO_SLOW)
    }

    /// A defect, with what was being done.
    pub fn internal(context: impl Into<Cow<'static, str>>, source: impl Into<BoxError>) -> Self {
        Self::Internal {
            context: context.into(),
            source: source.into(),
        }
    }
}

/// Nothing, or all that was found wrong with the input.
pub fn valid(problems: Vec<FieldProblem>) -> Result<()> {
    match problems.is_empty() {
        true => Ok(()),
        false => Err(Error::Invalid(problems)),
    }
}
