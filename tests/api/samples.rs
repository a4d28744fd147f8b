//! Real phishing hosts go the whole way: reported, confirmed by two officers, and found by the check.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use crate::checks::CURATE;
use crate::support::TestApp;

const BRANDS: &str = include_str!("../samples/vn_brand_phish_sample.txt");
const LISTS: [&str; 2] = [
    include_str!("../samples/chongluadao_urls.txt"),
    include_str!("../samples/hostsvn_threat_vn.txt"),
];

/// Answers of the check, in the order of the hosts.
async fn checked(t: &TestApp, hosts: &[&str]) -> Vec<Value> {
    let mut answers = Vec::new();
    for some in hosts.chunks(200) {
        let batch = t
            .citizen()
            .post("/v1/check/batch")
            .json(&json!({"values": some}));
        let answer = batch.send().await.expect(200);
        answers.extend(answer["items"].as_array().unwrap().iter().cloned());
    }
    answers
}

async fn whole_way(hosts: &[&str]) {
    let t = TestApp::new().await;
    for some in hosts.chunks(20) {
        let named: Vec<Value> = some
            .iter()
            .map(|host| json!({"kind": "url", "value": host}))
            .collect();
        let tip = json!({"narrative": "Trang giả mạo.", "indicators": named});
        t.submit(&tip).await;
    }
    t.settle().await;
    let (first, second) = (
        t.named_officer("first", CURATE),
        t.named_officer("second", CURATE),
    );
    let mut path = "/v1/indicators?limit=200".to_owned();
    let mut refused = BTreeMap::new();
    loop {
        let page = first.get(&path).send().await.expect(200);
        let confirm = page["items"].as_array().unwrap().iter().map(async |item| {
            let verdict = format!("/v1/indicators/{}/verdict", item["id"].as_str().unwrap());
            let body = json!({"verdict": "confirmed_scam", "reason": "phishing_page"});
            let given = first.put(&verdict).json(&body).send().await;
            if given.status.as_u16() != 200 {
                return Some((item["value"].as_str().unwrap().to_owned(), given.text()));
            }
            second
                .post(&format!("{verdict}/approve"))
                .send()
                .await
                .expect(200);
            None
        });
        let confirmed: Vec<_> = stream::iter(confirm).buffer_unordered(8).collect().await;
        refused.extend(confirmed.into_iter().flatten());
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/v1/indicators?limit=200&cursor={cursor}");
    }
    t.settle().await;
    let missed: Vec<_> = checked(&t, hosts)
        .await
        .into_iter()
        .zip(hosts)
        .filter(|(answer, _)| answer["verdict"] != "confirmed_scam")
        .map(|(answer, host)| format!("{host}: {} {}", answer["value"], answer["verdict"]))
        .collect();
    assert!(
        missed.is_empty() && refused.is_empty(),
        "{missed:#?} {refused:#?}"
    );
}

#[actix_web::test]
async fn every_imitation_of_a_brand_is_found_once_it_is_confirmed() {
    let hosts: Vec<&str> = BRANDS.lines().filter(|line| !line.is_empty()).collect();
    assert!(hosts.len() > 700);
    whole_way(&hosts).await;
}

#[actix_web::test]
#[ignore = "the same with the other lists takes a minute"]
async fn every_host_of_all_lists_is_found_once_it_is_confirmed() {
    for list in LISTS {
        let hosts: Vec<&str> = list.lines().filter(|line| !line.is_empty()).collect();
        whole_way(&hosts).await;
    }
}
