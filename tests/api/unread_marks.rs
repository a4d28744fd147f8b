//! What a reporter sends after an officer has opened the tip is marked until an officer has seen it.

use std::time::Duration;

use actix_web::http::Method;
use serde_json::{Value, json};

use crate::evidence::{file, upload};
use crate::followup::{TRIAGE, seen, tip};
use crate::support::{Client, TestApp, rows};

/// The tip as it stands in the list, which opens nothing; and what `unread=true` finds in the list and in the queue.
async fn marks(officer: &Client, id: &str) -> (Value, usize, usize) {
    let list = async |path: &str| -> Vec<Value> {
        let page = officer.get(path).send().await.expect(200);
        page["items"].as_array().unwrap().clone()
    };
    let all = list("/v1/tips").await;
    let one = all.iter().find(|tip| tip["id"] == id).unwrap();
    let counts = json!([
        one["unread_messages"],
        one["unread_files"],
        one["unread_additions"],
        one["unread_since"]
    ]);
    let found = list("/v1/tips?unread=true").await.len();
    let read = list("/v1/tips?unread=false").await.len();
    assert_eq!(found + read, all.len(), "each tip is one or the other");
    (
        counts,
        found,
        list("/v1/triage/queue?unread=true").await.len(),
    )
}

fn nothing() -> (Value, usize, usize) {
    (json!([0, 0, 0, null]), 0, 0)
}

async fn add(t: &TestApp, receipt: &str, text: &str) {
    let call = t.anyone().patch("/v1/receipt");
    let call = call.header("Tip-Receipt", receipt);
    let sent = call.json(&json!({"narrative": text})).send().await;
    sent.expect(200);
}

async fn head(officer: &Client, path: &str) {
    let reply = officer.call(Method::HEAD, path).send().await;
    assert_eq!(reply.status.as_u16(), 200, "{path}");
}

#[actix_web::test]
async fn what_comes_before_anybody_opened_the_tip_is_no_news() {
    let t = TestApp::new().await;
    let told = json!({"narrative": "Lừa đảo", "attachments_announced": 1});
    let (id, receipt) = tip(&t, &told).await;
    let officer = t.officer(TRIAGE);
    upload(&t, &receipt, file(b"announced")).await.expect(201);
    add(&t, &receipt, "Tôi quên nói một việc.").await;
    assert_eq!(marks(&officer, &id).await, nothing());
    // The reporter's own looks open nothing to the desk.
    for path in ["/v1/receipt", "/v1/receipt/attachments"] {
        let look = t.anyone().get(path).header("Tip-Receipt", &receipt);
        look.send().await.expect(200);
    }
    upload(&t, &receipt, file(b"another")).await.expect(201);
    assert_eq!(marks(&officer, &id).await, nothing());
    let kept = rows(&t, "select id::text as cell from tip_unread").await;
    assert_eq!(kept, Vec::<String>::new());
    // From the first opening on it is.
    seen(&officer, &id).await;
    add(&t, &receipt, "Và một việc nữa.").await;
    assert_eq!(marks(&officer, &id).await.0[2], 1);
}

#[actix_web::test]
async fn files_and_additions_are_unread_until_an_officer_sees_them() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t, &json!({"narrative": "Lừa đảo"})).await;
    tip(&t, &json!({"narrative": "Việc khác"})).await;
    let officer = t.officer(TRIAGE);
    let path = format!("/v1/tips/{id}");
    assert_eq!(seen(&officer, &id).await["unread_files"], 0);
    // What the journal numbered meanwhile counts as what waits for its number.
    t.settle().await;

    let files = format!("{path}/attachments");
    upload(&t, &receipt, file(b"proof")).await.expect(201);
    let marked = (json!([0, 1, 0, "2026-11-24T01:20:00Z"]), 1, 1);
    assert_eq!(marks(&officer, &id).await, marked);
    // Neither the tip shows a file, nor does HEAD anything.
    seen(&officer, &id).await;
    head(&officer, &files).await;
    assert_eq!(marks(&officer, &id).await, marked);

    t.clock.advance(Duration::from_secs(60));
    add(&t, &receipt, "Qua Zalo.").await;
    add(&t, &receipt, "Qua Zalo.").await;
    let both = (json!([0, 1, 1, "2026-11-24T01:20:00Z"]), 1, 1);
    assert_eq!(
        marks(&officer, &id).await,
        both,
        "the same again is no addition"
    );
    officer.get(&files).send().await.expect(200);
    let added = (json!([0, 0, 1, "2026-11-24T01:21:00Z"]), 1, 1);
    assert_eq!(marks(&officer, &id).await, added);
    head(&officer, &path).await;
    officer
        .get(&format!("{path}/submission"))
        .send()
        .await
        .expect(200);
    assert_eq!(
        marks(&officer, &id).await,
        added,
        "the first submission is not the addition"
    );
    assert_eq!(
        seen(&officer, &id).await["unread_additions"],
        1,
        "who opens it is told"
    );
    assert_eq!(marks(&officer, &id).await, nothing());

    // Of a list that is read in pages, what a page showed.
    add(&t, &receipt, "Lúc tám giờ.").await;
    t.clock.advance(Duration::from_secs(60));
    add(&t, &receipt, "Có ảnh.").await;
    let submissions = format!("{path}/submissions");
    let page = format!("{submissions}?limit=1");
    let page = officer.get(&page).send().await.expect(200);
    let (counts, ..) = marks(&officer, &id).await;
    assert_eq!(counts, json!([0, 0, 1, "2026-11-24T01:21:00Z"]));
    let next = page["next_cursor"].as_str().unwrap();
    let next = officer.get(&format!("{submissions}?limit=1&cursor={next}"));
    next.send().await.expect(200);
    assert_eq!(marks(&officer, &id).await, nothing());

    // A message beside them.
    let write = t.anyone().post("/v1/receipt/messages");
    let write = write.header("Tip-Receipt", &receipt);
    let text = json!({"text": "Tôi vừa gửi ảnh."});
    write.json(&text).send().await.expect(201);
    let (counts, ..) = marks(&officer, &id).await;
    assert_eq!(counts, json!([1, 0, 0, "2026-11-24T01:22:00Z"]));
    officer
        .get(&format!("{path}/messages"))
        .send()
        .await
        .expect(200);
    assert_eq!(marks(&officer, &id).await, nothing());
    let kept = rows(&t, "select id::text as cell from tip_unread").await;
    assert_eq!(kept, Vec::<String>::new());
}

#[actix_web::test]
async fn a_tip_that_was_claimed_or_decided_has_news_too() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t, &json!({"narrative": "Lừa đảo"})).await;
    let officer = t.officer(TRIAGE);
    let claim = officer.post("/v1/triage/claims").json(&json!({"max": 1}));
    claim.send().await.expect(200);
    let sent = upload(&t, &receipt, file(b"proof")).await.expect(201);
    assert_eq!(marks(&officer, &id).await.0[1], 1);
    // What is renewed by an app is not opened by anybody.
    add(&t, &receipt, "Thêm.").await;
    let path = format!("/v1/tips/{id}");
    let claim = officer.put(&format!("{path}/claim"));
    claim.send().await.expect(200);
    assert_eq!(marks(&officer, &id).await.0[2], 1);
    // Whoever was told of the file by an event fetches it without a list.
    let download = format!("{path}/attachments/{}", sent["id"].as_str().unwrap());
    let download = officer.get(&download).send().await;
    assert_eq!(download.status.as_u16(), 200);
    let (counts, ..) = marks(&officer, &id).await;
    assert_eq!(counts, json!([0, 0, 1, "2026-11-24T01:20:00Z"]));

    // What the office adds itself is no news to it.
    seen(&officer, &id).await;
    let own = officer.post(&format!("{path}/attachments"));
    let own = own.body("multipart/form-data; boundary=edge", file(b"recording"));
    own.send().await.expect(201);
    assert_eq!(marks(&officer, &id).await, nothing());

    let decide = officer.post(&format!("{path}/decisions"));
    let decide = decide.json(&json!({"decision": "accept"}));
    decide.send().await.expect(200);
    upload(&t, &receipt, file(b"later")).await.expect(201);
    let (counts, found, queue) = marks(&officer, &id).await;
    assert_eq!((&counts[1], found, queue), (&json!(1), 1, 0));
}
