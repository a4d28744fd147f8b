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
    let seen = t
        .anyone()
        .get("/v1/receipt")
        .header("Tip-Receipt", &receipt)
        .send()
        .await;
    let view = seen.expect(200);
    assert_eq!(view["status"], "received");
    assert_eq!(view["deadlines"][0]["code"], "classify");
    t.anyone().get("/v1/receipt").send().await.problem(401);
    t.anyone()
        .get("/v1/receipt")
        .header("Tip-Receipt", "nonsense")
        .send()
        .await
        .problem(404);
}
