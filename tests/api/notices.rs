//! Notices that the law owes a reporter: met by the receipt, or recorded by an officer.

use std::time::Duration;

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::followup::{TRIAGE, seen, tip};
use crate::support::TestApp;

#[actix_web::test]
async fn a_notice_due_by_law_is_met_when_the_reporter_fetches_it() {
    let t = TestApp::new().await;
    let reporter = json!({"narrative": "Lừa đảo", "reporter": {"phone": "0912345678"}});
    let (id, receipt) = tip(&t, &reporter).await;
    let officer = t.officer(TRIAGE);
    let state = |view: &Value, code: &str| {
        let all = view["deadlines"].as_array().unwrap().clone();
        let one = all.into_iter().find(|d| d["code"] == code);
        one.map_or(Value::Null, |one| one["state"].clone())
    };
    let fetch = || {
        t.anyone()
            .get("/v1/receipt")
            .header("Tip-Receipt", &receipt)
            .send()
    };
    // HEAD shows nothing (RFC 9110 §9.2.1).
    let head = t.anyone().call(Method::HEAD, "/v1/receipt");
    let head = head.header("Tip-Receipt", &receipt).send().await;
    assert_eq!(head.status, 200);
    let view = seen(&officer, &id).await;
    assert_eq!(state(&view, "notify_reporter_reception"), "pending");
    fetch().await.expect(200);
    let view = seen(&officer, &id).await;
    assert_eq!(state(&view, "notify_reporter_reception"), "met");
    officer
        .put(&format!("/v1/tips/{id}/claim"))
        .send()
        .await
        .expect(200);
    officer
        .post(&format!("/v1/tips/{id}/decisions"))
        .json(&json!({"decision": "dismiss", "reason": "not_a_scam"}))
        .send()
        .await
        .expect(200);
    t.clock.advance(Duration::from_secs(60));
    let view = seen(&officer, &id).await;
    assert_eq!(state(&view, "notify_reporter_result"), "pending");
    fetch().await.expect(200);
    let view = seen(&officer, &id).await;
    assert_eq!(state(&view, "notify_reporter_result"), "met");
}

#[actix_web::test]
async fn an_officer_records_how_a_notice_was_sent() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(
        &t,
        &json!({"narrative": "x", "reporter": {"phone": "0912345678"}}),
    )
    .await;
    let officer = t.officer(TRIAGE);
    t.settle().await;
    let path = format!("/v1/tips/{id}/notices");
    let owed = officer.get(&path).send().await.expect(200);
    assert_eq!(owed["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        owed["items"][0]["text"],
        "Công an tỉnh đã tiếp nhận tin báo của bạn lúc 08:20 ngày 24/11/2026, số DB-T-2026-000001 trong sổ tiếp nhận."
    );
    assert!(owed["items"][0]["told_at"].is_null());
    let put = |code: &str, body: Value| officer.put(&format!("{path}/{code}")).json(&body).send();
    t.clock.advance(Duration::from_secs(3_600));
    for (code, body, status) in [
        ("notify_reporter_result", json!({"channel": "phone"}), 409),
        ("notify_nobody", json!({"channel": "phone"}), 404),
        (
            "notify_reporter_reception",
            json!({"channel": "pigeon"}),
            422,
        ),
        (
            "notify_reporter_reception",
            json!({"channel": "phone", "sent_at": "2026-11-23T00:00:00Z"}),
            422,
        ),
        (
            "notify_reporter_reception",
            json!({"channel": "phone", "sent_at": "2026-12-23T00:00:00Z"}),
            422,
        ),
        (
            "notify_reporter_reception",
            json!({"channel": "phone", "sent_at": "2026-11-24T02:00:00Z"}),
            200,
        ),
        (
            "notify_reporter_reception",
            json!({"channel": "letter"}),
            200,
        ),
    ] {
        let reply = put(code, body.clone()).await;
        assert_eq!(
            reply.status.as_u16(),
            status,
            "{code} {body}: {}",
            reply.text()
        );
    }
    let owed = officer.get(&path).send().await.expect(200);
    assert_eq!(
        owed["items"][0]["told_at"], "2026-11-24T02:00:00Z",
        "the first time counts"
    );
    let call = t
        .anyone()
        .get("/v1/receipt")
        .header("Tip-Receipt", &receipt);
    let seen = call
        .header("Accept-Language", "en")
        .send()
        .await
        .expect(200);
    let text = seen["notices"][0]["text"].as_str().unwrap();
    assert!(
        text.starts_with("The provincial police received your report"),
        "{text}"
    );
}
