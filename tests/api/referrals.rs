//! Referrals: the stories of a freeze, a border alert, a check of a SIM and a takedown.

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
    let tip = t.citizen().post("/v1/tips").json(body).send().await;
    let tip = tip.expect(201);
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

#[actix_web::test]
async fn a_narrative_is_shared_without_its_reporter() {
    let t = TestApp::new().await;
    let tip = report(&t, &transfer()).await;
    let officer = t.officer(OFFICER);
    let body = json!({"kind": "local_followup", "agency": "unit_03127", "tip_id": tip["id"],
        "note": "Đề nghị nắm tình hình.", "disclose": ["narrative", "place"]});
    let sent = officer
        .post("/v1/referrals")
        .json(&body)
        .send()
        .await
        .expect(201);
    let commune = agency(&t, "unit_03127");
    let share = commune.get(&path(&sent, "")).send().await.expect(200);
    let text = share["disclosed"]["narrative"].as_str().unwrap();
    assert!(text.contains("doạ bắt"), "{text}");
    assert!(!text.contains("Thử") && !text.contains("912"), "{text}");
    assert_eq!(share["disclosed"]["unit_code"], "03127");
    assert_eq!(share["disclosed"]["method"], json!(null));
    assert_eq!(share["indicators"], json!([]));

    // What is told to the public is confirmed, and no narrative.
    let seen = officer
        .get(&format!("/v1/tips/{}", tip["id"].as_str().unwrap()))
        .send()
        .await
        .expect(200);
    let warn = json!({"kind": "publicise", "agency": "womens_union", "tip_id": tip["id"],
        "indicator_ids": [seen["indicators"][0]["id"]], "disclose": ["indicators", "narrative"]});
    let refused = officer
        .post("/v1/referrals")
        .json(&warn)
        .send()
        .await
        .problem(422);
    assert_eq!(refused["errors"][0]["code"], "not_for_publication");
    let mut warn = warn;
    warn["disclose"] = json!(["indicators"]);
    let refused = officer
        .post("/v1/referrals")
        .json(&warn)
        .send()
        .await
        .problem(422);
    assert_eq!(refused["errors"][0]["code"], "not_confirmed");

    // It asks back, the police answer; then it declines.
    let question = json!({"text": "Xin địa chỉ cụ thể."});
    let asked = commune
        .post(&path(&sent, "/messages"))
        .json(&question)
        .send()
        .await
        .expect(201);
    assert_eq!(asked["from_agency"], true);
    let reply = json!({"text": "Bản Noong Bua."});
    officer
        .post(&path(&sent, "/messages"))
        .json(&reply)
        .send()
        .await
        .expect(201);
    let all = commune
        .get(&path(&sent, "/messages"))
        .send()
        .await
        .expect(200);
    assert_eq!(all["items"][0]["text"], "Bản Noong Bua.");
    let reason = json!({"reason": "Không thuộc địa bàn."});
    let declined = commune
        .post(&path(&sent, "/decline"))
        .json(&reason)
        .send()
        .await
        .expect(200);
    assert_eq!(declined["state"], "declined");
    let recall = officer
        .post(&path(&sent, "/recall"))
        .json(&reason)
        .send()
        .await;
    assert_eq!(recall.problem(409)["code"], "wrong_state");
}

#[actix_web::test]
async fn a_number_in_three_tips_is_checked_and_blocked_and_the_reporter_hears_once_released() {
    let t = TestApp::new().await;
    let mut tips = Vec::new();
    for n in 0..3 {
        let body = json!({"narrative": format!("Cuộc gọi lừa đảo {n}"), "indicators": [
            {"kind": "phone", "value": "0369 123 456", "role": "contacted_me"}]});
        tips.push(report(&t, &body).await);
        t.clock.advance(Duration::from_secs(7200));
    }
    let officer = t.officer(OFFICER);
    let proposals = list(&officer, "?state=proposed&kind=verify_subscriber").await;
    assert_eq!(proposals.len(), 1, "{proposals:?}");
    assert_eq!(proposals[0]["agency"], "science_technology");
    let sent = officer
        .post(&path(&proposals[0], "/send"))
        .send()
        .await
        .expect(200);
    let department = agency(&t, "science_technology");
    let csv = department.get(&path(&sent, "/results")).send().await;
    let text = csv.text();
    // A spreadsheet program would take the value for a formula.
    let row = text.lines().nth(1).unwrap().replace(
        "phone,'+84369123456,,",
        "phone,'+84369123456,not_in_own_name,",
    );
    let filled = format!("indicator_id,kind,value,outcome,amount_vnd\r\n{row}\r\n");
    let put = |body: String| {
        department
            .put(&path(&sent, "/results"))
            .body("text/csv", body)
    };
    let refused = put(filled.replace("not_in_own_name", "stolen"))
        .send()
        .await;
    assert_eq!(
        refused.problem(422)["errors"][0]["pointer"],
        "/results/0/outcome"
    );
    let partly = put(filled).send().await.expect(200);
    assert_eq!(partly["indicators"][0]["outcome"], "not_in_own_name");
    assert_eq!(partly["state"], "sent");
    let done = department
        .post(&path(&sent, "/complete"))
        .json(&json!({"outcome": "not_in_own_name"}));
    assert_eq!(done.send().await.expect(200)["state"], "completed");
    // Whether a number is registered is nobody's news.
    let release = officer.post(&path(&sent, "/release")).send().await;
    assert_eq!(release.problem(409)["code"], "wrong_state");

    let phone = &sent["indicators"][0]["indicator_id"];
    let body = json!({"kind": "block_number", "agency": "carrier_viettel", "tip_id": sent["tip_id"],
        "indicator_ids": [phone]});
    let block = officer
        .post("/v1/referrals")
        .json(&body)
        .send()
        .await
        .expect(201);
    let carrier = agency(&t, "carrier_viettel");
    let done = carrier
        .post(&path(&block, "/complete"))
        .json(&json!({"outcome": "blocked"}));
    done.send().await.expect(200);
    let last = tips.last().unwrap();
    assert_eq!(last["id"], sent["tip_id"]);
    assert_eq!(receipt(&t, last).await["outcomes"], json!([]));
    officer
        .post(&path(&block, "/release"))
        .send()
        .await
        .expect(200);
    assert_eq!(
        receipt(&t, last).await["outcomes"][0]["code"],
        "number_blocked"
    );
}

#[actix_web::test]
async fn the_border_guard_learns_of_brokers_and_never_of_who_may_be_lured() {
    let t = TestApp::new().await;
    let body = json!({"narrative": "Có người rủ sang Lào làm việc nhẹ lương cao.", "method": "overseas_easy_job",
        "channel": "zalo", "location": {"unit_code": "03158"},
        "indicators": [{"kind": "phone", "value": "0369 123 456", "role": "recruited"}]});
    report(&t, &body).await;
    let officer = t.officer(OFFICER);
    let proposals = list(&officer, "?state=proposed&agency=border_guard").await;
    let [proposal] = proposals.as_slice() else {
        panic!("one proposal: {proposals:?}")
    };
    let sent = officer
        .post(&path(proposal, "/send"))
        .send()
        .await
        .expect(200);
    let guard = agency(&t, "border_guard");
    let share = guard.get(&path(&sent, "")).send().await.expect(200);
    assert_eq!(share["indicators"][0]["value"], "+84369123456");
    assert_eq!(share["disclosed"]["unit_code"], "03158");
    assert_eq!(share["disclosed"]["narrative"], json!(null));
    let done = guard
        .post(&path(&sent, "/complete"))
        .json(&json!({"outcome": "done"}));
    done.send().await.expect(200);
    let discard = officer
        .post(&path(&sent, "/discard"))
        .json(&json!({"reason": "x"}));
    assert_eq!(
        discard.send().await.problem(409)["code"],
        "already_completed"
    );
}

#[actix_web::test]
async fn removed_content_that_is_reported_anew_goes_out_again() {
    let t = TestApp::new().await;
    let page = json!({"narrative": "Trang giả mạo ngân hàng", "indicators": [
        {"kind": "url", "value": "hxxps://vietcombank[.]top-vn.xyz/login"}]});
    let tip = report(&t, &page).await;
    let officer = t.officer(OFFICER);
    let seen = officer
        .get(&format!("/v1/tips/{}", tip["id"].as_str().unwrap()))
        .send()
        .await
        .expect(200);
    let verdict = format!(
        "/v1/indicators/{}/verdict",
        seen["indicators"][0]["id"].as_str().unwrap()
    );
    let scam = json!({"verdict": "confirmed_scam", "reason": "reports"});
    let curate = &[Scope::IndicatorsCurate];
    t.named_officer("first", curate)
        .put(&verdict)
        .json(&scam)
        .send()
        .await
        .expect(200);
    let approve = format!("{verdict}/approve");
    t.named_officer("second", curate)
        .post(&approve)
        .send()
        .await
        .expect(200);
    t.settle().await;
    let proposals = list(&officer, "?state=proposed&kind=takedown").await;
    assert_eq!(proposals.len(), 1, "{proposals:?}");
    let sent = officer
        .post(&path(&proposals[0], "/send"))
        .send()
        .await
        .expect(200);
    let host = agency(&t, "hosting_platform");
    let removed = json!({"outcome": "removed", "evidence_url": "https://example.vn/takedown/4711"});
    t.clock.advance(Duration::from_secs(3600));
    host.post(&path(&sent, "/complete"))
        .json(&removed)
        .send()
        .await
        .expect(200);
    t.clock.advance(Duration::from_secs(86_400));
    let seen = officer.get(&path(&sent, "")).send().await.expect(200);
    assert_eq!(seen["evidence_url"], removed["evidence_url"]);
    report(&t, &page).await;
    let back = host.get(&path(&sent, "")).send().await.expect(200);
    assert_eq!(
        (&back["state"], &back["reopened"]),
        (&json!("sent"), &json!(1))
    );
    assert_eq!(back["outcome"], json!(null));
    host.post(&path(&sent, "/complete"))
        .json(&removed)
        .send()
        .await
        .expect(200);
}

#[actix_web::test]
async fn a_tip_for_another_body_is_proposed_to_it() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    for agency in ["other_police", "border_guard", "procuracy"] {
        let tip = report(&t, &transfer()).await;
        let id = tip["id"].as_str().unwrap();
        let path_of = format!("/v1/tips/{id}");
        officer
            .put(&format!("{path_of}/claim"))
            .send()
            .await
            .expect(200);
        let decision =
            json!({"decision": "transfer", "reason": "out_of_competence", "agency": agency});
        let call = officer
            .post(&format!("{path_of}/decisions"))
            .json(&decision);
        call.send().await.expect(200);
        t.settle().await;
        let query = format!("?state=proposed&kind=transfer_jurisdiction&tip={id}");
        let proposals = list(&officer, &query).await;
        let [proposal] = proposals.as_slice() else {
            panic!("one proposal: {proposals:?}")
        };
        assert_eq!(proposal["agency"], agency);
        assert_eq!(proposal["indicators"].as_array().unwrap().len(), 2);
    }
}
