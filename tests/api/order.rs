//! The journal keeps the order of writing, whatever the clocks of the replicas say.

use crate::support::{TestApp, rows};

#[actix_web::test]
async fn two_acts_keep_their_order_although_one_replicas_clock_is_ahead() {
    let t = TestApp::new().await;
    t.settle().await;
    // The first comes from a replica whose clock, and so whose id, is far ahead.
    let sql = "insert into journal_pending (id, at, type, is_event, actor, client_id, subject_kind, subject_id, data, request_id)
        values ('ffffffff-ffff-7fff-bfff-ffffffffffff', '2026-11-24T02:00:00Z', 'claimed.first', false, 'a', 'c', 'tip',
                '019ab1c2-7d3e-7f00-8a11-1f2e3d4c5b6a', '{}', 'r'),
               ('00000000-0000-7000-8000-000000000001', '2026-11-24T01:00:00Z', 'decided.second', false, 'b', 'c', 'tip',
                '019ab1c2-7d3e-7f00-8a11-1f2e3d4c5b6a', '{}', 'r')
        returning written::text as cell";
    let written: Vec<i64> = rows(&t, sql)
        .await
        .iter()
        .map(|n| n.parse().unwrap())
        .collect();
    assert!(written[0] < written[1]);
    t.settle().await;
    let sql = "select type as cell from journal where type in ('claimed.first', 'decided.second') order by position";
    assert_eq!(rows(&t, sql).await, ["claimed.first", "decided.second"]);
}
