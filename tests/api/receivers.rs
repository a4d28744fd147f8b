//! To which account money went: what is asked of its bank, what is proposed, what is not.

use std::time::Duration;

use serde_json::{Value, json};

use crate::referrals::{OFFICER, agency, list, path, report, transfer};
use crate::support::{Client, TestApp};

const FIVE_MINUTES_AGO: &str = "2026-11-24T01:15:00Z";

async fn seen(officer: &Client, tip: &Value) -> Value {
    let path = format!("/v1/tips/{}", tip["id"].as_str().unwrap());
    officer.get(&path).send().await.expect(200)
}

fn id_of(tip: &Value, value: &str) -> Value {
    let all = tip["indicators"].as_array().unwrap().iter();
    let mut found = all.filter(|one| one["value"] == value);
    found.next().unwrap()["id"].clone()
}

/// So much lost to an account.
fn lost(amount: i64, account: &str, bank: &str) -> Value {
    let mut body = transfer();
    body["indicators"][1]["value"] = json!(account);
    body["indicators"][1]["bank"] = json!(bank);
    body["losses"] =
        json!([{"amount_vnd": amount, "transferred_at": FIVE_MINUTES_AGO, "to_indicator": 1}]);
    body
}

async fn case_of(officer: &Client, tips: &[&Value]) -> Value {
    let tips: Vec<&Value> = tips.iter().map(|tip| &tip["id"]).collect();
    let body = json!({"title": "Giả danh công an", "tip_ids": tips});
    officer
        .post("/v1/cases")
        .json(&body)
        .send()
        .await
        .expect(201)
}

const VCB: &str = "970436:0011002233445";
const MB: &str = "970422:0903123456789";

#[actix_web::test]
async fn a_freeze_for_a_case_asks_for_what_went_to_its_accounts_and_ends_what_was_proposed_for_them()
 {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let mut tips = Vec::new();
    for (amount, account, bank) in [
        (10_000_000, "0011002233445", "VCB"),
        (7_000_000, "0011002233445", "VCB"),
        (30_000_000, "0903123456789", "MB"),
    ] {
        tips.push(report(&t, &lost(amount, account, bank)).await);
    }
    let case = case_of(&officer, &tips.iter().collect::<Vec<_>>()).await;
    let account = id_of(&seen(&officer, &tips[0]).await, VCB);
    let body = json!({"kind": "freeze_funds", "agency": "bank_970436", "case_id": case["id"],
        "indicator_ids": [account]});
    let mut too_much = body.clone();
    too_much["amount_vnd"] = json!(17_000_001);
    let refused = officer.post("/v1/referrals").json(&too_much).send().await;
    assert_eq!(refused.problem(422)["errors"][0]["code"], "over_reported");
    t.clock.advance(Duration::from_secs(60));
    let sent = officer.post("/v1/referrals").json(&body).send().await;
    let sent = sent.expect(201);
    assert_eq!(sent["amount_vnd"], 17_000_000);
    let note = sent["note"].as_str().unwrap();
    assert!(note.contains("17.000.000 đồng"), "{note}");
    // Nobody set a method of the case: the tips have one.
    assert_eq!(sent["disclosed"]["method"], "impersonate_police_court");

    t.clock.advance(Duration::from_secs(60));
    let late = report(&t, &lost(5_000_000, "0011002233445", "VCB")).await;
    officer
        .post(&format!("/v1/cases/{}/tips", case["id"].as_str().unwrap()))
        .json(&json!({"tip_ids": [late["id"]]}))
        .send()
        .await
        .expect(200);
    let answer = json!({"outcome": "frozen", "amount_vnd": 17_000_000});
    let complete = agency(&t, "bank_970436")
        .post(&path(&sent, "/complete"))
        .json(&answer);
    complete.send().await.expect(200);
    let left = list(&officer, "?state=proposed&kind=freeze_funds").await;
    let mut left: Vec<_> = left
        .iter()
        .map(|one| (one["tip_id"].clone(), one["amount_vnd"].clone()))
        .collect();
    left.sort_by_key(|(_, amount)| amount.as_i64());
    // What was reported after the bank was asked, and what another bank holds.
    assert_eq!(
        left,
        [
            (late["id"].clone(), json!(5_000_000)),
            (tips[2]["id"].clone(), json!(30_000_000)),
        ]
    );
    let dropped = list(&officer, "?state=discarded").await;
    assert_eq!(dropped.len(), 2);
    let why = dropped[0]["detail"].as_str().unwrap();
    assert!(why.contains(sent["id"].as_str().unwrap()), "{why}");
}

#[actix_web::test]
async fn nothing_is_asked_of_a_case_for_an_account_that_nothing_went_to() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let mut body = lost(10_000_000, "0011002233445", "VCB");
    body["indicators"][0] =
        json!({"kind": "bank_account", "value": "0011002233446", "bank": "VCB", "role": "other"});
    let tip = report(&t, &body).await;
    let case = case_of(&officer, &[&tip]).await;
    let other = id_of(&seen(&officer, &tip).await, "970436:0011002233446");
    let body = json!({"kind": "freeze_funds", "agency": "bank_970436", "case_id": case["id"],
        "indicator_ids": [other]});
    let refused = officer.post("/v1/referrals").json(&body).send().await;
    let refused = refused.problem(422);
    assert_eq!(refused["errors"][0]["pointer"], "/amount_vnd", "{refused}");
    assert_eq!(refused["errors"][0]["code"], "required", "{refused}");
}

#[actix_web::test]
async fn no_freeze_is_proposed_of_the_senders_own_account() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let losses = json!([{"amount_vnd": 10_000_000, "transferred_at": FIVE_MINUTES_AGO}]);
    for body in [
        json!({"narrative": "STK của tôi là 0071000333222 VCB bị trừ 10 triệu sau khi bấm link https://vcb-x9.top/a"}),
        json!({"raw_message": "VCB: SD TK 0071000333222 -10,000,000VND luc 24-11-2026 08:15"}),
        json!({"narrative": "Em bị trừ tiền từ tài khoản Vietcombank của em 0071000333222"}),
        // What an account did that received nothing.
        json!({"narrative": "Tôi bị mất tiền", "indicators": [
            {"kind": "bank_account", "value": "0071000333222", "bank": "VCB", "role": "contacted_me"}]}),
    ] {
        let mut body = body;
        body["losses"] = losses.clone();
        let tip = report(&t, &body).await;
        assert_eq!(
            list(&officer, "?state=proposed").await,
            [] as [Value; 0],
            "{body}"
        );
        let tip = seen(&officer, &tip).await;
        let account = id_of(&tip, "970436:0071000333222");
        assert_eq!(tip["desk_hints"][0]["code"], "freeze_no_account", "{body}");
        if body.get("indicators").is_none() {
            let account = officer.get(&format!("/v1/indicators/{}", account.as_str().unwrap()));
            assert_eq!(account.send().await.expect(200)["loss_vnd"], 0, "{body}");
        }
    }
    // Beside the own account, the other one received it.
    let body = json!({"narrative": "Tôi chuyển từ STK của tôi 0071000333222 VCB sang STK 0903123456789 MB",
        "losses": losses});
    let tip = report(&t, &body).await;
    let proposals = list(&officer, "?state=proposed").await;
    let [proposal] = proposals.as_slice() else {
        panic!("one proposal: {proposals:?}")
    };
    assert_eq!(proposal["indicators"][0]["value"], MB);
    assert_eq!(seen(&officer, &tip).await["desk_hints"], json!([]));
}

#[actix_web::test]
async fn the_desk_is_told_why_no_freeze_is_proposed() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    for (account, bank, code) in [
        ("0903123456", "Grab Pay", "freeze_no_agency"),
        ("0011002233445", "Ngân hàng Không Có", "freeze_bank_unknown"),
    ] {
        let mut body = lost(5_000_000, account, bank);
        if bank == "Grab Pay" {
            body["indicators"][1]["kind"] = json!("ewallet");
        }
        let tip = report(&t, &body).await;
        assert_eq!(list(&officer, "?state=proposed").await, [] as [Value; 0]);
        let tip = seen(&officer, &tip).await;
        let hints = tip["desk_hints"].as_array().unwrap();
        assert_eq!(hints.len(), 1, "{hints:?}");
        assert_eq!(hints[0]["code"], code);
        assert_eq!(hints[0]["indicator_id"], tip["indicators"][1]["id"]);
    }
    let tip = report(&t, &lost(5_000_000, "0011002233445", "VCB")).await;
    assert_eq!(seen(&officer, &tip).await["desk_hints"], json!([]));
}

#[actix_web::test]
async fn each_account_bears_what_went_to_it_and_other_traces_what_was_lost() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let tip = report(&t, &lost(48_000_000, "0011002233445", "VCB")).await;
    let proposal = list(&officer, "?state=proposed").await.remove(0);
    let sent = officer.post(&path(&proposal, "/send")).send().await;
    let sent = sent.expect(200);
    let account = &sent["indicators"][0]["indicator_id"];
    let answer = json!({"outcome": "partly_frozen", "amount_vnd": 31_000_000, "results": [
        {"indicator_id": account, "outcome": "partly_frozen", "amount_vnd": 31_000_000, "onward": [
            {"bank": "MB", "account": "0903123456789", "amount_vnd": 12_000_000},
            {"bank": "TCB", "account": "19031234567890", "amount_vnd": 5_000_000}]}]});
    let complete = agency(&t, "bank_970436")
        .post(&path(&sent, "/complete"))
        .json(&answer);
    complete.send().await.expect(200);
    t.settle().await;
    let tip = seen(&officer, &tip).await;
    for (value, loss) in [
        (VCB, 48_000_000),
        (MB, 12_000_000),
        ("970407:19031234567890", 5_000_000),
        ("+84369123456", 48_000_000),
    ] {
        let id = id_of(&tip, value);
        let shown = officer.get(&format!("/v1/indicators/{}", id.as_str().unwrap()));
        assert_eq!(shown.send().await.expect(200)["loss_vnd"], loss, "{value}");
    }
    // A loss belongs to the account that was named first, wherever the money went on to.
    let losses = list(&officer, "?state=completed").await;
    assert_eq!(
        losses[0]["disclosed"]["losses"][0]["amount_vnd"],
        48_000_000
    );
}

#[actix_web::test]
async fn an_officers_method_alerts_the_border_guard_and_counts_for_the_priority() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let body = json!({"narrative": "Có người nhắn tin cho con tôi, tôi thấy lạ.", "method": "other",
        "indicators": [{"kind": "phone", "value": "0369 123 456", "role": "contacted_me"}]});
    let mut tips = Vec::new();
    for methods in [json!(["overseas_easy_job"]), json!(["online_kidnapping"])] {
        let tip = report(&t, &body).await;
        assert_eq!(seen(&officer, &tip).await["priority"]["level"], "low");
        let path = format!("/v1/tips/{}", tip["id"].as_str().unwrap());
        officer
            .put(&format!("{path}/claim"))
            .send()
            .await
            .expect(200);
        let accept = json!({"decision": "accept", "reason": "signs_of_crime", "methods": methods});
        let decide = officer.post(&format!("{path}/decisions")).json(&accept);
        decide.send().await.expect(200);
        t.settle().await;
        tips.push(tip);
    }
    let alerts = list(&officer, "?state=proposed&agency=border_guard").await;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert_eq!(alerts[0]["tip_id"], tips[0]["id"]);
    let levels = [
        seen(&officer, &tips[0]).await["priority"]["level"].clone(),
        seen(&officer, &tips[1]).await["priority"]["level"].clone(),
    ];
    assert_eq!(levels, ["critical", "critical"]);
}
