//! Decisions on a claimed tip: who takes them, what each must name, and how one is undone.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Client, TestApp};
use crate::triage::{TRIAGE, claim, tips};

#[actix_web::test]
async fn only_the_holder_releases_and_decides() {
    let t = TestApp::new().await;
    let id = tips(&t, 1).await.remove(0);
    let (holder, other) = (
        t.named_officer("holder", TRIAGE),
        t.named_officer("other", TRIAGE),
    );
    let decisions = format!("/v1/tips/{id}/decisions");
    let dismissal = json!({"decision": "dismiss", "reason": "not_a_scam"});
    let unclaimed = holder
        .post(&decisions)
        .json(&dismissal)
        .send()
        .await
        .problem(409);
    assert_eq!(unclaimed["code"], "not_claimed");
    claim(&holder, 1).await;
    let path = format!("/v1/tips/{id}/claim");
    assert_eq!(
        other.delete(&path).send().await.problem(409)["code"],
        "claimed_by_other"
    );
    holder.delete(&path).send().await.expect(204);
    assert_eq!(
        holder.delete(&path).send().await.problem(409)["code"],
        "not_claimed"
    );
    claim(&holder, 1).await;
    let taken = holder.post(&decisions).json(&dismissal).send().await;
    assert_eq!(taken.expect(200)["decision"], "dismiss");
    let again = holder
        .post(&decisions)
        .json(&dismissal)
        .send()
        .await
        .problem(409);
    assert_eq!(again["code"], "already_decided");
}

#[actix_web::test]
async fn each_decision_says_what_it_lacks() {
    let t = TestApp::new().await;
    let id = tips(&t, 1).await.remove(0);
    let officer = t.officer(TRIAGE);
    claim(&officer, 1).await;
    let nobody = "01a20cb8-6af2-7504-a69a-0807b6089184";
    for (body, pointer, code) in [
        (json!({"decision": "dismiss"}), "/reason", "required"),
        (
            json!({"decision": "dismiss", "reason": "out_of_competence"}),
            "/reason",
            "not_for_dismissal",
        ),
        (
            json!({"decision": "duplicate"}),
            "/duplicate_of",
            "required",
        ),
        (
            json!({"decision": "duplicate", "duplicate_of": id}),
            "/duplicate_of",
            "itself",
        ),
        (
            json!({"decision": "duplicate", "duplicate_of": nobody}),
            "/duplicate_of",
            "not_found",
        ),
        (
            json!({"decision": "accept", "case_id": nobody}),
            "/case_id",
            "not_found",
        ),
        (json!({"decision": "request_info"}), "/message", "required"),
        (json!({"decision": "transfer"}), "/agency", "required"),
        (
            json!({"decision": "transfer", "agency": "nobody"}),
            "/agency",
            "unknown_value",
        ),
        (
            json!({"decision": "transfer", "agency": "bank_970436"}),
            "/agency",
            "kind_not_taken",
        ),
        (
            json!({"decision": "accept", "methods": ["magic"]}),
            "/methods/0",
            "unknown_value",
        ),
        (json!({"decision": "forget"}), "/decision", "unknown_value"),
        (json!({"reason": "spam"}), "/decision", "required"),
        (
            json!({"decision": "accept", "colour": 1}),
            "/colour",
            "unknown_field",
        ),
    ] {
        let reply = officer
            .post(&format!("/v1/tips/{id}/decisions"))
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
async fn accepting_opens_a_case_or_joins_one_and_can_be_undone_for_ten_minutes() {
    let t = TestApp::new().await;
    let tips = tips(&t, 2).await;
    let officer = t.officer(TRIAGE);
    claim(&officer, 2).await;
    let accept = |tip: String, body: Value| {
        officer
            .post(&format!("/v1/tips/{tip}/decisions"))
            .json(&body)
            .send()
    };
    let body = json!({"decision": "accept", "reason": "signs_of_crime", "source_kind": "to_giac",
        "methods": ["impersonate_police_court"]});
    let first = accept(tips[0].clone(), body).await.expect(200);
    assert_eq!(first["case_number"], "DB-C-2026-000001");
    let joined = json!({"decision": "accept", "case_id": first["case_id"]});
    let second = accept(tips[1].clone(), joined).await.expect(200);
    assert_eq!(second["case_id"], first["case_id"]);
    let seen = officer
        .get(&format!("/v1/tips/{}", tips[0]))
        .send()
        .await
        .expect(200);
    assert_eq!(seen["status"], "accepted");
    assert_eq!(seen["source_kind"], "to_giac");
    assert_eq!(seen["methods"], json!(["impersonate_police_court"]));
    assert_eq!(seen["version"], 2);

    let undo = |tip: &str, decision: &Value, who: &Client| {
        who.delete(&format!(
            "/v1/tips/{tip}/decisions/{}",
            decision["id"].as_str().unwrap()
        ))
        .send()
    };
    let other = t.named_officer("somebody-else", TRIAGE);
    assert_eq!(
        undo(&tips[0], &first, &other).await.problem(409)["code"],
        "not_undoable"
    );
    undo(&tips[0], &first, &officer).await.expect(204);
    let back = officer
        .get(&format!("/v1/tips/{}", tips[0]))
        .send()
        .await
        .expect(200);
    assert_eq!(
        (&back["status"], &back["case_id"]),
        (&json!("claimed"), &Value::Null)
    );
    t.clock.advance(Duration::from_secs(601));
    assert_eq!(
        undo(&tips[1], &second, &officer).await.problem(409)["code"],
        "not_undoable"
    );
}

#[actix_web::test]
async fn undoing_a_question_takes_no_claim_from_a_colleague() {
    let t = TestApp::new().await;
    let (id, receipt) = {
        let sent = t.submit(&json!({"narrative": "x"})).await;
        let text = |name: &str| sent[name].as_str().unwrap().to_owned();
        (text("id"), text("receipt"))
    };
    let (officer, colleague) = (t.officer(TRIAGE), t.named_officer("colleague", TRIAGE));
    let claim = format!("/v1/tips/{id}/claim");
    officer.put(&claim).send().await.expect(200);
    let ask = json!({"decision": "request_info", "message": "Số tài khoản nào?"});
    let decisions = format!("/v1/tips/{id}/decisions");
    let asked = officer.post(&decisions).json(&ask).send().await.expect(200);
    let answer = t
        .anyone()
        .post("/v1/receipt/messages")
        .header("Tip-Receipt", &receipt);
    answer
        .json(&json!({"text": "Vietcombank"}))
        .send()
        .await
        .expect(201);
    colleague.put(&claim).send().await.expect(200);
    let undo = format!("{decisions}/{}", asked["id"].as_str().unwrap());
    let refused = officer.delete(&undo).send().await.problem(409);
    assert_eq!(refused["code"], "claimed_by_other");
    let path = format!("/v1/tips/{id}");
    let seen = officer.get(&path).send().await.expect(200);
    assert_eq!(seen["claimed_by"], "colleague");
    colleague.delete(&claim).send().await.expect(204);
    officer.delete(&undo).send().await.expect(204);
}
