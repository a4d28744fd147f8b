//! What is left to the reporter and to the police of a tip that was withdrawn.

use serde_json::json;

use crate::followup::{TRIAGE, seen, tip};
use crate::support::TestApp;

#[actix_web::test]
async fn a_withdrawn_tip_can_still_be_taken_up_by_the_police() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t, &json!({"narrative": "Lừa đảo"})).await;
    let withdraw = t.anyone().post("/v1/receipt/withdraw");
    withdraw
        .header("Tip-Receipt", &receipt)
        .send()
        .await
        .expect(204);
    let officer = t.officer(TRIAGE);
    let queue = officer.get("/v1/triage/queue").send().await.expect(200);
    assert_eq!(queue["items"], json!([]));
    let claims = officer.post("/v1/triage/claims").json(&json!({"max": 1}));
    assert_eq!(claims.send().await.expect(200)["items"], json!([]));
    let listed = officer
        .get("/v1/tips?status=withdrawn")
        .send()
        .await
        .expect(200);
    assert_eq!(listed["items"][0]["withdrawn_at"], "2026-11-24T01:20:00Z");
    let claim = format!("/v1/tips/{id}/claim");
    let taken = officer.put(&claim).send().await.expect(200);
    assert_eq!(taken["status"], "claimed");
    assert_eq!(taken["withdrawn_at"], "2026-11-24T01:20:00Z");
    let decisions = format!("/v1/tips/{id}/decisions");
    let ask = json!({"decision": "request_info", "message": "Số tài khoản nào?"});
    let refused = officer.post(&decisions).json(&ask).send().await;
    assert_eq!(
        refused.problem(409)["code"],
        "wrong_state",
        "nobody would read it"
    );
    let path = format!("/v1/tips/{id}/notices");
    let owed = officer.get(&path).send().await.expect(200);
    assert_eq!(owed["items"][0]["on_receipt"], false);
    let accept = json!({"decision": "accept", "reason": "signs_of_crime"});
    officer
        .post(&decisions)
        .json(&accept)
        .send()
        .await
        .expect(200);
    assert_eq!(seen(&officer, &id).await["status"], "accepted");
}

#[actix_web::test]
async fn a_withdrawn_receipt_opens_nothing() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t, &json!({"narrative": "Lừa đảo"})).await;
    let call = |method, path: &str| {
        t.anyone()
            .call(method, path)
            .header("Tip-Receipt", &receipt)
            .json(&json!({"text": "x"}))
            .send()
    };
    use actix_web::http::Method;
    call(Method::POST, "/v1/receipt/withdraw").await.expect(204);
    assert_eq!(seen(&t.officer(TRIAGE), &id).await["status"], "withdrawn");
    for (method, path) in [
        (Method::GET, "/v1/receipt"),
        (Method::PATCH, "/v1/receipt"),
        (Method::GET, "/v1/receipt/attachments"),
        (Method::GET, "/v1/receipt/messages"),
        (Method::POST, "/v1/receipt/messages"),
        (Method::POST, "/v1/receipt/withdraw"),
        (Method::DELETE, "/v1/receipt/reporter"),
    ] {
        let reply = call(method.clone(), path).await;
        assert_eq!(reply.status.as_u16(), 404, "{method} {path}");
    }
    let message = json!({"text": "Bạn còn đó không?"});
    let officer = t.officer(TRIAGE);
    let refused = officer
        .post(&format!("/v1/tips/{id}/messages"))
        .json(&message);
    assert_eq!(refused.send().await.problem(409)["code"], "wrong_state");
}
