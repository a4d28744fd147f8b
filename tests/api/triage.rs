//! The queue: its order and pages, claims with leases, and who sees what of it.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Claims, Client, TestApp, rows};

pub const TRIAGE: &[Scope] = &[Scope::TipsRead, Scope::TipsTriage];

pub async fn tips(t: &TestApp, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for n in 0..count {
        let body = json!({"narrative": format!("tin {n}")});
        let tip = t.submit(&body).await;
        ids.push(tip["id"].as_str().unwrap().to_owned());
    }
    ids
}

pub async fn claim(officer: &Client, max: usize) -> Vec<Value> {
    let body = json!({"max": max});
    let reply = officer.post("/v1/triage/claims").json(&body).send().await;
    reply.expect(200)["items"].as_array().unwrap().clone()
}

fn ids(items: &[Value]) -> Vec<String> {
    items
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

#[actix_web::test]
async fn danger_to_life_comes_before_fresh_money_and_fresh_money_before_old_losses() {
    let t = TestApp::new().await;
    for body in [
        json!({"narrative": "old", "losses": [{"amount_vnd": 900_000_000, "transferred_at": "2026-10-20T00:00:00Z"}]}),
        json!({"narrative": "danger", "in_danger_now": true}),
        json!({"narrative": "fresh", "losses": [{"amount_vnd": 2_000_000, "transferred_at": "2026-11-24T01:00:00Z"}]}),
    ] {
        let sent = t.citizen().post("/v1/tips").json(&body).send().await;
        sent.expect(201);
    }
    let queue = t
        .officer(TRIAGE)
        .get("/v1/triage/queue")
        .send()
        .await
        .expect(200);
    let order: Vec<_> = queue["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| &i["narrative"])
        .collect();
    assert_eq!(order, ["danger", "fresh", "old"]);
}

#[actix_web::test]
async fn two_analysts_at_two_replicas_never_get_the_same_tip() {
    let t = TestApp::new().await;
    let replica = t.replica().await;
    tips(&t, 40).await;
    let officers: Vec<Client> = (0..8)
        .map(|n| {
            let app = if n % 2 == 0 { &t } else { &replica };
            app.named_officer(&format!("analyst-{n}"), TRIAGE)
        })
        .collect();
    let taken = futures_util::future::join_all(officers.iter().map(|o| claim(o, 5))).await;
    let all: Vec<String> = taken.iter().flat_map(|items| ids(items)).collect();
    let unique: BTreeSet<_> = all.iter().collect();
    assert_eq!(all.len(), 40, "every tip is leased");
    assert_eq!(unique.len(), 40, "each to one analyst");
    assert!(claim(&officers[0], 5).await.is_empty(), "none is left");
}

#[actix_web::test]
async fn a_lease_that_runs_out_frees_the_tip() {
    let t = TestApp::new().await;
    let id = tips(&t, 1).await.remove(0);
    let (first, second) = (
        t.named_officer("first", TRIAGE),
        t.named_officer("second", TRIAGE),
    );
    let claimed = claim(&first, 1).await;
    assert_eq!(claimed[0]["claimed_by"], "first");
    assert_eq!(claimed[0]["lease_expires_at"], "2026-11-24T01:35:00Z");
    let path = format!("/v1/tips/{id}/claim");
    assert_eq!(
        second.put(&path).send().await.problem(409)["code"],
        "claimed_by_other"
    );
    t.clock.advance(Duration::from_secs(14 * 60));
    let renewed = first.put(&path).send().await.expect(200);
    assert_eq!(renewed["lease_expires_at"], "2026-11-24T01:49:00Z");
    t.clock.advance(Duration::from_secs(15 * 60 + 1));
    let seen = second
        .get(&format!("/v1/tips/{id}"))
        .send()
        .await
        .expect(200);
    assert_eq!(
        (&seen["status"], &seen["claimed_by"]),
        (&json!("received"), &Value::Null)
    );
    assert_eq!(ids(&claim(&second, 1).await), std::slice::from_ref(&id));
    let late = first
        .post(&format!("/v1/tips/{id}/decisions"))
        .json(&json!({"decision": "accept"}));
    assert_eq!(late.send().await.problem(409)["code"], "claimed_by_other");
}

#[actix_web::test]
async fn a_wrong_filter_of_a_claim_is_named_by_its_place_in_the_body() {
    let t = TestApp::new().await;
    let officer = t.officer(TRIAGE);
    for (filter, pointer, code) in [
        (
            json!({"priority": "urgent"}),
            "/filter/priority",
            "unknown_value",
        ),
        (json!({"status": "open"}), "/filter/status", "unknown_value"),
        (json!({"q": "x".repeat(201)}), "/filter/q", "too_long"),
        (json!({"colour": "red"}), "/filter/colour", "unknown_field"),
        (json!({"desk": "cyberr"}), "/filter/desk", "unknown_value"),
        (json!({"unit": "99999"}), "/filter/unit", "unknown_value"),
    ] {
        let body = json!({"filter": filter});
        let reply = officer.post("/v1/triage/claims").json(&body).send().await;
        let problem = reply.problem(422);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
        assert_eq!(problem["errors"][0]["code"], code, "{problem}");
    }
    let body = json!({"desk": "commune_99999"});
    let reply = officer.post("/v1/triage/claims").json(&body).send().await;
    assert_eq!(reply.problem(422)["errors"][0]["pointer"], "/desk");
}

#[actix_web::test]
async fn a_desk_or_commune_that_does_not_exist_is_named_and_one_that_was_taken_off_the_list_is_not()
{
    let t = TestApp::new().await;
    tips(&t, 1).await;
    let officer = t.officer(&[Scope::TipsRead, Scope::CasesRead]);
    for (query, parameter) in [
        ("/v1/triage/queue?desk=cyberr", "desk"),
        ("/v1/triage/queue?desk=commune_99999", "desk"),
        ("/v1/triage/queue?unit=99999", "unit"),
        ("/v1/triage/queue?unit=99999&collapse=true", "unit"),
        ("/v1/tips?desk=cyberr", "desk"),
        ("/v1/tips?unit=x", "unit"),
        ("/v1/cases?desk=cyberr", "desk"),
    ] {
        let problem = officer.get(query).send().await.problem(422);
        assert_eq!(problem["errors"][0]["parameter"], parameter, "{query}");
        assert_eq!(problem["errors"][0]["code"], "unknown_value", "{query}");
    }
    // As after an administrator has taken a desk off the list and a commune was merged.
    rows(&t, "with one as (update tip_states set desk = 'old', unit_code = '00001' returning 1) select count(*)::text as cell from one").await;
    for (query, found) in [
        ("desk=old", 1),
        ("unit=00001", 1),
        ("desk=commune_03127", 0),
    ] {
        let path = format!("/v1/triage/queue?{query}");
        let page = officer.get(&path).send().await.expect(200);
        assert_eq!(page["items"].as_array().unwrap().len(), found, "{query}");
    }
}

#[actix_web::test]
async fn pages_are_stable_under_inserts_and_foreign_cursors_are_refused() {
    let t = TestApp::new().await;
    let mut expected = tips(&t, 7).await;
    expected.reverse();
    let officer = t.officer(TRIAGE);
    let first = officer.get("/v1/tips?limit=3").send().await;
    let mut seen = ids(first.expect(200)["items"].as_array().unwrap());
    assert!(first.header("link").contains("rel=\"next\""));
    tips(&t, 2).await;
    let mut cursor = first.expect(200)["next_cursor"]
        .as_str()
        .unwrap()
        .to_owned();
    let taken = cursor.clone();
    loop {
        let page = officer
            .get(&format!("/v1/tips?limit=3&cursor={cursor}"))
            .send()
            .await
            .expect(200);
        seen.extend(ids(page["items"].as_array().unwrap()));
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(
        seen, expected,
        "what came meanwhile does not shift the pages"
    );
    for path in [
        format!("/v1/tips?cursor={taken}x"),
        format!("/v1/tips?status=received&cursor={taken}"),
        format!("/v1/triage/queue?cursor={taken}"),
        "/v1/tips?cursor=AAAA".to_owned(),
    ] {
        assert_eq!(
            officer.get(&path).send().await.problem(400)["code"],
            "invalid_cursor",
            "{path}"
        );
    }
    for limit in ["0", "201", "-1", "x", ""] {
        officer
            .get(&format!("/v1/tips?limit={limit}"))
            .send()
            .await
            .problem(422);
    }
}

#[actix_web::test]
async fn confined_bearers_see_only_their_own() {
    let t = TestApp::new().await;
    let there = json!({"narrative": "ở Mường Thanh", "location": {"unit_code": "03334"}});
    let tip = t.submit(&there).await;
    tips(&t, 1).await;
    let bearer = |agency, desk, units| {
        t.bearer(&Claims {
            scopes: "tips:read tips:triage",
            agency,
            desk,
            units,
            ..Claims::default()
        })
    };
    let count = |client: Client| async move {
        client.get("/v1/tips").send().await.expect(200)["items"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(count(bearer(None, None, None)).await, 2);
    assert_eq!(count(bearer(None, None, Some(&["03334"]))).await, 1);
    assert_eq!(
        count(bearer(None, None, Some(&[]))).await,
        0,
        "no units is no tips"
    );
    assert_eq!(count(bearer(Some("border_guard"), None, None)).await, 0);
    assert_eq!(count(bearer(None, Some("cyber"), None)).await, 0);
    let path = format!("/v1/tips/{}", tip["id"].as_str().unwrap());
    bearer(None, None, Some(&["03127"]))
        .get(&path)
        .send()
        .await
        .problem(404);
    let stranger = bearer(None, None, Some(&["03127"]));
    assert!(claim(&stranger, 20).await.is_empty());
    stranger
        .put(&format!("{path}/claim"))
        .send()
        .await
        .problem(404);
}

#[actix_web::test]
async fn a_stream_of_events_ends_with_its_token() {
    use futures_util::StreamExt;
    let t = TestApp::new().await;
    let mut stream = t.officer(TRIAGE).get("/v1/triage/events").stream().await;
    assert!(stream.next().await.unwrap().starts_with(b"retry:"));
    tips(&t, 1).await;
    t.settle().await;
    let event = stream.next().await.unwrap();
    assert!(String::from_utf8_lossy(&event).contains("tip.received"));
    t.clock.advance(Duration::from_secs(361 * 86_400));
    tips(&t, 1).await;
    t.settle().await;
    assert_eq!(stream.next().await, None);
}

#[actix_web::test]
async fn an_officer_has_only_so_many_streams_open() {
    let t = TestApp::new().await;
    let officer = t.officer(TRIAGE);
    let mut open = Vec::new();
    for _ in 0..20 {
        open.push(officer.get("/v1/triage/events").stream().await);
    }
    let refused = officer.get("/v1/triage/events").send().await;
    assert_eq!(refused.problem(429)["code"], "rate_limited");
    assert!(!refused.header("retry-after").is_empty());
    let colleague = t.named_officer("colleague", TRIAGE);
    drop(colleague.get("/v1/triage/events").stream().await);
    open.pop();
    drop(officer.get("/v1/triage/events").stream().await);
}

#[actix_web::test]
async fn the_timeline_tells_what_happened_and_who_looked() {
    let t = TestApp::new().await;
    let id = tips(&t, 1).await.remove(0);
    let officer = t.officer(TRIAGE);
    claim(&officer, 1).await;
    officer
        .get(&format!("/v1/tips/{id}"))
        .send()
        .await
        .expect(200);
    t.settle().await;
    let timeline = officer
        .get(&format!("/v1/tips/{id}/timeline"))
        .send()
        .await
        .expect(200);
    let types: Vec<_> = timeline["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["type"].as_str().unwrap())
        .collect();
    assert_eq!(types, ["tip.read", "tip.claimed", "tip.received"]);
}
