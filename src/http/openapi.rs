//! The OpenAPI document, made from the registrar's endpoints, and the routes that serve it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use actix_web::http::header;
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};
use utoipa::openapi::{
    ComponentsBuilder, ContactBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref,
    RefOr, ServerBuilder,
    path::Paths,
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    tag::TagBuilder,
};

use super::api::Api;
use super::closed::Uses;
use super::conditional::{conditional, tag};
use super::free_form;
use super::guard::Anyone;
use super::named;
use super::problem::{PROBLEM_TYPES, Problem, ProblemBody, ProblemItem, ProblemType, Retry};
use super::shared::{accept_language, problem_response};
use crate::auth::Scope;

/// Tags with what they hold, in the order that the docs show them.
pub const TAGS: &[(&str, &str)] = &[
    ("intake", "Citizens' tips: post them, alone or in batches."),
    (
        "receipt",
        "What became of a tip, for the reporter who holds its receipt.",
    ),
    (
        "check",
        "Is this number, link or account known? What the public may learn.",
    ),
    (
        "indicators",
        "Canonical scam traces, what is known of them, verdicts and appeals.",
    ),
    (
        "triage",
        "The analysts' queue: most urgent first, claims with leases, decisions.",
    ),
    ("tips", "Tips as officers see them."),
    (
        "cases",
        "Cases with the clocks of the Criminal Procedure Code.",
    ),
    (
        "referrals",
        "Each agency's share of a tip or case, and its answer.",
    ),
    (
        "events",
        "Changes as a stream: pull, server-sent events, webhooks.",
    ),
    (
        "deliveries",
        "What is sent to webhooks: calls that a receiver takes, not calls to this service.",
    ),
    ("advisories", "Warnings to the public."),
    ("statistics", "Figures and campaign windows."),
    ("exchange", "Bulk export, STIX/TAXII, MISP."),
    (
        "privacy",
        "Audit, retention and the rights of data subjects.",
    ),
    (
        "administration",
        "Clients, agencies, desks, routing, calendar, reference data.",
    ),
    ("tokens", "Issuing, describing and revoking access tokens."),
    (
        "operations",
        "Health, documentation and the list of problems.",
    ),
];

const ABOUT: &str = "Crime tips about online fraud: from a citizen's report to the decision that the law \
requires.\n\nTimes are RFC 3339 in UTC, money is an integer number of đồng, ids are UUIDv7, lengths count \
Unicode code points. Errors are RFC 9457 problems; `GET /problems` lists their types and says which \
to retry. Texts for people follow `Accept-Language` (`vi` by default, `en`); codes never change.\n\nAccess tokens \
come from `POST /v1/oauth/token` (confidential clients), `POST /v1/devices` (mobile apps), an issuer that the \
installation trusts, or `tinbao token` on the server. A POST that creates takes an `Idempotency-Key`: sent again with the \
same key and body it answers the first answer, with `Idempotency-Replayed: true`. Lists are read by `cursor`: pass \
`next_cursor` of one page to get the next, or follow `Link`. What is edited carries an `ETag`: send it as `If-Match` with \
the change, and read again after a 412. Every answer bears `X-Request-Id`, and answers to limited calls `RateLimit` and \
`RateLimit-Policy`; after a 429 or 503 wait for \
`Retry-After`. A set of codes is closed where it stands as `enum`; elsewhere codes may be added.";

/// The whole document.
pub fn document(api: &Api) -> OpenApi {
    let mut paths = Paths::new();
    let mut statuses = BTreeSet::new();
    let mut uses = Uses::default();
    for endpoint in api.endpoints() {
        let mut operation = (endpoint.operation)();
        uses.look(&mut operation);
        if endpoint.path.starts_with("/v1/") {
            let parameters = operation.parameters.get_or_insert_default();
            parameters.push(RefOr::Ref(Ref::new(
                "#/components/parameters/AcceptLanguage",
            )));
        }
        statuses.extend(operation.responses.responses.keys().cloned());
        paths.add_path_operation(
            endpoint.path.clone(),
            vec![endpoint.method.clone()],
            operation,
        );
    }
    let mut components = ComponentsBuilder::new()
        .security_scheme("bearer", bearer())
        .security_scheme("receipt", receipt());
    let mut schemas: BTreeMap<_, _> = api.schemas().into_iter().collect();
    for (name, schema) in [
        (
            "ProblemBody",
            <ProblemBody as utoipa::PartialSchema>::schema(),
        ),
        (
            "ProblemItem",
            <ProblemItem as utoipa::PartialSchema>::schema(),
        ),
    ] {
        schemas.insert(name.to_owned(), schema);
    }
    named::refer(&mut schemas);
    uses.close(&mut schemas);
    for (name, mut schema) in schemas {
        free_form::open(&mut schema);
        components = components.schema(name, schema);
    }
    let mut by_status: BTreeMap<u16, Vec<&ProblemType>> = BTreeMap::new();
    for kind in PROBLEM_TYPES {
        by_status.entry(kind.status).or_default().push(kind);
    }
    let used = |status: &u16| statuses.contains(&status.to_string());
    for (status, kinds) in by_status.into_iter().filter(|(status, _)| used(status)) {
        components = components.response(format!("Problem{status}"), problem_response(&kinds));
    }
    let mut components = components.build();
    let language = RefOr::T(accept_language());
    components
        .parameters
        .insert("AcceptLanguage".to_owned(), language);
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Tinbao")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(ABOUT))
                .contact(Some(
                    ContactBuilder::new()
                        .name(Some("The Tinbao engineers"))
                        .build(),
                ))
                .license(Some(
                    LicenseBuilder::new()
                        .name("MIT OR Apache-2.0")
                        .identifier(Some("MIT OR Apache-2.0"))
                        .build(),
                )),
        )
        .servers(Some([ServerBuilder::new()
            .url("/")
            .description(Some("This service"))
            .build()]))
        .tags(Some(TAGS.iter().map(|(name, description)| {
            TagBuilder::new()
                .name(*name)
                .description(Some(*description))
                .build()
        })))
        .paths(paths)
        .components(Some(components))
        .build()
}

fn bearer() -> SecurityScheme {
    let scopes: String = Scope::ALL
        .iter()
        .map(|s| format!("\n* `{}`: {}", s.as_str(), s.description()))
        .collect();
    SecurityScheme::Http(
        HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some(format!(
                "A JWT access token (RFC 9068). Scopes:{scopes}"
            )))
            .build(),
    )
}

fn receipt() -> SecurityScheme {
    SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(
        "Tip-Receipt",
        "The receipt that the answer to a posted tip carried.",
    )))
}

/// The document as the service serves it, rendered when it is first asked for.
pub struct Served {
    make: fn() -> OpenApi,
    rendered: OnceLock<Rendered>,
}

struct Rendered {
    json: Bytes,
    etag: String,
}

impl Served {
    /// Will make the document with this.
    pub const fn new(make: fn() -> OpenApi) -> Self {
        Self {
            make,
            rendered: OnceLock::new(),
        }
    }

    fn rendered(&self) -> &Rendered {
        self.rendered.get_or_init(|| Rendered::new(&(self.make)()))
    }
}

impl Rendered {
    fn new(document: &OpenApi) -> Self {
        let json = Bytes::from(document.to_json().unwrap_or_default());
        let etag = tag(&[&json]);
        Self { json, etag }
    }
}

/// The endpoints that describe the service.
pub fn api() -> Api {
    crate::handlers![show_openapi, list_problems, show_problem, show_docs]
}

/// Show the OpenAPI 3.1 document.
#[utoipa::path(get, path = "/openapi.json", tag = "operations",
    responses((status = 200, description = "The document", body = Object, content_type = "application/json"),
              (status = 304, description = "Not changed since the ETag in If-None-Match")))]
async fn show_openapi(_: Anyone, served: web::Data<Served>, request: RawRequest) -> HttpResponse {
    let served = served.rendered();
    conditional(&request.0, &served.etag, "application/json", || {
        served.json.clone()
    })
}

/// The request itself, for the few handlers that answer by its headers.
pub struct RawRequest(pub HttpRequest);

impl super::api::Describe for RawRequest {}

impl actix_web::FromRequest for RawRequest {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        std::future::ready(Ok(Self(request.clone())))
    }
}

fn retry_text(retry: Retry) -> &'static str {
    match retry {
        Retry::Never => "Do not retry: the same request can never succeed.",
        Retry::SameKey => {
            "Retry the same request with the same Idempotency-Key after Retry-After seconds."
        }
        Retry::NewToken => {
            "Get a fresh token (log in again where the challenge asks for it), then send the same request again with the same Idempotency-Key: what is queued offline is kept."
        }
        Retry::AfterRead => "Read the resource again and decide anew.",
    }
}

/// List every problem type and which to retry.
#[utoipa::path(get, path = "/problems", tag = "operations",
    responses((status = 200, description = "A page for people", body = String, content_type = "text/html")))]
async fn list_problems(_: Anyone) -> HttpResponse {
    let rows: String = PROBLEM_TYPES
        .iter()
        .map(|k| {
            format!(
                "<tr id=\"{0}\"><td><code>/problems/{0}</code><td>{1}<td>{2}<br><span lang=\"vi\">{3}</span><td>{4}\n",
                k.slug, k.status, k.title, k.title_vi, retry_text(k.retry)
            )
        })
        .collect();
    html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Tinbao: problems</title>\
         <style>body{{font:16px/1.5 system-ui;max-width:64rem;margin:2rem auto;padding:0 1rem}}\
         td,th{{text-align:left;vertical-align:top;padding:.4rem .8rem;border-bottom:1px solid #ddd}}</style>\
         <h1>Problems</h1><p>Every error answer is <code>application/problem+json</code> (RFC 9457).\
         <table><tr><th>type<th>status<th>title<th>what to do\n{rows}</table></html>"
    ))
}

/// Show one problem type.
#[utoipa::path(get, path = "/problems/{slug}", tag = "operations",
    params(("slug" = String, Path, description = "Last segment of `type`", example = "validation")),
    responses((status = 200, description = "A page for people", body = String, content_type = "text/html")))]
async fn show_problem(_: Anyone, slug: super::Path<String>) -> super::Answer<HttpResponse> {
    let kind = PROBLEM_TYPES
        .iter()
        .find(|kind| kind.slug == slug.0)
        .ok_or_else(|| Problem::new("not_found", "There is no such problem type."))?;
    Ok(html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{0}</title><h1>{0}</h1>\
         <p lang=\"vi\">{1}<p>Status {2}. {3}<p><a href=\"/problems\">All problems</a></html>",
        kind.title,
        kind.title_vi,
        kind.status,
        retry_text(kind.retry)
    )))
}

fn html(page: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'",
        ))
        .content_type("text/html; charset=utf-8")
        .body(page)
}

/// Show the documentation page; it loads nothing from other hosts.
#[utoipa::path(get, path = "/docs", tag = "operations",
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
async fn show_docs(_: Anyone) -> super::Answer<HttpResponse> {
    docs_page("")
}

/// The files of the documentation page; they are no part of the API.
pub fn configure_docs(config: &mut web::ServiceConfig) {
    config.route("/docs/{file:.*}", web::get().to(docs_file));
}

async fn docs_file(file: web::Path<String>) -> super::Answer<HttpResponse> {
    docs_page(&file)
}

fn docs_page(name: &str) -> super::Answer<HttpResponse> {
    let config = utoipa_swagger_ui::Config::from("/openapi.json");
    let found = utoipa_swagger_ui::serve(name, std::sync::Arc::new(config))
        .ok()
        .flatten();
    let mut file = found.ok_or_else(|| Problem::new("not_found", "There is no such file."))?;
    if file.content_type.starts_with("text/html") && !file.gzpipped {
        // The page is the same with and without the slash at the end of its address.
        let page = String::from_utf8_lossy(&file.bytes);
        let page = page
            .replace("=\"./", "=\"/docs/")
            .replace("=\"index.css", "=\"/docs/index.css");
        file.bytes = page.into_bytes().into();
    }
    let mut answer = HttpResponse::Ok();
    if file.gzpipped {
        answer.insert_header((header::CONTENT_ENCODING, "gzip"));
    }
    Ok(answer
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self'",
        ))
        .content_type(if file.content_type.starts_with("text/") {
            format!("{}; charset=utf-8", file.content_type)
        } else {
            file.content_type
        })
        .body(file.bytes.into_owned()))
}
