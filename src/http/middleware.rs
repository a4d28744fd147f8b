//! What happens around every request: its id, its credentials, its limits, its log line, and the
//! last touch on every error answer.

use std::sync::Arc;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use chrono::{DateTime, Duration, Utc};
use futures_util::future::LocalBoxFuture;
use uuid::Uuid;

use super::address::{TrustedProxies, client_address};
use super::api::Describe;
use super::limits::{Limits, Verdict, Who};
use super::outgoing::{decorate, unchunk};
use super::problem::Problem;
use super::unread::hold;
use crate::auth::{Principal, Rejected, ScopeSet, StepUp, Verifier, sensitive_of};
use crate::domain::device::Device;
use crate::domain::lang::Lang;
use crate::telemetry::RequestSpan;

/// What the token of a request came to.
#[derive(Clone)]
pub enum Credentials {
    /// None was sent.
    None,
    /// It is not valid.
    Rejected,
    /// Its issuer's keys cannot be had right now.
    Unavailable,
    /// It is valid.
    Known(Arc<Principal>),
}

/// Set on a request whose bearer must log in otherwise for what is sensitive.
pub struct Withheld;

/// Facts about the request that services record or depend on.
#[derive(Clone)]
pub struct Meta {
    /// The request id, as sent by the client or made here.
    pub request_id: String,
    /// The client's address, IPv6 cut to its /64; never stored.
    pub address: String,
    /// The language that texts for people are wanted in.
    pub lang: Lang,
    /// HTTP method.
    pub method: String,
    /// Path without query.
    pub path: String,
}

impl Describe for Meta {}

impl FromRequest for Meta {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(
            request
                .extensions()
                .get::<Self>()
                .cloned()
                .ok_or_else(Problem::unavailable),
        )
    }
}

/// Reads the time; tests set it.
pub type Now = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Decides whether a verified principal may come in at all: registered client, token not revoked.
pub trait Admission: Send + Sync {
    /// The principal as the registry narrows it, or why it may not come in.
    fn admit(&self, principal: Arc<Principal>) -> Result<Arc<Principal>, Rejected>;

    /// Reads the registry anew for a client that it does not hold; whether it could be read.
    fn learn(&self) -> LocalBoxFuture<'_, bool>;
}

/// What the middleware needs.
#[derive(Clone)]
pub struct Gate {
    /// Verifies tokens.
    pub verifier: Arc<Verifier>,
    /// Knows clients and revocations.
    pub admission: Arc<dyn Admission>,
    /// Counts requests.
    pub limits: Arc<Limits>,
    /// How people of other issuers must have logged in for what is sensitive.
    pub step_up: Option<StepUp>,
    /// Proxies that are believed.
    pub proxies: TrustedProxies,
    /// The clock.
    pub now: Now,
}

/// Outermost: gives the request its id, writes its one log line, finishes error answers.
pub async fn observe(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let started = Instant::now();
    let meta = meta(&request);
    request.extensions_mut().insert(meta.clone());
    let method = label(&meta.method);
    let span = RequestSpan::begin(method, request.headers());
    let trace_id = span
        .trace_id()
        .unwrap_or_else(|| trace_id(request.headers()));
    let body = hold(&mut request);
    let mut response = next.call(request).await?.map_into_boxed_body();
    let (code, fault) = finish(&mut response, &meta);
    decorate(&mut response, &meta);
    unchunk(&mut response);

    let status = response.status().as_u16();
    let route = response
        .request()
        .match_pattern()
        .unwrap_or_else(|| "unmatched".to_owned());
    let elapsed = started.elapsed();
    metrics::histogram!("http_request_duration_seconds", "method" => method, "route" => route.clone())
        .record(elapsed.as_secs_f64());
    metrics::counter!("http_requests_total", "method" => method, "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    span.end(method, &route, status);
    let client = match response.request().extensions().get::<Credentials>() {
        Some(Credentials::Known(who)) => who.client_id.clone(),
        _ => String::new(),
    };
    let (who, object) = refused(response.request(), status);
    let ms = elapsed.as_millis();
    match fault {
        Some(fault) => tracing::error!(
            request_id = %meta.request_id, trace_id, method = %meta.method, route, status, ms, client, code, who,
            object, fault, "{} {route} answered {status}", meta.method
        ),
        None => tracing::info!(
            request_id = %meta.request_id, trace_id, method = %meta.method, route, status, ms, client, code, who,
            object, "{} {route} answered {status}", meta.method
        ),
    }
    Ok(match body {
        Some(body) => body.until_sent(response),
        None => response,
    })
}

/// Who was refused, and what: 404 too, for it is what somebody hears who may not know of a thing.
///
/// Only ids of a path, and only the names of people whose work this is: what citizens ask for, and who they are, is
/// in no log.
fn refused(request: &HttpRequest, status: u16) -> (Option<String>, Option<String>) {
    if ![401, 403, 404].contains(&status) {
        return (None, None);
    }
    let ids: Vec<&str> = request
        .match_info()
        .iter()
        .map(|(_, value)| value)
        .filter(|value| Uuid::parse_str(value).is_ok())
        .collect();
    let who = match request.extensions().get::<Credentials>() {
        Some(Credentials::Known(who))
            if who.is_at_work() || request.extensions().contains::<Withheld>() =>
        {
            Some(who.sub.clone())
        }
        _ => None,
    };
    (who, (!ids.is_empty()).then(|| ids.join(" ")))
}

/// A method as a label: whoever invents methods makes no new series.
fn label(method: &str) -> &'static str {
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        .into_iter()
        .find(|known| *known == method)
        .unwrap_or("other")
}

/// Inner: verifies the token and counts the request, before any extractor runs.
pub async fn admit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let Some(gate) = request
        .app_data::<web::Data<Gate>>()
        .map(|gate| gate.get_ref().clone())
    else {
        return Ok(request.error_response(Problem::unavailable()));
    };
    let now = (gate.now)();
    let mut credentials = credentials(&request, &gate, now).await;
    let withheld = gate.step_up.as_ref().and_then(|demanded| {
        let held = withhold(&mut credentials, demanded, now)?;
        request.extensions_mut().insert(Withheld);
        Some((held, demanded))
    });
    // As it is routed: written with escapes it is the same.
    let path = request.match_info().as_str();
    let check = path.starts_with("/v1/check");
    let verdict = {
        let meta = request.extensions().get::<Meta>().cloned();
        let address = meta.as_ref().map_or("", |meta| meta.address.as_str());
        let who = match &credentials {
            Credentials::Known(who) => who_is(who, now),
            _ => Who::Address(address),
        };
        if unlimited(path) {
            Ok(None)
        } else {
            gate.limits.take(who, check)
        }
    };
    request.extensions_mut().insert(credentials);
    let verdict = match verdict {
        Ok(verdict) => verdict,
        Err(refusal) => return Ok(request.error_response(refusal)),
    };
    let mut response = next.call(request).await?.map_into_boxed_body();
    if let Some((held, demanded)) = withheld
        && lacks(&response, held)
    {
        response = response.into_response(
            actix_web::HttpResponse::from_error(Problem::step_up(demanded)).map_into_boxed_body(),
        );
    }
    // What was counted later says what is left now.
    let later = response.request().extensions_mut().remove::<Verdict>();
    if let Some(verdict) = later.or(verdict) {
        verdict.write(response.headers_mut());
    }
    Ok(response)
}

/// Takes the sensitive scopes from who has not logged in as demanded; which, or `None` where all is well.
fn withhold(
    credentials: &mut Credentials,
    demanded: &StepUp,
    now: DateTime<Utc>,
) -> Option<ScopeSet> {
    let Credentials::Known(who) = credentials else {
        return None;
    };
    if demanded.is_met(who, now) {
        return None;
    }
    let held = sensitive_of(who.scopes);
    *credentials = Credentials::Known(Arc::new(Principal {
        scopes: who.scopes.without(held),
        ..Principal::clone(who)
    }));
    Some(held)
}

/// Whether a request was refused for want of a scope that is withheld.
fn lacks(response: &ServiceResponse<BoxBody>, held: ScopeSet) -> bool {
    let error = response.response().error();
    error
        .and_then(|error| error.as_error::<Problem>())
        .filter(|problem| problem.slug == "insufficient_scope")
        .and_then(|problem| problem.scope.as_deref())
        .is_some_and(|any_of| held.contains_any(ScopeSet::parse_known(any_of)))
}

/// How a principal is counted.
pub fn who_is(who: &Principal, now: DateTime<Utc>) -> Who<'_> {
    Who::Client {
        id: &who.client_id,
        device: who.device.then_some(who.sub.as_str()),
        new_device: who.device
            && Device::parse(&who.sub)
                .and_then(Device::first_seen)
                .is_none_or(|at| now - at < Duration::days(1)),
    }
}

/// Health probes must not starve; receipts are limited by failed attempts alone (contract §3).
fn unlimited(path: &str) -> bool {
    path.starts_with("/health/") || path.starts_with("/v1/receipt")
}

async fn credentials(request: &ServiceRequest, gate: &Gate, now: DateTime<Utc>) -> Credentials {
    let mut sent = request.headers().get_all(header::AUTHORIZATION);
    let Some(value) = sent.next() else {
        return Credentials::None;
    };
    // Who reads the first and who reads the last would see two different bearers.
    if sent.next().is_some() {
        return Credentials::Rejected;
    }
    let token = value.to_str().ok().and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let Some(token) = token else {
        // Another scheme, such as Basic at the token endpoint, is not ours to judge.
        return Credentials::None;
    };
    let verified = gate.verifier.verify(token, now).await;
    let admit = |principal| gate.admission.admit(principal);
    let mut admitted = verified.clone().and_then(admit);
    // Registered at another replica a moment ago.
    if admitted == Err(Rejected::UnknownClient) && gate.admission.learn().await {
        admitted = verified.and_then(admit);
    }
    match admitted {
        Ok(principal) => Credentials::Known(principal),
        Err(Rejected::Invalid | Rejected::UnknownClient) => Credentials::Rejected,
        Err(Rejected::Unavailable) => Credentials::Unavailable,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "it names a request in the log and tells no time"
)]
fn meta(request: &ServiceRequest) -> Meta {
    let sent = text(request.headers(), "x-request-id")
        .filter(|id| (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic()));
    let request_id = sent.map_or_else(|| Uuid::now_v7().to_string(), str::to_owned);
    let proxies = request
        .app_data::<web::Data<Gate>>()
        .map(|gate| gate.proxies.clone());
    Meta {
        request_id,
        address: client_address(
            request.peer_addr().map(|peer| peer.ip()),
            request.headers(),
            &proxies.unwrap_or_default(),
        ),
        lang: Lang::from_accept_language(text(request.headers(), "accept-language")),
        method: request.method().to_string(),
        path: request.path().to_owned(),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The trace id of a W3C `traceparent`.
fn trace_id(headers: &HeaderMap) -> String {
    text(headers, "traceparent")
        .and_then(|value| value.split('-').nth(1))
        .filter(|id| id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()))
        .unwrap_or_default()
        .to_owned()
}

/// Turns every error into a problem that names the request; returns its code and the fault, for the log.
fn finish(response: &mut ServiceResponse, meta: &Meta) -> (Option<&'static str>, Option<String>) {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return (None, None);
    }
    let vi = meta.lang == Lang::Vi;
    let own = response
        .response()
        .error()
        .and_then(|error| error.as_error::<Problem>());
    let (code, answer, fault) = match own {
        Some(problem) => (
            problem.slug,
            problem.respond(Some(&meta.path), Some(&meta.request_id), vi),
            problem.source_chain(),
        ),
        None if is_problem(response.headers()) => return (None, None),
        None => {
            let problem = generic(status.as_u16());
            let fault = status.is_server_error().then(|| {
                response
                    .response()
                    .error()
                    .map_or_else(String::new, ToString::to_string)
            });
            (
                problem.slug,
                problem.respond(Some(&meta.path), Some(&meta.request_id), vi),
                fault,
            )
        }
    };
    let mut answer = answer;
    for (name, value) in response.headers() {
        if !answer.headers().contains_key(name)
            && name != header::CONTENT_TYPE
            && name != header::CONTENT_LENGTH
        {
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
    *response = ServiceResponse::new(response.request().clone(), answer);
    (Some(code), fault)
}

fn is_problem(headers: &HeaderMap) -> bool {
    text(headers, "content-type").is_some_and(|kind| kind.starts_with("application/problem+json"))
}

/// The problem for a status that actix itself answered with.
fn generic(status: u16) -> Problem {
    match status {
        404 => Problem::new("not_found", "There is nothing under this path."),
        405 => Problem::new("method_not_allowed", "This path does not know the method."),
        406 => Problem::new(
            "not_acceptable",
            "Ask for another representation in Accept.",
        ),
        413 => Problem::new("payload_too_large", "The body is too large."),
        414 => Problem::new("uri_too_long", "The request target is too long."),
        415 => Problem::new(
            "unsupported_media_type",
            "The body's media type is not supported.",
        ),
        431 => Problem::new("headers_too_large", "The headers are too large."),
        503 => Problem::unavailable(),
        500.. => Problem::new("internal", "The fault is logged under the request id."),
        _ => Problem::malformed("The request cannot be read."),
    }
}
