//! `GET /v1/receipt`.

use serde_json::json;

use crate::support::TestApp;

#[actix_web::test]
async fn a_receipt_shows_where_its_tip_stands() {
    let t = TestApp::new().await;
    let tip = t
        .citizen()
        .post("/v1/tips")
        .json(&json!({"narrative": "Lừa đảo"}))
        .send()
        .await;
    let receipt = tip.expect(201)["receipt"].as_str().unwrap().to_owned();
    let sloppy = receipt.to_lowercase().replace('-', " ");
    for written in [receipt, sloppy] {
        let seen = t
            .anyone()
            .get("/v1/receipt")
            .header("Tip-Receipt", &written)
            .send()
            .await;
        let view = seen.expect(200);
        assert_eq!(view["status"], "received");
        assert_eq!(view["deadlines"][0]["code"], "classify");
        assert!(view["status_text"].as_str().unwrap().contains("tiếp nhận"));
    }
}

#[actix_web::test]
async fn failed_attempts_are_limited_and_a_right_receipt_is_always_answered() {
    let t = TestApp::new().await;
    let tip = t
        .citizen()
        .post("/v1/tips")
        .json(&json!({"narrative": "Lừa đảo"}))
        .send()
        .await;
    let receipt = tip.expect(201)["receipt"].as_str().unwrap().to_owned();
    t.anyone().get("/v1/receipt").send().await.problem(401);
    for n in 0..20 {
        let call = t
            .anyone()
            .get("/v1/receipt")
            .header("Tip-Receipt", &format!("nonsense-{n}"));
        call.send().await.problem(404);
    }
    let refused = t
        .anyone()
        .get("/v1/receipt")
        .header("Tip-Receipt", "nonsense")
        .send()
        .await;
    refused.problem(429);
    assert!(!refused.header("retry-after").is_empty());
    t.anyone()
        .get("/v1/receipt")
        .header("Tip-Receipt", &receipt)
        .send()
        .await
        .expect(200);
}
