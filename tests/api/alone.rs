//! A tip that comes alone is stored from the thread that read it, and is as safe there as in a batch.

use std::time::Duration;

use diesel_async::SimpleAsyncConnection;
use serde_json::json;

use crate::locks::waiting;
use crate::support::{TestApp, rows};

const STORED: &str = "select narrative as cell from tips order by id";

/// Ends the one connection of which this holds.
async fn cut(t: &TestApp, which: &str) {
    let sql = format!(
        "select pg_terminate_backend(pid)::text as cell from pg_stat_activity
         where datname = current_database() and {which}"
    );
    assert_eq!(rows(t, &sql).await, ["true"]);
}

#[actix_web::test]
async fn a_tip_that_comes_alone_is_tried_again_though_its_client_has_left() {
    let t = TestApp::new().await;
    t.submit(&json!({"narrative": "trước"})).await;
    let mut blocker = t.owner().await;
    let block = "begin; lock table receipts in exclusive mode";
    blocker.batch_execute(block).await.unwrap();
    let tip = json!({"narrative": "sau"});
    let sent = t.citizen().post("/v1/tips").json(&tip).send();
    let left = tokio::time::timeout(Duration::from_millis(500), sent).await;
    assert!(left.is_err(), "answered before it was stored");
    waiting(&t, 1).await;
    cut(&t, "wait_event_type = 'Lock'").await;
    blocker.batch_execute("rollback").await.unwrap();
    for _ in 0..500 {
        if rows(&t, STORED).await == ["trước", "sau"] {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the tip was lost with its client");
}

#[actix_web::test]
async fn a_tip_that_comes_alone_is_stored_once_where_its_connection_was_cut() {
    let t = TestApp::new().await;
    t.submit(&json!({"narrative": "trước"})).await;
    let idle = "pid <> pg_backend_pid() and query like '%into tips%'";
    cut(&t, idle).await;
    t.submit(&json!({"narrative": "sau"})).await;
    assert_eq!(rows(&t, STORED).await, ["trước", "sau"]);
}
