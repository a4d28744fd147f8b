//! Webhooks over a real receiver: signed, in order, at least once, whatever the receiver does.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use standardwebhooks::Webhook;
use tinbao::auth::Scope;
use tokio::sync::watch;

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
async fn a_receiver_that_hangs_holds_neither_other_subjects_nor_other_webhooks() {
    let t = TestApp::with(LOCAL).await;
    let officer = police(&t).await;
    let (stuck, picky, well) = (
        Receiver::start().await,
        Receiver::start().await,
        Receiver::start().await,
    );
    stuck.act(|_| Act::Hang);
    for receiver in [&stuck, &picky, &well] {
        register(&officer, &receiver.url, TIPS).await;
    }
    let mut tips = Vec::new();
    for _ in 0..10 {
        tips.push(tip(&t).await);
    }
    let hated = format!("tip/{}", tips[0]);
    let subject = hated.clone();
    picky.act(move |seen| {
        if seen.subject() == subject {
            Act::Hang
        } else {
            Act::Status(200)
        }
    });
    for tip in &tips {
        touch(&t, tip).await;
    }
    t.settle().await;
    let (stop, stopped) = watch::channel(false);
    let running = tokio::spawn(t.running.dispatcher.clone().run(stopped));
    let (all, most) = (30, 28);
    for _ in 0..160 {
        if well.seen().len() == all && picky.seen().len() == most {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop.send(true).unwrap();
    running.await.unwrap();

    assert_eq!(well.seen().len(), all, "long before the other times out");
    let arrived = by_subject(&picky.seen());
    assert_eq!(arrived[&hated].len(), 1, "later events of its subject wait");
    assert_eq!(picky.seen().len(), most);
    assert!(
        stuck.seen().len() <= 8,
        "one receiver takes few of the requests at once"
    );
    for events in by_subject(&well.seen()).values() {
        assert!(events.is_sorted() && events.len() == 3);
    }
}

#[actix_web::test]
async fn a_receiver_that_fails_for_an_hour_then_gets_everything_in_order() {
    let t = TestApp::with(LOCAL).await;
    let (officer, receiver) = (police(&t).await, Receiver::start().await);
    receiver.act(|_| Act::Status(500));
    let webhook = register(&officer, &receiver.url, TIPS).await;
    let tips = [tip(&t).await, tip(&t).await];
    t.dispatch().await;
    for tip in &tips {
        touch(&t, tip).await;
    }
    for _ in 0..60 {
        t.clock.advance(Duration::from_secs(60));
        t.dispatch().await;
    }
    let tried = receiver.take();
    assert!(tried.iter().all(|seen| seen.kind() == "tip.received"));
    assert!(
        (8..=14).contains(&tried.len()),
        "1 s, 5 s … 10 min apart: {}",
        tried.len()
    );
    let waiting = deliveries(&officer, &webhook, "?state=pending").await;
    assert_eq!(waiting.len(), 6);
    let first = waiting
        .iter()
        .find(|one| one["event"] == "tip.received")
        .unwrap();
    assert_eq!(
        (&first["response_code"], &first["error"]),
        (&json!(500), &json!("status"))
    );
    assert!(first["next_attempt_at"].is_string() && first["attempts"].as_i64().unwrap() >= 5);
    let later = waiting
        .iter()
        .find(|one| one["event"] == "tip.claimed")
        .unwrap();
    assert_eq!(
        (&later["attempts"], &later["next_attempt_at"]),
        (&json!(0), &Value::Null)
    );

    receiver.act(|_| Act::Status(200));
    for _ in 0..40 {
        t.clock.advance(Duration::from_secs(60));
        t.dispatch().await;
    }
    let arrived = by_subject(&receiver.seen());
    assert_eq!(arrived.len(), 2);
    for events in arrived.values() {
        assert!(events.is_sorted() && events.len() == 3, "{events:?}");
    }
    assert!(
        deliveries(&officer, &webhook, "?state=pending")
            .await
            .is_empty()
    );
}

#[actix_web::test]
async fn an_answer_that_breaks_off_is_no_answer() {
    let t = TestApp::with(LOCAL).await;
    let (officer, receiver) = (police(&t).await, Receiver::start().await);
    let webhook = register(&officer, &receiver.url, &["tip.received"]).await;
    tip(&t).await;
    for act in [Act::CloseHalfWay, Act::CutBody] {
        receiver.act(move |_| act);
        t.dispatch().await;
        let log = deliveries(&officer, &webhook, "").await;
        assert_eq!(log[0]["state"], "pending", "{act:?}");
        assert_eq!(log[0]["error"], "answer_broken_off", "{act:?}");
        t.clock.advance(Duration::from_secs(10));
    }
    receiver.act(|_| Act::Status(200));
    t.dispatch().await;
    let seen = receiver.seen();
    assert_eq!(seen.len(), 3);
    assert!(
        seen.iter()
            .all(|s| s.raw == seen[0].raw && s.header("webhook-id") == seen[0].header("webhook-id")),
        "the same event, byte for byte"
    );
    assert!(
        seen[0].header("webhook-timestamp") != seen[2].header("webhook-timestamp"),
        "each attempt is signed for its own time"
    );
    let log = deliveries(&officer, &webhook, "?state=delivered").await;
    assert_eq!(log[0]["attempts"], 3);
}

#[actix_web::test]
async fn a_receiver_that_says_nothing_is_given_ten_seconds_and_an_endless_answer_is_cut() {
    let t = TestApp::with(LOCAL).await;
    let (officer, receiver) = (police(&t).await, Receiver::start().await);
    let webhook = register(&officer, &receiver.url, &["tip.received"]).await;
    tip(&t).await;
    receiver.act(|_| Act::Hang);
    let before = std::time::Instant::now();
    t.dispatch().await;
    let waited = before.elapsed();
    assert!((9..15).contains(&waited.as_secs()), "waited for {waited:?}");
    let log = deliveries(&officer, &webhook, "").await;
    assert_eq!(log[0]["error"], "timeout");
    t.clock.advance(Duration::from_secs(2));
    receiver.act(|_| Act::Endless);
    t.dispatch().await;
    let log = deliveries(&officer, &webhook, "").await;
    assert_eq!(
        (&log[0]["state"], &log[0]["attempts"]),
        (&json!("delivered"), &json!(2))
    );
}

#[actix_web::test]
async fn a_delivery_dies_after_three_days_and_can_be_replayed() {
    let t = TestApp::with(LOCAL).await;
    let (officer, receiver) = (police(&t).await, Receiver::start().await);
    let webhook = register(&officer, &receiver.url, TIPS).await;
    let id = tip(&t).await;
    receiver.act(|seen| {
        Act::Status(if seen.kind() == "tip.received" {
            503
        } else {
            200
        })
    });
    t.dispatch().await;
    touch(&t, &id).await;
    for _ in 0..90 {
        t.clock.advance(Duration::from_secs(3_600));
        t.dispatch().await;
    }
    let dead = deliveries(&officer, &webhook, "?state=dead").await;
    assert_eq!(dead.len(), 1);
    assert_eq!(
        (&dead[0]["response_code"], &dead[0]["next_attempt_at"]),
        (&json!(503), &Value::Null)
    );
    assert!(dead[0]["attempts"].as_i64().unwrap() > 15);
    let kinds: Vec<String> = receiver
        .take()
        .iter()
        .map(Seen::kind)
        .rev()
        .take(2)
        .collect();
    assert_eq!(
        kinds,
        ["tip.updated", "tip.claimed"],
        "the subject goes on after it"
    );

    receiver.act(|_| Act::Status(200));
    let path = format!(
        "/v1/webhooks/{}/deliveries/{}/replay",
        webhook["id"].as_str().unwrap(),
        dead[0]["id"].as_str().unwrap()
    );
    let again = officer.post(&path).send().await.expect(202);
    assert_eq!(
        (&again["state"], &again["attempts"]),
        (&json!("pending"), &json!(0))
    );
    officer.post(&path).send().await.problem(409);
    t.dispatch().await;
    let seen = receiver.take();
    assert_eq!(seen.len(), 1);
    assert_eq!(
        seen[0].header("webhook-id"),
        dead[0]["event_id"].as_str().unwrap()
    );
    officer.post(&path).send().await.expect(202);
    t.dispatch().await;
    assert_eq!(
        receiver.seen().len(),
        1,
        "what is delivered can be replayed"
    );
}

#[actix_web::test]
async fn a_receiver_that_is_gone_is_left_alone_until_somebody_enables_it() {
    let t = TestApp::with(LOCAL).await;
    let (officer, receiver) = (police(&t).await, Receiver::start().await);
    let webhook = register(&officer, &receiver.url, TIPS).await;
    let id = tip(&t).await;
    touch(&t, &id).await;
    receiver.act(|_| Act::Status(410));
    t.dispatch().await;
    t.clock.advance(Duration::from_secs(3_600));
    tip(&t).await;
    t.dispatch().await;
    assert_eq!(receiver.take().len(), 1);
    let path = format!("/v1/webhooks/{}", webhook["id"].as_str().unwrap());
    let shown = officer.get(&path).send().await;
    let view = shown.expect(200);
    assert_eq!(
        (&view["enabled"], &view["disabled_reason"]),
        (&json!(false), &json!("gone"))
    );
    let test = officer.post(&format!("{path}/test")).send().await;
    assert_eq!(test.problem(409)["code"], "wrong_state");

    receiver.act(|_| Act::Status(200));
    let enabled = officer
        .patch(&path)
        .header("If-Match", shown.header("etag"))
        .json(&json!({"enabled": true}))
        .send()
        .await
        .expect(200);
    assert_eq!(enabled["disabled_reason"], Value::Null);
    t.dispatch().await;
    assert_eq!(
        receiver.seen().iter().map(Seen::kind).collect::<Vec<_>>(),
        ["tip.claimed", "tip.updated"],
        "what waited goes on; what happened meanwhile was not kept"
    );
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
