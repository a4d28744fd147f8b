//! Agencies as data.

use diesel_async::SimpleAsyncConnection;
use serde_json::json;
use tinbao::auth::Scope;

use crate::support::TestApp;

#[actix_web::test]
async fn agencies_are_read_by_officers_and_changed_by_admins() {
    let t = TestApp::new().await;
    let officer = t.officer(&[Scope::TipsRead]);
    let banks = officer
        .get("/v1/agencies?kind=bank&limit=5")
        .send()
        .await
        .expect(200);
    assert_eq!(banks["items"].as_array().unwrap().len(), 5);
    assert_eq!(banks["items"][0]["kind"], "bank");
    let next = banks["next_cursor"].as_str().unwrap();
    let more = officer
        .get(&format!("/v1/agencies?kind=bank&limit=5&cursor={next}"))
        .send()
        .await
        .expect(200);
    assert!(more["items"][0]["code"].as_str() > banks["items"][4]["code"].as_str());

    let admin = t.officer(&[Scope::Admin]);
    let border = admin.get("/v1/agencies/border_guard").send().await;
    let etag = border.header("ETag").to_owned();
    let change = json!({"name_vi": "Ban Chỉ huy Bộ đội Biên phòng tỉnh", "expected_hours": 24});
    let path = "/v1/agencies/border_guard";
    admin.patch(path).json(&change).send().await.problem(428);
    let patch = |tag: &str| admin.patch(path).header("If-Match", tag).json(&change);
    let changed = patch(&etag).send().await.expect(200);
    assert_eq!(changed["name_vi"], "Ban Chỉ huy Bộ đội Biên phòng tỉnh");
    assert_eq!(changed["version"], 2);
    assert_eq!(changed["name_en"], "Provincial Border Guard");
    patch(&etag).send().await.problem(412);
    let seen = officer.get(path).send().await.expect(200);
    assert_eq!(seen, changed);
    officer
        .patch(path)
        .header("If-Match", "*")
        .json(&change)
        .send()
        .await
        .problem(403);
    officer
        .get("/v1/agencies/nowhere")
        .send()
        .await
        .problem(404);
}

#[actix_web::test]
async fn a_new_agency_takes_referrals_and_clients_at_once() {
    let t = TestApp::new().await;
    let admin = t.officer(&[Scope::Admin]);
    let new = json!({"code": "hospital", "kind": "other", "name_vi": "Bệnh viện tỉnh", "name_en": "Hospital",
        "referral_kinds": ["publicise"]});
    let made = admin.post("/v1/agencies").json(&new).send().await;
    assert_eq!(made.header("Location"), "/v1/agencies/hospital");
    assert_eq!(made.expect(201)["expected_hours"], 72);
    let again = admin.post("/v1/agencies").json(&new).send().await;
    assert_eq!(again.problem(409)["code"], "duplicate");
    let client = json!({"client_id": "hospital", "name": "Hospital", "kind": "confidential", "agency": "hospital",
        "scopes": ["referrals:work"]});
    admin
        .post("/v1/clients")
        .json(&client)
        .send()
        .await
        .expect(201);
    for (wrong, pointer) in [
        (json!({"code": "A b"}), "/code"),
        (json!({"kind": "club"}), "/kind"),
        (
            json!({"referral_kinds": ["publicise", "arrest"]}),
            "/referral_kinds/1",
        ),
        (json!({"expected_hours": 0}), "/expected_hours"),
    ] {
        let mut body = new.clone();
        body["code"] = json!("other_code");
        for (name, value) in wrong.as_object().unwrap() {
            body[name] = value.clone();
        }
        let refused = admin
            .post("/v1/agencies")
            .json(&body)
            .send()
            .await
            .problem(422);
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
}

#[actix_web::test]
async fn of_two_first_edits_of_a_list_none_is_lost() {
    let t = TestApp::new().await;
    // As after a restore without the lists.
    crate::support::rows(&t, "delete from reference_documents returning name as cell").await;
    let admin = t.officer(&[Scope::Admin]);
    let add = |code: &str| {
        let agency = json!({"code": code, "name_vi": "Cơ quan thử", "name_en": "Agency", "kind": "other",
            "referral_kinds": []});
        admin.post("/v1/agencies").json(&agency).send()
    };
    // Both have looked before either may write.
    let mut holder = t.owner().await;
    let stop = "begin; lock table reference_documents in share mode";
    holder.batch_execute(stop).await.unwrap();
    let release = async {
        crate::locks::waiting(&t, 2).await;
        holder.batch_execute("rollback").await.unwrap();
    };
    let (one, two, ()) =
        futures_util::future::join3(add("first_agency"), add("second_agency"), release).await;
    for reply in [one, two] {
        reply.expect(201);
    }
    for code in ["first_agency", "second_agency"] {
        let found = admin.get(&format!("/v1/agencies/{code}")).send().await;
        found.expect(200);
    }
}
