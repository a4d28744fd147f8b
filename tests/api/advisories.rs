//! Warnings: drafted by one, published by another, taken back.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::checks::{confirm, id_of};
use crate::support::{Claims, Client, Reply, TestApp};

pub const BOTH: &[Scope] = &[Scope::AdvisoriesWrite, Scope::AdvisoriesPublish];

pub fn warning() -> Value {
    json!({
        "severity": "severe",
        "audiences": ["elderly"],
        "texts": {
            "vi": {"title": "Cảnh giác cuộc gọi giả danh công an",
                   "summary": "Công an không bao giờ yêu cầu chuyển tiền qua điện thoại.",
                   "body": "Kẻ gian đòi chuyển 48.000.000 đồng <ngay>.\n\n- Không chuyển tiền\n- Gọi 113"},
            "en": {"title": "Calls by false police officers",
                   "summary": "The police never ask for a transfer by telephone.",
                   "body": "Hang up & call 113."}
        },
        "methods": ["impersonate_police_court"],
        "unit_codes": ["03127"],
        "guidance": ["fake_authority"]
    })
}

pub async fn draft(client: &Client, body: &Value) -> Value {
    let call = client.post("/v1/advisories").json(body);
    call.send().await.expect(201)
}

pub async fn publish(client: &Client, id: &str) -> Reply {
    let path = format!("/v1/advisories/{id}/publish");
    client.post(&path).send().await
}

/// Drafts as one officer, publishes as another; returns the id.
pub async fn published(t: &TestApp, body: &Value) -> String {
    let made = draft(&t.named_officer("author", BOTH), body).await;
    let id = made["id"].as_str().unwrap().to_owned();
    let second = t.named_officer("second", BOTH);
    publish(&second, &id).await.expect(200);
    id
}

pub async fn public(t: &TestApp, query: &str) -> Value {
    let path = format!("/v1/public/advisories{query}");
    t.anyone().get(&path).send().await.expect(200)
}

#[actix_web::test]
async fn a_second_person_publishes_and_an_edit_waits_while_the_old_text_stands() {
    let t = TestApp::new().await;
    let author = t.named_officer("author", BOTH);
    let second = t.named_officer("second", BOTH);
    let made = draft(&author, &warning()).await;
    let id = made["id"].as_str().unwrap();
    assert_eq!(
        (
            &made["state"],
            &made["pending"],
            &made["revision"],
            &made["languages"]
        ),
        (
            &json!("draft"),
            &json!(true),
            &json!(0),
            &json!(["en", "vi"])
        )
    );
    assert_eq!(public(&t, "").await["items"], json!([]));
    assert_eq!(
        publish(&author, id).await.problem(409)["code"],
        "same_person"
    );
    let first = publish(&second, id).await.expect(200);
    assert_eq!(
        (&first["state"], &first["revision"]),
        (&json!("published"), &json!(1))
    );
    assert_eq!(
        publish(&second, id).await.problem(409)["code"],
        "wrong_state"
    );

    let path = format!("/v1/advisories/{id}");
    let edit = json!({"severity": "extreme"});
    author.patch(&path).json(&edit).send().await.problem(428);
    let stale = author.patch(&path).header("If-Match", "\"1\"").json(&edit);
    stale.send().await.problem(412);
    let edited = author.patch(&path).header("If-Match", "\"2\"").json(&edit);
    let edited = edited.send().await.expect(200);
    assert_eq!(
        (&edited["pending"], &edited["severity"]),
        (&json!(true), &json!("extreme"))
    );
    assert_eq!(public(&t, "").await["items"][0]["severity"], "severe");
    let unread = second
        .post(&format!("{path}/publish"))
        .header("If-Match", "\"2\"");
    unread.send().await.problem(412);
    publish(&second, id).await.expect(200);
    let shown = public(&t, "").await["items"][0].clone();
    assert_eq!(
        (&shown["severity"], &shown["revision"]),
        (&json!("extreme"), &json!(2))
    );

    let reason = json!({"reason": "Đã có cảnh báo mới thay thế."});
    let retract = format!("{path}/retract");
    let writer = t.officer(&[Scope::AdvisoriesWrite]);
    writer
        .post(&retract)
        .json(&reason)
        .send()
        .await
        .problem(403);
    second.post(&retract).json(&reason).send().await.expect(200);
    second
        .post(&retract)
        .json(&reason)
        .send()
        .await
        .problem(409);
    let late = author.patch(&path).header("If-Match", "*").json(&edit);
    assert_eq!(late.send().await.problem(409)["code"], "wrong_state");
    assert_eq!(public(&t, "").await["items"], json!([]));
    t.anyone()
        .get(&format!("/v1/public/advisories/{id}"))
        .send()
        .await
        .problem(404);

    t.settle().await;
    let reader = t.officer(&[Scope::ExchangeRead]);
    let changes = reader.get("/v1/changes?since=0").send().await.expect(200);
    let told: Vec<&str> = changes["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|event| event["type"].as_str())
        .filter(|kind| kind.contains("advisory"))
        .collect();
    assert_eq!(
        told,
        [
            "advisory.published",
            "advisory.published",
            "advisory.retracted"
        ]
    );
}

#[actix_web::test]
async fn a_warning_names_only_who_is_confirmed_and_holds_no_personal_data() {
    let t = TestApp::new().await;
    confirm(&t, "0912 345 678").await;
    confirm(&t, "https://lua-dao-top.xyz/").await;
    let confirmed = id_of(&t, "0912345678").await;
    let citizen = json!({"narrative": "Lừa đảo", "indicators": [{"value": "0987 654 321"}]});
    t.submit(&citizen).await;
    t.settle().await;
    let alleged = id_of(&t, "0987654321").await;
    let author = t.named_officer("author", BOTH);

    let mut body = warning();
    body["indicator_ids"] = json!([alleged, confirmed, "01a20cb8-6af2-7504-a69a-0807b6089184"]);
    let refused = author
        .post("/v1/advisories")
        .json(&body)
        .send()
        .await
        .problem(422);
    let places: Vec<&Value> = refused["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| &e["pointer"])
        .collect();
    assert_eq!(places, ["/indicator_ids/0", "/indicator_ids/2"]);
    assert_eq!(refused["errors"][0]["code"], "not_confirmed");

    for (text, code) in [
        ("Số 0987 654 321 đang lừa đảo.", "not_confirmed"),
        ("Tài khoản 970436:0011002233445 nhận tiền.", "not_confirmed"),
        ("Trang https://chua-ro.top/login giả mạo.", "not_confirmed"),
        ("Viết cho nan.nhan@example.com.", "not_confirmed"),
        ("Nạn nhân có CCCD số 001099012345.", "personal_data"),
    ] {
        let mut body = warning();
        body["texts"]["vi"]["body"] = json!(text);
        let call = author.post("/v1/advisories").json(&body);
        let refused = call.send().await.problem(422);
        assert_eq!(refused["errors"][0]["pointer"], "/texts/vi/body", "{text}");
        assert_eq!(refused["errors"][0]["code"], code, "{text}");
    }
    let mut body = warning();
    body["indicator_ids"] = json!([confirmed]);
    body["texts"]["vi"]["body"] = json!(
        "Số 0912.345.678 và trang lua-dao-top.xyz lừa đảo; trang thật là vietcombank.com.vn."
    );
    let id = published(&t, &body).await;
    let shown = &public(&t, "").await["items"][0];
    assert_eq!(shown["indicators"][0]["value"], "+84912345678");

    // Corrected after publication: it is named no more, and the next publication is refused.
    let path = format!("/v1/indicators/{confirmed}/verdict");
    let cleared = json!({"verdict": "cleared", "reason": "mistake"});
    let officer = t.officer(&[Scope::IndicatorsCurate]);
    officer.put(&path).json(&cleared).send().await.expect(200);
    t.settle().await;
    assert_eq!(public(&t, "").await["items"][0]["indicators"], json!([]));
    let own = author
        .get(&format!("/v1/advisories/{id}"))
        .send()
        .await
        .expect(200);
    assert_eq!(own["indicators"][0]["verdict"], Value::Null);
    let touch = author
        .patch(&format!("/v1/advisories/{id}"))
        .header("If-Match", "*");
    let refused = touch
        .json(&json!({"severity": "minor"}))
        .send()
        .await
        .problem(422);
    assert_eq!(refused["errors"][0]["pointer"], "/indicator_ids/0");
}

#[actix_web::test]
async fn a_wrong_draft_is_told_exactly_what_is_wrong() {
    let t = TestApp::new().await;
    let author = t.officer(BOTH);
    for (pointer, value, at, code) in [
        (
            "/audiences",
            json!(["martians"]),
            "/audiences/0",
            "unknown_value",
        ),
        (
            "/methods",
            json!(["impersonate_police_court", "x"]),
            "/methods/1",
            "unknown_value",
        ),
        (
            "/unit_codes",
            json!(["99999"]),
            "/unit_codes/0",
            "unknown_value",
        ),
        ("/guidance", json!(["x"]), "/guidance/0", "unknown_value"),
        (
            "/valid_until",
            json!("2026-11-24T01:20:00Z"),
            "/valid_until",
            "out_of_range",
        ),
        (
            "/texts",
            json!({"en": warning()["texts"]["en"]}),
            "/texts/vi",
            "required",
        ),
        ("/texts/vi/title", json!("  "), "/texts/vi/title", "length"),
        (
            "/texts/vi/title",
            json!("a\nb"),
            "/texts/vi/title",
            "invalid_character",
        ),
        (
            "/texts/vi/summary",
            json!("x".repeat(501)),
            "/texts/vi/summary",
            "length",
        ),
        (
            "/texts/vi/body",
            json!("a\u{1b}b"),
            "/texts/vi/body",
            "invalid_character",
        ),
        (
            "/texts/en",
            json!({"title": "x", "summary": "x", "body": "x", "html": "x"}),
            "/texts/en/html",
            "unknown_field",
        ),
    ] {
        let mut body = warning();
        body["valid_until"] = Value::Null;
        *body.pointer_mut(pointer).unwrap() = value;
        let refused = author
            .post("/v1/advisories")
            .json(&body)
            .send()
            .await
            .problem(422);
        let first = &refused["errors"][0];
        assert_eq!(
            (&first["pointer"], &first["code"]),
            (&json!(at), &json!(code)),
            "{refused}"
        );
    }
    let mut other = warning();
    other["texts"]["a/b"] = other["texts"]["en"].clone();
    let refused = author
        .post("/v1/advisories")
        .json(&other)
        .send()
        .await
        .problem(422);
    assert_eq!(refused["errors"][0]["pointer"], "/texts/a~1b");
    for query in [
        "?audience=martians",
        "?language=xx",
        "?method=x",
        "?unit=1",
        "?colour=red",
    ] {
        let path = format!("/v1/public/advisories{query}");
        t.anyone().get(&path).send().await.problem(422);
    }
}

#[actix_web::test]
async fn another_agency_drafts_sees_its_own_and_leaves_publishing_to_the_police() {
    let t = TestApp::new().await;
    let agency = |code| {
        t.bearer(&Claims {
            sub: code,
            scopes: "advisories:write advisories:publish",
            agency: Some(code),
            ..Claims::default()
        })
    };
    let (culture, union) = (agency("culture_sports_tourism"), agency("womens_union"));
    let police = t.named_officer("second", BOTH);
    let made = draft(&union, &warning()).await;
    assert_eq!(made["agency"], "womens_union");
    let id = made["id"].as_str().unwrap();
    let path = format!("/v1/advisories/{id}");
    culture.get(&path).send().await.problem(404);
    publish(&culture, id).await.problem(404);
    assert_eq!(
        culture.get("/v1/advisories").send().await.expect(200)["items"],
        json!([])
    );
    assert_eq!(
        union.get("/v1/advisories").send().await.expect(200)["items"][0]["id"],
        id
    );
    publish(&union, id).await.problem(403);
    publish(&police, id).await.expect(200);
    let reason = json!({"reason": "Nhầm lẫn"});
    union
        .post(&format!("{path}/retract"))
        .json(&reason)
        .send()
        .await
        .problem(403);
    // What the police drafted is not the union's to see before it is published.
    let own = draft(&police, &warning()).await;
    let own = format!("/v1/advisories/{}", own["id"].as_str().unwrap());
    union.get(&own).send().await.problem(404);
}

#[actix_web::test]
async fn a_draft_sent_twice_under_one_key_is_made_once() {
    let t = TestApp::new().await;
    let author = t.officer(BOTH);
    let call = || {
        author
            .post("/v1/advisories")
            .header("Idempotency-Key", "k-1")
            .json(&warning())
            .send()
    };
    let (first, again) = (call().await, call().await);
    assert_eq!(first.expect(201)["id"], again.expect(201)["id"]);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(first.header("etag"), "\"1\"");
    let listed = author
        .get("/v1/advisories?state=draft&pending=true")
        .send()
        .await
        .expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}
