//! Several replicas on one database answer as one: `intake.rs` tries keys.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use serde_json::json;
use tinbao::app::background;
use tinbao::auth::Scope;

use crate::clients::register;
use crate::support::TestApp;

#[actix_web::test]
async fn officers_at_different_replicas_never_get_the_same_tip() {
    let t = TestApp::new().await;
    let others = [t.replica().await, t.replica().await];
    for n in 0..60 {
        let tip = json!({"narrative": format!("tin {n}")});
        t.submit(&tip).await;
    }
    let claims = (0..15).map(|n| {
        let app = [&t, &others[0], &others[1]][n % 3];
        let officer = app.named_officer(&format!("officer-{n}"), &[Scope::TipsTriage]);
        async move {
            let claimed = officer
                .post("/v1/triage/claims")
                .json(&json!({"max": 5}))
                .send()
                .await
                .expect(200);
            let items = claimed["items"].as_array().unwrap().clone();
            items.into_iter().map(|tip| tip["id"].to_string())
        }
    });
    let given: Vec<String> = futures_util::future::join_all(claims)
        .await
        .into_iter()
        .flatten()
        .collect();
    let distinct: HashSet<&String> = given.iter().collect();
    assert_eq!(distinct.len(), given.len(), "no tip is leased twice");
    assert_eq!(given.len(), 60, "and every tip is leased");
}

#[actix_web::test]
async fn live_events_go_on_at_another_replica_without_a_gap() {
    let t = TestApp::new().await;
    let other = t.replica().await;
    let send = async |app: &TestApp, text: &str| {
        let tip = json!({"narrative": text});
        app.submit(&tip).await
    };
    send(&t, "một").await;
    t.settle().await;
    let mut here = t
        .officer(&[Scope::TipsRead])
        .get("/v1/triage/events")
        .header("Last-Event-ID", "0")
        .stream()
        .await;
    let (seen, last) = read_tip(&mut here).await;
    assert_eq!(seen, 1);
    drop(here);
    // While the client is away, its replica and another take tips.
    let ids = [send(&t, "hai").await, send(&other, "ba").await];
    t.settle().await;
    other.settle().await;
    let mut there = other
        .officer(&[Scope::TipsRead])
        .get("/v1/triage/events")
        .header("Last-Event-ID", &last)
        .stream()
        .await;
    let mut text = String::new();
    while text.matches("event: tip.received\n").count() < 2 {
        text.push_str(&next(&mut there).await);
    }
    for tip in ids {
        assert!(text.contains(tip["id"].as_str().unwrap()), "{text}");
    }
    assert_eq!(text.matches("event: tip.received\n").count(), 2, "{text}");
}

#[actix_web::test]
async fn a_revoked_token_ends_at_another_replica_by_itself_within_seconds() {
    let t = TestApp::new().await;
    let admin = t.officer(&[Scope::Admin]);
    let bank = json!({"client_id": "bank", "name": "Ngân hàng", "kind": "confidential",
        "agency": "bank_970436", "scopes": ["exchange:read"]});
    let bank = register(&admin, bank).await;
    let secret = bank["client_secret"].as_str().unwrap();
    let form = async |path: &str, body: String| {
        let call = t.anyone().post(path);
        let call = call.body("application/x-www-form-urlencoded", body);
        call.send().await.expect(200)
    };
    let credentials = format!("client_id=bank&client_secret={secret}");
    let grant = format!("grant_type=client_credentials&{credentials}");
    let issued = form("/v1/oauth/token", grant).await;
    let token = issued["access_token"].as_str().unwrap();
    // The other one is left to itself: what it learns, it learns by its own background work.
    let other = t.replica().await;
    let running = background::start(other.running.clone());
    let there = other.anyone().with_token(token);
    there.get("/v1/changes").send().await.expect(200);

    form("/v1/oauth/revoke", format!("{credentials}&token={token}")).await;
    let revoked = Instant::now();
    while there.get("/v1/changes").send().await.status.as_u16() != 401 {
        // 30 s are promised; it reads anew every 5.
        let passed = revoked.elapsed();
        assert!(passed < Duration::from_secs(10), "{passed:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    there.get("/v1/changes").send().await.problem(401);
    running.stop().await;
}

#[actix_web::test]
async fn a_client_registered_at_one_replica_is_known_at_another_at_once() {
    let t = TestApp::new().await;
    let other = t.replica().await;
    let admin = t.officer(&[Scope::Admin]);
    let app = json!({"client_id": "app", "name": "Ứng dụng", "kind": "public", "scopes": ["tips:submit"]});
    let app = register(&admin, app).await;
    let wish = json!({"client_id": "app"});
    let device = t.anyone().post("/v1/devices").json(&wish).send().await;
    let device = device.expect(201);
    let token = device["access_token"].as_str().unwrap();
    let tip = json!({"narrative": "Lừa đảo"});
    let sent = other.anyone().with_token(token).post("/v1/tips").json(&tip);
    sent.send().await.expect(201);
    // One that is registered nowhere stays unknown.
    let path = format!("/v1/clients/{}", app["id"].as_str().unwrap());
    let gone = admin.delete(&path).header("If-Match", "\"1\"").send().await;
    gone.expect(204);
    let third = t.replica().await;
    let sent = third.anyone().with_token(token).post("/v1/tips").json(&tip);
    sent.send().await.problem(401);
}

type Stream = dyn futures_util::Stream<Item = actix_web::web::Bytes> + Unpin;

async fn next(stream: &mut Stream) -> String {
    let piece = tokio::time::timeout(std::time::Duration::from_secs(5), stream.next()).await;
    String::from_utf8(piece.unwrap().unwrap().to_vec()).unwrap()
}

/// How many tips came with the first one, and the last id.
async fn read_tip(stream: &mut Stream) -> (usize, String) {
    let mut text = String::new();
    while !text.contains("event: tip.received\n") {
        text.push_str(&next(stream).await);
    }
    let mut last = text.lines().filter_map(|line| line.strip_prefix("id: "));
    (
        text.matches("event: tip.received\n").count(),
        last.next_back().unwrap().trim().to_owned(),
    )
}
