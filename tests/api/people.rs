//! People of identity providers: a person is the provider's `sub`, and nobody else's.

use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::ended::desk_app;
use crate::support::{Client, Provider, TestApp};

const SCOPE: &str = "tips:read tips:triage";

async fn tip(t: &TestApp) -> String {
    let tip = json!({"narrative": "Gọi giả danh công an"});
    let sent = t.citizen().post("/v1/tips").json(&tip).send().await;
    sent.expect(201)["id"].as_str().unwrap().to_owned()
}

async fn claimed_by(who: &Client, tip: &str) -> Value {
    let path = format!("/v1/tips/{tip}/claim");
    who.put(&path).send().await.expect(200)["claimed_by"].clone()
}

#[actix_web::test]
async fn people_of_two_providers_with_one_name_are_two_people() {
    let providers = [
        Provider::new("https://one.example"),
        Provider::new("https://two.example"),
        Provider::new("https://three.example"),
    ];
    let [one, two, three] = &providers;
    let list = format!(
        "{},{},{};prefix=edu",
        one.entry(),
        two.entry(),
        three.entry()
    );
    let t = TestApp::with(&[("TINBAO_JWKS", &list)]).await;
    desk_app(&t, &["tips:read", "tips:triage"]).await;
    let names = ["analyst", "https://two.example#analyst", "edu:analyst"];
    let people = [one, two, three].map(|provider| provider.bearer(&t, "analyst", SCOPE));
    for (at, (who, name)) in people.iter().zip(names).enumerate() {
        let tip = tip(&t).await;
        assert_eq!(claimed_by(who, &tip).await, *name);
        for (_, other) in people.iter().enumerate().filter(|(n, _)| *n != at) {
            let path = format!("/v1/tips/{tip}/claim");
            let refused = other.put(&path).send().await.problem(409);
            assert_eq!(refused["code"], "claimed_by_other", "{name}");
            let decide = other.post(&format!("/v1/tips/{tip}/decisions"));
            let decide = decide.json(&json!({"decision": "accept"})).send().await;
            assert_eq!(decide.problem(409)["code"], "claimed_by_other", "{name}");
        }
    }
    // What one sends under a key is not replayed to the other.
    let (id, key) = (tip(&t).await, "one-and-the-same-key");
    let mut notes = Vec::new();
    for who in &people {
        let call = who.post(&format!("/v1/tips/{id}/notes"));
        let call = call.header("Idempotency-Key", key);
        let note = call.json(&json!({"text": "Đã gọi lại"})).send().await;
        let note = note.expect(201);
        notes.push((note["id"].clone(), note["author"].clone()));
    }
    notes.sort_by_key(|(id, _)| id.to_string());
    notes.dedup_by_key(|(id, _)| id.clone());
    assert_eq!(notes.len(), 3, "{notes:?}");
    t.settle().await;
    let auditor = t.named_officer("auditor", &[Scope::AuditRead]);
    let path = "/v1/audit?type=tip.claimed&limit=200";
    let audit = auditor.get(path).send().await.expect(200);
    let mut actors: Vec<&str> = audit["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["actor"].as_str().unwrap())
        .collect();
    actors.sort_unstable();
    assert_eq!(
        actors,
        ["analyst", "edu:analyst", "https://two.example#analyst"]
    );
}

#[actix_web::test]
async fn nobody_is_called_like_a_person_of_another_provider_a_device_or_a_program() {
    let (one, two) = (
        Provider::new("https://one.example"),
        Provider::new("https://two.example"),
    );
    let list = format!("{},{};prefix=edu", one.entry(), two.entry());
    let t = TestApp::with(&[("TINBAO_JWKS", &list)]).await;
    desk_app(&t, &["tips:read"]).await;
    let bank = json!({"client_id": "bank", "name": "Ngân hàng", "kind": "confidential", "scopes": ["tips:read"]});
    crate::clients::register(&t.named_officer("admin-1", &[Scope::Admin]), bank).await;
    let device = "device:019ab1c2-7d3e-7f00-8a11-1f2e3d4c5b6a";
    for (provider, sub, status) in [
        (&one, "analyst", 200),
        (&one, "edu", 200),
        (&one, "edu:analyst", 401),
        (&one, "edu:", 401),
        (&one, device, 401),
        (&one, "bank", 401),
        // The program itself, by RFC 9068 §2.2.
        (&one, "desk-app", 200),
        (&two, "analyst", 200),
        (&two, "edu:analyst", 200),
        (&two, "bank", 200),
        (&two, device, 200),
    ] {
        let bearer = provider.bearer(&t, sub, "tips:read");
        let answer = bearer.get("/v1/tips").send().await;
        assert_eq!(answer.status.as_u16(), status, "{} {sub}", provider.issuer);
    }
    let own = t.named_officer("edu:analyst", &[Scope::TipsRead]);
    own.get("/v1/tips").send().await.problem(401);
    // As long as a name may be, and longer only by the prefix.
    for (letters, status) in [(251, 200), (252, 401)] {
        let bearer = two.bearer(&t, &"ă".repeat(letters), "tips:read");
        let answer = bearer.get("/v1/tips").send().await;
        assert_eq!(answer.status.as_u16(), status, "{letters}");
    }
}

#[actix_web::test]
async fn what_is_sensitive_takes_the_login_that_is_demanded_and_says_so() {
    let idp = Provider::new("https://idp.example");
    let scopes = [
        "tips:read",
        "tips:triage",
        "exchange:read",
        "indicators:curate",
        "reporters:reveal",
        "audit:read",
        "admin",
    ];
    let demanded = "acr=urn:mfa phr;amr=otp hwk;max_age=1h";
    let settings = [
        ("TINBAO_JWKS", idp.entry()),
        ("TINBAO_STEP_UP", demanded.to_owned()),
    ];
    let t = TestApp::with(
        &settings
            .each_ref()
            .map(|(name, value)| (*name, value.as_str())),
    )
    .await;
    desk_app(&t, &scopes).await;
    let tip = tip(&t).await;
    let now = t.clock.now().timestamp();
    let bearer = |login: Value| {
        let token = idp.token(&t, "analyst", &scopes.join(" "), &login);
        t.anyone().with_token(&token)
    };
    let sensitive = |who: &Client| {
        let file = "/v1/tips/01a20cb8-6af2-7504-a69a-0807b6089184/attachments/01a20cb8-6af2-7504-a69a-0807b6089185";
        let purpose = json!({"purpose": "Gọi lại để hỏi"});
        let contact = "/v1/appeals/01a20cb8-6af2-7504-a69a-0807b6089184/contact/reveal";
        [
            (
                who.post(&format!("/v1/tips/{tip}/reporter/reveal"))
                    .json(&purpose),
                404,
            ),
            (who.post(contact).json(&purpose), 404),
            (who.get("/v1/audit"), 200),
            (who.get("/v1/clients"), 200),
            (who.get("/v1/exports/cases.csv"), 200),
            (who.get("/v1/exports/tips.ndjson"), 200),
            (who.get(file), 404),
            (who.get(&format!("{file}/certificate")), 404),
        ]
    };
    let good = json!({"acr": "phr", "amr": ["pwd", "hwk"], "auth_time": now - 3_500});
    let with = |name: &str, value: Value| {
        let mut login = good.clone();
        login[name] = value;
        login
    };
    for weak in [
        json!({}),
        with("acr", json!("urn:password")),
        with("acr", json!(["phr"])),
        with("acr", Value::Null),
        with("amr", json!(["pwd"])),
        with("amr", json!("hwk")),
        with("auth_time", json!(now - 3_601)),
        with("auth_time", json!(now + 31)),
        with("auth_time", json!("now")),
        with("auth_time", Value::Null),
    ] {
        let who = bearer(weak.clone());
        for (call, _) in sensitive(&who) {
            let refused = call.send().await;
            let challenge = refused.header("www-authenticate").to_owned();
            let problem = refused.problem(401);
            assert_eq!(
                problem["code"], "insufficient_user_authentication",
                "{weak}"
            );
            assert_eq!(
                challenge,
                "Bearer realm=\"tinbao\", error=\"insufficient_user_authentication\", \
                 acr_values=\"urn:mfa phr\", max_age=\"3600\"",
            );
        }
        // The daily work goes on.
        who.get("/v1/tips").send().await.expect(200);
        who.put(&format!("/v1/tips/{tip}/claim"))
            .send()
            .await
            .expect(200);
        // What no login would open is 403 as ever.
        assert_eq!(
            who.get("/v1/cases").send().await.problem(403)["code"],
            "insufficient_scope"
        );
    }
    let strong = bearer(good.clone());
    for (call, status) in sensitive(&strong) {
        let answer = call.send().await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    }
    // It grows old while the token is good.
    t.clock.advance(Duration::from_secs(101));
    strong.get("/v1/audit").send().await.problem(401);
    strong.get("/v1/tips").send().await.expect(200);
    // Programs, and the machine's own command line, log in nowhere.
    let own = t.named_officer("admin-1", &[Scope::AuditRead]);
    own.get("/v1/audit").send().await.expect(200);
}

#[actix_web::test]
async fn without_the_setting_no_login_is_demanded() {
    let idp = Provider::new("https://idp.example");
    let t = TestApp::with(&[("TINBAO_JWKS", &idp.entry())]).await;
    desk_app(&t, &["audit:read"]).await;
    let who = idp.bearer(&t, "auditor", "audit:read");
    who.get("/v1/audit").send().await.expect(200);
}
