//! Renewals: a bank's hold is prolonged, and its money counts once.

use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::referrals::{OFFICER, agency, path, receipt, report, transfer};
use crate::support::{Client, Reply, TestApp};

pub const HOUR: u64 = 3_600;

/// A tip of 48 million đồng, of which the bank holds this much.
pub async fn held(t: &TestApp, officer: &Client, amount: i64) -> (Value, Value) {
    let tip = report(t, &transfer()).await;
    let hold = frozen(t, officer, &tip, &[(1, amount)]).await;
    (tip, hold)
}

/// A freeze of a tip's accounts that was answered with a sum for each.
async fn frozen(t: &TestApp, officer: &Client, tip: &Value, sums: &[(usize, i64)]) -> Value {
    let at = format!("/v1/tips/{}", tip["id"].as_str().unwrap());
    let seen = officer.get(&at).send().await.expect(200);
    let ids: Vec<Value> = sums
        .iter()
        .map(|(at, _)| seen["indicators"][at]["id"].clone())
        .collect();
    let body = json!({"kind": "freeze_funds", "agency": "bank_970436", "tip_id": tip["id"], "indicator_ids": ids});
    let sent = officer.post("/v1/referrals").json(&body).send().await;
    let sent = sent.expect(201);
    let results: Vec<Value> = ids
        .iter()
        .zip(sums)
        .map(|(id, (_, sum))| json!({"indicator_id": id, "outcome": "partly_frozen", "amount_vnd": sum}))
        .collect();
    let answer = json!({"outcome": "partly_frozen", "results": results});
    complete(t, &sent, answer).await
}

pub async fn complete(t: &TestApp, sent: &Value, answer: Value) -> Value {
    let bank = agency(t, "bank_970436");
    let call = bank.post(&path(sent, "/complete")).json(&answer);
    call.send().await.expect(200)
}

pub async fn renew(officer: &Client, hold: &Value, more: Value) -> Reply {
    let mut body = json!({"kind": "freeze_funds", "agency": "bank_970436", "renews": hold["id"]});
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    officer.post("/v1/referrals").json(&body).send().await
}

pub async fn show(officer: &Client, referral: &Value) -> Value {
    officer.get(&path(referral, "")).send().await.expect(200)
}

/// What the summary, the figures of freezes and, where there is one, the case count as frozen.
async fn counted(t: &TestApp, officer: &Client, case: Option<&Value>) -> (i64, i64, Value) {
    let statistics = t.officer(&[Scope::StatsRead]);
    let day = "?from=2026-11-24&to=2026-11-24";
    let summary = statistics.get(&format!("/v1/stats/summary{day}"));
    let summary = summary.send().await.expect(200);
    let recovered = summary["figures"]["recovered_vnd"].as_i64().unwrap();
    let kinds = statistics.get("/v1/stats/referrals?from=2026-11-24&to=2026-12-31");
    let kinds = kinds.send().await.expect(200);
    let mut all = kinds["items"].as_array().unwrap().iter();
    let freezes = all.find(|one| one["kind"] == "freeze_funds").cloned();
    if let Some(case) = case {
        let shown = officer.get(&crate::cases::path(case, "")).send().await;
        assert_eq!(shown.expect(200)["totals"]["recovered_vnd"], recovered);
    }
    let freezes = freezes.unwrap();
    (recovered, freezes["frozen_vnd"].as_i64().unwrap(), freezes)
}

async fn outcomes(t: &TestApp, tip: &Value) -> Vec<(String, Value)> {
    let shown = receipt(t, tip).await;
    assert!(!shown["outcomes"].to_string().contains("0011002233445"));
    let all = shown["outcomes"].as_array().unwrap().iter();
    all.map(|one| {
        let code = one["code"].as_str().unwrap().to_owned();
        (code, one["amount_vnd"].clone())
    })
    .collect()
}

#[actix_web::test]
async fn a_hold_is_prolonged_and_its_money_counts_once() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let (tip, hold) = held(&t, &officer, 31_000_000).await;
    assert_eq!(
        (&hold["renewed_by"], &hold["ending"]),
        (&json!([]), &json!(false))
    );
    let case = json!({"title": "Giả danh công an", "tip_ids": [tip["id"]]});
    let case = officer
        .post("/v1/cases")
        .json(&case)
        .send()
        .await
        .expect(201);
    let before = counted(&t, &officer, Some(&case)).await;
    assert_eq!((before.0, before.1), (31_000_000, 31_000_000));

    t.clock.advance(Duration::from_secs(60 * HOUR));
    let sent = renew(&officer, &hold, json!({})).await.expect(201);
    assert_eq!(sent["renews"], hold["id"]);
    assert_eq!(sent["amount_vnd"], 31_000_000, "what is held");
    assert_eq!(sent["tip_id"], tip["id"]);
    assert_eq!(
        sent["indicators"][0]["indicator_id"],
        hold["indicators"][0]["indicator_id"]
    );
    assert_eq!(sent["legal_basis"], hold["legal_basis"]);
    assert_eq!(hold["expires_at"], "2026-11-27T01:20:00Z");
    assert_eq!(
        sent["expires_at"], "2026-11-30T01:20:00Z",
        "from the end of the hold on"
    );
    let shown = show(&officer, &hold).await;
    assert_eq!(shown["renewed_by"], json!([sent["id"]]));
    let share = agency(&t, "bank_970436").get(&path(&sent, "")).send().await;
    assert_eq!(
        share.expect(200)["renews"],
        hold["id"],
        "the bank sees which"
    );

    // Asked for, it changes nothing; answered, it takes the place of the answer before.
    let asked = counted(&t, &officer, Some(&case)).await;
    assert_eq!((asked.0, asked.1), (31_000_000, 31_000_000));
    assert_eq!(asked.2["requested_vnd"], 48_000_000, "not on top");
    assert_eq!(
        (&asked.2["sent"], &asked.2["renewals"]),
        (&json!(2), &json!(1))
    );
    complete(&t, &sent, json!({"outcome": "frozen"})).await;
    let after = counted(&t, &officer, Some(&case)).await;
    assert_eq!((after.0, after.1), (31_000_000, 31_000_000));
    assert_eq!(after.2["released_vnd"], 0);
    assert_eq!(
        after.2["median_minutes_report_to_completed"],
        before.2["median_minutes_report_to_completed"],
        "how fast money was frozen is not how long it was held"
    );

    // The receipt tells it once, and until when.
    let told = receipt(&t, &tip).await;
    let [news] = told["outcomes"].as_array().unwrap().as_slice() else {
        panic!("one: {told}")
    };
    assert_eq!(news["code"], "hold_prolonged");
    assert_eq!(news["until"], "2026-11-30T01:20:00Z");
    assert_eq!(news["amount_vnd"], 31_000_000);
    let text = news["text"].as_str().unwrap();
    assert!(
        text.contains("31.000.000 đồng đến 08:20 ngày 30/11/2026"),
        "{text}"
    );

    // What was not frozen may still be asked for, and no more; of the indicator it is said what prolongs what.
    let account = hold["indicators"][0]["indicator_id"].as_str().unwrap();
    let fresh = |amount: i64| {
        json!({"kind": "freeze_funds", "agency": "bank_970436", "tip_id": tip["id"],
               "indicator_ids": [account], "amount_vnd": amount})
    };
    let post = async |body: &Value| officer.post("/v1/referrals").json(body).send().await;
    let refused = post(&fresh(17_000_001)).await.problem(422);
    assert_eq!(refused["errors"][0]["code"], "over_reported");
    let seen = officer
        .get(&format!("/v1/indicators/{account}"))
        .send()
        .await;
    let seen = seen.expect(200);
    assert_eq!(seen["measures"][0]["renews"], hold["id"]);
    assert_eq!(seen["measures"][1]["renews"], json!(null));
    // A week on the hold has run out: it is the same money all the same.
    t.clock.advance(Duration::from_secs(168 * HOUR));
    post(&fresh(17_000_001)).await.problem(422);
    post(&fresh(17_000_000)).await.expect(201);
}

#[actix_web::test]
async fn what_is_not_frozen_again_is_released() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let (tip, hold) = held(&t, &officer, 31_000_000).await;
    let second = renew(&officer, &hold, json!({})).await.expect(201);
    complete(
        &t,
        &second,
        json!({"outcome": "partly_frozen", "amount_vnd": 20_000_000}),
    )
    .await;
    let (recovered, frozen, figures) = counted(&t, &officer, None).await;
    assert_eq!((recovered, frozen), (20_000_000, 20_000_000));
    assert_eq!(figures["released_vnd"], 11_000_000);
    assert_eq!(
        outcomes(&t, &tip).await,
        [("hold_prolonged".to_owned(), json!(20_000_000))]
    );

    // The chain goes on at its end alone.
    let refused = renew(&officer, &hold, json!({})).await.problem(409);
    assert_eq!(refused["code"], "already_renewed");
    assert!(
        refused["detail"]
            .as_str()
            .unwrap()
            .contains(second["id"].as_str().unwrap())
    );
    let third = renew(&officer, &second, json!({})).await.expect(201);
    assert_eq!(third["amount_vnd"], 20_000_000);
    complete(&t, &third, json!({"outcome": "frozen"})).await;
    assert_eq!(counted(&t, &officer, None).await.0, 20_000_000);
    let fourth = renew(&officer, &third, json!({})).await.expect(201);
    complete(&t, &fourth, json!({"outcome": "withdrawn"})).await;
    let (recovered, frozen, figures) = counted(&t, &officer, None).await;
    assert_eq!((recovered, frozen), (0, 0));
    assert_eq!(figures["released_vnd"], 31_000_000);
    assert_eq!(
        outcomes(&t, &tip).await,
        [("hold_ended".to_owned(), json!(null))]
    );
    let refused = renew(&officer, &fourth, json!({})).await.problem(409);
    assert_eq!(refused["code"], "wrong_state");

    // All of it may be asked for anew.
    let account = &hold["indicators"][0]["indicator_id"];
    let body = json!({"kind": "freeze_funds", "agency": "bank_970436", "tip_id": tip["id"], "indicator_ids": [account]});
    let anew = officer.post("/v1/referrals").json(&body).send().await;
    assert_eq!(anew.expect(201)["amount_vnd"], 48_000_000);
}

#[actix_web::test]
async fn a_renewal_that_is_declined_or_recalled_leaves_the_hold_as_it_was() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let (tip, hold) = held(&t, &officer, 31_000_000).await;
    let bank = agency(&t, "bank_970436");
    let why = json!({"reason": "Chưa đủ hồ sơ."});
    let declined = renew(&officer, &hold, json!({})).await.expect(201);
    bank.post(&path(&declined, "/decline"))
        .json(&why)
        .send()
        .await
        .expect(200);
    let recalled = renew(&officer, &hold, json!({})).await.expect(201);
    officer
        .post(&path(&recalled, "/recall"))
        .json(&why)
        .send()
        .await
        .expect(200);
    // One that nobody answers in time is taken back by itself.
    let late = renew(
        &officer,
        &hold,
        json!({"expires_at": "2026-11-27T02:00:00Z"}),
    )
    .await;
    let late = late.expect(201);
    t.clock.advance(Duration::from_secs(80 * HOUR));
    t.settle().await;
    assert_eq!(show(&officer, &late).await["state"], "recalled");
    assert_eq!(counted(&t, &officer, None).await.0, 31_000_000);
    assert_eq!(
        outcomes(&t, &tip).await,
        [("funds_partly_frozen".to_owned(), json!(31_000_000))]
    );
    assert_eq!(show(&officer, &hold).await["renewed_by"], json!([]));
    // Shortly after its end it can still be prolonged.
    let sent = renew(&officer, &hold, json!({})).await.expect(201);
    assert_eq!(sent["expires_at"], "2026-11-30T09:20:00Z", "from now on");
}

#[actix_web::test]
async fn a_renewal_keeps_to_what_its_freeze_holds() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let mut two = transfer();
    two["indicators"][0] = json!({"kind": "bank_account", "value": "0011002233446", "bank": "VCB"});
    two["losses"] = json!([{"amount_vnd": 18_000_000, "to_indicator": 0}, {"amount_vnd": 30_000_000, "to_indicator": 1}]);
    let tip = report(&t, &two).await;
    let hold = frozen(&t, &officer, &tip, &[(0, 10_000_000), (1, 21_000_000)]).await;
    let other = report(&t, &transfer()).await;
    let ids: Vec<Value> = (0..2)
        .map(|at| hold["indicators"][at]["indicator_id"].clone())
        .collect();
    for (wish, pointer, code) in [
        (json!({"agency": "bank_970422"}), "/agency", "other_holder"),
        (json!({"tip_id": other["id"]}), "/tip_id", "other_origin"),
        (
            json!({"amount_vnd": 31_000_001}),
            "/amount_vnd",
            "over_frozen",
        ),
        (
            json!({"indicator_ids": [ids[0]], "amount_vnd": 10_000_001}),
            "/amount_vnd",
            "over_frozen",
        ),
        (
            json!({"indicator_ids": [ids[0], tip["id"]]}),
            "/indicator_ids/1",
            "not_frozen",
        ),
        (
            json!({"expires_at": "2026-11-26T01:20:00Z"}),
            "/expires_at",
            "not_later",
        ),
        (json!({"renews": tip["id"]}), "/renews", "not_found"),
        (
            json!({"kind": "takedown", "agency": "hosting_platform"}),
            "/renews",
            "not_a_freeze",
        ),
    ] {
        let refused = renew(&officer, &hold, wish.clone()).await.problem(422);
        assert_eq!(
            refused["errors"][0]["pointer"], pointer,
            "{wish}: {refused}"
        );
        assert_eq!(refused["errors"][0]["code"], code, "{refused}");
    }
    // Each account by itself, one after the other.
    let first = renew(&officer, &hold, json!({"indicator_ids": [ids[0]]}))
        .await
        .expect(201);
    assert_eq!(first["amount_vnd"], 10_000_000);
    renew(&officer, &hold, json!({"indicator_ids": [ids[1]]}))
        .await
        .problem(409);
    complete(&t, &first, json!({"outcome": "refused"})).await;
    assert_eq!(counted(&t, &officer, None).await.0, 21_000_000);
    let told = outcomes(&t, &tip).await;
    assert_eq!(
        told[0],
        ("funds_partly_frozen".to_owned(), json!(21_000_000)),
        "{told:?}"
    );
    renew(&officer, &hold, json!({"indicator_ids": [ids[0]]}))
        .await
        .problem(409);
    let second = renew(&officer, &hold, json!({})).await.expect(201);
    assert_eq!(second["indicators"].as_array().unwrap().len(), 1);
    assert_eq!(second["amount_vnd"], 21_000_000);
    complete(&t, &second, json!({"outcome": "frozen"})).await;
    assert_eq!(counted(&t, &officer, None).await.0, 21_000_000);
    let shown = show(&officer, &hold).await;
    assert_eq!(shown["renewed_by"], json!([first["id"], second["id"]]));
    let open = renew(&officer, &first, json!({})).await.problem(409);
    assert_eq!(open["code"], "wrong_state", "nothing is held there");

    // Where the bank did not say how much it holds where, all are prolonged together.
    let mut three = two.clone();
    three["indicators"][0]["value"] = json!("0011002233447");
    three["indicators"][1]["value"] = json!("0011002233448");
    let tip = report(&t, &three).await;
    let at = format!("/v1/tips/{}", tip["id"].as_str().unwrap());
    let seen = officer.get(&at).send().await.expect(200);
    let ids = [&seen["indicators"][0]["id"], &seen["indicators"][1]["id"]];
    let body = json!({"kind": "freeze_funds", "agency": "bank_970436", "tip_id": tip["id"], "indicator_ids": ids});
    let sent = officer
        .post("/v1/referrals")
        .json(&body)
        .send()
        .await
        .expect(201);
    let hold = complete(
        &t,
        &sent,
        json!({"outcome": "partly_frozen", "amount_vnd": 5_000_000}),
    )
    .await;
    let refused = renew(&officer, &hold, json!({"indicator_ids": [ids[0]]}))
        .await
        .problem(422);
    assert_eq!(refused["errors"][0]["code"], "not_divided");
    let sent = renew(&officer, &hold, json!({})).await.expect(201);
    complete(&t, &sent, json!({"outcome": "frozen"})).await;
    assert_eq!(counted(&t, &officer, None).await.0, 26_000_000);
    assert_eq!(
        outcomes(&t, &tip).await,
        [("hold_prolonged".to_owned(), json!(5_000_000))]
    );
}

#[actix_web::test]
async fn a_hold_of_a_tip_is_prolonged_for_its_case() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let (tip, hold) = held(&t, &officer, 31_000_000).await;
    let case = json!({"title": "Giả danh công an", "tip_ids": [tip["id"]]});
    let case = officer
        .post("/v1/cases")
        .json(&case)
        .send()
        .await
        .expect(201);
    let sent = renew(&officer, &hold, json!({"case_id": case["id"]}))
        .await
        .expect(201);
    assert_eq!(
        (&sent["tip_id"], &sent["case_id"]),
        (&json!(null), &case["id"])
    );
    complete(
        &t,
        &sent,
        json!({"outcome": "partly_frozen", "amount_vnd": 9_000_000}),
    )
    .await;
    assert_eq!(counted(&t, &officer, Some(&case)).await.0, 9_000_000);
    // The sum of a case belongs to several.
    assert_eq!(
        outcomes(&t, &tip).await,
        [("hold_prolonged".to_owned(), json!(null))]
    );
    let next = renew(&officer, &sent, json!({})).await.expect(201);
    assert_eq!(next["case_id"], case["id"]);
}
