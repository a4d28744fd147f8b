//! `POST /v1/tips`: nothing is refused for its content, nothing acknowledged is lost or done twice.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{TestApp, rows};

async fn submit(t: &TestApp, body: &Value) -> Value {
    t.citizen()
        .post("/v1/tips")
        .json(body)
        .send()
        .await
        .expect(201)
}

async fn shown(t: &TestApp, id: &Value) -> Value {
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
            json!({"narrative": "x", "suspects": [{"name": "không rõ"}]}),
            "/suspects",
            "officers_only",
        ),
    ];
    for (body, pointer, code) in cases {
        let answer = submit(&t, &body).await;
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
    let answer = submit(
        &t,
        &json!({"indicators": [{"kind": "phone", "value": "không nhớ số"}]}),
    )
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
    let answer = submit(&t, &json!({"narrative": just})).await;
    assert_eq!(shown(&t, &answer["id"]).await["narrative"], just.as_str());
    submit(&t, &json!({"attachments_announced": 1})).await;
}

#[actix_web::test]
async fn the_narrative_is_shown_code_point_for_code_point() {
    let t = TestApp::new().await;
    let text = "e\u{301} \u{202e}abc\u{202c} 👨‍👩‍👧 \t\r\n  ﷽ <script>alert(1)</script> ' \" \\ %00";
    let answer = submit(&t, &json!({"narrative": text})).await;
    assert_eq!(shown(&t, &answer["id"]).await["narrative"], text);
}

#[actix_web::test]
async fn secrets_and_the_reporter_are_withheld_from_every_view() {
    let t = TestApp::new().await;
    let body = json!({
        "narrative": "Nó bảo tôi đọc mã OTP là 482913, tôi đã đọc.",
        "reporter": {"name": "PLANTED-NAME", "phone": "0900000001", "national_id": "011099000001"},
    });
    let answer = submit(&t, &body).await;
    let id = answer["id"].as_str().unwrap();
    let officer = t.officer(&[Scope::TipsRead]);
    for path in [
        format!("/v1/tips/{id}"),
        format!("/v1/tips/{id}/submission"),
        "/v1/tips".to_owned(),
        "/v1/triage/queue".to_owned(),
    ] {
        let text = officer.get(&path).send().await.text();
        for secret in ["482913", "PLANTED-NAME", "0900000001", "011099000001"] {
            assert!(!text.contains(secret), "{path} shows {secret}");
        }
    }
    let submission = officer
        .get(&format!("/v1/tips/{id}/submission"))
        .send()
        .await
        .expect(200);
    assert_eq!(submission["body"]["reporter"], "[withheld]");
    assert_eq!(submission["withheld"], json!(["/narrative", "/reporter"]));
    assert_eq!(submission["size"], serde_json::to_vec(&body).unwrap().len());
    assert_eq!(submission["digest"].as_str().unwrap().len(), 64);
    assert_eq!(shown(&t, &answer["id"]).await["anonymous"], false);
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
        async move {
            app.citizen()
                .post("/v1/tips")
                .json(&body)
                .send()
                .await
                .expect(201)
        }
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
    let first = submit(&t, &body).await;
    let before = shown(&t, &first["id"]).await["priority"]["score"]
        .as_i64()
        .unwrap();
    for _ in 0..3 {
        submit(
            &t,
            &json!({"narrative": "y", "indicators": [{"value": "+84912345678"}]}),
        )
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
    let answer = submit(&t, &json!({"narrative": "thử", "test": true})).await;
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
    let answer = submit(
        &t,
        &json!({"narrative": "Kẻ lừa đảo bắt tôi chuyển khoản gấp"}),
    )
    .await;
    submit(&t, &json!({"narrative": "Chuyện khác hẳn"})).await;
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
async fn rotated_identity_keys_wrap_every_data_key_anew() {
    use tinbao::keys::IdentityKeys;
    let t = TestApp::new().await;
    for n in 0..3 {
        submit(
            &t,
            &json!({"narrative": "x", "reporter": {"name": format!("người báo tin {n}")}}),
        )
        .await;
    }
    let seen = t
        .citizen()
        .post("/v1/tips")
        .json(&json!({"narrative": "ảnh", "attachments_announced": 1}));
    let receipt = seen.send().await.expect(201)["receipt"]
        .as_str()
        .unwrap()
        .to_owned();
    let file = "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--edge--\r\n";
    t.anyone()
        .post("/v1/receipt/attachments")
        .header("Tip-Receipt", &receipt)
        .body("multipart/form-data; boundary=edge", file)
        .send()
        .await
        .expect(201);
    let wrapped = "select table_name::text as cell from information_schema.columns
        where table_schema = 'public' and column_name = 'wrapped_key'";
    let tables = rows(&t, wrapped).await;
    assert!(tables.len() >= 3, "{tables:?}");
    let old = t.running.state.keys.identity.to_text();
    let fresh = IdentityKeys::generate("k2");
    let ring = IdentityKeys::parse(&format!("{}\n{old}", fresh.to_text())).unwrap();
    let mut conn = t.running.state.db.get().await.unwrap();
    assert_eq!(
        tinbao::tips::rekey::pass(&mut conn, &ring).await.unwrap(),
        8
    );
    assert_eq!(
        tinbao::tips::rekey::pass(&mut conn, &ring).await.unwrap(),
        0,
        "all are done"
    );
    // The old key is not needed any more.
    let third = IdentityKeys::generate("k3");
    let without_old =
        IdentityKeys::parse(&format!("{}\n{}", third.to_text(), fresh.to_text())).unwrap();
    assert_eq!(
        tinbao::tips::rekey::pass(&mut conn, &without_old)
            .await
            .unwrap(),
        8
    );
    // Whatever is sealed under a data key, in a table that is yet to come as well.
    for table in tables {
        let kept = format!("select key_id as cell from {table} where key_id <> 'k3'");
        assert!(rows(&t, &kept).await.is_empty(), "{table} is forgotten");
    }
    let left = tinbao::tips::rekey::left(&mut conn, &without_old).await;
    assert_eq!(left.unwrap(), 0);
}

#[actix_web::test]
async fn a_text_message_becomes_a_tip_and_its_sender_stays_sealed() {
    let t = TestApp::new().await;
    let send = |text: &str, id: &str| {
        let body =
            json!({"gateway_id": "gw", "message_id": id, "from": "0900000123", "text": text});
        t.citizen().post("/v1/tips/sms").json(&body).send()
    };
    let first = send("ld [0912.345.678] [giả công an]", "m1").await;
    let reply = first.expect(201)["reply"].as_str().unwrap().to_owned();
    assert!(reply.len() <= 160 && reply.is_ascii(), "{reply}");
    let again = send("ld [0912.345.678] [giả công an]", "m1").await;
    assert_eq!(again.expect(201)["reply"], reply.as_str());
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(
        send("khác", "m1").await.problem(422)["code"],
        "idempotency_key_reused"
    );
    send("Chào công an, số 0987654321 lừa tôi", "m2")
        .await
        .expect(201);
    let page = t
        .officer(&[Scope::TipsRead])
        .get("/v1/tips")
        .send()
        .await
        .expect(200);
    assert!(
        !page.to_string().contains("900000123"),
        "the sender is identity"
    );
    let values: Vec<_> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tip| &tip["indicators"][0]["value"])
        .collect();
    assert_eq!(values, ["+84987654321", "+84912345678"]);
    assert_eq!(page["items"][1]["channel"], "call");
}

#[actix_web::test]
async fn nothing_that_a_gateway_adds_keeps_a_text_message_out() {
    let t = TestApp::new().await;
    let body = json!({"gateway_id": "gw", "message_id": "m1", "from": "0900000123",
        "text": "LD (0912345678) (giả công\u{0} an)", "operator": "viettel", "parts": {"a": [1]}});
    let answer = t.citizen().post("/v1/tips/sms").json(&body).send().await;
    let told = answer.expect(201);
    let codes: Vec<(&str, &str)> = told["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|w| (w["pointer"].as_str().unwrap(), w["code"].as_str().unwrap()))
        .collect();
    assert_eq!(
        codes,
        [
            ("/text", "nul_replaced"),
            ("/operator", "unknown_field"),
            ("/parts", "unknown_field")
        ]
    );
    let again = t.citizen().post("/v1/tips/sms").json(&body).send().await;
    assert_eq!(again.expect(201), told, "a replay tells the same");
    let page = t.officer(&[Scope::TipsRead]).get("/v1/tips").send().await;
    let tip = page.expect(200)["items"][0].clone();
    assert_eq!(tip["raw_message"], "giả công\u{fffd} an");
    assert_eq!(tip["indicators"][0]["value"], "+84912345678");
    for (body, pointer) in [
        (
            json!({"gateway_id": "gw", "message_id": "m2", "from": "1", "text": ""}),
            "/text",
        ),
        (
            json!({"gateway_id": "gw", "message_id": "m2", "from": 1, "text": "x"}),
            "/from",
        ),
    ] {
        let problem = t.citizen().post("/v1/tips/sms").json(&body).send().await;
        assert_eq!(problem.problem(422)["errors"][0]["pointer"], pointer);
    }
}

#[actix_web::test]
async fn secrets_beside_an_indicator_are_masked_and_the_indicator_stays() {
    let t = TestApp::new().await;
    let tip = json!({"indicators": [
        {"kind": "phone", "value": "0912 345 678 (CCCD 011099001234, OTP 482913)"},
        {"kind": "phone", "value": "CCCD 011099005678, OTP 739155"},
        {"kind": "bank_account", "value": "011099001234", "bank": "VCB", "holder_name": "LO VAN MAU, mật khẩu Bimat#2026"}]});
    let sent = t
        .citizen()
        .post("/v1/tips")
        .json(&tip)
        .send()
        .await
        .expect(201);
    t.settle().await;
    let officer = t.officer(&[Scope::TipsRead]);
    let path = format!("/v1/tips/{}", sent["id"].as_str().unwrap());
    let view = officer.get(&path).send().await.expect(200);
    let text = view.to_string();
    for secret in ["482913", "011099005678", "739155", "Bimat#2026"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let values: Vec<&str> = view["indicators"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|i| i["value"].as_str())
        .collect();
    assert!(values.contains(&"970436:011099001234"), "{values:?}");
}

#[actix_web::test]
async fn secrets_are_masked_in_codes_and_taken_out_of_links() {
    let t = TestApp::new().await;
    let body = json!({
        "narrative": "Tôi vào https://vidu-kia.top/a?otp=482913", "method": "otp 482913", "channel": "mật khẩu: Abc@9988", "language": "cccd 011099887755",
        "location": {"unit_code": "cccd 011099887755"},
        "victim": {"age_group": "mk: Abc@9988", "relation": "otp 482913"},
        "indicators": [{"kind": "url", "value": "https://vidu-bank.top/login?step=2&otp=482913&password=Abc@9988",
                        "role": "mật khẩu: Abc@9988"}],
    });
    let sent = t.citizen().post("/v1/tips").json(&body).send().await;
    let sent = sent.expect(201);
    let officer = t.officer(&[Scope::TipsRead]);
    let tip = format!("/v1/tips/{}", sent["id"].as_str().unwrap());
    let view = officer.get(&tip).send().await.expect(200);
    assert_eq!(view["method"], "otp ••••••");
    assert_eq!(
        view["indicators"][0]["value"],
        "vidu-bank.top/login?step=2&otp=&password="
    );
    assert_eq!(view["indicators"][1]["value"], "vidu-kia.top/a?otp=");
    for secret in ["482913", "Abc@9988", "011099887755"] {
        assert!(!view.to_string().contains(secret), "{secret} in {view}");
        assert!(!sent.to_string().contains(secret), "{secret} in {sent}");
    }
}

#[actix_web::test]
async fn who_reports_is_withheld_also_under_names_that_no_tip_has() {
    let t = TestApp::new().await;
    let body = json!({"narrative": "x", "Reporter": {"name": "Nguyễn Văn Thật"}, "reporter_phone": "0912000111",
        "victim": {"relation": "self", "ho_ten": "Nguyễn Văn Thật"}, "extra": {"app": "1.2", "e-mail": "that@example.vn"}});
    let sent = t
        .citizen()
        .post("/v1/tips")
        .json(&body)
        .send()
        .await
        .expect(201);
    let path = format!("/v1/tips/{}/submission", sent["id"].as_str().unwrap());
    let officer = t.officer(&[Scope::TipsRead]);
    let shown = officer.get(&path).send().await.expect(200);
    let withheld = shown["withheld"].as_array().unwrap().iter();
    let mut withheld: Vec<_> = withheld.map(|at| at.as_str().unwrap()).collect();
    withheld.sort_unstable();
    let expected = [
        "/Reporter",
        "/extra/e-mail",
        "/reporter_phone",
        "/victim/ho_ten",
    ];
    assert_eq!(withheld, expected);
    let text = shown.to_string();
    assert!(
        !text.contains("Thật") && !text.contains("0912000111") && !text.contains("that@"),
        "{text}"
    );
    assert_eq!(shown["body"]["extra"]["app"], "1.2");
}
