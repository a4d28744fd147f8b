//! Requests for a reveal that a second officer declines, or who asked takes back.

use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Claims, Client, TestApp, rows};

const OFFICER: &[Scope] = &[Scope::TipsRead, Scope::TipsTriage, Scope::ReportersReveal];

/// A tip of a reporter who asked for secrecy, claimed by an officer.
async fn secret(t: &TestApp) -> (String, Client) {
    let tip = json!({"narrative": "Lừa đảo", "location": {"unit_code": "03334"},
        "reporter": {"name": "Người Báo Tin", "phone": "0900000001", "keep_secret": true}});
    let id = t.submit(&tip).await["id"].as_str().unwrap().to_owned();
    let officer = t.officer(OFFICER);
    let claim = officer.put(&format!("/v1/tips/{id}/claim")).send().await;
    claim.expect(200);
    (id, officer)
}

async fn ask(officer: &Client, id: &str, status: u16) -> Value {
    let ask = officer.post(&format!("/v1/tips/{id}/reporter/reveal"));
    let ask = ask.json(&json!({"purpose": "Gọi lại để hỏi số tài khoản"}));
    ask.send().await.expect(status)
}

fn path(reveal: &Value, what: &str) -> String {
    format!("/v1/reveals/{}/{what}", reveal["id"].as_str().unwrap())
}

#[actix_web::test]
async fn what_a_second_officer_declines_is_not_shown_and_stands_in_the_timeline() {
    let t = TestApp::new().await;
    let (id, officer) = secret(&t).await;
    let waiting = ask(&officer, &id, 202).await;
    let second = t.named_officer("second", OFFICER);
    let decline = second.post(&path(&waiting, "decline"));
    let reason = json!({"reason": "Chưa cần gọi Người Báo Tin, số 0900000001"});
    let declined = decline.json(&reason).send().await.expect(200);
    assert_eq!(declined["status"], "declined");
    assert_eq!(
        (&declined["declined_by"], &declined["approved_by"]),
        (&json!("second"), &json!(null))
    );
    let told = declined["decline_reason"].as_str().unwrap();
    assert!(
        told.starts_with("Chưa cần gọi") && !told.contains("0900000001"),
        "{told}"
    );
    // Said again it changes nothing, and nobody approves it any more.
    let again = t
        .named_officer("third", OFFICER)
        .post(&path(&waiting, "decline"));
    assert_eq!(again.send().await.expect(200), declined);
    let third = t.named_officer("third", OFFICER);
    let late = third.post(&path(&waiting, "approve")).send().await;
    assert_eq!(late.problem(409)["code"], "wrong_state");
    let anew = ask(&officer, &id, 202).await;
    assert_ne!(anew["id"], waiting["id"], "to ask again is to ask anew");
    let listed = second.get("/v1/reveals").send().await.expect(200);
    let states: Vec<_> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["status"])
        .collect();
    assert_eq!(states, ["pending", "declined"]);
    t.settle().await;
    let timeline = second.get(&format!("/v1/tips/{id}/timeline"));
    let timeline = timeline.send().await.expect(200);
    let entries = timeline["items"].as_array().unwrap().iter();
    let entries: Vec<_> = entries
        .filter(|entry| entry["type"] == "reveal.declined")
        .collect();
    assert_eq!(entries.len(), 1, "{timeline}");
    assert_eq!(entries[0]["actor"], "second");
    assert_eq!(
        entries[0]["data"],
        json!({"reveal_id": waiting["id"], "requested_by": "analyst", "reason": told})
    );
}

#[actix_web::test]
async fn who_asked_may_take_it_back_but_not_once_it_is_approved_or_has_run_out() {
    let t = TestApp::new().await;
    let (id, officer) = secret(&t).await;
    let waiting = ask(&officer, &id, 202).await;
    let back = officer
        .post(&path(&waiting, "decline"))
        .send()
        .await
        .expect(200);
    assert_eq!(
        (&back["status"], &back["declined_by"]),
        (&json!("declined"), &json!("analyst"))
    );
    assert_eq!(back["decline_reason"], json!(null));
    let approved = ask(&officer, &id, 202).await;
    let second = t.named_officer("second", OFFICER);
    second
        .post(&path(&approved, "approve"))
        .send()
        .await
        .expect(200);
    let late = second.post(&path(&approved, "decline")).send().await;
    assert_eq!(late.problem(409)["code"], "wrong_state");
    assert_eq!(ask(&officer, &id, 200).await["phone"], "0900000001");
    t.clock.advance(Duration::from_secs(2 * 3_600));
    let claim = officer.put(&format!("/v1/tips/{id}/claim")).send().await;
    claim.expect(200);
    let old = ask(&officer, &id, 202).await;
    t.clock.advance(Duration::from_secs(25 * 3_600));
    let late = second.post(&path(&old, "decline")).send().await;
    assert_eq!(late.problem(409)["code"], "wrong_state");
}

#[actix_web::test]
async fn who_may_not_see_the_tip_declines_nothing_of_it() {
    let t = TestApp::new().await;
    let (id, officer) = secret(&t).await;
    let waiting = ask(&officer, &id, 202).await;
    let elsewhere = t.bearer(&Claims {
        sub: "second",
        scopes: "tips:read tips:triage reporters:reveal",
        units: Some(&["03127"]),
        ..Claims::default()
    });
    elsewhere
        .post(&path(&waiting, "decline"))
        .send()
        .await
        .problem(404);
    let reader = t.named_officer("second", &[Scope::TipsRead]);
    reader
        .post(&path(&waiting, "decline"))
        .send()
        .await
        .problem(403);
    let second = t.named_officer("second", OFFICER);
    for reason in ["", "ab", "     ", &"x".repeat(501)] {
        let call = second
            .post(&path(&waiting, "decline"))
            .json(&json!({"reason": reason}));
        assert_eq!(
            call.send().await.problem(422)["errors"][0]["pointer"],
            "/reason",
            "{reason:?}"
        );
    }
    let untouched = rows(
        &t,
        "select (declined_at is null)::text as cell from reveals",
    )
    .await;
    assert_eq!(untouched, ["true"]);
}
