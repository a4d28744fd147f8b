//! The end of all tokens of one person.

use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::clients::register;
use crate::support::{Claims, Client, Provider, TestApp};

const SECOND: Duration = Duration::from_secs(1);

async fn status(bearer: &Client) -> u16 {
    bearer.get("/v1/tips").send().await.status.as_u16()
}

async fn end(admin: &Client, body: Value) -> Value {
    let call = admin.post("/v1/revocations").json(&body);
    call.send().await.expect(201)
}

/// A client of the police that may read tips and administer, once two admins agree.
pub async fn desk_app(t: &TestApp, scopes: &[&str]) {
    let body = json!({"client_id": "desk-app", "name": "Trực ban", "kind": "confidential", "scopes": scopes});
    let made = register(&t.named_officer("admin-1", &[Scope::Admin]), body).await;
    if made["pending_scopes"] != json!([]) {
        let path = format!("/v1/clients/{}/approve", made["id"].as_str().unwrap());
        let second = t.named_officer("admin-2", &[Scope::Admin]);
        second.post(&path).send().await.expect(200);
    }
}

#[actix_web::test]
async fn all_tokens_of_a_person_end_at_every_replica_and_those_issued_later_are_good() {
    let t = TestApp::new().await;
    let replica = t.replica().await;
    let admin = t.named_officer("admin-1", &[Scope::Admin]);
    let claims = Claims {
        sub: "analyst",
        scopes: "tips:read",
        ..Claims::default()
    };
    let tokens = [t.token(&claims), t.token(&claims)];
    let colleague = t.named_officer("colleague", &[Scope::TipsRead]);
    t.clock.advance(Duration::from_millis(400));
    let ended = end(
        &admin,
        json!({"sub": "analyst", "reason": "Mất điện thoại"}),
    )
    .await;
    assert_eq!(
        (&ended["sub"], &ended["issuer"], &ended["ended_by"]),
        (&json!("analyst"), &Value::Null, &json!("admin-1"))
    );
    // Issued after, yet within the same second: nobody can tell it from one that was issued before.
    let same_second = t.token(&claims);
    t.clock.advance(SECOND);
    let later = t.token(&claims);
    let mut conn = t.running.state.db.get().await.unwrap();
    for here in [&t, &replica] {
        // What the background does every five seconds.
        here.running.registry.refresh(&mut conn).await.unwrap();
        for token in tokens.iter().chain([&same_second]) {
            let refused = here.anyone().with_token(token).get("/v1/tips").send();
            refused.await.problem(401);
        }
        assert_eq!(status(&here.anyone().with_token(&later)).await, 200);
        assert_eq!(status(&colleague).await, 200);
    }

    let listed = admin.get("/v1/revocations").send().await.expect(200);
    let mut ended = ended;
    let stopped = ended.as_object_mut().unwrap().remove("disabled_webhooks");
    assert_eq!(stopped, Some(json!([])));
    assert_eq!(listed["items"], json!([ended]));
    t.settle().await;
    let auditor = t.named_officer("auditor", &[Scope::AuditRead]);
    let audit = auditor.get("/v1/audit?type=tokens.ended").send().await;
    let audit = audit.expect(200);
    assert_eq!(
        (
            &audit["items"][0]["data"]["sub"],
            &audit["items"][0]["actor"]
        ),
        (&json!("analyst"), &json!("admin-1")),
        "{audit}"
    );
}

#[actix_web::test]
async fn tokens_of_an_identity_provider_end_although_its_clock_is_ahead() {
    let idp = Provider::new("https://idp.example");
    let t = TestApp::with(&[("TINBAO_JWKS", &idp.entry())]).await;
    desk_app(&t, &["tips:read"]).await;
    let admin = t.named_officer("admin-1", &[Scope::Admin]);
    let ahead = json!({"iat": t.clock.now().timestamp() + 30});
    let theirs = idp.token(&t, "analyst", "tips:read", &ahead);
    let theirs = t.anyone().with_token(&theirs);
    let own = t.named_officer("analyst", &[Scope::TipsRead]);
    assert_eq!((status(&theirs).await, status(&own).await), (200, 200));
    // Of one issuer alone, then of the other.
    let ended = end(
        &admin,
        json!({"sub": "analyst", "issuer": "https://idp.example"}),
    )
    .await;
    assert_eq!(ended["issuer"], "https://idp.example");
    assert_eq!((status(&theirs).await, status(&own).await), (401, 200));
    end(&admin, json!({"sub": "analyst", "issuer": "tinbao"})).await;
    assert_eq!(status(&own).await, 401);
    t.clock.advance(31 * SECOND);
    let later = idp.bearer(&t, "analyst", "tips:read");
    assert_eq!(status(&later).await, 200);

    let unknown = json!({"sub": "analyst", "issuer": "https://elsewhere.example"});
    let refused = admin.post("/v1/revocations").json(&unknown).send().await;
    assert_eq!(refused.problem(422)["errors"][0]["pointer"], "/issuer");
    let nobody = json!({"sub": "\u{7}"});
    let refused = admin.post("/v1/revocations").json(&nobody).send().await;
    assert_eq!(refused.problem(422)["errors"][0]["pointer"], "/sub");
}

#[actix_web::test]
async fn an_admin_who_is_confined_ends_only_tokens_that_are_so_too() {
    let t = TestApp::new().await;
    let of = |sub, desk, agency| {
        t.bearer(&Claims {
            sub,
            scopes: "tips:read admin",
            desk,
            agency,
            ..Claims::default()
        })
    };
    let admin = of("admin-1", Some("cyber"), None);
    let here = of("analyst", Some("cyber"), None);
    let elsewhere = of("analyst", Some("immigration"), None);
    let everywhere = of("analyst", None, None);
    let ended = end(&admin, json!({"sub": "analyst"})).await;
    assert_eq!(ended["desk"], "cyber");
    assert_eq!(status(&here).await, 401);
    assert_eq!(status(&elsewhere).await, 200);
    assert_eq!(status(&everywhere).await, 200);

    end(&everywhere, json!({"sub": "somebody"})).await;
    let count = async |who: &Client| {
        let page = who.get("/v1/revocations").send().await.expect(200);
        page["items"].as_array().unwrap().len()
    };
    assert_eq!((count(&admin).await, count(&everywhere).await), (1, 2));
    let bank = of("bank-admin", None, Some("bank_970436"));
    let call = bank.post("/v1/revocations").json(&json!({"sub": "x"}));
    assert_eq!(call.send().await.problem(403)["code"], "forbidden");
    // Sent again with its key it is one.
    for _ in 0..2 {
        let call = everywhere.post("/v1/revocations");
        let call = call
            .header("Idempotency-Key", "one")
            .json(&json!({"sub": "x"}));
        call.send().await.expect(201);
    }
    assert_eq!(count(&everywhere).await, 3);
}

#[actix_web::test]
async fn webhooks_of_whoever_leaves_are_told_of_nothing_more() {
    let t = TestApp::new().await;
    let scopes = &[Scope::WebhooksManage, Scope::TipsRead];
    let colleague = t.named_officer("colleague", scopes);
    let make = async |who: &Client, name: &str| {
        let url = format!("https://hooks.{name}.example/tinbao");
        let body = json!({"url": url, "events": ["tip.received"]});
        let made = who.post("/v1/webhooks").json(&body).send().await;
        made.expect(201)["id"].clone()
    };
    let hers = make(&t.named_officer("leaver", scopes), "leaver").await;
    let others = make(&colleague, "colleague").await;
    let show = async |id: &Value| {
        let path = format!("/v1/webhooks/{}", id.as_str().unwrap());
        let shown = colleague.get(&path).send().await;
        let etag = shown.header("etag").to_owned();
        let shown = shown.expect(200);
        let stands = (shown["enabled"].clone(), shown["disabled_reason"].clone());
        (path, etag, stands)
    };
    // Of a desk alone: that does not reach what is told of the whole province.
    let confined = t.bearer(&Claims {
        sub: "admin-2",
        scopes: "admin",
        desk: Some("cyber"),
        ..Claims::default()
    });
    let ended = end(&confined, json!({"sub": "leaver"})).await;
    assert_eq!(ended["disabled_webhooks"], json!([]));
    assert_eq!(show(&hers).await.2, (json!(true), Value::Null));

    let admin = t.named_officer("admin-1", &[Scope::Admin]);
    let ended = end(&admin, json!({"sub": "leaver"})).await;
    assert_eq!(ended["disabled_webhooks"], json!([hers]));
    let (path, etag, stands) = show(&hers).await;
    assert_eq!(stands, (json!(false), json!("tokens_ended")));
    assert_eq!(show(&others).await.2, (json!(true), Value::Null));
    t.settle().await;
    let auditor = t.named_officer("auditor", &[Scope::AuditRead]);
    let audit = auditor.get("/v1/audit?type=webhook.disabled").send().await;
    let audit = audit.expect(200);
    assert_eq!(audit["items"].as_array().unwrap().len(), 1, "{audit}");
    assert_eq!(audit["items"][0]["data"]["reason"], "tokens_ended");
    // Whoever still needs it answers for it from now on.
    let again = colleague.patch(&path).header("If-Match", &etag);
    let again = again.json(&json!({"enabled": true})).send().await;
    assert_eq!(again.expect(200)["disabled_reason"], Value::Null);
}
