//! `GET /v1/tips?updated_since=` and `GET /v1/changes`: nothing that changed is passed over, whoever asks.

use std::collections::BTreeSet;

use serde_json::json;
use tinbao::auth::Scope;

use crate::audit::some_history;
use crate::stats::post;
use crate::support::{Claims, Client, TestApp};

const WORK: &[Scope] = &[Scope::TipsRead, Scope::TipsTriage];

/// The ids of all pages, and the position behind the last.
async fn all(client: &Client, query: &str) -> (Vec<String>, i64) {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = client
            .get(&format!("/v1/tips?{query}{cursor}"))
            .send()
            .await;
        let body = page.expect(200);
        let items = body["items"].as_array().unwrap().iter();
        ids.extend(items.map(|tip| tip["id"].as_str().unwrap().to_owned()));
        match body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (ids, page.header("changes-position").parse().unwrap()),
        }
    }
}

#[actix_web::test]
async fn many_events_of_few_tips_hide_no_other_tip() {
    let t = TestApp::new().await;
    let officer = t.officer(WORK);
    let mut sent = BTreeSet::new();
    for n in 0..6 {
        let id = post(
            &t,
            json!({"narrative": format!("tin {n}"), "location": {"unit_code": "03127"}}),
        )
        .await;
        // Twice as many events as a page holds items.
        for _ in 0..4 {
            officer
                .put(&format!("/v1/tips/{id}/claim"))
                .send()
                .await
                .expect(200);
            officer
                .delete(&format!("/v1/tips/{id}/claim"))
                .send()
                .await
                .expect(204);
        }
        sent.insert(id);
    }
    t.settle().await;
    let (ids, position) = all(&officer, "updated_since=0&limit=3").await;
    assert_eq!(ids.iter().cloned().collect::<BTreeSet<_>>(), sent);
    let since = |rest: &str| format!("updated_since={position}{rest}");
    assert!(all(&officer, &since("")).await.0.is_empty());

    let first = sent.first().unwrap();
    officer
        .put(&format!("/v1/tips/{first}/claim"))
        .send()
        .await
        .expect(200);
    t.settle().await;
    assert_eq!(all(&officer, &since("")).await.0, [first.as_str()]);
    // Filters hold as in every list.
    let claimed = all(&officer, "updated_since=0&limit=2&status=claimed")
        .await
        .0;
    assert_eq!(claimed, [first.as_str()]);
    assert!(all(&officer, &since("&unit=03166")).await.0.is_empty());
}

#[actix_web::test]
async fn who_sees_few_of_many_tips_gets_all_of_those() {
    let t = TestApp::new().await;
    for n in 0..8 {
        post(
            &t,
            json!({"narrative": format!("nơi khác {n}"), "location": {"unit_code": "03166"}}),
        )
        .await;
    }
    let own = post(
        &t,
        json!({"narrative": "ở đây", "location": {"unit_code": "03127"}}),
    )
    .await;
    t.settle().await;
    let confined = t.bearer(&Claims {
        scopes: "tips:read",
        units: Some(&["03127"]),
        ..Claims::default()
    });
    let (ids, _) = all(&confined, "updated_since=0&limit=1").await;
    assert_eq!(ids, [own]);
    let wrong = confined
        .get("/v1/tips?updated_since=-1")
        .send()
        .await
        .problem(422);
    assert_eq!(wrong["errors"][0]["parameter"], "updated_since");
}

#[actix_web::test]
async fn a_desk_learns_of_its_cases_and_of_public_warnings_but_of_no_other_desk() {
    let t = TestApp::new().await;
    let open = async |desk: &str| {
        let tip = post(&t, json!({"narrative": format!("vụ của {desk}")})).await;
        let case = json!({"title": "Vụ", "desk": desk, "tip_ids": [tip]});
        let officer = t.officer(&[
            Scope::TipsRead,
            Scope::TipsTriage,
            Scope::CasesRead,
            Scope::CasesWrite,
        ]);
        let made = officer
            .post("/v1/cases")
            .json(&case)
            .send()
            .await
            .expect(201);
        made["id"].as_str().unwrap().to_owned()
    };
    let (own, other) = (open("cyber").await, open("economic").await);
    crate::advisories::published(&t, &crate::advisories::warning()).await;
    t.settle().await;
    let desk = t.bearer(&Claims {
        scopes: "exchange:read",
        desk: Some("cyber"),
        ..Claims::default()
    });
    let told = desk
        .get("/v1/changes?since=0&limit=200")
        .send()
        .await
        .expect(200);
    let about: Vec<(&str, &str)> = told["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| {
            (
                event["type"].as_str().unwrap(),
                event["subject"].as_str().unwrap_or_default(),
            )
        })
        .collect();
    assert!(
        about
            .iter()
            .any(|(kind, id)| kind.contains("case.opened") && id.contains(&own)),
        "{about:?}"
    );
    assert!(
        !about.iter().any(|(_, id)| id.contains(&other)),
        "{about:?}"
    );
    assert!(
        about
            .iter()
            .any(|(kind, _)| kind.contains("advisory.published")),
        "{about:?}"
    );
}

#[actix_web::test]
async fn a_page_of_events_is_as_long_as_any_other() {
    let t = TestApp::new().await;
    for n in 0..51 {
        post(&t, json!({"narrative": format!("Tin thứ {n}")})).await;
    }
    t.settle().await;
    let reader = t.officer(&[Scope::ExchangeRead]);
    let page = reader.get("/v1/changes?since=0").send().await.expect(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 50);
    assert_eq!(page["more"], true);
    let whole = reader.get("/v1/changes?since=0&limit=200").send().await;
    assert!(whole.expect(200)["items"].as_array().unwrap().len() > 50);
}

#[actix_web::test]
async fn changes_are_pulled_by_position_without_a_gap() {
    let t = TestApp::new().await;
    some_history(&t).await;
    let puller = t.officer(&[Scope::ExchangeRead]);
    let mut since = 0;
    let mut seen = Vec::new();
    loop {
        let page = puller
            .get(&format!("/v1/changes?since={since}&limit=4"))
            .send()
            .await
            .expect(200);
        for event in page["items"].as_array().unwrap() {
            assert_eq!(
                (&event["specversion"], &event["type"]),
                (&json!("1.0"), &json!("tip.received"))
            );
            seen.push(event["position"].as_i64().unwrap());
        }
        since = page["position"].as_i64().unwrap();
        if page["more"] == false {
            break;
        }
    }
    assert_eq!(seen, [1, 2, 3, 4, 5, 6]);
    let agency = t.bearer(&Claims {
        scopes: "exchange:read",
        agency: Some("border_guard"),
        ..Claims::default()
    });
    let nothing = agency.get("/v1/changes?since=0").send().await.expect(200);
    assert_eq!(nothing["items"], json!([]));
    puller.get("/v1/changes?limit=0").send().await.problem(422);
    let all = puller.get("/v1/changes?since=0&limit=200").send().await;
    let all = all.expect(200);
    let count = all["items"].as_array().unwrap().len();
    for (limit, more) in [(count, false), (count - 1, true)] {
        let page = puller.get(&format!("/v1/changes?since=0&limit={limit}"));
        assert_eq!(
            page.send().await.expect(200)["more"],
            more,
            "{limit} of {count}"
        );
    }
}
