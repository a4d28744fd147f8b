//! Referrals: a freeze from the proposal to the answer, its bounds and its end.

use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Claims, Client, Receiver, TestApp};
use crate::webhooks::{LOCAL, is_signed_by, register};

pub const OFFICER: &[Scope] = &[
    Scope::TipsRead,
    Scope::TipsTriage,
    Scope::CasesRead,
    Scope::CasesWrite,
    Scope::IndicatorsRead,
    Scope::ReferralsRead,
    Scope::ReferralsWrite,
];

pub fn agency(t: &TestApp, code: &str) -> Client {
    t.bearer(&Claims {
        sub: "agency-worker",
        scopes: "referrals:work exchange:read webhooks:manage",
        agency: Some(code),
        ..Claims::default()
    })
}

/// 48 million đồng sent twelve minutes before the report.
pub fn transfer() -> Value {
    json!({
        "narrative": "Tôi là Lò Văn Thử, số 0912 345 678, bị gọi từ 0369123456 doạ bắt nên đã chuyển tiền.",
        "method": "impersonate_police_court", "channel": "call",
        "indicators": [
            {"kind": "phone", "value": "0369 123 456", "role": "contacted_me"},
            {"kind": "bank_account", "value": "0011002233445", "bank": "VCB", "role": "received_money"}],
        "losses": [{"amount_vnd": 48_000_000, "transferred_at": "2026-11-24T01:08:00Z", "to_indicator": 1,
                    "reference": "FT26328001234567"}],
        "location": {"unit_code": "03127"},
        "reporter": {"name": "Lò Văn Thử", "phone": "0912345678"}})
}

pub async fn report(t: &TestApp, body: &Value) -> Value {
    let tip = t.submit(body).await;
    t.settle().await;
    tip
}

pub async fn list(client: &Client, query: &str) -> Vec<Value> {
    let path = format!("/v1/referrals{query}");
    let page = client.get(&path).send().await.expect(200);
    page["items"].as_array().unwrap().clone()
}

pub fn path(referral: &Value, rest: &str) -> String {
    format!("/v1/referrals/{}{rest}", referral["id"].as_str().unwrap())
}

pub async fn receipt(t: &TestApp, tip: &Value) -> Value {
    let shown = t
        .anyone()
        .get("/v1/receipt")
        .header("Tip-Receipt", tip["receipt"].as_str().unwrap());
    shown.send().await.expect(200)
}

#[actix_web::test]
async fn money_sent_minutes_ago_is_frozen_and_the_reporter_learns_how_much() {
    let t = TestApp::with(LOCAL).await;
    let bank = agency(&t, "bank_970436");
    let receiver = Receiver::start().await;
    let webhook = register(&bank, &receiver.url, &["referral.sent"]).await;
    let tip = report(&t, &transfer()).await;
    let officer = t.officer(OFFICER);
    let tip_path = format!("/v1/tips/{}", tip["id"].as_str().unwrap());
    let seen = officer.get(&tip_path).send().await.expect(200);
    assert_eq!(seen["priority"]["level"], "critical");

    let proposals = list(&officer, "?state=proposed&kind=freeze_funds").await;
    let [proposal] = proposals.as_slice() else {
        panic!("one proposal: {proposals:?}")
    };
    assert_eq!(proposal["agency"], "bank_970436");
    assert_eq!(proposal["amount_vnd"], 48_000_000);
    assert_eq!(proposal["indicators"][0]["value"], "970436:0011002233445");
    assert_eq!(proposal["disclosed"]["losses"][0]["minutes_since"], 12);
    assert_eq!(
        proposal["disclosed"]["losses"][0]["reference"],
        "FT26328001234567"
    );

    // What is only proposed is the police's own affair.
    bank.get(&path(proposal, "")).send().await.problem(404);
    t.clock.advance(Duration::from_secs(180));
    let sent = officer
        .post(&path(proposal, "/send"))
        .send()
        .await
        .expect(200);
    assert_eq!(sent["state"], "sent");
    assert_eq!(sent["minutes"]["report_to_sent"], 3);
    assert!(sent["due_at"].is_string() && sent["expires_at"].is_string());

    // The bank hears of it by a signed event that names neither tip nor case.
    t.dispatch().await;
    let [event]: [_; 1] = receiver.take().try_into().unwrap();
    assert!(is_signed_by(&webhook["secret"], &event));
    assert_eq!(event.kind(), "referral.sent");
    assert_eq!(
        event.subject(),
        format!("referral/{}", sent["id"].as_str().unwrap())
    );
    assert!(!event.raw.contains(tip["id"].as_str().unwrap()));

    let share = bank.get(&path(&sent, "")).send().await.expect(200);
    assert_eq!(share["disclosed"]["method"], "impersonate_police_court");
    for hidden in ["tip_id", "case_id", "sent_by", "proposed_by"] {
        assert_eq!(share[hidden], json!(null), "{hidden}");
    }
    for hidden in ["narrative", "unit_code", "channel", "victim_age_group"] {
        assert_eq!(share["disclosed"][hidden], json!(null), "{hidden}");
    }
    let text = share.to_string();
    for marker in ["Lò Văn Thử", "912345678", tip["id"].as_str().unwrap()] {
        assert!(!text.contains(marker), "{marker} reached the bank");
    }
    agency(&t, "bank_970422")
        .get(&path(&sent, ""))
        .send()
        .await
        .problem(404);

    t.clock.advance(Duration::from_secs(300));
    let taken = bank
        .post(&path(&sent, "/acknowledge"))
        .send()
        .await
        .expect(200);
    assert_eq!(taken["minutes"]["sent_to_acknowledged"], 5);
    t.clock.advance(Duration::from_secs(600));
    let account = &sent["indicators"][0]["indicator_id"];
    let answer = json!({"outcome": "partly_frozen", "amount_vnd": 31_000_000, "results": [
        {"indicator_id": account, "outcome": "partly_frozen", "amount_vnd": 31_000_000,
         "onward": [{"bank": "MB", "account": "0903123456789", "amount_vnd": 17_000_000}]}]});
    let complete = || bank.post(&path(&sent, "/complete")).json(&answer);
    let first = complete().header("Idempotency-Key", "one").send().await;
    let done = first.expect(200);
    assert_eq!(
        (&done["state"], &done["outcome"]),
        (&json!("completed"), &json!("partly_frozen"))
    );
    let replayed = complete().header("Idempotency-Key", "one").send().await;
    assert_eq!(replayed.expect(200), done);
    assert_eq!(
        complete().send().await.problem(409)["code"],
        "already_completed"
    );

    // The money that went on: the next freeze is proposed, the account belongs to the tip.
    let next = list(&officer, "?state=proposed&agency=bank_970422").await;
    assert_eq!(next[0]["amount_vnd"], 17_000_000);
    assert_eq!(next[0]["follows"], sent["id"]);
    assert_eq!(next[0]["proposed_by"], "moved_on");
    let seen = officer.get(&tip_path).send().await.expect(200);
    let found = seen["indicators"].as_array().unwrap().iter();
    assert!(found.clone().any(|i| i["value"] == "970422:0903123456789"));

    // The case, the receipt, the indicator, the timeline and the figures agree.
    officer
        .put(&format!("{tip_path}/claim"))
        .send()
        .await
        .expect(200);
    let accept = json!({"decision": "accept", "reason": "signs_of_crime"});
    let decision = officer
        .post(&format!("{tip_path}/decisions"))
        .json(&accept)
        .send()
        .await;
    let case = format!(
        "/v1/cases/{}",
        decision.expect(200)["case_id"].as_str().unwrap()
    );
    let case = officer.get(&case).send().await.expect(200);
    assert_eq!(case["totals"]["recovered_vnd"], 31_000_000);
    assert_eq!(case["totals"]["losses_vnd"], 48_000_000);
    let told = receipt(&t, &tip).await;
    assert_eq!(told["outcomes"][0]["code"], "funds_partly_frozen");
    let text = told["outcomes"][0]["text"].as_str().unwrap();
    assert!(text.contains("31.000.000 đồng"), "{text}");
    let indicator = format!("/v1/indicators/{}", account.as_str().unwrap());
    let indicator = officer.get(&indicator).send().await.expect(200);
    assert_eq!(indicator["measures"][0]["outcome"], "partly_frozen");
    assert_eq!(indicator["measures"][0]["amount_vnd"], 31_000_000);
    t.settle().await;
    let timeline = officer
        .get(&format!("{tip_path}/timeline"))
        .send()
        .await
        .expect(200);
    let changes: Vec<_> = timeline["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|i| i["type"] == "tip.referral")
        .map(|i| i["data"]["change"].clone())
        .collect();
    assert_eq!(
        changes,
        [
            "referral.completed",
            "referral.acknowledged",
            "referral.sent"
        ]
    );
    let figures = officer
        .get("/v1/referrals/figures")
        .send()
        .await
        .expect(200);
    let freeze = &figures["items"][0];
    assert_eq!(freeze["frozen_vnd"], 31_000_000);
    assert_eq!(freeze["outcomes"], json!({"partly_frozen": 1}));
    assert_eq!(freeze["median_minutes_report_to_completed"], 18.0);

    let statistics = t.officer(&[Scope::StatsRead]);
    let kinds = statistics
        .get("/v1/stats/referrals?from=2026-11-24&to=2026-11-24&compare=previous")
        .send()
        .await
        .expect(200);
    assert_eq!(kinds["items"][0]["frozen_vnd"], 31_000_000);
    assert_eq!(kinds["items"][0]["previous"], json!(null));
    let summary = statistics
        .get("/v1/stats/summary?from=2026-11-24&to=2026-11-24")
        .send()
        .await
        .expect(200);
    assert_eq!(summary["figures"]["recovered_vnd"], 31_000_000);

    // The bank follows its own referral in the stream of changes, and nothing else.
    let changes = bank.get("/v1/changes").send().await.expect(200);
    let types: Vec<_> = changes["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["type"].clone())
        .collect();
    assert_eq!(
        types,
        [
            "referral.sent",
            "referral.acknowledged",
            "referral.completed"
        ]
    );
}

#[actix_web::test]
async fn a_freeze_is_limited_grounded_and_ends() {
    let t = TestApp::new().await;
    let tip = report(&t, &transfer()).await;
    let officer = t.officer(OFFICER);
    let seen = officer
        .get(&format!("/v1/tips/{}", tip["id"].as_str().unwrap()))
        .send()
        .await
        .expect(200);
    let (phone, account) = (&seen["indicators"][0]["id"], &seen["indicators"][1]["id"]);
    let good = json!({"kind": "freeze_funds", "agency": "bank_970436", "tip_id": tip["id"],
        "indicator_ids": [account], "amount_vnd": 48_000_000, "legal_basis": "NĐ 52/2024 Điều 11",
        "note": "Đề nghị tạm giữ."});
    for (change, pointer, code) in [
        (
            json!({"amount_vnd": 48_000_001}),
            "/amount_vnd",
            "over_reported",
        ),
        (json!({"indicator_ids": []}), "/indicator_ids", "required"),
        (
            json!({"indicator_ids": [phone]}),
            "/indicator_ids/0",
            "wrong_kind",
        ),
        (
            json!({"indicator_ids": [tip["id"]]}),
            "/indicator_ids/0",
            "not_found",
        ),
        (json!({"agency": "bank_000000"}), "/agency", "unknown_value"),
        (
            json!({"agency": "border_guard"}),
            "/agency",
            "kind_not_taken",
        ),
        (json!({"kind": "seize"}), "/kind", "unknown_value"),
        (
            json!({"disclose": ["indicators", "reporter"]}),
            "/disclose/1",
            "never_disclosed",
        ),
        (json!({"disclose": ["method"]}), "/disclose", "required"),
        (
            json!({"expires_at": "2026-11-24T01:00:00Z"}),
            "/expires_at",
            "in_past",
        ),
        (json!({"tip_id": null}), "/tip_id", "required"),
        (json!({"case_id": tip["id"]}), "/case_id", "not_found"),
    ] {
        let mut body = good.clone();
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let refused = officer
            .post("/v1/referrals")
            .json(&body)
            .send()
            .await
            .problem(422);
        let error = &refused["errors"][0];
        assert_eq!(
            (&error["pointer"], &error["code"]),
            (&json!(pointer), &json!(code)),
            "{refused}"
        );
    }
    let made = officer.post("/v1/referrals").json(&good).send().await;
    let etag = made.header("ETag").to_owned();
    let referral = made.expect(201);
    assert_eq!(referral["disclose"], json!(["indicators", "method"]));
    assert!(referral["notice"].as_str().unwrap().contains("khiếu nại"));

    let change = json!({"due_at": "2026-11-24T03:00:00Z"});
    let patch = |tag: &str| {
        officer
            .patch(&path(&referral, ""))
            .header("If-Match", tag)
            .json(&change)
    };
    assert_eq!(patch(&etag).send().await.expect(200)["version"], 2);
    patch(&etag).send().await.problem(412);

    let bank = agency(&t, "bank_970436");
    for (answer, pointer, code) in [
        (json!({"outcome": "blocked"}), "/outcome", "unknown_value"),
        (
            json!({"outcome": "partly_frozen"}),
            "/amount_vnd",
            "required",
        ),
        (
            json!({"outcome": "frozen", "amount_vnd": 48_000_001}),
            "/amount_vnd",
            "over_requested",
        ),
        (
            json!({"outcome": "withdrawn", "amount_vnd": 1}),
            "/amount_vnd",
            "not_frozen",
        ),
        (
            json!({"outcome": "frozen", "amount_vnd": 5, "results": [
            {"indicator_id": account, "outcome": "frozen", "amount_vnd": 4}]}),
            "/amount_vnd",
            "sum_mismatch",
        ),
        (
            json!({"outcome": "frozen", "results": [
            {"indicator_id": phone, "outcome": "frozen", "amount_vnd": 4}]}),
            "/results/0/indicator_id",
            "not_found",
        ),
        (
            json!({"outcome": "moved_on", "results": [{"indicator_id": account, "outcome": "moved_on",
            "onward": [{"bank": "Ngân hàng Không Có", "account": "0903123456789"}]}]}),
            "/results/0/onward/0/bank",
            "unknown_value",
        ),
    ] {
        let refused = bank
            .post(&path(&referral, "/complete"))
            .json(&answer)
            .send()
            .await
            .problem(422);
        let error = &refused["errors"][0];
        assert_eq!(
            (&error["pointer"], &error["code"]),
            (&json!(pointer), &json!(code)),
            "{refused}"
        );
    }
    // Nobody answers: it is called to mind, is overdue, and ends by itself after 72 hours.
    t.clock.advance(Duration::from_secs(3 * 3600));
    t.settle().await;
    let late = officer.get(&path(&referral, "")).send().await.expect(200);
    assert_eq!(late["overdue"], true);
    assert!(late["reminders"].as_i64().unwrap() >= 2);
    let overdue = list(&officer, "?overdue=true").await;
    assert_eq!(overdue.len(), 1);
    t.clock.advance(Duration::from_secs(72 * 3600));
    bank.post(&path(&referral, "/complete"))
        .json(&json!({"outcome": "frozen"}))
        .send()
        .await
        .problem(409);
    t.settle().await;
    let ended = officer.get(&path(&referral, "")).send().await.expect(200);
    assert_eq!(ended["state"], "recalled");
    t.settle().await;
    let changes = bank.get("/v1/changes").send().await.expect(200);
    let types: Vec<_> = changes["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["type"].as_str().unwrap())
        .collect();
    assert_eq!(types.first().copied(), Some("referral.sent"));
    assert!(types.contains(&"referral.overdue"), "{types:?}");
    assert_eq!(types.last().copied(), Some("referral.recalled"));
}
