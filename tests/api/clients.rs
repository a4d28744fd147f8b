//! Clients: how they are registered, widened and narrowed, and by how many admins.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Claims, Client, Reply, TestApp};

pub const FORM: &str = "application/x-www-form-urlencoded";

pub async fn register(admin: &Client, body: Value) -> Value {
    admin
        .post("/v1/clients")
        .json(&body)
        .send()
        .await
        .expect(201)
}

pub fn bank(scopes: &[&str]) -> Value {
    json!({"client_id": "bank", "name": "Ngân hàng", "kind": "confidential",
           "agency": "bank_970436", "scopes": scopes})
}

pub async fn token(t: &TestApp, client: &str, secret: &str, more: &str) -> Reply {
    let body =
        format!("grant_type=client_credentials&client_id={client}&client_secret={secret}{more}");
    t.anyone()
        .post("/v1/oauth/token")
        .body(FORM, body)
        .send()
        .await
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

    // So it is with all that the contract names.
    let many = json!({"client_id": "desk-app", "name": "Desk", "kind": "confidential",
        "scopes": ["reporters:reveal", "cases:decide", "audit:read", "admin", "cases:read"]});
    let many = register(&first, many).await;
    assert_eq!(many["scopes"], json!(["cases:read"]));
    assert_eq!(many["pending_scopes"].as_array().unwrap().len(), 4);

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

/// Two admins, and a bank's client that may read the audit; its path and secret.
async fn auditing_client(t: &TestApp, units: Value) -> (Client, Client, String, String) {
    let first = t.named_officer("first-admin", &[Scope::Admin]);
    let second = t.named_officer("second-admin", &[Scope::Admin]);
    let mut body = bank(&["tips:read", "audit:read"]);
    body["units"] = units;
    let client = register(&first, body).await;
    let path = format!("/v1/clients/{}", client["id"].as_str().unwrap());
    let approve = second.post(&format!("{path}/approve")).send().await;
    approve.expect(200);
    let secret = client["client_secret"].as_str().unwrap().to_owned();
    (first, second, path, secret)
}

#[actix_web::test]
async fn a_new_secret_of_a_client_that_may_do_much_waits_for_a_second_admin() {
    let t = TestApp::new().await;
    let (first, second, path, old) = auditing_client(&t, Value::Null).await;
    let rotate = format!("{path}/secret");
    let rotated = first.post(&rotate).send().await.expect(202);
    let fresh = rotated["client_secret"].as_str().unwrap();
    assert_eq!(
        (&rotated["pending_secret"], &rotated["pending_by"]),
        (&json!(true), &json!("first-admin"))
    );
    token(&t, "bank", fresh, "").await.problem(401);
    token(&t, "bank", &old, "").await.expect(200);
    let approve = format!("{path}/approve");
    let own = first.post(&approve).send().await.problem(409);
    assert_eq!(own["code"], "same_person");
    let stale = second
        .post(&approve)
        .header("If-Match", "\"1\"")
        .send()
        .await;
    stale.problem(412);
    // What another admin proposes takes its place, so that nobody approves a part of their own.
    let other = second.post(&rotate).send().await.expect(202);
    assert_eq!(other["pending_by"], "second-admin");
    let seen = format!("\"{}\"", other["version"]);
    let approved = first.post(&approve).header("If-Match", &seen).send().await;
    assert_eq!(approved.expect(200)["pending_secret"], false);
    let theirs = other["client_secret"].as_str().unwrap();
    token(&t, "bank", theirs, "").await.expect(200);
    for ended in [old.as_str(), fresh] {
        token(&t, "bank", ended, "").await.problem(401);
    }
}

#[actix_web::test]
async fn a_client_that_may_do_much_is_widened_by_two_admins_and_narrowed_by_one() {
    let t = TestApp::new().await;
    let (first, second, path, _) = auditing_client(&t, json!(["03127", "03334"])).await;
    let change = async |by: &Client, body: Value| {
        let now = by.get("/v1/clients").send().await.expect(200);
        let tag = format!("\"{}\"", now["items"][0]["version"]);
        let call = by.patch(&path).header("If-Match", &tag).json(&body);
        call.send().await.expect(200)
    };
    let narrowed = change(&first, json!({"units": ["03127"], "desk": "cyber"})).await;
    assert_eq!(
        (
            &narrowed["units"],
            &narrowed["desk"],
            &narrowed["pending_confinement"]
        ),
        (&json!(["03127"]), &json!("cyber"), &Value::Null)
    );
    for (wish, waits) in [
        (
            json!({"units": null}),
            json!({"units": null, "desk": "cyber"}),
        ),
        (
            json!({"units": ["03127", "03334"]}),
            json!({"units": ["03127", "03334"], "desk": "cyber"}),
        ),
        (
            json!({"desk": "immigration"}),
            json!({"units": ["03127"], "desk": "immigration"}),
        ),
        (
            json!({"desk": null}),
            json!({"units": ["03127"], "desk": null}),
        ),
    ] {
        let proposed = change(&first, wish.clone()).await;
        assert_eq!(proposed["pending_confinement"], waits, "{wish}");
        assert_eq!(
            (&proposed["units"], &proposed["desk"]),
            (&json!(["03127"]), &json!("cyber")),
            "{wish}"
        );
    }
    let approve = second.post(&format!("{path}/approve")).send().await;
    let approved = approve.expect(200);
    assert_eq!(
        (
            &approved["desk"],
            &approved["units"],
            &approved["pending_by"]
        ),
        (&Value::Null, &json!(["03127"]), &Value::Null)
    );
    // Without such a scope one admin suffices, and null clears.
    change(&first, json!({"scopes": ["tips:read"]})).await;
    let cleared = change(&first, json!({"units": null})).await;
    assert_eq!(
        (&cleared["units"], &cleared["pending_confinement"]),
        (&Value::Null, &Value::Null)
    );
    let renamed = change(&first, json!({"name": "Ngân hàng A"})).await;
    assert_eq!(renamed["desk"], Value::Null, "what is left out stays");
}

#[actix_web::test]
async fn other_agencies_administer_no_clients_and_read_their_own_audit() {
    let t = TestApp::new().await;
    let admin = t.officer(&[Scope::Admin]);
    let client = register(&admin, bank(&["check:read"])).await;
    let path = format!("/v1/clients/{}", client["id"].as_str().unwrap());
    let theirs = t.bearer(&Claims {
        sub: "bank-admin",
        scopes: "admin audit:read",
        agency: Some("bank_970436"),
        ..Claims::default()
    });
    let calls = [
        theirs.get("/v1/clients"),
        theirs.post("/v1/clients").json(&bank(&["check:read"])),
        theirs
            .patch(&path)
            .header("If-Match", "\"1\"")
            .json(&json!({"name": "x"})),
        theirs.post(&format!("{path}/secret")),
        theirs.post(&format!("{path}/approve")),
        theirs.delete(&path),
    ];
    for call in calls {
        assert_eq!(call.send().await.problem(403)["code"], "forbidden");
    }
    theirs.get("/v1/audit").send().await.expect(200);
    t.settle().await;
    let audit = theirs.get("/v1/audit").send().await.expect(200);
    let items = audit["items"].as_array().unwrap();
    assert!(!items.is_empty());
    assert!(
        items.iter().all(|entry| entry["agency"] == "bank_970436"),
        "not what the police did, nor which clients there are: {audit}"
    );
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
        (
            json!({"client_id": "x", "name": "x", "kind": "confidential", "scopes": ["tips:read"], "desk": "cyberr"}),
            "/desk",
        ),
        (
            json!({"client_id": "x", "name": "x", "kind": "confidential", "scopes": ["tips:read"], "units": ["03127", "99999"]}),
            "/units/1",
        ),
        (
            json!({"client_id": "a b", "name": "x", "kind": "public", "scopes": ["tips:submit"]}),
            "/client_id",
        ),
        (
            json!({"client_id": "ngân-hàng", "name": "x", "kind": "public", "scopes": ["tips:submit"]}),
            "/client_id",
        ),
        (
            json!({"client_id": "", "name": "x", "kind": "public", "scopes": ["tips:submit"]}),
            "/client_id",
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
    let twice = json!({"client_id": "twice.v1:app_A-2", "name": "x", "kind": "confidential",
        "scopes": ["tips:read", "audit:read", "tips:read", "audit:read"]});
    let folded = register(&admin, twice).await;
    assert_eq!(folded["scopes"], json!(["tips:read"]));
    assert_eq!(folded["pending_scopes"], json!(["audit:read"]));
    let path = format!("/v1/clients/{}", folded["id"].as_str().unwrap());
    for (change, pointer) in [
        (json!({"desk": "cyberr"}), "/desk"),
        (json!({"units": ["99999"]}), "/units/0"),
    ] {
        let call = admin.patch(&path).header("If-Match", "\"1\"");
        let problem = call.json(&change).send().await.problem(422);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
        assert_eq!(problem["errors"][0]["code"], "unknown_value", "{problem}");
    }
    let page = admin.get("/v1/clients").send().await.expect(200);
    for hidden in ["client_secret", "secret_hash", "argon2"] {
        assert!(!page.to_string().contains(hidden), "{page}");
    }
}
