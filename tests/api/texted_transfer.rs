//! The status by text message names the body that a tip goes to.

use serde_json::json;

use crate::support::TestApp;

#[actix_web::test]
async fn who_asks_by_text_message_learns_to_which_body_the_tip_goes() {
    let t = TestApp::new().await;
    let officer = t.officer(crate::cases::ALL);
    let mut receipts = Vec::new();
    let mut first = None;
    for words in ["một", "hai"] {
        let (tip, receipt) = crate::case_clocks::report(&t, &json!({"narrative": words})).await;
        let decision = match &first {
            None => {
                json!({"decision": "transfer", "reason": "out_of_competence", "agency": "border_guard"})
            }
            Some(first) => json!({"decision": "duplicate", "duplicate_of": first}),
        };
        let claim = officer.put(&format!("/v1/tips/{tip}/claim"));
        claim.send().await.expect(200);
        let decide = officer.post(&format!("/v1/tips/{tip}/decisions"));
        decide.json(&decision).send().await.expect(200);
        first.get_or_insert(tip);
        receipts.push(receipt);
    }
    for (n, receipt) in receipts.iter().enumerate() {
        let body = json!({"gateway_id": "gw", "message_id": n.to_string(), "from": "0900000123", "text": receipt});
        let sent = t.citizen().post("/v1/tips/sms").json(&body).send().await;
        let sent = sent.expect(201);
        let reply = sent["reply"].as_str().unwrap();
        assert!(
            reply.contains("giai quyet: Bo doi Bien phong tinh."),
            "{reply}"
        );
        assert!(reply.len() <= 160 && reply.is_ascii(), "{reply}");
        assert!(!reply.contains(receipt), "{reply}");
    }
}
