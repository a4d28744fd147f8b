//! A code of a vocabulary that is sent as another JSON type: valid JSON with invalid content, named by its place.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::TestApp;

/// Calls that take a choice, a body that is right but for it, and its name. The ids need not be anybody's: the body
/// is read first.
fn choices() -> Vec<(String, Value, &'static str)> {
    let of = |path: &str| path.replace("{}", "019ab1c2-7d3e-7f00-8a11-1f2e3d4c5b6a");
    vec![
        (of("/v1/privacy/requests"), json!({}), "kind"),
        (of("/v1/tips/{}/decisions"), json!({}), "decision"),
        (
            of("/v1/tips/{}/decisions"),
            json!({"decision": "dismiss"}),
            "reason",
        ),
        (
            of("/v1/tips/{}/decisions"),
            json!({"decision": "accept"}),
            "source_kind",
        ),
        (of("/v1/tips/{}/news"), json!({}), "code"),
        (of("/v1/tips/{}/reopen"), json!({}), "reason"),
        (
            of("/v1/triage/dismissals"),
            json!({"client_id": "x"}),
            "reason",
        ),
        (
            of("/v1/cases/{}/decisions"),
            json!({"legal_basis": "x", "document_number": "1"}),
            "decision",
        ),
        (of("/v1/cases/{}/acts"), json!({}), "act"),
        (
            of("/v1/clients"),
            json!({"client_id": "some-app", "name": "x", "scopes": []}),
            "kind",
        ),
    ]
}

#[actix_web::test]
async fn a_choice_of_another_type_is_422_and_names_its_place() {
    let t = TestApp::new().await;
    let officer = t.officer(Scope::ALL);
    for (path, body, field) in choices() {
        for value in [json!(5), json!([1]), json!(true)] {
            let mut body = body.clone();
            body[field] = value;
            let call = officer.post(&path).header("If-Match", "*").json(&body);
            let problem = call.send().await.problem(422);
            let pointer = format!("/{field}");
            let errors = problem["errors"].as_array().unwrap();
            let found = errors
                .iter()
                .find(|error| error["pointer"] == pointer.as_str());
            assert_eq!(
                found.map(|found| found["code"].as_str().unwrap()),
                Some("wrong_type"),
                "{path} {body}: {problem}"
            );
            assert!(!problem.to_string().contains("valid JSON"), "{problem}");
        }
    }
    let broken = officer.post("/v1/privacy/requests");
    let broken = broken
        .body("application/json", r#"{"kind": 5"#)
        .send()
        .await;
    assert_eq!(broken.problem(400)["type"], "/problems/malformed");
}
