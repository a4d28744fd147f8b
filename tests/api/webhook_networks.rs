//! Which addresses a webhook may connect to, looked at again for each connection.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Act, Receiver, TestApp};
use crate::webhooks::{LOCAL, deliveries, police, register, tip};

#[actix_web::test]
async fn a_name_that_leads_to_a_forbidden_address_is_never_connected_to() {
    let t = TestApp::with(&[("TINBAO_WEBHOOK_ALLOWED_NETWORKS", "10.0.0.0/8")]).await;
    let (officer, receiver) = (police(&t).await, Receiver::start().await);
    for scheme in ["http", "https"] {
        let url = receiver
            .url
            .replace("http://127.0.0.1", &format!("{scheme}://localhost"));
        let webhook = register(&officer, &url, &["tip.received"]).await;
        tip(&t).await;
        t.dispatch().await;
        let log = deliveries(&officer, &webhook, "").await;
        assert_eq!(
            (&log[0]["error"], &log[0]["response_code"]),
            (&json!("target_not_allowed"), &Value::Null),
            "{scheme}"
        );
    }
    assert!(receiver.seen().is_empty());
}

#[actix_web::test]
async fn an_address_that_is_allowed_no_longer_is_not_connected_to() {
    let t = TestApp::with(LOCAL).await;
    let (officer, receiver) = (police(&t).await, Receiver::start().await);
    let webhook = register(&officer, &receiver.url, &["tip.received"]).await;
    tip(&t).await;
    t.settle().await;
    let allowed = LOCAL[0].0;
    for networks in ["", "10.0.0.0/8"] {
        let strict = t.replica_with(&[(allowed, networks)]).await;
        strict.dispatch().await;
        let log = deliveries(&officer, &webhook, "").await;
        assert_eq!(log[0]["error"], "target_not_allowed", "'{networks}'");
        t.clock.advance(Duration::from_secs(10));
    }
    assert!(receiver.seen().is_empty());
    t.dispatch().await;
    assert_eq!(receiver.seen().len(), 1, "where it is allowed it arrives");
}

#[actix_web::test]
async fn redirects_are_not_followed() {
    let t = TestApp::with(LOCAL).await;
    let (officer, receiver) = (police(&t).await, Receiver::start().await);
    let webhook = register(&officer, &receiver.url, &["tip.received"]).await;
    receiver.act(|_| Act::Redirect);
    tip(&t).await;
    t.dispatch().await;
    let paths: Vec<String> = receiver.seen().into_iter().map(|seen| seen.path).collect();
    assert_eq!(paths, ["/hooks"]);
    let log = deliveries(&officer, &webhook, "").await;
    assert_eq!(
        (&log[0]["error"], &log[0]["response_code"], &log[0]["state"]),
        (
            &json!("redirect_not_followed"),
            &json!(302),
            &json!("pending")
        )
    );
}
