//! One call tells the result of a case to all of its reporters, and says to whom it is still owed.

use serde_json::{Value, json};

use crate::case_clocks::{HOUR, look, report, state};
use crate::case_decisions::legal;
use crate::cases::{ALL, decide, open, path};
use crate::results::{SECOND, named, repeats, texts};
use crate::support::{Client, TestApp, rows};

async fn tell(officer: &Client, case: &Value, body: Value) -> crate::support::Reply {
    let at = path(case, "/notices/notify_reporter_result");
    officer.put(&at).json(&body).send().await
}

async fn owed_in(officer: &Client, case: &Value) -> Vec<Value> {
    let at = path(case, "/notices?owed=true");
    let page = officer.get(&at).send().await.expect(200);
    page["items"].as_array().unwrap().clone()
}

async fn verified(officer: &Client, case: &Value) {
    for decision in ["assign", "verify"] {
        decide(officer, case, json!({"decision": decision}))
            .await
            .expect(200);
    }
}

async fn entries(t: &TestApp, kind: &str) -> usize {
    t.settle().await;
    let sql = format!("select id::text as cell from journal where type = '{kind}'");
    rows(t, &sql).await.len()
}

#[actix_web::test]
async fn one_call_tells_the_result_of_a_case_to_all_of_its_reporters() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let (first, _) = report(&t, &named(1)).await;
    t.clock.advance(HOUR);
    let (joined, joined_receipt) = report(&t, &named(2)).await;
    let (anonymous, anonymous_receipt) = report(&t, &json!({"narrative": "ẩn danh"})).await;
    let (copy, copy_receipt) = report(&t, &named(3)).await;
    t.clock.advance(SECOND);
    let (copy_of_copy, _) = report(&t, &named(4)).await;
    t.clock.advance(SECOND);
    let (silent, silent_receipt) = report(&t, &named(5)).await;
    let (stranger, _) = report(&t, &named(6)).await;
    let members = [
        first.clone(),
        joined.clone(),
        anonymous.clone(),
        silent.clone(),
    ];
    let case = open(&officer, &members).await;
    repeats(&officer, &copy, &joined).await;
    repeats(&officer, &copy_of_copy, &copy).await;
    // A receipt that is lost for good reaches nobody.
    let mut owner = t.owner().await;
    let lost = format!("update receipts set withdrawn_at = now() where tip_id = '{silent}'");
    diesel_async::RunQueryDsl::execute(diesel::sql_query(lost), &mut owner)
        .await
        .unwrap();
    assert_eq!(
        tell(&officer, &case, json!({})).await.problem(409)["code"],
        "wrong_state"
    );

    verified(&officer, &case).await;
    decide(&officer, &case, legal("not_prosecute"))
        .await
        .expect(200);
    let told = tell(&officer, &case, json!({})).await.expect(200);
    assert_eq!(told["result"], "decided_no_prosecution");
    assert_eq!(
        (&told["tips"], &told["told"], &told["told_before"]),
        (&json!(6), &json!(4), &json!(1))
    );
    let unreached = told["no_channel"].as_array().unwrap();
    assert_eq!(unreached.len(), 1, "{told}");
    assert_eq!(unreached[0]["tip_id"], silent.as_str());
    assert_eq!(unreached[0]["reporter_known"], true);
    for receipt in [&joined_receipt, &anonymous_receipt, &copy_receipt] {
        let read = look(&t, receipt).await;
        assert!(texts(&read).contains("không khởi tố"), "{read}");
        assert_eq!(read["outcomes"][0]["code"], "case_result");
        assert!(!read.to_string().contains(case["number"].as_str().unwrap()));
    }
    let gone = t
        .anyone()
        .get("/v1/receipt")
        .header("Tip-Receipt", &silent_receipt);
    gone.send().await.problem(404);

    // The same again tells nobody twice.
    let again = tell(&officer, &case, json!({})).await.expect(200);
    assert_eq!(
        (&again["told"], &again["told_before"]),
        (&json!(0), &json!(5))
    );
    assert_eq!(again["no_channel"], told["no_channel"]);
    assert_eq!(entries(&t, "reporter.news_released").await, 4);
    assert_eq!(entries(&t, "case.result_told").await, 2);

    // Who has not read it is owed it still; of those who did not say who they are nobody is.
    let owed = owed_in(&officer, &case).await;
    let left: Vec<&str> = owed
        .iter()
        .map(|row| row["tip_id"].as_str().unwrap())
        .collect();
    assert_eq!(
        left,
        [first.as_str(), copy_of_copy.as_str(), silent.as_str()]
    );
    assert_eq!(owed[1]["duplicate"], true);
    assert_eq!(
        (&owed[1]["result_on_receipt"], &owed[2]["result_on_receipt"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        owed[0]["owed"],
        json!(["notify_reporter_reception", "notify_reporter_result"])
    );

    // A letter to whom nothing else reaches; a tip of another matter is none of this case.
    let letter = |tip: &str| json!({"channel": "letter", "tip_ids": [tip]});
    let refused = tell(&officer, &case, letter(&stranger)).await.problem(422);
    assert_eq!(refused["errors"][0]["pointer"], "/tip_ids/0");
    let mut early = letter(&silent);
    early["sent_at"] = json!("2026-11-24T01:00:00Z");
    let refused = tell(&officer, &case, early).await.problem(422);
    assert_eq!(refused["errors"][0]["pointer"], "/sent_at");
    let sent = tell(&officer, &case, letter(&silent)).await.expect(200);
    assert_eq!(
        (&sent["tips"], &sent["told"], &sent["no_channel"]),
        (&json!(1), &json!(1), &json!([]))
    );
    // To the rest at once; that is recorded for those alone who had not been told.
    let rest = tell(&officer, &case, json!({"channel": "phone"}))
        .await
        .expect(200);
    assert_eq!(
        (&rest["told"], &rest["told_before"]),
        (&json!(2), &json!(4))
    );
    let owed = owed_in(&officer, &case).await;
    assert!(
        owed.iter()
            .all(|row| row["owed"] == json!(["notify_reporter_reception"])),
        "{owed:?}"
    );
    assert_eq!(
        state(&officer, &case, "notify_reporter_result").await,
        "met"
    );
    let weak = t.officer(&[tinbao::auth::Scope::CasesRead]);
    tell(&weak, &case, json!({})).await.problem(403);
}

#[actix_web::test]
async fn the_result_of_a_case_is_owed_in_the_list_of_tips_as_well() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let (first, receipt) = report(&t, &named(1)).await;
    let (copy, copy_receipt) = report(&t, &named(2)).await;
    for receipt in [&receipt, &copy_receipt] {
        look(&t, receipt).await;
    }
    let case = open(&officer, std::slice::from_ref(&first)).await;
    repeats(&officer, &copy, &first).await;
    look(&t, &copy_receipt).await;
    let owed = async || -> usize {
        let page = officer
            .get("/v1/tips?notice_owed=true")
            .send()
            .await
            .expect(200);
        page["items"].as_array().unwrap().len()
    };
    assert_eq!(owed().await, 0);
    t.clock.advance(HOUR);
    verified(&officer, &case).await;
    decide(&officer, &case, legal("prosecute"))
        .await
        .expect(200);
    assert_eq!(owed().await, 2);
    look(&t, &receipt).await;
    assert_eq!(owed().await, 1, "the duplicate waits for its release");
    tell(&officer, &case, json!({})).await.expect(200);
    look(&t, &copy_receipt).await;
    assert_eq!(owed().await, 0);
}

#[actix_web::test]
async fn an_act_that_the_result_was_told_is_true_of_each_reporter() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let (first, _) = report(&t, &named(1)).await;
    let (second, receipt) = report(&t, &named(2)).await;
    let case = open(&officer, &[first, second]).await;
    verified(&officer, &case).await;
    decide(&officer, &case, legal("not_prosecute"))
        .await
        .expect(200);
    t.clock.advance(HOUR);
    let owes_result = async || {
        let owed = owed_in(&officer, &case).await;
        owed.iter()
            .filter(|one| one["owed"].to_string().contains("notify_reporter_result"))
            .count()
    };
    assert_eq!(owes_result().await, 2);
    let tell = officer.post(&path(&case, "/acts"));
    let act = json!({"act": "reporter_told_result"});
    tell.json(&act).send().await.expect(200);
    assert_eq!(owes_result().await, 0);
    assert_eq!(
        state(&officer, &case, "notify_reporter_result").await,
        "met"
    );
    // The time for a complaint runs from when it was told first.
    let told = "select distinct result_told_at::text as cell from tip_states";
    let before = rows(&t, told).await;
    t.clock.advance(HOUR);
    let tell = officer.post(&path(&case, "/acts"));
    tell.json(&act).send().await.expect(200);
    look(&t, &receipt).await;
    assert_eq!(rows(&t, told).await, before);
}
