//! Verdicts of officers on indicators, and the feeds that tell of them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::checks::{CURATE, HOUR, check, confirm, id_of, report};
use crate::support::{Claims, TestApp};

#[actix_web::test]
async fn a_confirmed_scam_needs_two_officers_and_reaches_checks_and_feeds() {
    let t = TestApp::new().await;
    report(&t, "0912 345 678", "0900000001").await;
    t.settle().await;
    let path = format!("/v1/indicators/{}/verdict", id_of(&t, "0912345678").await);
    let first = t.named_officer("first", CURATE);
    let body = json!({"verdict": "confirmed_scam", "reason": "victim_transfers"});
    let given = first.put(&path).json(&body).send().await.expect(200);
    assert_eq!(given["state"], "pending_approval");
    t.settle().await;
    assert_eq!(check(&t, "0912345678").await["verdict"], "no_reports");
    let own = first
        .post(&format!("{path}/approve"))
        .send()
        .await
        .problem(409);
    assert_eq!(own["code"], "same_person");
    let second = t.named_officer("second", CURATE);
    second
        .post(&format!("{path}/approve"))
        .send()
        .await
        .expect(200);
    t.settle().await;
    let told = check(&t, "0912345678").await;
    assert_eq!(told["verdict"], "confirmed_scam");
    // Sent once more it stands as it is; other grounds do not take it from the public.
    let again = first.put(&path).json(&body).send().await.expect(200);
    assert_eq!(again["state"], "in_force");
    let other = json!({"verdict": "confirmed_scam", "reason": "reports"});
    first.put(&path).json(&other).send().await.problem(409);
    t.settle().await;
    assert_eq!(check(&t, "0912345678").await["verdict"], "confirmed_scam");
    assert_eq!(told["methods"], json!(["impersonate_police_court"]));
    assert_eq!(told["last_reported"], "2026-11");
    let feed = t.citizen().get("/v1/feeds/phones.csv").send().await;
    feed.expect(200);
    assert!(feed.text().contains("+84912345678,confirmed_scam"));
    let again = t
        .citizen()
        .get("/v1/feeds/phones.csv")
        .header("If-None-Match", feed.header("etag"));
    again.send().await.expect(304);
    let signed = t.citizen().get("/v1/feeds/phones.csv.jws").send().await;
    assert_eq!(signed.text().matches('.').count(), 2);
    let tag = signed.header("etag");
    assert_ne!(tag, feed.header("etag"), "two representations, two tags");
    let conditional = |tag: &str| {
        let call = t.citizen().get("/v1/feeds/phones.csv.jws");
        call.header("If-None-Match", tag).send()
    };
    conditional(&format!("\"other\", W/{tag}"))
        .await
        .expect(304);
    conditional("\"other\"").await.expect(200);
}

#[actix_web::test]
async fn what_is_proposed_changes_nothing_until_the_second_officer_agrees() {
    let t = TestApp::new().await;
    report(&t, "0912 345 678", "0900000001").await;
    t.settle().await;
    let path = format!("/v1/indicators/{}/verdict", id_of(&t, "0912345678").await);
    let (first, second) = (
        t.named_officer("first", CURATE),
        t.named_officer("second", CURATE),
    );
    for (standing, told) in [("suspected", "suspected"), ("cleared", "no_reports")] {
        let body = json!({"verdict": standing, "reason": "seen"});
        first.put(&path).json(&body).send().await.expect(200);
        let proposed = json!({"verdict": "confirmed_scam", "reason": "victim_transfers"});
        let given = first.put(&path).json(&proposed).send().await.expect(200);
        assert_eq!(given["state"], "pending_approval");
        t.settle().await;
        assert_eq!(check(&t, "0912345678").await["verdict"], told);
    }
    let approve = format!("{path}/approve");
    second.post(&approve).send().await.expect(200);
    t.settle().await;
    assert_eq!(check(&t, "0912345678").await["verdict"], "confirmed_scam");
}

#[actix_web::test]
async fn a_feed_made_once_is_made_anew_when_it_changes() {
    let t = TestApp::new().await;
    let read = || t.citizen().get("/v1/feeds/phones.csv").send();
    let empty = read().await;
    assert_eq!(empty.text(), "phone,verdict\r\n");
    assert_eq!(empty.header("feed-position"), "0");
    confirm(&t, "0912000001").await;
    let one = read().await;
    assert!(one.text().contains("+84912000001"));
    let signature = t.citizen().get("/v1/feeds/phones.csv.jws").send().await;
    let again = t.citizen().get("/v1/feeds/phones.csv.jws");
    let again = again.header("If-None-Match", signature.header("etag"));
    again.send().await.expect(304);
    let replica = t.replica().await;
    let path = format!("/v1/indicators/{}/verdict", id_of(&t, "0912000001").await);
    let cleared = json!({"verdict": "cleared", "reason": "mistake"});
    let officer = t.officer(CURATE);
    officer.put(&path).json(&cleared).send().await.expect(200);
    t.settle().await;
    assert_eq!(read().await.text(), "phone,verdict\r\n");
    let other = replica.citizen().get("/v1/feeds/phones.csv").send().await;
    assert_eq!(other.text(), "phone,verdict\r\n");
    let since = one.header("feed-position").to_owned();
    let path = format!("/v1/feeds/indicators.ndjson?since={since}");
    let delta = t.citizen().get(&path).send().await;
    let line: Value = serde_json::from_str(delta.text().trim()).unwrap();
    assert_eq!(
        (&line["value"], &line["removed"]),
        (&json!("+84912000001"), &json!(true))
    );
}

#[actix_web::test]
async fn whoever_applies_all_changes_ends_with_the_snapshot() {
    let t = TestApp::new().await;
    let mut state: BTreeMap<String, Value> = BTreeMap::new();
    let mut since = 0_i64;
    let values = ["0912000001", "0912000002", "bad-host.net", "0912000003"];
    for (n, value) in values.iter().enumerate() {
        confirm(&t, value).await;
        if n == 2 {
            let path = format!("/v1/indicators/{}/verdict", id_of(&t, values[0]).await);
            let cleared = json!({"verdict": "cleared", "reason": "mistake"});
            t.officer(CURATE)
                .put(&path)
                .json(&cleared)
                .send()
                .await
                .expect(200);
            t.settle().await;
        }
        let path = format!("/v1/feeds/indicators.ndjson?since={since}");
        let delta = t.citizen().get(&path).send().await;
        for line in delta
            .text()
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
        {
            let name = format!("{}:{}", line["kind"], line["value"]);
            if line["removed"] == true {
                state.remove(&name);
            } else {
                state.insert(name, line);
            }
        }
        since = delta.header("feed-position").parse().unwrap();
    }
    let snapshot = t.citizen().get("/v1/feeds/indicators.ndjson").send().await;
    let whole: BTreeMap<String, Value> = snapshot
        .text()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| (format!("{}:{}", line["kind"], line["value"]), line))
        .collect();
    assert_eq!(state, whole);
    assert_eq!(whole.len(), 3, "the cleared one is gone");
}

#[actix_web::test]
async fn another_agency_sees_and_judges_no_indicators() {
    let t = TestApp::new().await;
    report(&t, "0912 345 678", "0900000001").await;
    t.settle().await;
    let id = id_of(&t, "0912345678").await;
    let bank = t.bearer(&Claims {
        scopes: "indicators:read indicators:curate tips:read",
        agency: Some("bank_970436"),
        ..Claims::default()
    });
    let all = bank.get("/v1/indicators").send().await.expect(200);
    assert_eq!(all["items"], json!([]));
    let one = format!("/v1/indicators/{id}");
    bank.get(&one).send().await.problem(404);
    bank.get(&format!("{one}/tips")).send().await.problem(404);
    let accuse = json!({"verdict": "suspected", "reason": "reports"});
    let call = bank.put(&format!("{one}/verdict")).json(&accuse);
    call.send().await.problem(404);
    let appeals = bank.get("/v1/appeals").send().await.expect(200);
    assert_eq!(appeals["items"], json!([]));
}

#[actix_web::test]
async fn a_verdict_that_expires_is_corrected_by_itself() {
    let t = TestApp::new().await;
    report(&t, "0912 345 678", "0900000001").await;
    t.settle().await;
    let path = format!("/v1/indicators/{}/verdict", id_of(&t, "0912345678").await);
    let body =
        json!({"verdict": "suspected", "reason": "reports", "expires_at": "2026-11-25T00:00:00Z"});
    t.officer(CURATE)
        .put(&path)
        .json(&body)
        .send()
        .await
        .expect(200);
    t.settle().await;
    assert_eq!(check(&t, "0912345678").await["verdict"], "suspected");
    t.clock.advance(24 * HOUR);
    t.settle().await;
    assert_eq!(check(&t, "0912345678").await["verdict"], "no_reports");
}

#[actix_web::test]
async fn officers_see_who_reported_a_number_after_it_was_cleared() {
    let t = TestApp::new().await;
    let reports = async |from: i32, to: i32| {
        for n in from..to {
            report(&t, "0912 345 678", &format!("090000000{n}")).await;
            t.clock.advance(HOUR);
        }
        t.settle().await;
    };
    reports(0, 3).await;
    let officer = t.officer(CURATE);
    let path = format!("/v1/indicators/{}", id_of(&t, "0912345678").await);
    let shown = async || {
        let one = officer.get(&path).send().await.expect(200);
        let list = officer.get("/v1/indicators?kind=phone").send().await;
        let listed = list.expect(200)["items"][0]["reports_since_cleared"].clone();
        assert_eq!(one["reports_since_cleared"], listed);
        listed
    };
    assert_eq!(shown().await, Value::Null, "nobody cleared it");
    let cleared = json!({"verdict": "cleared", "reason": "wrong_number"});
    let put = officer.put(&format!("{path}/verdict")).json(&cleared);
    put.send().await.expect(200);
    assert_eq!(shown().await, 0);
    let to_reexamine = async |asked: bool| {
        let path = format!("/v1/indicators?reexamine={asked}");
        let page = officer.get(&path).send().await.expect(200);
        let items = page["items"].as_array().unwrap();
        assert!(
            items.iter().all(|item| item["reexamine"] == asked),
            "{page}"
        );
        items.iter().any(|item| item["value"] == "+84912345678")
    };
    reports(3, 5).await;
    assert_eq!(shown().await, 2);
    assert!(!to_reexamine(true).await && to_reexamine(false).await);
    reports(5, 6).await;
    assert_eq!(shown().await, 3);
    assert!(to_reexamine(true).await && !to_reexamine(false).await);
    let told = check(&t, "0912345678").await;
    assert_eq!(told["verdict"], "no_reports", "the public answer stays");
}

#[actix_web::test]
async fn whoever_was_told_to_block_is_told_when_an_officer_takes_the_verdict_back() {
    let t = TestApp::new().await;
    let bank = t.bearer(&Claims {
        sub: "bank",
        scopes: "exchange:read",
        agency: Some("bank_970436"),
        ..Claims::default()
    });
    let curator = t.named_officer("third", CURATE);
    let give = async |number: &str, verdict: &str| {
        let path = format!("/v1/indicators/{}/verdict", id_of(&t, number).await);
        let body = json!({"verdict": verdict, "reason": "mistake"});
        curator.put(&path).json(&body).send().await.expect(200);
        t.settle().await;
    };
    let corrected = async || {
        let all = bank.get("/v1/changes?since=0").send().await.expect(200);
        let all = all["items"].as_array().unwrap().clone();
        all.into_iter()
            .filter(|event| event["type"] == "indicator.corrected")
            .map(|event| event["subject"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let mut told = 0;
    for (number, verdict) in [("0912345678", "cleared"), ("0912345679", "suspected")] {
        confirm(&t, number).await;
        assert_eq!(corrected().await.len(), told);
        give(number, verdict).await;
        told += 1;
        let all = corrected().await;
        assert_eq!(all.len(), told, "{verdict}");
        let id = id_of(&t, number).await;
        assert!(all.iter().any(|subject| subject.contains(&id)), "{all:?}");
    }
    // Nobody was told of what was only suspected, or waits for its second officer.
    give("0912345679", "cleared").await;
    report(&t, "0912345670", "0900000009").await;
    t.settle().await;
    give("0912345670", "confirmed_scam").await;
    give("0912345670", "cleared").await;
    assert_eq!(corrected().await.len(), told);
}
