//! `POST /v1/tips`: nothing is refused for its content, nothing acknowledged is lost or done twice.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::TestApp;

pub async fn shown(t: &TestApp, id: &Value) -> Value {
    let path = format!("/v1/tips/{}", id.as_str().unwrap());
    t.officer(&[Scope::TipsRead])
        .get(&path)
        .send()
        .await
        .expect(200)
}

#[actix_web::test]
async fn a_tip_is_normalised_routed_and_answered_with_a_receipt() {
    let t = TestApp::new().await;
    let reply = t
        .citizen()
        .post("/v1/tips")
        .json(&json!({
            "narrative": "Có người gọi tự xưng công an.",
            "method": "impersonate_police_court",
            "indicators": [
                {"kind": "phone", "value": "0169 123 4567", "role": "contacted_me"},
                {"kind": "bank_account", "value": "0011 0022 33445", "bank": "VCB", "role": "received_money"},
                {"kind": "url", "value": "hxxps://vietcombank[.]top-vn.xyz/login"},
            ],
            "losses": [{"amount_vnd": 48_000_000, "transferred_at": "2026-11-24T01:10:00Z", "to_indicator": 1}],
        }))
        .send()
        .await;
    let answer = reply.expect(201);
    let id = answer["id"].as_str().unwrap();
    assert_eq!(reply.header("location"), format!("/v1/tips/{id}"));
    assert_eq!(answer["status"], "received");
    assert_eq!(answer["desk"], "cyber");
    assert_eq!(answer["warnings"], json!([]));
    let values: Vec<_> = answer["indicators"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| &i["value"])
        .collect();
    assert_eq!(
        values,
        [
            "+84391234567",
            "970436:0011002233445",
            "vietcombank.top-vn.xyz/login"
        ]
    );
    assert!(
        answer["indicators"][0].get("id").is_none(),
        "a citizen gets no indicator ids"
    );
    assert!(!answer["guidance"].as_array().unwrap().is_empty());

    let tip = shown(&t, &answer["id"]).await;
    assert_eq!(tip["priority"]["level"], "critical");
    let points: i64 = tip["priority"]["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reason| reason["points"].as_i64().unwrap())
        .sum();
    assert_eq!(
        tip["priority"]["score"], points,
        "the points add up to the score"
    );
    assert_eq!(tip["loss_vnd"], 48_000_000);
    assert!(tip["indicators"][0]["id"].is_string());
}

#[actix_web::test]
async fn what_is_not_understood_is_received_with_a_warning() {
    let t = TestApp::new().await;
    let cases = [
        (
            json!({"narrative": "x", "colour": "red"}),
            "/colour",
            "unknown_field",
        ),
        (
            json!({"narrative": "x", "method": "witchcraft"}),
            "/method",
            "unknown_value",
        ),
        (
            json!({"narrative": "x", "channel": "pigeon"}),
            "/channel",
            "unknown_value",
        ),
        (
            json!({"narrative": "x", "location": {"unit_code": "99999"}}),
            "/location/unit_code",
            "unknown_value",
        ),
        (
            json!({"narrative": "x", "occurred_at": "2031-01-01T00:00:00Z"}),
            "/occurred_at",
            "in_future",
        ),
        (
            json!({"narrative": "x", "occurred_at": "hôm qua"}),
            "/occurred_at",
            "invalid_date",
        ),
        (
            json!({"narrative": "x", "losses": [{"amount_vnd": -5}]}),
            "/losses/0/amount_vnd",
            "negative_amount",
        ),
        (
            json!({"narrative": "x", "losses": [{"amount_vnd": 5, "to_indicator": 7}]}),
            "/losses/0/to_indicator",
            "no_such_indicator",
        ),
        (
            json!({"narrative": "a\u{0}b"}),
            "/narrative",
            "nul_replaced",
        ),
        (
            json!({"indicators": [{"kind": "smoke", "value": "0912345678"}]}),
            "/indicators/0/kind",
            "unknown_value",
        ),
        (
            json!({"indicators": [{"kind": "telegram", "value": "@vi_du_shop"}]}),
            "/indicators/0/kind",
            "unknown_value",
        ),
        (
            json!({"narrative": "x", "suspects": [{"name": "không rõ"}]}),
            "/suspects",
            "officers_only",
        ),
    ];
    for (body, pointer, code) in cases {
        let answer = t.submit(&body).await;
        let found = answer["warnings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|w| w["pointer"] == pointer && w["code"] == code);
        assert!(
            found,
            "{body} should warn {code} at {pointer}: {}",
            answer["warnings"]
        );
    }
}

#[actix_web::test]
async fn an_indicator_that_cannot_be_read_is_kept_as_text() {
    let t = TestApp::new().await;
    let answer = t
        .submit(&json!({"indicators": [{"kind": "phone", "value": "không nhớ số"}]}))
        .await;
    let indicator = &answer["indicators"][0];
    assert_eq!(indicator["valid"], false);
    assert_eq!(indicator["value"], "không nhớ số");
    assert!(indicator["reason"].is_string());
    let tip = shown(&t, &answer["id"]).await;
    assert_eq!(tip["indicators"][0]["raw"], "không nhớ số");
}

#[actix_web::test]
async fn only_what_an_author_must_mend_is_refused() {
    let t = TestApp::new().await;
    let long = "ạ".repeat(20_001);
    let many: Vec<_> = (0..51)
        .map(|n| json!({"value": format!("09{n:08}")}))
        .collect();
    for (body, pointer, code) in [
        (json!({}), "", "nothing_said"),
        (
            json!({"narrative": "  ", "indicators": []}),
            "",
            "nothing_said",
        ),
        (json!({"narrative": 5}), "/narrative", "wrong_type"),
        (json!({"narrative": long}), "/narrative", "too_long"),
        (
            json!({"narrative": "x", "indicators": many}),
            "/indicators",
            "too_many",
        ),
        (
            json!({"indicators": [{"value": 912345678}]}),
            "/indicators/0/value",
            "wrong_type",
        ),
    ] {
        let problem = t
            .citizen()
            .post("/v1/tips")
            .json(&body)
            .send()
            .await
            .problem(422);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
        assert_eq!(problem["errors"][0]["code"], code, "{problem}");
    }
    let just = "ạ".repeat(20_000);
    let answer = t.submit(&json!({"narrative": just})).await;
    assert_eq!(shown(&t, &answer["id"]).await["narrative"], just.as_str());
    t.submit(&json!({"attachments_announced": 1})).await;
}

#[actix_web::test]
async fn the_narrative_is_shown_code_point_for_code_point() {
    let t = TestApp::new().await;
    let text = "e\u{301} \u{202e}abc\u{202c} 👨‍👩‍👧 \t\r\n  ﷽ <script>alert(1)</script> ' \" \\ %00";
    let answer = t.submit(&json!({"narrative": text})).await;
    assert_eq!(shown(&t, &answer["id"]).await["narrative"], text);
}

#[actix_web::test]
async fn the_same_key_replays_the_first_answer_and_another_body_is_refused() {
    let t = TestApp::new().await;
    let body = json!({"narrative": "Lừa đảo qua Zalo"});
    let send = |body: Value| {
        t.citizen()
            .post("/v1/tips")
            .header("Idempotency-Key", "k-1")
            .json(&body)
            .send()
    };
    let first = send(body.clone()).await;
    let again = send(body.clone()).await;
    assert_eq!(first.expect(201), again.expect(201), "the receipt included");
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(first.header("idempotency-replayed"), "");
    let other = send(json!({"narrative": "khác"})).await.problem(422);
    assert_eq!(other["code"], "idempotency_key_reused");
    let replica = t.replica().await;
    let elsewhere = replica
        .citizen()
        .post("/v1/tips")
        .header("Idempotency-Key", "k-1")
        .json(&body)
        .send()
        .await;
    assert_eq!(elsewhere.expect(201)["id"], first.expect(201)["id"]);
    let listed = t
        .officer(&[Scope::TipsRead])
        .get("/v1/tips")
        .send()
        .await
        .expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn many_at_once_with_one_key_make_one_tip() {
    let t = TestApp::new().await;
    let replica = t.replica().await;
    let body = json!({"narrative": "Gửi nhiều lần vì mạng kém"});
    let sends = (0..20).map(|n| {
        let app = if n % 2 == 0 { &t } else { &replica };
        app.citizen()
            .post("/v1/tips")
            .header("Idempotency-Key", "same")
            .json(&body)
            .send()
    });
    let replies = futures_util::future::join_all(sends).await;
    let mut ids: Vec<_> = replies
        .iter()
        .map(|r| r.expect(201)["id"].clone())
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), 1);
    let firsts = replies
        .iter()
        .filter(|r| r.header("idempotency-replayed").is_empty())
        .count();
    assert_eq!(firsts, 1, "one answer is the first, all others are replays");
}

#[actix_web::test]
async fn concurrent_tips_are_all_stored_and_numbered_without_a_gap() {
    let t = TestApp::new().await;
    let replica = t.replica().await;
    let sends = (0..60).map(|n| {
        let app = if n % 2 == 0 { &t } else { &replica };
        let body =
            json!({"narrative": format!("tin {n}"), "indicators": [{"value": "0912 345 678"}]});
        async move { app.submit(&body).await }
    });
    futures_util::future::join_all(sends).await;
    futures_util::future::join(t.settle(), replica.settle()).await;
    t.settle().await;
    let page = t
        .officer(&[Scope::TipsRead])
        .get("/v1/tips?limit=200")
        .send()
        .await
        .expect(200);
    let mut numbers: Vec<_> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tip| tip["number"].as_str().unwrap().to_owned())
        .collect();
    numbers.sort();
    let expected: Vec<_> = (1..=60).map(|n| format!("DB-T-2026-{n:06}")).collect();
    assert_eq!(numbers, expected);
}

#[actix_web::test]
async fn linked_tips_and_a_closing_window_move_the_priority() {
    let t = TestApp::new().await;
    let body = json!({"narrative": "x", "indicators": [{"value": "0912 345 678"}],
        "losses": [{"amount_vnd": 3_000_000, "transferred_at": "2026-11-24T01:10:00Z"}]});
    let first = t.submit(&body).await;
    let before = shown(&t, &first["id"]).await["priority"]["score"]
        .as_i64()
        .unwrap();
    for _ in 0..3 {
        t.submit(&json!({"narrative": "y", "indicators": [{"value": "+84912345678"}]}))
            .await;
    }
    t.settle().await;
    let linked = shown(&t, &first["id"]).await;
    assert!(
        linked["priority"]["score"].as_i64().unwrap() > before,
        "{}",
        linked["priority"]
    );
    assert_eq!(linked["version"], 1, "no person edited it");
    t.clock.advance(std::time::Duration::from_secs(3 * 3600));
    t.settle().await;
    let later = shown(&t, &first["id"]).await;
    assert_eq!(later["priority"]["level"], "high", "{}", later["priority"]);
}

#[actix_web::test]
async fn a_trial_is_answered_in_full_and_never_in_the_queue() {
    let t = TestApp::new().await;
    let answer = t.submit(&json!({"narrative": "thử", "test": true})).await;
    assert!(answer["receipt"].is_string());
    t.settle().await;
    let officer = t.officer(&[Scope::TipsRead, Scope::TipsTriage]);
    assert_eq!(
        officer.get("/v1/triage/queue").send().await.expect(200)["items"],
        json!([])
    );
    let claimed = officer
        .post("/v1/triage/claims")
        .json(&json!({}))
        .send()
        .await
        .expect(200);
    assert_eq!(claimed["items"], json!([]));
}

#[actix_web::test]
async fn a_tip_can_be_found_by_its_words_without_accents() {
    let t = TestApp::new().await;
    let answer = t
        .submit(&json!({"narrative": "Kẻ lừa đảo bắt tôi chuyển khoản gấp"}))
        .await;
    t.submit(&json!({"narrative": "Chuyện khác hẳn"})).await;
    t.settle().await;
    let officer = t.officer(&[Scope::TipsRead]);
    for q in ["chuyen khoan", "CHUYỂN KHOẢN", "\"lua dao bat\""] {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("q", q)
            .finish();
        let path = format!("/v1/triage/queue?{query}");
        let found = officer.get(&path).send().await.expect(200);
        assert_eq!(found["items"].as_array().unwrap().len(), 1, "{q}");
        assert_eq!(found["items"][0]["id"], answer["id"], "{q}");
    }
}

#[actix_web::test]
async fn a_platform_sent_as_the_kind_makes_the_value_an_account_there() {
    let t = TestApp::new().await;
    let sent = [
        (
            "telegram",
            "@vi_du_shop",
            "messaging_account",
            "telegram:vi_du_shop",
            true,
        ),
        (
            "Facebook",
            "100012345678901",
            "social_account",
            "facebook:100012345678901",
            true,
        ),
        (
            "zalo",
            "0912 345 678",
            "messaging_account",
            "zalo:+84912345678",
            true,
        ),
        ("facebook", "Lan", "social_account", "Lan", false),
        ("smoke", "0912 345 679", "phone", "+84912345679", true),
    ];
    let indicators: Vec<_> = sent
        .iter()
        .map(|(kind, value, ..)| json!({"kind": kind, "value": value}))
        .collect();
    let answer = t.submit(&json!({"indicators": indicators})).await;
    for (i, (_, _, kind, value, valid)) in sent.iter().enumerate() {
        let read = &answer["indicators"][i];
        assert_eq!(
            (&read["kind"], &read["value"], &read["valid"]),
            (&json!(kind), &json!(value), &json!(valid)),
            "{answer}"
        );
    }
}
