//! Who has just done something finds it in the lists of what happened.

use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Client, TestApp};

const OFFICER: &[Scope] = &[
    Scope::TipsRead,
    Scope::TipsTriage,
    Scope::CasesRead,
    Scope::CasesWrite,
    Scope::AuditRead,
];

/// A list asked for at once, while the background comes to its next pass only once the list waits for it.
async fn asked_at_once(t: &TestApp, officer: &Client, path: &str) -> Vec<String> {
    let later = async {
        t.waiting(1).await;
        t.settle().await;
    };
    let (answer, ()) = tokio::join!(officer.get(path).send(), later);
    let list = answer.expect(200);
    let types = list["items"].as_array().unwrap().iter();
    types
        .map(|item| item["type"].as_str().unwrap().to_owned())
        .collect()
}

#[actix_web::test]
async fn the_lists_of_what_happened_hold_what_was_done_a_moment_before() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let sent = t.submit(&json!({"narrative": "Mất tiền."})).await;
    let tip = sent["id"].as_str().unwrap();
    let of_tip = asked_at_once(&t, &officer, &format!("/v1/tips/{tip}/timeline")).await;
    assert!(of_tip.contains(&"tip.received".to_owned()), "{of_tip:?}");

    let case: Value = officer
        .post("/v1/cases")
        .json(&json!({"title": "Một vụ", "tip_ids": [tip]}))
        .send()
        .await
        .expect(201);
    let case = case["id"].as_str().unwrap();
    let of_case = asked_at_once(&t, &officer, &format!("/v1/cases/{case}/timeline")).await;
    assert!(of_case.contains(&"case.opened".to_owned()), "{of_case:?}");

    let note = json!({"text": "Gọi lại cho ngân hàng."});
    officer
        .post(&format!("/v1/tips/{tip}/notes"))
        .json(&note)
        .send()
        .await
        .expect(201);
    let audited = asked_at_once(&t, &officer, &format!("/v1/audit?subject={tip}")).await;
    assert!(audited.contains(&"tip.updated".to_owned()), "{audited:?}");
}

#[actix_web::test]
async fn a_list_does_not_wait_for_ever() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    officer.get("/v1/tips").send().await.expect(200);
    // Nobody numbers here.
    let list = tokio::time::timeout(Duration::from_secs(10), officer.get("/v1/audit").send());
    let list = list.await.unwrap().expect(200);
    assert_eq!(list["items"], json!([]));
}
