//! Many tips at once: what follows from them waits, and not for long; where it is late, the tips come in more slowly.

use std::time::{Duration, Instant};

use diesel_async::SimpleAsyncConnection;
use futures_util::future::{join_all, join3};
use serde_json::json;
use tinbao::app::background;

use crate::locks::waiting;
use crate::support::{TestApp, rows};

#[actix_web::test]
async fn what_follows_from_tips_waits_three_seconds_at_most_while_many_come() {
    let t = TestApp::new().await;
    let count = async |table: &str| {
        t.settle().await;
        let counted = rows(&t, &format!("select count(*)::text as cell from {table}")).await;
        counted.concat()
    };
    let at_hand = |tips: usize| -> Vec<_> {
        let load = &t.running.state.load;
        (0..tips).map(|_| load.take_in()).collect()
    };
    let few = at_hand(3);
    t.submit(&json!({"narrative": "trước"})).await;
    assert_eq!(count("tip_search").await, "1", "three are no flood");

    let many = at_hand(1);
    let tip = json!({"narrative": "0912345678 gọi", "indicators": [{"value": "0912345678", "kind": "phone"}]});
    t.submit(&tip).await;
    assert_eq!(count("tip_search").await, "1");
    assert_eq!(count("indicator_figures").await, "0");
    // The number and what live screens and webhooks are told wait for nothing.
    assert_eq!(count("register").await, "2");
    assert_eq!(count("journal where type = 'tip.received'").await, "2");
    t.clock.advance(Duration::from_secs(3));
    assert_eq!(count("tip_search").await, "2");
    assert_eq!(count("indicator_figures").await, "1");

    t.submit(&json!({"narrative": "sau"})).await;
    assert_eq!(count("tip_search").await, "2");
    drop((few, many));
    assert_eq!(count("tip_search").await, "3");
}

#[actix_web::test]
async fn writers_slow_down_while_what_follows_is_late_and_store_every_tip() {
    let t = TestApp::new().await;
    let load = &t.running.state.load;
    let flood: Vec<_> = (0..4).map(|_| load.take_in()).collect();
    t.submit(&json!({"narrative": "trước"})).await;
    t.settle().await;
    let worked = Duration::from_millis(10);
    assert_eq!(load.rest_after(worked), Duration::ZERO);
    t.clock.advance(Duration::from_secs(8));
    let mut conn = t.running.state.db.dedicated().await.unwrap();
    background::run(&mut conn, &t.running).await.unwrap();
    assert_eq!(load.rest_after(worked), worked * 4);

    let sent = (0..40).map(|n| json!({"narrative": format!("tin {n}")}));
    let tips: Vec<_> = sent.collect();
    join_all(tips.iter().map(|tip| t.submit(tip))).await;
    t.settle().await;
    assert_eq!(load.rest_after(worked), Duration::ZERO, "all is done again");
    drop(flood);
    t.settle().await;
    let stored = rows(&t, "select count(*)::text as cell from register").await;
    assert_eq!(stored.concat(), "41");
}

#[actix_web::test]
async fn a_writer_that_rests_takes_no_tip_meanwhile() {
    let t = TestApp::new().await;
    let load = &t.running.state.load;
    // With others at hand a tip goes to a writer.
    let _others = (load.take_in(), load.take_in());
    load.set_late(Duration::from_mins(1));
    let mut blocker = t.owner().await;
    let block = "begin; lock table receipts in exclusive mode";
    blocker.batch_execute(block).await.unwrap();
    let tips = ["một", "hai", "ba"].map(|text| json!({"narrative": text}));
    let second = async {
        waiting(&t, 1).await;
        t.submit(&tips[1]).await
    };
    let release = async {
        // Each of the two writers has one; four times what they work is more than they may rest.
        waiting(&t, 2).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let released = Instant::now();
        blocker.batch_execute("rollback").await.unwrap();
        released
    };
    let (_, _, released) = join3(t.submit(&tips[0]), second, release).await;
    t.submit(&tips[2]).await;
    assert!(released.elapsed() >= Duration::from_millis(250));
}
