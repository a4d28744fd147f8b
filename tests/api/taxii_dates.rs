//! When the objects of a TAXII collection came in, by which clients page.

use std::collections::BTreeSet;

use serde_json::json;

use crate::advisories::{published, warning};
use crate::checks::{confirm, id_of};
use crate::support::TestApp;
use crate::taxii::{get, objects};

#[actix_web::test]
async fn pages_by_date_added_reach_every_object_once() {
    let t = TestApp::new().await;
    // One pass makes all of them public.
    let mut numbers = Vec::new();
    for n in 0..7 {
        let value = format!("091200000{n}");
        let tip = json!({"method": "impersonate_police_court", "indicators": [{"value": value}]});
        t.submit(&tip).await;
        numbers.push(value);
    }
    t.settle().await;
    for value in &numbers {
        let path = format!("/v1/indicators/{}/verdict", id_of(&t, value).await);
        let body = json!({"verdict": "confirmed_scam", "reason": "victim_transfers"});
        let first = t.named_officer("first", crate::checks::CURATE);
        first.put(&path).json(&body).send().await.expect(200);
        let second = t.named_officer("second", crate::checks::CURATE);
        let approve = second.post(&format!("{path}/approve"));
        approve.send().await.expect(200);
    }
    t.settle().await;
    for (collection, count) in [("indicators", 2 + 7), ("sightings", 2 + 7 * 3)] {
        let whole = objects(&t, collection, "").await;
        assert_eq!(whole.len(), count);
        for limit in [1, 2, 3, 4, 100] {
            let (mut seen, mut after) = (Vec::new(), String::new());
            loop {
                let path =
                    format!("/taxii2/api/collections/{collection}/objects/?limit={limit}{after}");
                let answer = get(&t, &path).await;
                let page = answer.expect(200);
                let first = answer.header("x-taxii-date-added-first");
                assert!(after.is_empty() || after < format!("&added_after={first}"));
                seen.extend(page["objects"].as_array().unwrap().iter().cloned());
                if page["more"] == false {
                    break;
                }
                after = format!("&added_after={}", answer.header("x-taxii-date-added-last"));
            }
            assert_eq!(seen, whole, "{collection} by {limit}");
        }
        let path = format!("/taxii2/api/collections/{collection}/manifest/");
        let manifest = get(&t, &path).await.expect(200);
        let dates: BTreeSet<&str> = manifest["objects"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["date_added"].as_str().unwrap())
            .collect();
        assert_eq!(dates.len(), count, "no two objects share a date");
    }
}

#[actix_web::test]
async fn a_warning_is_told_once_it_holds_and_a_verdict_until_when() {
    let t = TestApp::new().await;
    let mut body = warning();
    body["valid_from"] = json!("2026-12-05T00:00:00Z");
    published(&t, &body).await;
    let now = published(&t, &warning()).await;
    let told = objects(&t, "advisories", "?match[type]=report").await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["external_references"][0]["external_id"], now);
    let manifest = get(&t, "/taxii2/api/collections/advisories/manifest/").await;
    let seen = manifest.header("x-taxii-date-added-last").to_owned();
    t.clock.set("2026-12-05T00:00:02Z".parse().unwrap());
    // Whoever goes on by date gets it then.
    let news = objects(&t, "advisories", &format!("?added_after={seen}")).await;
    assert_eq!(news.len(), 1);
    assert_eq!(
        objects(&t, "advisories", "?match[type]=report").await.len(),
        2
    );

    confirm(&t, "0912 345 670").await;
    let until = "2026-12-31T17:00:00.000000Z";
    for (n, expires) in [json!(null), json!(until)].iter().enumerate() {
        let value = format!("091234567{}", n + 1);
        let tip = json!({"method": "impersonate_police_court", "indicators": [{"value": value}]});
        t.submit(&tip).await;
        t.settle().await;
        let path = format!("/v1/indicators/{}/verdict", id_of(&t, &value).await);
        let body = json!({"verdict": "confirmed_scam", "reason": "victim_transfers", "expires_at": expires});
        let first = t.named_officer("first", crate::checks::CURATE);
        first.put(&path).json(&body).send().await.expect(200);
        let second = t.named_officer("second", crate::checks::CURATE);
        let approve = second.post(&format!("{path}/approve"));
        approve.send().await.expect(200);
        t.settle().await;
    }
    let all = objects(&t, "indicators", "?match[type]=indicator").await;
    let ends: Vec<_> = all.iter().map(|one| one.get("valid_until")).collect();
    assert_eq!(ends, [None, None, Some(&json!(until))]);
}
