//! Trials (`"test": true`) are gone after a day, with all that hangs on them.

use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;
use tinbao::{app::background, evidence};

use crate::support::{TestApp, rows};

/// How many rows of each table that names a tip belong to one of these, or to a tip that is gone.
async fn hanging_on(t: &TestApp, tip: &str) -> Vec<String> {
    let tables = rows(
        t,
        "select c.table_name::text as cell from information_schema.columns c
         join information_schema.tables b using (table_schema, table_name)
         where table_schema = 'public' and column_name = 'tip_id' and b.table_type = 'BASE TABLE'",
    )
    .await;
    assert!(tables.len() >= 10, "{tables:?}");
    let mut found = Vec::new();
    for table in tables {
        let sql = format!("select 1::text as cell from {table} where tip_id = '{tip}'");
        if !rows(t, &sql).await.is_empty() {
            found.push(table);
        }
    }
    found
}

fn trial(n: usize) -> Value {
    json!({"narrative": format!("Thử ứng dụng {n}"), "test": true, "attachments_announced": 1,
        "reporter": {"name": "Lò Văn Thử", "phone": "0900000001"},
        "indicators": [{"kind": "phone", "value": "0912 345 678"}]})
}

#[actix_web::test]
async fn a_trial_is_gone_after_a_day_with_all_that_hangs_on_it() {
    let t = TestApp::new().await;
    let send = |body: Value| {
        let call = t.citizen().post("/v1/tips").json(&body);
        async move { call.send().await.expect(201) }
    };
    let sent = send(trial(1)).await;
    let (id, receipt) = (
        sent["id"].as_str().unwrap(),
        sent["receipt"].as_str().unwrap(),
    );
    let mut real = trial(2);
    real["test"] = json!(false);
    let real = send(real).await;
    let file = "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--edge--\r\n";
    let by_receipt = |path: &str| t.anyone().post(path).header("Tip-Receipt", receipt);
    by_receipt("/v1/receipt/attachments")
        .body("multipart/form-data; boundary=edge", file)
        .send()
        .await
        .expect(201);
    by_receipt("/v1/receipt/messages")
        .json(&json!({"text": "Tôi thử gửi."}))
        .send()
        .await
        .expect(201);
    t.settle().await;
    let before = hanging_on(&t, id).await;
    for table in [
        "attachments",
        "reporter_identities",
        "submissions",
        "tip_messages",
    ] {
        assert!(before.iter().any(|found| found == table), "{before:?}");
    }

    let shown = || {
        let call = t.anyone().get("/v1/receipt").header("Tip-Receipt", receipt);
        async move { call.send().await }
    };
    let officer = t.officer(&[Scope::TipsRead]);
    t.clock.advance(Duration::from_secs(24 * 3_600 - 60));
    background::tidy(&t.running.state).await.unwrap();
    shown().await.expect(200);
    t.clock.advance(Duration::from_secs(61));
    background::tidy(&t.running.state).await.unwrap();
    shown().await.problem(404);
    officer
        .get(&format!("/v1/tips/{id}"))
        .send()
        .await
        .problem(404);
    assert_eq!(hanging_on(&t, id).await, Vec::<String>::new());
    // Its file opens no more, and goes with the next sweep.
    let app = &t.running.state;
    let later = chrono::Utc::now() + chrono::Duration::hours(25);
    let mut conn = app.db.get().await.unwrap();
    assert_eq!(evidence::sweep(&mut conn, app, later).await.unwrap(), 1);
    let path = format!("/v1/tips/{}", real["id"].as_str().unwrap());
    officer.get(&path).send().await.expect(200);
}

#[actix_web::test]
async fn more_trials_than_a_batch_and_answers_past_their_time_go_in_one_round() {
    let t = TestApp::new().await;
    for round in 0..5 {
        let tips: Vec<Value> = (0..90)
            .map(
                |n| json!({"client_reference": uuid::Uuid::now_v7(), "tip": trial(round * 90 + n)}),
            )
            .collect();
        let call = t.citizen().post("/v1/tips/batch");
        call.json(&json!({"tips": tips})).send().await.expect(200);
    }
    // Far more kept answers than a batch, as a day of heavy intake leaves them.
    let mut owner = t.owner().await;
    diesel_async::RunQueryDsl::execute(
        diesel::sql_query(
            "insert into idempotency_keys (id, request_hash, status, answer, created_at, expires_at)
             select sha256(n::text::bytea), sha256(n::text::bytea), 201, 'x', now(), '2026-11-24T00:00:00Z'
             from generate_series(1, 12000) n",
        ),
        &mut owner,
    )
    .await
    .unwrap();
    let count = async |sql: &str| {
        let sql = format!("select count(*)::text as cell from {sql}");
        rows(&t, &sql).await.remove(0)
    };
    assert_eq!(count("tips").await, "450");
    assert_eq!(count("idempotency_keys").await, "12450");
    t.clock.advance(Duration::from_secs(24 * 3_600 + 1));
    background::tidy(&t.running.state).await.unwrap();
    assert_eq!(count("tips").await, "0");
    assert_eq!(count("tip_indicators").await, "0");
    // Those of the tips are kept for a week.
    assert_eq!(count("idempotency_keys").await, "450");
}

#[actix_web::test]
async fn what_only_trials_name_is_in_no_list_of_indicators() {
    let t = TestApp::new().await;
    let curator = t.officer(&[Scope::IndicatorsRead]);
    let phones = async || {
        let page = curator
            .get("/v1/indicators?kind=phone")
            .send()
            .await
            .expect(200);
        page["items"].as_array().unwrap().len()
    };
    let send = async |body: Value| t.submit(&body).await;
    send(trial(1)).await;
    t.settle().await;
    assert_eq!(phones().await, 0);
    let mut real = trial(2);
    real["test"] = json!(false);
    send(real).await;
    t.settle().await;
    assert_eq!(phones().await, 1);
}
