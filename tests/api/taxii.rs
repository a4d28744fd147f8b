//! TAXII 2.1 with STIX 2.1, and the MISP feed.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use tinbao::auth::Scope;

use crate::advisories::{published, warning};
use crate::checks::{confirm, id_of};
use crate::support::{Reply, TestApp};

const TAXII: &str = "application/taxii+json;version=2.1";
const STIX: &str = "application/stix+json;version=2.1";

pub async fn get(t: &TestApp, path: &str) -> Reply {
    let reader = t.officer(&[Scope::ExchangeRead]);
    reader.get(path).header("Accept", TAXII).send().await
}

pub async fn objects(t: &TestApp, collection: &str, query: &str) -> Vec<Value> {
    let path = format!("/taxii2/api/collections/{collection}/objects/{query}");
    let envelope = get(t, &path).await.expect(200);
    envelope["objects"].as_array().unwrap().clone()
}

fn of_type<'a>(objects: &'a [Value], kind: &str) -> Vec<&'a Value> {
    objects
        .iter()
        .filter(|object| object["type"] == kind)
        .collect()
}

async fn clear(t: &TestApp, value: &str) {
    let path = format!("/v1/indicators/{}/verdict", id_of(t, value).await);
    let body = json!({"verdict": "cleared", "reason": "mistake"});
    let officer = t.officer(&[Scope::IndicatorsCurate]);
    officer.put(&path).json(&body).send().await.expect(200);
    t.settle().await;
}

#[actix_web::test]
async fn a_client_finds_its_way_from_discovery_to_the_collections() {
    let t = TestApp::new().await;
    let discovery = get(&t, "/taxii2/").await;
    assert_eq!(discovery.header("content-type"), TAXII);
    let root = discovery.expect(200)["api_roots"][0]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(get(&t, &root).await.expect(200)["versions"], json!([TAXII]));
    let all = get(&t, &format!("{root}collections/")).await.expect(200);
    let aliases: Vec<&str> = all["collections"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["alias"].as_str().unwrap())
        .collect();
    assert_eq!(aliases, ["indicators", "sightings", "advisories"]);
    for one in all["collections"].as_array().unwrap() {
        for name in [&one["id"], &one["alias"]] {
            let path = format!("{root}collections/{}/", name.as_str().unwrap());
            assert_eq!(get(&t, &path).await.expect(200), *one);
        }
        assert_eq!(
            (&one["can_read"], &one["can_write"]),
            (&json!(true), &json!(false))
        );
    }
    get(&t, "/taxii2/api/collections/tips/objects/")
        .await
        .problem(404);
    let reader = t.officer(&[Scope::ExchangeRead]);
    for (path, accept, status) in [
        ("/taxii2/", "application/taxii+json;version=2.0", 406),
        ("/taxii2/", "application/json", 406),
        ("/taxii2/", STIX, 406),
        ("/taxii2/", "*/*", 200),
        ("/taxii2/api/collections/indicators/objects/", STIX, 200),
        ("/taxii2/api/collections/indicators/manifest/", STIX, 406),
    ] {
        let answer = reader.get(path).header("Accept", accept).send().await;
        assert_eq!(answer.status.as_u16(), status, "{path} {accept}");
    }
    let bundle = reader
        .get("/taxii2/api/collections/indicators/objects/")
        .header("Accept", STIX);
    let bundle = bundle.send().await;
    assert_eq!(bundle.header("content-type"), STIX);
    assert_eq!(bundle.expect(200)["type"], "bundle");
}

#[actix_web::test]
async fn only_what_two_officers_confirmed_is_told_and_a_correction_revokes_it() {
    let t = TestApp::new().await;
    confirm(&t, "0912 345 678").await;
    confirm(&t, "https://lua-dao-top.xyz/").await;
    let alleged = json!({"indicators": [{"value": "0987654321"}]});
    t.submit(&alleged).await;
    t.settle().await;
    let all = objects(&t, "indicators", "").await;
    let indicators = of_type(&all, "indicator");
    let patterns: Vec<&str> = indicators
        .iter()
        .map(|i| i["pattern"].as_str().unwrap())
        .collect();
    assert_eq!(
        patterns,
        [
            "[x-tinbao-trace:kind = 'phone' AND x-tinbao-trace:value = '+84912345678']",
            "[domain-name:value = 'lua-dao-top.xyz']"
        ]
    );
    let identity = of_type(&all, "identity")[0]["id"].clone();
    for indicator in &indicators {
        assert_eq!(indicator["created_by_ref"], identity);
        assert_eq!(indicator["revoked"], false);
        assert_eq!(indicator["labels"], json!(["impersonate_police_court"]));
        assert_eq!(
            indicator["object_marking_refs"].as_array().unwrap().len(),
            1
        );
    }
    let before = indicators[0].clone();
    let (id, added) = (
        before["id"].as_str().unwrap(),
        before["modified"].as_str().unwrap(),
    );
    t.clock.advance(Duration::from_secs(60));
    clear(&t, "0912345678").await;
    let news = objects(&t, "indicators", &format!("?added_after={added}")).await;
    let news: Vec<&str> = news
        .iter()
        .map(|object| object["id"].as_str().unwrap())
        .collect();
    assert_eq!(
        news,
        [indicators[1]["id"].as_str().unwrap(), id],
        "what came later, and what changed"
    );
    let after = get(
        &t,
        &format!("/taxii2/api/collections/indicators/objects/{id}/"),
    )
    .await
    .expect(200);
    let after = &after["objects"][0];
    assert_eq!(
        (&after["revoked"], &after["created"]),
        (&json!(true), &before["created"])
    );
    assert!(after["modified"].as_str() > before["modified"].as_str());
}

#[actix_web::test]
async fn sightings_tell_ranges_and_months_and_nothing_of_a_tip() {
    let t = TestApp::new().await;
    for n in 0..4 {
        let body = json!({"narrative": "Bí mật của người báo tin", "indicators": [{"value": "0912345678"}],
            "reporter": {"phone": format!("090000000{n}")}});
        t.submit(&body).await;
        t.clock.advance(Duration::from_secs(3_600));
    }
    confirm(&t, "0912 345 678").await;
    let all = objects(&t, "sightings", "").await;
    let sighting = of_type(&all, "sighting")[0];
    assert_eq!(
        (&sighting["count"], &sighting["summary"]),
        (&json!(3), &json!(true))
    );
    let observed = of_type(&all, "observed-data")[0];
    assert_eq!(observed["number_observed"], 3);
    assert_eq!(observed["first_observed"], "2026-10-31T17:00:00.000000Z");
    assert_eq!(observed["last_observed"], "2026-11-30T16:59:59.000000Z");
    let trace = of_type(&all, "x-tinbao-trace")[0];
    assert_eq!(observed["object_refs"], json!([trace["id"]]));
    assert_eq!(sighting["observed_data_refs"], json!([observed["id"]]));
    assert_eq!(
        (&trace["kind"], &trace["value"]),
        (&json!("phone"), &json!("+84912345678"))
    );
    assert!(!json!(all).to_string().contains("Bí mật"));
    let indicators = objects(&t, "indicators", "?match[type]=indicator").await;
    assert_eq!(sighting["sighting_of_ref"], indicators[0]["id"]);
    clear(&t, "0912345678").await;
    let all = objects(&t, "sightings", "").await;
    assert_eq!(of_type(&all, "sighting")[0]["revoked"], true);
    assert_eq!(of_type(&all, "observed-data")[0]["revoked"], true);
}

#[actix_web::test]
async fn pages_follow_next_to_the_same_objects_as_one_answer() {
    let t = TestApp::new().await;
    for n in 0..4 {
        confirm(&t, &format!("091200000{n}")).await;
    }
    let whole = objects(&t, "sightings", "").await;
    assert_eq!(whole.len(), 2 + 4 * 3);
    for limit in [1, 2, 5, 14, 15] {
        let mut pages: Vec<Value> = Vec::new();
        let mut next = String::new();
        loop {
            let path = format!("/taxii2/api/collections/sightings/objects/?limit={limit}{next}");
            let answer = get(&t, &path).await;
            let page = answer.expect(200);
            let items = page["objects"].as_array().unwrap();
            assert!(items.len() <= limit);
            if let (Some(first), Some(_)) = (items.first(), items.last()) {
                let added = first["modified"].as_str().unwrap_or_default();
                assert!(
                    added.is_empty()
                        || answer.header("x-taxii-date-added-first")
                            >= "2026-01-01T00:00:00.000000Z"
                );
            }
            pages.extend(items.iter().cloned());
            if page["more"] == false {
                assert_eq!(page.get("next"), None);
                break;
            }
            next = format!("&next={}", page["next"].as_str().unwrap());
        }
        assert_eq!(pages, whole, "limit {limit}");
    }
    let manifest = get(&t, "/taxii2/api/collections/sightings/manifest/").await;
    let entries = manifest.expect(200)["objects"].as_array().unwrap().clone();
    let ids = |list: &[Value]| list.iter().map(|o| o["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&entries), ids(&whole));
    assert_eq!(
        manifest.header("x-taxii-date-added-last"),
        entries.last().unwrap()["date_added"].as_str().unwrap()
    );
    // Who asks again from there is told nothing twice.
    let last = manifest.header("x-taxii-date-added-last");
    assert_eq!(
        objects(&t, "sightings", &format!("?added_after={last}")).await,
        Vec::<Value>::new()
    );

    let first = &whole[2];
    let id = first["id"].as_str().unwrap();
    for (query, count) in [
        (format!("?match[id]={id}"), 1),
        (
            format!("?match[id]={id},{}", whole[3]["id"].as_str().unwrap()),
            2,
        ),
        ("?match[type]=sighting,observed-data".to_owned(), 8),
        ("?match[type]=malware".to_owned(), 0),
        ("?match[spec_version]=2.1".to_owned(), 14),
        ("?match[spec_version]=2.0".to_owned(), 0),
        ("?match[version]=all".to_owned(), 14),
        ("?match[version]=2020-01-01T00:00:00Z".to_owned(), 0),
        (
            format!("?match[version]={}", whole[0]["modified"].as_str().unwrap()),
            2,
        ),
    ] {
        assert_eq!(
            objects(&t, "sightings", &query).await.len(),
            count,
            "{query}"
        );
    }
    let versions = format!(
        "/taxii2/api/collections/sightings/objects/{}/versions/",
        whole[0]["id"].as_str().unwrap()
    );
    assert_eq!(
        get(&t, &versions).await.expect(200)["versions"],
        json!([whole[0]["modified"]])
    );
    for (query, status) in [
        ("?next=nonsense", 400),
        ("?limit=0", 422),
        ("?added_after=yesterday", 422),
        ("?colour=red", 422),
    ] {
        let path = format!("/taxii2/api/collections/sightings/objects/{query}");
        get(&t, &path).await.problem(status);
    }
    get(
        &t,
        "/taxii2/api/collections/sightings/objects/sighting--none/",
    )
    .await
    .problem(404);
}

#[actix_web::test]
async fn warnings_are_reports_that_a_retraction_revokes() {
    let t = TestApp::new().await;
    confirm(&t, "0912 345 678").await;
    let mut body = warning();
    body["indicator_ids"] = json!([id_of(&t, "0912345678").await]);
    let id = published(&t, &body).await;
    let all = objects(&t, "advisories", "?match[type]=report").await;
    assert_eq!(all[0]["name"], "Cảnh giác cuộc gọi giả danh công an");
    let indicators = objects(&t, "indicators", "?match[type]=indicator").await;
    assert_eq!(all[0]["object_refs"], json!([indicators[0]["id"]]));
    let reason = json!({"reason": "Thông tin không còn đúng."});
    let officer = t.officer(&[Scope::AdvisoriesPublish]);
    let retract = format!("/v1/advisories/{id}/retract");
    officer
        .post(&retract)
        .json(&reason)
        .send()
        .await
        .expect(200);
    let added = all[0]["modified"].as_str().unwrap();
    let news = objects(&t, "advisories", &format!("?added_after={added}")).await;
    assert_eq!(
        (&news[0]["id"], &news[0]["revoked"]),
        (&all[0]["id"], &json!(true))
    );
    assert_eq!(news[0]["description"], "Thông tin không còn đúng.");
    assert_ne!(
        news[0]["name"], all[0]["name"],
        "what was taken back is not repeated"
    );
}

#[actix_web::test]
async fn misp_gets_an_event_a_month_with_hashes_that_fit() {
    let t = TestApp::new().await;
    confirm(&t, "0912 345 678").await;
    confirm(&t, "https://lua-dao-top.xyz/a").await;
    t.clock.advance(Duration::from_secs(20 * 86_400));
    confirm(&t, "970436:0011002233445").await;
    let reader = t.officer(&[Scope::ExchangeRead]);
    let file = async |name: &str| reader.get(&format!("/v1/feeds/misp/{name}")).send().await;
    let manifest = file("manifest.json").await.expect(200);
    let manifest = manifest.as_object().unwrap();
    let dates: BTreeSet<&str> = manifest
        .values()
        .map(|event| event["date"].as_str().unwrap())
        .collect();
    assert_eq!(dates, BTreeSet::from(["2026-11-01", "2026-12-01"]));
    let hashes = file("hashes.csv").await.text();
    let mut values = BTreeSet::new();
    for (id, head) in manifest {
        let event = file(&format!("{id}.json")).await.expect(200)["Event"].clone();
        assert_eq!(
            (&event["uuid"], &event["timestamp"]),
            (&json!(id), &head["timestamp"])
        );
        assert!(event["Orgc"]["uuid"].is_string() && event["published"] == true);
        for attribute in event["Attribute"].as_array().unwrap() {
            let value = attribute["value"].as_str().unwrap();
            let hash: String = <md5::Md5 as md5::Digest>::digest(value)
                .iter()
                .map(|b| format!("{b:02x}"))
                .collect();
            assert!(hashes.contains(&format!("{hash},{id}\n")), "{value}");
            values.insert(format!("{} {value}", attribute["type"].as_str().unwrap()));
        }
    }
    let expected = [
        "bank-account-nr 0011002233445",
        "phone-number +84912345678",
        "url https://lua-dao-top.xyz/a",
    ];
    assert_eq!(values, expected.map(str::to_owned).into());
    clear(&t, "0912345678").await;
    let event = manifest
        .iter()
        .find(|(_, event)| event["date"] == "2026-11-01")
        .unwrap()
        .0;
    let event = file(&format!("{event}.json")).await.expect(200);
    let gone = event["Event"]["Attribute"]
        .as_array()
        .unwrap()
        .iter()
        .find(|a| a["deleted"] == true)
        .unwrap()
        .clone();
    assert_eq!(
        (&gone["value"], &gone["to_ids"]),
        (&json!("+84912345678"), &json!(false))
    );
    assert_eq!(file("hashes.csv").await.text().lines().count(), 2);
    file("nothing.json").await.problem(404);
    let stranger = t.officer(&[Scope::CheckRead]);
    stranger
        .get("/v1/feeds/misp/manifest.json")
        .send()
        .await
        .problem(403);
}
