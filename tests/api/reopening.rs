//! No tip is lost after a decision: what comes later brings it back.

use std::time::Duration;

use actix_web::http::Method;
use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Client, TestApp};

const OFFICER: &[Scope] = &[
    Scope::TipsRead,
    Scope::TipsTriage,
    Scope::ReferralsRead,
    Scope::ReferralsWrite,
];

async fn tip(t: &TestApp, body: Value) -> (String, String) {
    let sent = t.submit(&body).await;
    let text = |name: &str| sent[name].as_str().unwrap().to_owned();
    (text("id"), text("receipt"))
}

async fn decide(officer: &Client, tip: &str, decision: Value) {
    let path = format!("/v1/tips/{tip}/claim");
    officer.put(&path).send().await.expect(200);
    let path = format!("/v1/tips/{tip}/decisions");
    officer.post(&path).json(&decision).send().await.expect(200);
}

async fn waiting(officer: &Client) -> Vec<String> {
    let queue = officer.get("/v1/triage/queue").send().await.expect(200);
    let items = queue["items"].as_array().unwrap().iter();
    items
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

#[actix_web::test]
async fn what_a_reporter_adds_brings_a_dismissed_tip_back() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let (id, receipt) = tip(&t, json!({"narrative": "Có người gọi lạ."})).await;
    let dismissal = json!({"decision": "dismiss", "reason": "insufficient"});
    let additions = [
        (
            Method::PATCH,
            "/v1/receipt",
            json!({"narrative": "Nay đã mất tiền.", "losses": [{"amount_vnd": 5_000_000}]}),
        ),
        (
            Method::POST,
            "/v1/receipt/messages",
            json!({"text": "Tôi có thêm ảnh chụp."}),
        ),
    ];
    for (method, path, body) in additions {
        decide(&officer, &id, dismissal.clone()).await;
        assert!(waiting(&officer).await.is_empty());
        t.clock.advance(Duration::from_secs(3_600));
        let call = t
            .anyone()
            .call(method, path)
            .header("Tip-Receipt", &receipt);
        let answer = call.json(&body).send().await;
        assert!(answer.status.is_success(), "{path}: {}", answer.status);
        assert_eq!(waiting(&officer).await, std::slice::from_ref(&id), "{path}");
    }
    let call = t
        .anyone()
        .get("/v1/receipt")
        .header("Tip-Receipt", &receipt);
    assert_eq!(call.send().await.expect(200)["status"], "received");
}

#[actix_web::test]
async fn an_officer_takes_up_again_what_was_decided() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let (id, _) = tip(&t, json!({"narrative": "Có người gọi lạ."})).await;
    let path = format!("/v1/tips/{id}/reopen");
    let reason = json!({"reason": "complaint_upheld"});
    let early = officer.post(&path).json(&reason).send().await;
    assert_eq!(
        early.problem(409)["code"],
        "wrong_state",
        "it waits already"
    );
    decide(
        &officer,
        &id,
        json!({"decision": "dismiss", "reason": "not_a_scam"}),
    )
    .await;
    t.clock.advance(Duration::from_secs(86_400));
    let other = t.named_officer("another", OFFICER);
    let seen = other.post(&path).json(&reason).send().await.expect(200);
    assert_eq!(seen["status"], "received");
    assert_eq!(waiting(&officer).await, std::slice::from_ref(&id));
    decide(
        &officer,
        &id,
        json!({"decision": "dismiss", "reason": "civil_matter"}),
    )
    .await;
}

#[actix_web::test]
async fn a_transfer_that_is_declined_gives_the_tip_back_to_its_desk() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let (id, _) = tip(&t, json!({"narrative": "Việc ở tỉnh khác."})).await;
    let agency = "other_police";
    decide(
        &officer,
        &id,
        json!({"decision": "transfer", "agency": agency}),
    )
    .await;
    t.settle().await;
    let path = "/v1/referrals?state=proposed&kind=transfer_jurisdiction";
    let proposed = officer.get(path).send().await.expect(200);
    let referral = proposed["items"][0]["id"].as_str().unwrap().to_owned();
    let act = |what: &str| format!("/v1/referrals/{referral}/{what}");
    let sending = json!({"document_number": "12/CV"});
    officer
        .post(&act("send"))
        .json(&sending)
        .send()
        .await
        .expect(200);
    assert!(waiting(&officer).await.is_empty());
    let body = t.bearer(&crate::support::Claims {
        agency: Some(agency),
        scopes: "referrals:work",
        ..Default::default()
    });
    let reason = json!({"reason": "Không thuộc thẩm quyền."});
    body.post(&act("decline"))
        .json(&reason)
        .send()
        .await
        .expect(200);
    assert_eq!(waiting(&officer).await, [id]);
}

#[actix_web::test]
async fn a_tip_of_somebody_in_danger_waits_on_when_it_is_withdrawn() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let (id, receipt) = tip(
        &t,
        json!({"narrative": "Họ giữ con tôi.", "in_danger_now": true}),
    )
    .await;
    let (calm, withdrawn) = tip(&t, json!({"narrative": "Gọi nhầm."})).await;
    for receipt in [receipt, withdrawn] {
        let call = t.anyone().post("/v1/receipt/withdraw");
        let gone = call.header("Tip-Receipt", &receipt).send().await;
        assert_eq!(gone.status, 204);
        let call = t
            .anyone()
            .get("/v1/receipt")
            .header("Tip-Receipt", &receipt);
        call.send().await.problem(404);
    }
    assert_eq!(waiting(&officer).await, std::slice::from_ref(&id));
    let seen = officer
        .get(&format!("/v1/tips/{id}"))
        .send()
        .await
        .expect(200);
    assert!(seen["withdrawn_at"].is_string(), "{seen}");
    let seen = officer
        .get(&format!("/v1/tips/{calm}"))
        .send()
        .await
        .expect(200);
    assert_eq!(seen["status"], "withdrawn");
}

#[actix_web::test]
async fn a_proposal_falls_with_its_tip_and_rises_with_it() {
    let t = TestApp::new().await;
    let officer = t.officer(crate::referrals::OFFICER);
    let sent = crate::referrals::report(&t, &crate::referrals::transfer()).await;
    let id = sent["id"].as_str().unwrap().to_owned();
    let freezes = async |state: &str| {
        let query = format!("?kind=freeze_funds&state={state}");
        crate::referrals::list(&officer, &query).await
    };
    let [proposal] = freezes("proposed").await.try_into().unwrap();
    let send = crate::referrals::path(&proposal, "/send");
    decide(
        &officer,
        &id,
        json!({"decision": "dismiss", "reason": "not_a_scam"}),
    )
    .await;
    // Before the background has seen it, too.
    let refused = officer.post(&send).send().await;
    assert_eq!(refused.problem(409)["code"], "wrong_state");
    t.settle().await;
    assert!(freezes("proposed").await.is_empty());
    let [fallen] = freezes("discarded").await.try_into().unwrap();
    assert_eq!(fallen["id"], proposal["id"]);
    assert!(fallen["closed_at"].is_string(), "{fallen}");
    officer.post(&send).send().await.problem(409);

    let reopen = officer.post(&format!("/v1/tips/{id}/reopen"));
    let why = json!({"reason": "new_facts"});
    reopen.json(&why).send().await.expect(200);
    t.settle().await;
    let [again] = freezes("proposed").await.try_into().unwrap();
    assert_eq!(again["id"], proposal["id"]);
    let timeline = officer.get(&format!("/v1/tips/{id}/timeline"));
    let timeline = timeline.send().await.expect(200);
    let changes: Vec<_> = timeline["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["type"] == "tip.referral")
        .map(|item| item["data"]["change"].clone())
        .collect();
    assert_eq!(changes, ["referral.proposed", "referral.discarded"]);
    officer.post(&send).send().await.expect(200);

    // What an officer discarded stays so.
    let sent = crate::referrals::report(&t, &crate::referrals::transfer()).await;
    let id = sent["id"].as_str().unwrap().to_owned();
    let [proposal] = freezes("proposed").await.try_into().unwrap();
    let discard = officer.post(&crate::referrals::path(&proposal, "/discard"));
    let why = json!({"reason": "Đã gọi ngân hàng."});
    discard.json(&why).send().await.expect(200);
    decide(
        &officer,
        &id,
        json!({"decision": "dismiss", "reason": "other"}),
    )
    .await;
    t.settle().await;
    let reopen = officer.post(&format!("/v1/tips/{id}/reopen"));
    let why = json!({"reason": "new_facts"});
    reopen.json(&why).send().await.expect(200);
    t.settle().await;
    assert!(freezes("proposed").await.is_empty());
}

#[actix_web::test]
async fn thanks_for_a_decision_do_not_undo_it() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let (id, receipt) = tip(&t, json!({"narrative": "Có người gọi lạ."})).await;
    let dismissal = json!({"decision": "dismiss", "reason": "civil_matter"});
    decide(&officer, &id, dismissal).await;
    let write = async |text: &str| {
        let call = t.anyone().post("/v1/receipt/messages");
        let call = call.header("Tip-Receipt", &receipt);
        call.json(&json!({"text": text})).send().await.expect(201);
    };
    let shown = async || {
        let call = t.anyone().get("/v1/receipt");
        call.header("Tip-Receipt", &receipt)
            .send()
            .await
            .expect(200)
    };
    write("Cảm ơn các anh chị 🙏").await;
    let standing = shown().await;
    assert_eq!(standing["status"], "dismissed");
    assert_eq!(standing["reason"]["code"], "civil_matter");
    assert!(standing["complaint"].is_object(), "{standing}");
    write("Cảm ơn, nó vừa gọi lại.").await;
    assert_eq!(shown().await["status"], "received");
}

/// The freezes in a state, as ids of their tips.
async fn freezes_of(officer: &Client, state: &str) -> Vec<Value> {
    let query = format!("?kind=freeze_funds&state={state}");
    let all = crate::referrals::list(officer, &query).await;
    let mut tips: Vec<Value> = all.iter().map(|one| one["tip_id"].clone()).collect();
    tips.sort_by_key(ToString::to_string);
    tips
}

#[actix_web::test]
async fn what_two_tips_ask_alike_is_asked_once() {
    let t = TestApp::new().await;
    let officer = t.officer(crate::referrals::OFFICER);
    let mut other_money = crate::referrals::transfer();
    other_money["losses"][0]["amount_vnd"] = json!(20_000_000);
    let mut ids = Vec::new();
    for body in [
        crate::referrals::transfer(),
        crate::referrals::transfer(),
        other_money,
    ] {
        let sent = crate::referrals::report(&t, &body).await;
        ids.push(sent["id"].as_str().unwrap().to_owned());
        t.clock.advance(Duration::from_secs(1));
    }
    let [first, same, other] = <[String; 3]>::try_from(ids).unwrap();
    assert_eq!(
        freezes_of(&officer, "proposed").await,
        [&*first, &same, &other]
    );
    let all = crate::referrals::list(&officer, "?kind=freeze_funds&state=proposed").await;
    let of_same = all.iter().find(|one| one["tip_id"] == *same).unwrap();
    let repeats = json!({"decision": "duplicate", "duplicate_of": first});
    decide(&officer, &same, repeats.clone()).await;
    decide(&officer, &other, repeats).await;
    // Before the background has seen it, too.
    let send = officer.post(&crate::referrals::path(of_same, "/send"));
    assert_eq!(send.send().await.problem(409)["code"], "wrong_state");
    t.settle().await;
    // Other money is asked for still.
    assert_eq!(freezes_of(&officer, "proposed").await, [&*first, &other]);
    assert_eq!(freezes_of(&officer, "discarded").await, [&*same]);

    // With the dismissal of the first all end, and with it they rise; what is told twice is not.
    let dismissal = json!({"decision": "dismiss", "reason": "not_a_scam"});
    decide(&officer, &first, dismissal).await;
    t.settle().await;
    assert!(freezes_of(&officer, "proposed").await.is_empty());
    let why = json!({"reason": "new_facts"});
    let reopen = async |tip: &str| {
        let call = officer.post(&format!("/v1/tips/{tip}/reopen"));
        call.json(&why).send().await.expect(200);
        t.settle().await;
    };
    reopen(&first).await;
    assert_eq!(freezes_of(&officer, "proposed").await, [&*first, &other]);
    // A tip that is no duplicate after all has its own again.
    reopen(&same).await;
    assert_eq!(
        freezes_of(&officer, "proposed").await,
        [&*first, &same, &other]
    );
}

#[actix_web::test]
async fn no_account_is_frozen_by_hand_for_a_tip_that_was_dismissed() {
    let t = TestApp::new().await;
    let officer = t.officer(crate::referrals::OFFICER);
    let sent = crate::referrals::report(&t, &crate::referrals::transfer()).await;
    let id = sent["id"].as_str().unwrap();
    let seen = officer.get(&format!("/v1/tips/{id}")).send().await;
    let seen = seen.expect(200);
    let account = seen["indicators"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["kind"] == "bank_account")
        .unwrap();
    let freeze = json!({"kind": "freeze_funds", "agency": "bank_970436", "tip_id": id,
        "indicator_ids": [account["id"]]});
    let dismissal = json!({"decision": "dismiss", "reason": "not_a_scam"});
    decide(&officer, id, dismissal).await;
    let draw_up = || officer.post("/v1/referrals").json(&freeze).send();
    assert_eq!(draw_up().await.problem(409)["code"], "wrong_state");
    let reopen = officer.post(&format!("/v1/tips/{id}/reopen"));
    let why = json!({"reason": "new_facts"});
    reopen.json(&why).send().await.expect(200);
    draw_up().await.expect(201);
}
