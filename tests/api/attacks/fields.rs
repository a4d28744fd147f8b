//! Fields that are not the caller's to set (OWASP API3): refused, or taken for nothing.

use actix_web::http::Method;
use serde_json::{Value, json};
use tinbao::app;
use tinbao::auth::Scope;

use super::objects::{NOBODY, all_scopes};
use crate::support::{Claims, TestApp};

#[actix_web::test]
async fn fields_that_are_not_the_callers_to_set_are_refused() {
    let t = TestApp::new().await;
    let document = serde_json::to_value(app::openapi()).unwrap();
    let scopes = all_scopes();
    let bearer = t.bearer(&Claims {
        scopes: &scopes,
        ..Claims::default()
    });
    let extra = json!({"id": NOBODY, "version": 99, "status": "closed", "is_admin": true, "__proto__": {"admin": true}});
    let mut refused = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (verb, operation) in item.as_object().unwrap() {
            let json_body = operation["requestBody"]["content"]["application/json"].is_object();
            // Nothing that a citizen sends is lost: intake takes unknown fields with a warning.
            let intake = ["/v1/tips", "/v1/tips/batch", "/v1/tips/sms", "/v1/receipt"]
                .contains(&path.as_str());
            if !json_body || intake || operation["security"] == json!([{"receipt": []}]) {
                continue;
            }
            let method = Method::from_bytes(verb.to_uppercase().as_bytes()).unwrap();
            let filled = path
                .replace("{year}", "2026")
                .replace("{id}", NOBODY)
                .replace("{attachment_id}", NOBODY)
                .replace("{code}", "notify_reporter_result");
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let named = schema["$ref"]
                .as_str()
                .map(|name| name.trim_start_matches('#'));
            let named = named.and_then(|pointer| document.pointer(pointer));
            let mut body = named.map_or(Value::Null, |schema| schema["example"].clone());
            let whole = body.is_object();
            for (name, value) in extra.as_object().unwrap() {
                body[name] = value.clone();
            }
            let call = bearer.call(method, &filled).header("If-Match", "\"1\"");
            let problem = call.json(&body).send().await.problem(422);
            let codes: Vec<&str> = problem["errors"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|error| error["code"].as_str())
                .collect();
            // Without the required fields these may be named first.
            let named = codes.contains(&"unknown_field");
            assert!(
                named || (!whole && codes.contains(&"required")),
                "{verb} {path}: {problem}"
            );
            refused += usize::from(named);
        }
    }
    assert!(refused > 10, "{refused}");
}

#[actix_web::test]
async fn an_app_cannot_give_its_tip_a_state_a_number_or_another_sender() {
    let t = TestApp::new().await;
    let body = json!({"narrative": "x", "id": NOBODY, "status": "accepted", "received_at": "2020-01-01T00:00:00Z",
        "priority": {"level": "critical"}, "desk": "immigration", "client_id": "police", "number": "DB-T-2026-999999",
        "claimed_by": "me", "reception": {"channel": "in_person"}});
    let sent = t.submit(&body).await;
    assert_ne!(sent["id"], NOBODY);
    assert_eq!(sent["status"], "received");
    t.settle().await;
    let path = format!("/v1/tips/{}", sent["id"].as_str().unwrap());
    let seen = t
        .officer(&[Scope::TipsRead])
        .get(&path)
        .send()
        .await
        .expect(200);
    assert_eq!(seen["status"], "received", "{seen}");
    assert_ne!(seen["priority"]["level"], "critical", "{seen}");
    assert!(
        seen["received_at"]
            .as_str()
            .unwrap()
            .starts_with("2026-11-24"),
        "{seen}"
    );
    assert_ne!(seen["desk"], "immigration", "{seen}");
    let officer = t.officer(&[Scope::TipsRead]);
    let kept = officer.get(&format!("{path}/submission")).send().await;
    assert_eq!(kept.expect(200)["client_id"], "test");
}
