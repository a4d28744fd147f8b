//! Devices of public apps: tokens, renewal, the quarter for new ones, the end of one.

use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::clients::register;
use crate::support::{Claims, Reply, TestApp};

const DAY: Duration = Duration::from_secs(24 * 3600);

pub async fn device(t: &TestApp, token: Option<&str>, client: &str) -> Reply {
    let body = json!({"client_id": client, "device_token": token});
    t.anyone().post("/v1/devices").json(&body).send().await
}

pub async fn public_app(t: &TestApp, name: &str) {
    let app = json!({"client_id": name, "name": "Ứng dụng", "kind": "public", "scopes": ["tips:submit", "check:read"]});
    register(&t.officer(&[Scope::Admin]), app).await;
}

#[actix_web::test]
async fn a_renewed_device_stays_the_same_and_is_known_after_a_day() {
    let t = TestApp::with(&[(
        "TINBAO_LIMITS",
        "client=1/s:8,device=100/s:100,address=1000/s:1000",
    )])
    .await;
    public_app(&t, "citizen-app").await;
    let made = device(&t, None, "citizen-app").await.expect(201);
    assert_eq!(made["renewed"], false);
    let first = made["access_token"].as_str().unwrap();
    // Over for a while, yet its own.
    t.clock.advance(3 * DAY);
    t.anyone()
        .with_token(first)
        .get("/v1/check?value=156")
        .send()
        .await
        .problem(401);
    let renewed = device(&t, Some(first), "citizen-app").await.expect(200);
    assert_eq!(
        (&renewed["device"], &renewed["renewed"]),
        (&made["device"], &json!(true))
    );
    let known = t
        .anyone()
        .with_token(renewed["access_token"].as_str().unwrap());
    let tip = json!({"narrative": "x"});
    let mut passed = 0;
    for _ in 0..8 {
        let reply = known.post("/v1/tips").json(&tip).send().await;
        passed += u32::from(reply.status.as_u16() == 201);
    }
    assert_eq!(passed, 8, "the whole of the app's burst, not a quarter");
}

#[actix_web::test]
async fn renewed_devices_count_as_independent_reporters() {
    let t = TestApp::new().await;
    public_app(&t, "citizen-app").await;
    let verdict = async || {
        t.settle().await;
        let body = json!({"value": "0912345678"});
        let told = t.citizen().post("/v1/check").json(&body).send().await;
        told.expect(200)["verdict"].clone()
    };
    let mut tokens = Vec::new();
    for _ in 0..3 {
        let made = device(&t, None, "citizen-app").await.expect(201);
        tokens.push(made["access_token"].as_str().unwrap().to_owned());
    }
    t.clock.advance(DAY);
    for (n, token) in tokens.iter().enumerate() {
        assert_eq!(verdict().await, "no_reports", "after {n}");
        let renewed = device(&t, Some(token), "citizen-app").await.expect(200);
        let bearer = t
            .anyone()
            .with_token(renewed["access_token"].as_str().unwrap());
        let tip = json!({"indicators": [{"value": "0912345678"}]});
        bearer.post("/v1/tips").json(&tip).send().await.expect(201);
        t.clock.advance(Duration::from_secs(3600));
    }
    assert_eq!(verdict().await, "reported");
}

#[actix_web::test]
async fn what_is_no_token_of_this_device_makes_a_new_one() {
    let t = TestApp::new().await;
    public_app(&t, "citizen-app").await;
    public_app(&t, "other-app").await;
    let made = device(&t, None, "citizen-app").await.expect(201);
    let token = made["access_token"].as_str().unwrap();
    let (head, tail) = token.split_at(token.len() - 8);
    let forged = format!("{head}{}", tail.chars().rev().collect::<String>());
    let officer = t.token(&Claims {
        client_id: "citizen-app",
        sub: made["device"].as_str().unwrap(),
        scopes: "tips:submit",
        ..Claims::default()
    });
    for (client, sent) in [
        ("other-app", token),
        ("citizen-app", forged.as_str()),
        ("citizen-app", officer.as_str()),
        ("citizen-app", "x"),
    ] {
        let new = device(&t, Some(sent), client).await.expect(201);
        assert_eq!(new["renewed"], false, "{client} {sent}");
        assert_ne!(new["device"], made["device"]);
    }
    t.clock.advance(91 * DAY);
    device(&t, Some(token), "citizen-app").await.expect(200);
    t.clock.advance(Duration::from_secs(1));
    device(&t, Some(token), "citizen-app").await.expect(201);
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
async fn a_device_that_was_ended_sends_nothing_and_is_not_renewed() {
    let t = TestApp::new().await;
    public_app(&t, "citizen-app").await;
    public_app(&t, "other-app").await;
    let (lost, kept) = (
        device(&t, None, "citizen-app").await.expect(201),
        device(&t, None, "citizen-app").await.expect(201),
    );
    let name = |made: &Value| made["device"].as_str().unwrap().to_owned();
    let bearer = |made: &Value| {
        t.anyone()
            .with_token(made["access_token"].as_str().unwrap())
    };
    let path = |made: &Value| format!("/v1/devices/{}", name(made));
    // Not one's own, not an agency's, not by a name that is none.
    bearer(&kept).delete(&path(&lost)).send().await.problem(404);
    let agency = t.bearer(&Claims {
        scopes: "admin",
        agency: Some("bank_970436"),
        ..Claims::default()
    });
    agency.delete(&path(&lost)).send().await.problem(404);
    let admin = t.officer(&[Scope::Admin]);
    admin
        .delete("/v1/devices/analyst")
        .send()
        .await
        .problem(404);

    admin.delete(&path(&lost)).send().await.expect(204);
    let tip = json!({"narrative": "x"});
    let refused = bearer(&lost).post("/v1/tips").json(&tip).send().await;
    refused.problem(401);
    let again = device(&t, lost["access_token"].as_str(), "citizen-app").await;
    let again = again.expect(201);
    assert_eq!(again["renewed"], false);
    assert_ne!(again["device"], lost["device"]);
    bearer(&kept)
        .post("/v1/tips")
        .json(&tip)
        .send()
        .await
        .expect(201);
    bearer(&kept).delete(&path(&kept)).send().await.expect(204);
    bearer(&kept)
        .post("/v1/tips")
        .json(&tip)
        .send()
        .await
        .problem(401);
    // Also where another replica renews, and long after the token is over.
    t.clock.advance(Duration::from_secs(80 * 86_400));
    tinbao::app::background::tidy(&t.running.state)
        .await
        .unwrap();
    let replica = t.replica().await;
    let late = device(&replica, lost["access_token"].as_str(), "citizen-app").await;
    assert_eq!(late.expect(201)["renewed"], false);
}

#[actix_web::test]
async fn what_became_of_a_devices_earlier_tips_is_a_hint_that_names_nobody() {
    let t = TestApp::new().await;
    public_app(&t, "citizen-app").await;
    let made = device(&t, None, "citizen-app").await.expect(201);
    let app = t
        .anyone()
        .with_token(made["access_token"].as_str().unwrap());
    let mut tips = Vec::new();
    for n in 0..4 {
        let body = json!({"narrative": format!("tin {n}")});
        // Other tests make ids at times of their own: only those of different times are in order.
        t.clock.advance(Duration::from_millis(1));
        let sent = app.post("/v1/tips").json(&body).send().await.expect(201);
        tips.push(sent["id"].as_str().unwrap().to_owned());
    }
    let officer = t.officer(&[Scope::TipsRead, Scope::TipsTriage]);
    for (tip, decision) in tips.iter().zip([
        json!({"decision": "accept", "reason": "signs_of_crime"}),
        json!({"decision": "dismiss", "reason": "spam"}),
    ]) {
        officer
            .put(&format!("/v1/tips/{tip}/claim"))
            .send()
            .await
            .expect(200);
        let decide = officer.post(&format!("/v1/tips/{tip}/decisions"));
        decide.json(&decision).send().await.expect(200);
    }
    let seen = officer
        .get(&format!("/v1/tips/{}", tips[3]))
        .send()
        .await
        .expect(200);
    let history =
        json!({"sent": 3, "accepted": 1, "transferred": 0, "duplicate": 0, "dismissed": 1});
    assert_eq!(seen["device_history"], history);
    // Who works by the queue and by claims sees it as well.
    let queue = officer.get("/v1/triage/queue").send().await.expect(200);
    let items = queue["items"].as_array().unwrap();
    let waiting = items.iter().find(|item| item["id"] == tips[3].as_str());
    assert_eq!(waiting.unwrap()["device_history"], history);
    let claimed = officer.put(&format!("/v1/tips/{}/claim", tips[3]));
    let claimed = claimed.send().await.expect(200);
    assert_eq!(claimed["device_history"], history);
    let name = made["device"].as_str().unwrap();
    assert!(!seen.to_string().contains(name));
    let first = officer
        .get(&format!("/v1/tips/{}", tips[0]))
        .send()
        .await
        .expect(200);
    assert_eq!(first["device_history"]["sent"], 0);
    let sent = t.submit(&json!({"narrative": "x"})).await;
    let path = format!("/v1/tips/{}", sent["id"].as_str().unwrap());
    assert_eq!(
        officer
            .get(&path)
            .send()
            .await
            .expect(200)
            .get("device_history"),
        None
    );
}

pub fn token_of(made: &Value) -> &str {
    made["access_token"].as_str().unwrap()
}

#[actix_web::test]
async fn a_copy_of_a_token_that_was_renewed_is_noticed_and_ends_the_device() {
    let t = TestApp::new().await;
    public_app(&t, "citizen-app").await;
    let replica = t.replica().await;
    let made = device(&t, None, "citizen-app").await.expect(201);
    let first = token_of(&made);
    // Whose answer was lost sends the same again, as often as it takes.
    let mut newest = made.clone();
    for _ in 0..3 {
        t.clock.advance(DAY);
        newest = device(&replica, Some(first), "citizen-app")
            .await
            .expect(200);
        assert_eq!(newest["device"], made["device"]);
    }
    let next = device(&t, Some(token_of(&newest)), "citizen-app")
        .await
        .expect(200);
    assert_eq!(next["device"], made["device"]);
    let check = async |token: &str| {
        let call = t.anyone().with_token(token).get("/v1/check?value=156");
        call.send().await.status.as_u16()
    };
    assert_eq!(check(token_of(&next)).await, 200);
    // Somebody kept the first one.
    let copied = device(&t, Some(first), "citizen-app").await.expect(201);
    assert_ne!(copied["device"], made["device"]);
    assert_eq!(check(token_of(&next)).await, 401);
    assert_eq!(check(token_of(&copied)).await, 200);
    let late = device(&t, Some(token_of(&next)), "citizen-app")
        .await
        .expect(201);
    assert_ne!(late["device"], made["device"]);
    t.settle().await;
    let auditor = t.named_officer("auditor", &[Scope::AuditRead]);
    let audit = auditor
        .get("/v1/audit?type=device.copied")
        .send()
        .await
        .expect(200);
    let items = audit["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{audit}");
    assert_eq!(items[0]["data"]["device"], made["device"]);
}

#[actix_web::test]
async fn a_device_is_renewed_for_two_years_at_most() {
    let t = TestApp::new().await;
    public_app(&t, "citizen-app").await;
    let made = device(&t, None, "citizen-app").await.expect(201);
    let mut last = made.clone();
    for _ in 0..8 {
        t.clock.advance(90 * DAY);
        last = device(&t, Some(token_of(&last)), "citizen-app")
            .await
            .expect(200);
        assert_eq!(last["device"], made["device"]);
        t.settle().await;
    }
    t.clock.advance(10 * DAY);
    let next = device(&t, Some(token_of(&last)), "citizen-app")
        .await
        .expect(201);
    assert_ne!(next["device"], made["device"]);
}

#[actix_web::test]
async fn an_app_revokes_its_own_tokens_without_a_secret_and_no_others() {
    let t = TestApp::new().await;
    for name in ["app", "other"] {
        public_app(&t, name).await;
    }
    let program = json!({"client_id": "bank", "name": "Ngân hàng", "kind": "confidential", "scopes": ["check:read"]});
    register(&t.officer(&[Scope::Admin]), program).await;
    let token = device(&t, None, "app").await.expect(201);
    let token = token["access_token"].as_str().unwrap().to_owned();
    let revoke = async |form: String| {
        let call = t.anyone().post("/v1/oauth/revoke");
        let call = call.body("application/x-www-form-urlencoded", form);
        call.send().await
    };
    let check = async || {
        let bearer = t.anyone().with_token(&token);
        bearer.get("/v1/check?value=0912345678").send().await
    };
    // Whose it is not, whoever is no public client, and whoever is none at all.
    revoke(format!("client_id=other&token={token}"))
        .await
        .expect(200);
    for client in ["bank", "nobody"] {
        let refused = revoke(format!("client_id={client}&token={token}")).await;
        assert_eq!(refused.problem(401)["error"], "invalid_client", "{client}");
    }
    revoke(format!("token={token}")).await.problem(401);
    check().await.expect(200);
    revoke(format!("client_id=app&token={token}"))
        .await
        .expect(200);
    check().await.problem(401);
}

#[actix_web::test]
async fn a_token_of_a_device_is_good_for_24_hours() {
    let t = TestApp::new().await;
    public_app(&t, "citizen-app").await;
    let made = device(&t, None, "citizen-app").await.expect(201);
    assert_eq!(made["expires_in"], 86_400);
    let bearer = t.anyone().with_token(token_of(&made));
    let check = || bearer.get("/v1/check?value=156").send();
    // Clocks may differ by half a minute.
    for (later, status) in [(0, 200), (86_399, 200), (29, 200), (5, 401)] {
        t.clock.advance(Duration::from_secs(later));
        assert_eq!(check().await.status.as_u16(), status, "{later} s later");
    }
}
