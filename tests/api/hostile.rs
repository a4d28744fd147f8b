//! Input that is meant to hurt: a clear problem or a received tip, never a 500.

use serde_json::json;
use tinbao::auth::Scope;

use crate::support::TestApp;

#[actix_web::test]
async fn unknown_paths_and_methods_are_problems() {
    let t = TestApp::new().await;
    let unknown = t
        .anyone()
        .get("/v1/nothing?secret=1")
        .send()
        .await
        .problem(404);
    assert_eq!(unknown["instance"], "/v1/nothing");
    let reply = t.anyone().delete("/v1/tips").send().await;
    reply.problem(405);
    assert_eq!(reply.header("allow"), "GET, HEAD, POST");
}

#[actix_web::test]
async fn a_load_balancer_may_add_a_query_to_a_probe() {
    let t = TestApp::new().await;
    for path in ["/health/live?probe=7&probe=8", "/health/ready?%ff"] {
        t.anyone().get(path).send().await.expect(200);
    }
}

#[actix_web::test]
async fn a_body_in_a_coding_is_refused_whatever_it_holds() {
    let t = TestApp::new().await;
    let post = || {
        t.citizen()
            .post("/v1/tips")
            .json(&json!({"narrative": "x"}))
    };
    for coding in ["gzip", "br", "identity, gzip", "zzz"] {
        let reply = post().header("Content-Encoding", coding).send().await;
        assert_eq!(reply.problem(415)["code"], "unsupported_media_type");
        assert_eq!(reply.header("accept-encoding"), "identity");
    }
    let form = t.anyone().post("/v1/oauth/token");
    let form = form.body("application/x-www-form-urlencoded", "grant_type=x");
    let results = format!("/v1/referrals/{}/results", uuid::Uuid::nil());
    let csv = crate::referrals::agency(&t, "bank_970436").put(&results);
    for call in [form, csv.body("text/csv", "indicator_id,outcome")] {
        let reply = call.header("Content-Encoding", "gzip").send().await;
        assert_eq!(reply.problem(415)["code"], "unsupported_media_type");
    }
    post()
        .header("Content-Encoding", "identity")
        .send()
        .await
        .expect(201);
}

#[actix_web::test]
async fn what_is_odd_in_a_tip_is_told_in_the_language_of_the_caller() {
    let t = TestApp::new().await;
    let tip = json!({"attachments_announced": 1.5, "occurred_at": "1899-01-01T00:00:00Z", "indicators": [
        {"kind": "phone", "value": "abc"},
        {"kind": "messaging_account", "value": "0912345678"},
        {"kind": "bank_account", "value": "0011002233445", "bank": "Ngân hàng Mặt Trăng"}]});
    let warned = async |lang: &str| {
        let call = t
            .citizen()
            .post("/v1/tips")
            .json(&tip)
            .header("Accept-Language", lang);
        let answer = call.send().await.expect(201);
        let told = |w: &serde_json::Value| {
            ["pointer", "code", "detail"].map(|k| w[k].as_str().unwrap().to_owned())
        };
        answer["warnings"]
            .as_array()
            .unwrap()
            .iter()
            .map(told)
            .collect::<Vec<_>>()
    };
    let (vi, en) = (warned("vi").await, warned("en").await);
    let expected = [
        ("/occurred_at", "implausible_date"),
        ("/attachments_announced", "invalid_value"),
        ("/indicators/0/value", "not_a_phone"),
        ("/indicators/1/value", "platform_unknown"),
        ("/indicators/2/bank", "bank_unknown"),
    ];
    assert_eq!(en.len(), expected.len(), "{en:?}");
    for (([pointer, code, vi], [_, _, en]), expected) in vi.iter().zip(&en).zip(expected) {
        assert_eq!((pointer.as_str(), code.as_str()), expected);
        assert!(!vi.is_ascii() && en.is_ascii(), "{vi} / {en}");
    }
}

#[actix_web::test]
async fn bodies_that_are_not_json_are_refused_in_their_own_way() {
    let t = TestApp::new().await;
    let json_type = "application/json";
    let deep = format!(
        "{{\"narrative\": {}1{}}}",
        "[".repeat(5_000),
        "]".repeat(5_000)
    );
    let big = format!("{{\"narrative\": \"{}\"}}", "x".repeat(300_000));
    for (kind, body, status) in [
        (json_type, "{".to_owned(), 400),
        (json_type, String::new(), 400),
        (json_type, r#"{"narrative": "\ud800"}"#.to_owned(), 400),
        (json_type, "{\"narrative\": \"a\u{0}b\"}".to_owned(), 400),
        (json_type, deep, 400),
        (
            json_type,
            r#"{"narrative": "x", "losses": [{"amount_vnd": 1e999}]}"#.to_owned(),
            400,
        ),
        (json_type, "[]".to_owned(), 422),
        (json_type, "null".to_owned(), 422),
        (json_type, big, 413),
        ("text/plain", "{}".to_owned(), 415),
        (
            "application/x-www-form-urlencoded",
            "narrative=x".to_owned(),
            415,
        ),
    ] {
        let shown: String = body.chars().take(40).collect();
        let reply = t.citizen().post("/v1/tips").body(kind, body).send().await;
        assert_eq!(
            reply.status.as_u16(),
            status,
            "{kind} {shown}: {}",
            reply.text()
        );
        reply.problem(status);
    }
    let invalid_utf8 = t
        .citizen()
        .post("/v1/tips")
        .body(json_type, b"{\"narrative\": \"\xff\"}".to_vec());
    invalid_utf8.send().await.problem(400);
}

#[actix_web::test]
async fn huge_numbers_and_odd_values_are_received() {
    let t = TestApp::new().await;
    for body in [
        json!({"narrative": "x", "losses": [{"amount_vnd": 9_223_372_036_854_775_807_i64}, {"amount_vnd": 9_223_372_036_854_775_807_i64}]}),
        json!({"narrative": "x", "losses": [{"amount_vnd": 1e300}]}),
        json!({"narrative": "x", "odd": [f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324, u64::MAX]}),
        json!({"narrative": "x", "losses": [{"amount_vnd": 12.5}]}),
        json!({"narrative": "x", "losses": [{"amount_vnd": 48_000_000.0}]}),
        json!({"narrative": "x", "occurred_at": "0001-01-01T00:00:00Z"}),
        json!({"narrative": "x", "occurred_at": "9999-12-31T23:59:59Z"}),
        json!({"narrative": "x", "a": {"b": [null, true, {"c": "\u{0}"}]}, "\u{0}": 1}),
        json!({"narrative": "x", "indicators": [{}, {"kind": null, "value": null}]}),
        json!({"narrative": "x", "reporter": {}}),
        json!({"narrative": "\u{202e}نص عربي 🏴‍☠️"}),
        json!({"raw_message": "http://xn--vitcombank-w2b.vn/%ff%fe\u{feff}"}),
    ] {
        let tip = t.submit(&body).await;
        let path = format!("/v1/tips/{}", tip["id"].as_str().unwrap());
        t.officer(&[Scope::TipsRead])
            .get(&path)
            .send()
            .await
            .expect(200);
    }
    t.settle().await;
}

#[actix_web::test]
async fn odd_queries_are_problems_or_empty_lists() {
    let t = TestApp::new().await;
    let officer = t.officer(&[Scope::TipsRead]);
    for query in [
        "q=%22%27%3B--&indicator=%00",
        "q=%26%7C%21%28%29",
        "q=%00",
        "indicator=%F0%9F%92%A9",
        "indicator=phone:",
        "desk=%27%20or%201=1",
        "method=%00",
    ] {
        let reply = officer
            .get(&format!("/v1/triage/queue?{query}"))
            .send()
            .await;
        assert!(
            [200, 422].contains(&reply.status.as_u16()),
            "{query}: {}",
            reply.text()
        );
    }
    for (query, parameter) in [
        ("status=eaten", "status"),
        ("priority=5", "priority"),
        ("overdue=maybe", "overdue"),
        ("sort=random", "sort"),
        ("received_from=yesterday", "received_from"),
        ("nonsense=1", "nonsense"),
    ] {
        let problem = officer
            .get(&format!("/v1/triage/queue?{query}"))
            .send()
            .await
            .problem(422);
        assert_eq!(
            problem["errors"][0]["parameter"], parameter,
            "{query}: {problem}"
        );
    }
    for id in [
        "x",
        "00000000-0000-0000-0000-000000000000",
        "%00",
        "..%2f..",
        "1' or '1'='1",
    ] {
        let path = format!("/v1/tips/{}", id.replace(' ', "%20"));
        officer.get(&path).send().await.problem(404);
    }
}

#[actix_web::test]
async fn a_nul_in_an_officers_text_names_its_place() {
    let t = TestApp::new().await;
    let officer = t.officer(&[Scope::TipsTriage]);
    let body = json!({"filter": {"desk": "a\u{0}"}});
    let problem = officer
        .post("/v1/triage/claims")
        .json(&body)
        .send()
        .await
        .problem(422);
    assert_eq!(problem["errors"][0]["pointer"], "/filter/desk");
}

#[actix_web::test]
async fn a_key_or_token_out_of_bounds_is_refused() {
    let t = TestApp::new().await;
    let long = "k".repeat(256);
    for key in [long.as_str(), ""] {
        let call = t.citizen().post("/v1/tips").header("Idempotency-Key", key);
        call.json(&json!({"narrative": "x"}))
            .send()
            .await
            .problem(400);
    }
    let huge = "a".repeat(20_000);
    for token in ["", "x", "a.b.c", "Bearer", huge.as_str()] {
        let reply = t.anyone().with_token(token).get("/v1/tips").send().await;
        reply.problem(401);
        assert!(
            reply.header("www-authenticate").starts_with("Bearer "),
            "{token}"
        );
    }
}

#[actix_web::test]
async fn limits_slow_the_one_who_floods() {
    let t = TestApp::with(&[("TINBAO_LIMITS", "client=1/s:3")]).await;
    let body = json!({"narrative": "x"});
    for _ in 0..3 {
        let reply = t.citizen().post("/v1/tips").json(&body).send().await;
        reply.expect(201);
        assert!(reply.header("ratelimit").contains("\"client\";r="));
    }
    let refused = t.citizen().post("/v1/tips").json(&body).send().await;
    refused.problem(429);
    assert!(refused.header("retry-after").parse::<u32>().unwrap() >= 1);
    let claims = crate::support::Claims {
        client_id: "another",
        scopes: "tips:submit",
        ..crate::support::Claims::default()
    };
    t.bearer(&claims)
        .post("/v1/tips")
        .json(&body)
        .send()
        .await
        .expect(201);
}

#[actix_web::test]
async fn a_check_written_with_escapes_counts_as_one() {
    let t = TestApp::with(&[("TINBAO_LIMITS", "check=1/s:2")]).await;
    for path in ["/v1/check?value=0912345678", "/v1/%63heck?value=0912345678"] {
        t.citizen().get(path).send().await.expect(200);
    }
    let third = t.citizen().get("/v1/chec%6B?value=0912345678").send().await;
    third.problem(429);
}

#[actix_web::test]
async fn a_member_said_twice_is_refused_and_named_wherever_it_stands() {
    let t = TestApp::new().await;
    let kind = "application/json";
    let tip = t
        .citizen()
        .post("/v1/tips")
        .json(&json!({"narrative": "x"}));
    let receipt = tip.send().await.expect(201)["receipt"].clone();
    let receipt = receipt.as_str().unwrap();
    let (citizen, officer) = (t.citizen(), t.officer(&[Scope::TipsTriage]));
    for (call, body, pointer) in [
        (
            citizen.post("/v1/tips"),
            r#"{"narrative": "a", "narrative": "b"}"#,
            "/narrative",
        ),
        (
            citizen.post("/v1/tips"),
            r#"{"narrative": "a", "losses": [{}, {"amount_vnd": 1, "amount_vnd": 2}]}"#,
            "/losses/1/amount_vnd",
        ),
        // What is not known is kept with the submission: which of the two?
        (
            citizen.post("/v1/tips"),
            r#"{"narrative": "a", "my/own": {"x": 1, "\u0078": 2}}"#,
            "/my~1own/x",
        ),
        (
            t.anyone()
                .patch("/v1/receipt")
                .header("Tip-Receipt", receipt),
            r#"{"method": "a", "method": "b"}"#,
            "/method",
        ),
        (
            citizen.post("/v1/tips/sms"),
            r#"{"gateway_id": "g", "message_id": "m", "from": "1", "text": "a", "text": "b"}"#,
            "/text",
        ),
        (
            citizen.post("/v1/tips/batch"),
            r#"{"tips": [], "tips": []}"#,
            "/tips",
        ),
        (
            officer.post("/v1/triage/claims"),
            r#"{"filter": {"desk": "a", "desk": "b"}}"#,
            "/filter/desk",
        ),
        (
            t.anyone().post("/v1/devices"),
            r#"{"client_id": "a", "client_id": "b"}"#,
            "/client_id",
        ),
    ] {
        let problem = call.body(kind, body).send().await.problem(400);
        assert_eq!(problem["code"], "malformed", "{body}");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}");
        assert_eq!(problem["errors"][0]["code"], "duplicate_field");
    }

    // In a batch it concerns one tip alone.
    let item = |n: u8, tip: &str| {
        let reference = format!("0f8fad5b-d9cb-469f-a165-7086772895{n:02}");
        format!(r#"{{"client_reference": "{reference}", "tip": {tip}}}"#)
    };
    let twice = item(1, r#"{"narrative": "a", "narrative": "b"}"#);
    let batch = format!(
        r#"{{"tips": [{twice}, {}]}}"#,
        item(2, r#"{"narrative": "a"}"#)
    );
    let call = citizen.post("/v1/tips/batch").body(kind, batch);
    let results = call.send().await.expect(200)["results"].clone();
    assert_eq!(
        (&results[0]["status"], &results[1]["status"]),
        (&json!(400), &json!(201))
    );
    assert_eq!(results[0]["problem"]["errors"][0]["pointer"], "/narrative");
}

#[actix_web::test]
async fn a_query_that_is_no_utf_8_is_refused_and_named() {
    let t = TestApp::new().await;
    let officer = t.officer(&[Scope::TipsRead, Scope::CheckRead]);
    for path in [
        "/v1/triage/queue?q=%ff",
        "/v1/tips?method=a%C3",
        "/v1/check?value=%ff",
        "/v1/register?year=2026&purpose=%fe",
    ] {
        let problem = officer.get(path).send().await.problem(422);
        let error = &problem["errors"][0];
        assert_eq!(error["code"], "invalid_value", "{path}");
        let name = path.rsplit(['?', '&']).next().unwrap().split('=').next();
        assert_eq!(error["parameter"].as_str(), name);
    }
}

#[actix_web::test]
async fn two_credentials_are_none() {
    let t = TestApp::new().await;
    let token = t.token(&crate::support::Claims {
        scopes: "tips:read",
        ..Default::default()
    });
    let bearer = format!("Bearer {token}");
    let once = || t.anyone().get("/v1/tips").header("Authorization", &bearer);
    once().send().await.expect(200);
    for second in [bearer.as_str(), "Bearer x", "Basic eDp5"] {
        let call = once().another_header("Authorization", second);
        assert_eq!(call.send().await.problem(401)["code"], "invalid_token");
    }
}
