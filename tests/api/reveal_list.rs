//! The list of reveals, as the second officer reads it.

use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Client, TestApp};

const OFFICER: &[Scope] = &[Scope::TipsRead, Scope::TipsTriage, Scope::ReportersReveal];

async fn asked(t: &TestApp, officer: &Client, secret: bool) -> Value {
    let reporter = json!({"name": "Lò Thị Mẫu", "keep_secret": secret});
    let sent = t
        .submit(&json!({"narrative": "x", "reporter": reporter}))
        .await;
    let path = format!("/v1/tips/{}", sent["id"].as_str().unwrap());
    let claim = officer.put(&format!("{path}/claim"));
    claim.send().await.expect(200);
    let call = officer.post(&format!("{path}/reporter/reveal"));
    let call = call.json(&json!({"purpose": "Gọi lại"})).send().await;
    match secret {
        true => call.expect(202)["id"].clone(),
        false => call.expect(200)["reveal_id"].clone(),
    }
}

#[actix_web::test]
async fn what_waits_is_found_among_all_that_was_shown() {
    let t = TestApp::new().await;
    let (officer, second) = (t.officer(OFFICER), t.named_officer("second", OFFICER));
    let approve = async |id: &Value| {
        let path = format!("/v1/reveals/{}/approve", id.as_str().unwrap());
        second.post(&path).send().await.expect(200);
    };
    // One that nobody approved in a day, and one that was approved and is over.
    let late = asked(&t, &officer, true).await;
    let used = asked(&t, &officer, true).await;
    approve(&used).await;
    t.clock.advance(Duration::from_secs(24 * 3600 + 1));
    let waits = asked(&t, &officer, true).await;
    let good = asked(&t, &officer, true).await;
    approve(&good).await;
    let shown = asked(&t, &officer, false).await;
    let list = async |query: &str| {
        let page = second.get(&format!("/v1/reveals{query}")).send().await;
        let page = page.expect(200);
        let mut all: Vec<(String, String)> = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| (item["id"].to_string(), item["status"].to_string()))
            .collect();
        all.sort();
        all
    };
    let mut everything = Vec::new();
    for (status, ids) in [
        ("pending", vec![&waits]),
        ("approved", vec![&good]),
        ("shown", vec![&shown]),
        ("expired", vec![&late, &used]),
    ] {
        let quoted = format!("\"{status}\"");
        let mut wanted: Vec<_> = ids
            .into_iter()
            .map(|id| (id.to_string(), quoted.clone()))
            .collect();
        wanted.sort();
        assert_eq!(list(&format!("?status={status}")).await, wanted);
        everything.extend(wanted);
    }
    everything.sort();
    assert_eq!(list("").await, everything);
    let refused = second.get("/v1/reveals?status=opened").send().await;
    assert_eq!(refused.problem(422)["errors"][0]["parameter"], "status");
}
