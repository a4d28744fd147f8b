//! What holds for every endpoint, read from the one list of the application.

use std::collections::BTreeSet;

use actix_web::http::Method;
use tinbao::app;
use tinbao::auth::Scope;
use utoipa::openapi::path::HttpMethod;

use crate::support::{Claims, TestApp, fresh_database, owner_url};

/// Endpoints that need no token at all.
const OPEN: &[&str] = &[
    "GET /.well-known/jwks.json",
    "GET /.well-known/oauth-authorization-server",
    "GET /docs",
    "GET /health/live",
    "GET /health/ready",
    "GET /openapi.json",
    "GET /problems",
    "GET /problems/{slug}",
    "GET /v1/public/advisories",
    "GET /v1/public/advisories.atom",
    "GET /v1/public/advisories.cap",
    "GET /v1/public/advisories.json",
    "GET /v1/public/advisories/{id}",
    "GET /v1/public/advisories/{id}.cap",
    "GET /v1/public/stats",
    "OPTIONS /v1/receipt/uploads",
    "OPTIONS /v1/tips/{id}/uploads",
    "POST /v1/appeals",
    "POST /v1/devices",
    "POST /v1/oauth/revoke",
    "POST /v1/oauth/token",
    "POST /v1/attestations/verify",
];

/// Endpoints opened by a receipt.
const BY_RECEIPT: &[&str] = &[
    "DELETE /v1/receipt/reporter",
    "DELETE /v1/receipt/uploads/{id}",
    "GET /v1/receipt",
    "GET /v1/receipt/appeal",
    "GET /v1/receipt/attachments",
    "GET /v1/receipt/messages",
    "GET /v1/receipt/privacy",
    "GET /v1/receipt/uploads/{id}",
    "PATCH /v1/receipt",
    "PATCH /v1/receipt/uploads/{id}",
    "POST /v1/receipt/attachments",
    "POST /v1/receipt/messages",
    "POST /v1/receipt/uploads",
    "POST /v1/receipt/withdraw",
];

pub fn method(method: &HttpMethod) -> Method {
    match method {
        HttpMethod::Get => Method::GET,
        HttpMethod::Post => Method::POST,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Patch => Method::PATCH,
        HttpMethod::Delete => Method::DELETE,
        HttpMethod::Options => Method::OPTIONS,
        _ => panic!("a method that no endpoint uses"),
    }
}

/// A path with its parameters filled in.
fn filled(path: &str) -> String {
    path.split('/')
        .map(|part| {
            if part.starts_with('{') {
                "01a20cb8-6af2-7504-a69a-0807b6089184"
            } else {
                part
            }
        })
        .collect::<Vec<_>>()
        .join("/")
}

#[actix_web::test]
async fn every_guarded_endpoint_refuses_strangers_and_wrong_scopes() {
    let t = TestApp::new().await;
    let api = app::api();
    let mut open = BTreeSet::new();
    let mut by_receipt = BTreeSet::new();
    for endpoint in api.endpoints() {
        let verb = method(&endpoint.method);
        let name = format!("{verb} {}", endpoint.path);
        let path = filled(&endpoint.path);
        let stranger = t.anyone().call(verb.clone(), &path).send().await;
        if endpoint.scopes.is_empty() {
            if endpoint.guarded {
                assert_eq!(stranger.status.as_u16(), 401, "{name}");
                by_receipt.insert(name);
            } else {
                assert!(![401, 403].contains(&stranger.status.as_u16()), "{name}");
                open.insert(name);
            }
            continue;
        }
        stranger.problem(401);
        assert!(
            stranger.header("www-authenticate").starts_with("Bearer "),
            "{name}"
        );
        let others: Vec<&str> = Scope::ALL
            .iter()
            .filter(|scope| !endpoint.scopes.contains(scope))
            .map(|scope| scope.as_str())
            .collect();
        let wrong = t.bearer(&Claims {
            scopes: &others.join(" "),
            ..Claims::default()
        });
        let refused = wrong.call(verb.clone(), &path).send().await.problem(403);
        assert_eq!(refused["code"], "insufficient_scope", "{name}");
        for scope in endpoint.scopes {
            let right = t.bearer(&Claims {
                scopes: scope.as_str(),
                ..Claims::default()
            });
            let status = right.call(verb.clone(), &path).send().await.status.as_u16();
            assert!(
                ![401, 403, 500].contains(&status),
                "{name} with {scope}: {status}"
            );
        }
    }
    assert_eq!(
        open,
        OPEN.iter().map(|s| (*s).to_owned()).collect(),
        "open endpoints"
    );
    assert_eq!(
        by_receipt,
        BY_RECEIPT.iter().map(|s| (*s).to_owned()).collect(),
        "receipts"
    );
}

/// Writes of administrators that hold for the whole province.
const PROVINCE_WIDE: &[&str] = &[
    "PATCH /v1/agencies/{code}",
    "POST /v1/agencies",
    "POST /v1/campaigns",
    "POST /v1/retention/approve",
    "PUT /v1/calendar/{year}",
    "PUT /v1/retention",
    "PUT /v1/routing/rules",
];

/// Writes of administrators to things that another agency does not know of.
const HIDDEN: &[&str] = &[
    "DELETE /v1/cases/{id}/hold",
    "DELETE /v1/devices/{device}",
    "POST /v1/cases/{id}/hold/approve",
];

#[actix_web::test]
async fn administrators_write_what_is_theirs() {
    let t = TestApp::new().await;
    let all: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    let all = Claims {
        scopes: &all.join(" "),
        ..Claims::default()
    };
    let agency = t.bearer(&Claims {
        agency: Some("bank_970436"),
        ..all
    });
    let desk = t.bearer(&Claims {
        desk: Some("cyber"),
        ..all
    });
    let unit = t.bearer(&Claims {
        units: Some(&["03127"]),
        ..all
    });
    let (mut province_wide, mut hidden) = (BTreeSet::new(), BTreeSet::new());
    for endpoint in app::api().endpoints() {
        let verb = method(&endpoint.method);
        if verb == Method::GET || !endpoint.scopes.contains(&Scope::Admin) {
            continue;
        }
        let name = format!("{verb} {}", endpoint.path);
        let path = filled(&endpoint.path);
        let refused = agency.call(verb.clone(), &path).send().await;
        if refused.status.as_u16() == 404 {
            hidden.insert(name.clone());
        } else {
            assert_eq!(refused.problem(403)["code"], "forbidden", "{name}");
        }
        let of_desk = desk.call(verb.clone(), &path).send().await.status;
        let of_unit = unit.call(verb, &path).send().await.status;
        assert_eq!(of_desk, of_unit, "{name}");
        if of_desk.as_u16() == 403 {
            province_wide.insert(name);
        }
    }
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(province_wide, named(PROVINCE_WIDE));
    assert_eq!(hidden, named(HIDDEN));
}

#[test]
fn the_committed_document_is_the_generated_one() {
    let committed =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json"))
            .unwrap();
    let generated = app::openapi().to_pretty_json().unwrap();
    assert!(
        committed.trim() == generated.trim(),
        "run script/openapi and commit the change"
    );
}

#[test]
fn no_two_schemas_share_a_name() {
    let api = app::api();
    let mut seen: std::collections::BTreeMap<String, serde_json::Value> = Default::default();
    for (name, schema) in api.schemas() {
        let schema = serde_json::to_value(schema).unwrap();
        let known = seen.entry(name.clone()).or_insert_with(|| schema.clone());
        assert_eq!(
            *known, schema,
            "two types are called {name} in the document"
        );
    }
}

#[derive(diesel::QueryableByName, Debug)]
struct Column {
    #[diesel(sql_type = diesel::sql_types::Text)]
    place: String,
}

async fn places(sql: &str) -> Vec<String> {
    use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
    // Not the template itself: nobody may stay connected to it.
    let mut conn = AsyncPgConnection::establish(&owner_url(&fresh_database().await))
        .await
        .unwrap();
    let rows: Vec<Column> = diesel::sql_query(sql).load(&mut conn).await.unwrap();
    rows.into_iter().map(|row| row.place).collect()
}

#[actix_web::test]
async fn schema_rs_names_the_columns_that_the_migrations_make() {
    let real: BTreeSet<String> = places(
        "select table_name || '.' || column_name || ' ' || udt_name || case is_nullable when 'YES' then '?' else '' end as place
         from information_schema.columns where table_schema = 'public' and table_name not like '\\_\\_%'",
    )
    .await
    .into_iter()
    .collect();
    let text = include_str!("../../src/db/schema.rs");
    let mut table = String::new();
    let mut written = BTreeSet::new();
    let mut renamed = None;
    for line in text.lines().map(str::trim) {
        if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with('{')) {
            name.clone_into(&mut table);
        } else if let Some(name) = line.strip_prefix("#[sql_name = \"") {
            renamed = name.split('"').next().map(str::to_owned);
        } else if let Some((name, kind)) = line
            .split_once(" -> ")
            .filter(|_| !line.contains("joinable!"))
        {
            let name = renamed.take().unwrap_or_else(|| name.to_owned());
            let kind = kind.trim_end_matches(',');
            let (kind, null) = match kind.strip_prefix("Nullable<") {
                Some(kind) => (kind.trim_end_matches('>'), "?"),
                None => (kind, ""),
            };
            let kind = match kind.strip_prefix("Array<Nullable<") {
                Some(of) => format!("_{}", of.trim_end_matches('>')),
                None => kind.to_owned(),
            };
            let kind = kind.to_ascii_lowercase();
            written.insert(format!("{table}.{name} {kind}{null}"));
        }
    }
    let differing: Vec<_> = written.symmetric_difference(&real).collect();
    assert!(differing.is_empty(), "run script/schema: {differing:?}");
}

#[actix_web::test]
async fn the_schema_keeps_its_own_rules() {
    let no_rows: Vec<String> = Vec::new();
    assert_eq!(
        places(
            "select c.relname::text as place from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where c.relkind = 'r' and n.nspname = 'public'
               and not exists (select 1 from pg_constraint p where p.conrelid = c.oid and p.contype = 'p')",
        )
        .await,
        no_rows,
        "tables without a primary key"
    );
    assert_eq!(
        places(
            "select f.conname::text as place from pg_constraint f
             where f.contype = 'f' and not exists (
                select 1 from pg_index i where i.indrelid = f.conrelid
                  and (i.indkey::int2[])[0:cardinality(f.conkey) - 1] @> f.conkey)",
        )
        .await,
        no_rows,
        "foreign keys without an index"
    );
    assert_eq!(
        places(
            "select table_name || '.' || column_name as place from information_schema.columns
             where table_schema = 'public' and data_type = 'timestamp without time zone'
               and table_name not like '\\_\\_%'",
        )
        .await,
        no_rows,
        "times without a zone"
    );
}

#[test]
fn migrations_go_down_to_nothing_and_up_again() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let pool = tinbao::db::Pool::new(&owner_url(&fresh_database().await), 2).unwrap();
        let down = tinbao::db::migrations::revert_all(&pool).await.unwrap();
        assert_eq!(
            tinbao::db::migrations::run_pending(&pool).await.unwrap(),
            down
        );
        assert!(tinbao::db::migrations::current(&pool).await.unwrap());
    });
}

#[test]
fn every_operation_is_named_summarised_tagged_and_every_reference_resolves() {
    let document = serde_json::to_value(app::openapi()).unwrap();
    let text = document.to_string();
    let mut names = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (verb, operation) in item.as_object().unwrap() {
            let at = format!("{verb} {path}");
            let name = operation["operationId"].as_str().expect(&at);
            assert!(
                name.contains('_') && names.insert(name.to_owned()),
                "{at}: {name}"
            );
            assert!(
                operation["summary"].as_str().is_some_and(|s| !s.is_empty()),
                "{at}"
            );
            let tag = operation["tags"][0].as_str().expect(&at);
            assert!(
                tinbao::http::openapi::TAGS
                    .iter()
                    .any(|(known, _)| *known == tag),
                "{at}: {tag}"
            );
            assert!(operation["security"].is_array(), "{at}");
            let mut places = BTreeSet::new();
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let shared = parameter["$ref"].as_str();
                let shared = shared.map(|at| document.pointer(at.trim_start_matches('#')));
                let parameter = shared.flatten().unwrap_or(parameter);
                let name = parameter["name"].as_str().unwrap();
                let place = parameter["in"].as_str().unwrap();
                assert!(places.insert((place, name)), "{at}: {name} twice");
                assert!(
                    place != "path" || path.contains(&format!("{{{name}}}")),
                    "{at}: {name} is not in the path"
                );
                assert!(parameter["description"].is_string(), "{at}: {name}");
            }
            for (status, response) in operation["responses"].as_object().unwrap() {
                assert!(
                    response["$ref"].is_string() || response["description"].is_string(),
                    "{at} {status}"
                );
            }
        }
    }
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(
            document.pointer(pointer).is_some(),
            "{pointer} is not there"
        );
    }
}

#[test]
fn the_document_shows_a_written_form_of_every_kind() {
    let document = serde_json::to_string(&tinbao::app::openapi()).unwrap();
    for kind in tinbao::domain::indicator::Kind::ALL {
        let example = format!("{{\"kind\":\"{}\",\"value\":", kind.as_str());
        assert!(document.contains(&example), "{}", kind.as_str());
    }
}

/// What the server refuses the document does not allow, and the headers that an app needs are named.
#[test]
fn the_document_is_as_strict_as_the_server_and_names_the_headers() {
    let document = serde_json::to_value(app::openapi()).unwrap();
    let schemas = &document["components"]["schemas"];
    for closed in ["CheckValue", "SubmitAppeal", "GiveVerdict", "RevealContact"] {
        assert_eq!(schemas[closed]["additionalProperties"], false, "{closed}");
    }
    // Nothing that a citizen sends is lost, and answers may grow.
    for open in ["SubmitTip", "SubmitLoss", "TipView", "Checked"] {
        assert!(schemas[open]["additionalProperties"].is_null(), "{open}");
    }
    assert!(!document.to_string().contains("x-closed"));
    let header = |status: &str, name: &str| {
        document["components"]["responses"][format!("Problem{status}")]["headers"][name].is_object()
    };
    for (status, name) in [
        ("429", "Retry-After"),
        ("503", "Retry-After"),
        ("408", "Retry-After"),
        ("409", "Retry-After"),
        ("401", "WWW-Authenticate"),
        ("403", "WWW-Authenticate"),
        ("429", "RateLimit"),
    ] {
        assert!(header(status, name), "{status} {name}");
    }
    assert!(!header("422", "Retry-After"));
    let parameters = &document["paths"]["/v1/triage/queue"]["get"]["parameters"];
    let named = |name: &str| {
        let mut all = parameters.as_array().unwrap().iter();
        all.find(|p| p["name"] == name).unwrap().to_string()
    };
    for status in ["info_requested", "withdrawn"] {
        assert!(named("status").contains(status));
    }
    assert!(named("priority").contains("\"enum\""));
    assert!(parameters.to_string().contains("AcceptLanguage"));
}
