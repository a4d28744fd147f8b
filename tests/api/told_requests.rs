//! Who asks about their own data reads in words where the request stands.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::TestApp;

#[actix_web::test]
async fn a_request_about_ones_own_data_is_told_in_words_with_its_law() {
    let t = TestApp::new().await;
    let tip = t
        .submit(&json!({"narrative": "Lừa đảo", "reporter": {"name": "Người Báo Tin"}}))
        .await;
    let receipt = tip["receipt"].as_str().unwrap();
    let ask = t
        .anyone()
        .post("/v1/privacy/requests")
        .header("Tip-Receipt", receipt);
    let asked = ask
        .json(&json!({"kind": "erasure"}))
        .send()
        .await
        .expect(201);
    assert_eq!(asked["status_text"], "Yêu cầu của bạn đã được tiếp nhận.");
    assert_eq!(asked["legal_basis"], "NĐ 356/2025/NĐ-CP, Điều 5");
    let next = asked["next_step"].as_str().unwrap();
    assert!(
        next.contains("26/11/2026") && next.contains("14/12/2026"),
        "{next}"
    );
    let read = async |lang: &str| -> Value {
        let list = t
            .anyone()
            .get("/v1/receipt/privacy")
            .header("Tip-Receipt", receipt);
        let list = list
            .header("Accept-Language", lang)
            .send()
            .await
            .expect(200);
        list["items"][0].clone()
    };
    let waiting = read("en").await;
    assert_eq!(waiting["status_text"], "Your request was received.");
    assert_eq!(waiting["due_at"], "2026-12-14T17:00:00Z");
    let admin = t.officer(&[Scope::Admin]);
    let path = format!(
        "/v1/privacy/requests/{}/decide",
        asked["id"].as_str().unwrap()
    );
    let grant = json!({"decision": "granted", "reason": "Đã xoá danh tính."});
    admin.post(&path).json(&grant).send().await.expect(200);
    let done = read("vi").await;
    assert_eq!(
        done["status_text"],
        "Danh tính của bạn và bản gốc bạn đã gửi đã được xoá."
    );
    assert_eq!(done["state"], "granted");
}

#[actix_web::test]
async fn who_had_a_tip_erased_or_took_it_back_reads_for_ninety_days_that_it_was_done() {
    let t = TestApp::new().await;
    let (erased, withdrawn) = (
        t.submit(&json!({"narrative": "Lừa đảo"})).await,
        t.submit(&json!({"narrative": "Gửi nhầm"})).await,
    );
    let by = |tip: &Value| tip["receipt"].as_str().unwrap().to_owned();
    let officer = t.officer(&[Scope::TipsRead, Scope::TipsTriage]);
    let path = format!("/v1/tips/{}", erased["id"].as_str().unwrap());
    officer
        .put(&format!("{path}/claim"))
        .send()
        .await
        .expect(200);
    let dismiss = json!({"decision": "dismiss", "reason": "insufficient"});
    let decide = officer.post(&format!("{path}/decisions"));
    decide.json(&dismiss).send().await.expect(200);
    t.settle().await;
    let ask = t
        .anyone()
        .post("/v1/privacy/requests")
        .header("Tip-Receipt", &by(&erased));
    let asked = ask
        .json(&json!({"kind": "erasure"}))
        .send()
        .await
        .expect(201);
    let admin = t.officer(&[Scope::Admin]);
    let path = format!(
        "/v1/privacy/requests/{}/decide",
        asked["id"].as_str().unwrap()
    );
    let grant = json!({"decision": "granted", "reason": "Đã xoá.", "extent": "tip"});
    admin.post(&path).json(&grant).send().await.expect(200);
    let withdraw = t.anyone().post("/v1/receipt/withdraw");
    withdraw
        .header("Tip-Receipt", &by(&withdrawn))
        .send()
        .await
        .expect(204);
    let read = async |tip: &Value, path: &str| {
        let call = t.anyone().get(path).header("Tip-Receipt", &by(tip));
        call.send().await
    };
    for (tip, how, word) in [
        (&erased, "erased", "đã được xoá"),
        (&withdrawn, "withdrawn", "đã rút"),
    ] {
        let told = read(tip, "/v1/receipt/privacy").await.expect(200);
        assert_eq!(
            (&told["items"], &told["ended"]["how"], &told["ended"]["at"]),
            (&json!([]), &json!(how), &json!("2026-11-24T01:20:00Z"))
        );
        let text = told["ended"]["status_text"].as_str().unwrap();
        assert!(
            text.contains(word) && text.contains("08:20 ngày 24/11/2026"),
            "{text}"
        );
        read(tip, "/v1/receipt").await.problem(404);
    }
    t.clock.advance(std::time::Duration::from_secs(90 * 86_400));
    for tip in [&erased, &withdrawn] {
        read(tip, "/v1/receipt/privacy").await.problem(404);
    }
    tinbao::app::background::tidy(&t.running.state)
        .await
        .unwrap();
    let left = crate::support::rows(&t, "select count(*)::text as cell from receipt_ends").await;
    assert_eq!(left, ["0"], "and nothing is kept of it");
}
