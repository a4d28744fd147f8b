//! Clients, their tokens, revocation, devices of public apps.

use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Claims, Client, Reply, TestApp, fresh_database};

const FORM: &str = "application/x-www-form-urlencoded";

async fn register(admin: &Client, body: Value) -> Value {
    admin
        .post("/v1/clients")
        .json(&body)
        .send()
        .await
        .expect(201)
}

fn bank(scopes: &[&str]) -> Value {
    json!({"client_id": "bank", "name": "Ngân hàng", "kind": "confidential",
           "agency": "bank_970436", "scopes": scopes})
}

async fn token(t: &TestApp, client: &str, secret: &str, more: &str) -> Reply {
    let body =
        format!("grant_type=client_credentials&client_id={client}&client_secret={secret}{more}");
    t.anyone()
        .post("/v1/oauth/token")
        .body(FORM, body)
        .send()
        .await
}

#[actix_web::test]
async fn a_confidential_client_gets_tokens_within_its_bounds() {
    let t = TestApp::new().await;
    let admin = t.officer(&[Scope::Admin]);
    let client = register(&admin, bank(&["exchange:read", "check:read"])).await;
    let secret = client["client_secret"].as_str().unwrap();
    let issued = token(&t, "bank", secret, "&scope=exchange%3Aread")
        .await
        .expect(200);
    assert_eq!(
        (&issued["expires_in"], &issued["scope"]),
        (&json!(900), &json!("exchange:read"))
    );
    let bearer = t
        .anyone()
        .with_token(issued["access_token"].as_str().unwrap());
    // The registration's agency confines the token although it asked for none.
    let changes = bearer.get("/v1/changes").send().await.expect(200);
    assert_eq!(changes["items"], json!([]));
    assert_eq!(
        bearer.get("/v1/tips").send().await.problem(403)["scope"],
        "tips:read"
    );

    let basic = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        format!("bank:{secret}"),
    );
    let by_header = t
        .anyone()
        .post("/v1/oauth/token")
        .header("Authorization", &format!("Basic {basic}"))
        .body(FORM, "grant_type=client_credentials")
        .send()
        .await;
    assert_eq!(by_header.expect(200)["scope"], "check:read exchange:read");

    t.clock.advance(Duration::from_secs(16 * 60));
    bearer.get("/v1/changes").send().await.problem(401);
}

#[actix_web::test]
async fn wrong_requests_for_tokens_carry_the_codes_of_rfc_6749() {
    let t = TestApp::new().await;
    let client = register(&t.officer(&[Scope::Admin]), bank(&["check:read"])).await;
    let secret = client["client_secret"].as_str().unwrap();
    for (reply, status, error) in [
        (token(&t, "bank", "wrong", "").await, 401, "invalid_client"),
        (token(&t, "nobody", secret, "").await, 401, "invalid_client"),
        (
            token(&t, "bank", secret, "&scope=admin").await,
            400,
            "invalid_scope",
        ),
        (
            t.anyone()
                .post("/v1/oauth/token")
                .body(FORM, "grant_type=password")
                .send()
                .await,
            400,
            "unsupported_grant_type",
        ),
        (
            t.anyone()
                .post("/v1/oauth/token")
                .body(FORM, "")
                .send()
                .await,
            400,
            "invalid_request",
        ),
    ] {
        assert_eq!(reply.problem(status)["error"], error);
    }
    t.anyone()
        .post("/v1/oauth/token")
        .json(&json!({}))
        .send()
        .await
        .problem(415);
}

#[actix_web::test]
async fn a_revoked_token_and_a_disabled_client_end_at_every_replica() {
    let t = TestApp::new().await;
    let replica = t.replica().await;
    let admin = t.officer(&[Scope::Admin]);
    let client = register(&admin, bank(&["exchange:read"])).await;
    let secret = client["client_secret"].as_str().unwrap();
    let first = token(&t, "bank", secret, "").await.expect(200);
    let access = first["access_token"].as_str().unwrap();
    replica
        .running
        .registry
        .refresh(&mut t.running.state.db.get().await.unwrap())
        .await
        .unwrap();
    replica
        .anyone()
        .with_token(access)
        .get("/v1/changes")
        .send()
        .await
        .expect(200);
    let body = format!("client_id=bank&client_secret={secret}&token={access}");
    t.anyone()
        .post("/v1/oauth/revoke")
        .body(FORM, body)
        .send()
        .await
        .expect(200);
    t.anyone()
        .with_token(access)
        .get("/v1/changes")
        .send()
        .await
        .problem(401);
    // What the background does every five seconds.
    replica
        .running
        .registry
        .refresh(&mut t.running.state.db.get().await.unwrap())
        .await
        .unwrap();
    replica
        .anyone()
        .with_token(access)
        .get("/v1/changes")
        .send()
        .await
        .problem(401);

    let second = token(&t, "bank", secret, "").await.expect(200);
    let bearer = t
        .anyone()
        .with_token(second["access_token"].as_str().unwrap());
    bearer.get("/v1/changes").send().await.expect(200);
    let path = format!("/v1/clients/{}", client["id"].as_str().unwrap());
    admin.delete(&path).send().await.expect(204);
    bearer.get("/v1/changes").send().await.problem(401);
    token(&t, "bank", secret, "").await.problem(401);
}

#[actix_web::test]
async fn one_admin_alone_cannot_grant_what_opens_identities_or_the_audit() {
    let t = TestApp::new().await;
    let first = t.named_officer("first-admin", &[Scope::Admin]);
    let client = register(
        &first,
        bank(&["tips:read", "audit:read", "reporters:reveal"]),
    )
    .await;
    assert_eq!(client["scopes"], json!(["tips:read"]));
    assert_eq!(
        client["pending_scopes"],
        json!(["audit:read", "reporters:reveal"])
    );
    let path = format!("/v1/clients/{}", client["id"].as_str().unwrap());
    let approve = format!("{path}/approve");
    assert_eq!(
        first.post(&approve).send().await.problem(409)["code"],
        "same_person"
    );
    let second = t.named_officer("second-admin", &[Scope::Admin]);
    let approved = second.post(&approve).send().await.expect(200);
    assert_eq!(
        approved["scopes"],
        json!(["tips:read", "audit:read", "reporters:reveal"])
    );
    assert_eq!(
        second.post(&approve).send().await.problem(409)["code"],
        "wrong_state"
    );

    let less = json!({"scopes": ["tips:read"]});
    first.patch(&path).json(&less).send().await.problem(428);
    first
        .patch(&path)
        .header("If-Match", "\"1\"")
        .json(&less)
        .send()
        .await
        .problem(412);
    let narrowed = first
        .patch(&path)
        .header("If-Match", "\"2\"")
        .json(&less)
        .send()
        .await
        .expect(200);
    assert_eq!(narrowed["scopes"], json!(["tips:read"]));
    let old = client["client_secret"].as_str().unwrap();
    let fresh = first
        .post(&format!("{path}/secret"))
        .send()
        .await
        .expect(200);
    token(&t, "bank", old, "").await.problem(401);
    token(&t, "bank", fresh["client_secret"].as_str().unwrap(), "")
        .await
        .expect(200);
}

#[actix_web::test]
async fn clients_are_registered_carefully() {
    let t = TestApp::new().await;
    let admin = t.officer(&[Scope::Admin]);
    register(&admin, bank(&["check:read"])).await;
    let twice = admin
        .post("/v1/clients")
        .json(&bank(&["check:read"]))
        .send()
        .await
        .problem(409);
    assert_eq!(twice["code"], "duplicate");
    for (body, pointer) in [
        (
            json!({"client_id": "x", "name": "x", "kind": "confidential", "scopes": ["fly"]}),
            "/scopes/0",
        ),
        (
            json!({"client_id": "x", "name": "x", "kind": "public", "scopes": ["tips:read"]}),
            "/scopes/0",
        ),
        (
            json!({"client_id": "x", "name": "x", "kind": "confidential", "scopes": ["check:read"], "agency": "nobody"}),
            "/agency",
        ),
    ] {
        let problem = admin
            .post("/v1/clients")
            .json(&body)
            .send()
            .await
            .problem(422);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    let page = admin.get("/v1/clients").send().await.expect(200);
    assert!(!page.to_string().contains("secret"), "{page}");
}

#[actix_web::test]
async fn without_the_local_issuer_no_tokens_are_made() {
    let url = fresh_database().await;
    let with = TestApp::on(url.clone(), &[]).await;
    let app = json!({"client_id": "citizen-app", "name": "Ứng dụng", "kind": "public", "scopes": ["tips:submit"]});
    register(&with.officer(&[Scope::Admin]), app).await;
    let body = json!({"client_id": "citizen-app"});
    let made = with.anyone().post("/v1/devices").json(&body).send().await;
    made.expect(201);
    let without = TestApp::on(url, &[("TINBAO_LOCAL_ISSUER", "off")]).await;
    let call = without.anyone().post("/v1/devices").json(&body);
    call.send().await.problem(404);
}

#[actix_web::test]
async fn a_device_of_a_public_app_posts_tips_and_new_devices_share_a_quarter() {
    let t = TestApp::with(&[(
        "TINBAO_LIMITS",
        "client=4/s:16,device=100/s:100,address=1000/s:1000",
    )])
    .await;
    let app = json!({"client_id": "citizen-app", "name": "Ứng dụng", "kind": "public", "scopes": ["tips:submit", "check:read"]});
    let registered = register(&t.officer(&[Scope::Admin]), app).await;
    assert!(registered.get("client_secret").is_none());
    t.anyone()
        .post("/v1/devices")
        .json(&json!({"client_id": "nobody"}))
        .send()
        .await
        .problem(422);
    let device = || async {
        let body = json!({"client_id": "citizen-app"});
        let made = t
            .anyone()
            .post("/v1/devices")
            .json(&body)
            .send()
            .await
            .expect(201);
        t.anyone()
            .with_token(made["access_token"].as_str().unwrap())
    };
    let tip = json!({"narrative": "x"});
    let mut passed = 0;
    for _ in 0..8 {
        passed += u32::from(
            device()
                .await
                .post("/v1/tips")
                .json(&tip)
                .send()
                .await
                .status
                .as_u16()
                == 201,
        );
    }
    assert_eq!(passed, 4, "a quarter of sixteen");
    let officer = t.bearer(&Claims {
        client_id: "citizen-app",
        scopes: "tips:submit",
        ..Claims::default()
    });
    officer.post("/v1/tips").json(&tip).send().await.expect(201);
}

#[actix_web::test]
async fn the_authorization_server_describes_itself() {
    let t = TestApp::new().await;
    let metadata = t
        .anyone()
        .get("/.well-known/oauth-authorization-server")
        .send()
        .await
        .expect(200);
    assert_eq!(metadata["issuer"], "tinbao");
    assert!(
        metadata["token_endpoint"]
            .as_str()
            .unwrap()
            .ends_with("/v1/oauth/token")
    );
}
