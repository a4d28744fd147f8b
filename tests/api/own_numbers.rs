//! The reporter's own number, read from the text while nobody knew that it was: no trace once it is named.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::checks::{CURATE, HOUR, check, id_of, report};
use crate::support::{TestApp, rows};

const OWN: &str = "0900 755 321";
const KEY: &str = "+84900755321";

/// An anonymous tip whose text holds the reporter's number and the caller's; its id and receipt.
async fn anonymous(t: &TestApp, test: bool) -> (String, String) {
    let tip = json!({"narrative": format!("Gọi lại cho tôi số {OWN}. Kẻ lừa gọi từ 0912 345 678, zalo.me/0900755321."),
        "test": test});
    let sent = t.submit(&tip).await;
    let text = |name: &str| sent[name].as_str().unwrap().to_owned();
    (text("id"), text("receipt"))
}

async fn amend(t: &TestApp, receipt: &str, body: &Value) -> Value {
    let call = t.anyone().patch("/v1/receipt");
    let call = call.header("Tip-Receipt", receipt);
    call.json(body).send().await.expect(200)
}

async fn indicators(t: &TestApp, tip: &str) -> Vec<Value> {
    let path = format!("/v1/tips/{tip}");
    let shown = t.officer(&[Scope::TipsRead]).get(&path).send().await;
    shown.expect(200)["indicators"].as_array().unwrap().clone()
}

/// In how many tips an indicator was reported.
async fn tips_of(t: &TestApp, value: &str) -> i64 {
    let path = format!("/v1/indicators/{}", id_of(t, value).await);
    let shown = t.officer(CURATE).get(&path).send().await.expect(200);
    shown["tips"].as_i64().unwrap()
}

fn named() -> Value {
    json!({"reporter": {"phone": OWN}})
}

#[actix_web::test]
async fn named_as_the_own_it_is_no_indicator_any_more_whenever_it_was_counted() {
    // Before the reports are counted, and after.
    for counted_before in [true, false] {
        let t = TestApp::new().await;
        let (tip, receipt) = anonymous(&t, false).await;
        if counted_before {
            t.settle().await;
            assert_eq!(tips_of(&t, OWN).await, 1);
        }
        let before = indicators(&t, &tip).await;
        assert!(before.iter().filter(|i| i["valid"] == true).count() >= 2);
        amend(&t, &receipt, &named()).await;
        let after = indicators(&t, &tip).await;
        // Each keeps its place, which losses count by.
        assert_eq!(after.len(), before.len());
        for (was, is) in before.iter().zip(&after) {
            if was["value"].as_str().unwrap().contains("900755321") {
                assert_eq!(is["valid"], false, "{is}");
                assert_eq!(is["reason"], "reporters_own");
                assert_eq!(is["value"], "[withheld]");
            } else {
                assert_eq!(is, was);
            }
        }
        t.settle().await;
        assert_eq!(tips_of(&t, OWN).await, 0);
        assert_eq!(tips_of(&t, "0912345678").await, 1, "the caller's stays");
        for sql in [
            "select key::text as cell from indicator_figures join indicators using (key) where value like '%900755321'",
            "select key::text as cell from indicator_reporters join indicators using (key) where value like '%900755321'",
            "select withdrawn_key::text as cell from tip_indicators where withdrawn_key is not null",
        ] {
            assert_eq!(rows(&t, sql).await, Vec::<String>::new(), "{sql}");
        }
        // Said once more, and named once more, it stays what it is.
        let again = json!({"narrative": format!("Số tôi là {OWN}."), "reporter": {"phone": KEY}});
        amend(&t, &receipt, &again).await;
        t.settle().await;
        assert_eq!(indicators(&t, &tip).await.len(), before.len());
        assert_eq!(tips_of(&t, OWN).await, 0);
    }
}

#[actix_web::test]
async fn what_others_report_is_counted_without_the_own_report() {
    let t = TestApp::new().await;
    let (_, receipt) = anonymous(&t, false).await;
    for n in 1..=2 {
        t.clock.advance(HOUR);
        report(&t, OWN, &format!("091100000{n}")).await;
    }
    t.settle().await;
    assert_eq!(check(&t, OWN).await["verdict"], "reported", "three did");
    amend(&t, &receipt, &named()).await;
    t.settle().await;
    assert_eq!(tips_of(&t, OWN).await, 2);
    assert_eq!(check(&t, OWN).await["verdict"], "no_reports", "two did");
    t.clock.advance(HOUR);
    report(&t, OWN, "0911000003").await;
    t.settle().await;
    assert_eq!(check(&t, OWN).await["verdict"], "reported");
}

#[actix_web::test]
async fn loss_and_method_of_a_report_taken_back_go_with_it() {
    let t = TestApp::new().await;
    let tip = json!({"narrative": format!("Gọi lại cho tôi số {OWN}."), "method": "deepfake_call",
        "losses": [{"amount_vnd": 7_000_000}]});
    let sent = t.submit(&tip).await;
    t.clock.advance(HOUR);
    let other = json!({"narrative": "Lừa đảo", "method": "cheap_travel_combo", "losses": [{"amount_vnd": 1_000_000}],
        "indicators": [{"value": OWN}], "reporter": {"phone": "0911000001"}});
    t.submit(&other).await;
    t.settle().await;
    let path = format!("/v1/indicators/{}", id_of(&t, OWN).await);
    let figures = async || {
        let shown = t.officer(CURATE).get(&path).send().await.expect(200);
        let mut methods = shown["methods"].as_array().unwrap().clone();
        methods.sort_by_key(Value::to_string);
        (
            shown["tips"].clone(),
            shown["loss_vnd"].clone(),
            json!(methods),
        )
    };
    let both = json!(["cheap_travel_combo", "deepfake_call"]);
    assert_eq!(figures().await, (json!(2), json!(8_000_000), both));
    amend(&t, sent["receipt"].as_str().unwrap(), &named()).await;
    t.settle().await;
    assert_eq!(
        figures().await,
        (json!(1), json!(1_000_000), json!(["cheap_travel_combo"]))
    );
}

#[actix_web::test]
async fn what_the_reporter_lists_as_a_trace_stays_one_and_a_trial_takes_nothing_away() {
    let t = TestApp::new().await;
    let (tip, receipt) = anonymous(&t, false).await;
    t.settle().await;
    let mut listed = named();
    listed["indicators"] = json!([{"kind": "phone", "value": OWN, "role": "contacted_me"}]);
    listed["losses"] = json!([{"amount_vnd": 5_000_000, "to_indicator": 0}]);
    amend(&t, &receipt, &listed).await;
    // Nor later, since a loss names it.
    amend(&t, &receipt, &named()).await;
    t.settle().await;
    assert_eq!(tips_of(&t, OWN).await, 1);
    let kept = indicators(&t, &tip).await;
    assert!(kept.iter().any(|i| i["value"] == KEY), "{kept:?}");

    let (trial, receipt) = anonymous(&t, true).await;
    t.settle().await;
    amend(&t, &receipt, &named()).await;
    t.settle().await;
    assert_eq!(tips_of(&t, OWN).await, 1, "a trial was not counted");
    let none = indicators(&t, &trial).await;
    assert!(none.iter().all(|i| i["value"] != KEY), "{none:?}");
}
