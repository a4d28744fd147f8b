//! A claim finds a tip by its number, as the queue does.

use serde_json::{Value, json};

use crate::cases::ALL;
use crate::support::TestApp;

#[actix_web::test]
async fn a_claim_finds_a_number_of_the_register_as_the_queue_does() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let mut tips = Vec::new();
    for words in ["một", "hai", "ba"] {
        tips.push(crate::cases::tip(&t, json!({"narrative": words})).await);
    }
    t.settle().await;
    let ids = |list: &Value| -> Vec<String> {
        let items = list["items"].as_array().unwrap().iter();
        items
            .map(|tip| tip["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let claim = async |q: &str| {
        let body = json!({"max": 5, "filter": {"q": q}});
        let call = officer.post("/v1/triage/claims").json(&body);
        ids(&call.send().await.expect(200))
    };
    let queue = officer
        .get("/v1/triage/queue?q=db-t-2026-000002")
        .send()
        .await;
    assert_eq!(ids(&queue.expect(200)), [tips[1].clone()]);
    assert_eq!(claim("DB-T-2026-999999").await, Vec::<String>::new());
    assert_eq!(claim(" db-t-2026-000002 ").await, [tips[1].clone()]);
    assert_eq!(
        claim("DB-T-2026-000002").await,
        Vec::<String>::new(),
        "taken"
    );
    assert_eq!(claim("DB-C-2026-000001").await, Vec::<String>::new());
    // Words and other filters hold besides as before.
    assert_eq!(claim("ba").await, [tips[2].clone()]);
    let body = json!({"filter": {"q": "DB-T-2026-000001", "priority": "critical"}});
    let call = officer.post("/v1/triage/claims").json(&body).send().await;
    assert_eq!(ids(&call.expect(200)), Vec::<String>::new());
    assert_eq!(claim("DB-T-2026-000001").await, [tips[0].clone()]);
}
