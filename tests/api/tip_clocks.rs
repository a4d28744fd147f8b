//! The clocks of a tip: on its way through a commune, and to another body.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::case_clocks::{HOUR, look, report};
use crate::cases::{ALL, at, deadline, open, tip};
use crate::support::{Client, TestApp};

/// A clock of a tip: when it ends, its state and when it was met.
async fn clock(officer: &Client, tip: &str, code: &str) -> Value {
    let shown = officer.get(&format!("/v1/tips/{tip}")).send().await;
    let shown = shown.expect(200);
    let all = shown["deadlines"].as_array().unwrap().iter();
    let found = all.clone().find(|d| d["code"] == code).unwrap();
    json!([found["due_at"], found["state"], found["met_at"]])
}

#[actix_web::test]
async fn a_transferred_tip_is_sent_on_by_its_referral_or_by_the_decision() {
    let t = TestApp::new().await;
    let scopes = [ALL, &[Scope::ReferralsRead, Scope::ReferralsWrite]].concat();
    let officer = t.officer(&scopes);
    let transfer = async |agency: &str| {
        let (id, receipt) = report(&t, &json!({"narrative": agency})).await;
        officer
            .put(&format!("/v1/tips/{id}/claim"))
            .send()
            .await
            .expect(200);
        let decision =
            json!({"decision": "transfer", "reason": "out_of_competence", "agency": agency});
        let call = officer
            .post(&format!("/v1/tips/{id}/decisions"))
            .json(&decision);
        call.send().await.expect(200);
        t.settle().await;
        (id, receipt)
    };
    let (referred, receipt) = transfer("other_police").await;
    let (dropped, _) = transfer("other_police").await;
    assert_eq!(
        clock(&officer, &referred, "transfer_out").await,
        json!(["2026-11-25T01:20:00Z", "pending", null])
    );
    let path = "/v1/referrals?state=proposed&kind=transfer_jurisdiction";
    let proposed = officer.get(path).send().await.expect(200);
    let of = |tip: &str| {
        let all = proposed["items"].as_array().unwrap().iter();
        let mut found = all.filter(|one| one["tip_id"] == tip);
        format!(
            "/v1/referrals/{}",
            found.next().unwrap()["id"].as_str().unwrap()
        )
    };
    t.clock.advance(HOUR * 25);
    assert_eq!(
        clock(&officer, &referred, "transfer_out").await[1],
        "overdue"
    );
    let shown = look(&t, &receipt).await;
    let late = shown["deadlines"]
        .as_array()
        .unwrap()
        .iter()
        .find(|d| d["code"] == "transfer_out");
    assert_eq!(late.unwrap()["state"], "overdue");
    officer
        .post(&format!("{}/send", of(&referred)))
        .send()
        .await
        .expect(200);
    assert_eq!(
        clock(&officer, &referred, "transfer_out").await,
        json!(["2026-11-25T01:20:00Z", "met", "2026-11-25T02:20:00Z"])
    );
    let shown = look(&t, &receipt).await;
    let met = shown["deadlines"]
        .as_array()
        .unwrap()
        .iter()
        .find(|d| d["code"] == "transfer_out");
    assert_eq!(met.unwrap()["state"], "met");
    // An officer who drops the proposal sends the tip on otherwise.
    let discard = officer.post(&format!("{}/discard", of(&dropped)));
    let reason = json!({"reason": "Gửi bằng văn bản."});
    discard.json(&reason).send().await.expect(200);
    assert_eq!(clock(&officer, &dropped, "transfer_out").await[1], "met");
}

#[actix_web::test]
async fn a_commune_passes_an_urgent_tip_on_within_a_day_and_any_other_within_a_week() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let there = json!({"unit_code": "03127"});
    let small = tip(
        &t,
        json!({"narrative": "Bán hàng không giao", "location": there}),
    )
    .await;
    let large = json!({"narrative": "Bán đất ảo", "location": there,
        "losses": [{"amount_vnd": 200_000_000, "transferred_at": "2026-10-24T01:00:00Z"}]});
    let large = tip(&t, large).await;
    let week = json!(["2026-12-01T17:00:00Z", "pending", null]);
    assert_eq!(clock(&officer, &small, "commune_normal").await, week);
    assert_eq!(
        clock(&officer, &small, "commune_urgent").await[1],
        "not_applicable"
    );
    let day = json!(["2026-11-25T01:20:00Z", "pending", null]);
    let shown = officer
        .get(&format!("/v1/tips/{large}"))
        .send()
        .await
        .expect(200);
    assert_eq!(shown["desk"], "commune_03127", "routing");
    assert_eq!(clock(&officer, &large, "commune_urgent").await, day);
    t.clock.advance(HOUR * 2);
    let hand = async |tip: &str, desk: &str| {
        let call = officer.post(&format!("/v1/tips/{tip}/handover"));
        call.json(&json!({"desk": desk})).send().await.expect(200)
    };
    // Another commune is no body that resolves it.
    hand(&large, "commune_03334").await;
    assert_eq!(clock(&officer, &large, "commune_urgent").await, day);
    hand(&large, "economic").await;
    let met = json!(["2026-11-25T01:20:00Z", "met", "2026-11-24T03:20:00Z"]);
    assert_eq!(clock(&officer, &large, "commune_urgent").await, met);
    // What the province hands to a commune was not received there.
    let elsewhere = tip(
        &t,
        json!({"narrative": "x", "method": "impersonate_police_court"}),
    )
    .await;
    hand(&elsewhere, "commune_03127").await;
    for code in ["commune_normal", "commune_urgent"] {
        assert_eq!(clock(&officer, &elsewhere, code).await[1], "not_applicable");
    }
    // A case shows the way of its earliest tip; what a commune's chief decides is passed on no further.
    let case = open(&officer, &[small, large]).await;
    let week = ("2026-12-01T17:00:00Z".to_owned(), "met".to_owned());
    assert_eq!(deadline(&officer, &case, "commune_normal").await, week);
}

#[actix_web::test]
async fn a_tip_entered_for_a_commune_was_received_there_and_passed_on() {
    let t = TestApp::new().await;
    let officer = t.officer(&[ALL, &[Scope::TipsSubmit]].concat());
    t.clock.set(at("2026-11-26T02:00:00Z"));
    let body = json!({"narrative": "Người dân báo tại xã", "method": "impersonate_police_court",
        "location": {"unit_code": "03127"}, "in_danger_now": true,
        "reception": {"channel": "commune_police", "received_at": "2026-11-24T08:00:00+07:00"}});
    let entered = officer
        .post("/v1/tips")
        .json(&body)
        .send()
        .await
        .expect(201);
    let id = entered["id"].as_str().unwrap();
    assert_eq!(
        clock(&officer, id, "commune_urgent").await,
        json!(["2026-11-25T01:00:00Z", "met", "2026-11-26T02:00:00Z"]),
        "late"
    );
}

#[actix_web::test]
async fn remote_communes_and_the_counting_of_days_are_data() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let told = json!({"narrative": "Bán đất ảo", "location": {"unit_code": "03127"}, "losses": [{"amount_vnd": 200_000_000}]});
    let tip = tip(&t, told).await;
    assert_eq!(
        clock(&officer, &tip, "commune_urgent").await[0],
        "2026-11-25T01:20:00Z"
    );
    assert_eq!(
        clock(&officer, &tip, "notify_vks_reception").await[0],
        "2026-11-27T17:00:00Z"
    );
    let state = &t.running.state;
    let mut conn = state.db.get().await.unwrap();
    let mut document = state.reference.get().documents["legal_process"].clone();
    document["remote_communes"] = json!(["03127"]);
    document["time_rules"]["event_day_counted"] = true.into();
    tinbao::reference::load_document(&mut conn, "legal_process", &document, "test", t.clock.now())
        .await
        .unwrap();
    state.reference.refresh(&mut conn).await.unwrap();
    assert_eq!(
        clock(&officer, &tip, "commune_urgent").await[0],
        "2026-11-26T01:20:00Z"
    );
    assert_eq!(
        clock(&officer, &tip, "notify_vks_reception").await[0],
        "2026-11-26T17:00:00Z"
    );
}

#[actix_web::test]
async fn the_clocks_of_a_tip_that_is_entered_later_run_from_its_reception() {
    let t = TestApp::new().await;
    let officer = t.officer(&[ALL, &[Scope::TipsSubmit]].concat());
    let body = |received_at: &str| {
        json!({"narrative": "Người dân đến báo", "method": "impersonate_police_court",
            "reporter": {"name": "Lò Văn Thử", "phone": "0912345678"},
            "reception": {"channel": "in_person", "received_at": received_at}})
    };
    let enter = async |received_at: &str| {
        let call = officer.post("/v1/tips").json(&body(received_at));
        call.send().await.expect(201)
    };
    // Friday at ten; it is entered on Tuesday.
    let entered = enter("2026-11-20T10:00:00+07:00").await;
    assert_eq!(entered["received_at"], "2026-11-24T01:20:00Z");
    let id = entered["id"].as_str().unwrap().to_owned();
    for (code, due_at, state) in [
        ("classify", "2026-11-21T03:00:00Z", "overdue"),
        ("notify_vks_reception", "2026-11-23T17:00:00Z", "overdue"),
        (
            "notify_reporter_reception",
            "2026-11-25T17:00:00Z",
            "pending",
        ),
    ] {
        assert_eq!(
            clock(&officer, &id, code).await,
            json!([due_at, state, null]),
            "{code}"
        );
    }
    t.settle().await;
    let late = officer.get("/v1/triage/queue?overdue=true").send().await;
    let late = late.expect(200);
    assert_eq!(late["items"][0]["id"], id.as_str(), "{late}");

    // He was told when he came.
    let told = officer.put(&format!("/v1/tips/{id}/notices/notify_reporter_reception"));
    let told = told.json(&json!({"channel": "in_person", "sent_at": "2026-11-20T03:10:00Z"}));
    told.send().await.expect(200);
    assert_eq!(
        clock(&officer, &id, "notify_reporter_reception").await[1],
        "met"
    );

    // The case that begins with it has the same start, and its reporter is the one who began it.
    let case = open(&officer, std::slice::from_ref(&id)).await;
    assert_eq!(case["received_at"], "2026-11-20T03:00:00Z");
    let due = ("2026-12-10T17:00:00Z".to_owned(), "pending".to_owned());
    assert_eq!(deadline(&officer, &case, "resolve").await, due);
    let plain = tip(&t, json!({"narrative": "Tôi bị lừa"})).await;
    let joins = json!({"tip_ids": [plain]});
    let join = officer.post(&crate::cases::path(&case, "/tips"));
    join.json(&joins).send().await.expect(200);
    assert_eq!(
        deadline(&officer, &case, "resolve").await,
        due,
        "the earliest"
    );
    let leave = officer.delete(&crate::cases::path(&case, "/tips"));
    let leave = leave.json(&json!({"tip_ids": [id]}));
    leave.send().await.expect(200);
    let later = ("2026-12-14T17:00:00Z".to_owned(), "pending".to_owned());
    assert_eq!(deadline(&officer, &case, "resolve").await, later);

    // A time to come or none at all is warned of, and the entry counts.
    for (received_at, code) in [
        ("2026-11-25T10:00:00Z", "in_future"),
        ("hôm qua", "invalid_date"),
    ] {
        let entered = enter(received_at).await;
        let warning = &entered["warnings"][0];
        assert_eq!(warning["pointer"], "/reception/received_at", "{entered}");
        assert_eq!(warning["code"], code, "{entered}");
        let id = entered["id"].as_str().unwrap();
        assert_eq!(
            clock(&officer, id, "classify").await[0],
            "2026-11-25T01:20:00Z"
        );
    }
    // A citizen cannot set the clock back.
    let sent = t
        .citizen()
        .post("/v1/tips")
        .json(&body("2026-11-20T10:00:00+07:00"));
    let sent = sent.send().await.expect(201);
    let id = sent["id"].as_str().unwrap();
    assert_eq!(
        clock(&officer, id, "classify").await[0],
        "2026-11-25T01:20:00Z"
    );
}

#[actix_web::test]
async fn the_minutes_of_a_referral_run_from_when_the_police_were_told() {
    let t = TestApp::new().await;
    let scopes = [
        ALL,
        &[
            Scope::TipsSubmit,
            Scope::ReferralsRead,
            Scope::ReferralsWrite,
        ],
    ]
    .concat();
    let officer = t.officer(&scopes);
    let mut body = crate::referrals::transfer();
    body["reception"] = json!({"channel": "in_person", "received_at": "2026-11-24T01:10:00Z"});
    let tip = officer
        .post("/v1/tips")
        .json(&body)
        .send()
        .await
        .expect(201);
    t.settle().await;
    // What a rule proposes, and what an officer issues.
    let proposed = crate::referrals::list(&officer, "?state=proposed&kind=freeze_funds").await;
    let send = officer.post(&crate::referrals::path(&proposed[0], "/send"));
    let proposed = send.send().await.expect(200);
    let note = json!({"kind": "notify_procuracy", "agency": "procuracy", "tip_id": tip["id"],
        "note": "Thông báo", "legal_basis": "BLTTHS 145"});
    let issued = officer
        .post("/v1/referrals")
        .json(&note)
        .send()
        .await
        .expect(201);
    for referral in [proposed, issued] {
        assert_eq!(referral["minutes"]["report_to_sent"], 10, "{referral}");
    }
}

#[actix_web::test]
async fn a_tip_that_leaves_its_case_is_to_be_classified_again() {
    let t = TestApp::new().await;
    let officer = t.officer(&[ALL, &[Scope::StatsRead]].concat());
    let body = json!({"narrative": "Tôi bị lừa", "reporter": {"name": "Lò Văn Thử"}});
    let (id, receipt) = report(&t, &body).await;
    t.clock.advance(HOUR);
    let case = open(&officer, std::slice::from_ref(&id)).await;
    for decision in ["assign", "verify"] {
        let body = json!({"decision": decision});
        let moved = crate::cases::decide(&officer, &case, body).await;
        moved.expect(200);
    }
    let decided = crate::case_decisions::legal("not_prosecute");
    let decided = crate::cases::decide(&officer, &case, decided).await;
    decided.expect(200);
    look(&t, &receipt).await;
    t.clock.set(at("2026-12-20T01:00:00Z"));
    let leave = officer.delete(&crate::cases::path(&case, "/tips"));
    let leave = leave.json(&json!({"tip_ids": [id]}));
    leave.send().await.expect(200);

    // From the day on which it came back, not from its reception.
    let waits = json!(["2026-12-21T01:00:00Z", "pending", null]);
    assert_eq!(clock(&officer, &id, "classify").await, waits);
    let shown = look(&t, &receipt).await;
    assert!(
        !shown["status_text"].as_str().unwrap().contains("chậm"),
        "{shown}"
    );
    let told = "notify_reporter_result";
    assert_eq!(clock(&officer, &id, told).await[1], "not_applicable");
    let overdue = async || {
        let list = officer.get("/v1/triage/queue?overdue=true").send().await;
        list.expect(200)["items"].as_array().unwrap().len()
    };
    assert_eq!(overdue().await, 0);
    t.clock.set(at("2026-12-21T01:00:01Z"));
    assert_eq!(clock(&officer, &id, "classify").await[1], "overdue");
    assert_eq!(overdue().await, 1);
    // That the first limit was kept stays true in the figures.
    let figures = officer
        .get("/v1/stats/deadlines?from=2026-11-01&to=2026-11-30")
        .send()
        .await
        .expect(200);
    let classify = figures["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["code"] == "classify")
        .unwrap();
    assert_eq!(
        (&classify["met"], &classify["overdue"]),
        (&json!(1), &json!(0))
    );

    let claim = officer.put(&format!("/v1/tips/{id}/claim"));
    claim.send().await.expect(200);
    let decide = officer.post(&format!("/v1/tips/{id}/decisions"));
    let dismissal = json!({"decision": "dismiss", "reason": "civil_matter"});
    let decision = decide.json(&dismissal).send().await.expect(200);
    let late = json!(["2026-12-21T01:00:00Z", "met", "2026-12-21T01:00:01Z"]);
    assert_eq!(clock(&officer, &id, "classify").await, late);
    // What was told of the case is not told of the dismissal.
    assert_eq!(clock(&officer, &id, told).await[1], "pending");
    t.clock.advance(HOUR / 60);
    let undo = decision["id"].as_str().unwrap();
    let undo = officer.delete(&format!("/v1/tips/{id}/decisions/{undo}"));
    assert_eq!(undo.send().await.status, 204);
    assert_eq!(clock(&officer, &id, "classify").await[1], "overdue");
    let decide = officer.post(&format!("/v1/tips/{id}/decisions"));
    decide.json(&dismissal).send().await.expect(200);
    assert_eq!(clock(&officer, &id, told).await[1], "pending");
    look(&t, &receipt).await;
    assert_eq!(clock(&officer, &id, told).await[1], "met");
    // What its reporter adds brings it back, and the clock runs once more.
    t.clock.set(at("2027-01-10T01:00:00Z"));
    let add = t.anyone().patch("/v1/receipt");
    let add = add.header("Tip-Receipt", &receipt);
    add.json(&json!({"narrative": "Nó vừa gọi lại."}))
        .send()
        .await
        .expect(200);
    let waits = json!(["2027-01-11T01:00:00Z", "pending", null]);
    assert_eq!(clock(&officer, &id, "classify").await, waits);
}
