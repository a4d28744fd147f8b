//! The list of warnings for the public: its filters, pages and times.

use std::time::Duration;

use serde_json::json;

use crate::advisories::{public, published, warning};
use crate::support::TestApp;

#[actix_web::test]
async fn the_public_list_filters_pages_and_answers_304() {
    let t = TestApp::new().await;
    let mut hmong = warning();
    hmong["texts"]["hmn"] =
        json!({"title": "Ceev faj", "summary": "Tsis txhob xa nyiaj.", "body": "Hu 113."});
    hmong["audiences"] = json!(["everyone"]);
    hmong["unit_codes"] = json!([]);
    let mut later = warning();
    later["valid_from"] = json!("2026-12-01T00:00:00Z");
    let mut short = warning();
    short["valid_until"] = json!("2026-11-24T02:00:00Z");
    let (old, whole) = (published(&t, &short).await, published(&t, &hmong).await);
    let future = published(&t, &later).await;
    let ids = async |query: &str| -> Vec<String> {
        let page = public(&t, query).await;
        let items = page["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|one| one["id"].as_str().unwrap().to_owned())
            .collect()
    };
    for (query, expected) in [
        ("", vec![&whole, &old]),
        ("?audience=elderly", vec![&whole, &old]),
        ("?audience=students", vec![&whole]),
        ("?language=hmn", vec![&whole]),
        (
            "?method=impersonate_police_court&unit=03127",
            vec![&whole, &old],
        ),
        ("?method=romance_gift_prize", vec![]),
    ] {
        assert_eq!(
            ids(query).await.iter().collect::<Vec<_>>(),
            expected,
            "{query}"
        );
    }
    let spoken = public(&t, "?language=hmn").await["items"][0].clone();
    assert_eq!(
        (&spoken["language"], &spoken["title"]),
        (&json!("hmn"), &json!("Ceev faj"))
    );
    let english = t
        .anyone()
        .get("/v1/public/advisories")
        .header("Accept-Language", "en");
    assert_eq!(
        english.send().await.expect(200)["items"][1]["title"],
        "Calls by false police officers"
    );

    let first = t.anyone().get("/v1/public/advisories?limit=1").send().await;
    assert!(first.header("link").contains("rel=\"next\""));
    let page = first.expect(200);
    let rest = ids(&format!(
        "?limit=1&cursor={}",
        page["next_cursor"].as_str().unwrap()
    ))
    .await;
    assert_eq!(
        (page["items"][0]["id"].as_str().unwrap(), rest),
        (whole.as_str(), vec![old.clone()])
    );
    for path in [
        "/v1/public/advisories".to_owned(),
        format!("/v1/public/advisories/{whole}"),
        format!("/v1/public/advisories/{whole}.cap"),
        "/v1/public/advisories.atom".to_owned(),
        "/v1/public/advisories.json".to_owned(),
        "/v1/public/advisories.cap".to_owned(),
    ] {
        let fresh = t.anyone().get(&path).send().await;
        fresh.expect(200);
        assert!(
            fresh.header("cache-control").starts_with("public"),
            "{path}"
        );
        let again = t
            .anyone()
            .get(&path)
            .header("If-None-Match", fresh.header("etag"));
        again.send().await.expect(304);
    }
    t.anyone()
        .get(&format!("/v1/public/advisories/{future}"))
        .send()
        .await
        .problem(404);
    t.anyone()
        .get(&format!("/v1/public/advisories/{future}.cap"))
        .send()
        .await
        .problem(404);
    t.clock.advance(Duration::from_secs(3_600));
    assert_eq!(ids("").await, vec![whole.clone()], "its time is over");
    for gone in [old.clone(), format!("{old}.cap")] {
        let gone = t.anyone().get(&format!("/v1/public/advisories/{gone}"));
        gone.send().await.problem(404);
    }
    t.clock.advance(Duration::from_secs(7 * 86_400));
    assert_eq!(ids("").await, vec![future, whole], "its time has come");
}
