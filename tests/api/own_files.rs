//! Whoever holds the receipt sees which files came.

use std::time::Duration;

use serde_json::{Value, json};

use crate::evidence::{OFFICER, file, tip, upload};
use crate::support::{Reply, TestApp};

async fn files(t: &TestApp, receipt: &str, query: &str) -> Reply {
    let call = t.anyone().get(&format!("/v1/receipt/attachments{query}"));
    call.header("Tip-Receipt", receipt).send().await
}

#[actix_web::test]
async fn a_reporter_lists_the_own_files_by_receipt_and_nobody_elses() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t).await;
    let (_, other) = tip(&t).await;
    let none = files(&t, &receipt, "").await.expect(200);
    assert_eq!(none, json!({"items": [], "next_cursor": null}));
    let mut sent = Vec::new();
    for content in [b"first", b"later"] {
        let reply = upload(&t, &receipt, file(content)).await;
        sent.insert(0, reply.expect(201));
        t.clock.advance(Duration::from_secs(1));
    }
    upload(&t, &other, file(b"of another")).await.expect(201);
    let officer = t.officer(OFFICER);
    let own = officer.post(&format!("/v1/tips/{id}/attachments"));
    let own = own.body("multipart/form-data; boundary=edge", file(b"recording"));
    own.send().await.expect(201);

    let list = files(&t, &receipt, "").await.expect(200);
    assert_eq!(
        list["items"],
        Value::from(sent.clone()),
        "what was answered then"
    );
    let page = files(&t, &receipt, "?limit=1").await.expect(200);
    assert_eq!(page["items"], json!([sent[0]]));
    let cursor = page["next_cursor"].as_str().unwrap();
    let next = files(&t, &receipt, &format!("?limit=1&cursor={cursor}")).await;
    let next = next.expect(200);
    assert_eq!(
        (&next["items"], &next["next_cursor"]),
        (&json!([sent[1]]), &Value::Null)
    );
    files(&t, "mistyped", "").await.problem(404);
    // Which tip and case it is, and who handles it, stays with the desk.
    let text = list.to_string();
    assert!(!text.contains(&id) && !text.contains("analyst"), "{text}");
}
