//! Answers that come by telephone or letter: an officer records them on behalf of the agency.

use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::referrals::{OFFICER, agency, list, path, receipt, report, transfer};
use crate::support::{Claims, Client, TestApp};

/// A freeze that was reported, proposed and sent.
async fn sent_freeze(t: &TestApp, officer: &Client) -> (Value, Value) {
    let tip = report(t, &transfer()).await;
    let proposal = list(officer, "?state=proposed&kind=freeze_funds")
        .await
        .remove(0);
    let sent = officer.post(&path(&proposal, "/send")).send().await;
    (tip, sent.expect(200))
}

fn by_letter(answer: Value) -> Value {
    let mut body = json!({"received_via": "letter", "document_number": "4711/VCB-PC"});
    body.as_object_mut()
        .unwrap()
        .extend(answer.as_object().unwrap().clone());
    body
}

async fn types_of(t: &TestApp, client: &Client, subject: &str) -> Vec<String> {
    t.settle().await;
    let changes = client.get("/v1/changes?limit=200").send().await.expect(200);
    let items = changes["items"].as_array().unwrap().clone();
    items
        .iter()
        .filter(|event| event["subject"].as_str().unwrap().ends_with(subject))
        .map(|event| event["type"].as_str().unwrap().to_owned())
        .collect()
}

#[actix_web::test]
async fn an_answer_by_letter_is_recorded_for_the_bank_with_what_it_stands_on() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let (tip, sent) = sent_freeze(&t, &officer).await;
    let bank = agency(&t, "bank_970436");
    t.clock.advance(Duration::from_secs(1_800));
    let call = json!({"answer": "acknowledge", "received_via": "phone",
        "received_at": "2026-11-24T01:25:00Z", "document_number": "12/BB-ĐT"});
    let taken = officer
        .post(&path(&sent, "/answers"))
        .json(&call)
        .send()
        .await
        .expect(200);
    assert_eq!(taken["state"], "acknowledged");
    assert_eq!(
        taken["minutes"]["sent_to_acknowledged"], 5,
        "counted from the call"
    );

    let letter = by_letter(
        json!({"answer": "complete", "outcome": "partly_frozen", "amount_vnd": 31_000_000,
        "received_at": "2026-11-24T01:41:00Z"}),
    );
    let record = || officer.post(&path(&sent, "/answers")).json(&letter);
    let done = record()
        .header("Idempotency-Key", "one")
        .send()
        .await
        .expect(200);
    assert_eq!(
        (&done["state"], &done["outcome"]),
        (&json!("completed"), &json!("partly_frozen"))
    );
    assert_eq!(done["minutes"]["report_to_completed"], 21);
    let replayed = record().header("Idempotency-Key", "one").send().await;
    assert_eq!(replayed.expect(200), done);
    assert_eq!(
        record().send().await.problem(409)["code"],
        "already_completed"
    );
    assert_eq!(
        done["recorded_answers"],
        json!([
            {"answer": "acknowledge", "received_via": "phone", "received_at": "2026-11-24T01:25:00Z",
             "document_number": "12/BB-ĐT", "recorded_by": "analyst", "recorded_at": "2026-11-24T01:50:00Z"},
            {"answer": "complete", "received_via": "letter", "received_at": "2026-11-24T01:41:00Z",
             "document_number": "4711/VCB-PC", "recorded_by": "analyst", "recorded_at": "2026-11-24T01:50:00Z"}])
    );

    // The same follows as if the bank had answered itself, and the bank sees what was said in its name.
    let told = receipt(&t, &tip).await;
    assert_eq!(told["outcomes"][0]["code"], "funds_partly_frozen");
    let share = bank.get(&path(&sent, "")).send().await.expect(200);
    assert_eq!(
        share["recorded_answers"][1]["document_number"],
        "4711/VCB-PC"
    );
    assert_eq!(share["recorded_answers"][1]["recorded_by"], json!(null));
    let events = types_of(&t, &bank, sent["id"].as_str().unwrap()).await;
    assert_eq!(
        events,
        [
            "referral.sent",
            "referral.acknowledged",
            "referral.completed"
        ]
    );
    let auditor = t.officer(&[Scope::AuditRead]);
    let page = auditor
        .get("/v1/audit?type=referral.answer_recorded")
        .send()
        .await
        .expect(200);
    let [answer, _call] = page["items"].as_array().unwrap().as_slice() else {
        panic!("two entries: {page}")
    };
    assert_eq!(answer["actor"], "analyst");
    assert_eq!(answer["data"]["document_number"], "4711/VCB-PC");
    assert_eq!(answer["data"]["agency"], "bank_970436");
}

#[actix_web::test]
async fn completing_what_nobody_acknowledged_says_both() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let (_, sent) = sent_freeze(&t, &officer).await;
    let bank = agency(&t, "bank_970436");
    t.clock.advance(Duration::from_secs(600));
    let answer = json!({"outcome": "frozen", "amount_vnd": 48_000_000});
    let done = bank
        .post(&path(&sent, "/complete"))
        .json(&answer)
        .send()
        .await
        .expect(200);
    assert_eq!(done["acknowledged_at"], done["closed_at"]);
    let events = types_of(&t, &bank, sent["id"].as_str().unwrap()).await;
    assert_eq!(
        events,
        [
            "referral.sent",
            "referral.acknowledged",
            "referral.completed"
        ]
    );
}

#[actix_web::test]
async fn an_agency_may_decline_by_telephone() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let (_, sent) = sent_freeze(&t, &officer).await;
    let call = json!({"answer": "decline", "received_via": "phone", "document_number": "13/BB-ĐT",
        "reason": "Tài khoản không thuộc ngân hàng này."});
    let declined = officer
        .post(&path(&sent, "/answers"))
        .json(&call)
        .send()
        .await
        .expect(200);
    assert_eq!(declined["state"], "declined");
    assert_eq!(declined["detail"], "Tài khoản không thuộc ngân hàng này.");
    let again = officer
        .post(&path(&sent, "/answers"))
        .json(&call)
        .send()
        .await;
    assert_eq!(again.problem(409)["code"], "wrong_state");
}

#[actix_web::test]
async fn what_does_not_fit_is_refused_by_name() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let (_, sent) = sent_freeze(&t, &officer).await;
    t.clock.advance(Duration::from_secs(600));
    let complete = |more: Value| {
        let mut body =
            by_letter(json!({"answer": "complete", "outcome": "frozen", "amount_vnd": 48_000_000}));
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    for (body, pointer, code) in [
        (
            complete(json!({"received_at": "2026-11-24T01:31:00Z"})),
            "/received_at",
            "in_future",
        ),
        (
            complete(json!({"received_at": "2026-11-24T01:19:00Z"})),
            "/received_at",
            "before_sent",
        ),
        (
            complete(json!({"document_number": ""})),
            "/document_number",
            "length",
        ),
        (
            complete(json!({"received_via": "rumour"})),
            "/received_via",
            "unknown_value",
        ),
        (
            complete(json!({"answer": "send"})),
            "/answer",
            "unknown_value",
        ),
        (
            complete(json!({"outcome": "blocked"})),
            "/outcome",
            "unknown_value",
        ),
        (
            complete(json!({"amount_vnd": 48_000_001})),
            "/amount_vnd",
            "over_requested",
        ),
        (complete(json!({"reason": "x"})), "/reason", "not_with"),
        (
            by_letter(json!({"answer": "complete"})),
            "/outcome",
            "required",
        ),
        (
            by_letter(json!({"answer": "decline"})),
            "/reason",
            "required",
        ),
        (
            by_letter(json!({"answer": "acknowledge", "amount_vnd": 1})),
            "/amount_vnd",
            "not_with",
        ),
        (
            json!({"answer": "acknowledge", "received_via": "letter"}),
            "/document_number",
            "required",
        ),
    ] {
        let reply = officer
            .post(&path(&sent, "/answers"))
            .json(&body)
            .send()
            .await;
        let problem = reply.problem(422);
        assert_eq!(
            problem["errors"][0]["pointer"], pointer,
            "{body}: {problem}"
        );
        assert_eq!(problem["errors"][0]["code"], code, "{body}: {problem}");
    }
}

#[actix_web::test]
async fn only_officers_who_issue_referrals_record_answers_and_only_of_what_they_may_see() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let (_, sent) = sent_freeze(&t, &officer).await;
    let call =
        json!({"answer": "acknowledge", "received_via": "phone", "document_number": "12/BB-ĐT"});
    let as_bearer = async |claims: Claims<'static>| {
        let client = t.bearer(&claims);
        client
            .post(&path(&sent, "/answers"))
            .json(&call)
            .send()
            .await
    };
    let scopes = "referrals:write";
    let bank = as_bearer(Claims {
        scopes: "referrals:work",
        agency: Some("bank_970436"),
        ..Claims::default()
    });
    bank.await.problem(403);
    // Whoever issues for another agency, desk or commune does not know of it.
    as_bearer(Claims {
        scopes,
        agency: Some("bank_970436"),
        ..Claims::default()
    })
    .await
    .problem(404);
    as_bearer(Claims {
        scopes,
        desk: Some("economic"),
        ..Claims::default()
    })
    .await
    .problem(404);
    as_bearer(Claims {
        scopes,
        units: Some(&["03130"]),
        ..Claims::default()
    })
    .await
    .problem(404);
    as_bearer(Claims {
        scopes,
        units: Some(&[]),
        ..Claims::default()
    })
    .await
    .problem(404);
    let proposal = list(&officer, "?state=proposed").await;
    if let Some(proposal) = proposal.first() {
        let early = officer
            .post(&path(proposal, "/answers"))
            .json(&call)
            .send()
            .await;
        assert_eq!(early.problem(409)["code"], "wrong_state");
    }
    as_bearer(Claims {
        scopes,
        units: Some(&["03127"]),
        ..Claims::default()
    })
    .await
    .expect(200);
}

#[actix_web::test]
async fn workers_of_an_agency_answer_within_their_communes_alone() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let (_, sent) = sent_freeze(&t, &officer).await;
    let worker = |units: &'static [&'static str]| {
        t.bearer(&Claims {
            scopes: "referrals:work",
            agency: Some("bank_970436"),
            units: Some(units),
            ..Claims::default()
        })
    };
    for units in [&["03130"][..], &[]] {
        let stranger = worker(units);
        stranger.get(&path(&sent, "")).send().await.problem(404);
        stranger
            .post(&path(&sent, "/acknowledge"))
            .send()
            .await
            .problem(404);
        assert!(list(&stranger, "").await.is_empty());
    }
    let here = worker(&["03127"]);
    assert_eq!(list(&here, "").await.len(), 1);
    here.post(&path(&sent, "/acknowledge"))
        .send()
        .await
        .expect(200);
}
