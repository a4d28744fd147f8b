//! One key, one act: who waits for whom, how long an answer is kept, and whose key it is (contract §1).

use std::time::{Duration, Instant};

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use serde_json::{Value, json};
use tinbao::app::background;
use tinbao::auth::Scope;
use tinbao::domain::indicator::Kind;
use tinbao::idempotency::Claim;

use crate::official::hex;
use crate::support::{Call, Claims, Client, Reply, TestApp, rows};

const KEY: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

/// A transaction of somebody else that holds something, until it is rolled back.
async fn holding(t: &TestApp, sql: &str) -> AsyncPgConnection {
    let mut conn = t.owner().await;
    let begun = format!("begin; {sql}");
    conn.batch_execute(&begun).await.unwrap();
    conn
}

async fn let_go(mut conn: AsyncPgConnection) {
    conn.batch_execute("rollback").await.unwrap();
}

/// Waits until a statement of this database waits for somebody.
async fn somebody_waits(t: &TestApp) {
    let sql = "select count(*)::text as cell from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'";
    for _ in 0..500 {
        if rows(t, sql).await != ["0"] {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nobody waits");
}

#[track_caller]
fn still_running(reply: &Reply, began: Instant) {
    let problem = reply.problem(409);
    assert_eq!(problem["code"], "in_progress", "{problem}");
    assert_eq!(reply.header("retry-after"), "1");
    let waited = began.elapsed();
    let expected = Duration::from_millis(4_900)..Duration::from_secs(9);
    assert!(expected.contains(&waited), "{waited:?}");
}

fn campaign(admin: &Client, key: &str) -> Call {
    let body = json!({"name": "Cao điểm", "from": "2026-11-25", "to": "2026-11-26"});
    let call = admin.post("/v1/campaigns").header("Idempotency-Key", key);
    call.json(&body)
}

#[actix_web::test]
async fn an_act_sent_twice_waits_for_the_first_and_after_five_seconds_is_told_that_it_runs() {
    let t = TestApp::new().await;
    let admin = t.officer(&[Scope::Admin]);
    let held = holding(&t, "lock table campaigns in exclusive mode").await;
    let first = tokio::task::spawn_local(campaign(&admin, KEY).send());
    somebody_waits(&t).await;
    let began = Instant::now();
    still_running(&campaign(&admin, KEY).send().await, began);
    let_go(held).await;
    let made = first.await.unwrap().expect(201);
    let again = campaign(&admin, KEY).send().await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.expect(201), made);

    // Where the first comes to its end in time, its answer is given twice.
    let held = holding(&t, "lock table campaigns in exclusive mode").await;
    let first = tokio::task::spawn_local(campaign(&admin, "k2").send());
    somebody_waits(&t).await;
    let second = tokio::task::spawn_local(campaign(&admin, "k2").send());
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!second.is_finished(), "it waits");
    let_go(held).await;
    let made = first.await.unwrap().expect(201);
    let second = second.await.unwrap();
    assert_eq!(second.header("idempotency-replayed"), "true");
    assert_eq!(second.expect(201), made);
}

fn tip(t: &TestApp, key: &str, body: &Value) -> Call {
    let call = t.citizen().post("/v1/tips").header("Idempotency-Key", key);
    call.json(body)
}

/// The lock that a writer holds while it stores what this key of the citizen stands for.
fn lock(key: &str) -> String {
    let claim = Claim::scoped("test", "citizen", key, [0; 32]);
    format!("select pg_advisory_xact_lock({})", claim.lock())
}

#[actix_web::test]
async fn a_tip_whose_first_hangs_is_told_so_and_its_neighbours_do_not_wait() {
    let t = TestApp::new().await;
    let (body, reference) = (
        json!({"narrative": "tin"}),
        "6f0e8a2b-6d1c-4f57-9c0e-52a3f2a2f4d1",
    );
    // As another replica does that stores it and does not come to an end.
    let held = holding(&t, &lock(KEY)).await;
    let of_item = holding(&t, &lock(&format!("batch {reference}"))).await;
    let began = Instant::now();
    let neighbour = async {
        tip(&t, "another", &body).send().await.expect(201);
        assert!(
            began.elapsed() < Duration::from_secs(3),
            "{:?}",
            began.elapsed()
        );
    };
    let other = "0b3d1b64-1c7a-4a40-8a35-4d3b3f7c8f10";
    let items = [reference, other].map(|one| json!({"client_reference": one, "tip": body}));
    let batch = t.citizen().post("/v1/tips/batch");
    let batch = batch.json(&json!({"tips": items})).send();
    let (reply, (), batch) = futures_util::join!(tip(&t, KEY, &body).send(), neighbour, batch);
    still_running(&reply, began);
    let results = batch.expect(200)["results"].clone();
    let told = [&results[0]["status"], &results[1]["status"]];
    assert_eq!(told, [409, 201], "{results}");
    assert_eq!(results[0]["problem"]["code"], "in_progress", "{results}");

    // It came to nothing: whoever sends it again is the first.
    let_go(held).await;
    let_go(of_item).await;
    let stored = tip(&t, KEY, &body).send().await;
    assert_eq!(stored.header("idempotency-replayed"), "");
    stored.expect(201);
}

#[actix_web::test]
async fn a_tip_sent_twice_waits_for_the_first_and_gets_its_answer() {
    let t = TestApp::new().await;
    let named =
        json!({"narrative": "tin", "indicators": [{"kind": "phone", "value": "0912345678"}]});
    let key = hex(Kind::Phone, "+84912345678");
    let held = format!(
        "insert into indicators (key, id, kind, value, display, attributes, first_seen)
         values (decode('{key}', 'hex'), gen_random_uuid(), 'phone', '+84912345678', '0912 345 678', '{{}}', now())"
    );
    let held = holding(&t, &held).await;
    let first = tokio::task::spawn_local(tip(&t, KEY, &named).send());
    somebody_waits(&t).await;
    let second = tokio::task::spawn_local(tip(&t, KEY, &named).send());
    let third = tokio::task::spawn_local(tip(&t, KEY, &json!({"narrative": "khác"})).send());
    // Others do not wait with them.
    let began = Instant::now();
    let other = json!({"narrative": "tin khác"});
    tip(&t, "another", &other).send().await.expect(201);
    assert!(
        began.elapsed() < Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
    assert!(!second.is_finished(), "it waits");
    let_go(held).await;
    let made = first.await.unwrap().expect(201);
    let second = second.await.unwrap();
    assert_eq!(second.header("idempotency-replayed"), "true");
    assert_eq!(second.expect(201), made);
    let reused = third.await.unwrap().problem(422);
    assert_eq!(reused["code"], "idempotency_key_reused");
    let tips = rows(&t, "select count(*)::text as cell from tips").await;
    assert_eq!(tips, ["2"]);
}

#[actix_web::test]
async fn many_repeats_of_a_slow_tip_get_its_answer_and_keep_officers_waiting_for_nothing() {
    let t = TestApp::new().await;
    let body = json!({"narrative": "tin"});
    // The first is on its way on another replica.
    let held = holding(&t, &lock(KEY)).await;
    let repeats: Vec<_> = (0..30)
        .map(|_| tokio::task::spawn_local(tip(&t, KEY, &body).send()))
        .collect();
    tokio::time::sleep(Duration::from_millis(400)).await;
    let officer = t.officer(&[Scope::TipsRead, Scope::TipsTriage]);
    for _ in 0..5 {
        let began = Instant::now();
        let claim = officer.post("/v1/triage/claims").json(&json!({"max": 1}));
        claim.send().await.expect(200);
        let took = began.elapsed();
        assert!(
            took < Duration::from_secs(1),
            "they hold no connection: {took:?}"
        );
    }
    // It comes to nothing: one of them is the first, and all others get its answer.
    let_go(held).await;
    let mut made = Vec::new();
    for repeat in repeats {
        let reply = repeat.await.unwrap();
        let again = reply.header("idempotency-replayed") == "true";
        made.push((reply.expect(201)["id"].clone(), again));
    }
    assert!(made.iter().all(|(id, _)| *id == made[0].0), "{made:?}");
    assert_eq!(made.iter().filter(|(_, again)| !again).count(), 1);
    let tips = rows(&t, "select count(*)::text as cell from tips").await;
    assert_eq!(tips, ["1"]);
}

#[actix_web::test]
async fn tips_do_not_wait_for_another_act_under_their_key() {
    let t = TestApp::new().await;
    let claims = Claims {
        sub: "one",
        scopes: "tips:submit admin",
        ..Claims::default()
    };
    let bearer = t.bearer(&claims);
    let held = holding(&t, "lock table campaigns in exclusive mode").await;
    let act = tokio::task::spawn_local(campaign(&bearer, KEY).send());
    somebody_waits(&t).await;
    let body = json!({"narrative": "tin"});
    let same = bearer.post("/v1/tips").header("Idempotency-Key", KEY);
    let same = tokio::task::spawn_local(same.json(&body).send());
    tokio::time::sleep(Duration::from_millis(200)).await;
    // Two batches, so that each writer would have met the key.
    for key in ["a", "b", "c"] {
        let began = Instant::now();
        tip(&t, key, &body).send().await.expect(201);
        let took = began.elapsed();
        assert!(took < Duration::from_secs(1), "{took:?}");
    }
    let_go(held).await;
    act.await.unwrap().expect(201);
    let reused = same.await.unwrap().problem(422);
    assert_eq!(reused["code"], "idempotency_key_reused");
}

#[actix_web::test]
async fn an_answer_is_kept_for_a_day_and_that_to_a_tip_for_a_week() {
    let t = TestApp::new().await;
    let admin = t.officer(&[Scope::Admin]);
    let body = json!({"narrative": "tin"});
    let acted = async || {
        background::tidy(&t.running.state).await.unwrap();
        let reply = campaign(&admin, KEY).send().await;
        (
            reply.header("idempotency-replayed") == "true",
            reply.expect(201)["id"].clone(),
        )
    };
    let told = async || {
        background::tidy(&t.running.state).await.unwrap();
        let reply = tip(&t, KEY, &body).send().await;
        (
            reply.header("idempotency-replayed") == "true",
            reply.expect(201)["id"].clone(),
        )
    };
    let (act, sent) = (acted().await.1, told().await.1);
    let hours = |hours: u64| Duration::from_secs(hours * 3_600);
    t.clock.advance(hours(24) - Duration::from_secs(60));
    assert_eq!(acted().await, (true, act.clone()));
    t.clock.advance(Duration::from_secs(61));
    let (replayed, anew) = acted().await;
    assert!(!replayed && anew != act, "after a day it is another act");
    t.clock.advance(hours(6 * 24) - Duration::from_secs(61));
    assert_eq!(told().await, (true, sent.clone()));
    t.clock.advance(Duration::from_secs(61));
    let (replayed, anew) = told().await;
    assert!(!replayed && anew != sent, "after a week it is another tip");
}

#[actix_web::test]
async fn what_was_refused_is_not_kept_and_may_be_mended_under_the_same_key() {
    let t = TestApp::new().await;
    let admin = t.officer(&[Scope::Admin]);
    let wrong = json!({"name": "Cao điểm", "from": "2026-11-26", "to": "2026-11-25"});
    let call = admin.post("/v1/campaigns").header("Idempotency-Key", KEY);
    call.json(&wrong).send().await.problem(422);
    let mended = campaign(&admin, KEY).send().await;
    assert_eq!(mended.header("idempotency-replayed"), "");
    mended.expect(201);
    // What conflicts with the state of things is not kept either.
    let agency = |code: &str| {
        let body = json!({"code": code, "kind": "other", "name_vi": "Bệnh viện", "name_en": "Hospital",
            "referral_kinds": ["publicise"]});
        let call = admin.post("/v1/agencies").header("Idempotency-Key", "k2");
        call.json(&body).send()
    };
    assert_eq!(
        agency("border_guard").await.problem(409)["code"],
        "duplicate"
    );
    agency("hospital").await.expect(201);

    let nothing = tip(&t, KEY, &json!({})).send().await;
    nothing.problem(422);
    let mended = tip(&t, KEY, &json!({"narrative": "tin"})).send().await;
    assert_eq!(mended.header("idempotency-replayed"), "");
    mended.expect(201);
    let kept = "select count(*)::text as cell from idempotency_keys";
    assert_eq!(rows(&t, kept).await, ["3"]);
}

#[actix_web::test]
async fn a_key_is_of_one_client_and_of_one_person() {
    let t = TestApp::new().await;
    let body = json!({"narrative": "tin"});
    let mut ids = Vec::new();
    for (sub, client_id) in [
        ("one", "test"),
        ("two", "test"),
        ("one", "other"),
        ("one", "test"),
    ] {
        let claims = Claims {
            sub,
            client_id,
            scopes: "tips:submit admin",
            ..Claims::default()
        };
        let bearer = t.bearer(&claims);
        let call = bearer.post("/v1/tips").header("Idempotency-Key", KEY);
        let tip = call.json(&body).send().await.expect(201)["id"].clone();
        let act = campaign(&bearer, KEY).send().await;
        // The key belongs to the tip: the act is another request under it.
        assert_eq!(act.problem(422)["code"], "idempotency_key_reused");
        let act = campaign(&bearer, "k2").send().await.expect(201)["id"].clone();
        ids.push((tip, act));
    }
    assert_eq!(
        ids.pop(),
        ids.first().cloned(),
        "the same again is the same"
    );
    for (at, one) in ids.iter().enumerate() {
        let others = ids.iter().enumerate().filter(|(other, _)| *other != at);
        for (_, other) in others {
            assert!(one.0 != other.0 && one.1 != other.1, "{ids:?}");
        }
    }
}
