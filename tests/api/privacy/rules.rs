//! The rules of retention and their second administrator.

use serde_json::{Value, json};

use super::{ADMIN, code};
use crate::support::{Claims, TestApp};

/// The rules as they came, with another term for the first class.
fn changed(shown: &Value, days: &Value) -> Value {
    let mut rules = shown["rules"].clone();
    rules[0]["after_days"] = days.clone();
    json!({"rules": rules})
}

#[actix_web::test]
async fn rules_change_only_with_a_second_administrator() {
    let t = TestApp::new().await;
    let (one, two) = (
        t.named_officer("admin-1", ADMIN),
        t.named_officer("admin-2", ADMIN),
    );
    let shown = one.get("/v1/retention").send().await;
    let etag = shown.header("etag").to_owned();
    let shown = shown.expect(200);
    assert_eq!(shown["rules"][0]["class"], "reporter_identities");
    assert_eq!(shown["pending"], Value::Null);
    assert_eq!(
        code(&two.post("/v1/retention/approve").send().await, 409),
        "wrong_state"
    );

    let wish = changed(&shown, &json!(90));
    let put = |etag: &str| {
        one.put("/v1/retention")
            .header("If-Match", etag)
            .json(&wish)
    };
    one.put("/v1/retention")
        .json(&wish)
        .send()
        .await
        .problem(428);
    put("\"77\"").send().await.problem(412);
    let proposed = put(&etag).send().await;
    let second = proposed.header("etag").to_owned();
    let proposed = proposed.expect(202);
    assert_ne!(second, etag);
    assert_eq!(proposed["rules"], shown["rules"], "in force as before");
    assert_eq!(proposed["pending"]["proposed_by"], "admin-1");
    assert_eq!(proposed["pending"]["rules"], wish["rules"]);
    put(&etag).send().await.problem(412);

    let approve = |client: &crate::support::Client| client.post("/v1/retention/approve");
    assert_eq!(code(&approve(&one).send().await, 409), "same_person");
    // What was seen has been replaced: it is not approved unseen.
    let stale = approve(&two).header("If-Match", &etag).send().await;
    stale.problem(412);
    let approved = approve(&two)
        .header("If-Match", &second)
        .send()
        .await
        .expect(200);
    assert_eq!(approved["rules"], wish["rules"]);
    assert_eq!(
        [
            &approved["proposed_by"],
            &approved["approved_by"],
            &approved["pending"]
        ],
        [&json!("admin-1"), &json!("admin-2"), &Value::Null]
    );

    // A proposal is taken back by proposing what is in force.
    let put = |body: &Value| one.put("/v1/retention").header("If-Match", "*").json(body);
    put(&changed(&approved, &Value::Null))
        .send()
        .await
        .expect(202);
    let back = put(&json!({"rules": approved["rules"]}))
        .send()
        .await
        .expect(202);
    assert_eq!(back["pending"], Value::Null);
    assert_eq!(code(&approve(&two).send().await, 409), "wrong_state");
}

#[actix_web::test]
async fn rules_that_are_not_whole_or_too_hasty_are_named() {
    let t = TestApp::new().await;
    let admin = t.officer(ADMIN);
    let shown = admin.get("/v1/retention").send().await.expect(200);
    let mut missing = json!({"rules": shown["rules"]});
    missing["rules"].as_array_mut().unwrap().pop();
    let mut doubled = json!({"rules": shown["rules"]});
    let first = doubled["rules"][0].clone();
    doubled["rules"].as_array_mut().unwrap().push(first);
    let mut silent = json!({"rules": shown["rules"]});
    silent["rules"][2]
        .as_object_mut()
        .unwrap()
        .remove("after_days");
    let mut unknown = json!({"rules": shown["rules"]});
    unknown["rules"][1]["class"] = json!("diaries");
    for (body, pointer) in [
        (changed(&shown, &json!(0)), "/rules/0/after_days"),
        (changed(&shown, &json!(29)), "/rules/0/after_days"),
        (changed(&shown, &json!("x")), "/rules/0/after_days"),
        (silent, "/rules/2/after_days"),
        (missing, "/rules"),
        (doubled, "/rules/7/class"),
        (unknown, "/rules/1/class"),
        (json!({}), "/rules"),
    ] {
        let put = admin.put("/v1/retention").header("If-Match", "*");
        let problem = put.json(&body).send().await.problem(422);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
}

#[actix_web::test]
async fn other_agencies_have_no_say() {
    let t = TestApp::new().await;
    let bank = t.bearer(&Claims {
        scopes: "admin audit:read",
        agency: Some("bank_970436"),
        ..Claims::default()
    });
    for path in ["/v1/retention", "/v1/retention/preview"] {
        assert_eq!(
            code(&bank.get(path).send().await, 403),
            "forbidden",
            "{path}"
        );
    }
    assert_eq!(
        code(&bank.post("/v1/retention/approve").send().await, 403),
        "forbidden"
    );
}

#[actix_web::test]
async fn rules_that_wait_are_tried_dry_before_they_are_approved() {
    let t = TestApp::new().await;
    let admin = t.officer(ADMIN);
    let path = "/v1/retention/preview?rules=pending";
    assert_eq!(code(&admin.get(path).send().await, 409), "wrong_state");
    admin
        .get("/v1/retention/preview?rules=old")
        .send()
        .await
        .problem(422);
    let tip = super::plant(&t).await;
    super::dismiss(&t, &tip).await;
    super::days(&t, 40).await;
    let admin = t.officer(ADMIN);
    let shown = admin.get("/v1/retention").send().await.expect(200);
    let put = admin.put("/v1/retention").header("If-Match", "*");
    put.json(&changed(&shown, &json!(30)))
        .send()
        .await
        .expect(202);
    for (path, due) in [("/v1/retention/preview", 0), (path, 1)] {
        let tried = admin.get(path).send().await.expect(200);
        assert_eq!(tried["items"][0]["due"], due, "{path}");
    }
}
