//! Many tips at once: what follows from them waits, and not for long.

use std::time::Duration;

use serde_json::json;

use crate::support::{TestApp, rows};

#[actix_web::test]
async fn what_follows_from_tips_waits_five_seconds_at_most_while_many_come() {
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
    t.clock.advance(Duration::from_secs(5));
    assert_eq!(count("tip_search").await, "2");
    assert_eq!(count("indicator_figures").await, "1");

    t.submit(&json!({"narrative": "sau"})).await;
    assert_eq!(count("tip_search").await, "2");
    drop((few, many));
    assert_eq!(count("tip_search").await, "3");
}
