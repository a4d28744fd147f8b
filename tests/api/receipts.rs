//! `GET /v1/receipt`.

use serde_json::json;
use tinbao::auth::Scope;

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
async fn news_of_a_case_reaches_the_tip_that_began_it_and_no_later_one() {
    let t = TestApp::new().await;
    let mut tips = Vec::new();
    for minute in 1..=2 {
        t.clock.set(
            format!("2026-11-24T02:0{minute}:00Z")
                .parse()
                .expect("a time"),
        );
        let call = t.citizen().post("/v1/tips");
        let body = json!({"narrative": format!("Lừa đảo {minute}")});
        tips.push(call.json(&body).send().await.expect(201));
    }
    let officer = t.officer(&[
        Scope::TipsRead,
        Scope::TipsTriage,
        Scope::CasesRead,
        Scope::CasesWrite,
    ]);
    let ids = [&tips[0]["id"], &tips[1]["id"]];
    let body = json!({"title": "Giả danh công an", "tip_ids": ids});
    let opened = officer.post("/v1/cases").json(&body).send().await;
    let case = opened.expect(201)["id"].as_str().unwrap().to_owned();
    for decision in ["assign", "verify"] {
        officer
            .post(&format!("/v1/cases/{case}/decisions"))
            .json(&json!({"decision": decision}))
            .send()
            .await
            .expect(200);
    }
    for (tip, news) in tips.iter().zip([true, false]) {
        let seen = t
            .anyone()
            .get("/v1/receipt")
            .header("Tip-Receipt", tip["receipt"].as_str().unwrap())
            .send()
            .await;
        let view = seen.expect(200);
        assert_eq!(view["status"], "accepted");
        let text = view["status_text"].as_str().unwrap();
        assert_eq!(text.contains("xác minh"), news, "{text}");
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
