//! Whoever looks by receipt is always answered, and does not fill the journal.

use std::time::Duration;

use serde_json::json;
use tinbao::auth::Scope;

use crate::followup::tip;
use crate::support::{Client, TestApp, rows};

async fn noted(t: &TestApp, act: &str) -> usize {
    let sql = format!(
        "select type as cell from (select type from journal union all select type from journal_pending) j
         where type = '{act}'"
    );
    rows(t, &sql).await.len()
}

async fn look(t: &TestApp, path: &str, receipt: &str) {
    let call = t.anyone().get(path).header("Tip-Receipt", receipt);
    call.send().await.expect(200);
}

async fn decide(officer: &Client, id: &str) {
    let path = format!("/v1/tips/{id}");
    let claim = officer.put(&format!("{path}/claim"));
    claim.send().await.expect(200);
    let decide = officer.post(&format!("{path}/decisions"));
    let decide = decide.json(&json!({"decision": "dismiss", "reason": "insufficient"}));
    decide.send().await.expect(200);
}

#[actix_web::test]
async fn a_look_is_noted_once_in_ten_minutes_and_whenever_something_is_told() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t, &json!({"narrative": "Lừa đảo"})).await;
    let (_, other) = tip(&t, &json!({"narrative": "Lừa đảo nữa"})).await;
    let object = json!({"value": "0912345678", "text": "Số của tôi."});
    let object = t.anyone().post("/v1/appeals").json(&object).send().await;
    let appeal = object.expect(201)["receipt"].as_str().unwrap().to_owned();
    let looks = [
        ("/v1/receipt", receipt.as_str(), "receipt.read"),
        ("/v1/receipt/messages", receipt.as_str(), "messages.read"),
        (
            "/v1/receipt/attachments",
            receipt.as_str(),
            "attachments.listed",
        ),
        ("/v1/receipt/privacy", receipt.as_str(), "privacy.listed"),
        ("/v1/receipt/appeal", appeal.as_str(), "appeal.receipt_read"),
    ];
    for times in 1..=2 {
        for (path, receipt, act) in looks {
            for _ in 0..5 {
                look(&t, path, receipt).await;
            }
            assert_eq!(noted(&t, act).await, times, "{path}");
        }
        t.clock.advance(Duration::from_secs(600));
    }
    // What one receipt was shown says nothing of another.
    look(&t, "/v1/receipt/messages", &other).await;
    assert_eq!(noted(&t, "messages.read").await, 3);

    for (path, receipt, _) in looks {
        look(&t, path, receipt).await;
    }
    let before = (
        noted(&t, "receipt.read").await,
        noted(&t, "messages.read").await,
    );
    let officer = t.officer(&[Scope::TipsRead, Scope::TipsTriage]);
    let write = officer.post(&format!("/v1/tips/{id}/messages"));
    let write = write.json(&json!({"text": "Chúng tôi đang xác minh."}));
    write.send().await.expect(201);
    decide(&officer, &id).await;
    t.settle().await;
    // The message and the decision are read at once, and that is noted; once.
    for _ in 0..3 {
        look(&t, "/v1/receipt", &receipt).await;
        look(&t, "/v1/receipt/messages", &receipt).await;
    }
    let after = (
        noted(&t, "receipt.read").await,
        noted(&t, "messages.read").await,
    );
    assert_eq!(after, (before.0 + 1, before.1 + 1));
}
