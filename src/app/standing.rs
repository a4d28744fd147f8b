//! How a request stands in line for a database connection: what only reads gives way first.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

use crate::db::Class;

/// Classes the request; see `db::Pool`.
pub async fn in_line<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    class(&request).run(next.call(request)).await
}

/// A probe is no read that can be refused: the replica would be taken out, and its intake with it.
fn class(request: &ServiceRequest) -> Class {
    if request.method().is_safe() && !request.path().starts_with("/health/") {
        Class::Read
    } else {
        Class::Write
    }
}
