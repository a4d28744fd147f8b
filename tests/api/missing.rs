//! What was taken away whole, row and all, is missed: the journal and the register know of it.

use diesel_async::SimpleAsyncConnection;
use serde_json::json;
use tinbao::{evidence, tips};

use crate::evidence::{file, tip, upload};
use crate::support::TestApp;

#[actix_web::test]
async fn a_file_or_a_tip_that_somebody_deleted_is_named_and_one_that_was_purged_is_not() {
    let t = TestApp::new().await;
    let mut conn = t.running.state.db.dedicated().await.unwrap();
    let mut owner = t.owner().await;
    let mut sent = Vec::new();
    for n in 0..4_u8 {
        let (id, receipt) = tip(&t).await;
        let added = upload(&t, &receipt, file(&[n; 9])).await.expect(201);
        let added = added["id"].as_str().unwrap().to_owned();
        sent.push((id, added, receipt));
    }
    // A trial is in no register, and goes without a word.
    let trial = json!({"narrative": "thử", "test": true, "attachments_announced": 1});
    let trial = t.submit(&trial).await;
    let receipt = trial["receipt"].as_str().unwrap();
    upload(&t, receipt, file(b"x")).await.expect(201);
    t.settle().await;
    assert!(evidence::gone(&mut conn).await.unwrap().is_empty());
    assert!(tips::lost(&mut conn).await.unwrap().is_empty());

    let id = |n: usize| &sent[n].0;
    for act in [
        format!("delete from attachments where tip_id = '{}'", id(0)),
        format!("delete from tips where id = '{}'", id(1)),
        format!(
            "delete from tips where id = '{}'",
            trial["id"].as_str().unwrap()
        ),
    ] {
        owner.batch_execute(&act).await.unwrap();
    }
    // By the rules, and said so.
    let purger = tinbao::privacy::Purger {
        storage: &t.running.state.storage,
        actor: &tinbao::journal::Actor::system(),
        now: t.clock.now(),
    };
    let tips: Vec<uuid::Uuid> = vec![id(2).parse().unwrap()];
    tinbao::privacy::delete_tips(&mut conn, &purger, &tips, "request")
        .await
        .unwrap();
    for _ in 0..2 {
        let gone = evidence::gone(&mut conn).await.unwrap();
        let mut gone: Vec<String> = gone.iter().map(|(file, _)| file.to_string()).collect();
        gone.sort();
        assert_eq!(gone, [sent[0].1.clone(), sent[1].1.clone()]);
        let lost = tips::lost(&mut conn).await.unwrap();
        let [lost] = lost.as_slice() else {
            panic!("one tip: {}", lost.len())
        };
        assert_eq!(lost.tip_id.to_string(), *id(1));
        assert!(lost.number.starts_with("DB-T-2026-"), "{}", lost.number);
        // The entry of the purge waits at first, and then stands in the journal.
        t.settle().await;
    }
}
