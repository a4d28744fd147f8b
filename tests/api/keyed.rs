//! What stands in the database beside the sealed data tells nothing without the keys: it is keyed, or sealed itself.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{TestApp, rows};

const KEY: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

/// Posts the same tip with the same key, and returns its receipt.
async fn posted(t: &TestApp) -> String {
    let tip = json!({"narrative": "Lừa đảo", "reporter": {"phone": "0912345678"}});
    let call = t.citizen().post("/v1/tips").header("Idempotency-Key", KEY);
    let sent = call.json(&tip).send().await.expect(201);
    sent["receipt"].as_str().unwrap().to_owned()
}

async fn looked_at(t: &TestApp, receipt: &str) -> u16 {
    let call = t.anyone().get("/v1/receipt").header("Tip-Receipt", receipt);
    call.send().await.status.as_u16()
}

/// The only row of a query.
async fn cell(t: &TestApp, sql: &str) -> String {
    let [cell] = rows(t, sql).await.try_into().unwrap();
    cell
}

#[actix_web::test]
async fn who_has_the_database_alone_cannot_try_numbers_keys_and_receipts() {
    let (t, other) = (TestApp::new().await, TestApp::new().await);
    let receipt = posted(&t).await;
    posted(&other).await;
    // Of the same request each installation keeps something else. A hash without a key would be the same, and
    // whoever has it tries all telephone numbers in minutes.
    for kept in [
        "select encode(hash, 'hex') as cell from reporter_blind_indexes",
        "select encode(request_hash, 'hex') as cell from idempotency_keys",
    ] {
        assert_ne!(cell(&t, kept).await, cell(&other, kept).await, "{kept}");
    }
    // A receipt opens what its hash stands for, where the key is the same.
    let hash = cell(&t, "select encode(hash, 'hex') as cell from receipts").await;
    let moved =
        format!("update receipts set hash = decode('{hash}', 'hex') returning 'ok' as cell");
    cell(&other, &moved).await;
    assert_eq!(looked_at(&t, &receipt).await, 200);
    assert_eq!(looked_at(&other, &receipt).await, 404);
}

#[actix_web::test]
async fn an_answer_that_is_kept_to_be_repeated_is_sealed() {
    let t = TestApp::new().await;
    let receipt = posted(&t).await;
    assert_eq!(posted(&t).await, receipt, "it is kept");
    let kept =
        "select encode(answer, 'escape') || row_to_json(k)::text as cell from idempotency_keys k";
    let kept = cell(&t, kept).await;
    let tip = cell(&t, "select id::text as cell from tips").await;
    for open in [
        receipt.as_str(),
        &receipt.replace('-', ""),
        &tip,
        KEY,
        "receipt",
    ] {
        assert!(!kept.contains(open), "{open}");
        let hex: String = open.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(!kept.contains(&hex), "{open} in hexadecimal");
    }
}

#[actix_web::test]
async fn the_secret_of_a_client_is_kept_by_argon2id() {
    let t = TestApp::new().await;
    let admin = t.officer(&[Scope::Admin]);
    let body = json!({"client_id": "gateway", "name": "SMS", "kind": "confidential", "scopes": ["tips:submit"]});
    let made: Value = admin
        .post("/v1/clients")
        .json(&body)
        .send()
        .await
        .expect(201);
    let secret = made["client_secret"].as_str().unwrap();
    let kept = "select secret_hash as cell from clients where client_id = 'gateway'";
    let kept = cell(&t, kept).await;
    // OWASP: at least 19 MiB and two passes with one lane.
    assert!(
        kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{kept}"
    );
    assert!(!kept.contains(secret));
}
