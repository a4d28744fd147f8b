//! Freezes: what an officer may leave out, and what a bank says of money that is gone.

use std::time::Duration;

use diesel_async::SimpleAsyncConnection;
use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::referrals::{OFFICER, agency, list, path, report, transfer};
use crate::support::{Client, TestApp, rows};

async fn accounts(officer: &Client, tip: &Value) -> Vec<Value> {
    let seen = officer
        .get(&format!("/v1/tips/{}", tip["id"].as_str().unwrap()))
        .send()
        .await
        .expect(200);
    let all = seen["indicators"].as_array().unwrap().iter();
    all.filter(|one| one["kind"] == "bank_account")
        .map(|one| one["id"].clone())
        .collect()
}

fn freeze(tip: &Value, account: &Value) -> Value {
    json!({"kind": "freeze_funds", "agency": "bank_970436", "tip_id": tip["id"], "indicator_ids": [account]})
}

#[actix_web::test]
async fn what_an_officer_leaves_out_of_a_freeze_is_filled_in() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let send = async |body: &Value| officer.post("/v1/referrals").json(body).send().await;

    let tip = report(&t, &transfer()).await;
    let account = accounts(&officer, &tip).await.remove(0);
    let bare = freeze(&tip, &account);
    let sent = send(&bare).await.expect(201);
    assert_eq!(sent["amount_vnd"], 48_000_000);
    let basis = sent["legal_basis"].as_str().unwrap();
    assert!(basis.contains("52/2024"), "that of the list: {basis}");
    let note = sent["note"].as_str().unwrap();
    assert!(note.contains("48.000.000 đồng"), "{note}");

    // Of several accounts each is asked for what went there, and its own words stand.
    let mut two = transfer();
    two["indicators"][0] = json!({"kind": "bank_account", "value": "0011002233446", "bank": "VCB"});
    two["losses"] = json!([{"amount_vnd": 18_000_000, "to_indicator": 0}, {"amount_vnd": 30_000_000, "to_indicator": 1}]);
    let tip = report(&t, &two).await;
    for (account, amount) in accounts(&officer, &tip)
        .await
        .iter()
        .zip([18_000_000, 30_000_000])
    {
        let mut body = freeze(&tip, account);
        body["note"] = json!("Đề nghị tạm giữ ngay.");
        let sent = send(&body).await.expect(201);
        assert_eq!(sent["amount_vnd"], amount);
        assert_eq!(sent["note"], "Đề nghị tạm giữ ngay.");
    }

    // Where nobody said how much was lost, the officer does.
    let mut unknown = transfer();
    unknown["losses"] = json!([]);
    let tip = report(&t, &unknown).await;
    let account = accounts(&officer, &tip).await.remove(0);
    let mut body = freeze(&tip, &account);
    let refused = send(&body).await.problem(422);
    assert_eq!(refused["errors"].as_array().unwrap().len(), 1, "{refused}");
    assert_eq!(refused["errors"][0]["pointer"], "/amount_vnd");
    assert_eq!(refused["errors"][0]["code"], "required");
    body["amount_vnd"] = json!(5_000_000);
    let sent = send(&body).await.expect(201);
    assert!(sent["note"].as_str().unwrap().contains("5.000.000 đồng"));
}

#[actix_web::test]
async fn money_that_went_on_is_named_with_its_amount_and_counts_as_frozen_nowhere() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let bank = agency(&t, "bank_970436");
    let tip = report(&t, &transfer()).await;
    let account = accounts(&officer, &tip).await.remove(0);
    let sent = officer.post("/v1/referrals").json(&freeze(&tip, &account));
    let sent = sent.send().await.expect(201);
    let complete = async |answer: Value| {
        let call = bank.post(&path(&sent, "/complete"));
        call.json(&answer).send().await
    };
    let of_account = |outcome: &str, amount: i64| json!([{"indicator_id": account, "outcome": outcome, "amount_vnd": amount}]);
    for (answer, pointer, code) in [
        (
            json!({"outcome": "not_found", "results": of_account("not_found", 1)}),
            "/results/0/amount_vnd",
            "not_frozen",
        ),
        (
            json!({"outcome": "moved_on", "results": [{"indicator_id": account, "outcome": "moved_on", "amount_vnd": 10,
                "onward": [{"bank": "MB", "account": "0903123456789", "amount_vnd": 11}]}]}),
            "/results/0/onward",
            "over_amount",
        ),
        // Nothing is frozen and something is: one of the two is wrong.
        (
            json!({"outcome": "moved_on", "results": of_account("partly_frozen", 1)}),
            "/amount_vnd",
            "not_frozen",
        ),
    ] {
        let refused = complete(answer).await.problem(422);
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
        assert_eq!(refused["errors"][0]["code"], code, "{refused}");
    }
    let mut results = of_account("moved_on", 47_000_000);
    results[0]["onward"] = json!([{"bank": "MB", "account": "0903123456789"}]);
    let answer = json!({"outcome": "moved_on", "amount_vnd": 47_000_000, "results": results});
    let done = complete(answer).await.expect(200);
    assert_eq!(done["outcome"], "moved_on");
    assert_eq!(done["outcome_amount_vnd"], Value::Null);
    assert_eq!(done["indicators"][0]["outcome"], "moved_on");
    assert_eq!(done["indicators"][0]["amount_vnd"], Value::Null);

    // All of it went to the one account that is named.
    let next = list(&officer, "?state=proposed&agency=bank_970422").await;
    assert_eq!(next[0]["amount_vnd"], 47_000_000);
    t.clock.advance(Duration::from_secs(60));
    let figures = officer.get("/v1/referrals/figures").send().await;
    let figures = figures.expect(200);
    let freezes = figures["items"].as_array().unwrap().iter();
    let mut freezes = freezes.filter(|one| one["kind"] == "freeze_funds");
    assert_eq!(freezes.next().unwrap()["frozen_vnd"], 0, "{figures}");
}

#[actix_web::test]
async fn what_is_frozen_for_a_tip_counts_as_recovered_before_and_in_a_case() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let tip = report(&t, &transfer()).await;
    let account = accounts(&officer, &tip).await.remove(0);
    let sent = officer.post("/v1/referrals").json(&freeze(&tip, &account));
    let sent = sent.send().await.expect(201);
    let answer = json!({"outcome": "partly_frozen", "amount_vnd": 31_000_000});
    let bank = agency(&t, "bank_970436");
    let complete = bank.post(&path(&sent, "/complete")).json(&answer);
    complete.send().await.expect(200);
    let recovered = async || {
        let statistics = t.officer(&[Scope::StatsRead]);
        let day = "/v1/stats/summary?from=2026-11-24&to=2026-11-24";
        let summary = statistics.get(day).send().await.expect(200);
        summary["figures"]["recovered_vnd"].clone()
    };
    assert_eq!(recovered().await, 31_000_000);
    let case = json!({"title": "Giả danh công an", "tip_ids": [tip["id"]]});
    let open = officer.post("/v1/cases").json(&case).send().await;
    open.expect(201);
    assert_eq!(recovered().await, 31_000_000, "once");
}

#[actix_web::test]
async fn a_bank_notes_no_more_as_frozen_than_it_was_asked_for() {
    let t = TestApp::new().await;
    let tip = report(&t, &transfer()).await;
    let officer = t.officer(OFFICER);
    let proposals = list(&officer, "?state=proposed&kind=freeze_funds").await;
    let sent = officer.post(&path(&proposals[0], "/send")).send().await;
    let sent = sent.expect(200);
    assert_eq!(sent["tip_id"], tip["id"]);
    let bank = agency(&t, sent["agency"].as_str().unwrap());
    let asked = sent["amount_vnd"].as_i64().unwrap();
    let account = &sent["indicators"][0]["indicator_id"];
    let note = |amount: i64| {
        let row = format!("{},frozen,{amount}", account.as_str().unwrap());
        let csv = format!("indicator_id,outcome,amount_vnd\r\n{row}\r\n");
        bank.put(&path(&sent, "/results"))
            .body("text/csv", csv)
            .send()
    };
    let refused = note(asked + 1).await.problem(422);
    assert_eq!(refused["errors"][0]["code"], "over_requested");
    note(asked).await.expect(200);
}

#[actix_web::test]
async fn the_timeline_of_a_case_tells_what_a_freeze_asked_for_and_what_came_of_it() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let tip = report(&t, &transfer()).await;
    let account = accounts(&officer, &tip).await.remove(0);
    let case = crate::cases::open(
        &t.officer(crate::cases::ALL),
        &[tip["id"].as_str().unwrap().to_owned()],
    )
    .await;
    let body = json!({"kind": "freeze_funds", "agency": "bank_970436", "case_id": case["id"],
        "indicator_ids": [account], "amount_vnd": 48_000_000});
    let sent = officer
        .post("/v1/referrals")
        .json(&body)
        .send()
        .await
        .expect(201);
    let bank = agency(&t, "bank_970436");
    let answer = json!({"outcome": "partly_frozen", "amount_vnd": 31_000_000});
    bank.post(&path(&sent, "/complete"))
        .json(&answer)
        .send()
        .await
        .expect(200);
    t.settle().await;
    let timeline = format!("/v1/cases/{}/timeline", case["id"].as_str().unwrap());
    let timeline = officer.get(&timeline).send().await.expect(200);
    let told: Vec<(Value, Value)> = timeline["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["type"] == "case.referral" && item["data"]["referral_id"] == sent["id"])
        .map(|item| {
            (
                item["data"]["amount_vnd"].clone(),
                item["data"]["requested_vnd"].clone(),
            )
        })
        .collect();
    assert_eq!(
        told.last(),
        Some(&(json!(48_000_000), json!(48_000_000))),
        "{timeline}"
    );
    assert_eq!(
        told.first(),
        Some(&(json!(31_000_000), json!(48_000_000))),
        "{timeline}"
    );
}

#[actix_web::test]
async fn a_freeze_is_proposed_to_a_wallet_that_no_bin_names() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let mut body = transfer();
    body["indicators"] =
        json!([{"kind": "ewallet", "value": "ZaloPay 0912 345 678", "role": "received_money"}]);
    body["losses"] = json!([{"amount_vnd": 5_000_000, "transferred_at": "2026-11-24T01:08:00Z", "to_indicator": 0}]);
    report(&t, &body).await;
    let proposed = list(&officer, "?state=proposed&agency=wallet_zalopay").await;
    assert_eq!(proposed[0]["kind"], "freeze_funds", "{proposed:?}");
    assert_eq!(proposed[0]["amount_vnd"], 5_000_000);
}

#[actix_web::test]
async fn a_list_of_agencies_that_was_loaded_before_gets_the_wallets() {
    let t = TestApp::new().await;
    let mut owner = t.owner().await;
    let loaded = "insert into reference_documents (name, document, version, loaded_at, loaded_by)
         values ('agencies', '{\"agencies\": [{\"code\": \"wallet_payoo\", \"name_vi\": \"Tên khác\"}]}', 1, now(), 'admin')
         on conflict (name) do update set document = excluded.document";
    let added = include_str!("../../migrations/2026-12-01-000801_wallet_agencies/up.sql");
    for sql in [loaded, added, added] {
        owner.batch_execute(sql).await.unwrap();
    }
    let names = "select a ->> 'name_vi' as cell from reference_documents, jsonb_array_elements(document -> 'agencies') a
         where name = 'agencies'";
    let names = rows(&t, names).await;
    assert_eq!(names.len(), 6, "{names:?}");
    assert!(
        names.contains(&"Tên khác".to_owned()),
        "what was there stays"
    );
    assert!(names.contains(&"ZaloPay".to_owned()));
}

#[actix_web::test]
async fn a_freeze_goes_to_the_holder_and_all_of_them_ask_for_no_more_than_was_lost() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let bank = agency(&t, "bank_970436");
    let tip = report(&t, &transfer()).await;
    let account = accounts(&officer, &tip).await.remove(0);
    let send = async |body: &Value| officer.post("/v1/referrals").json(body).send().await;
    let mut elsewhere = freeze(&tip, &account);
    elsewhere["agency"] = json!("bank_970407");
    let refused = send(&elsewhere).await.problem(422);
    assert_eq!(refused["errors"][0]["pointer"], "/indicator_ids/0");
    assert_eq!(refused["errors"][0]["code"], "other_holder");

    let of = |amount: i64| {
        let mut body = freeze(&tip, &account);
        body["amount_vnd"] = json!(amount);
        body
    };
    let first = send(&of(40_000_000)).await.expect(201);
    let refused = send(&of(8_000_001)).await.problem(422);
    assert_eq!(refused["errors"][0]["code"], "over_reported", "{refused}");
    let second = send(&freeze(&tip, &account)).await.expect(201);
    assert_eq!(second["amount_vnd"], 8_000_000, "what is left");
    // What was proposed for all of it cannot be sent any more, and neither can a case ask for it again.
    let [proposal] = list(&officer, "?state=proposed&kind=freeze_funds")
        .await
        .try_into()
        .unwrap();
    let refused = officer
        .post(&path(&proposal, "/send"))
        .send()
        .await
        .problem(422);
    assert_eq!(refused["errors"][0]["code"], "over_reported");
    let at = format!("/v1/tips/{}", tip["id"].as_str().unwrap());
    officer.put(&format!("{at}/claim")).send().await.expect(200);
    let accept = officer.post(&format!("{at}/decisions"));
    let accepted = accept.json(&json!({"decision": "accept", "reason": "signs_of_crime"}));
    let case = accepted.send().await.expect(200)["case_id"].clone();
    let of_case = |amount: i64| {
        json!({"kind": "freeze_funds", "agency": "bank_970436", "case_id": case, "indicator_ids": [account],
                                       "amount_vnd": amount})
    };
    send(&of_case(1)).await.problem(422);

    // What the bank did not freeze may be asked for again, and what is taken back.
    let answer = json!({"outcome": "partly_frozen", "amount_vnd": 10_000_000});
    bank.post(&path(&first, "/complete"))
        .json(&answer)
        .send()
        .await
        .expect(200);
    let recall = officer.post(&path(&second, "/recall"));
    recall
        .json(&json!({"reason": "Gộp vào một yêu cầu."}))
        .send()
        .await
        .expect(200);
    let refused = send(&of_case(38_000_001)).await.problem(422);
    assert_eq!(refused["errors"][0]["code"], "over_reported", "{refused}");
    send(&of_case(38_000_000)).await.expect(201);
    send(&of(1)).await.problem(422);

    // What was asked for a tip before it joined is of the case too.
    let case = case.as_str().unwrap();
    let listed = list(&officer, &format!("?case={case}")).await;
    for one in [&first, &second, &proposal] {
        assert!(
            listed.iter().any(|row| row["id"] == one["id"]),
            "{}",
            one["id"]
        );
    }
    t.settle().await;
    let timeline = officer.get(&format!("/v1/cases/{case}/timeline"));
    let timeline = timeline.send().await.expect(200);
    let told = |change: &str, id: &Value| {
        let items = timeline["items"].as_array().unwrap().iter();
        items
            .filter(|item| item["data"]["change"] == change && item["data"]["referral_id"] == *id)
            .count()
    };
    assert_eq!(told("referral.sent", &first["id"]), 1);
    assert_eq!(told("referral.completed", &first["id"]), 1);
}

#[actix_web::test]
async fn a_bank_may_send_back_what_a_vietnamese_spreadsheet_saved() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let tip = report(&t, &transfer()).await;
    let account = accounts(&officer, &tip).await.remove(0);
    let sent = officer.post("/v1/referrals").json(&freeze(&tip, &account));
    let sent = sent.send().await.expect(201);
    let bank = agency(&t, "bank_970436");
    let id = account.as_str().unwrap();
    let put = async |amount: &str| {
        let line = format!("{id};bank_account;\"970436:0011002233445\";partly_frozen;{amount}");
        let csv = format!("\u{feff}indicator_id;kind;value;outcome;amount_vnd\r\n{line}\r\n");
        let call = bank.put(&path(&sent, "/results"));
        call.body("text/csv", csv).send().await
    };
    let refused = put("31,5").await.problem(422);
    assert_eq!(refused["errors"][0]["pointer"], "/0/amount_vnd");
    let taken = put("31.000.000,00").await.expect(200);
    assert_eq!(taken["indicators"][0]["amount_vnd"], 31_000_000, "{taken}");
}

#[actix_web::test]
async fn a_receipt_says_until_when_money_was_held_once_that_is_over() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let tip = report(&t, &transfer()).await;
    let account = accounts(&officer, &tip).await.remove(0);
    let mut body = freeze(&tip, &account);
    body["expires_at"] = json!("2026-11-27T01:20:00Z");
    let sent = officer.post("/v1/referrals").json(&body).send().await;
    let sent = sent.expect(201);
    let bank = agency(&t, "bank_970436");
    let answer = json!({"outcome": "partly_frozen", "amount_vnd": 9_000_000,
        "results": [{"indicator_id": account, "outcome": "partly_frozen", "amount_vnd": 9_000_000}]});
    let call = bank.post(&path(&sent, "/complete")).json(&answer);
    call.send().await.expect(200);
    t.settle().await;
    let told = async || {
        let shown = crate::referrals::receipt(&t, &tip).await;
        shown["outcomes"][0].clone()
    };
    let now = told().await;
    let text = now["text"].as_str().unwrap();
    assert!(
        text.starts_with("Ngân hàng đã tạm giữ 9.000.000 đồng. "),
        "{text}"
    );
    t.clock.set("2026-11-27T01:20:01Z".parse().unwrap());
    t.settle().await;
    let then = told().await;
    assert_eq!(
        (&then["code"], &then["amount_vnd"], &then["until"]),
        (
            &now["code"],
            &now["amount_vnd"],
            &json!("2026-11-27T01:20:00Z")
        )
    );
    let text = then["text"].as_str().unwrap();
    assert!(
        text.contains("đến 08:20 ngày 27/11/2026") && text.contains("đã hết"),
        "{text}"
    );
}
