//! How long a request that only reads may take.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

use super::problem::Problem;

/// Every statement ends before (`db::Pool`), unless Postgres takes them and does nothing.
const READ: Duration = Duration::from_secs(20);
/// Whoever probes asks again soon.
const PROBE: Duration = Duration::from_secs(4);

/// 503 for a read whose answer does not begin in time. What changes something is let be: its sender
/// could not know what became of it.
pub async fn within<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    if !request.method().is_safe() {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let patience = match request.path().starts_with("/health/") {
        true => PROBE,
        false => READ,
    };
    let asked = request.request().clone();
    match tokio::time::timeout(patience, next.call(request)).await {
        Ok(answer) => Ok(answer?.map_into_left_body()),
        Err(_late) => {
            let late = HttpResponse::from_error(Problem::unavailable());
            Ok(ServiceResponse::new(asked, late).map_into_right_body())
        }
    }
}
