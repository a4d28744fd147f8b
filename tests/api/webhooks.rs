//! Webhooks over a real receiver: signed, in order, at least once.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use standardwebhooks::Webhook;
use tinbao::auth::Scope;

use crate::support::{Act, Client, Receiver, Seen, TestApp};

pub const LOCAL: &[(&str, &str)] = &[("TINBAO_WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8")];

pub async fn police(t: &TestApp) -> Client {
    t.officer(&[Scope::WebhooksManage])
}

pub async fn register(by: &Client, url: &str, events: &[&str]) -> Value {
    let body = json!({"url": url, "events": events});
    by.post("/v1/webhooks").json(&body).send().await.expect(201)
}

pub async fn tip(t: &TestApp) -> String {
    let body = json!({"narrative": "Bị lừa chuyển tiền", "indicators": [{"kind": "phone", "value": "0912 345 678"}]});
    let sent = t.citizen().post("/v1/tips").json(&body).send().await;
    sent.expect(201)["id"].as_str().unwrap().to_owned()
}

/// A claim and a release: two more events of the tip.
pub async fn touch(t: &TestApp, tip: &str) {
    let officer = t.officer(&[Scope::TipsRead, Scope::TipsTriage]);
    let path = format!("/v1/tips/{tip}/claim");
    officer.put(&path).send().await.expect(200);
    officer.delete(&path).send().await.expect(204);
}

pub async fn deliveries(by: &Client, webhook: &Value, query: &str) -> Vec<Value> {
    let path = format!(
        "/v1/webhooks/{}/deliveries{query}",
        webhook["id"].as_str().unwrap()
    );
    by.get(&path).send().await.expect(200)["items"]
        .as_array()
        .unwrap()
        .clone()
}

pub const TIPS: &[&str] = &["tip.received", "tip.claimed", "tip.updated"];

/// The events of each subject as they arrived.
pub fn by_subject(seen: &[Seen]) -> BTreeMap<String, Vec<i64>> {
    let mut all: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for event in seen {
        let position = event.event()["position"].as_i64().unwrap();
        all.entry(event.subject()).or_default().push(position);
    }
    all
}

/// Whether the signature is the one that the reference library makes.
pub fn is_signed_by(secret: &Value, seen: &Seen) -> bool {
    let expected = Webhook::new(secret.as_str().unwrap())
        .unwrap()
        .sign(
            seen.header("webhook-id"),
            seen.header("webhook-timestamp").parse().unwrap(),
            seen.raw.as_bytes(),
        )
        .unwrap();
    seen.header("webhook-signature")
        .split(' ')
        .any(|one| one == expected)
}

#[actix_web::test]
async fn an_event_arrives_as_a_signed_cloud_event() {
    let t = TestApp::with(LOCAL).await;
    let (officer, receiver) = (police(&t).await, Receiver::start().await);
    let before = tip(&t).await;
    t.clock.advance(Duration::from_secs(1));
    let webhook = register(&officer, &receiver.url, &["tip.received"]).await;
    let id = tip(&t).await;
    touch(&t, &id).await;
    t.dispatch().await;

    let seen = receiver.seen();
    let [one] = seen.as_slice() else {
        panic!("only what was subscribed to, and only from then on: {seen:?}, not {before}");
    };
    let event = one.event();
    assert_eq!(one.path, "/hooks");
    assert_eq!(one.header("content-type"), "application/cloudevents+json");
    assert_eq!(
        (&event["specversion"], &event["type"], &event["subject"]),
        (
            &json!("1.0"),
            &json!("tip.received"),
            &json!(format!("tip/{id}"))
        )
    );
    assert_eq!(one.header("webhook-id"), event["id"].as_str().unwrap());
    assert_eq!(
        one.header("webhook-timestamp"),
        t.clock.now().timestamp().to_string()
    );
    assert!(is_signed_by(&webhook["secret"], one));

    let log = deliveries(&officer, &webhook, "").await;
    assert_eq!(log.len(), 1);
    assert_eq!(
        (
            &log[0]["event"],
            &log[0]["state"],
            &log[0]["attempts"],
            &log[0]["response_code"]
        ),
        (
            &json!("tip.received"),
            &json!("delivered"),
            &json!(1),
            &json!(204)
        )
    );
    let secret = webhook["secret"].as_str().unwrap();
    assert!(!json!(log).to_string().contains(&secret[6..]));
    t.dispatch().await;
    assert_eq!(receiver.seen().len(), 1, "nothing is sent twice");
}

#[actix_web::test]
async fn after_a_rotation_both_secrets_sign_for_a_day() {
    let t = TestApp::with(LOCAL).await;
    let (officer, receiver) = (police(&t).await, Receiver::start().await);
    let webhook = register(&officer, &receiver.url, &["tip.received"]).await;
    let path = format!("/v1/webhooks/{}/secret", webhook["id"].as_str().unwrap());
    let rotate = || officer.post(&path).header("Idempotency-Key", "r-1").send();
    let rotated = rotate().await.expect(200);
    let repeated = rotate().await;
    assert_eq!(repeated.header("idempotency-replayed"), "true");
    assert_eq!(
        repeated.expect(200),
        rotated,
        "a lost answer loses no secret"
    );
    assert!(rotated["secret"] != webhook["secret"]);
    assert_eq!(rotated["previous_secret_until"], "2026-11-25T01:20:00Z");

    tip(&t).await;
    t.dispatch().await;
    t.clock.advance(Duration::from_secs(86_400));
    tip(&t).await;
    t.dispatch().await;
    let seen = receiver.seen();
    let signed = |seen: &Seen| {
        (
            is_signed_by(&rotated["secret"], seen),
            is_signed_by(&webhook["secret"], seen),
        )
    };
    assert_eq!(signed(&seen[0]), (true, true));
    assert_eq!(signed(&seen[1]), (true, false));
}

#[actix_web::test]
async fn a_test_event_arrives_at_once_even_where_others_wait() {
    let t = TestApp::with(LOCAL).await;
    let (officer, receiver) = (police(&t).await, Receiver::start().await);
    let webhook = register(&officer, &receiver.url, &["tip.received"]).await;
    receiver.act(|_| Act::Status(500));
    tip(&t).await;
    t.dispatch().await;
    receiver.take();
    receiver.act(|_| Act::Status(200));
    let path = format!("/v1/webhooks/{}/test", webhook["id"].as_str().unwrap());
    let queued = officer.post(&path).send().await.expect(202);
    assert_eq!(
        (&queued["event"], &queued["state"]),
        (&json!("webhook.ping"), &json!("pending"))
    );
    t.dispatch().await;
    let seen = receiver.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].kind(), "webhook.ping");
    assert!(is_signed_by(&webhook["secret"], &seen[0]));
}

#[actix_web::test]
async fn a_disabled_client_is_told_of_nothing_any_more() {
    let t = TestApp::with(LOCAL).await;
    let receiver = Receiver::start().await;
    let admin = t.officer(&[Scope::Admin]);
    let body = json!({"client_id": "relay", "name": "Trạm", "kind": "confidential",
        "scopes": ["webhooks:manage"]});
    let client = admin
        .post("/v1/clients")
        .json(&body)
        .send()
        .await
        .expect(201);
    let secret = client["client_secret"].as_str().unwrap();
    let form = format!("grant_type=client_credentials&client_id=relay&client_secret={secret}");
    let call = t.anyone().post("/v1/oauth/token");
    let issued = call
        .body("application/x-www-form-urlencoded", form)
        .send()
        .await;
    let issued = issued.expect(200);
    let relay = t
        .anyone()
        .with_token(issued["access_token"].as_str().unwrap());
    let webhook = register(&relay, &receiver.url, &["tip.received"]).await;
    let officer = police(&t).await;
    let other = register(&officer, &receiver.url, &["tip.claimed"]).await;
    tip(&t).await;
    t.settle().await;
    let path = format!("/v1/clients/{}", client["id"].as_str().unwrap());
    admin.delete(&path).send().await.expect(204);
    let second = tip(&t).await;
    touch(&t, &second).await;
    t.dispatch().await;
    let told: Vec<String> = receiver
        .seen()
        .iter()
        .map(|seen| seen.event()["type"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        told,
        ["tip.claimed"],
        "neither what waited nor what came later"
    );
    let shown = async |webhook: &Value| {
        let path = format!("/v1/webhooks/{}", webhook["id"].as_str().unwrap());
        officer.get(&path).send().await.expect(200)
    };
    let stopped = shown(&webhook).await;
    assert_eq!(
        (&stopped["enabled"], &stopped["disabled_reason"]),
        (&json!(false), &json!("client_disabled"))
    );
    assert_eq!(shown(&other).await["enabled"], true);
}
