//! Wrong secrets of clients: limited by address, and no burden for the right ones.

use serde_json::json;
use tinbao::auth::Scope;

use crate::clients::{FORM, bank, register};
use crate::support::{Reply, TestApp, rows};

async fn send(t: &TestApp, route: &str, client: &str, secret: &str, address: &str) -> Reply {
    let form =
        format!("grant_type=client_credentials&token=x&client_id={client}&client_secret={secret}");
    let call = t.anyone().post(&format!("/v1/oauth/{route}"));
    let call = call.header("X-Forwarded-For", address);
    call.body(FORM, form).send().await
}

#[actix_web::test]
async fn failed_secrets_are_limited_by_address_and_a_right_one_is_always_answered() {
    let t = TestApp::with(&[("TINBAO_TRUSTED_PROXIES", "198.51.100.0/24")]).await;
    let made = register(&t.officer(&[Scope::Admin]), bank(&["check:read"])).await;
    let secret = made["client_secret"].as_str().unwrap();
    let (here, there) = ("203.0.113.7", "203.0.113.8");
    // While every turn at the slow hash is taken: who is wrong needs none.
    let turns = t.running.state.load.secrets.clone();
    let all = turns.acquire_many_owned(4).await.unwrap();
    for n in 0..20 {
        let (route, client) = match n % 3 {
            0 => ("token", "bank"),
            1 => ("token", "nobody"),
            _ => ("revoke", "bank"),
        };
        let refused = send(&t, route, client, &format!("tbs_{n}"), here).await;
        assert_eq!(refused.problem(401)["error"], "invalid_client", "{n}");
    }
    for (route, client) in [("token", "bank"), ("token", "nobody"), ("revoke", "bank")] {
        let refused = send(&t, route, client, "tbs_x", here).await;
        refused.problem(429);
        assert!(!refused.header("retry-after").is_empty());
    }
    send(&t, "token", "bank", "tbs_x", there).await.problem(401);
    drop(all);
    // More often than failed ones may come: right ones are not counted.
    for _ in 0..3 {
        send(&t, "token", "bank", secret, here).await.expect(200);
        send(&t, "revoke", "bank", secret, here).await.expect(200);
    }
    // Mistyped receipts are another matter.
    let receipt = t.anyone().get("/v1/receipt");
    let receipt = receipt
        .header("X-Forwarded-For", here)
        .header("Tip-Receipt", "x");
    receipt.send().await.problem(404);
}

#[actix_web::test]
async fn a_secret_without_a_check_gets_one_when_it_is_first_right() {
    let t = TestApp::with(&[("TINBAO_TRUSTED_PROXIES", "198.51.100.0/24")]).await;
    let admin = t.officer(&[Scope::Admin]);
    let made = register(&admin, bank(&["check:read"])).await;
    let old = made["client_secret"].as_str().unwrap();
    let checks = "select count(secret_check)::text as cell from clients";
    assert_eq!(rows(&t, checks).await, ["1"]);
    let mut owner = t.owner().await;
    let forget = diesel::sql_query("update clients set secret_check = null");
    diesel_async::RunQueryDsl::execute(forget, &mut owner)
        .await
        .unwrap();
    let here = "203.0.113.7";
    send(&t, "token", "bank", "tbs_x", here).await.problem(401);
    assert_eq!(rows(&t, checks).await, ["0"]);
    send(&t, "token", "bank", old, here).await.expect(200);
    assert_eq!(rows(&t, checks).await, ["1"]);
    // A new secret has its own.
    let path = format!("/v1/clients/{}/secret", made["id"].as_str().unwrap());
    let rotated = admin.post(&path).send().await.expect(200);
    let new = rotated["client_secret"].as_str().unwrap();
    assert_ne!(json!(old), json!(new));
    send(&t, "token", "bank", old, here).await.problem(401);
    send(&t, "token", "bank", new, here).await.expect(200);
}
