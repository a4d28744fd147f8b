//! The end of devices and of their tokens, for as long as they could be renewed.

use std::time::Duration;

use serde_json::Value;
use tinbao::app::background;
use tinbao::auth::Scope;

use crate::devices::{device, public_app, token_of};
use crate::support::{Claims, TestApp};

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn revoke(t: &TestApp, client: &str, token: &str) {
    let form = format!("client_id={client}&token={token}");
    let call = t.anyone().post("/v1/oauth/revoke");
    let call = call.body("application/x-www-form-urlencoded", form);
    call.send().await.expect(200);
}

/// Whether a replica that starts now renews the device by its token.
async fn renews(t: &TestApp, made: &Value) -> bool {
    background::tidy(&t.running.state).await.unwrap();
    let replica = t.replica().await;
    let next = device(&replica, Some(token_of(made)), "app").await;
    match next.status.as_u16() {
        200 => true,
        _ => {
            assert_ne!(next.expect(201)["device"], made["device"]);
            false
        }
    }
}

#[actix_web::test]
async fn a_revoked_token_renews_its_device_no_more_however_late() {
    let t = TestApp::new().await;
    for name in ["app", "other"] {
        public_app(&t, name).await;
    }
    let made = device(&t, None, "app").await.expect(201);
    let kept = device(&t, None, "app").await.expect(201);
    revoke(&t, "app", token_of(&made)).await;
    for later in [Duration::ZERO, DAY + Duration::from_secs(120), 85 * DAY] {
        t.clock.advance(later);
        assert!(!renews(&t, &made).await, "{later:?}");
    }
    assert!(renews(&t, &kept).await);
}

#[actix_web::test]
async fn a_token_that_is_over_can_be_revoked_while_it_still_renews() {
    let t = TestApp::new().await;
    for name in ["app", "other"] {
        public_app(&t, name).await;
    }
    let made = device(&t, None, "app").await.expect(201);
    t.clock.advance(2 * DAY);
    // Whose it is not ends nothing.
    revoke(&t, "other", token_of(&made)).await;
    let next = device(&t, Some(token_of(&made)), "app").await.expect(200);
    t.clock.advance(2 * DAY);
    revoke(&t, "app", token_of(&next)).await;
    assert!(!renews(&t, &next).await);
    t.clock.advance(60 * DAY);
    assert!(!renews(&t, &next).await);
}

#[actix_web::test]
async fn a_revocation_is_known_for_as_long_as_the_token_lives() {
    let t = TestApp::new().await;
    let claims = Claims {
        client_id: "app",
        scopes: "check:read",
        ..Claims::default()
    };
    public_app(&t, "app").await;
    let (revoked, kept) = (t.token(&claims), t.token(&claims));
    revoke(&t, "app", &revoked).await;
    // 360 days, as the tests' own tokens live.
    for later in [120, 86_400, 300 * 86_400] {
        t.clock.advance(Duration::from_secs(later));
        background::tidy(&t.running.state).await.unwrap();
        let replica = t.replica().await;
        let check = |token: &str| {
            let who = replica.anyone().with_token(token);
            who.get("/v1/check?value=156").send()
        };
        check(&revoked).await.problem(401);
        check(&kept).await.expect(200);
    }
}

#[actix_web::test]
async fn an_admin_of_the_whole_province_ends_any_device_and_no_other_admin() {
    let t = TestApp::new().await;
    public_app(&t, "app").await;
    let admin = |agency, desk, units| {
        t.bearer(&Claims {
            sub: "admin-1",
            scopes: "admin",
            agency,
            desk,
            units,
            ..Claims::default()
        })
    };
    let made = device(&t, None, "app").await.expect(201);
    let path = format!("/v1/devices/{}", made["device"].as_str().unwrap());
    for confined in [
        admin(None, Some("cyber"), None),
        admin(None, None, Some(&["03127"])),
        admin(Some("bank_970436"), None, None),
        t.officer(&[Scope::TipsSubmit]),
    ] {
        confined.delete(&path).send().await.problem(404);
    }
    let police = admin(Some("provincial_police"), None, None);
    police.delete(&path).send().await.expect(204);
    assert!(!renews(&t, &made).await);
}
