//! Filters of the queue together, in every order and on every page.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::support::{Client, TestApp, rows};

const TRIAGE: &[Scope] = &[Scope::TipsRead, Scope::TipsTriage];

struct Sent {
    id: String,
    at: String,
    desk: String,
    commune: bool,
    named: bool,
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// A dozen tips an hour apart: every other of one commune, every third naming one number.
async fn dozen(t: &TestApp) -> Vec<Sent> {
    let mut all = Vec::new();
    for n in 0..12 {
        t.clock.advance(Duration::from_micros(3_600_000_001));
        let (commune, named) = (n % 2 == 0, n % 3 == 0);
        let mut body =
            json!({"narrative": format!("tin {n}"), "method": "impersonate_police_court"});
        if commune {
            body["location"] = json!({"unit_code": "03127"});
        }
        if named {
            body["indicators"] = json!([{"value": "0912 345 678"}]);
        }
        let answer = t.submit(&body).await;
        all.push(Sent {
            id: answer["id"].as_str().unwrap().to_owned(),
            at: written(t.clock.now()),
            desk: answer["desk"].as_str().unwrap().to_owned(),
            commune,
            named,
        });
    }
    t.settle().await;
    all
}

/// All pages of a list, two items each.
async fn listed(officer: &Client, query: &str) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/triage/queue?limit=2&{query}{cursor}");
        let page = officer.get(&path).send().await.expect(200);
        ids.extend(ids_of(&page["items"], "id"));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
    }
}

fn ids_of(items: &Value, field: &str) -> Vec<String> {
    let items = items.as_array().unwrap().iter();
    items
        .map(|item| item[field].as_str().unwrap().to_owned())
        .collect()
}

#[actix_web::test]
async fn all_filters_hold_together_in_every_order_and_on_every_page() {
    let t = TestApp::new().await;
    let sent = dozen(&t).await;
    let officer = t.officer(TRIAGE);
    let window = format!("received_from={}&received_to={}", sent[3].at, sent[9].at);
    let number = "indicator=0912%20345%20678";
    let desk = format!("desk={}", sent[6].desk);
    let one = officer.get(&format!("/v1/tips/{}", sent[6].id)).send();
    let one = one.await.expect(200);
    let level = one["priority"]["level"].as_str().unwrap();
    let rest =
        format!("method=impersonate_police_court&status=received&priority={level}&overdue=false");
    type Fits = Box<dyn Fn(usize, &Sent) -> bool>;
    let inside = |n: usize| (3..9).contains(&n);
    let own = sent[6].desk.clone();
    let cases: [(String, Fits); 6] = [
        (window.clone(), Box::new(move |n, _| inside(n))),
        (number.to_owned(), Box::new(|_, tip| tip.named)),
        (
            format!("{window}&{number}"),
            Box::new(move |n, tip| inside(n) && tip.named),
        ),
        (
            format!("{window}&unit=03127"),
            Box::new(move |n, tip| inside(n) && tip.commune),
        ),
        (
            format!("{window}&{number}&unit=03127&{desk}&{rest}"),
            Box::new(move |n, tip| inside(n) && tip.named && tip.commune && tip.desk == own),
        ),
        (
            format!("received_from={}", sent[11].at),
            Box::new(|n, _| n == 11),
        ),
    ];
    for (query, fits) in cases {
        let wanted: Vec<String> = sent
            .iter()
            .enumerate()
            .filter(|(n, tip)| fits(*n, tip))
            .map(|(_, tip)| tip.id.clone())
            .collect();
        assert!(
            !wanted.is_empty(),
            "{query} would find nothing whatever it did"
        );
        let newest_first: Vec<String> = wanted.iter().rev().cloned().collect();
        assert_eq!(
            listed(&officer, &format!("sort=received&{query}")).await,
            newest_first,
            "{query}"
        );
        assert_eq!(
            listed(&officer, &format!("sort=due&{query}")).await,
            wanted,
            "{query}"
        );
        let mut urgent = listed(&officer, &query).await;
        urgent.sort();
        assert_eq!(urgent, wanted, "{query}");
    }
}

#[actix_web::test]
async fn a_claim_and_a_dismissal_keep_to_the_time_of_reception() {
    let t = TestApp::new().await;
    let sent = dozen(&t).await;
    let officer = t.officer(TRIAGE);
    let filter = json!({"received_from": sent[3].at, "received_to": sent[5].at});
    let body = json!({"max": 20, "filter": filter});
    let claimed = officer
        .post("/v1/triage/claims")
        .json(&body)
        .send()
        .await
        .expect(200);
    let mut ids = ids_of(&claimed["items"], "id");
    ids.sort();
    assert_eq!(ids, [sent[3].id.clone(), sent[4].id.clone()]);
    for (named, wanted) in [
        (json!({"indicator": "0912345678"}), vec![6]),
        (json!({"client_id": "test"}), vec![7, 6, 5]),
    ] {
        let mut wish = named;
        wish["reason"] = json!("spam");
        wish["dry_run"] = json!(true);
        wish["received_from"] = json!(sent[5].at);
        wish["received_to"] = json!(sent[8].at);
        let found = officer
            .post("/v1/triage/dismissals")
            .json(&wish)
            .send()
            .await
            .expect(200);
        let wanted: Vec<&String> = wanted.into_iter().map(|n: usize| &sent[n].id).collect();
        assert_eq!(found["tip_ids"], json!(wanted), "{wish}");
    }
}

#[actix_web::test]
async fn a_claim_takes_what_is_overdue_or_is_not_as_the_queue_shows_it() {
    let t = TestApp::new().await;
    let old = dozen(&t).await;
    t.clock.advance(Duration::from_secs(20 * 3_600));
    let officer = t.officer(TRIAGE);
    // The first was classified in time and is back in the queue: it is owed nothing any more.
    let classified = format!(
        "update tip_states set classified_at = due_at where tip_id = '{}' returning status as cell",
        old[0].id
    );
    assert_eq!(rows(&t, &classified).await, ["received"]);
    for overdue in [true, false] {
        let queue = format!("/v1/triage/queue?overdue={overdue}&limit=200");
        let shown = officer.get(&queue).send().await.expect(200);
        let mut wanted = ids_of(&shown["items"], "id");
        let body = json!({"max": 20, "filter": {"overdue": overdue}});
        let claim = officer.post("/v1/triage/claims").json(&body).send().await;
        let mut claimed = ids_of(&claim.expect(200)["items"], "id");
        wanted.sort();
        claimed.sort();
        assert!(!wanted.is_empty() && wanted.len() < old.len());
        assert_eq!(claimed, wanted, "overdue={overdue}");
    }
}
