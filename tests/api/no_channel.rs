//! The desk finds the reporters whom no notice reaches, and learns nothing else of who they are.

use std::time::Duration;

use serde_json::{Value, json};

use crate::followup::{TRIAGE, seen};
use crate::support::{Client, TestApp};

async fn listed(officer: &Client, query: &str) -> Vec<String> {
    let path = format!("/v1/tips?{query}=true");
    let page = officer.get(&path).send().await.expect(200);
    let items = page["items"].as_array().unwrap().iter();
    items
        .map(|tip| tip["id"].as_str().unwrap().to_owned())
        .collect()
}

fn hints(tip: &Value) -> Vec<&str> {
    let hints = tip["desk_hints"].as_array().unwrap().iter();
    hints.map(|hint| hint["code"].as_str().unwrap()).collect()
}

async fn look(t: &TestApp, receipt: &str) {
    let call = t.anyone().get("/v1/receipt");
    call.header("Tip-Receipt", receipt).send().await.expect(200);
}

async fn dismiss(officer: &Client, id: &str) {
    let path = format!("/v1/tips/{id}");
    let claim = officer.put(&format!("{path}/claim"));
    claim.send().await.expect(200);
    let decide = officer.post(&format!("{path}/decisions"));
    let decide = decide.json(&json!({"decision": "dismiss", "reason": "civil_matter"}));
    decide.send().await.expect(200);
}

#[actix_web::test]
async fn reporters_whom_no_notice_reaches_are_shown_to_the_desk() {
    let t = TestApp::new().await;
    let officer = t.officer(TRIAGE);
    let mut sent = Vec::new();
    for reporter in [
        json!({"name": "Người Báo Tin"}),
        json!({"name": "Người Báo Tin", "national_id": "011199755321", "phone": " "}),
        json!({"name": "Người Báo Tin", "phone": "0912345678"}),
        json!({"name": "Người Báo Tin", "email": "nguoi@example.vn"}),
        json!({"name": "Người Báo Tin", "address": "Tổ 5"}),
        Value::Null,
    ] {
        // Ids tell the order of reception by the millisecond.
        t.clock.advance(Duration::from_secs(1));
        let body = json!({"narrative": "Lừa đảo", "reporter": reporter});
        let tip = t.submit(&body).await;
        let text = |name: &str| tip[name].as_str().unwrap().to_owned();
        sent.push((text("id"), text("receipt")));
    }
    let [(name, receipt), (card, _), rest @ ..] = sent.as_slice() else {
        unreachable!()
    };
    let (name, card) = (name.as_str(), card.as_str());
    assert_eq!(listed(&officer, "no_channel").await, [card, name]);
    assert_eq!(listed(&officer, "notice_owed").await.len(), 5);
    let view = seen(&officer, name).await;
    assert_eq!(hints(&view), ["no_channel"]);
    assert_eq!(view["desk_hints"][0]["indicator_id"], Value::Null);
    let text = view.to_string();
    assert!(
        !text.contains("Người Báo Tin") && text.contains("chưa có đường nào đến họ"),
        "{text}"
    );
    let english = officer.get(&format!("/v1/tips/{card}"));
    let english = english.header("Accept-Language", "en").send().await;
    let english = english.expect(200)["desk_hints"][0]["text"].clone();
    assert!(
        english.as_str().unwrap().contains("reaches them in no way"),
        "{english}"
    );
    for (id, _) in rest {
        assert_eq!(hints(&seen(&officer, id).await), Vec::<&str>::new());
    }
    // The list says the same of each.
    let page = officer.get("/v1/tips").send().await.expect(200);
    let items = page["items"].as_array().unwrap().iter();
    let hinted: Vec<&str> = items
        .filter(|tip| !hints(tip).is_empty())
        .map(|tip| tip["id"].as_str().unwrap())
        .collect();
    assert_eq!(hinted, [card, name]);

    // Whoever comes by receipt has a channel, also for what is owed later; whom an officer told is owed nothing now.
    look(&t, receipt).await;
    let told = officer.put(&format!(
        "/v1/tips/{card}/notices/notify_reporter_reception"
    ));
    let told = told.json(&json!({"channel": "in_person"}));
    told.send().await.expect(200);
    assert_eq!(listed(&officer, "no_channel").await, Vec::<String>::new());
    assert_eq!(hints(&seen(&officer, card).await), Vec::<&str>::new());
    t.clock.advance(Duration::from_secs(60));
    dismiss(&officer, name).await;
    dismiss(&officer, card).await;
    let owed = listed(&officer, "notice_owed").await;
    assert!(owed.iter().any(|id| id == name));
    assert_eq!(listed(&officer, "no_channel").await, [card]);
    assert_eq!(hints(&seen(&officer, name).await), Vec::<&str>::new());

    t.settle().await;
    assert_eq!(
        listed(&officer, "no_channel").await,
        [card],
        "numbered or not, the journal says the same"
    );

    // A receipt that opens nothing any more is none, though it was used.
    let mut owner = t.owner().await;
    let lost = format!("update receipts set withdrawn_at = now() where tip_id = '{name}'");
    diesel_async::RunQueryDsl::execute(diesel::sql_query(lost), &mut owner)
        .await
        .unwrap();
    assert_eq!(listed(&officer, "no_channel").await, [card, name]);
}

#[actix_web::test]
async fn who_adds_a_number_by_receipt_is_reached() {
    let t = TestApp::new().await;
    let officer = t.officer(TRIAGE);
    let body = json!({"narrative": "Lừa đảo", "reporter": {"name": "Người Báo Tin"}});
    let tip = t.submit(&body).await;
    assert_eq!(listed(&officer, "no_channel").await.len(), 1);
    let add = t.anyone().patch("/v1/receipt");
    let add = add.header("Tip-Receipt", tip["receipt"].as_str().unwrap());
    let number = json!({"reporter": {"phone": "0912345678"}});
    add.json(&number).send().await.expect(200);
    assert_eq!(listed(&officer, "no_channel").await, Vec::<String>::new());
    // Also where the receipt is lost after that.
    let mut owner = t.owner().await;
    let lost = diesel::sql_query("update receipts set withdrawn_at = now()");
    diesel_async::RunQueryDsl::execute(lost, &mut owner)
        .await
        .unwrap();
    assert_eq!(listed(&officer, "no_channel").await, Vec::<String>::new());
    assert_eq!(listed(&officer, "notice_owed").await.len(), 1);
}
