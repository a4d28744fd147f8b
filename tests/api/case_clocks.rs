//! What starts, meets and ends the clocks of tips and cases.

use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::cases::{ALL, at, deadline, decide, open, path, tip};
use crate::support::{Client, Reply, TestApp, rows};

const HOUR: Duration = Duration::from_secs(3_600);

fn legal(decision: &str) -> Value {
    json!({"decision": decision, "legal_basis": "BLTTHS 147", "document_number": "12/QĐ-CSĐT"})
}

fn dated(mut decision: Value, decided_at: &str) -> Value {
    decision["decided_at"] = decided_at.into();
    decision
}

/// A case that is being verified.
async fn verifying(t: &TestApp, officer: &Client, tips: &[String]) -> Value {
    let case = open(t, officer, tips).await;
    for decision in ["assign", "verify"] {
        let moved = decide(officer, &case, json!({"decision": decision})).await;
        moved.expect(200);
    }
    case
}

async fn act(officer: &Client, case: &Value, body: Value) -> Reply {
    officer.post(&path(case, "/acts")).json(&body).send().await
}

async fn state(officer: &Client, case: &Value, code: &str) -> String {
    deadline(officer, case, code).await.1
}

/// A clock of a tip: when it ends, its state and when it was met.
async fn clock(officer: &Client, tip: &str, code: &str) -> Value {
    let shown = officer.get(&format!("/v1/tips/{tip}")).send().await;
    let shown = shown.expect(200);
    let all = shown["deadlines"].as_array().unwrap().iter();
    let found = all.clone().find(|d| d["code"] == code).unwrap();
    json!([found["due_at"], found["state"], found["met_at"]])
}

fn named(n: u8) -> Value {
    json!({"narrative": format!("tin {n}"), "reporter": {"name": "Lò Văn Thử", "phone": format!("09123456{n:02}")}})
}

/// Sends a tip; its id and its receipt.
async fn report(t: &TestApp, body: &Value) -> (String, String) {
    let sent = t.citizen().post("/v1/tips").json(body).send().await;
    let sent = sent.expect(201);
    let text = |name: &str| sent[name].as_str().unwrap().to_owned();
    (text("id"), text("receipt"))
}

async fn look(t: &TestApp, receipt: &str) -> Value {
    let call = t.anyone().get("/v1/receipt").header("Tip-Receipt", receipt);
    call.send().await.expect(200)
}

#[actix_web::test]
async fn a_case_of_anonymous_tips_owes_no_notice_to_anybody() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let tips = [
        tip(&t, json!({"narrative": "một"})).await,
        tip(&t, json!({"narrative": "hai"})).await,
    ];
    let case = open(&t, &officer, &tips).await;
    let empty = open(&t, &officer, &[]).await;
    t.clock.advance(HOUR * 24 * 30);
    t.settle().await;
    for case in [&case, &empty] {
        for code in ["notify_reporter_reception", "notify_reporter_result"] {
            assert_eq!(state(&officer, case, code).await, "not_applicable");
        }
        assert_eq!(
            state(&officer, case, "notify_vks_reception").await,
            "overdue"
        );
    }
    // Who adds an identity by receipt is owed it from then on.
    let (late, receipt) = report(&t, &json!({"narrative": "ba"})).await;
    let case = open(&t, &officer, &[late]).await;
    assert_eq!(
        state(&officer, &case, "notify_reporter_reception").await,
        "not_applicable"
    );
    let add = t
        .anyone()
        .patch("/v1/receipt")
        .header("Tip-Receipt", &receipt);
    let reporter = json!({"reporter": {"name": "Lò Văn Thử", "phone": "0912345678"}});
    add.json(&reporter).send().await.expect(200);
    assert_eq!(
        state(&officer, &case, "notify_reporter_reception").await,
        "pending"
    );
}

#[actix_web::test]
async fn a_case_knows_what_each_of_its_reporters_was_told() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let (one, first) = report(&t, &named(1)).await;
    let (two, second) = report(&t, &named(2)).await;
    let nameless = tip(&t, json!({"narrative": "ba"})).await;
    let case = open(&t, &officer, &[one, two.clone(), nameless]).await;
    let code = "notify_reporter_reception";
    assert_eq!(state(&officer, &case, code).await, "pending");
    t.clock.advance(HOUR);
    look(&t, &first).await;
    assert_eq!(state(&officer, &case, code).await, "pending", "one of two");
    t.clock.advance(HOUR);
    look(&t, &second).await;
    let all = officer
        .get(&path(&case, "/deadlines"))
        .send()
        .await
        .expect(200);
    let met = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|d| d["code"] == code);
    assert_eq!(
        (&met.unwrap()["state"], &met.unwrap()["met_at"]),
        (&json!("met"), &json!("2026-11-24T03:20:00Z")),
        "when the last was told"
    );
    // Of what is met nothing is announced, and the case is due by what remains.
    let act_of = |name: &str| act(&officer, &case, json!({"act": name}));
    act_of("procuracy_told_of_reception").await.expect(200);
    decide(&officer, &case, json!({"decision": "assign"}))
        .await
        .expect(200);
    t.clock.advance(HOUR * 24 * 5);
    t.settle().await;
    let over = rows(
        &t,
        "select data->>'code' as cell from journal where type = 'deadline.overdue'",
    );
    assert_eq!(over.await, Vec::<String>::new());
    // One who joins late is owed the notice too.
    let (three, third) = report(&t, &named(3)).await;
    let more = json!({"tip_ids": [three]});
    officer
        .post(&path(&case, "/tips"))
        .json(&more)
        .send()
        .await
        .expect(200);
    assert_ne!(state(&officer, &case, code).await, "met");
    look(&t, &third).await;
    assert_eq!(state(&officer, &case, code).await, "met");
    // The result is another notice.
    let case = path(&case, "");
    let case = officer.get(&case).send().await.expect(200);
    decide(&officer, &case, json!({"decision": "verify"}))
        .await
        .expect(200);
    decide(&officer, &case, legal("not_prosecute"))
        .await
        .expect(200);
    assert_eq!(
        state(&officer, &case, "notify_reporter_result").await,
        "pending"
    );
}

/// The case is refreshed when a reporter fetches the notice, or an officer records how it was sent.
#[actix_web::test]
async fn a_case_is_no_longer_due_by_a_notice_that_was_fetched() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let (one, receipt) = report(&t, &named(1)).await;
    let (two, _) = report(&t, &named(2)).await;
    let case = open(&t, &officer, &[one, two.clone()]).await;
    act(
        &officer,
        &case,
        json!({"act": "procuracy_told_of_reception"}),
    )
    .await
    .expect(200);
    decide(&officer, &case, json!({"decision": "assign"}))
        .await
        .expect(200);
    let due =
        async || officer.get(&path(&case, "")).send().await.expect(200)["next_due_at"].clone();
    assert_eq!(due().await, "2026-11-27T17:00:00Z");
    look(&t, &receipt).await;
    let put = officer.put(&format!("/v1/tips/{two}/notices/notify_reporter_reception"));
    put.json(&json!({"channel": "letter"}))
        .send()
        .await
        .expect(200);
    t.settle().await;
    assert_eq!(due().await, "2026-12-07T17:00:00Z");
}

#[actix_web::test]
async fn a_finding_of_no_competence_starts_the_day_within_which_a_case_is_transferred() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let finding = json!({"act": "no_competence_found"});
    let early = open(&t, &officer, &[]).await;
    let refused = act(&officer, &early, finding.clone()).await.problem(409);
    assert_eq!(refused["code"], "wrong_state");
    let (found, slow, at_once) = (
        verifying(&t, &officer, &[]).await,
        verifying(&t, &officer, &[]).await,
        verifying(&t, &officer, &[]).await,
    );
    t.clock.set(at("2026-11-30T02:00:00Z"));
    for case in [&found, &slow] {
        act(&officer, case, finding.clone()).await.expect(200);
        let due = ("2026-12-01T02:00:00Z".to_owned(), "pending".to_owned());
        assert_eq!(deadline(&officer, case, "transfer_out").await, due);
    }
    let before = dated(legal("transfer"), "2026-11-30T01:59:59Z");
    let refused = decide(&officer, &found, before).await.problem(422);
    assert_eq!(refused["errors"][0]["code"], "before_last_decision");
    t.clock.advance(HOUR * 3);
    decide(&officer, &found, legal("transfer"))
        .await
        .expect(200);
    assert_eq!(state(&officer, &found, "transfer_out").await, "met");
    let acts = format!(
        "select act as cell from case_acts where case_id = '{}' and act in
         ('no_competence_found', 'transferred_out') order by act",
        found["id"].as_str().unwrap()
    );
    assert_eq!(
        rows(&t, &acts).await,
        ["no_competence_found", "transferred_out"]
    );
    decide(&officer, &at_once, legal("transfer"))
        .await
        .expect(200);
    assert_eq!(state(&officer, &at_once, "transfer_out").await, "met");
    t.clock.advance(HOUR * 24);
    assert_eq!(state(&officer, &slow, "transfer_out").await, "overdue");
    decide(&officer, &slow, legal("prosecute"))
        .await
        .expect(200);
    assert_eq!(
        state(&officer, &slow, "transfer_out").await,
        "not_applicable"
    );
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
    let (on_paper, _) = transfer("bank_970436").await;
    let (dropped, _) = transfer("other_police").await;
    // A bank takes no such referral: it gets the matter on paper, with the decision.
    assert_eq!(
        clock(&officer, &on_paper, "transfer_out").await,
        json!(["2026-11-25T01:20:00Z", "met", "2026-11-24T01:20:00Z"])
    );
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
async fn no_decision_lies_before_the_last_one() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let case = verifying(&t, &officer, &[]).await;
    t.clock.set(at("2026-12-10T02:00:00Z"));
    decide(&officer, &case, legal("extend")).await.expect(200);
    t.clock.set(at("2027-01-27T02:00:00Z"));
    let before = dated(legal("prosecute"), "2026-12-09T02:00:00Z");
    let refused = decide(&officer, &case, before).await.problem(422);
    assert_eq!(
        (
            &refused["errors"][0]["pointer"],
            &refused["errors"][0]["code"]
        ),
        (&json!("/decided_at"), &json!("before_last_decision")),
        "{refused}"
    );
    let suspend = json!({"decision": "suspend", "legal_basis": "BLTTHS 148(1)a", "document_number": "13/QĐ-CSĐT"});
    decide(&officer, &case, suspend).await.expect(200);
    t.clock.set(at("2027-02-01T02:00:00Z"));
    let before = dated(legal("resume"), "2027-01-27T01:59:59Z");
    decide(&officer, &case, before).await.problem(422);
    assert_eq!(
        state(&officer, &case, "resume_limit").await,
        "not_applicable"
    );
    // At the very moment is not before.
    let same = dated(legal("resume"), "2027-01-27T02:00:00Z");
    decide(&officer, &case, same).await.expect(200);
    assert_eq!(state(&officer, &case, "resume_limit").await, "pending");
}

#[actix_web::test]
async fn nothing_is_extended_once_the_extension_would_be_over() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let (late, extended) = (
        verifying(&t, &officer, &[]).await,
        verifying(&t, &officer, &[]).await,
    );
    // Two months end with Monday, 25 January 2027; four with Wednesday, 24 March.
    t.clock.set(at("2027-01-25T17:00:01Z"));
    let refused = decide(&officer, &late, legal("extend")).await.problem(409);
    let detail = refused["detail"].as_str().unwrap();
    assert!(
        detail.contains("two months") && detail.contains("147(2)"),
        "{refused}"
    );
    let in_time = dated(legal("extend"), "2027-01-25T17:00:00Z");
    decide(&officer, &extended, in_time).await.expect(200);
    t.clock.set(at("2027-03-24T17:00:01Z"));
    let refused = decide(&officer, &extended, legal("extend_by_procuracy")).await;
    let refused = refused.problem(409);
    let detail = refused["detail"].as_str().unwrap();
    assert!(
        detail.contains("four months") && detail.contains("147(2)"),
        "{refused}"
    );
    let in_time = dated(legal("extend_by_procuracy"), "2027-03-24T17:00:00Z");
    decide(&officer, &extended, in_time).await.expect(200);
}

#[actix_web::test]
async fn legal_decisions_name_their_law_and_document() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let case = verifying(&t, &officer, &[]).await;
    for (body, wanted) in [
        (
            json!({"decision": "extend"}),
            json!(["/legal_basis", "/document_number"]),
        ),
        (
            json!({"decision": "prosecute", "legal_basis": "BLHS 174"}),
            json!(["/document_number"]),
        ),
        (
            json!({"decision": "not_prosecute", "legal_basis": "  ", "document_number": "1/QĐ"}),
            json!(["/legal_basis"]),
        ),
        (
            json!({"decision": "transfer", "document_number": "1/QĐ"}),
            json!(["/legal_basis"]),
        ),
    ] {
        let refused = decide(&officer, &case, body.clone()).await.problem(422);
        let errors = refused["errors"].as_array().unwrap().iter();
        let pointers: Vec<_> = errors.clone().map(|e| e["pointer"].clone()).collect();
        assert_eq!(json!(pointers), wanted, "{body}");
        assert!(errors.clone().all(|e| e["code"] == "required"), "{refused}");
    }
    // What the law does not allow at all is refused for that.
    let refused = decide(&officer, &case, json!({"decision": "resume"})).await;
    assert_eq!(refused.problem(409)["code"], "unlawful_move");
    assert_eq!(
        officer.get(&path(&case, "")).send().await.expect(200)["state"],
        "verifying"
    );
}

#[actix_web::test]
async fn what_remains_as_an_administrative_offence_goes_to_the_authority_that_fines() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let (plain, offence) = (
        verifying(&t, &officer, &[]).await,
        verifying(&t, &officer, &[]).await,
    );
    let with = |decision: &str| {
        let mut body = legal(decision);
        body["administrative_offence"] = true.into();
        body
    };
    let refused = decide(&officer, &plain, with("prosecute"))
        .await
        .problem(422);
    assert_eq!(refused["errors"][0]["pointer"], "/administrative_offence");
    decide(&officer, &plain, legal("not_prosecute"))
        .await
        .expect(200);
    assert_eq!(
        state(&officer, &plain, "admin_transfer").await,
        "not_applicable"
    );
    decide(&officer, &offence, with("not_prosecute"))
        .await
        .expect(200);
    let due = ("2026-11-27T17:00:00Z".to_owned(), "pending".to_owned());
    assert_eq!(deadline(&officer, &offence, "admin_transfer").await, due);
    act(&officer, &offence, json!({"act": "administrative_offence"}))
        .await
        .problem(422);
    act(
        &officer,
        &offence,
        json!({"act": "administrative_file_sent"}),
    )
    .await
    .expect(200);
    assert_eq!(state(&officer, &offence, "admin_transfer").await, "met");
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
    let case = open(&t, &officer, &[small, large]).await;
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

/// The earliest tip leaves: the clock of the case starts later, and what was done is done.
#[actix_web::test]
async fn a_case_that_loses_its_earliest_tip_loses_nothing_that_was_done() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let early = tip(&t, json!({"narrative": "một"})).await;
    let case = open(&t, &officer, std::slice::from_ref(&early)).await;
    t.clock.advance(HOUR);
    decide(&officer, &case, json!({"decision": "assign"}))
        .await
        .expect(200);
    act(
        &officer,
        &case,
        json!({"act": "procuracy_told_of_reception"}),
    )
    .await
    .expect(200);
    decide(&officer, &case, json!({"decision": "verify"}))
        .await
        .expect(200);
    decide(&officer, &case, legal("extend")).await.expect(200);
    t.clock.advance(HOUR);
    let late = json!({"tip_ids": [tip(&t, json!({"narrative": "hai"})).await]});
    officer
        .post(&path(&case, "/tips"))
        .json(&late)
        .send()
        .await
        .expect(200);
    let out = json!({"tip_ids": [early]});
    let left = officer
        .delete(&path(&case, "/tips"))
        .json(&out)
        .send()
        .await;
    assert_eq!(left.expect(200)["received_at"], "2026-11-24T03:20:00Z");
    t.clock.advance(HOUR * 24 * 25);
    for code in ["assign", "notify_vks_reception", "resolve"] {
        assert_eq!(state(&officer, &case, code).await, "met", "{code}");
    }
}
