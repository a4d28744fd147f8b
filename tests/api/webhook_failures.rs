//! Receivers that hang, fail, break off, say nothing or are gone, and what becomes of their deliveries.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::support::{Act, Receiver, Seen, TestApp};
use crate::webhooks::{LOCAL, TIPS, by_subject, deliveries, police, register, tip, touch};

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
