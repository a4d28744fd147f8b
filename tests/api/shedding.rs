//! When the database is slow, reads are refused first and intake last.

use std::time::{Duration, Instant};

use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::StreamExt;
use futures_util::future::{join, join_all};
use serde_json::json;
use tinbao::auth::Scope;

use crate::locks::waiting;
use crate::support::TestApp;

const SEARCH: &str = "/v1/triage/queue?q=ngan%20hang";

/// Makes every search wait until it is rolled back; nothing else reads that table.
async fn block_searches(t: &TestApp) -> AsyncPgConnection {
    let mut blocker = t.owner().await;
    blocker
        .batch_execute("begin; lock table tip_search in access exclusive mode")
        .await
        .unwrap();
    blocker
}

/// A tip by each way in, within the time that a citizen waits.
async fn tips_are_taken(t: &TestApp) {
    let asked = Instant::now();
    for key in ["", "a-key"] {
        let tip = json!({"narrative": format!("Bị lừa chuyển tiền {key}")});
        let call = t.citizen().post("/v1/tips").json(&tip);
        let call = match key {
            "" => call,
            key => call.header("Idempotency-Key", key),
        };
        call.send().await.expect(201);
    }
    assert!(asked.elapsed() < Duration::from_secs(2));
}

#[actix_web::test]
async fn slow_reads_are_refused_while_tips_are_taken_and_officers_still_act() {
    let t = TestApp::new().await;
    tips_are_taken(&t).await;
    let mut blocker = block_searches(&t).await;
    let officer = t.officer(&[Scope::TipsRead, Scope::TipsTriage]);
    // More than may hold a connection, and more than may wait for one.
    let reads = join_all((0..60).map(|_| async {
        let asked = Instant::now();
        let reply = officer.get(SEARCH).send().await;
        (reply, asked.elapsed())
    }));
    let meanwhile = async {
        waiting(&t, 4).await;
        tips_are_taken(&t).await;
        // A read of something that is not slow is refused too: it must not take what acts need.
        let refused = officer.get("/v1/tips").send().await;
        refused.problem(503);
        assert!(!refused.header("retry-after").is_empty());
        let claimed = officer
            .post("/v1/triage/claims")
            .json(&json!({"max": 1}))
            .send()
            .await
            .expect(200);
        assert_eq!(claimed["items"].as_array().unwrap().len(), 1);
        t.anyone().get("/health/ready").send().await.expect(200);
        tokio::time::sleep(Duration::from_secs(1)).await;
        blocker.batch_execute("rollback").await.unwrap();
    };
    let (replies, ()) = join(reads, meanwhile).await;
    let (answered, refused): (Vec<_>, Vec<_>) = replies
        .into_iter()
        .partition(|(reply, _)| reply.status.as_u16() == 200);
    assert_eq!(answered.len(), 4, "two thirds of six connections");
    let at_once = refused
        .iter()
        .filter(|(_, waited)| *waited < Duration::from_millis(700));
    assert_eq!(at_once.count(), 60 - 36, "no more than 36 hold or wait");
    for (reply, waited) in &refused {
        reply.problem(503);
        assert!(*waited < Duration::from_secs(3), "{waited:?}");
    }
    officer.get(SEARCH).send().await.expect(200);
}

#[actix_web::test]
async fn tips_are_taken_even_when_every_shared_connection_is_stuck() {
    let t = TestApp::new().await;
    let officer = t.officer(&[Scope::TipsTriage]);
    tips_are_taken(&t).await;
    let mut blocker = block_searches(&t).await;
    let wanted = json!({"max": 1, "filter": {"q": "ngan hang"}});
    let acts = join_all((0..8).map(|_| {
        let call = officer.post("/v1/triage/claims").json(&wanted);
        call.send()
    }));
    let meanwhile = async {
        waiting(&t, 6).await;
        let tip = json!({"narrative": "Trong lúc mọi kết nối đều kẹt"});
        let asked = Instant::now();
        t.submit(&tip).await;
        assert!(asked.elapsed() < Duration::from_secs(1));
        tokio::time::sleep(Duration::from_millis(3_500)).await;
        blocker.batch_execute("rollback").await.unwrap();
    };
    let (replies, ()) = join(acts, meanwhile).await;
    let refused = replies
        .iter()
        .filter(|reply| reply.status.as_u16() == 503)
        .count();
    assert_eq!(refused, 2, "six hold the connections, two wait in vain");
}

#[derive(diesel::QueryableByName)]
struct Setting {
    #[diesel(sql_type = diesel::sql_types::Text)]
    statement_timeout: String,
}

#[actix_web::test]
async fn every_class_of_connection_has_a_limit_of_time_for_a_statement() {
    let t = TestApp::new().await;
    let db = &t.running.state.db;
    let limit = async |conn: &mut AsyncPgConnection| {
        let row: Setting = diesel::sql_query("show statement_timeout")
            .get_result(conn)
            .await
            .unwrap();
        row.statement_timeout
    };
    assert_eq!(limit(&mut db.get().await.unwrap()).await, "10s");
    assert_eq!(limit(&mut db.for_intake().await.unwrap()).await, "4s");
    assert_eq!(limit(&mut db.dedicated().await.unwrap()).await, "5min");
    assert_eq!(
        limit(&mut db.unlimited().await.unwrap()).await,
        "0",
        "migrations take what they take"
    );
}

#[actix_web::test]
async fn a_search_that_takes_too_long_says_what_to_do() {
    let t = TestApp::new().await;
    let _blocker = block_searches(&t).await;
    let reply = t.officer(&[Scope::TipsRead]).get(SEARCH).send().await;
    let problem = reply.problem(503);
    assert_eq!(problem["code"], "search_too_slow");
    assert!(problem["detail"].as_str().unwrap().contains("Narrow it"));
    assert!(!reply.header("retry-after").is_empty());
}

#[actix_web::test]
async fn the_register_is_read_on_as_a_read_while_it_is_sent() {
    let t = TestApp::new().await;
    for _ in 0..3 {
        let one =
            |_| json!({"client_reference": uuid::Uuid::now_v7(), "tip": {"narrative": "tin"}});
        let tips: Vec<_> = (0..100).map(one).collect();
        let batch = t.citizen().post("/v1/tips/batch");
        batch.json(&json!({"tips": tips})).send().await.expect(200);
    }
    t.settle().await;
    let officer = t.officer(&[Scope::TipsRead]);
    let register = officer.get("/v1/register?year=2026");
    let mut sent = register.header("Accept", "text/csv").stream().await;
    // The head, and the part with which the answer begins.
    for begins in ["\u{feff}number,", "DB-T-2026-000001,"] {
        let piece = sent.next().await.unwrap();
        assert!(piece.starts_with(begins.as_bytes()), "{piece:?}");
    }

    // All that reads may hold.
    let mut blocker = block_searches(&t).await;
    let reads = join_all((0..4).map(|_| officer.get(SEARCH).send()));
    let meanwhile = async {
        waiting(&t, 4).await;
        let asked = Instant::now();
        let rest = async {
            while sent.next().await.is_some() {}
            asked.elapsed()
        };
        let release = async {
            tokio::time::sleep(Duration::from_millis(600)).await;
            blocker.batch_execute("rollback").await.unwrap();
        };
        let (took, ()) = join(rest, release).await;
        assert!(
            took > Duration::from_millis(500),
            "it stands in line with reads: {took:?}"
        );
    };
    join(reads, meanwhile).await;
}
