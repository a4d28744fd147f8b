//! `POST /v1/tips/batch` and `POST /v1/attestations/verify`.

use serde_json::{Value, json};
use tinbao::auth::Scope;
use uuid::Uuid;

use crate::support::{Claims, TestApp, rows};

fn item(reference: &str, tip: &Value) -> Value {
    json!({"client_reference": reference, "tip": tip})
}

#[actix_web::test]
async fn each_tip_of_a_batch_is_received_or_refused_by_itself_and_replayed() {
    let t = TestApp::new().await;
    let ids: Vec<String> = (0..5).map(|_| Uuid::now_v7().to_string()).collect();
    let long = "x".repeat(257 * 1024);
    let batch = json!({"tips": [
        item(&ids[0], &json!({"narrative": "một"})),
        item(&ids[1], &json!({})),
        item(&ids[2], &json!({"narrative": 5})),
        item(&ids[3], &json!({"narrative": long})),
        item("no uuid", &json!({"narrative": "hai"})),
        item(&ids[4], &json!({"narrative": "ba", "colour": 1})),
        item(&ids[0], &json!({"narrative": "một"})),
        item(&ids[0], &json!({"narrative": "khác"})),
    ]});
    let send = || t.citizen().post("/v1/tips/batch").json(&batch).send();
    let first = send().await.expect(200);
    let results = first["results"].as_array().unwrap();
    let statuses: Vec<_> = results
        .iter()
        .map(|r| r["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, [201, 422, 422, 413, 422, 201, 201, 422]);
    for (result, sent) in results.iter().zip(batch["tips"].as_array().unwrap()) {
        assert_eq!(result["client_reference"], sent["client_reference"]);
        assert!(
            result.get("tip").is_some() != result.get("problem").is_some(),
            "{result}"
        );
    }
    assert_eq!(results[1]["problem"]["errors"][0]["code"], "nothing_said");
    assert_eq!(results[2]["problem"]["errors"][0]["pointer"], "/narrative");
    assert_eq!(
        results[4]["problem"]["errors"][0]["pointer"],
        "/client_reference"
    );
    assert_eq!(results[5]["tip"]["warnings"][0]["code"], "unknown_field");
    assert_eq!(results[6]["replayed"], true);
    assert_eq!(results[6]["tip"]["receipt"], results[0]["tip"]["receipt"]);
    assert_eq!(results[7]["problem"]["code"], "idempotency_key_reused");

    let again = send().await.expect(200);
    assert_eq!(again["results"][0]["tip"], results[0]["tip"]);
    assert_eq!(again["results"][0]["replayed"], true);
    let count = rows(&t, "select count(*)::text as cell from tips").await;
    assert_eq!(count, ["2"]);
}

#[actix_web::test]
async fn a_batch_that_is_none_is_refused_as_a_whole() {
    let t = TestApp::new().await;
    let tips = |n: usize| {
        let one = item(&Uuid::now_v7().to_string(), &json!({"narrative": "x"}));
        json!({"tips": vec![one; n]}).to_string()
    };
    let huge = format!("{{\"tips\": [], \"x\": \"{}\"}}", "x".repeat(8 << 20));
    for (body, status, pointer) in [
        (tips(101), 422, "/tips"),
        (tips(0), 422, "/tips"),
        ("{}".to_owned(), 422, "/tips"),
        (r#"{"tips": 5}"#.to_owned(), 422, "/tips"),
        ("{\"tips\": [".to_owned(), 400, ""),
        (huge, 413, ""),
    ] {
        let short: String = body.chars().take(60).collect();
        let call = t.citizen().post("/v1/tips/batch");
        let problem = call.body("application/json", body).send().await;
        let problem = problem.problem(status);
        if status == 422 {
            assert_eq!(
                problem["errors"][0]["pointer"], pointer,
                "{short}: {problem}"
            );
        }
    }
}

#[actix_web::test]
async fn an_item_that_is_none_spoils_no_other() {
    let t = TestApp::new().await;
    let reference = Uuid::now_v7().to_string();
    // As deep as a tip may be by itself: the batch round it does not count.
    let deep = format!("{}1{}", r#"{"a":"#.repeat(62), "}".repeat(62));
    let deep = json!({"narrative": "sâu", "more": serde_json::from_str::<Value>(&deep).unwrap()});
    t.submit(&deep).await;
    let batch = json!({"tips": [
        null, 5, {}, {"tip": {"narrative": "x"}}, {"client_reference": 7, "tip": {"narrative": "x"}},
        {"client_reference": reference}, item(&reference, &deep),
    ]});
    let call = t.citizen().post("/v1/tips/batch").json(&batch);
    let answer = call.send().await.expect(200);
    let results = answer["results"].as_array().unwrap();
    let statuses: Vec<_> = results
        .iter()
        .map(|r| r["status"].as_u64().unwrap())
        .collect();
    assert_eq!(statuses, [422, 422, 422, 422, 422, 422, 201]);
    for (at, pointer) in [
        (3, "/client_reference"),
        (4, "/client_reference"),
        (5, "/tip"),
    ] {
        assert_eq!(results[at]["problem"]["errors"][0]["pointer"], pointer);
    }
    assert_eq!(results[0]["client_reference"], Value::Null);
    assert_eq!(results[6]["client_reference"], json!(reference));
}

#[actix_web::test]
async fn a_batch_counts_its_tips() {
    let t = TestApp::with(&[("TINBAO_LIMITS", "client=1/s:30")]).await;
    let batch = |n: usize| {
        let tips: Vec<_> = (0..n)
            .map(|n| {
                item(
                    &Uuid::now_v7().to_string(),
                    &json!({"narrative": format!("{n}")}),
                )
            })
            .collect();
        let app = t.bearer(&Claims {
            scopes: "tips:submit",
            ..Claims::default()
        });
        async move {
            let call = app.post("/v1/tips/batch").json(&json!({"tips": tips}));
            call.send().await
        }
    };
    let taken = batch(20).await;
    taken.expect(200);
    let left = taken.header("ratelimit").to_owned();
    assert!(left.starts_with("\"client\";r=1"), "ten or so: {left}");
    assert_eq!(batch(20).await.problem(429)["code"], "rate_limited");
}

#[actix_web::test]
async fn a_device_sends_what_it_gathered_offline_in_one_batch() {
    let limits = "client=50/s:600,device=1/s:20,address=1000/s:1000";
    let t = TestApp::with(&[("TINBAO_LIMITS", limits)]).await;
    let admin = t.officer(&[Scope::Admin]);
    let app = json!({"client_id": "citizen-app", "name": "Ứng dụng", "kind": "public", "scopes": ["tips:submit"]});
    admin
        .post("/v1/clients")
        .json(&app)
        .send()
        .await
        .expect(201);
    let device = json!({"client_id": "citizen-app"});
    let made = t
        .anyone()
        .post("/v1/devices")
        .json(&device)
        .send()
        .await
        .expect(201);
    let device = t
        .anyone()
        .with_token(made["access_token"].as_str().unwrap());
    for (many, status) in [(100, 200), (22, 429)] {
        let tips: Vec<_> = (0..many)
            .map(|n| {
                item(
                    &Uuid::now_v7().to_string(),
                    &json!({"narrative": format!("{n}")}),
                )
            })
            .collect();
        let call = device.post("/v1/tips/batch").json(&json!({"tips": tips}));
        let reply = call.send().await;
        assert_eq!(reply.status.as_u16(), status, "{}", reply.text());
        assert!(
            reply
                .header("ratelimit-policy")
                .starts_with("\"device\";q=20;w=20")
        );
    }
}

#[actix_web::test]
async fn an_attestation_proves_what_was_received_and_an_altered_one_proves_nothing() {
    let t = TestApp::new().await;
    let body = r#"{"narrative": "Lừa đảo",  "in_danger_now": false}"#;
    let call = t.citizen().post("/v1/tips");
    let tip = call.body("application/json", body).send().await.expect(201);
    let verify = |attestation: String, submission: Option<&str>| {
        let mut body = json!({"attestation": attestation});
        if let Some(sent) = submission {
            body["submission"] = Value::from(sent);
        }
        let call = t.anyone().post("/v1/attestations/verify").json(&body);
        async move { call.send().await.expect(200) }
    };
    let attestation = tip["attestation"].as_str().unwrap().to_owned();
    let checked = verify(attestation.clone(), Some(body)).await;
    assert_eq!(checked["valid"], true);
    assert_eq!(checked["tip_id"], tip["id"]);
    assert_eq!(checked["received_at"], "2026-11-24T01:20:00Z");
    assert_eq!(checked["submission_matches"], true);
    let id = tip["id"].as_str().unwrap();
    let officer = t.officer(&[Scope::TipsRead]);
    let kept = officer.get(&format!("/v1/tips/{id}/submissions")).send();
    assert_eq!(
        checked["digest"],
        kept.await.expect(200)["items"][0]["digest"]
    );
    let other = verify(attestation.clone(), Some("{}")).await;
    assert_eq!(other["submission_matches"], false);

    let (head, signature) = attestation.rsplit_once('.').unwrap();
    let (first, rest) = signature.split_at(1);
    let turned = if first == "A" { "B" } else { "A" };
    let token = t.token(&Claims {
        scopes: "tips:read",
        ..Claims::default()
    });
    for wrong in [
        format!("{head}.{turned}{rest}"),
        format!("{head}."),
        "nonsense".to_owned(),
        token,
    ] {
        let checked = verify(wrong.clone(), None).await;
        assert_eq!(checked["valid"], false, "{wrong}");
        assert!(checked["tip_id"].is_null());
    }
}

/// What an attestation says, by the published keys and nothing else of the service.
async fn read_alone(t: &TestApp, attestation: &str) -> Value {
    use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
    let keys = t.anyone().get("/.well-known/jwks.json").send().await;
    let keys: JwkSet = serde_json::from_value(keys.expect(200)).unwrap();
    let header = decode_header(attestation).unwrap();
    assert_eq!(header.typ.as_deref(), Some("tip-attestation+jwt"));
    let key = keys.find(header.kid.as_deref().unwrap()).unwrap();
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.required_spec_claims.clear();
    rules.validate_exp = false;
    let key = DecodingKey::from_jwk(key).unwrap();
    decode::<Value>(attestation, &key, &rules).unwrap().claims
}

/// Whether these are the bytes that it is about: SHA-256 over its salt and them (contract §3).
fn is_about(claims: &Value, bytes: &[u8]) -> bool {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use sha2::{Digest, Sha256};
    let salt = STANDARD.decode(claims["salt"].as_str().unwrap()).unwrap();
    assert_eq!(salt.len(), 32);
    let digest = Sha256::new().chain_update(salt).chain_update(bytes);
    claims["digest"] == hex::encode(digest.finalize())
}

#[actix_web::test]
async fn an_attestation_is_proved_without_the_service_and_however_the_tip_came() {
    let t = TestApp::new().await;
    // As long as a tip may be, and of what is written with two characters in a string of JSON.
    let long = format!(
        r#"{{"narrative": "Lừa đảo", "x": "{}"}}"#,
        r#"\""#.repeat(130_000)
    );
    assert!(long.len() < 256 * 1024);
    for body in [r#"{"narrative":  "Lừa đảo"}"#, &long] {
        let call = t.citizen().post("/v1/tips");
        let tip = call.body("application/json", body.to_owned()).send().await;
        let tip = tip.expect(201);
        let attestation = tip["attestation"].as_str().unwrap();
        let claims = read_alone(&t, attestation).await;
        assert_eq!(claims["tip_id"], tip["id"]);
        assert!(is_about(&claims, body.as_bytes()));
        assert!(!is_about(&claims, body.trim_end_matches('}').as_bytes()));
        let asked = json!({"attestation": attestation, "submission": body});
        let checked = t.anyone().post("/v1/attestations/verify").json(&asked);
        assert_eq!(checked.send().await.expect(200)["submission_matches"], true);
    }
    // Of a batch, the item's tip as it stands in the body.
    let item = r#"{"narrative":   "Ngoại tuyến"}"#;
    let batch = format!(
        r#"{{"tips": [{{"client_reference": "0f8fad5b-d9cb-469f-a165-70867728950e", "tip": {item}}}]}}"#
    );
    let call = t.citizen().post("/v1/tips/batch");
    let answers = call.body("application/json", batch).send().await;
    let answers: Value = serde_json::from_slice(&answers.bytes).unwrap();
    let one = &answers["results"][0];
    let claims = read_alone(&t, one["tip"]["attestation"].as_str().unwrap()).await;
    assert_eq!(claims["tip_id"], one["tip"]["id"]);
    assert!(is_about(&claims, item.as_bytes()));
}
