//! Rows that are changed meanwhile: what is decided about them is decided upon what they have become, and nobody
//! waits for whom he blocks.

use std::time::Duration;

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use futures_util::future::join;
use serde_json::json;

use crate::cases::{ALL, path, tip};
use crate::clients::register;
use crate::support::{Call, Claims, Client, Reply, TestApp, rows};

/// Waits until some transaction waits for another.
pub async fn blocked(t: &TestApp) {
    waiting(t, 1).await;
}

/// Waits until so many transactions wait for others.
pub async fn waiting(t: &TestApp, count: usize) {
    let sql = "select pid::text as cell from pg_stat_activity
               where datname = current_database() and wait_event_type = 'Lock'";
    for _ in 0..500 {
        if rows(t, sql).await.len() >= count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("too few wait for a lock");
}

async fn run(conn: &mut AsyncPgConnection, sql: &str) {
    conn.batch_execute(sql).await.unwrap();
}

/// The answer to a request that waits for a row while that is changed.
async fn while_changed(t: &TestApp, change: &str, call: Call) -> Reply {
    let mut other = t.owner().await;
    run(&mut other, "begin").await;
    run(&mut other, change).await;
    let commit = async {
        blocked(t).await;
        run(&mut other, "commit").await;
    };
    join(call.send(), commit).await.0
}

fn local(t: &TestApp, scopes: &str) -> Client {
    t.bearer(&Claims {
        sub: "local",
        scopes,
        units: Some(&["03127"]),
        ..Claims::default()
    })
}

#[actix_web::test]
async fn who_loses_sight_of_a_tip_while_waiting_for_it_does_nothing_to_it() {
    let t = TestApp::new().await;
    let officer = local(&t, "tips:read tips:triage cases:read cases:write");
    let mut tips = Vec::new();
    for n in 0..2 {
        let body = json!({"narrative": format!("tin {n}"), "location": {"unit_code": "03127"}});
        tips.push(tip(&t, body).await);
    }
    let moved =
        |tip: &str| format!("update tip_states set unit_code = '03334' where tip_id = '{tip}'");
    let claim = officer.put(&format!("/v1/tips/{}/claim", tips[0]));
    while_changed(&t, &moved(&tips[0]), claim)
        .await
        .problem(404);
    let case = json!({"title": "Giả danh công an", "tip_ids": [tips[1]]});
    let case = officer.post("/v1/cases").json(&case);
    while_changed(&t, &moved(&tips[1]), case).await.problem(422);
    let touched = "select tip_id::text as cell from tip_states where status <> 'received'";
    assert_eq!(rows(&t, touched).await, Vec::<String>::new());
}

#[actix_web::test]
async fn who_loses_sight_of_a_case_or_a_request_while_waiting_for_it_does_nothing_to_it() {
    let t = TestApp::new().await;
    let body = json!({"narrative": "x", "location": {"unit_code": "03127"}});
    let sent = t.submit(&body).await;
    let asked = t.anyone().post("/v1/privacy/requests");
    let asked = asked.header("Tip-Receipt", sent["receipt"].as_str().unwrap());
    let asked = asked.json(&json!({"kind": "access", "text": "Xin bản sao"}));
    let request = asked.send().await.expect(201)["id"].clone();
    let request = request.as_str().unwrap();
    let change = format!(
        "update privacy_requests set kind = kind where id = '{request}';
         update tip_states set unit_code = '03334'"
    );
    let decide = local(&t, "admin").post(&format!("/v1/privacy/requests/{request}/decide"));
    let decide = decide.json(&json!({"decision": "granted", "reason": "Chấp thuận."}));
    while_changed(&t, &change, decide).await.problem(404);

    let case = json!({"title": "Giả danh công an", "tip_ids": [sent["id"]]});
    let case = t.officer(ALL).post("/v1/cases").json(&case).send().await;
    let case = case.expect(201);
    let desk = case["desk"].as_str().unwrap();
    let officer = t.bearer(&Claims {
        scopes: "cases:read cases:write",
        desk: Some(desk),
        ..Claims::default()
    });
    let note = officer.post(&path(&case, "/decisions"));
    let note = note.json(&json!({"decision": "assign"}));
    let change = "update cases set desk = 'elsewhere'";
    while_changed(&t, change, note).await.problem(404);
}

#[actix_web::test]
async fn an_agency_that_loses_a_referral_or_a_webhook_while_waiting_for_it_does_nothing_to_it() {
    let t = TestApp::new().await;
    let officer = t.officer(crate::referrals::OFFICER);
    let sent = crate::referrals::report(&t, &crate::referrals::transfer()).await;
    let query = "?state=proposed&kind=freeze_funds";
    let proposed = crate::referrals::list(&officer, query).await;
    let send = officer.post(&crate::referrals::path(&proposed[0], "/send"));
    let referral = send.send().await.expect(200);
    assert_eq!(referral["tip_id"], sent["id"]);
    let code = referral["agency"].as_str().unwrap();
    let bank = crate::referrals::agency(&t, code);
    let take = bank.post(&crate::referrals::path(&referral, "/acknowledge"));
    let change = "update referrals set agency = 'border_guard'";
    while_changed(&t, change, take).await.problem(404);

    let admin = t.officer(&[tinbao::auth::Scope::Admin]);
    let client = json!({"client_id": "bank", "name": "Ngân hàng", "kind": "confidential",
        "agency": code, "scopes": ["webhooks:manage"]});
    register(&admin, client).await;
    let bank = t.bearer(&Claims {
        client_id: "bank",
        scopes: "webhooks:manage",
        agency: Some(code),
        ..Claims::default()
    });
    let hook = json!({"url": "https://example.org/hook", "events": ["referral.sent"]});
    let made = bank.post("/v1/webhooks").json(&hook).send().await;
    let path = format!("/v1/webhooks/{}", made.expect(201)["id"].as_str().unwrap());
    let seen: Reply = bank.get(&path).send().await;
    let edit = bank.patch(&path).header("If-Match", seen.header("etag"));
    let edit = edit.json(&json!({"enabled": false}));
    let change = "update webhooks set agency = 'border_guard'";
    while_changed(&t, change, edit).await.problem(404);
}

/// Two tips whose priorities rise with a third; the row of the lesser id lies behind the other's.
#[actix_web::test]
async fn priorities_are_written_in_the_order_in_which_everybody_locks_tips() {
    let t = TestApp::new().await;
    let body = |n: u8| {
        let phone = json!({"kind": "phone", "value": "0912 345 678"});
        json!({"narrative": format!("tin {n}"), "indicators": [phone]})
    };
    let (first, second) = (tip(&t, body(1)).await, tip(&t, body(2)).await);
    t.settle().await;
    let mut other = t.owner().await;
    let one = format!("update tip_states set version = version where tip_id = '{first}'");
    run(&mut other, &one).await;
    tip(&t, body(3)).await;
    run(&mut other, "begin").await;
    run(&mut other, &one).await;
    let goes_on = async {
        blocked(&t).await;
        let next = format!("select from tip_states where tip_id = '{second}' for update nowait");
        let free = other.batch_execute(&next).await;
        run(&mut other, "rollback").await;
        free.expect("whoever waits for the first does not hold the second");
    };
    join(t.settle(), goes_on).await;
}

/// A tip joins a decided case while an officer waits to tell its reporters the result.
#[actix_web::test]
async fn who_waits_to_tell_a_result_tells_it_to_those_that_joined_meanwhile_once() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let named = json!({"narrative": "một", "reporter": {"name": "Lò Văn Thử"}});
    let first = tip(&t, named).await;
    let body = json!({"title": "Giả danh công an", "tip_ids": [first]});
    let case = officer.post("/v1/cases").json(&body).send().await;
    let case = case.expect(201);
    let legal = crate::case_decisions::legal("prosecute");
    let decided = crate::cases::decide(&officer, &case, legal).await;
    decided.expect(200);
    let at = path(&case, "/notices/notify_reporter_result");
    let tell = || officer.put(&at).json(&json!({"channel": "phone"}));
    let mut other = t.owner().await;
    run(&mut other, "begin").await;
    run(&mut other, "select from cases for update").await;
    let joins = async {
        blocked(&t).await;
        // An hour passes, so to speak.
        t.clock.advance(Duration::from_secs(3_600));
        let now = t.clock.now().to_rfc3339();
        let joined = format!("update tip_states set decided_at = '{now}'");
        run(&mut other, &joined).await;
        run(&mut other, "commit").await;
    };
    let told = join(tell().send(), joins).await.0.expect(200);
    assert_eq!(told["told"], 1);
    let again = tell().send().await.expect(200);
    assert_eq!(
        (&again["told"], &again["told_before"]),
        (&json!(0), &json!(1))
    );
}
