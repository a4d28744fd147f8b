//! A U+0000 in what a citizen writes is received, as U+FFFD.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::TestApp;

#[actix_web::test]
async fn no_text_of_a_citizen_is_refused_for_a_nul() {
    let t = TestApp::new().await;
    let tip = t.submit(&json!({"narrative": "Lừa đảo"})).await;
    let receipt = tip["receipt"].as_str().unwrap();
    let text = json!({"text": "Tôi có\u{0} biên lai."});
    let write = || {
        let call = t.anyone().post("/v1/receipt/messages");
        let call = call.header("Tip-Receipt", receipt);
        call.header("Idempotency-Key", "4f2c").json(&text).send()
    };
    let message = write().await.expect(201);
    assert_eq!(message["text"], "Tôi có\u{fffd} biên lai.");
    assert_eq!(write().await.expect(201), message, "replayed");
    let path = format!("/v1/tips/{}/messages", tip["id"].as_str().unwrap());
    let officer = t.officer(&[Scope::TipsRead, Scope::TipsTriage]);
    let read = officer.get(&path).send().await.expect(200);
    assert_eq!(read["items"][0]["text"], message["text"]);
    let refused = officer.post(&path).json(&text).send().await.problem(422);
    assert_eq!(
        refused["errors"][0]["code"], "nul_character",
        "an officer's"
    );

    let more = t
        .anyone()
        .patch("/v1/receipt")
        .header("Tip-Receipt", receipt);
    let more = more
        .json(&json!({"narrative": "Hôm\u{0} qua."}))
        .send()
        .await
        .expect(200);
    let told =
        |warning: &Value| warning["code"] == "nul_replaced" && warning["pointer"] == "/narrative";
    assert!(
        more["warnings"].as_array().unwrap().iter().any(told),
        "{more}"
    );

    let appeal = json!({"value": "0912 345\u{0} 678", "text": "Số\u{0} của tôi."});
    let appeal_of = |body: &Value| t.anyone().post("/v1/appeals").json(body).send();
    // Not a number any more, but not for the character alone.
    let odd = appeal_of(&appeal).await.problem(422);
    assert_eq!(odd["errors"][0]["code"], "unrecognised");
    let appeal = json!({"value": "0912 345 678", "text": "Số\u{0} của tôi."});
    appeal_of(&appeal).await.expect(201);
    let curator = t.officer(&[Scope::IndicatorsCurate]);
    let seen = curator.get("/v1/appeals").send().await.expect(200);
    assert_eq!(seen["items"][0]["text"], "Số\u{fffd} của tôi.");

    let request = t
        .anyone()
        .post("/v1/privacy/requests")
        .header("Tip-Receipt", receipt);
    let request = request.json(&json!({"kind": "access", "text": "Cho tôi\u{0} xem."}));
    request.send().await.expect(201);
    let call = t.citizen().post("/v1/indicators/extract");
    let found = call
        .json(&json!({"text": "\u{0} gọi 0912 345 678"}))
        .send()
        .await;
    assert_eq!(found.expect(200)["indicators"][0]["start"], 6);
}
