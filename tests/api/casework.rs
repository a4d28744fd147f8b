//! What an undone, merged or moved case leaves behind, and who sees what of it.

use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Claims, Client, TestApp};

const ALL: &[Scope] = &[
    Scope::TipsRead,
    Scope::TipsTriage,
    Scope::CasesRead,
    Scope::CasesWrite,
    Scope::CasesDecide,
    Scope::Admin,
];

async fn tip(t: &TestApp, unit: &str) -> String {
    let body = json!({"narrative": "tin", "location": {"unit_code": unit},
        "indicators": [{"kind": "phone", "value": "0912345678"}]});
    let sent = t.citizen().post("/v1/tips").json(&body).send().await;
    sent.expect(201)["id"].as_str().unwrap().to_owned()
}

async fn open(officer: &Client, tips: &[&String]) -> String {
    let body = json!({"title": "Giả danh công an", "desk": "cyber", "tip_ids": tips});
    let made = officer.post("/v1/cases").json(&body).send().await;
    made.expect(201)["id"].as_str().unwrap().to_owned()
}

async fn get(officer: &Client, path: &str) -> Value {
    officer.get(path).send().await.expect(200)
}

#[actix_web::test]
async fn undoing_the_accept_that_opened_a_case_closes_it_and_any_other_resets_its_clock() {
    let t = TestApp::new().await;
    let early = tip(&t, "03127").await;
    t.clock.advance(Duration::from_secs(3_600));
    let late = tip(&t, "03127").await;
    let officer = t.officer(ALL);
    let accept = |tip: String, body: Value| {
        let officer = officer.clone();
        async move {
            officer
                .put(&format!("/v1/tips/{tip}/claim"))
                .send()
                .await
                .expect(200);
            let path = format!("/v1/tips/{tip}/decisions");
            officer.post(&path).json(&body).send().await.expect(200)
        }
    };
    let first = accept(late.clone(), json!({"decision": "accept"})).await;
    let case = format!("/v1/cases/{}", first["case_id"].as_str().unwrap());
    let started = get(&officer, &case).await["received_at"].clone();
    let joins = json!({"decision": "accept", "case_id": first["case_id"]});
    let second = accept(early.clone(), joins).await;
    assert_eq!(
        get(&officer, &case).await["received_at"],
        "2026-11-24T01:20:00Z"
    );
    let undo = |tip: &String, decision: &Value| {
        let id = decision["id"].as_str().unwrap();
        officer
            .delete(&format!("/v1/tips/{tip}/decisions/{id}"))
            .send()
    };
    undo(&early, &second).await.expect(204);
    let back = get(&officer, &case).await;
    assert_eq!(
        (&back["received_at"], &back["state"]),
        (&started, &json!("accepted"))
    );
    undo(&late, &first).await.expect(204);
    let empty = get(&officer, &case).await;
    assert_eq!(empty["state"], "closed");
    assert_eq!(
        (&empty["tips"], &empty["next_due_at"]),
        (&json!([]), &Value::Null)
    );
    // What was opened by mistake owes nothing, now and later, and takes nothing more.
    t.clock.advance(Duration::from_secs(40 * 86_400));
    t.settle().await;
    let clocks = get(&officer, &format!("{case}/deadlines")).await;
    for clock in clocks["items"].as_array().unwrap() {
        assert_eq!(clock["state"], "not_applicable", "{clock}");
        assert_eq!(clock["remaining_seconds"], Value::Null, "{clock}");
    }
    assert_eq!(get(&officer, "/v1/cases/digest").await["items"], json!([]));
    let tips = json!({"tip_ids": [early]});
    let added = officer.post(&format!("{case}/tips")).json(&tips).send();
    assert_eq!(added.await.problem(409)["code"], "wrong_state");
    officer
        .put(&format!("/v1/tips/{early}/claim"))
        .send()
        .await
        .expect(200);
    let joins = json!({"decision": "accept", "case_id": first["case_id"]});
    let path = format!("/v1/tips/{early}/decisions");
    let joined = officer.post(&path).json(&joins).send().await;
    assert_eq!(joined.problem(409)["code"], "wrong_state");
}

#[actix_web::test]
async fn an_accept_is_undone_as_often_as_it_is_taken_and_each_only_once() {
    let t = TestApp::new().await;
    let id = tip(&t, "03127").await;
    let officer = t.officer(ALL);
    let claim = officer.put(&format!("/v1/tips/{id}/claim")).send();
    claim.await.expect(200);
    let path = format!("/v1/tips/{id}/decisions");
    let mut numbers = Vec::new();
    for _ in 0..3 {
        let accept = officer.post(&path).json(&json!({"decision": "accept"}));
        let taken = accept.send().await.expect(200);
        numbers.push(taken["case_number"].as_str().unwrap().to_owned());
        let undo = format!("{path}/{}", taken["id"].as_str().unwrap());
        officer.delete(&undo).send().await.expect(204);
        let again = officer.delete(&undo).send().await;
        assert_eq!(again.problem(409)["code"], "not_undoable");
        let case = format!("/v1/cases/{}", taken["case_id"].as_str().unwrap());
        assert_eq!(get(&officer, &case).await["state"], "closed");
        let back = get(&officer, &format!("/v1/tips/{id}")).await;
        assert_eq!(
            (&back["status"], &back["case_id"], &back["claimed_by"]),
            (&json!("claimed"), &Value::Null, &json!("analyst"))
        );
        t.clock.advance(Duration::from_secs(60));
    }
    assert_eq!(
        numbers,
        ["DB-C-2026-000001", "DB-C-2026-000002", "DB-C-2026-000003"],
        "a number once given stays with its closed case"
    );
}

#[actix_web::test]
async fn merges_of_several_levels_are_taken_back_exactly() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let mut cases = Vec::new();
    for _ in 0..3 {
        let tip = tip(&t, "03127").await;
        t.clock.advance(Duration::from_secs(3_600));
        cases.push(open(&officer, &[&tip]).await);
    }
    cases.push(open(&officer, &[]).await);
    let [c, b, a, top] = cases.try_into().unwrap();
    let told = |case: Value| json!([case["tips"], case["received_at"], case["next_due_at"]]);
    let mut before = Vec::new();
    for id in [&c, &b, &a, &top] {
        before.push(told(get(&officer, &format!("/v1/cases/{id}")).await));
    }
    let chain = [(&b, &c), (&a, &b), (&top, &a)];
    for (into, other) in chain {
        let path = format!("/v1/cases/{into}/merge");
        officer
            .post(&path)
            .json(&json!({"case_id": other}))
            .send()
            .await
            .expect(200);
    }
    let all = get(&officer, &format!("/v1/cases/{top}")).await;
    assert_eq!(all["tips"].as_array().unwrap().len(), 3);
    for (from, other) in chain.into_iter().rev() {
        let path = format!("/v1/cases/{from}/unmerge");
        officer
            .post(&path)
            .json(&json!({"case_id": other}))
            .send()
            .await
            .expect(200);
    }
    for (id, was) in [&c, &b, &a, &top].into_iter().zip(before) {
        assert_eq!(told(get(&officer, &format!("/v1/cases/{id}")).await), was);
    }
}

#[actix_web::test]
async fn who_is_confined_to_communes_sees_only_those_tips_of_a_case() {
    let t = TestApp::new().await;
    let (own, other) = (tip(&t, "03127").await, tip(&t, "03334").await);
    let case = open(&t.officer(ALL), &[&own, &other]).await;
    t.settle().await;
    let confined = t.bearer(&Claims {
        scopes: "cases:read cases:write",
        units: Some(&["03127"]),
        ..Claims::default()
    });
    let seen = get(&confined, &format!("/v1/cases/{case}")).await;
    assert_eq!(seen["tips"], json!([own]));
    assert_eq!(seen["totals"]["tips"], 1, "of those that lie there");
    for path in [
        "/v1/cases".to_owned(),
        "/v1/cases/digest".to_owned(),
        format!("/v1/cases/{case}/graph"),
        format!("/v1/cases/{case}/timeline"),
    ] {
        let text = get(&confined, &path).await.to_string();
        assert!(!text.contains(&format!("\"{other}\"")), "{path}: {text}");
    }
    let timeline = get(&confined, &format!("/v1/cases/{case}/timeline"))
        .await
        .to_string();
    assert!(timeline.contains("tip.decided"), "{timeline}");
}

#[actix_web::test]
async fn a_case_leaves_the_desk_of_its_officer_only_by_who_decides() {
    let t = TestApp::new().await;
    let case = format!("/v1/cases/{}", open(&t.officer(ALL), &[]).await);
    let of_desk = |scopes| {
        t.bearer(&Claims {
            scopes,
            desk: Some("cyber"),
            ..Claims::default()
        })
    };
    let moved = |client: Client| {
        let call = client.patch(&case).header("if-match", "\"1\"");
        call.json(&json!({"desk": "economic"})).send()
    };
    let refused = moved(of_desk("cases:read cases:write")).await.problem(403);
    assert_eq!(refused["code"], "insufficient_scope");
    let done = moved(of_desk("cases:read cases:write cases:decide")).await;
    assert_eq!(done.expect(200)["desk"], "economic");
}

#[actix_web::test]
async fn notes_of_a_case_are_read_newest_first() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let notes = format!("/v1/cases/{}/notes", open(&officer, &[]).await);
    for text in ["một OTP 482913", "hai", "ba"] {
        officer
            .post(&notes)
            .json(&json!({"text": text}))
            .send()
            .await
            .expect(201);
    }
    let first = get(&officer, &format!("{notes}?limit=2")).await;
    let texts = |page: &Value| -> Vec<Value> {
        let items = page["items"].as_array().unwrap().iter();
        items.map(|note| note["text"].clone()).collect()
    };
    assert_eq!(texts(&first), ["ba", "hai"]);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = get(&officer, &format!("{notes}?limit=2&cursor={cursor}")).await;
    // The code that somebody told is hidden.
    assert_eq!(texts(&second), ["một OTP ••••••"]);
}

#[actix_web::test]
async fn a_changed_calendar_moves_the_clocks_of_running_cases() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let case = format!("/v1/cases/{}", open(&officer, &[]).await);
    let verify = json!({"decision": "assign"});
    officer
        .post(&format!("{case}/decisions"))
        .json(&verify)
        .send()
        .await
        .expect(200);
    let due = get(&officer, &case).await["next_due_at"]
        .as_str()
        .unwrap()
        .to_owned();
    let day = due.parse::<chrono::DateTime<chrono::Utc>>().unwrap() - chrono::TimeDelta::seconds(1);
    let day = (day + chrono::TimeDelta::hours(7)).date_naive();
    let path = "/v1/calendar/2026";
    let calendar = officer.get(path).send().await;
    let mut body = calendar.expect(200);
    let holiday = json!({"date": day, "name": "Nghỉ bù", "confirmed": true});
    body["holidays"].as_array_mut().unwrap().push(holiday);
    let put = officer
        .put(path)
        .header("if-match", calendar.header("etag"))
        .json(&body);
    put.send().await.expect(200);
    t.clock.advance(Duration::from_secs(121));
    t.settle().await;
    let moved = get(&officer, &case).await["next_due_at"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(moved > due, "{due} → {moved}");
}

#[actix_web::test]
async fn who_accepts_a_tip_into_a_case_learns_its_number() {
    let t = TestApp::new().await;
    let officer = t.officer(ALL);
    let mut case = Value::Null;
    for _ in 0..2 {
        let id = tip(&t, "03127").await;
        let claim = officer.put(&format!("/v1/tips/{id}/claim")).send();
        claim.await.expect(200);
        let mut accept = json!({"decision": "accept"});
        if case.is_string() {
            accept["case_id"] = case.clone();
        }
        let decide = officer.post(&format!("/v1/tips/{id}/decisions"));
        let taken = decide.json(&accept).send().await.expect(200);
        assert_eq!(taken["case_number"], "DB-C-2026-000001", "{taken}");
        case = taken["case_id"].clone();
    }
}
