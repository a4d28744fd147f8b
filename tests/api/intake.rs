//! `POST /v1/tips`.

use serde_json::json;
use tinbao::auth::Scope;

use crate::support::TestApp;

#[actix_web::test]
async fn a_tip_is_normalised_routed_and_answered_with_a_receipt() {
    let t = TestApp::new().await;
    let reply = t
        .citizen()
        .post("/v1/tips")
        .json(&json!({
            "narrative": "Có người gọi tự xưng công an.",
            "method": "impersonate_police_court",
            "indicators": [{"kind": "phone", "value": "0169 123 4567", "role": "contacted_me"}],
            "losses": [{"amount_vnd": 48_000_000, "transferred_at": "2026-11-24T01:10:00Z"}],
        }))
        .send()
        .await;
    let answer = reply.expect(201);
    assert_eq!(
        reply.header("location"),
        format!("/v1/tips/{}", answer["id"].as_str().unwrap())
    );
    assert_eq!(answer["status"], "received");
    assert_eq!(answer["desk"], "cyber");
    assert_eq!(answer["indicators"][0]["value"], "+84391234567");
    assert_eq!(answer["warnings"], json!([]));
    let tip = t
        .officer(&[Scope::TipsRead])
        .get(&format!("/v1/tips/{}", answer["id"].as_str().unwrap()))
        .send()
        .await
        .expect(200);
    assert_eq!(tip["priority"]["level"], "critical");
    assert_eq!(tip["loss_vnd"], 48_000_000);
}
