//! The OpenAPI document as makers of clients read it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::TestApp;

fn document() -> Value {
    serde_json::to_value(tinbao::app::openapi()).unwrap()
}

/// Every operation: its path, its method and what the document says of it.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation["responses"].is_object() {
                all.push((path.clone(), method.clone(), operation.clone()));
            }
        }
    }
    all
}

fn names(map: &Value) -> impl Iterator<Item = String> {
    map.as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone())
}

#[actix_web::test]
async fn browser_apps_can_read_every_header_that_the_document_names() {
    let t = TestApp::with(&[("TINBAO_CORS_ORIGINS", "https://app.example.org")]).await;
    let call = t
        .anyone()
        .get("/health/live")
        .header("Origin", "https://app.example.org");
    let answer = call.send().await;
    let exposed: BTreeSet<String> = answer
        .header("access-control-expose-headers")
        .split(',')
        .map(|name| name.trim().to_lowercase())
        .collect();
    let document = document();
    let shared = document["components"]["responses"]
        .as_object()
        .unwrap()
        .values();
    let own = operations(&document);
    let own = own
        .iter()
        .flat_map(|(_, _, operation)| operation["responses"].as_object().unwrap().values());
    let named: BTreeSet<String> = shared
        .chain(own)
        .flat_map(|answer| names(&answer["headers"]))
        .collect();
    assert!(
        named.contains("Submission-Salt") && named.contains("Link"),
        "{named:?}"
    );
    let hidden: Vec<_> = named
        .iter()
        .filter(|name| !exposed.contains(&name.to_lowercase()))
        .collect();
    assert!(hidden.is_empty(), "{hidden:?}");
}

#[test]
fn what_is_served_is_documented() {
    let document = document();
    for (path, method, operation) in operations(&document) {
        let answers = operation["responses"].as_object().unwrap();
        assert!(answers.contains_key("500"), "{method} {path}");
        let takes = |name: &str| {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            parameters
                .into_iter()
                .any(|parameter| parameter["name"] == name)
        };
        for (status, answer) in answers.iter().filter(|(status, _)| status.starts_with('2')) {
            let told: BTreeSet<String> = names(&answer["headers"]).collect();
            let must = [
                ("X-Request-Id", true),
                ("RateLimit", path.starts_with("/v1/")),
                ("Link", takes("cursor") && takes("limit")),
                ("Idempotency-Replayed", takes("Idempotency-Key")),
            ];
            for (name, is_due) in must {
                assert!(
                    !is_due || told.contains(name),
                    "{method} {path} {status} {name}"
                );
            }
        }
    }
    for (schema, field) in [
        ("PriorityView", "level"),
        ("VerdictView", "verdict"),
        ("VerdictView", "state"),
        ("LegalDeadline", "state"),
        ("ReferralView", "state"),
        ("DeliveryView", "state"),
        ("AdvisoryView", "state"),
        ("AppealStatus", "status"),
    ] {
        let schemas = &document["components"]["schemas"];
        let name = schemas[schema]["properties"][field]["$ref"].as_str();
        let name = name.and_then(|name| name.strip_prefix("#/components/schemas/"));
        let codes = name.map(|name| &schemas[name]["enum"]);
        assert!(
            codes.is_some_and(|codes| codes.as_array().is_some_and(|all| all.len() > 2)),
            "{schema}.{field}: {codes:?}"
        );
    }
    let about = document["info"]["description"].as_str().unwrap();
    for said in [
        "Idempotency-Key",
        "cursor",
        "If-Match",
        "RateLimit",
        "/v1/oauth/token",
    ] {
        assert!(about.contains(said), "{said}");
    }
}

#[test]
fn what_a_page_holds_is_a_type_of_its_own() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let pages: Vec<_> = schemas
        .iter()
        .filter(|(name, _)| name.starts_with("Page_"))
        .collect();
    assert!(pages.len() > 20);
    for (name, page) in pages {
        let item = page["properties"]["items"]["items"]["$ref"].as_str();
        let item = item.and_then(|item| item.strip_prefix("#/components/schemas/"));
        assert!(
            item.is_some_and(|item| schemas.contains_key(item)),
            "{name}"
        );
    }
    // Words of Dart, Python, Kotlin, Java and TypeScript, which makers of clients would have to rename.
    let reserved = [
        "class", "case", "from", "default", "set", "get", "object", "error", "function", "list",
        "map", "type", "enum", "import", "in", "is", "with", "none", "true", "false", "string",
        "any", "void", "new", "return",
    ];
    let taken: Vec<_> = schemas
        .keys()
        .filter(|name| reserved.contains(&name.to_lowercase().as_str()))
        .collect();
    assert!(taken.is_empty(), "{taken:?}");
}

#[test]
fn deliveries_to_receivers_and_calls_to_the_service_share_no_tag() {
    let document = document();
    let tags = |operation: &Value| -> BTreeSet<String> {
        let tags = operation["tags"].as_array().unwrap().iter();
        tags.map(|tag| tag.as_str().unwrap().to_owned()).collect()
    };
    let of_calls: BTreeSet<String> = operations(&document)
        .iter()
        .flat_map(|(_, _, operation)| tags(operation))
        .collect();
    let webhooks = document["webhooks"].as_object().unwrap().values();
    let of_webhooks: BTreeSet<String> = webhooks
        .flat_map(|item| item.as_object().unwrap().values())
        .filter(|operation| operation["responses"].is_object())
        .flat_map(tags)
        .collect();
    assert!(!of_webhooks.is_empty());
    assert!(of_calls.is_disjoint(&of_webhooks), "{of_webhooks:?}");
    let described = document["tags"].as_array().unwrap();
    let described: BTreeSet<String> = described
        .iter()
        .map(|tag| tag["name"].as_str().unwrap().to_owned())
        .collect();
    assert!(of_webhooks.is_subset(&described) && of_calls.is_subset(&described));
}
