//! A program is called like nobody else: its name is the `sub` of its tokens.

use std::time::Duration;

use serde_json::json;
use tinbao::auth::Scope;

use crate::clients::{bank, register, token};
use crate::ended::desk_app;
use crate::support::{Provider, TestApp};

#[actix_web::test]
async fn no_program_is_called_like_the_service_a_citizen_a_device_or_a_person() {
    let (one, two) = (
        Provider::new("https://one.example"),
        Provider::new("https://two.example"),
    );
    let list = format!("{},{};prefix=edu", one.entry(), two.entry());
    let t = TestApp::with(&[("TINBAO_JWKS", &list)]).await;
    desk_app(&t, &["tips:read"]).await;
    let admin = t.named_officer("admin-1", &[Scope::Admin]);
    let officer = one.bearer(&t, "analyst-7", "tips:read");
    officer.get("/v1/tips").send().await.expect(200);
    let gone = admin.post("/v1/revocations").json(&json!({"sub": "gone"}));
    gone.send().await.expect(201);
    // Before the journal is numbered, and after.
    for _ in 0..2 {
        for name in [
            "system",
            "Reporter",
            "public",
            "device:x",
            "Device:019ab1c2-7d3e-7f00-8a11-1f2e3d4c5b6a",
            "edu:anybody",
            "analyst-7",
            "admin-1",
            "gone",
        ] {
            let wish = json!({"client_id": name, "name": "x", "kind": "confidential",
                "scopes": ["tips:read", "tips:triage", "cases:write"]});
            let refused = admin.post("/v1/clients").json(&wish).send().await;
            let refused = refused.problem(422);
            assert_eq!(refused["errors"][0]["pointer"], "/client_id", "{name}");
            assert_eq!(refused["errors"][0]["code"], "name_taken", "{name}");
        }
        t.settle().await;
    }
    let clients = admin.get("/v1/clients").send().await.expect(200);
    assert_eq!(clients["items"].as_array().unwrap().len(), 1, "{clients}");
    // And nobody is locked out by the attempt.
    t.clock.advance(Duration::from_secs(1));
    let officer = one.bearer(&t, "analyst-7", "tips:read");
    officer.get("/v1/tips").send().await.expect(200);
    for name in ["systems", "devices", "education", "analyst-77"] {
        let wish =
            json!({"client_id": name, "name": "x", "kind": "public", "scopes": ["check:read"]});
        register(&admin, wish).await;
    }
}

#[actix_web::test]
async fn what_a_program_did_itself_makes_it_nobody_else() {
    let t = TestApp::new().await;
    let admin = t.named_officer("admin-1", &[Scope::Admin]);
    let made = register(&admin, bank(&["check:read"])).await;
    let secret = made["client_secret"].as_str().unwrap();
    token(&t, "bank", secret, "").await.expect(200);
    t.settle().await;
    // A second one is a duplicate, as ever.
    let again = admin.post("/v1/clients").json(&bank(&["check:read"]));
    assert_eq!(again.send().await.problem(409)["code"], "duplicate");
}
