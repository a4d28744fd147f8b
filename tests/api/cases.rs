//! Cases to their legal end, edits and holds on the way.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Claims, Client, TestApp};

pub const ALL: &[Scope] = &[
    Scope::TipsRead,
    Scope::TipsTriage,
    Scope::CasesRead,
    Scope::CasesWrite,
    Scope::CasesDecide,
];

pub async fn tip(t: &TestApp, body: Value) -> String {
    let answer = t.submit(&body).await;
    answer["id"].as_str().unwrap().to_owned()
}

pub async fn open(officer: &Client, tips: &[String]) -> Value {
    let body = json!({"title": "Giả danh công an", "tip_ids": tips});
    officer
        .post("/v1/cases")
        .json(&body)
        .send()
        .await
        .expect(201)
}

pub fn path(case: &Value, rest: &str) -> String {
    format!("/v1/cases/{}{rest}", case["id"].as_str().unwrap())
}

pub async fn decide(officer: &Client, case: &Value, body: Value) -> crate::support::Reply {
    officer
        .post(&path(case, "/decisions"))
        .json(&body)
        .send()
        .await
}

pub async fn deadline(officer: &Client, case: &Value, code: &str) -> (String, String) {
    let all = officer
        .get(&path(case, "/deadlines"))
        .send()
        .await
        .expect(200);
    let found = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|d| d["code"] == code)
        .unwrap();
    (
        found["due_at"].as_str().unwrap_or_default().to_owned(),
        found["state"].as_str().unwrap().to_owned(),
    )
}

pub fn at(text: &str) -> chrono::DateTime<chrono::Utc> {
    text.parse().unwrap()
}

#[actix_web::test]
async fn a_case_runs_from_reception_to_the_decision_with_its_clocks() {
    let t = TestApp::new().await;
    let tips = [tip(
        &t,
        json!({"narrative": "một", "losses": [{"amount_vnd": 48_000_000}], "reporter": {"phone": "0912345678"}}),
    )
    .await];
    let officer = t.officer(ALL);
    let case = open(&officer, &tips).await;
    assert_eq!(case["number"], "DB-C-2026-000001");
    assert_eq!(case["state"], "accepted");
    assert_eq!(case["totals"]["losses_vnd"], 48_000_000);
    let due = |due: &str, state: &str| (due.to_owned(), state.to_owned());
    // Received on 24 November 2026: the day itself is not counted (BLTTHS art. 134).
    assert_eq!(
        deadline(&officer, &case, "assign").await,
        due("2026-11-27T17:00:00Z", "pending")
    );
    assert_eq!(
        deadline(&officer, &case, "resolve").await,
        due("2026-12-14T17:00:00Z", "pending")
    );

    decide(&officer, &case, json!({"decision": "assign"}))
        .await
        .expect(200);
    assert_eq!(deadline(&officer, &case, "assign").await.1, "met");
    let early = decide(&officer, &case, json!({"decision": "extend"}))
        .await
        .problem(409);
    assert_eq!(early["code"], "unlawful_move");
    assert!(
        early["detail"].as_str().unwrap().contains("assigned"),
        "{early}"
    );
    decide(&officer, &case, json!({"decision": "verify"}))
        .await
        .expect(200);
    t.clock.set(at("2026-12-10T02:00:00Z"));
    decide(
        &officer,
        &case,
        json!({"decision": "extend", "legal_basis": "BLTTHS 147(2)", "document_number": "12/QĐ-CSĐT"}),
    )
    .await
    .expect(200);
    // Two months from reception in all: 24 January 2027 is a Sunday, so the limit moves to Monday.
    assert_eq!(
        deadline(&officer, &case, "resolve_extended").await,
        due("2027-01-25T17:00:00Z", "pending")
    );
    let suspend = json!({"decision": "suspend", "legal_basis": "BLTTHS 148(1)b", "document_number": "13/QĐ-CSĐT"});
    let too_early = decide(&officer, &case, suspend.clone()).await.problem(409);
    assert!(
        too_early["detail"]
            .as_str()
            .unwrap()
            .contains("limit has run out"),
        "{too_early}"
    );
    let nameless = decide(&officer, &case, json!({"decision": "extend_by_procuracy"}))
        .await
        .problem(409);
    assert!(
        nameless["detail"]
            .as_str()
            .unwrap()
            .contains("document number"),
        "{nameless}"
    );
    t.clock.set(at("2027-01-20T02:00:00Z"));
    let procuracy = json!({"decision": "extend_by_procuracy", "legal_basis": "BLTTHS 147(2)", "document_number": "03/QĐ-VKS"});
    decide(&officer, &case, procuracy).await.expect(200);
    assert_eq!(
        deadline(&officer, &case, "vks_extension").await,
        due("2027-03-24T17:00:00Z", "pending")
    );
    t.clock.set(at("2027-03-25T02:00:00Z"));
    let groundless = json!({"decision": "suspend", "legal_basis": "không rõ"});
    decide(&officer, &case, groundless).await.problem(409);
    decide(&officer, &case, suspend).await.expect(200);
    assert_eq!(
        deadline(&officer, &case, "send_suspension_reporter")
            .await
            .1,
        "pending"
    );
    let sent = json!({"act": "decision_sent_to_procuracy"});
    officer
        .post(&path(&case, "/acts"))
        .json(&sent)
        .send()
        .await
        .expect(200);
    t.clock.set(at("2027-05-04T02:00:00Z"));
    let resume = json!({"decision": "resume", "legal_basis": "BLTTHS 149(1)", "document_number": "14/QĐ-CSĐT"});
    decide(&officer, &case, resume).await.expect(200);
    assert_eq!(
        deadline(&officer, &case, "resume_limit").await,
        due("2027-06-04T17:00:00Z", "pending")
    );
    let end = json!({"decision": "prosecute", "legal_basis": "BLTTHS 147(1)a", "document_number": "77/QĐ-KTVA"});
    let decided = decide(&officer, &case, end).await.expect(200);
    assert_eq!(
        (&decided["state"], &decided["decision"]),
        (&json!("decided_prosecute"), &json!("prosecute"))
    );
    assert_eq!(
        deadline(&officer, &case, "send_decision_vks").await.1,
        "pending"
    );
    let act = json!({"act": "decision_sent_to_procuracy"});
    officer
        .post(&path(&case, "/acts"))
        .json(&act)
        .send()
        .await
        .expect(200);
    assert_eq!(
        deadline(&officer, &case, "send_decision_vks").await.1,
        "met"
    );
    decide(&officer, &case, json!({"decision": "close"}))
        .await
        .expect(200);
    t.settle().await;
    let timeline = officer
        .get(&path(&case, "/timeline?limit=200"))
        .send()
        .await
        .expect(200);
    let types: Vec<_> = timeline["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["type"].as_str().unwrap())
        .collect();
    for kind in [
        "tip.received",
        "tip.decided",
        "case.opened",
        "case.moved",
        "case.decided",
        "deadline.overdue",
    ] {
        assert!(types.contains(&kind), "{kind} is missing: {types:?}");
    }
}

#[actix_web::test]
async fn a_trial_tip_joins_no_case() {
    let t = TestApp::new().await;
    let trial = tip(&t, json!({"narrative": "thử", "test": true})).await;
    let body = json!({"title": "Giả danh công an", "tip_ids": [trial]});
    let officer = t.officer(ALL);
    let refused = officer.post("/v1/cases").json(&body).send().await;
    let problem = refused.problem(422);
    assert_eq!(problem["errors"][0]["code"], "trial", "{problem}");
}

#[actix_web::test]
async fn legal_decisions_need_their_own_right() {
    let t = TestApp::new().await;
    let writer = t.officer(&[Scope::CasesRead, Scope::CasesWrite]);
    let case = open(&writer, &[]).await;
    decide(&writer, &case, json!({"decision": "assign"}))
        .await
        .expect(200);
    let refused = decide(&writer, &case, json!({"decision": "prosecute"}))
        .await
        .problem(403);
    assert_eq!(refused["scope"], "cases:decide");
    let decider = t.officer(&[Scope::CasesDecide]);
    decide(&decider, &case, json!({"decision": "verify"}))
        .await
        .problem(403);
    let future = json!({"decision": "verify", "decided_at": "2031-01-01T00:00:00Z"});
    decide(&writer, &case, future).await.problem(422);
    let past = json!({"decision": "verify", "decided_at": "2020-01-01T00:00:00Z"});
    let refused = decide(&writer, &case, past).await.problem(422);
    assert!(
        refused.to_string().contains("before_reception"),
        "{refused}"
    );
}

#[actix_web::test]
async fn edits_are_based_on_a_version() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let case = open(&officer, &[]).await;
    let shown = officer.get(&path(&case, "")).send().await;
    let etag = shown.header("etag").to_owned();
    let body = json!({"assignee": "analyst-2", "methods": ["impersonate_police_court"]});
    officer
        .patch(&path(&case, ""))
        .json(&body)
        .send()
        .await
        .problem(428);
    let edited = officer
        .patch(&path(&case, ""))
        .header("If-Match", &etag)
        .json(&body)
        .send()
        .await;
    assert_eq!(edited.expect(200)["assignee"], "analyst-2");
    officer
        .patch(&path(&case, ""))
        .header("If-Match", &etag)
        .json(&body)
        .send()
        .await
        .problem(412);
    let unknown = json!({"methods": ["magic"]});
    officer
        .patch(&path(&case, ""))
        .header("If-Match", "*")
        .json(&unknown)
        .send()
        .await
        .problem(422);
}

#[actix_web::test]
async fn a_hold_is_lifted_only_with_a_second_person() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let case = open(&officer, &[]).await;
    let (hold, approve) = (path(&case, "/hold"), path(&case, "/hold/approve"));
    let admin = t.named_officer("admin-2", &[Scope::Admin]);
    let code = |answer: Value| answer["code"].as_str().unwrap().to_owned();
    let ask = async |client: &Client| client.delete(&hold).send().await;
    let approved = async |client: &Client| client.post(&approve).send().await;

    assert_eq!(code(ask(&officer).await.problem(409)), "wrong_state");
    let body = json!({"reason": "Viện kiểm sát yêu cầu."});
    officer.put(&hold).json(&body).send().await.expect(200);
    assert_eq!(code(approved(&admin).await.problem(409)), "wrong_state");
    let asked = ask(&officer).await.expect(202);
    assert_eq!(asked["hold"]["lift_requested_by"], "analyst");
    // A second request does not take the place of the first, or one person could do both.
    assert_eq!(
        ask(&admin).await.expect(202)["hold"]["lift_requested_by"],
        "analyst"
    );
    let same = t.named_officer("analyst", &[Scope::Admin]);
    assert_eq!(code(approved(&same).await.problem(409)), "same_person");
    // Setting it anew takes the request back.
    let again = officer.put(&hold).json(&body).send().await.expect(200);
    assert_eq!(again["hold"]["lift_requested_by"], Value::Null);
    assert_eq!(code(approved(&admin).await.problem(409)), "wrong_state");
    let seen = ask(&admin).await;
    let tag = seen.header("etag").to_owned();
    seen.expect(202);
    assert_eq!(code(approved(&admin).await.problem(409)), "same_person");
    let other = t.named_officer("admin-3", &[Scope::Admin]);
    // Set anew and asked for again, it is not what was seen.
    officer.put(&hold).json(&body).send().await.expect(200);
    let last = ask(&admin).await.header("etag").to_owned();
    assert_ne!(tag, last);
    let upon = |tag: &str| other.post(&approve).header("If-Match", tag).send();
    let stale = upon(&tag).await.problem(412);
    assert_eq!(stale["code"], "precondition_failed");
    assert_eq!(upon(&last).await.expect(200)["hold"], Value::Null);
    assert_eq!(code(ask(&officer).await.problem(409)), "wrong_state");
    let elsewhere = t.bearer(&Claims {
        sub: "bank-admin",
        scopes: "admin",
        agency: Some("bank_970436"),
        ..Claims::default()
    });
    ask(&elsewhere).await.problem(404);
}

#[actix_web::test]
async fn a_hold_is_set_and_the_calendar_moves_the_clock() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let case = open(&officer, &[]).await;
    let hold = json!({"reason": "Viện kiểm sát yêu cầu."});
    let held = officer
        .put(&path(&case, "/hold"))
        .json(&hold)
        .send()
        .await
        .expect(200);
    assert_eq!(held["hold"]["reason"], "Viện kiểm sát yêu cầu.");

    let admin = t.officer(&[Scope::Admin]);
    let shown = admin.get("/v1/calendar/2026").send().await;
    let mut calendar = shown.expect(200);
    let holiday = json!({"date": "2026-12-14", "name": "Nghỉ thử", "confirmed": true});
    calendar["holidays"].as_array_mut().unwrap().push(holiday);
    admin
        .put("/v1/calendar/2026")
        .json(&calendar)
        .send()
        .await
        .problem(428);
    let etag = shown.header("etag").to_owned();
    admin
        .put("/v1/calendar/2026")
        .header("If-Match", &etag)
        .json(&calendar)
        .send()
        .await
        .expect(200);
    admin
        .put("/v1/calendar/2026")
        .header("If-Match", &etag)
        .json(&calendar)
        .send()
        .await
        .problem(412);
    assert_eq!(
        deadline(&officer, &case, "resolve").await.0,
        "2026-12-15T17:00:00Z"
    );
    // A year that is not there is no current version that `*` could mean (RFC 9110 §13.1.1).
    let next = json!({"year": 2031, "holidays": [], "working_weekends": []});
    let put = |seen: &str| {
        let call = admin.put("/v1/calendar/2031").header("If-Match", seen);
        call.json(&next).send()
    };
    put("*").await.problem(412);
    let now = admin.get("/v1/calendar/2026").send().await;
    put(now.header("etag")).await.expect(200);
    put("*").await.expect(200);
    let wrong = json!({"year": 2026, "holidays": [{"date": "hôm nào đó"}], "working_weekends": []});
    admin
        .put("/v1/calendar/2026")
        .header("If-Match", "*")
        .json(&wrong)
        .send()
        .await
        .problem(422);
}
