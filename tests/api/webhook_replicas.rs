//! Webhooks of several replicas: leases, and what a dying one was sending.

use std::time::Duration;

use tokio::sync::watch;

use crate::support::{Act, Receiver, Seen, TestApp};
use crate::webhooks::{LOCAL, TIPS, by_subject, deliveries, police, register, tip, touch};

#[actix_web::test]
async fn two_replicas_at_once_lose_nothing_send_nothing_twice_and_keep_the_order() {
    let t = TestApp::with(LOCAL).await;
    let other = t.replica().await;
    let (officer, receiver) = (police(&t).await, Receiver::start().await);
    register(&officer, &receiver.url, TIPS).await;
    let (stop, stopped) = watch::channel(false);
    let running = [&t, &other]
        .map(|replica| tokio::spawn(replica.running.dispatcher.clone().run(stopped.clone())));
    let mut tips = Vec::new();
    for _ in 0..8 {
        tips.push(tip(&t).await);
        t.settle().await;
    }
    for round in 0..3 {
        for tip in &tips {
            touch(&t, tip).await;
        }
        if round == 1 {
            other.settle().await;
        } else {
            t.settle().await;
        }
    }
    let all = 8 * 7;
    for _ in 0..200 {
        if receiver.seen().len() >= all {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop.send(true).unwrap();
    for one in running {
        one.await.unwrap();
    }
    let seen = receiver.seen();
    assert_eq!(seen.len(), all);
    for (subject, events) in by_subject(&seen) {
        assert_eq!(events.len(), 7, "{subject}");
        assert!(events.is_sorted_by(|a, b| a < b), "{subject}: {events:?}");
    }
}

#[actix_web::test]
async fn what_a_dying_replica_was_sending_is_sent_again_when_its_lease_is_over() {
    let t = TestApp::with(LOCAL).await;
    let (officer, receiver) = (police(&t).await, Receiver::start().await);
    let webhook = register(&officer, &receiver.url, TIPS).await;
    let id = tip(&t).await;
    touch(&t, &id).await;
    t.settle().await;
    receiver.act(|_| Act::Hang);
    let dispatcher = t.running.dispatcher.clone();
    let dying = tokio::spawn(async move { dispatcher.pass().await });
    while receiver.seen().is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    dying.abort();
    let _ = dying.await;

    receiver.act(|_| Act::Status(200));
    let other = t.replica().await;
    other.dispatch().await;
    assert_eq!(receiver.seen().len(), 1, "the lease still holds");
    t.clock.advance(Duration::from_secs(31));
    other.dispatch().await;
    let seen = receiver.seen();
    assert_eq!(
        seen.iter().map(Seen::kind).collect::<Vec<_>>(),
        ["tip.received", "tip.received", "tip.claimed", "tip.updated"],
        "at least once, and in order"
    );
    assert_eq!(seen[0].header("webhook-id"), seen[1].header("webhook-id"));
    let log = deliveries(&officer, &webhook, "?state=delivered").await;
    assert_eq!(log.len(), 3);
}

#[actix_web::test]
async fn an_answer_that_comes_after_its_lease_changes_nothing() {
    let t = TestApp::with(LOCAL).await;
    let (officer, receiver) = (police(&t).await, Receiver::start().await);
    let webhook = register(&officer, &receiver.url, TIPS).await;
    let id = tip(&t).await;
    touch(&t, &id).await;
    t.settle().await;
    receiver.act(|_| Act::Held(500));
    let dispatcher = t.running.dispatcher.clone();
    let slow = tokio::spawn(async move { dispatcher.pass().await });
    while receiver.seen().is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    receiver.act(|seen| {
        Act::Status(if seen.kind() == "tip.updated" {
            503
        } else {
            200
        })
    });
    t.clock.advance(Duration::from_secs(31));
    t.replica().await.dispatch().await;
    receiver.release();
    assert_eq!(slow.await.unwrap().unwrap(), 1);
    receiver.act(|_| Act::Status(200));
    t.clock.advance(Duration::from_secs(10));
    t.dispatch().await;
    assert_eq!(
        receiver.seen().iter().map(Seen::kind).collect::<Vec<_>>(),
        [
            "tip.received",
            "tip.received",
            "tip.claimed",
            "tip.updated",
            "tip.updated"
        ]
    );
    let log = deliveries(&officer, &webhook, "?state=delivered").await;
    let noted: Vec<_> = log
        .iter()
        .rev()
        .map(|one| one["attempts"].clone())
        .collect();
    assert_eq!(noted, [1, 1, 2]);
}
