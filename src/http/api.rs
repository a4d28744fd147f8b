//! The registrar: one call adds a handler's route, its check and its OpenAPI operation.

use std::collections::BTreeMap;

use actix_web::dev::HttpServiceFactory;
use actix_web::middleware::from_fn;
use actix_web::{FromRequest, Handler, Responder, Route, guard, http::Method, web};
use utoipa::openapi::{
    Ref, RefOr, Schema,
    path::{HttpMethod, Operation as OpenApiOperation, Parameter},
    schema::Type,
    security::SecurityRequirement,
};

use super::guard::Guard;
use super::patience::within;
use super::problem::Problem;
use super::shared;
use crate::auth::Scope;

/// Operation under construction, as its argument types describe it.
pub struct Operation {
    /// What utoipa made of the handler's attribute.
    pub inner: OpenApiOperation,
}

impl Operation {
    /// Adds the shared error answers for these statuses, unless the handler documents its own.
    pub fn errors(&mut self, statuses: &[u16]) {
        for status in statuses {
            self.inner
                .responses
                .responses
                .entry(status.to_string())
                .or_insert_with(|| RefOr::Ref(Ref::from_response_name(format!("Problem{status}"))));
        }
    }

    /// Adds a header to every answer of success, unless the handler documents its own.
    pub fn header(&mut self, name: &str, kind: Type, description: &str) {
        for (status, response) in &mut self.inner.responses.responses {
            if let RefOr::T(response) = response
                && status.starts_with('2')
            {
                response
                    .headers
                    .entry(name.to_owned())
                    .or_insert_with(|| RefOr::T(shared::header(kind.clone(), description)));
            }
        }
    }

    /// Adds a parameter.
    pub fn parameter(&mut self, parameter: impl Into<Parameter>) {
        self.inner
            .parameters
            .get_or_insert_default()
            .push(RefOr::T(parameter.into()));
    }
}

/// What an argument of a handler adds to its operation: parameters and error answers.
pub trait Describe {
    /// Adds them.
    fn describe(_operation: &mut Operation) {}
}

impl<T: 'static> Describe for web::Data<T> {}

/// The arguments of a handler: a guard first, then inputs.
#[diagnostic::on_unimplemented(
    message = "the first argument of a handler must be a guard: `Caller<scope::…>`, `CallerOrPublic<…>`, `CallerOrReporter<…>`, `Reporter` or `Anyone`, the others must implement `Describe`"
)]
pub trait Guarded {
    /// Scopes any of which lets the caller in; none where no token is needed.
    fn scopes() -> &'static [Scope];
    /// The OpenAPI security requirements.
    fn security() -> Vec<SecurityRequirement>;
    /// Lets every argument describe itself.
    fn describe(operation: &mut Operation);
}

macro_rules! guarded {
    ($($t:ident),*) => {
        impl<G: Guard + Describe, $($t: Describe),*> Guarded for (G, $($t,)*) {
            fn scopes() -> &'static [Scope] { G::scopes() }
            fn security() -> Vec<SecurityRequirement> { G::security() }
            fn describe(operation: &mut Operation) {
                G::describe(operation);
                $($t::describe(operation);)*
            }
        }
    };
}
guarded!();
guarded!(A);
guarded!(A, B);
guarded!(A, B, C);
guarded!(A, B, C, D);
guarded!(A, B, C, D, E);
guarded!(A, B, C, D, E, F);
guarded!(A, B, C, D, E, F, H);

/// One method on one path.
pub struct Endpoint {
    /// HTTP method.
    pub method: HttpMethod,
    /// Path with `{parameters}`.
    pub path: String,
    /// Makes the operation: the tree of all of them takes megabytes, and few ever ask for it.
    pub operation: fn() -> OpenApiOperation,
    /// Scopes any of which lets the caller in.
    pub scopes: &'static [Scope],
    /// Whether strangers are refused.
    pub guarded: bool,
    route: Box<dyn Fn() -> Route + Send + Sync>,
}

/// Schemas by name.
pub type Schemas = Vec<(String, RefOr<Schema>)>;

/// A set of endpoints with the schemas they use.
#[derive(Default)]
pub struct Api {
    endpoints: Vec<Endpoint>,
    schemas: Vec<fn(&mut Schemas)>,
}

/// What utoipa, the arguments and the house rules say of a handler.
fn describe<P, Args>() -> OpenApiOperation
where
    P: utoipa::Path + utoipa::__dev::Tags<'static>,
    Args: Guarded,
{
    let mut operation = Operation {
        inner: P::operation(),
    };
    // What a macro passed on has the blanks of its lines.
    let inner = &mut operation.inner;
    for text in [&mut inner.summary, &mut inner.description]
        .into_iter()
        .flatten()
    {
        let lines: Vec<&str> = text.split('\n').map(str::trim).collect();
        *text = lines.join("\n").trim().to_owned();
    }
    operation.inner.tags = Some(P::tags().into_iter().map(str::to_owned).collect());
    Args::describe(&mut operation);
    operation.errors(&[429, 500, 503]);
    operation.header(
        "X-Request-Id",
        Type::String,
        "Id of the request, as sent or else made: name it when asking about an answer.",
    );
    // Those who watch over the service are not limited, nor are its descriptions.
    if P::path().starts_with("/v1/") {
        for name in shared::LIMITS {
            operation.header(
                name,
                Type::String,
                "How much of the limit is left, where one applies.",
            );
        }
    }
    operation.inner.security = Some(Args::security());
    operation.inner
}

impl Api {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Several sets as one.
    pub fn merge(parts: impl IntoIterator<Item = Self>) -> Self {
        parts.into_iter().fold(Self::new(), |mut all, part| {
            all.endpoints.extend(part.endpoints);
            all.schemas.extend(part.schemas);
            all
        })
    }

    /// Adds a handler; `P` is the struct that `#[utoipa::path]` made beside it.
    #[must_use]
    pub fn with<P, H, Args>(mut self, handler: H) -> Self
    where
        P: utoipa::Path + utoipa::__dev::SchemaReferences + utoipa::__dev::Tags<'static>,
        H: Handler<Args> + Send + Sync,
        H::Output: Responder + 'static,
        Args: FromRequest + Guarded + 'static,
    {
        self.schemas.push(P::schemas);
        for method in P::methods() {
            let verb = actix_method(&method);
            let handler = handler.clone();
            self.endpoints.push(Endpoint {
                path: P::path(),
                operation: describe::<P, Args>,
                scopes: Args::scopes(),
                guarded: !Args::security().contains(&SecurityRequirement::default()),
                route: Box::new(move || match verb {
                    Method::GET => Route::new()
                        .guard(guard::Any(guard::Get()).or(guard::Head()))
                        .to(handler.clone()),
                    ref other => Route::new().method(other.clone()).to(handler.clone()),
                }),
                method,
            });
        }
        self
    }

    /// Every endpoint.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// The schemas that the operations refer to.
    pub fn schemas(&self) -> Schemas {
        let mut all = Schemas::new();
        for add in &self.schemas {
            add(&mut all);
        }
        all
    }

    /// Mounts all routes; a known path with another method answers 405 with `Allow`.
    pub fn configure(&self, config: &mut web::ServiceConfig) {
        let mut by_path: BTreeMap<&str, Vec<&Endpoint>> = BTreeMap::new();
        for endpoint in &self.endpoints {
            by_path.entry(&endpoint.path).or_default().push(endpoint);
        }
        let mut paths: Vec<_> = by_path.into_iter().collect();
        // A literal segment wins over a parameter ('/v1/tips/batch' before '/v1/tips/{id}'), and one
        // that ends in letters over one that takes anything ('{id}.cap' before '{id}').
        paths.sort_by(|(a, _), (b, _)| literal_first(a).cmp(&literal_first(b)));
        // Every path is tried until one fits, and those with parameters by regular expressions: an
        // area is entered only by requests that begin like it.
        for area in paths.chunk_by(|(a, _), (b, _)| split(a).0 == split(b).0) {
            match area {
                [(path, endpoints)] if !path.contains('{') => {
                    config.service(resource(path, endpoints))
                }
                [(first, _), ..] if !split(first).0.is_empty() => {
                    let mut scope = web::scope(split(first).0);
                    for (path, endpoints) in area {
                        scope = scope.service(resource(split(path).1, endpoints));
                    }
                    config.service(scope)
                }
                _ => area.iter().fold(&mut *config, |config, (path, endpoints)| {
                    config.service(resource(path, endpoints))
                }),
            };
        }
    }
}

/// All methods of one path.
fn resource(path: &str, endpoints: &[&Endpoint]) -> impl HttpServiceFactory + use<> {
    let allow = allowed(endpoints);
    let mut resource = web::resource(path);
    for endpoint in endpoints {
        resource = resource.route((endpoint.route)());
    }
    let resource = resource.default_service(web::to(move || {
        let allow = allow.clone();
        async move { Err::<actix_web::HttpResponse, _>(method_not_allowed(&allow)) }
    }));
    resource.wrap(from_fn(within))
}

/// The area of a path (`/v1/tips`), which is empty where it has none, and what follows it.
fn split(path: &str) -> (&str, &str) {
    let mut slashes = path.match_indices('/').map(|(at, _)| at).skip(1);
    let area = match (slashes.next(), slashes.next()) {
        (Some(_), Some(end)) => end,
        (Some(slash), None) if slash + 1 < path.len() => path.len(),
        _ => 0,
    };
    // '/problems/{slug}' lies in '/problems'.
    let area = path.find("/{").map_or(area, |literal| literal.min(area));
    path.split_at_checked(area).unwrap_or(("", path))
}

fn literal_first(path: &str) -> Vec<(bool, bool, &str)> {
    path.split('/')
        .map(|segment| {
            let parameter = segment.starts_with('{');
            (parameter, parameter && segment.ends_with('}'), segment)
        })
        .collect()
}

fn allowed(endpoints: &[&Endpoint]) -> String {
    let mut methods: Vec<String> = Vec::new();
    for endpoint in endpoints {
        let method = actix_method(&endpoint.method);
        if method == Method::GET {
            methods.push(Method::HEAD.to_string());
        }
        methods.push(method.to_string());
    }
    methods.sort_unstable();
    methods.join(", ")
}

fn method_not_allowed(allow: &str) -> Problem {
    Problem {
        headers: vec![(actix_web::http::header::ALLOW, allow.to_owned())],
        ..Problem::new("method_not_allowed", format!("This path knows {allow}."))
    }
}

fn actix_method(method: &HttpMethod) -> Method {
    match method {
        HttpMethod::Get => Method::GET,
        HttpMethod::Post => Method::POST,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Delete => Method::DELETE,
        HttpMethod::Options => Method::OPTIONS,
        HttpMethod::Head => Method::HEAD,
        HttpMethod::Patch => Method::PATCH,
        HttpMethod::Trace => Method::TRACE,
    }
}
