//! What a decision on a case must name, when it may be taken, and which clocks it starts.

use serde_json::{Value, json};

use crate::case_clocks::{HOUR, act, state};
use crate::cases::{ALL, at, deadline, decide, open, path};
use crate::support::{Client, TestApp, rows};

pub fn legal(decision: &str) -> Value {
    json!({"decision": decision, "legal_basis": "BLTTHS 147", "document_number": "12/QĐ-CSĐT"})
}

fn dated(mut decision: Value, decided_at: &str) -> Value {
    decision["decided_at"] = decided_at.into();
    decision
}

/// A case that is being verified.
async fn verifying(officer: &Client, tips: &[String]) -> Value {
    let case = open(officer, tips).await;
    for decision in ["assign", "verify"] {
        let moved = decide(officer, &case, json!({"decision": decision})).await;
        moved.expect(200);
    }
    case
}

#[actix_web::test]
async fn a_finding_of_no_competence_starts_the_day_within_which_a_case_is_transferred() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let finding = json!({"act": "no_competence_found"});
    let early = open(&officer, &[]).await;
    let refused = act(&officer, &early, finding.clone()).await.problem(409);
    assert_eq!(refused["code"], "wrong_state");
    let (found, slow, at_once) = (
        verifying(&officer, &[]).await,
        verifying(&officer, &[]).await,
        verifying(&officer, &[]).await,
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
async fn no_decision_lies_before_the_last_one() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let case = verifying(&officer, &[]).await;
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
        verifying(&officer, &[]).await,
        verifying(&officer, &[]).await,
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
    let case = verifying(&officer, &[]).await;
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
        verifying(&officer, &[]).await,
        verifying(&officer, &[]).await,
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
async fn the_database_refuses_a_state_or_an_act_that_there_is_not() {
    use diesel_async::SimpleAsyncConnection;
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let case = open(&officer, &[]).await;
    let assigned = decide(&officer, &case, json!({"decision": "assign"})).await;
    assigned.expect(200);
    let mut owner = t.owner().await;
    for (sql, constraint) in [
        ("update cases set state = 'forgotten'", "cases_state_known"),
        (
            "update case_acts set act = 'forgotten'",
            "case_acts_act_known",
        ),
    ] {
        let refused = owner.batch_execute(sql).await.unwrap_err().to_string();
        assert!(refused.contains(constraint), "{refused}");
    }
}

#[actix_web::test]
async fn nobody_is_told_of_a_decision_before_it_is_taken() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let case = verifying(&officer, &[]).await;
    let acts = [
        "decision_sent_to_procuracy",
        "reporter_told_result",
        "suspension_sent_to_reporter",
        "resumption_told",
    ];
    for name in acts {
        let refused = act(&officer, &case, json!({"act": name})).await;
        assert_eq!(refused.problem(409)["code"], "wrong_state", "{name}");
    }
    t.clock.set(at("2027-01-27T02:00:00Z"));
    let suspend = json!({"decision": "suspend", "legal_basis": "BLTTHS 148(1)a", "document_number": "13/QĐ-CSĐT"});
    decide(&officer, &case, suspend).await.expect(200);
    let early = json!({"act": "suspension_sent_to_reporter", "at": "2027-01-27T01:59:59Z"});
    let refused = act(&officer, &case, early).await.problem(422);
    assert_eq!(
        (
            &refused["errors"][0]["pointer"],
            &refused["errors"][0]["code"]
        ),
        (&json!("/at"), &json!("before_decision"))
    );
    for (name, status) in acts.into_iter().zip([200, 409, 200, 409]) {
        let answer = act(&officer, &case, json!({"act": name})).await;
        assert_eq!(answer.status, status, "{name}: {}", answer.text());
    }
}
