//! A client's registration bounds every token that is given through it, by whomever, and at once.

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::clients::register;
use crate::support::{Client, Provider, TestApp};

async fn tips(who: &Client) -> Vec<Value> {
    let page = who.get("/v1/tips").send().await.expect(200);
    let items = page["items"].as_array().unwrap();
    let mut ids: Vec<Value> = items.iter().map(|item| item["id"].clone()).collect();
    ids.sort_by_key(Value::to_string);
    ids
}

#[actix_web::test]
async fn people_who_come_through_a_confined_client_see_what_it_may_see() {
    let idp = Provider::new("https://idp.example");
    let t = TestApp::with(&[("TINBAO_JWKS", &idp.entry())]).await;
    let admin = t.named_officer("admin-1", &[Scope::Admin]);
    let cyber = json!({"narrative": "x", "indicators": [{"value": "0912345678"}],
        "location": {"unit_code": "03127"}});
    let (cyber, duty) = (
        t.submit(&cyber).await,
        t.submit(&json!({"narrative": "x"})).await,
    );
    assert_eq!(
        (&cyber["desk"], &duty["desk"]),
        (&json!("cyber"), &json!("duty"))
    );
    let (cyber, duty) = (cyber["id"].clone(), duty["id"].clone());
    let mut both = vec![cyber.clone(), duty.clone()];
    both.sort_by_key(Value::to_string);

    let app = json!({"client_id": "desk-app", "name": "Bàn", "kind": "confidential",
        "scopes": ["tips:read"], "desk": "cyber"});
    let app = register(&admin, app).await;
    let path = format!("/v1/clients/{}", app["id"].as_str().unwrap());
    // The provider's token itself says nothing of a desk.
    let person = idp.bearer(&t, "analyst", "tips:read");
    assert_eq!(tips(&person).await, std::slice::from_ref(&cyber));
    // While the token lives the client is confined otherwise.
    for (bounds, seen) in [
        (json!({"desk": "duty"}), vec![duty.clone()]),
        (json!({"desk": null}), both.clone()),
        (json!({"units": ["03127"]}), vec![cyber.clone()]),
        (json!({"units": []}), vec![]),
        (json!({"units": null}), both),
    ] {
        let change = admin.patch(&path).header("If-Match", "*");
        change.json(&bounds).send().await.expect(200);
        assert_eq!(tips(&person).await, seen, "{bounds}");
    }
}
