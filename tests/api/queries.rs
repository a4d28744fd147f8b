//! Query parameters that do not exist, values that are on no list, and positions that the journal has not reached.

use serde_json::json;
use tinbao::auth::Scope;

use crate::cases::{open, path};
use crate::support::{Claims, TestApp};

#[actix_web::test]
async fn an_unknown_parameter_is_refused_where_there_are_none() {
    let t = TestApp::new().await;
    let tip = t.submit(&json!({"narrative": "một"})).await;
    let tip = format!("/v1/tips/{}", tip["id"].as_str().unwrap());
    let officer = t.officer(crate::cases::ALL);
    let case = open(&officer, &[]).await;
    for route in [
        "/v1/cases/suggestions".to_owned(),
        "/v1/cases/digest".to_owned(),
        "/v1/triage/summary".to_owned(),
        "/v1/desks".to_owned(),
        format!("{tip}/related"),
        path(&case, "/graph"),
        tip,
    ] {
        officer.get(&route).send().await.expect(200);
        let refused = officer.get(&format!("{route}?limit=1")).send().await;
        let refused = refused.problem(422);
        assert_eq!(refused["errors"][0]["code"], "unknown_field", "{route}");
        assert_eq!(refused["errors"][0]["parameter"], "limit", "{route}");
    }
}

#[actix_web::test]
async fn a_value_that_is_on_no_list_is_refused_by_a_filter() {
    let t = TestApp::new().await;
    let officer = t.officer(crate::cases::ALL);
    let guard = t.bearer(&Claims {
        sub: "guard",
        scopes: "referrals:work",
        agency: Some("border_guard"),
        ..Claims::default()
    });
    let brokers = "/v1/border/brokers?purpose=tuan%20tra&role";
    for (bearer, route, good) in [
        (&officer, "/v1/triage/queue?method", "investment_fraud"),
        (&officer, "/v1/tips?method", "investment_fraud"),
        (&officer, "/v1/cases?method", "investment_fraud"),
        (&guard, brokers, "recruited"),
    ] {
        let found = bearer.get(&format!("{route}={good}")).send().await;
        found.expect(200);
        let refused = bearer.get(&format!("{route}=nope")).send().await;
        assert_eq!(
            refused.problem(422)["errors"][0]["code"],
            "unknown_value",
            "{route}"
        );
    }
}

#[actix_web::test]
async fn a_position_that_the_journal_has_not_reached_is_refused_everywhere() {
    let t = TestApp::new().await;
    t.submit(&json!({"narrative": "một"})).await;
    t.settle().await;
    let officer = t.officer(&[Scope::ExchangeRead, Scope::TipsRead, Scope::CheckRead]);
    for (route, parameter) in [
        ("/v1/exports/tips.ndjson?updated_since", "updated_since"),
        ("/v1/exports/cases.csv?updated_since", "updated_since"),
        (
            "/v1/exports/indicators.ndjson?updated_since",
            "updated_since",
        ),
        ("/v1/tips?updated_since", "updated_since"),
        ("/v1/feeds/indicators.ndjson?since", "since"),
        ("/v1/changes?since", "since"),
    ] {
        let reached = officer.get(&format!("{route}=1")).send().await;
        assert_eq!(reached.status, 200, "{route}: {}", reached.text());
        let refused = officer.get(&format!("{route}=99999999")).send().await;
        let refused = refused.problem(422);
        assert_eq!(refused["errors"][0]["code"], "ahead", "{route}");
        assert_eq!(refused["errors"][0]["parameter"], parameter, "{route}");
    }
}
