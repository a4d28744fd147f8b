//! Tokens of clients: who gets one, what is said to who gets none, and when they end.

use std::time::Duration;

use serde_json::json;
use tinbao::auth::Scope;

use crate::clients::{FORM, bank, register, token};
use crate::support::{TestApp, fresh_database};

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
        (
            token(&t, "bank", secret, "&client_id=bank").await,
            400,
            "invalid_request",
        ),
        (
            token(&t, "bank", secret, "&odd=1&odd=1").await,
            400,
            "invalid_request",
        ),
    ] {
        assert_eq!(reply.problem(status)["error"], error);
    }
    let basic = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        format!("bank:{secret}"),
    );
    let basic = format!("Basic {basic}");
    let both = |more: &str| {
        let call = t.anyone().post("/v1/oauth/token");
        let call = call.header("Authorization", &basic);
        call.body(FORM, format!("grant_type=client_credentials{more}"))
    };
    both("&client_id=bank").send().await.expect(200);
    for call in [
        both("&client_id=other"),
        both(&format!("&client_secret={secret}")),
        both("").another_header("Authorization", &basic),
    ] {
        assert_eq!(call.send().await.problem(400)["error"], "invalid_request");
    }
    t.anyone()
        .post("/v1/oauth/token")
        .json(&json!({}))
        .send()
        .await
        .problem(415);
}

#[actix_web::test]
async fn a_client_that_waits_for_approval_is_told_so() {
    let t = TestApp::new().await;
    let admin = t.officer(&[Scope::Admin]);
    // A scope that another admin has to approve: the client holds none until then.
    let auditor = json!({"client_id": "auditor", "name": "Thanh tra", "kind": "confidential",
        "scopes": ["audit:read"]});
    let client = register(&admin, auditor).await;
    let secret = client["client_secret"].as_str().unwrap();
    for more in ["", "&scope=", "&scope=%20%20", "&scope=audit%3Aread"] {
        let reply = token(&t, "auditor", secret, more).await;
        assert_eq!(reply.problem(400)["error"], "invalid_scope", "{more}");
    }
    // An empty wish is none.
    let client = register(&admin, bank(&["check:read"])).await;
    let secret = client["client_secret"].as_str().unwrap();
    let issued = token(&t, "bank", secret, "&scope=").await.expect(200);
    assert_eq!(issued["scope"], "check:read");
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
async fn the_demo_bank_gets_a_token_with_its_secret() {
    let t = TestApp::new().await;
    let now = t.clock.now();
    for secret in ["tbs_first", "tbs_next"] {
        let mut conn = t.running.state.db.get().await.unwrap();
        let bank = ("bank-demo", "bank_970436");
        let scopes = [Scope::ReferralsWork];
        tinbao::clients::ensure_confidential(&mut conn, bank, &scopes, secret, now)
            .await
            .unwrap();
        t.running.registry.refresh(&mut conn).await.unwrap();
        let issued = token(&t, "bank-demo", secret, "").await.expect(200);
        let access = issued["access_token"].as_str().unwrap();
        let bearer = t.anyone().with_token(access);
        bearer.get("/v1/referrals").send().await.expect(200);
    }
    token(&t, "bank-demo", "tbs_first", "").await.problem(401);
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
    let metadata = without
        .anyone()
        .get("/.well-known/oauth-authorization-server");
    let metadata = metadata.send().await.expect(200);
    assert_eq!(metadata.get("token_endpoint"), None, "{metadata}");
    assert_eq!(metadata["grant_types_supported"], json!([]));
    // Attestations, checkpoints and feeds are signed all the same: the keys are always published.
    let set = without.anyone().get("/.well-known/jwks.json").send().await;
    let set = set.expect(200);
    let kid = without.signer.signing_kid().unwrap();
    assert_eq!(set["keys"][0]["kid"], kid, "{set}");
    assert_eq!(set["keys"].as_array().unwrap().len(), 1);
    assert!(set["keys"][0].get("d").is_none(), "the public half");
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
    // Only a trusted proxy may say by which name it was reached.
    let spoofed = t
        .anyone()
        .get("/.well-known/oauth-authorization-server")
        .header("X-Forwarded-Host", "evil.example")
        .header("Forwarded", "host=evil.example;proto=https");
    let spoofed = spoofed.send().await.expect(200);
    assert_eq!(spoofed, metadata);
    let named = TestApp::with(&[("TINBAO_ISSUER", "https://tinbao.example/")]).await;
    let metadata = named
        .anyone()
        .get("/.well-known/oauth-authorization-server");
    let metadata = metadata.send().await.expect(200);
    assert_eq!(
        metadata["jwks_uri"],
        "https://tinbao.example/.well-known/jwks.json"
    );
}
