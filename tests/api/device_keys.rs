//! A device asked for twice under one key is one device.

use serde_json::json;
use tinbao::auth::Scope;

use crate::clients::register;
use crate::devices::token_of;
use crate::support::{Reply, TestApp, rows};

async fn public_app(t: &TestApp, name: &str) {
    let app = json!({"client_id": name, "name": "Ứng dụng", "kind": "public", "scopes": ["tips:submit", "check:read"]});
    register(&t.officer(&[Scope::Admin]), app).await;
}

/// Asks for a device from an address behind the proxy.
async fn ask(t: &TestApp, key: &str, client: &str, address: &str) -> Reply {
    let call = t.anyone().post("/v1/devices");
    let call = call.header("Idempotency-Key", key);
    let call = call.header("X-Forwarded-For", address);
    call.json(&json!({"client_id": client})).send().await
}

#[actix_web::test]
async fn the_answer_that_was_lost_comes_again_and_to_nobody_else() {
    let t = TestApp::with(&[("TINBAO_TRUSTED_PROXIES", "198.51.100.0/24")]).await;
    public_app(&t, "citizen-app").await;
    public_app(&t, "other-app").await;
    let (key, here) = ("0f8fad5b-d9cb-469f-a165-70867728950e", "203.0.113.7");
    let first = ask(&t, key, "citizen-app", here).await;
    let made = first.expect(201);
    let again = ask(&t, key, "citizen-app", here).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.expect(201), made);
    let sql = "select count(*)::text as cell from
        (select type from journal union all select type from journal_pending) j where type = 'device.created'";
    assert_eq!(rows(&t, sql).await, ["1"]);
    let token = made["access_token"].as_str().unwrap();
    let check = t.anyone().with_token(token).get("/v1/check?value=156");
    check.send().await.expect(200);
    // A guessed key hands out nothing elsewhere, nor of another app.
    for (client, address) in [("citizen-app", "203.0.113.8"), ("other-app", here)] {
        let other = ask(&t, key, client, address).await.expect(201);
        assert_ne!(other["device"], made["device"], "{client} {address}");
    }
    let call = t.anyone().post("/v1/devices");
    let call = call
        .header("Idempotency-Key", key)
        .header("X-Forwarded-For", here);
    let other = json!({"client_id": "citizen-app", "device_token": token});
    let reused = call.json(&other).send().await.problem(422);
    assert_eq!(reused["code"], "idempotency_key_reused");
    let kept = rows(
        &t,
        "select encode(answer, 'escape') as cell from idempotency_keys",
    )
    .await;
    assert!(
        kept.iter().all(|answer| !answer.contains("device:")),
        "sealed"
    );
}

#[actix_web::test]
async fn a_key_that_others_may_choose_too_is_refused() {
    let t = TestApp::new().await;
    public_app(&t, "citizen-app").await;
    for key in [
        "1",
        "register",
        "00000000-0000-0000-0000-000000000000",
        "0f8fad5b-d9cb-169f-a165-70867728950e",
        "0f8fad5b-d9cb-469f-a165-70867728950",
    ] {
        let refused = ask(&t, key, "citizen-app", "203.0.113.7").await;
        let refused = refused.problem(422);
        assert_eq!(refused["errors"][0]["parameter"], "Idempotency-Key");
    }
    for key in [
        "0F8FAD5B-D9CB-469F-A165-70867728950E",
        "019ab1c2-7d3e-7f00-8a11-1f2e3d4c5b6a",
    ] {
        let made = ask(&t, key, "citizen-app", "203.0.113.7").await;
        made.expect(201);
    }
}

#[actix_web::test]
async fn the_key_of_a_device_that_was_ended_gives_a_new_one() {
    let t = TestApp::new().await;
    public_app(&t, "citizen-app").await;
    let replica = t.replica().await;
    let key = "0f8fad5b-d9cb-469f-a165-70867728950e";
    let give = async |t: &TestApp| {
        let reply = ask(t, key, "citizen-app", "203.0.113.7").await;
        let replayed = reply.header("idempotency-replayed") == "true";
        (reply.expect(201), replayed)
    };
    let works = async |made: &serde_json::Value| {
        let who = t.anyone().with_token(token_of(made));
        who.get("/v1/check?value=156").send().await.status.as_u16()
    };
    let (mut last, _) = give(&t).await;
    for ending in ["device", "token", "sub"] {
        let device = last["device"].as_str().unwrap().to_owned();
        match ending {
            "device" => {
                let who = t.anyone().with_token(token_of(&last));
                let path = format!("/v1/devices/{device}");
                who.delete(&path).send().await.expect(204);
            }
            "token" => {
                let form = format!("client_id=citizen-app&token={}", token_of(&last));
                let call = t.anyone().post("/v1/oauth/revoke");
                let call = call.body("application/x-www-form-urlencoded", form);
                call.send().await.expect(200);
            }
            _ => {
                let admin = t.named_officer("admin-1", &[Scope::Admin]);
                let call = admin.post("/v1/revocations");
                let call = call.json(&json!({"sub": device})).send().await;
                call.expect(201);
                t.clock.advance(std::time::Duration::from_secs(1));
            }
        }
        assert_eq!(works(&last).await, 401, "{ending}");
        // Also at a replica that has not heard of it yet.
        let here = if ending == "sub" { &t } else { &replica };
        let (next, replayed) = give(here).await;
        assert!(!replayed, "{ending}");
        assert_ne!(next["device"], last["device"], "{ending}");
        assert_eq!(works(&next).await, 200, "{ending}");
        let (again, replayed) = give(&t).await;
        assert_eq!((again, replayed), (next.clone(), true), "{ending}");
        last = next;
    }
}
