//! Reporters: whoever shows a receipt in place of a token.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use utoipa::openapi::security::SecurityRequirement;

use super::api::{Describe, Operation};
use super::guard::{AnyOf, Guard, admit, bearer};
use super::limits::Verdict;
use super::middleware::Credentials;
use super::problem::Problem;
use crate::auth::{Principal, Scope};

/// A reporter who holds a receipt and shows it in the header `Tip-Receipt` in place of a token.
///
/// What it holds is only what was sent: `receipts` decides whether it opens anything.
pub struct Reporter {
    /// The header as sent.
    pub presented: String,
    request: HttpRequest,
}

impl Reporter {
    /// Has the answer say what is left of a limit that was counted for the receipt.
    pub fn tell(&self, left: Verdict) {
        self.request.extensions_mut().insert(left);
    }
}

impl Guard for Reporter {
    fn scopes() -> &'static [Scope] {
        &[]
    }
    fn security() -> Vec<SecurityRequirement> {
        vec![SecurityRequirement::new("receipt", Vec::<String>::new())]
    }
}

impl Describe for Reporter {
    fn describe(operation: &mut Operation) {
        operation.errors(&[401, 404]);
    }
}

/// Who calls: a bearer, or a reporter by receipt.
pub enum By {
    /// The bearer of a token with the scope.
    Bearer(Arc<Principal>),
    /// A reporter who shows a receipt.
    Receipt(Reporter),
}

/// A caller with scope `S`, or a reporter who shows a receipt in place of a token.
pub struct CallerOrReporter<S> {
    /// Which of them.
    pub by: By,
    _scope: PhantomData<fn() -> S>,
}

impl<S: AnyOf> Guard for CallerOrReporter<S> {
    fn scopes() -> &'static [Scope] {
        S::SCOPES
    }
    fn security() -> Vec<SecurityRequirement> {
        let mut all = bearer(S::SCOPES);
        all.extend(Reporter::security());
        all
    }
}

impl<S: AnyOf> Describe for CallerOrReporter<S> {
    fn describe(operation: &mut Operation) {
        operation.errors(&[401, 403, 404]);
    }
}

impl<S: AnyOf> FromRequest for CallerOrReporter<S> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        // A token that was sent counts, even a bad one: a receipt beside it must not hide that.
        let anonymous = matches!(
            request.extensions().get::<Credentials>(),
            None | Some(Credentials::None)
        );
        let by = if anonymous && request.headers().contains_key("Tip-Receipt") {
            Reporter::from_request(request, payload)
                .into_inner()
                .map(By::Receipt)
        } else {
            admit::<S>(request).map(By::Bearer)
        };
        ready(by.map(|by| Self {
            by,
            _scope: PhantomData,
        }))
    }
}

impl FromRequest for Reporter {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match request.headers().get("Tip-Receipt") {
            None => Err(Problem {
                headers: vec![(
                    actix_web::http::header::WWW_AUTHENTICATE,
                    "Receipt realm=\"tinbao\"".to_owned(),
                )],
                ..Problem::new(
                    "receipt_required",
                    "Send the receipt in the header Tip-Receipt.",
                )
            }),
            Some(value) => Ok(Self {
                presented: String::from_utf8_lossy(value.as_bytes()).into_owned(),
                request: request.clone(),
            }),
        })
    }
}
