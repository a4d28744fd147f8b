//! Reporters are told that their case was suspended and resumed, as they are told its result.

use serde_json::{Value, json};

use crate::case_clocks::{HOUR, act, look, report, state};
use crate::case_decisions::legal;
use crate::cases::{ALL, at, decide, open, path};
use crate::support::{Client, Reply, TestApp};

const SUSPENSION: &str = "send_suspension_reporter";
const RESUMPTION: &str = "notify_resumption";

fn named(n: u8) -> Value {
    json!({"narrative": format!("tin {n}"), "reporter": {"name": "Lò Văn Thử", "phone": format!("09123456{n:02}")}})
}

/// A case that is being verified, with tips in the order of their reception; and their receipts.
async fn verifying(
    t: &TestApp,
    officer: &Client,
    bodies: &[Value],
) -> (Value, Vec<(String, String)>) {
    let mut tips = Vec::new();
    for body in bodies {
        let tip = report(t, body).await;
        look(t, &tip.1).await;
        tips.push(tip);
        t.clock.advance(HOUR);
    }
    let ids: Vec<String> = tips.iter().map(|(id, _)| id.clone()).collect();
    let case = open(officer, &ids).await;
    for decision in ["assign", "verify"] {
        let moved = decide(officer, &case, json!({"decision": decision})).await;
        moved.expect(200);
    }
    (case, tips)
}

async fn suspend(t: &TestApp, officer: &Client, case: &Value, moment: &str) {
    t.clock.set(at(moment));
    let body = json!({"decision": "suspend", "legal_basis": "BLTTHS 148(1)a", "document_number": "13/QĐ-CSĐT"});
    decide(officer, case, body).await.expect(200);
}

async fn tell(officer: &Client, case: &Value, code: &str, body: Value) -> Reply {
    let call = officer.put(&path(case, &format!("/notices/{code}")));
    call.json(&body).send().await
}

/// The tips of a case that are owed a notice.
async fn owed(officer: &Client, case: &Value, code: &str) -> Vec<Value> {
    let page = officer.get(&path(case, "/notices?owed=true")).send().await;
    let page = page.expect(200);
    let rows = page["items"].as_array().unwrap().iter();
    rows.filter(|row| row["owed"].as_array().unwrap().contains(&json!(code)))
        .map(|row| row["tip_id"].clone())
        .collect()
}

/// How many tips the desk finds to whose reporters a notice is owed.
async fn found(officer: &Client) -> usize {
    let page = officer.get("/v1/tips?notice_owed=true").send().await;
    page.expect(200)["items"].as_array().unwrap().len()
}

fn codes(receipt: &Value) -> Vec<&str> {
    let all = receipt["notices"].as_array().unwrap().iter();
    all.map(|notice| notice["code"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn a_suspension_is_owed_to_each_reporter_and_told_like_a_result() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let bodies = [named(1), named(2), json!({"narrative": "ẩn danh"})];
    let (case, tips) = verifying(&t, &officer, &bodies).await;
    let refused = tell(&officer, &case, SUSPENSION, json!({})).await;
    assert_eq!(refused.problem(409)["code"], "wrong_state");
    assert_eq!(found(&officer).await, 0);

    suspend(&t, &officer, &case, "2027-01-27T02:00:00Z").await;
    let [first, second, third] = &tips[..] else {
        panic!("three")
    };
    assert_eq!(
        owed(&officer, &case, SUSPENSION).await,
        [&*first.0, &second.0]
    );
    assert_eq!(found(&officer).await, 2);
    let list = officer.get(&format!("/v1/tips/{}/notices", second.0));
    let list = list.send().await.expect(200);
    let notice = &list["items"][1];
    assert_eq!(notice["code"], SUSPENSION);
    let text = notice["text"].as_str().unwrap();
    assert!(
        text.contains("tạm đình chỉ lúc 09:00 ngày 27/01/2027"),
        "{text}"
    );
    assert_eq!(
        (&notice["told_at"], &notice["on_receipt"]),
        (&Value::Null, &json!(false))
    );

    // Who began the case reads it by itself; who joined once it is put there.
    assert!(codes(&look(&t, &first.1).await).contains(&SUSPENSION));
    assert!(!codes(&look(&t, &second.1).await).contains(&SUSPENSION));
    assert_eq!(owed(&officer, &case, SUSPENSION).await, [&*second.0]);
    assert_eq!(state(&officer, &case, SUSPENSION).await, "pending");
    let told = tell(&officer, &case, SUSPENSION, json!({}))
        .await
        .expect(200);
    assert_eq!(told["result"], "suspended");
    assert_eq!(
        (&told["tips"], &told["told"], &told["told_before"]),
        (&json!(3), &json!(2), &json!(1))
    );
    let again = tell(&officer, &case, SUSPENSION, json!({}))
        .await
        .expect(200);
    assert_eq!(again["told"], 0, "{again}");
    for (_, receipt) in [second, third] {
        assert!(codes(&look(&t, receipt).await).contains(&SUSPENSION));
    }
    assert!(owed(&officer, &case, SUSPENSION).await.is_empty());
    assert_eq!(found(&officer).await, 0);
    assert_eq!(state(&officer, &case, SUSPENSION).await, "met");

    // Suspended anew, it is owed anew; what joined since is not told what was before.
    t.clock.set(at("2027-02-01T02:00:00Z"));
    decide(&officer, &case, legal("resume")).await.expect(200);
    t.clock.advance(HOUR);
    let (late, late_receipt) = report(&t, &named(4)).await;
    look(&t, &late_receipt).await;
    let join = officer.post(&path(&case, "/tips"));
    let join = join.json(&json!({"tip_ids": [late]}));
    join.send().await.expect(200);
    assert_eq!(
        owed(&officer, &case, RESUMPTION).await,
        [&*first.0, &second.0]
    );
    assert_eq!(found(&officer).await, 2);
    let sent = json!({"channel": "letter"});
    let told = tell(&officer, &case, RESUMPTION, sent).await.expect(200);
    assert_eq!(
        (&told["result"], &told["tips"]),
        (&json!("resumed"), &json!(3))
    );
    assert!(owed(&officer, &case, RESUMPTION).await.is_empty());
    assert_eq!(found(&officer).await, 0);
    suspend(&t, &officer, &case, "2027-03-10T02:00:00Z").await;
    assert_eq!(
        owed(&officer, &case, SUSPENSION).await,
        [&*first.0, &second.0, &late]
    );
}

#[actix_web::test]
async fn an_act_or_a_letter_tells_of_a_suspension_too() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let (case, tips) = verifying(&t, &officer, &[named(1), named(2)]).await;
    let letter = async |code: &str| {
        let put = officer.put(&format!("/v1/tips/{}/notices/{code}", tips[1].0));
        put.json(&json!({"channel": "letter"})).send().await
    };
    assert_eq!(letter(SUSPENSION).await.problem(409)["code"], "wrong_state");
    suspend(&t, &officer, &case, "2027-01-27T02:00:00Z").await;
    t.clock.advance(HOUR);
    let recorded = letter(SUSPENSION).await.expect(200);
    assert_eq!(recorded["items"][1]["told_at"], "2027-01-27T03:00:00Z");
    assert_eq!(owed(&officer, &case, SUSPENSION).await, [&*tips[0].0]);
    t.clock.advance(HOUR);
    let sent = act(
        &officer,
        &case,
        json!({"act": "suspension_sent_to_reporter"}),
    );
    sent.await.expect(200);
    assert!(owed(&officer, &case, SUSPENSION).await.is_empty());
    // Who had it by letter had it then.
    let list = officer.get(&format!("/v1/tips/{}/notices", tips[1].0));
    let list = list.send().await.expect(200);
    assert_eq!(list["items"][1]["told_at"], "2027-01-27T03:00:00Z");

    t.clock.advance(HOUR);
    decide(&officer, &case, legal("resume")).await.expect(200);
    assert_eq!(owed(&officer, &case, RESUMPTION).await.len(), 2);
    let told = act(&officer, &case, json!({"act": "resumption_told"}));
    told.await.expect(200);
    assert!(owed(&officer, &case, RESUMPTION).await.is_empty());
    assert_eq!(state(&officer, &case, RESUMPTION).await, "met");
}

#[actix_web::test]
async fn a_case_is_suspended_on_two_grounds_at_once_if_each_is_one() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let (case, _) = verifying(&t, &officer, &[named(1)]).await;
    t.clock.set(at("2026-12-14T17:00:00Z"));
    let on = |basis: &str| {
        let body =
            json!({"decision": "suspend", "legal_basis": basis, "document_number": "13/QĐ-CSĐT"});
        let call = officer.post(&path(&case, "/decisions"));
        call.json(&body).send()
    };
    assert_eq!(on("148(1)a, d").await.problem(409)["code"], "unlawful_move");
    let moved = on("điểm a, b khoản 1 Điều 148 BLTTHS").await.expect(200);
    assert_eq!(moved["state"], "suspended");
}
