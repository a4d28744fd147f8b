//! What authors of clients tried who had read only the documentation.

use actix_web::http::Method;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{TestApp, rows};

#[actix_web::test]
async fn a_loss_that_nobody_can_have_is_kept_and_told_but_not_counted() {
    let t = TestApp::new().await;
    for _ in 0..3 {
        let answer = t.submit(&json!({
                "indicators": [{"kind": "bank_account", "value": "0011002233445", "bank": "VCB", "role": "received_money"}],
                "attachments_announced": -1,
                "losses": [{"amount_vnd": i64::MAX}, {"amount_vnd": 1_000_000_000_000_000_i64}]})).await;
        let told: Vec<_> = answer["warnings"].as_array().unwrap().iter().collect();
        for (pointer, code) in [
            ("/losses/0/amount_vnd", "implausible_amount"),
            ("/attachments_announced", "invalid_value"),
        ] {
            assert!(
                told.iter()
                    .any(|w| w["pointer"] == pointer && w["code"] == code),
                "{told:?}"
            );
        }
        assert_eq!(told.len(), 2, "{told:?}");
    }
    // Whoever wrote such numbers into the rows before.
    rows(
        &t,
        "with all_tips as (update tips set loss_vnd = 9223372036854775807 returning id)
         select count(*)::text as cell from all_tips",
    )
    .await;
    t.settle().await;
    tinbao::app::background::tidy(&t.running.state)
        .await
        .unwrap();
    let officer = t.officer(&[Scope::StatsRead, Scope::TipsRead]);
    for path in ["summary", "timeseries", "methods", "units", "desks"] {
        let path = format!("/v1/stats/{path}");
        officer.get(&path).send().await.expect(200);
    }
}

#[actix_web::test]
async fn fields_round_the_tips_of_a_batch_are_warned_of() {
    let t = TestApp::new().await;
    let reference = "0f8fad5b-d9cb-469f-a165-70867728950e";
    let answer = t
        .citizen()
        .post("/v1/tips/batch")
        .json(&json!({"app": "1.2", "tips": [
            {"client_reference": reference, "tip": {"narrative": "một"}, "sent": 1}]}))
        .send()
        .await
        .expect(200);
    assert_eq!(answer["results"][0]["status"], 201);
    let pointers: Vec<_> = answer["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|w| w["pointer"].clone())
        .collect();
    assert_eq!(pointers, ["/app", "/tips/0/sent"]);
}

#[actix_web::test]
async fn values_of_a_batch_check_are_plain_or_named() {
    let t = TestApp::new().await;
    let check = async |values: Value| {
        t.citizen()
            .post("/v1/check/batch")
            .json(&json!({"values": values}))
            .send()
            .await
    };
    let told = check(json!(["0912 345 678", {"value": "example.com", "kind": "url"}])).await;
    let told = told.expect(200);
    assert_eq!(told["items"][0]["value"], "+84912345678");
    assert_eq!(told["items"][1]["value"], "example.com/");
    for (values, pointer, code) in [
        (json!([5]), "/values/0", "wrong_type"),
        (
            json!(["x", {"value": "y", "kine": "url"}]),
            "/values/1/kine",
            "unknown_field",
        ),
        (json!([{"kind": "url"}]), "/values/0/value", "required"),
        (json!([""]), "/values/0/value", "length"),
    ] {
        let problem = check(values).await.problem(422);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
        assert_eq!(problem["errors"][0]["code"], code, "{problem}");
    }
}

#[actix_web::test]
async fn a_wrong_type_is_named_as_json_names_it() {
    let t = TestApp::new().await;
    for (tip, detail) in [
        (json!({"indicators": [null]}), "Expected an object."),
        (json!({"indicators": {}}), "Expected an array."),
        (json!({"narrative": 5}), "Expected a string."),
    ] {
        let problem = t.citizen().post("/v1/tips").json(&tip).send().await;
        assert_eq!(problem.problem(422)["errors"][0]["detail"], detail);
    }
    let several =
        json!({"narrative": 5, "in_danger_now": "yes", "losses": [{"amount_vnd": "x"}], "test": 1});
    let call = t.citizen().post("/v1/tips").json(&several);
    let problem = call.send().await.problem(422);
    let mut places: Vec<_> = problem["errors"].as_array().unwrap().iter().collect();
    places.sort_by_key(|error| error["pointer"].to_string());
    let places: Vec<_> = places.iter().map(|error| &error["pointer"]).collect();
    let all = [
        "/in_danger_now",
        "/losses/0/amount_vnd",
        "/narrative",
        "/test",
    ];
    assert_eq!(places, all);
    let device = json!({"client_id": 1, "device_token": 2});
    let call = t.anyone().post("/v1/devices").json(&device);
    let problem = call.send().await.problem(422);
    let named = problem["errors"].as_array().unwrap();
    assert_eq!(named.len(), 1, "behind what must be there nothing is known");
}

#[actix_web::test]
async fn a_secret_with_a_plus_works_encoded_and_as_it_is() {
    let t = TestApp::new().await;
    let mut conn = t.running.state.db.get().await.unwrap();
    let scopes = [Scope::TipsSubmit];
    tinbao::clients::ensure_confidential(
        &mut conn,
        ("plus-client", "bank_970436"),
        &scopes,
        "a+/b=",
        t.clock.now(),
    )
    .await
    .unwrap();
    for pair in ["plus-client:a%2B%2Fb%3D", "plus-client:a+/b="] {
        let basic = format!("basic {}", STANDARD.encode(pair));
        let answer = t
            .anyone()
            .post("/v1/oauth/token")
            .header("Authorization", &basic)
            .body(
                "application/x-www-form-urlencoded",
                "grant_type=client_credentials",
            )
            .send()
            .await;
        assert_eq!(answer.expect(200)["token_type"], "Bearer");
    }
}

#[actix_web::test]
async fn the_documentation_is_at_its_address_and_a_preflight_of_nobody_is_405() {
    let t = TestApp::new().await;
    let page = t.anyone().get("/docs").send().await;
    page.expect(200);
    let text = page.text();
    let files: Vec<&str> = text
        .split(['"'])
        .filter(|part| part.starts_with("/docs/"))
        .collect();
    assert!(files.len() >= 6 && !text.contains("=\"./"), "{text}");
    for file in files {
        t.anyone().get(file).send().await.expect(200);
    }
    let preflight = t
        .anyone()
        .call(Method::OPTIONS, "/v1/tips")
        .header("Origin", "https://app.example.vn")
        .header("Access-Control-Request-Method", "POST")
        .send()
        .await;
    preflight.problem(405);
    assert!(preflight.header("access-control-allow-origin").is_empty());
    let since = t.citizen().get("/v1/feeds/indicators.ndjson?since=-1");
    assert_eq!(
        since.send().await.problem(422)["errors"][0]["parameter"],
        "since"
    );
}

#[actix_web::test]
async fn a_client_is_shown_with_the_version_that_a_change_needs() {
    let t = TestApp::new().await;
    let admin = t.officer(&[Scope::Admin]);
    let new = json!({"client_id": "shown-client", "name": "Tên", "kind": "public", "scopes": ["tips:submit"]});
    let made = admin
        .post("/v1/clients")
        .json(&new)
        .send()
        .await
        .expect(201);
    let path = format!("/v1/clients/{}", made["id"].as_str().unwrap());
    let shown = admin.get(&path).send().await;
    assert_eq!(shown.expect(200)["client_id"], "shown-client");
    let change = admin.patch(&path).json(&json!({"name": "Tên mới"}));
    let changed = change.header("If-Match", shown.header("etag")).send().await;
    assert_eq!(changed.expect(200)["name"], "Tên mới");
    let nobody = "/v1/clients/019e4c5a-7b1e-7c3d-9a51-3f2b8d0c6e11";
    admin.get(nobody).send().await.problem(404);
}
