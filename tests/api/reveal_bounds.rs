//! What an approved reveal opens, and what it does not.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::followup::tip;
use crate::support::{Client, Reply, TestApp};

const OFFICER: &[Scope] = &[
    Scope::TipsRead,
    Scope::TipsTriage,
    Scope::ReportersReveal,
    Scope::Admin,
];
const PURPOSE: &str = "Goi lai de hoi";

fn secret() -> Value {
    json!({"narrative": "Rủ sang Lào",
        "reporter": {"name": "Lò Bí Mật", "phone": "0900000001", "keep_secret": true},
        "potential_victims": [{"name": "Giàng A Thử"}]})
}

async fn claim(officer: &Client, tip: &str) {
    let path = format!("/v1/tips/{tip}/claim");
    officer.put(&path).send().await.expect(200);
}

async fn ask(officer: &Client, path: &str) -> Reply {
    let call = officer.post(path).json(&json!({"purpose": PURPOSE}));
    let reply = call.send().await;
    let shown = ["Bí Mật", "0900000001", "Giàng A Thử"];
    let text = reply.text();
    let any = shown.iter().any(|given| text.contains(given));
    assert_eq!(any, reply.status.as_u16() == 200, "{path}: {text}");
    reply
}

async fn approve(t: &TestApp, reveal: &Value) {
    let path = format!("/v1/reveals/{}/approve", reveal["id"].as_str().unwrap());
    let second = t.named_officer("second", OFFICER);
    second.post(&path).send().await.expect(200);
}

#[actix_web::test]
async fn a_submission_is_shown_only_to_whoever_works_on_the_tip() {
    let t = TestApp::new().await;
    let body = json!({"narrative": "Lừa đảo", "reporter": {"phone": "0900000001"}});
    let (id, _) = tip(&t, &body).await;
    let path = format!("/v1/tips/{id}/submission/reveal");
    let officer = t.officer(OFFICER);
    let refused = ask(&officer, &path).await.problem(409);
    assert_eq!(refused["code"], "not_claimed");
    claim(&t.named_officer("somebody-else", OFFICER), &id).await;
    let refused = ask(&officer, &path).await.problem(409);
    assert_eq!(refused["code"], "claimed_by_other");
}

#[actix_web::test]
async fn what_was_approved_of_one_thing_opens_no_other() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t, &secret()).await;
    let officer = t.officer(OFFICER);
    claim(&officer, &id).await;
    let request = json!({"kind": "access", "text": "Tôi muốn biết."});
    let request = t
        .anyone()
        .post("/v1/privacy/requests")
        .header("Tip-Receipt", &receipt)
        .json(&request);
    let request = request.send().await.expect(201)["id"].clone();
    let request = format!("/v1/privacy/requests/{}", request.as_str().unwrap());
    let grant = t.named_officer("admin-2", &[Scope::Admin]);
    let grant = grant.post(&format!("{request}/decide"));
    let grant = grant.json(&json!({"decision": "granted", "reason": "Chấp thuận."}));
    grant.send().await.expect(200);
    let all = [
        format!("/v1/tips/{id}/reporter/reveal"),
        format!("/v1/tips/{id}/potential-victims/reveal"),
        format!("{request}/disclosure"),
    ];
    // All of one tip, none of a file or submission, for one and the same purpose.
    for (n, path) in all.iter().enumerate() {
        let waits = ask(&officer, path).await.expect(202);
        assert_eq!(waits["object_id"], Value::Null);
        approve(&t, &waits).await;
        ask(&officer, path).await.expect(200);
        for other in &all[n + 1..] {
            let waits = ask(&officer, other).await.expect(202);
            assert_eq!(waits["status"], "pending", "{other} after {path}");
        }
    }
}

#[actix_web::test]
async fn no_approval_of_anything_else_opens_the_register() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t, &secret()).await;
    let form = "--e\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nmột\r\n--e--\r\n";
    let file = t
        .anyone()
        .post("/v1/receipt/attachments")
        .header("Tip-Receipt", &receipt)
        .body("multipart/form-data; boundary=e", form);
    let file = file.send().await.expect(201)["id"].clone();
    let file = file.as_str().unwrap();
    t.settle().await;
    let officer = t.officer(OFFICER);
    claim(&officer, &id).await;
    let register = async || {
        let path = format!("/v1/register?purpose={}", PURPOSE.replace(' ', "+"));
        let page = officer.get(&path).send().await.expect(200);
        page["items"][0]["reporter_name"].clone()
    };
    for what in [
        format!("attachments/{file}"),
        "submission".to_owned(),
        "potential-victims".to_owned(),
    ] {
        let waits = ask(&officer, &format!("/v1/tips/{id}/{what}/reveal")).await;
        approve(&t, &waits.expect(202)).await;
        assert_eq!(register().await, "[sealed]", "{what}");
    }
    let waits = ask(&officer, &format!("/v1/tips/{id}/reporter/reveal")).await;
    approve(&t, &waits.expect(202)).await;
    assert_eq!(register().await, "Lò Bí Mật");
}
