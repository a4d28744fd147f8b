//! What officers write down beside a tip: wrong types are named, and nothing that is stored breaks the views.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{TestApp, rows};

const OFFICER: &[Scope] = &[Scope::TipsSubmit, Scope::TipsRead, Scope::TipsTriage];

#[actix_web::test]
async fn a_wrong_type_is_named_by_its_pointer() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    for (members, pointer) in [
        (json!({"reception": {"channel": 5}}), "/reception/channel"),
        (
            json!({"reception": {"received_at": ["2026-11-24T01:00:00Z"]}}),
            "/reception/received_at",
        ),
        (json!({"reception": "phone"}), "/reception"),
        (json!({"suspects": ["Y"]}), "/suspects/0"),
        (json!({"suspects": {"name": "Y"}}), "/suspects"),
        (json!({"witnesses": [{}, 7]}), "/witnesses/1"),
    ] {
        let mut body = json!({"narrative": "Lừa đảo"});
        body.as_object_mut()
            .unwrap()
            .extend(members.as_object().unwrap().clone());
        let problem = officer.post("/v1/tips").json(&body).send().await;
        let problem = problem.problem(422);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{members}");
        assert_eq!(problem["errors"][0]["code"], "wrong_type", "{members}");
    }
}

#[actix_web::test]
async fn unknown_members_and_values_are_warned_of_and_kept() {
    let t = TestApp::new().await;
    let officer = t.officer(OFFICER);
    let body = json!({"narrative": "Lừa đảo", "suspects": [{"nickname": "Tý"}],
        "reception": {"channel": "pigeon", "identity_refused_reason": null, "a/b": 1}});
    let sent = officer
        .post("/v1/tips")
        .json(&body)
        .send()
        .await
        .expect(201);
    let warned: Vec<Value> = sent["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|warning| json!([warning["pointer"], warning["code"]]))
        .collect();
    assert_eq!(
        warned,
        [
            json!(["/reception/a~1b", "unknown_field"]),
            json!(["/reception/channel", "unknown_value"])
        ]
    );
    let path = format!("/v1/tips/{}", sent["id"].as_str().unwrap());
    let shown = officer.get(&path).send().await.expect(200);
    assert_eq!(shown["reception"]["channel"], "pigeon");
    assert_eq!(shown["reception"]["a/b"], 1);
    assert_eq!(shown["suspects"], json!([{"nickname": "Tý"}]));
}

#[actix_web::test]
async fn what_was_stored_before_is_shown_as_the_document_says() {
    let t = TestApp::new().await;
    let body = json!({"narrative": "Lừa đảo", "victim": {"age_group": "60_plus"}});
    let sent = t.submit(&body).await;
    rows(
        &t,
        r#"update tips set details = details || '{"reception": {"channel": 5}, "suspects": ["Y"],
           "witnesses": "Z", "victim": {"age_group": "60_plus"}}'::jsonb returning 'x' as cell"#,
    )
    .await;
    t.settle().await;
    let officer = t.officer(OFFICER);
    let path = format!("/v1/tips/{}", sent["id"].as_str().unwrap());
    let one = officer.get(&path).send().await.expect(200);
    let list = officer.get("/v1/tips").send().await.expect(200);
    let register = officer
        .get("/v1/register?year=2026")
        .send()
        .await
        .expect(200);
    for tip in [&one, &list["items"][0]] {
        assert_eq!(tip["reception"], json!({"channel": "5"}));
    }
    for tip in [&one, &list["items"][0], &register["items"][0]] {
        assert_eq!(tip["suspects"], json!([{"note": "Y"}]));
        assert_eq!(tip["witnesses"], Value::Null);
        assert_eq!(
            tip["victim"],
            json!({"relation": null, "age_group": "60_plus"})
        );
    }
}

#[actix_web::test]
async fn a_victim_told_of_later_has_all_its_members() {
    let t = TestApp::new().await;
    let sent = t.submit(&json!({"narrative": "Lừa đảo"})).await;
    let patch = t.anyone().patch("/v1/receipt");
    let patch = patch.header("Tip-Receipt", sent["receipt"].as_str().unwrap());
    let body = json!({"victim": {"age_group": "60_plus"}});
    patch.json(&body).send().await.expect(200);
    let stored = rows(&t, "select details->>'victim' as cell from tips").await;
    assert!(stored[0].contains("relation"), "{}", stored[0]);
    let path = format!("/v1/tips/{}", sent["id"].as_str().unwrap());
    let shown = t.officer(OFFICER).get(&path).send().await.expect(200);
    assert_eq!(
        shown["victim"],
        json!({"relation": null, "age_group": "60_plus"})
    );
}
