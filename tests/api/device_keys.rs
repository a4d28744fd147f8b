//! A device asked for twice under one key is one device.

use serde_json::json;
use tinbao::auth::Scope;

use crate::clients::register;
use crate::support::{Reply, TestApp, rows};

async fn public_app(t: &TestApp, name: &str) {
    let app = json!({"client_id": name, "name": "Ứng dụng", "kind": "public", "scopes": ["tips:submit", "check:read"]});
    register(&t.officer(&[Scope::Admin]), app).await;
}

/// Asks for a device from an address behind the proxy.
async fn ask(t: &TestApp, key: &str, client: &str, address: &str) -> Reply {
    let call = t.anyone().post("/v1/devices");
    let call = call.header("Idempotency-Key", key);
    let call = call.header("X-Forwarded-For", address);
    call.json(&json!({"client_id": client})).send().await
}

#[actix_web::test]
async fn the_answer_that_was_lost_comes_again_and_to_nobody_else() {
    let t = TestApp::with(&[("TINBAO_TRUSTED_PROXIES", "198.51.100.0/24")]).await;
    public_app(&t, "citizen-app").await;
    public_app(&t, "other-app").await;
    let (key, here) = ("0f8fad5b-d9cb-469f-a165-70867728950e", "203.0.113.7");
    let first = ask(&t, key, "citizen-app", here).await;
    let made = first.expect(201);
    let again = ask(&t, key, "citizen-app", here).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.expect(201), made);
    let sql = "select count(*)::text as cell from
        (select type from journal union all select type from journal_pending) j where type = 'device.created'";
    assert_eq!(rows(&t, sql).await, ["1"]);
    let token = made["access_token"].as_str().unwrap();
    let check = t.anyone().with_token(token).get("/v1/check?value=156");
    check.send().await.expect(200);
    // A guessed key hands out nothing elsewhere, nor of another app.
    for (client, address) in [("citizen-app", "203.0.113.8"), ("other-app", here)] {
        let other = ask(&t, key, client, address).await.expect(201);
        assert_ne!(other["device"], made["device"], "{client} {address}");
    }
    let call = t.anyone().post("/v1/devices");
    let call = call
        .header("Idempotency-Key", key)
        .header("X-Forwarded-For", here);
    let other = json!({"client_id": "citizen-app", "device_token": token});
    let reused = call.json(&other).send().await.problem(422);
    assert_eq!(reused["code"], "idempotency_key_reused");
    let kept = rows(
        &t,
        "select encode(answer, 'escape') as cell from idempotency_keys",
    )
    .await;
    assert!(
        kept.iter().all(|answer| !answer.contains("device:")),
        "sealed"
    );
}
