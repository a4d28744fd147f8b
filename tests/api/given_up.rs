//! Files that never became whole: who gave them up is written down, and what they were is not.

use std::time::Duration;

use actix_web::http::Method;
use serde_json::{Value, json};
use tinbao::evidence;

use crate::resumable::{Sender, tip};
use crate::support::{TestApp, rows};

/// Entries of the audit about uploads, oldest first.
async fn entries(t: &TestApp) -> Vec<Value> {
    t.settle().await;
    let sql = "select json_build_object('type', type, 'actor', actor, 'tip', subject_id, 'data', data)::text as cell
        from journal where type like 'upload.%' order by position";
    let all = rows(t, sql).await.into_iter();
    all.map(|row| serde_json::from_str(&row).unwrap()).collect()
}

#[actix_web::test]
async fn who_gives_up_an_upload_is_an_entry_of_the_audit_and_so_is_that_it_ran_out() {
    let t = TestApp::new().await;
    let (id, receipt) = tip(&t).await;
    let mut expected = Vec::new();
    for (sender, actor) in [
        (Sender::reporter(&t, &receipt), "reporter"),
        (Sender::officer(&t, &id), "analyst"),
    ] {
        let started = sender.start(10).await;
        let upload = started.header("location").to_owned();
        sender.send(&upload, 0, b"four").await.expect(204);
        let end = sender.call(Method::DELETE, &upload, &[("Tus-Resumable", "1.0.0")], &[]);
        end.await.expect(204);
        let end = sender.call(Method::DELETE, &upload, &[("Tus-Resumable", "1.0.0")], &[]);
        end.await.problem(404);
        expected.push(json!({"type": "upload.ended", "actor": actor, "tip": id,
            "data": {"upload_id": started.expect(201)["id"], "length": 10, "received": 4}}));
    }
    assert_eq!(entries(&t).await, expected, "each once");

    // A file that became whole is no upload that was given up.
    let sender = Sender::reporter(&t, &receipt);
    let upload = sender.start(4).await.header("location").to_owned();
    sender.send(&upload, 0, b"four").await.expect(204);
    let end = sender.call(Method::DELETE, &upload, &[("Tus-Resumable", "1.0.0")], &[]);
    end.await.expect(204);
    let left = sender.start(7).await.expect(201);
    t.clock.advance(Duration::from_secs(25 * 3_600));
    let state = &t.running.state;
    let mut conn = state.db.get().await.unwrap();
    evidence::sweep(&mut conn, state, t.clock.now())
        .await
        .unwrap();
    drop(conn);
    expected.push(
        json!({"type": "upload.expired", "actor": "system", "tip": id,
        "data": {"upload_id": left["id"], "length": 7, "received": 0}}),
    );
    assert_eq!(entries(&t).await, expected);
    let written = rows(&t, "select data::text as cell from journal")
        .await
        .concat();
    assert!(
        !written.contains(&receipt),
        "a receipt is written down nowhere"
    );
}
