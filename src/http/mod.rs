//! Our small kit over actix: what every feature needs at the HTTP edge, built once.
//!
//! It knows no feature and no table. A handler's arguments say everything: its first argument is a
//! guard (`guard.rs`), the others are inputs; [`Api`] reads the types and makes from them the route,
//! the check at run time and the OpenAPI operation.

pub mod accept;
pub mod address;
mod api;
pub mod body;
mod closed;
mod code;
pub mod conditional;
pub mod csv;
pub mod etag;
mod free_form;
pub mod guard;
pub mod idempotency;
pub mod json;
pub mod limits;
pub mod middleware;
pub mod moment;
mod named;
pub mod nullable;
pub mod openapi;
mod outgoing;
pub mod pace;
pub mod page;
pub mod params;
mod patience;
pub mod problem;
mod reporter;
pub mod respond;
pub mod resume;
mod shared;
mod unread;
pub mod validation;

pub use api::{Api, Describe, Endpoint, Operation};
pub use body::{Body, BodyIfAny, CitizenBody};
pub use code::{
    AdvisoryStateCode, AppealStateCode, Code, DeadlineStateCode, DeliveryStateCode, KindCode,
    LevelCode, ReferralStateCode, TipStatusCode, VerdictCode, VerdictStateCode,
};
pub use etag::IfMatch;
pub use guard::{Anyone, Caller, CallerOrPublic, Police, Province, Sensitive, scope};
pub use idempotency::IdempotencyKey;
pub use middleware::Meta;
pub use page::{Cursors, ItemPage, PageQuery};
pub use params::{Path, Query};
pub use problem::Problem;
pub use reporter::{By, CallerOrReporter, Reporter};
pub use respond::{Accepted, Created, Json};

/// What a handler returns.
pub type Answer<T> = Result<T, Problem>;

/// Collects handlers into an [`Api`]; each must carry `#[utoipa::path]`.
#[macro_export]
macro_rules! handlers {
    ($($handler:ident),* $(,)?) => {
        pastey::paste! { $crate::http::Api::new()$(.with::<[<__path_ $handler>], _, _>($handler))* }
    };
}
