//! Calendars and routing rules as editable resources: a new year, and the version in the body.

use serde_json::json;
use tinbao::auth::Scope;

use crate::support::TestApp;

#[actix_web::test]
async fn a_year_without_a_calendar_gets_one_without_if_match() {
    let t = TestApp::new().await;
    let admin = t.officer(&[Scope::Admin]);
    let path = "/v1/calendar/2031";
    let year = json!({"year": 2031, "working_weekends": [],
        "holidays": [{"date": "2031-01-01", "name": "Tết Dương lịch", "confirmed": true}]});
    admin.get(path).send().await.problem(404);
    let made = admin.put(path).header("If-None-Match", "*").json(&year);
    let made = made.send().await;
    let version = made.expect(200)["version"].clone();
    assert_eq!(made.header("etag"), format!("\"{version}\""));
    let mut shown = admin.get(path).send().await.expect(200);
    assert_eq!(shown["holidays"], year["holidays"]);
    assert_eq!(shown["version"], version);
    // From now on it is there.
    admin.put(path).json(&year).send().await.problem(428);
    // What was read may be sent back as it is.
    shown["holidays"] = json!([]);
    let change = admin.put(path).header("If-Match", made.header("etag"));
    let changed = change.json(&shown).send().await.expect(200);
    assert_eq!(
        changed["version"].as_i64().unwrap(),
        version.as_i64().unwrap() + 1
    );
    admin
        .put("/v1/calendar/2032")
        .json(&json!({"year": 2032, "holidays": [], "working_weekends": []}))
        .send()
        .await
        .expect(200);
}

#[actix_web::test]
async fn routing_rules_tell_their_version_and_are_never_none() {
    let t = TestApp::new().await;
    let admin = t.officer(&[Scope::Admin]);
    let path = "/v1/routing/rules";
    let shown = admin.get(path).send().await;
    let mut routing = shown.expect(200);
    let version = routing["version"].as_i64().unwrap();
    assert_eq!(shown.header("etag"), format!("\"{version}\""));
    let put = |body: &serde_json::Value| {
        let call = admin.put(path).header("If-Match", shown.header("etag"));
        call.json(body).send()
    };
    let rules = routing["rules"].take();
    routing["rules"] = json!([]);
    let refused = put(&routing).await.problem(422);
    assert_eq!(refused["errors"][0]["pointer"], "/rules");
    routing["rules"] = rules;
    assert_eq!(put(&routing).await.expect(200)["version"], version + 1);
}
