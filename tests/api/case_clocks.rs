//! What the clocks of a case know of its tips and their reporters.

use std::time::Duration;

use serde_json::{Value, json};

use crate::case_decisions::legal;
use crate::cases::{ALL, deadline, decide, open, path, tip};
use crate::support::{Client, Reply, TestApp, rows};

pub const HOUR: Duration = Duration::from_secs(3_600);

pub async fn act(officer: &Client, case: &Value, body: Value) -> Reply {
    officer.post(&path(case, "/acts")).json(&body).send().await
}

pub async fn state(officer: &Client, case: &Value, code: &str) -> String {
    deadline(officer, case, code).await.1
}

fn named(n: u8) -> Value {
    json!({"narrative": format!("tin {n}"), "reporter": {"name": "Lò Văn Thử", "phone": format!("09123456{n:02}")}})
}

/// Sends a tip; its id and its receipt.
pub async fn report(t: &TestApp, body: &Value) -> (String, String) {
    let sent = t.submit(body).await;
    let text = |name: &str| sent[name].as_str().unwrap().to_owned();
    (text("id"), text("receipt"))
}

pub async fn look(t: &TestApp, receipt: &str) -> Value {
    let call = t.anyone().get("/v1/receipt").header("Tip-Receipt", receipt);
    call.send().await.expect(200)
}

#[actix_web::test]
async fn a_case_of_anonymous_tips_owes_no_notice_to_anybody() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let tips = [
        tip(&t, json!({"narrative": "một"})).await,
        tip(&t, json!({"narrative": "hai"})).await,
    ];
    let case = open(&officer, &tips).await;
    let empty = open(&officer, &[]).await;
    t.clock.advance(HOUR * 24 * 30);
    t.settle().await;
    for case in [&case, &empty] {
        for code in ["notify_reporter_reception", "notify_reporter_result"] {
            assert_eq!(state(&officer, case, code).await, "not_applicable");
        }
        assert_eq!(
            state(&officer, case, "notify_vks_reception").await,
            "overdue"
        );
    }
    // Who adds an identity by receipt is owed it from then on.
    let (late, receipt) = report(&t, &json!({"narrative": "ba"})).await;
    let case = open(&officer, &[late]).await;
    assert_eq!(
        state(&officer, &case, "notify_reporter_reception").await,
        "not_applicable"
    );
    let add = t
        .anyone()
        .patch("/v1/receipt")
        .header("Tip-Receipt", &receipt);
    let reporter = json!({"reporter": {"name": "Lò Văn Thử", "phone": "0912345678"}});
    add.json(&reporter).send().await.expect(200);
    assert_eq!(
        state(&officer, &case, "notify_reporter_reception").await,
        "pending"
    );
}

#[actix_web::test]
async fn a_case_knows_what_each_of_its_reporters_was_told() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let (one, first) = report(&t, &named(1)).await;
    let (two, second) = report(&t, &named(2)).await;
    let nameless = tip(&t, json!({"narrative": "ba"})).await;
    let case = open(&officer, &[one, two.clone(), nameless]).await;
    let code = "notify_reporter_reception";
    assert_eq!(state(&officer, &case, code).await, "pending");
    t.clock.advance(HOUR);
    look(&t, &first).await;
    assert_eq!(state(&officer, &case, code).await, "pending", "one of two");
    t.clock.advance(HOUR);
    look(&t, &second).await;
    let all = officer
        .get(&path(&case, "/deadlines"))
        .send()
        .await
        .expect(200);
    let met = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|d| d["code"] == code);
    assert_eq!(
        (&met.unwrap()["state"], &met.unwrap()["met_at"]),
        (&json!("met"), &json!("2026-11-24T03:20:00Z")),
        "when the last was told"
    );
    // Of what is met nothing is announced, and the case is due by what remains.
    let act_of = |name: &str| act(&officer, &case, json!({"act": name}));
    act_of("procuracy_told_of_reception").await.expect(200);
    decide(&officer, &case, json!({"decision": "assign"}))
        .await
        .expect(200);
    t.clock.advance(HOUR * 24 * 5);
    t.settle().await;
    let over = rows(
        &t,
        "select data->>'code' as cell from journal where type = 'deadline.overdue'",
    );
    assert_eq!(over.await, Vec::<String>::new());
    // One who joins late is owed the notice too.
    let (three, third) = report(&t, &named(3)).await;
    let more = json!({"tip_ids": [three]});
    officer
        .post(&path(&case, "/tips"))
        .json(&more)
        .send()
        .await
        .expect(200);
    assert_ne!(state(&officer, &case, code).await, "met");
    look(&t, &third).await;
    assert_eq!(state(&officer, &case, code).await, "met");
    // The result is another notice.
    let case = path(&case, "");
    let case = officer.get(&case).send().await.expect(200);
    decide(&officer, &case, json!({"decision": "verify"}))
        .await
        .expect(200);
    decide(&officer, &case, legal("not_prosecute"))
        .await
        .expect(200);
    assert_eq!(
        state(&officer, &case, "notify_reporter_result").await,
        "pending"
    );
}

/// The case is refreshed when a reporter fetches the notice, or an officer records how it was sent.
#[actix_web::test]
async fn a_case_is_no_longer_due_by_a_notice_that_was_fetched() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let (one, receipt) = report(&t, &named(1)).await;
    let (two, _) = report(&t, &named(2)).await;
    let case = open(&officer, &[one, two.clone()]).await;
    act(
        &officer,
        &case,
        json!({"act": "procuracy_told_of_reception"}),
    )
    .await
    .expect(200);
    decide(&officer, &case, json!({"decision": "assign"}))
        .await
        .expect(200);
    let due =
        async || officer.get(&path(&case, "")).send().await.expect(200)["next_due_at"].clone();
    assert_eq!(due().await, "2026-11-27T17:00:00Z");
    look(&t, &receipt).await;
    let put = officer.put(&format!("/v1/tips/{two}/notices/notify_reporter_reception"));
    put.json(&json!({"channel": "letter"}))
        .send()
        .await
        .expect(200);
    t.settle().await;
    assert_eq!(due().await, "2026-12-07T17:00:00Z");
}

/// The earliest tip leaves: the clock of the case starts later, and what was done is done.
#[actix_web::test]
async fn a_case_that_loses_its_earliest_tip_loses_nothing_that_was_done() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let early = tip(&t, json!({"narrative": "một"})).await;
    let case = open(&officer, std::slice::from_ref(&early)).await;
    t.clock.advance(HOUR);
    decide(&officer, &case, json!({"decision": "assign"}))
        .await
        .expect(200);
    act(
        &officer,
        &case,
        json!({"act": "procuracy_told_of_reception"}),
    )
    .await
    .expect(200);
    decide(&officer, &case, json!({"decision": "verify"}))
        .await
        .expect(200);
    decide(&officer, &case, legal("extend")).await.expect(200);
    t.clock.advance(HOUR);
    let late = json!({"tip_ids": [tip(&t, json!({"narrative": "hai"})).await]});
    officer
        .post(&path(&case, "/tips"))
        .json(&late)
        .send()
        .await
        .expect(200);
    let out = json!({"tip_ids": [early]});
    let left = officer
        .delete(&path(&case, "/tips"))
        .json(&out)
        .send()
        .await;
    assert_eq!(left.expect(200)["received_at"], "2026-11-24T03:20:00Z");
    t.clock.advance(HOUR * 24 * 25);
    for code in ["assign", "notify_vks_reception", "resolve"] {
        assert_eq!(state(&officer, &case, code).await, "met", "{code}");
    }
}
