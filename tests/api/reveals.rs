//! Who may see a reporter's identity, and that it is nowhere else.

use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Claims, Client, Log, TestApp, dump, rows};

const OFFICER: &[Scope] = &[Scope::TipsRead, Scope::TipsTriage, Scope::ReportersReveal];

async fn tip(t: &TestApp, body: &Value) -> String {
    let tip = t.citizen().post("/v1/tips").json(body).send().await;
    tip.expect(201)["id"].as_str().unwrap().to_owned()
}

async fn claim(officer: &Client, id: &str) {
    let path = format!("/v1/tips/{id}/claim");
    officer.put(&path).send().await.expect(200);
}

fn named(phone: &str) -> Value {
    json!({"narrative": "Lừa đảo", "reporter": {"name": "Lò Thị Mẫu", "phone": phone, "may_contact": true}})
}

fn purpose() -> Value {
    json!({"purpose": "Gọi lại để hỏi số tài khoản"})
}

async fn timeline(t: &TestApp, id: &str) -> Vec<Value> {
    t.settle().await;
    let path = format!("/v1/tips/{id}/timeline");
    let list = t.officer(OFFICER).get(&path).send().await.expect(200);
    list["items"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn an_identity_is_shown_with_a_purpose_to_the_holder_of_the_claim_and_audited() {
    let t = TestApp::new().await;
    let id = tip(&t, &named("0900 000 001")).await;
    let officer = t.officer(OFFICER);
    let path = format!("/v1/tips/{id}/reporter/reveal");
    let reveal = |who: &Client, body: Value| who.post(&path).json(&body).send();
    let refused = reveal(&officer, purpose()).await.problem(409);
    assert_eq!(refused["code"], "not_claimed");
    let other = t.named_officer("somebody-else", OFFICER);
    claim(&other, &id).await;
    let refused = reveal(&officer, purpose()).await.problem(409);
    assert_eq!(refused["code"], "claimed_by_other");
    for text in ["", "ab", &"x".repeat(501)] {
        reveal(&other, json!({"purpose": text})).await.problem(422);
    }
    reveal(&other, json!({})).await.problem(422);
    let shown = reveal(&other, json!({"purpose": "Gọi Lò Thị Mẫu số 0900000001"}))
        .await
        .expect(200);
    assert_eq!(shown["name"], "Lò Thị Mẫu");
    assert_eq!(shown["phone"], "0900 000 001");
    assert_eq!(shown["may_contact"], true);
    let entry = timeline(&t, &id).await.remove(0);
    assert_eq!(entry["type"], "reporter.revealed");
    assert_eq!(entry["actor"], "somebody-else");
    assert_eq!(entry["data"]["reveal_id"], shown["reveal_id"]);
    let stated = entry["data"]["purpose"].as_str().unwrap();
    assert!(stated.starts_with("Gọi") && !stated.contains("Mẫu") && !stated.contains("0900"));

    let confined = t.bearer(&Claims {
        sub: "somebody-else",
        scopes: "reporters:reveal",
        units: Some(&["03127"]),
        ..Claims::default()
    });
    reveal(&confined, purpose()).await.problem(404);
    let anonymous = tip(&t, &json!({"narrative": "x"})).await;
    claim(&officer, &anonymous).await;
    let path = format!("/v1/tips/{anonymous}/reporter/reveal");
    let call = officer.post(&path).json(&purpose());
    call.send().await.problem(404);
}

#[actix_web::test]
async fn whoever_works_on_the_case_may_ask_too() {
    let t = TestApp::new().await;
    let id = tip(&t, &named("0900000001")).await;
    let officer = t.officer(OFFICER);
    claim(&officer, &id).await;
    let accept = json!({"decision": "accept"});
    let decisions = format!("/v1/tips/{id}/decisions");
    officer
        .post(&decisions)
        .json(&accept)
        .send()
        .await
        .expect(200);
    let path = format!("/v1/tips/{id}/reporter/reveal");
    let stranger = t.named_officer("stranger", OFFICER);
    let refused = stranger.post(&path).json(&purpose()).send().await;
    assert_eq!(refused.problem(409)["code"], "not_claimed");
    officer
        .post(&path)
        .json(&purpose())
        .send()
        .await
        .expect(200);
    // To write in cases is not to work on this one.
    let scopes = &[Scope::ReportersReveal, Scope::CasesRead, Scope::CasesWrite];
    let investigator = t.named_officer("investigator", scopes);
    let refused = investigator.post(&path).json(&purpose()).send().await;
    assert_eq!(refused.problem(409)["code"], "not_claimed");
    let cases = investigator.get("/v1/cases").send().await.expect(200);
    let case = format!("/v1/cases/{}", cases["items"][0]["id"].as_str().unwrap());
    let version = investigator.get(&case).send().await;
    let assign = json!({"assignee": "investigator"});
    let patch = investigator
        .patch(&case)
        .header("If-Match", version.header("etag"));
    patch.json(&assign).send().await.expect(200);
    investigator
        .post(&path)
        .json(&purpose())
        .send()
        .await
        .expect(200);
}

#[actix_web::test]
async fn blanks_are_no_purpose() {
    let t = TestApp::new().await;
    let id = tip(&t, &named("0900000001")).await;
    let officer = t.officer(OFFICER);
    claim(&officer, &id).await;
    let path = format!("/v1/tips/{id}/reporter/reveal");
    for purpose in [
        "     ",
        "\u{200b}\u{200b}\u{200b}",
        "\u{3000}\u{2800}\u{ad}a",
    ] {
        let ask = officer.post(&path).json(&json!({"purpose": purpose}));
        let refused = ask.send().await.problem(422);
        assert_eq!(refused["errors"][0]["pointer"], "/purpose", "{purpose:?}");
    }
}

#[actix_web::test]
async fn a_reporter_who_wants_secrecy_is_shown_only_after_a_second_officer_approved() {
    let t = TestApp::new().await;
    let mut body = named("0900000001");
    body["reporter"]["keep_secret"] = json!(true);
    let id = tip(&t, &body).await;
    let officer = t.officer(OFFICER);
    claim(&officer, &id).await;
    for path in ["reporter/reveal", "submission/reveal"] {
        let path = format!("/v1/tips/{id}/{path}");
        let ask = |who: &Client| who.post(&path).json(&purpose()).send();
        let waiting = ask(&officer).await.expect(202);
        assert_eq!(waiting["status"], "pending");
        assert!(!waiting.to_string().contains("0900000001"));
        assert_eq!(
            ask(&officer).await.expect(202)["id"],
            waiting["id"],
            "one request"
        );
        let approve = |who: Client| {
            let path = format!("/v1/reveals/{}/approve", waiting["id"].as_str().unwrap());
            async move { who.post(&path).send().await }
        };
        let refused = approve(t.officer(OFFICER)).await.problem(409);
        assert_eq!(refused["code"], "same_person");
        let second = t.named_officer("second", OFFICER);
        let pending = second.get("/v1/reveals").send().await.expect(200);
        assert_eq!(pending["items"][0]["id"], waiting["id"]);
        t.settle().await;
        let listed = rows(
            &t,
            "select data #>> '{ids,0}' as cell from journal where type = 'reveals.listed' order by position desc limit 1",
        );
        assert_eq!(listed.await, [waiting["id"].as_str().unwrap()], "audited");
        assert_eq!(approve(second).await.expect(200)["status"], "approved");
        // Not for what else the officer may think of.
        let other = json!({"purpose": "Tò mò về người báo tin."});
        let other = officer.post(&path).json(&other).send().await.expect(202);
        assert_ne!(other["id"], waiting["id"]);
        assert!(
            ask(&officer)
                .await
                .expect(200)
                .to_string()
                .contains("0900000001")
        );
        t.clock.advance(Duration::from_secs(3_601));
        claim(&officer, &id).await;
        let again = ask(&officer).await.expect(202);
        assert_ne!(again["id"], waiting["id"], "an approval lasts an hour");
        t.clock.advance(Duration::from_secs(24 * 3_600 + 1));
        let path = format!("/v1/reveals/{}/approve", again["id"].as_str().unwrap());
        let late = t.named_officer("second", OFFICER).post(&path).send().await;
        assert_eq!(late.problem(409)["code"], "wrong_state");
        claim(&officer, &id).await;
    }
    let types: Vec<String> = timeline(&t, &id)
        .await
        .iter()
        .map(|entry| entry["type"].as_str().unwrap().to_owned())
        .filter(|kind| kind.starts_with("reveal") || kind.ends_with("revealed"))
        .collect();
    let once = [
        "reveal.requested",
        "revealed",
        "reveal.requested",
        "reveal.approved",
        "reveal.requested",
    ];
    assert_eq!(types.len(), 2 * once.len(), "{types:?}");
}

#[actix_web::test]
async fn a_sealed_submission_comes_back_byte_for_byte() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use sha2::{Digest, Sha256};
    let t = TestApp::new().await;
    let sent = r#"{"narrative":  "Mã OTP 482913","reporter": {"phone": "0900000001"}}"#;
    let call = t.citizen().post("/v1/tips").body("application/json", sent);
    let received = call.send().await.expect(201);
    let id = received["id"].as_str().unwrap();
    let officer = t.officer(OFFICER);
    claim(&officer, id).await;
    let path = format!("/v1/tips/{id}/submission/reveal");
    let shown = officer.post(&path).json(&purpose()).send().await;
    shown.expect(200);
    assert_eq!(shown.text(), sent);
    let salt = STANDARD.decode(shown.header("submission-salt")).unwrap();
    let digest = Sha256::new()
        .chain_update(salt)
        .chain_update(sent)
        .finalize();
    let hex: String = digest.iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(shown.header("submission-digest"), hex);
    let receipt = received["receipt"].as_str().unwrap();
    let erase = t.anyone().delete("/v1/receipt/reporter");
    erase
        .header("Tip-Receipt", receipt)
        .send()
        .await
        .expect(204);
    let gone = officer.post(&path).json(&purpose()).send().await;
    assert_eq!(gone.problem(409)["code"], "wrong_state");
    let path = format!("/v1/tips/{id}/reporter/reveal");
    let call = officer.post(&path).json(&purpose());
    call.send().await.problem(404);
}

#[actix_web::test]
async fn tips_of_one_reporter_meet_however_the_number_is_written() {
    let t = TestApp::new().await;
    let first = tip(&t, &named("0369 123 456")).await;
    let second = tip(&t, &named("+84 369.123.456")).await;
    tip(&t, &named("0369 123 457")).await;
    let officer = t.officer(OFFICER);
    let path = format!("/v1/tips/{first}/reporter/tips");
    assert_eq!(
        officer.get(&path).send().await.problem(409)["code"],
        "not_claimed"
    );
    claim(&officer, &first).await;
    let found = officer.get(&path).send().await.expect(200);
    let ids: Vec<_> = found["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["tip_id"].clone())
        .collect();
    assert_eq!(ids, [json!(second)]);
}

#[actix_web::test]
async fn markers_of_a_reporter_exist_only_sealed() {
    let log = Log::default();
    // For the whole process: threads of the service log too, and other tests do no harm.
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_writer(log.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let t = TestApp::new().await;
    const MARKERS: [&str; 5] = [
        "Quàng Dấu Vết",
        "0900777123",
        "vet.dau@example.vn",
        "011099777123",
        "Bản Dấu Chân",
    ];
    let reporter = json!({"name": MARKERS[0], "phone": MARKERS[1], "email": MARKERS[2],
        "national_id": MARKERS[3], "address": MARKERS[4]});
    let body = json!({"narrative": "Lừa đảo", "losses": [{"amount_vnd": 5_000_000}], "reporter": reporter});
    let mut answers = Vec::new();
    let citizen = t.citizen();
    let posted = citizen
        .post("/v1/tips")
        .header("Idempotency-Key", "k")
        .json(&body)
        .send()
        .await;
    answers.push(posted.text());
    let posted = posted.expect(201);
    let (id, receipt) = (
        posted["id"].as_str().unwrap(),
        posted["receipt"].as_str().unwrap(),
    );
    let item = json!({"client_reference": "0f8fad5b-d9cb-469f-a165-70867728950e", "tip": body});
    let wrong = [
        json!({"narrative": "x", "reporter": MARKERS[0]}),
        json!({"narrative": "x", "reporter": {"name": [MARKERS[0]]}}),
        json!({"narrative": "x", "reporter": {"address": MARKERS[4].repeat(600)}}),
    ];
    for body in &wrong {
        answers.push(citizen.post("/v1/tips").json(body).send().await.text());
    }
    answers.push(
        citizen
            .post("/v1/tips/batch")
            .json(&json!({"tips": [item]}))
            .send()
            .await
            .text(),
    );
    let by_receipt =
        |method, path: &str| t.anyone().call(method, path).header("Tip-Receipt", receipt);
    use actix_web::http::Method;
    let addition = by_receipt(Method::PATCH, "/v1/receipt");
    let more = json!({"narrative": "Thêm.", "reporter": reporter});
    answers.push(addition.json(&more).send().await.text());
    let officer = t.officer(OFFICER);
    claim(&officer, id).await;
    let path = format!("/v1/tips/{id}/reporter/reveal");
    let shown = officer
        .post(&path)
        .json(&json!({"purpose": format!("Gọi {}", MARKERS[0])}));
    let shown = shown.send().await.text();
    for marker in MARKERS {
        assert!(shown.contains(marker), "the reveal shows {marker}");
    }
    officer
        .post(&format!("/v1/tips/{id}/decisions"))
        .json(&json!({"decision": "accept"}))
        .send()
        .await
        .expect(200);
    t.settle().await;
    for path in [
        "/v1/tips",
        "/v1/triage/queue",
        "/v1/reveals",
        &format!("/v1/tips?q={}", "0900777123"),
        &format!("/v1/tips/{id}"),
        &format!("/v1/tips/{id}/submission"),
        &format!("/v1/tips/{id}/submissions"),
        &format!("/v1/tips/{id}/timeline"),
        &format!("/v1/tips/{id}/messages"),
        &format!("/v1/tips/{id}/notes"),
    ] {
        let reply = officer.get(path).send().await;
        reply.expect(200);
        answers.push(reply.text());
    }
    answers.push(by_receipt(Method::GET, "/v1/receipt").send().await.text());
    let logged = log.text();
    assert!(logged.contains("answered 201"), "the log was caught");
    let dump = dump(&t).await;
    assert!(dump.contains("Lừa đảo"), "the dump holds the tips");
    for marker in MARKERS {
        let hex: String = marker.bytes().map(|b| format!("{b:02x}")).collect();
        let quoted = serde_json::to_string(marker).unwrap();
        for written in [marker, quoted.trim_matches('"'), hex.as_str()] {
            assert!(!dump.contains(written), "{marker} is in the database");
            assert!(!logged.contains(written), "{marker} is in the log");
            for answer in &answers {
                assert!(
                    !answer.contains(written),
                    "{marker} is in an answer: {answer}"
                );
            }
        }
    }
}

#[actix_web::test]
async fn who_asks_twenty_times_at_once_asks_once() {
    let t = TestApp::new().await;
    let mut body = named("0900000001");
    body["reporter"]["keep_secret"] = json!(true);
    let id = tip(&t, &body).await;
    let officer = t.officer(OFFICER);
    claim(&officer, &id).await;
    let path = format!("/v1/tips/{id}/reporter/reveal");
    let calls = (0..20).map(|_| officer.post(&path).json(&purpose()).send());
    let replies = futures_util::future::join_all(calls).await;
    let ids: std::collections::BTreeSet<String> = replies
        .iter()
        .map(|reply| reply.expect(202)["id"].to_string())
        .collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
}
