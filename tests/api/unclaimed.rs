//! The duty officer's phone: critical tips that nobody takes.

use std::time::Duration;

use serde_json::json;
use tinbao::auth::Scope;

use crate::support::{Receiver, TestApp};
use crate::webhooks::{LOCAL, police, register, tip};

/// A tip with danger to life is critical.
async fn critical(t: &TestApp) -> String {
    let body = json!({"narrative": "Bị giữ ở biên giới", "in_danger_now": true});
    let sent = t.citizen().post("/v1/tips").json(&body).send().await;
    sent.expect(201)["id"].as_str().unwrap().to_owned()
}

/// The calls since the last look: subject and minutes.
async fn calls(t: &TestApp, receiver: &Receiver) -> Vec<(String, i64)> {
    t.dispatch().await;
    receiver
        .take()
        .iter()
        .map(|seen| {
            let minutes = seen.event()["data"]["minutes_waiting"].as_i64().unwrap();
            (seen.subject(), minutes)
        })
        .collect()
}

#[actix_web::test]
async fn a_critical_tip_that_nobody_takes_is_called_for_every_five_minutes() {
    let t = TestApp::with(LOCAL).await;
    let other = t.replica().await;
    let receiver = Receiver::start().await;
    register(&police(&t).await, &receiver.url, &["tip.unclaimed"]).await;
    let officer = t.officer(&[Scope::TipsRead, Scope::TipsTriage]);
    let id = critical(&t).await;
    let subject = format!("tip/{id}");
    tip(&t).await;
    let trial = json!({"narrative": "thử", "test": true, "in_danger_now": true});
    let sent = t.citizen().post("/v1/tips").json(&trial).send().await;
    sent.expect(201);
    let minutes = |n: u64| t.clock.advance(Duration::from_secs(n * 60));

    minutes(4);
    assert_eq!(calls(&t, &receiver).await, []);
    minutes(1);
    // Both replicas look at the same moment; one call is made.
    let ((), ()) = futures_util::join!(t.settle(), other.settle());
    assert_eq!(calls(&t, &receiver).await, [(subject.clone(), 5)]);
    minutes(4);
    assert_eq!(calls(&t, &receiver).await, []);
    minutes(1);
    assert_eq!(calls(&t, &receiver).await, [(subject.clone(), 10)]);

    let claim = format!("/v1/tips/{id}/claim");
    officer.put(&claim).send().await.expect(200);
    minutes(10);
    assert_eq!(calls(&t, &receiver).await, [], "somebody has it");
    officer.delete(&claim).send().await.expect(204);
    minutes(4);
    assert_eq!(calls(&t, &receiver).await, [], "it was just given back");
    minutes(1);
    assert_eq!(calls(&t, &receiver).await, [(subject.clone(), 5)]);

    officer.put(&claim).send().await.expect(200);
    minutes(15);
    assert_eq!(calls(&t, &receiver).await, [], "the lease has just run out");
    minutes(6);
    assert_eq!(calls(&t, &receiver).await, [(subject.clone(), 6)]);

    officer.put(&claim).send().await.expect(200);
    let decision = json!({"decision": "dismiss", "reason": "insufficient"});
    let path = format!("/v1/tips/{id}/decisions");
    officer.post(&path).json(&decision).send().await.expect(200);
    minutes(60);
    assert_eq!(calls(&t, &receiver).await, [], "it is decided");
}
