//! The queue, claims and decisions.

use serde_json::json;
use tinbao::auth::Scope;

use crate::support::TestApp;

#[actix_web::test]
async fn a_tip_is_claimed_decided_and_out_of_the_queue() {
    let t = TestApp::new().await;
    t.citizen()
        .post("/v1/tips")
        .json(&json!({"narrative": "Lừa đảo"}))
        .send()
        .await
        .expect(201);
    let analyst = t.officer(&[Scope::TipsRead, Scope::TipsTriage]);
    let claimed = analyst
        .post("/v1/triage/claims")
        .json(&json!({"max": 5}))
        .send()
        .await
        .expect(200);
    let id = claimed["items"][0]["id"].as_str().unwrap();
    let decision = analyst
        .post(&format!("/v1/tips/{id}/decisions"))
        .json(&json!({"decision": "accept", "reason": "signs_of_crime"}))
        .send()
        .await
        .expect(200);
    assert!(decision["case_id"].is_string());
    let queue = analyst.get("/v1/triage/queue").send().await.expect(200);
    assert_eq!(queue["items"], json!([]));
}
